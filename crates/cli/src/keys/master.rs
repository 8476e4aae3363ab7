//! `dinie keys rotate-master`: announce, check the servers, switch, wrap again. The database says which master key wraps,
//! so a run after a kill finds where to go on.

use std::path::Path;
use std::time::Duration;

use anyhow::{bail, ensure};
use domain::time::RealTime;
use serde_json::json;
use server::clock::Clock;
use server::config::{Config, Flags, master_key_in};
use store::master_keys::{self, KnownMasterKey, MasterKeyRole};
use store::nodes::Node;
use store::{Store, StoreError, Tx};
use tools::say;

use super::arguments::MasterArgs;
use super::place::{note, opened};

/// A server that was silent for that long has ended, in minutes: it notes once a minute that it lives.
pub(super) const SILENT_FOR: Duration = Duration::from_secs(300);

pub(super) async fn run(flags: &Flags, args: &MasterArgs) -> anyhow::Result<()> {
    let mut config = Config::load_in_use(flags)?;
    let new = match &args.new_master_key_file {
        Some(file) => master_key_in(file)?,
        None => config.master_keys.first().clone(),
    };
    config.master_keys = config.master_keys.and(new.clone());
    let (new, store) = (new.fingerprint(), opened(&config).await?);
    let current = current(&store).await?;
    if current != new {
        switch(&store, &new, args.new_master_key_file.as_deref()).await?;
        step(args, &json!({ "step": "switched", "from": current, "to": new }), || {
            format!("new keys are wrapped by {new}, not by {current}")
        });
    } else if args.new_master_key_file.is_none() && config.master_keys.fingerprints().len() == 1 {
        bail!(
            "the configured master key is the current one already; configure a new one as master_key or in [kms], and this \
             one as previous_master_key or in [previous_kms], on every server"
        );
    }
    let wrapped = wrap_again(&store, &new, args).await?;
    step(args, &json!({ "step": "done", "current": new, "wrapped": wrapped }), || {
        format!(
            "{wrapped} keys were wrapped again; every key is under {new}. Remove the previous key from every server, and \
             keep the former key for as long as you keep backups from before"
        )
    });
    Ok(())
}

fn step(args: &MasterArgs, json: &serde_json::Value, text: impl FnOnce() -> String) {
    if args.json {
        say(&json.to_string());
    } else {
        say(&text());
    }
}

async fn current(store: &Store) -> anyhow::Result<String> {
    let all = store.read(master_keys::all).await?;
    let current = all.into_iter().find(|key| key.role == MasterKeyRole::Current);
    current
        .map(|key| key.fingerprint)
        .ok_or_else(|| anyhow::anyhow!("the database has no current master key"))
}

/// Makes a master key the current one, if every running server knows it. A server that starts meanwhile must know it
/// already, because it is announced before the servers are looked at.
async fn switch(store: &Store, new: &str, file: Option<&Path>) -> anyhow::Result<()> {
    let now = Clock::System.now();
    let announced = new.to_owned();
    let role = store.write(move |tx| master_keys::announce(tx, &announced, now)).await?;
    if role == MasterKeyRole::Previous {
        let which = file.map_or_else(|| "the configuration".to_owned(), |file| file.display().to_string());
        bail!("the key of {which} ({new}) was the database's master key before; a rotation needs a new key");
    }
    let strangers = strangers(store, new, now).await?;
    if !strangers.is_empty() {
        let taken = new.to_owned();
        store.write(move |tx| master_keys::take_back(tx, &taken)).await?;
        bail!(
            "{} running servers do not know the new master key {new}: {}. Give it to each (master_key or \
             [kms]), restart them, and run this again. A server that was killed is forgotten after {} minutes",
            strangers.len(),
            strangers.join(", "),
            SILENT_FOR.as_secs() / 60
        );
    }
    let to = new.to_owned();
    let make_current = move |tx: &mut Tx<'_>| {
        let before = master_keys::make_current(tx, &to)?;
        let change = app::people::trail::StateChange { before, after: to.clone() };
        note(tx, now, "dinie keys rotate-master", Some(change))
    };
    Ok(store.write(make_current).await?)
}

/// The running servers that do not know a master key.
async fn strangers(store: &Store, key: &str, now: RealTime) -> anyhow::Result<Vec<String>> {
    let nodes: Vec<Node> = store.read(move |tx| store::nodes::seen_since(tx, now.minus(SILENT_FOR))).await?;
    let knows = |node: &Node| node.master_keys.iter().any(|known| known == key);
    Ok(nodes.into_iter().filter(|node| !knows(node)).map(|node| node.id).collect())
}

/// Wraps the keys of every other master key again. Returns their number.
async fn wrap_again(store: &Store, new: &str, args: &MasterArgs) -> anyhow::Result<usize> {
    let others = store.read(master_keys::all).await?;
    let mut all = 0;
    for KnownMasterKey { fingerprint, role, .. } in others {
        if role != MasterKeyRole::Previous {
            continue;
        }
        loop {
            let (from, to) = (fingerprint.clone(), new.to_owned());
            let done = store
                .write(move |tx| still_current(tx, &to).and_then(|()| store::rewrap::rewrap(tx, &from, &to)));
            let done = done.await?;
            if done == 0 {
                break;
            }
            all += done;
            if args.json {
                say(&json!({ "step": "wrapped", "from": fingerprint, "keys": all }).to_string());
            }
        }
    }
    let counts = store.read(master_keys::counts).await?;
    let rest: Vec<_> = counts.into_iter().filter(|(key, _)| key != new).collect();
    ensure!(rest.is_empty(), "some keys are still under another master key: {rest:?}; run this again");
    Ok(all)
}

/// Fails if another rotation has switched to another key meanwhile.
fn still_current(tx: &mut Tx<'_>, key: &str) -> Result<(), StoreError> {
    let is_current =
        |known: &KnownMasterKey| known.fingerprint == key && known.role == MasterKeyRole::Current;
    if master_keys::all(tx)?.iter().any(is_current) {
        return Ok(());
    }
    Err(StoreError::Defect("another rotation of the master key has begun".into()))
}
