//! Turns events into deliveries, and into the jobs of what is decided without a person.

use store::{StoreError, Wake};

use super::{autopilot, rest_after, sleep_until};
use crate::app;
use crate::generations;
use crate::state::AppState;

/// Fans out whenever events wait.
pub async fn run(state: AppState) {
    loop {
        match tick(&state).await {
            Ok(0) => sleep_until(&state, Some(Wake::Events), Ok(None)).await,
            Ok(_more_may_wait) => {}
            Err(error) => rest_after("fan_out", &error).await,
        }
    }
}

/// Fans out some events; returns how many.
pub async fn tick(state: &AppState) -> Result<usize, StoreError> {
    let now = state.clock.now();
    let (links, rules) = (state.lender.links.clone(), autopilot::rules(state));
    let script = move |tx: &mut store::Tx<'_>| {
        let render =
            |generation, event: &_, delivery| generations::render(generation, event, delivery, &links);
        let events = app::webhooks::fan_out(tx, now, &render)?;
        for event in &events {
            app::autopilot::plan(tx, &rules, event)?;
        }
        Ok(events.len())
    };
    state.store.write(script).await
}
