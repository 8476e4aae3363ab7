//! Lets time pass on one clock, from one due moment to the next. At each moment the workers' own ticks do
//! everything due before the clock moves on.

use app::sandbox::{self, AdvanceRefused};
use app::{Failed, StoreError};
use domain::clock::Goal;
use domain::id::PartnerId;

use super::{autopilot, expire, fan_out};
use crate::state::AppState;

/// Moves the tenant's clock to the goal. Webhooks leave meanwhile and later, and this does not wait for them.
///
/// If it is interrupted, everything due before the clock's time has been done. Another call continues from there.
pub async fn run(state: &AppState, tenant: PartnerId, goal: Goal) -> Result<(), Failed<AdvanceRefused>> {
    let moved = move_to(state, tenant, goal).await;
    state.store.write(move |tx| sandbox::stop(tx, tenant)).await?;
    moved
}

async fn move_to(state: &AppState, tenant: PartnerId, goal: Goal) -> Result<(), Failed<AdvanceRefused>> {
    loop {
        do_what_is_due(state).await?;
        let real = state.clock.now();
        let until = goal.at(real);
        let now = state.store.write(move |tx| sandbox::step(tx, tenant, real, until)).await?;
        state.read_partner_clocks().await?;
        if now >= until {
            return Ok(do_what_is_due(state).await?);
        }
    }
}

async fn do_what_is_due(state: &AppState) -> Result<(), StoreError> {
    loop {
        let done = fan_out::tick(state).await? + expire::tick(state).await? + autopilot::tick(state).await?;
        if done == 0 {
            return Ok(());
        }
    }
}
