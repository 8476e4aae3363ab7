//! Brings new customers into the index of searches, in small steps, so that registrations do not wait for it.
//!
//! Reasons: docs/decisions/0026.

use std::time::Duration;

use app::search::indexing::{self, Behind};
use app::upkeep::steps::Pace;
use app::{StoreError, Tx, Wake};

use super::rest::{rest_after, sleep_until};
use crate::state::AppState;

/// Time in which registrations collect after the first one.
const GATHERING: Duration = Duration::from_millis(250);

/// Length of the pause after a step, as a multiple of its wait for the writer. An idle server has none. The codes of a step lie in hundreds of
/// pages, which the next commit writes. A busy server has long waits, so there few commits carry them.
const PAUSE: u32 = 50;

/// Longest pause, so that the index also grows on a server that is always busy.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Indexes customers whenever some are new.
pub async fn run(state: AppState) {
    loop {
        match tick(&state).await {
            Ok(_customers) => {
                sleep_until(&state, Some(Wake::Search), Ok(None)).await;
                tokio::time::sleep(GATHERING).await;
            }
            Err(error) => rest_after("search", &error).await,
        }
    }
}

/// Indexes customers until none is left, or another node does the rest. Returns their number.
pub async fn tick(state: &AppState) -> Result<u64, StoreError> {
    let (mut pace, mut customers) = (Pace::default(), 0);
    loop {
        let behind = state.store.read(indexing::behind).await?;
        let mut done = 0;
        for partner in behind {
            done += advance(state, &mut pace, partner).await?;
        }
        customers += done;
        if done == 0 {
            return Ok(customers);
        }
    }
}

/// Takes a step of one partner, so that partners take turns.
async fn advance(state: &AppState, pace: &mut Pace, partner: Behind) -> Result<u64, StoreError> {
    let step = move |tx: &mut Tx<'_>, rows| indexing::advance(tx, partner, rows);
    let stepped = pace.step(&state.store, step).await?;
    if !stepped.last {
        tokio::time::sleep(stepped.pause.max((stepped.waited * PAUSE).min(LONGEST_PAUSE))).await;
    }
    Ok(stepped.rows)
}
