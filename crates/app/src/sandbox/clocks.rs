//! Making, finding and moving clocks.

use std::time::Duration;

use domain::clock::{ClockName, MOST_CLOCKS, SandboxClock};
use domain::id::{ClockId, PartnerId};
use domain::time::{RealTime, Timestamp};
use store::{Failed, StoreError, Tx};

use crate::refused::NotFound;

/// The time for which a step of an advance keeps the clock from being deleted. Each step takes less.
const LEASE: Duration = Duration::from_secs(30);

/// A clock to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewClock {
    /// Its name.
    pub name: ClockName,
    /// Its first moment; `None` for the present moment of the main clock.
    pub begins_at: Option<Timestamp>,
}

/// The reason why no clock was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MakeRefused {
    /// The partner has [`MOST_CLOCKS`] clocks.
    TooMany,
    /// It would begin before the real time.
    BeforeRealTime,
}

/// Makes a clock for the partner.
pub fn make(
    tx: &mut Tx<'_>, owner: PartnerId, real: RealTime, new: &NewClock,
) -> Result<SandboxClock, Failed<MakeRefused>> {
    let ahead = match new.begins_at {
        None => store::clocks::offset(tx, owner)?,
        Some(begins_at) if begins_at < real.unmoved() => {
            return Err(Failed::Refused(MakeRefused::BeforeRealTime));
        }
        Some(begins_at) => begins_at.since(real.unmoved()),
    };
    // Two calls that count the clocks take turns.
    store::partners::touch(tx, owner)?;
    if store::clocks::of_partner(tx, owner)?.len() >= MOST_CLOCKS {
        return Err(Failed::Refused(MakeRefused::TooMany));
    }
    Ok(store::partners::insert_clock(tx, owner, &new.name, real, ahead)?)
}

/// All clocks that the partner made, the oldest first.
pub fn list(tx: &mut Tx<'_>, owner: PartnerId) -> Result<Vec<SandboxClock>, StoreError> {
    store::clocks::of_partner(tx, owner)
}

/// A clock of the partner.
pub fn find(tx: &mut Tx<'_>, owner: PartnerId, id: ClockId) -> Result<SandboxClock, Failed<NotFound>> {
    store::clocks::find(tx, owner, id)?.ok_or(Failed::Refused(NotFound))
}

/// The reason why a clock was not moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdvanceRefused {
    /// The clock was deleted.
    Deleted,
}

/// Moves a tenant's clock to `until`, or to an earlier moment at which something falls due. A clock that is already
/// there does not move. Returns the clock's time. Until [`stop`], or for half a minute, the clock is not deleted.
pub fn step(
    tx: &mut Tx<'_>, tenant: PartnerId, real: RealTime, until: Timestamp,
) -> Result<Timestamp, Failed<AdvanceRefused>> {
    let Some((before, _lease)) = store::clocks::state(tx, tenant)? else {
        return Err(Failed::Refused(AdvanceRefused::Deleted));
    };
    let now = real.on_clock(before);
    // A deadline has passed only after its last microsecond.
    let passed = |due: Timestamp| due.plus(Duration::from_micros(1));
    let next = store::clocks::next_due(tx, tenant, now)?.map_or(until, |due| passed(due).min(until));
    let next = next.max(now);
    let ahead = if next > now { next.since(real.unmoved()) } else { before };
    store::clocks::advance(tx, tenant, (before, ahead), real.plus(LEASE))?;
    Ok(next)
}

/// Ends an advance, whether it reached its end or not.
pub fn stop(tx: &mut Tx<'_>, tenant: PartnerId) -> Result<(), StoreError> {
    store::clocks::advanced(tx, tenant)
}
