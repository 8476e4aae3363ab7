//! Deleting a clock with everything on it, and the reset of a sandbox.
//!
//! A clock with at most [`ROWS_AT_ONCE`] rows or so is deleted in one transaction, so it happens as a whole or not at all. A
//! larger one is deleted in steps, each of which deletes whole customers. If the deletion is cut off, the clock is still
//! there with the other customers, and the same call goes on. The logs remain until their retention ends: the deliveries of
//! webhooks, the calls of the request log, and the audit trail.

use domain::clock::ClockStatus;
use domain::id::{ClockId, PartnerId};
use domain::time::RealTime;
use store::wipe::EventsOf;
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

/// About the most rows that a step deletes. Some customers more may be in it. It takes a second or two.
pub const ROWS_AT_ONCE: u64 = 20_000;

/// The rows that a step of a deletion has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Nothing: the deletion is done.
    Nothing,
    /// More rows, for another step.
    More,
}

/// Takes a step of the deletion of a clock of the partner with everything on it: of about `rows` rows.
pub fn delete(
    tx: &mut Tx<'_>, owner: PartnerId, real: RealTime, (id, rows): (ClockId, u64),
) -> Result<Left, Failed<DeleteRefused>> {
    let clock = clocks::find(tx, owner, id).map_err(|failed| failed.map_refused(DeleteRefused::from))?;
    standing(clock.status(real))?;
    let tenant = id.tenant();
    store::clocks::hold(tx, tenant)?;
    if thinned(tx, tenant, (EventsOf::Clock(owner, id), rows), real)? == Left::More {
        return Ok(Left::More);
    }
    empty(tx, tenant, real)?;
    store::wipe::events_of_clock(tx, owner, id)?;
    store::clocks::delete(tx, &clock, real)?;
    Ok(Left::Nothing)
}

/// Deletes about so many rows of a tenant.
fn thinned(
    tx: &mut Tx<'_>, tenant: PartnerId, (events, most): (EventsOf, u64), real: RealTime,
) -> Result<Left, StoreError> {
    let mut rows = 0;
    while rows < most {
        match store::wipe::some(tx, tenant, events, real)? {
            0 => return Ok(Left::Nothing),
            deleted => rows += deleted,
        }
    }
    Ok(Left::More)
}

fn standing(status: ClockStatus) -> Result<(), Failed<DeleteRefused>> {
    match status {
        ClockStatus::Running => Ok(()),
        ClockStatus::Advancing => Err(Failed::Refused(DeleteRefused::Advancing)),
    }
}

/// Takes a step of a reset, of about `rows` rows: deletes everything of the partner's customers on its main clock, with its events and idempotency keys, and sets this
/// clock to the real time. Credentials, the team, endpoints and the logs remain. `Conflict` if a further clock is left:
/// [`delete`] those first.
pub fn reset_main(
    tx: &mut Tx<'_>, partner: PartnerId, real: RealTime, rows: u64,
) -> Result<Left, Failed<DeleteRefused>> {
    let (_, lease) = store::clocks::state(tx, partner)?.ok_or(Failed::Refused(DeleteRefused::NotFound))?;
    standing(ClockStatus::of(lease, real))?;
    store::clocks::hold(tx, partner)?;
    if !store::clocks::of_partner(tx, partner)?.is_empty() {
        return Err(StoreError::Conflict.into());
    }
    if thinned(tx, partner, (EventsOf::Partner(partner), rows), real)? == Left::More {
        return Ok(Left::More);
    }
    empty(tx, partner, real)?;
    store::wipe::of_partner_alone(tx, partner)?;
    store::clocks::restart(tx, partner, real)?;
    Ok(Left::Nothing)
}

/// Deletes everything of a tenant's customers. Their files are deleted soon afterwards.
fn empty(tx: &mut Tx<'_>, tenant: PartnerId, real: RealTime) -> Result<(), StoreError> {
    store::search::forget(tx, tenant)?;
    store::wipe::announce_files(tx, tenant, real)?;
    store::wipe::of_customers(tx, tenant)
}
