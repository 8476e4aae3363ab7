//! Finds the tenant of a resource: its partner, or one of the partner's clocks. Operators name resources by their ids
//! alone, and partners do not say on which clock a resource is.

use std::time::Duration;

use domain::id::{ClockId, CustomerId, LoanId, OfferId, PartnerId};
use domain::time::{RealTime, Timestamp};
pub use store::directory::Owned;
use store::{Failed, StoreError, Tx};

use crate::clock;
use crate::refused::NotFound;

/// The partner of a resource, and the partner's time at the real time `real`.
pub fn place<I: Owned, R: From<NotFound>>(
    tx: &mut Tx<'_>, real: RealTime, id: &I,
) -> Result<(PartnerId, Timestamp), Failed<R>> {
    let partner = store::directory::owner(tx, id)?.ok_or_else(|| Failed::Refused(NotFound.into()))?;
    Ok((partner, clock::at(tx, partner, real)?))
}

/// A resource that may be on a clock beside the main clock, or such a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnClock {
    /// A customer.
    Customer(CustomerId),
    /// An offer.
    Offer(OfferId),
    /// A loan.
    Loan(LoanId),
    /// A clock.
    Clock(ClockId),
}

impl OnClock {
    /// Reads the id of a customer, an offer or a loan.
    pub fn of_resource(text: &str) -> Option<Self> {
        let customer = text.parse().ok().map(Self::Customer);
        let offer = || text.parse().ok().map(Self::Offer);
        customer.or_else(offer).or_else(|| text.parse().ok().map(Self::Loan))
    }
}

/// The clock of the partner on which a resource is, with the time by which it is ahead of the real time. `None` if the
/// resource is on the main clock, is unknown or another partner's.
pub fn clock_of(
    tx: &mut Tx<'_>, partner: PartnerId, resource: OnClock,
) -> Result<Option<(ClockId, Duration)>, StoreError> {
    let tenant = match resource {
        OnClock::Customer(id) => store::directory::owner(tx, &id)?,
        OnClock::Offer(id) => store::directory::owner(tx, &id)?,
        OnClock::Loan(id) => store::directory::owner(tx, &id)?,
        OnClock::Clock(id) => Some(id.tenant()),
    };
    let Some(id) = tenant.and_then(PartnerId::clock) else { return Ok(None) };
    let clock = store::clocks::find(tx, partner, id)?;
    Ok(clock.map(|clock| (clock.id, clock.ahead)))
}
