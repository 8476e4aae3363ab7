//! Chains the calls that were committed with their effects, and logs the audit trail's head every hour. A reader of
//! logs kept elsewhere can then detect a missing end.

use std::time::Duration;

use app::people::trail::Head;
use app::{Store, StoreError, Wake};

use super::rest::{rest_after, sleep_until};
use crate::state::AppState;

/// Interval of publishing the head.
const EVERY: Duration = Duration::from_secs(3_600);

/// Time to collect calls after the first one of a batch.
const GATHERING: Duration = Duration::from_millis(50);

/// Chains waiting calls soon after their commit.
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

/// Chains the calls that wait now.
pub async fn settle(store: &Store) -> Result<(), StoreError> {
    while store.write(app::people::trail::settle).await? > 0 {}
    Ok(())
}

/// Publishes the head at start and then every hour.
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

/// Publishes the head, and logs an error if the last published entry is gone.
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
