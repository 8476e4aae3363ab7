//! Chains the calls that were committed with their effects, and publishes every hour where the audit trail ends: who keeps
//! the log elsewhere can tell when its end is missing.

use std::time::Duration;

use app::people::trail::Head;
use app::{Store, StoreError, Wake};

use super::rest::{rest_after, sleep_until};
use crate::state::AppState;

/// How often the head is published.
const EVERY: Duration = Duration::from_secs(3_600);

/// Time in which calls gather after the first of a batch.
const GATHERING: Duration = Duration::from_millis(50);

/// Chains what waits, soon after it was committed.
pub(super) async fn chain(state: AppState) {
    loop {
        if let Err(error) = settle(&state.store).await {
            rest_after("audit", &error).await;
            continue;
        }
        sleep_until(&state, Some(Wake::Audit), Ok(None)).await;
        tokio::time::sleep(GATHERING).await;
    }
}

/// Chains what waits now.
pub async fn settle(store: &Store) -> Result<(), StoreError> {
    while store.write(app::people::trail::settle).await? > 0 {}
    Ok(())
}

/// Publishes at start, then every hour.
pub(super) async fn run(state: AppState) {
    let mut last = None;
    loop {
        match tick(&state, last.clone()).await {
            Ok(head) => last = Some(head),
            Err(error) => {
                tracing::warn!(%error, "the audit trail's head could not be published; the next hour's will be");
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Publishes the head, and reports if the last published one is gone.
pub async fn tick(state: &AppState, last: Option<Head>) -> Result<Head, StoreError> {
    settle(&state.store).await?;
    let before = last.clone();
    let read = move |tx: &mut app::Tx<'_>| app::people::trail::next_head(tx, before.as_ref());
    let (head, held) = state.store.read(read).await?;
    state.trail_head.keep(head.clone());
    if let (false, Some(last)) = (held, last) {
        metrics::counter!("dinie_audit_head_lost_total").increment(1);
        tracing::error!(
            audit.number = last.number,
            audit.hash = last.hash,
            "the audit trail no longer holds the entry that was published last"
        );
    }
    tracing::info!(audit.number = head.number, audit.hash = head.hash, audit.head = %head, "the audit trail's head");
    Ok(head)
}
