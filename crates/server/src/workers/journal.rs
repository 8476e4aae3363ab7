//! Adds new entries of the journal to the sums behind the trial balance, in small steps.
//!
//! Reasons: docs/decisions/0033.

use std::time::Duration;

use app::upkeep::steps::Pace;
use app::{StoreError, Tx, Wake, books};
use domain::id::PartnerId;

use super::rest::{rest_after, sleep_until};
use crate::state::AppState;

/// Time in which entries collect after the first one. One step then changes the sums of many entries at once.
const GATHERING: Duration = Duration::from_secs(1);

/// Adds entries whenever some are new.
pub async fn run(state: AppState) {
    loop {
        match tick(&state).await {
            Ok(_entries) => {
                sleep_until(&state, Some(Wake::Journal), Ok(None)).await;
                tokio::time::sleep(GATHERING).await;
            }
            Err(error) => rest_after("journal", &error).await,
        }
    }
}

/// Adds entries until none waits, or another node adds the rest. Returns their number.
pub async fn tick(state: &AppState) -> Result<u64, StoreError> {
    let (mut pace, mut entries) = (Pace::default(), 0);
    loop {
        let mut done = 0;
        for partner in state.store.read(books::behind).await? {
            done += match advance(state, &mut pace, partner).await {
                // The rows of one partner keep no other partner from its sums.
                Err(StoreError::Corrupt(reason)) => {
                    tracing::error!(partner.id = %partner, reason, "entries of a partner cannot be added to the sums");
                    0
                }
                advanced => advanced?,
            };
        }
        entries += done;
        if done == 0 {
            return Ok(entries);
        }
    }
}

/// Takes a step of one partner, so that partners take turns.
async fn advance(state: &AppState, pace: &mut Pace, partner: PartnerId) -> Result<u64, StoreError> {
    let step = move |tx: &mut Tx<'_>, rows| books::advance(tx, partner, rows);
    let stepped = pace.step(&state.store, step).await?;
    if !stepped.last {
        tokio::time::sleep(stepped.pause).await;
    }
    Ok(stepped.rows)
}
