//! Deletes a clock with everything on it, and resets a sandbox.

use app::sandbox::{self, DeleteRefused, Left, ROWS_AT_ONCE};
use app::{Failed, StoreError};
use domain::id::{ClockId, PartnerId};

use crate::state::AppState;

/// Most tries of a deletion that meets calls which still add something to what is deleted.
const MOST_TRIES: u32 = 5;

/// Deletes a clock of the partner with everything on it.
pub async fn delete_clock(
    state: &AppState, owner: PartnerId, id: ClockId,
) -> Result<(), Failed<DeleteRefused>> {
    let delete = || {
        let (real, step) = (state.clock.now(), (id, ROWS_AT_ONCE));
        state.store.write(move |tx| sandbox::delete(tx, owner, real, step))
    };
    while tried(delete).await? == Left::More {}
    state.partner_clocks.forget(id.tenant());
    Ok(())
}

/// Resets the sandbox of a partner, one clock after the other. If it is interrupted, another call goes on.
pub async fn run(state: &AppState, partner: PartnerId) -> Result<(), Failed<DeleteRefused>> {
    for clock in state.store.read(move |tx| sandbox::list(tx, partner)).await? {
        match delete_clock(state, partner, clock.id).await {
            // Another call has deleted it meanwhile.
            Ok(()) | Err(Failed::Refused(DeleteRefused::NotFound)) => {}
            Err(failed) => return Err(failed),
        }
    }
    let reset = || {
        let real = state.clock.now();
        state.store.write(move |tx| sandbox::reset_main(tx, partner, real, ROWS_AT_ONCE))
    };
    while tried(reset).await? == Left::More {}
    Ok(state.read_partner_clocks().await?)
}

/// Tries a step of a deletion again if a call has added a row to a deleted one meanwhile. Only PostgreSQL runs both at once, and
/// refuses the deletion as a whole.
async fn tried<F>(deletion: impl Fn() -> F) -> Result<Left, Failed<DeleteRefused>>
where
    F: Future<Output = Result<Left, Failed<DeleteRefused>>>,
{
    for _try in 1..MOST_TRIES {
        match deletion().await {
            Err(Failed::Store(StoreError::Defect(reason))) => {
                tracing::warn!(reason, "a deletion met a call of its customers and is tried again");
            }
            done => return done,
        }
    }
    deletion().await
}
