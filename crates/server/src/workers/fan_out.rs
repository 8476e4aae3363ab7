//! Turns events into deliveries, and in the sandbox into the autopilot's jobs.

use domain::credential::Environment;
use domain::event::Event;
use domain::webhook::endpoint::Generation;
use store::{StoreError, Wake};
use wire::links::Links;

use super::{rest_after, sleep_until};
use crate::app;
use crate::app::webhooks::Rendered;
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
    let (links, environment) = (state.links.clone(), state.config.environment);
    let script = move |tx: &mut store::Tx<'_>| {
        let events = app::webhooks::fan_out(tx, now, &|generation, event| render(generation, event, &links))?;
        if environment == Environment::Sandbox {
            for event in &events {
                app::sandbox::plan(tx, event)?;
            }
        }
        Ok(events.len())
    };
    state.store.write(script).await
}

fn render(generation: Generation, event: &Event, links: &Links) -> Option<Rendered> {
    match generation {
        Generation::Reference => {
            let name = wire::reference::event::name(&event.happening)?;
            Some(Rendered { name, body: wire::reference::event::render(event, links)? })
        }
    }
}
