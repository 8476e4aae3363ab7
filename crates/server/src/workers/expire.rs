//! Ends resources that have expired: offers after their validity, loans whose signing links have expired, proposals, and
//! the data of people who asked for its erasure.

use app::StoreError;

use super::rest::{rest_after, sleep_until};
use crate::state::AppState;

/// Expires resources as they become due.
pub async fn run(state: AppState) {
    loop {
        match tick(&state).await {
            Ok(0) => {
                let due = state.store.read(app::loans::next_deadline).await;
                sleep_until(&state, None, due).await;
            }
            Ok(_more_may_have_lapsed) => {}
            Err(error) => rest_after("expire", &error).await,
        }
    }
}

/// Expires some resources that are due. Returns their number.
pub async fn tick(state: &AppState) -> Result<usize, StoreError> {
    let real = state.clock.now();
    let lapsed = state.store.write(move |tx| app::loans::cancel_unsigned(tx, real)).await?;
    let undecided = state.store.write(move |tx| app::people::proposals::expire_overdue(tx, real)).await?;
    let years = state.config.lifetimes.borrower_years;
    let erased = state.store.write(move |tx| app::personal_data::erase_due(tx, real, years)).await?;
    Ok(lapsed
        + undecided
        + erased
        + state.store.write(move |tx| app::credit::offers::expire_lapsed(tx, real)).await?)
}
