//! Turns events into deliveries, and into the jobs of what is decided without a person.

use store::{StoreError, Wake};

use super::deliver::{Desk, LEASE};
use super::{autopilot, rest_after, sleep_until};
use crate::app;
use crate::app::deliveries::{FanOut, FannedOut};
use crate::generations;
use crate::state::AppState;

/// How many events are fanned out in one transaction: each may have fifty endpoints.
const MOST_AT_ONCE: i64 = 64;

/// Fans out whenever events wait, to the sender of this desk.
pub async fn run(state: AppState, desk: Desk) {
    loop {
        match fan_out(&state, Some(&desk)).await {
            Ok(0) => sleep_until(&state, Some(Wake::Events), Ok(None)).await,
            Ok(_more_may_wait) => {}
            Err(error) => rest_after("fan_out", &error).await,
        }
    }
}

/// Fans out some events, for whatever sender there is; returns how many.
pub async fn tick(state: &AppState) -> Result<usize, StoreError> {
    fan_out(state, None).await
}

async fn fan_out(state: &AppState, desk: Option<&Desk>) -> Result<usize, StoreError> {
    let mut done = match fan_out_some(state, desk, MOST_AT_ONCE).await {
        // One of them cannot be fanned out. Alone it shows which, and the others are not held up.
        Err(StoreError::Corrupt(reason)) => {
            tracing::error!(reason, "events could not be fanned out together");
            fan_out_some(state, desk, 1).await?
        }
        done => done?,
    };
    if let Some(desk) = desk {
        desk.hand_over(&mut done, state.clock.now());
    }
    Ok(done.seen)
}

async fn fan_out_some(state: &AppState, desk: Option<&Desk>, limit: i64) -> Result<FannedOut, StoreError> {
    let now = state.clock.now();
    let (links, rules, desk) = (state.lender.links.clone(), autopilot::rules(state), desk.cloned());
    let script = move |tx: &mut store::Tx<'_>| {
        let with = FanOut {
            render: &|generation, event, delivery| generations::render(generation, event, delivery, &links),
            name_of: &generations::event_name,
            room: &|endpoint| desk.as_ref().map_or(0, |desk| desk.room(endpoint)),
            lease_end: now.plus(LEASE),
        };
        let done = app::deliveries::fan_out(tx, now, limit, &with)?;
        app::autopilot::plan(tx, &rules, &done.events)?;
        if desk.is_none() && !done.more.is_empty() {
            tx.wake(Wake::Deliveries);
        }
        Ok(done)
    };
    state.store.write(script).await
}
