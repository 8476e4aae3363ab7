//! Changes all deliveries of an endpoint, some rows at a time, after a partner has requested a recovery or deleted
//! the endpoint. Several lanes take turns, one step each.

use app::upkeep::steps::Pace;
use app::{StoreError, Tx, Wake};

use super::rest::{rest_after, sleep_until};
use crate::state::AppState;

/// Changes lanes whenever one needs it.
pub async fn run(state: AppState) {
    loop {
        match tick(&state).await {
            Ok(_rows) => sleep_until(&state, Some(Wake::Lanes), Ok(None)).await,
            Err(error) => rest_after("lane_changes", &error).await,
        }
    }
}

/// Takes steps until no lane needs a change. Returns the number of changed rows.
pub async fn tick(state: &AppState) -> Result<usize, StoreError> {
    let (mut pace, mut rows) = (Pace::default(), 0);
    loop {
        let lanes = state.store.read(app::webhooks::deliveries::changing_lanes).await?;
        if lanes.is_empty() {
            return Ok(rows);
        }
        let mut failure = None;
        for lane in lanes {
            let now = state.clock.now();
            let step =
                move |tx: &mut Tx<'_>, rows| app::webhooks::deliveries::change_lane(tx, now, lane, rows);
            match pace.step(&state.store, step).await {
                Ok(stepped) => {
                    rows += usize::try_from(stepped.rows).expect("a step takes some rows");
                    tokio::time::sleep(stepped.pause).await;
                }
                // A lane that cannot be changed does not delay the others.
                Err(error) => failure = Some(error),
            }
        }
        if let Some(error) = failure {
            return Err(error);
        }
    }
}
