//! The use of an idempotency key: its stored answer, the time from which it is free, and the call that used it first.

use app::request_log::{self, UsedKey};
use app::{Failed, NotFound, Tx};
use domain::id::PartnerId;
use domain::request_log::LoggedRequest;
use domain::time::RealTime;
use serde::Deserialize;

use crate::state::AppState;

/// The use of a key.
pub(crate) struct FoundKey {
    /// The status of the answer that each repetition receives.
    pub(crate) status: u16,
    /// The id in this answer, if there is one.
    pub(crate) resource: Option<String>,
    /// The time of the first use.
    pub(crate) used_at: RealTime,
    /// The time from which the key is free.
    pub(crate) frees_at: RealTime,
    /// The call that used it first; `None` if the log does not have it, or is off.
    pub(crate) first: Option<LoggedRequest>,
}

/// The id in an answer.
#[derive(Deserialize)]
struct Named {
    id: Option<String>,
}

/// The use of a partner's key.
pub(crate) async fn key_use(
    state: &AppState, tenant: PartnerId, key: &str,
) -> Result<FoundKey, Failed<NotFound>> {
    let lifetime = state.config.lifetimes.idempotency;
    let (cutoff, searched) = (state.clock.now().minus(lifetime), key.to_owned());
    let used = state.store.read(move |tx| request_log::used(tx, tenant, &searched, cutoff)).await;
    let UsedKey { used_at, answer } = used?;
    let searched = key.to_owned();
    let find = move |tx: &mut Tx<'_>| {
        Ok::<_, Failed<NotFound>>(request_log::first_use(tx, tenant, &searched, used_at)?)
    };
    // The answer is known without the log, which may be off.
    let first = state.request_log.read(find).await.ok().flatten();
    let resource = serde_json::from_slice::<Named>(&answer.body).ok().and_then(|named| named.id);
    Ok(FoundKey { status: answer.status, resource, used_at, frees_at: used_at.plus(lifetime), first })
}
