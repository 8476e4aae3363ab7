//! `dinie keys status`: the master keys with what each wraps, the data keys, and the servers.

use serde_json::{Value, json};
use server::clock::Clock;
use server::config::{Config, Flags};
use store::master_keys::{KnownMasterKey, MasterKeyRole};
use tools::output::{Output, OutputFlags, say_rows, say_value};
use tools::say;

use super::master::SILENT_FOR;
use super::place::opened;

pub(super) async fn run(flags: &Flags, output: OutputFlags) -> anyhow::Result<()> {
    let config = Config::load_in_use(flags)?;
    let store = opened(&config).await?;
    let since = Clock::System.now().minus(SILENT_FOR);
    let (keys, counts) =
        (store.read(store::master_keys::all).await?, store.read(store::master_keys::counts).await?);
    let nodes = store.read(move |tx| store::nodes::seen_since(tx, since)).await?;
    let data = store.read(store::reseal::counts).await?;
    let wraps = |key: &str| counts.iter().find(|(of, _)| of == key).map_or(0, |(_, count)| *count);
    let master = |key: &KnownMasterKey| {
        let (wraps, is_old) = (wraps(&key.fingerprint), key.role == MasterKeyRole::Previous);
        json!({
            "fingerprint": key.fingerprint,
            "role": key.role.name(),
            "wraps": wraps,
            "known_here": config.master_keys.find(&key.fingerprint).is_some(),
            "may_be_retired": is_old && wraps == 0,
        })
    };
    let masters: Vec<Value> = keys.iter().map(master).collect();
    let servers: Vec<Value> = nodes
        .iter()
        .map(|node| {
            let silent = Clock::System.now().since(node.seen_at).as_secs();
            json!({ "server": node.id, "seen_seconds_ago": silent, "knows": node.master_keys.join(" ") })
        })
        .collect();
    let replaced = data.keys - data.owners;
    if output.or(Output::Table) == Output::Json {
        let data = json!({ "owners": data.owners, "keys": data.keys, "being_replaced": replaced });
        say_value(&json!({ "master_keys": masters, "data_keys": data, "servers": servers }), Output::Json);
        return Ok(());
    }
    say_rows(&masters, &["fingerprint", "role", "wraps", "known_here", "may_be_retired"], Output::Table);
    say(&format!(
        "\n{} partners and operators have {} data keys; {replaced} are being replaced\n",
        data.owners, data.keys
    ));
    say_rows(&servers, &["server", "seen_seconds_ago", "knows"], Output::Table);
    Ok(())
}
