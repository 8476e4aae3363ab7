//! Writes the request log and deletes its old entries.

use std::time::{Duration, Instant};

use app::request_log;
use app::upkeep::steps::in_steps;
use app::{StoreError, Tx};

use crate::state::AppState;

/// Interval of the writing. A crash loses the calls of this time.
const EVERY: Duration = Duration::from_secs(1);
/// Shortest pause after a writing, as a multiple of the writing's own time. On a slow or busy machine the log then has
/// fewer calls, and the API keeps its rate.
const REST: u32 = 20;
/// Number of writings between two purges: a purge a minute.
const WRITES_A_PURGE: u32 = 60;

/// Writes the calls of each second, and purges at intervals.
pub async fn run(state: AppState) {
    if !state.request_log.is_on() {
        return std::future::pending().await;
    }
    let purges = async {
        loop {
            if let Err(error) = purge(&state).await {
                tracing::warn!(%error, "old requests could not be deleted from the log; it is tried again later");
            }
            tokio::time::sleep(EVERY * WRITES_A_PURGE).await;
        }
    };
    let writes = async {
        let mut pause = EVERY;
        loop {
            tokio::time::sleep(pause).await;
            let began = Instant::now();
            state.request_log.write_waiting().await;
            pause = EVERY.max(began.elapsed() * REST);
        }
    };
    tokio::join!(purges, writes);
}

/// Deletes the calls and bodies that are too old, in small steps. Returns the number of calls.
pub async fn purge(state: &AppState) -> Result<u64, StoreError> {
    let Some(store) = state.request_log.store() else { return Ok(0) };
    let (now, settings) = (state.clock.now(), state.request_log.settings());
    let bodies_from = now.minus(settings.bodies_kept);
    in_steps(&store, move |tx: &mut Tx<'_>, rows| request_log::purge_bodies(tx, bodies_from, rows)).await?;
    let from = now.minus(settings.kept);
    in_steps(&store, move |tx: &mut Tx<'_>, rows| request_log::purge_visits(tx, from, rows)).await?;
    let deleted = in_steps(&store, move |tx: &mut Tx<'_>, rows| request_log::purge(tx, from, rows)).await?;
    if deleted > 0 {
        in_steps(&store, |tx: &mut Tx<'_>, pages| tx.release_space(pages)).await?;
    }
    Ok(deleted)
}
