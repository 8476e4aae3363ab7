//! The pauses of workers.

use std::time::Duration;

use app::{StoreError, Wake};
use domain::time::RealTime;

use crate::state::AppState;

/// Longest sleep of a worker between two looks. Another node may have made work for it.
pub(super) const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// The pause of a worker if another node has taken all due work. A look has just found none of it free.
const LEASED_ELSEWHERE: Duration = Duration::from_millis(10);

/// The pause of a worker after a failure of the store.
pub(super) const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Sleeps until the bell rings or `due` comes.
pub(super) async fn sleep_until(
    state: &AppState, wake: Option<Wake>, due: Result<Option<RealTime>, StoreError>,
) {
    let longest = match due {
        Ok(Some(due)) => match due.since(state.clock.now()) {
            Duration::ZERO => LEASED_ELSEWHERE,
            ahead => ahead.min(LONGEST_SLEEP),
        },
        Ok(None) => LONGEST_SLEEP,
        Err(_logged_by_the_tick) => AFTER_FAILURE,
    };
    match wake {
        Some(wake) => {
            let _rung_or_due = tokio::time::timeout(longest, state.store.wakes().bell(wake).notified()).await;
        }
        None => tokio::time::sleep(longest.max(AFTER_FAILURE)).await,
    }
}

/// Logs a failed tick once, where it is handled. The loop tries again after a pause.
pub(super) async fn rest_after(worker: &'static str, error: &StoreError) {
    metrics::counter!("dinie_worker_failures_total", "worker" => worker).increment(1);
    tracing::warn!(worker, %error, "a worker's tick failed; it tries again");
    tokio::time::sleep(AFTER_FAILURE).await;
}
