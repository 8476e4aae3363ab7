//! How long a worker rests.

use std::time::Duration;

use app::{StoreError, Wake};
use domain::time::RealTime;

use crate::state::AppState;

/// The longest a worker sleeps without looking: another node may have made work for it.
pub(super) const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// How long a worker waits for work that is due and that another node has in hand: a look that found none of it free has
/// just ended.
const IN_OTHER_HANDS: Duration = Duration::from_millis(10);

/// How long a worker waits after a failure of the store.
pub(super) const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Sleeps until the bell rings or `due` comes.
pub(super) async fn sleep_until(
    state: &AppState,
    wake: Option<Wake>,
    due: Result<Option<RealTime>, StoreError>,
) {
    let longest = match due {
        Ok(Some(due)) => match due.since(state.clock.now()) {
            Duration::ZERO => IN_OTHER_HANDS,
            ahead => ahead.min(LONGEST_SLEEP),
        },
        Ok(None) => LONGEST_SLEEP,
        Err(_told_by_the_tick) => AFTER_FAILURE,
    };
    match wake {
        Some(wake) => {
            let _rung_or_due = tokio::time::timeout(longest, state.store.wakes().bell(wake).notified()).await;
        }
        None => tokio::time::sleep(longest.max(AFTER_FAILURE)).await,
    }
}

/// Says once, where it is handled, that a tick failed; the loop tries again after a while.
pub(super) async fn rest_after(worker: &'static str, error: &StoreError) {
    tracing::warn!(worker, %error, "a worker's tick failed; it tries again");
    tokio::time::sleep(AFTER_FAILURE).await;
}
