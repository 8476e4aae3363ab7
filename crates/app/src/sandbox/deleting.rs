//! Deleting a clock with everything on it, and the reset of a sandbox.
//!
//! Each deletion is one transaction, so it happens as a whole or not at all. The logs remain until their retention ends:
//! the deliveries of webhooks, the calls of the request log, and the audit trail.

use domain::clock::ClockStatus;
use domain::id::{ClockId, PartnerId};
use domain::time::RealTime;
use store::{Failed, StoreError, Tx};

use super::clocks;
use crate::refused::NotFound;

/// The reason why nothing was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteRefused {
    /// The partner has no such clock.
    NotFound,
    /// A clock is moved ahead now.
    Advancing,
}

impl From<NotFound> for DeleteRefused {
    fn from(NotFound: NotFound) -> Self {
        Self::NotFound
    }
}

/// Deletes a clock of the partner with everything on it.
pub fn delete(
    tx: &mut Tx<'_>, owner: PartnerId, real: RealTime, id: ClockId,
) -> Result<(), Failed<DeleteRefused>> {
    let clock = clocks::find(tx, owner, id).map_err(|failed| failed.map_refused(DeleteRefused::from))?;
    standing(clock.status(real))?;
    let tenant = id.tenant();
    store::clocks::hold(tx, tenant)?;
    empty(tx, tenant, real)?;
    store::wipe::events_of_clock(tx, owner, id)?;
    Ok(store::clocks::delete(tx, &clock, real)?)
}

fn standing(status: ClockStatus) -> Result<(), Failed<DeleteRefused>> {
    match status {
        ClockStatus::Running => Ok(()),
        ClockStatus::Advancing => Err(Failed::Refused(DeleteRefused::Advancing)),
    }
}

/// Deletes everything of the partner's customers on its main clock, with its events and idempotency keys, and sets this
/// clock to the real time. Credentials, the team, endpoints and the logs remain. `Conflict` if a further clock is left:
/// [`delete`] those first.
pub fn reset_main(tx: &mut Tx<'_>, partner: PartnerId, real: RealTime) -> Result<(), Failed<DeleteRefused>> {
    let (_, lease) = store::clocks::state(tx, partner)?.ok_or(Failed::Refused(DeleteRefused::NotFound))?;
    standing(ClockStatus::of(lease, real))?;
    store::clocks::hold(tx, partner)?;
    if !store::clocks::of_partner(tx, partner)?.is_empty() {
        return Err(StoreError::Conflict.into());
    }
    empty(tx, partner, real)?;
    store::wipe::of_partner_alone(tx, partner)?;
    Ok(store::clocks::restart(tx, partner, real)?)
}

/// Deletes everything of a tenant's customers. Their files are deleted soon afterwards.
fn empty(tx: &mut Tx<'_>, tenant: PartnerId, real: RealTime) -> Result<(), StoreError> {
    store::search::forget(tx, tenant)?;
    store::wipe::announce_files(tx, tenant, real)?;
    store::wipe::of_customers(tx, tenant)
}
