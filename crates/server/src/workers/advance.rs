//! Lets time pass for one partner, from one due moment to the next. At each moment the workers' own ticks do
//! everything due before the clock moves on.

use app::StoreError;
use domain::id::PartnerId;
use domain::time::Timestamp;

use super::{autopilot, expire, fan_out};
use crate::state::AppState;

/// Moves the partner's clock to `until`. Webhooks leave meanwhile and later, and this does not wait for them.
///
/// If it is interrupted, everything due before the clock's time has been done. Another call continues from there.
pub async fn run(state: &AppState, tenant: PartnerId, until: Timestamp) -> Result<(), StoreError> {
    loop {
        do_what_is_due(state).await?;
        let real = state.clock.now();
        let now = state.store.write(move |tx| app::clock::step(tx, tenant, real, until)).await?;
        state.read_partner_clocks().await?;
        if now >= until {
            return do_what_is_due(state).await;
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
