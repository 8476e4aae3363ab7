//! Publishes where the audit trail ends, every hour: who keeps the log elsewhere can tell when its end is missing.

use std::time::Duration;

use store::StoreError;
use store::audit::Head;

use crate::app;
use crate::state::AppState;

/// How often the head is published.
const EVERY: Duration = Duration::from_secs(3_600);

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

/// Publishes the head, and tells where the one that was published last is gone.
pub async fn tick(state: &AppState, last: Option<Head>) -> Result<Head, StoreError> {
    let before = last.clone();
    let read = move |tx: &mut store::Tx<'_>| app::operators::next_head(tx, before.as_ref());
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
