//! `dinie keys make-token-key`: a master key that is made in its token and never leaves it.

use anyhow::Context as _;
use serde_json::json;
use server::config::{Config, Flags};
use store::kms;
use store::seal::MasterKey;
use tools::output::{Output, OutputFlags, say_value};
use tools::say;

pub(super) async fn run(flags: &Flags, output: OutputFlags) -> anyhow::Result<()> {
    // The key does not exist yet, so nothing is opened.
    let place = Config::load_to_look(flags)?.tokens.current;
    let place =
        place.context("[kms] in the configuration names the module, the token and the key to be made")?;
    let at = place.clone();
    let made = tokio::task::spawn_blocking(move || {
        kms::make(&at)?;
        MasterKey::in_token(&at)
    });
    let key = made.await??;
    if output.or(Output::Table) == Output::Json {
        say_value(
            &json!({ "fingerprint": key.fingerprint(), "token": place.token, "key": place.key }),
            Output::Json,
        );
        return Ok(());
    }
    say(&format!(
        "the token {:?} has the master key {:?} ({}), which never leaves it; without the token everything that is sealed \
         is lost, so copy the token by its own means",
        place.token,
        place.key,
        key.fingerprint()
    ));
    Ok(())
}
