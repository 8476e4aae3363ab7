//! What the commands on keys share: the open database, and the entry in the audit trail.

use anyhow::Context as _;
use app::people::trail;
use domain::access::Origin;
use domain::time::RealTime;
use server::config::Config;
use server::state::{OpenFor, claim_environment, open_store};
use store::random::Random;
use store::{Store, StoreError, Tx};

use crate::version;

/// Opens the database of a configuration.
pub(super) async fn opened(config: &Config) -> anyhow::Result<Store> {
    let store = open_store(config, OpenFor::Command).await.context("the database cannot be opened")?;
    claim_environment(&store, config.environment).await?;
    Ok(store)
}

/// Notes a command in the audit trail, in the transaction of its effect.
pub(super) fn note(
    tx: &mut Tx<'_>, now: RealTime, operation: &str, change: Option<trail::StateChange>,
) -> Result<(), StoreError> {
    let call = trail::AuditedCall {
        at: now,
        operator: None,
        operation: operation.to_owned(),
        status: 200,
        request_id: format!("cmd_{}", store::seal::hex(&tx.random_bytes::<16>())),
        fingerprint: String::new(),
        origin: Origin { address: "command line".to_owned(), agent: format!("dinie {}", version::whole()) },
        change,
    };
    trail::note(tx, &call)
}

/// A nonce of a file.
pub(super) fn nonce() -> [u8; 7] {
    Random::open().bytes()
}
