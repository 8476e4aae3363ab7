//! The partners whose overdue loans are read, each with its date.

use std::time::Duration;

use domain::calendar::next_business_day;
use domain::id::PartnerId;
use domain::time::{Date, RealTime, Timestamp, days_after};
use store::overdue::Debtors;
use store::{StoreError, Tx};

use crate::clock;

/// Partners with one date.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dated {
    pub(super) debtors: Debtors,
    /// Time by which their clocks are ahead.
    ahead: Duration,
}

impl Dated {
    /// The real time at which an installment with this due date became overdue.
    pub(super) fn overdue_since(&self, due: Date) -> RealTime {
        Timestamp::end_of_business_date(next_business_day(due)).off_clock(self.ahead)
    }

    /// The days by which an installment with this due date is overdue.
    pub(super) fn days_overdue(&self, due: Date) -> u32 {
        days_after(next_business_day(due), self.debtors.today())
    }
}

/// The partners with their dates: all, or one. Outside a sandbox no clock is moved, so all partners have one date.
pub(super) fn dated(
    tx: &mut Tx<'_>, real: RealTime, partner: Option<PartnerId>,
) -> Result<Vec<Dated>, StoreError> {
    let of =
        |partner, ahead| Dated { debtors: Debtors::Of(partner, real.on_clock(ahead).business_date()), ahead };
    if let Some(partner) = partner {
        let now = clock::at(tx, partner, real)?;
        return Ok(vec![of(partner, now.since(real.unmoved()))]);
    }
    let unmoved = Debtors::OfUnmoved(real.unmoved().business_date());
    let moved = store::clocks::moved(tx)?.into_iter().map(|(partner, ahead)| of(partner, ahead));
    Ok([Dated { debtors: unmoved, ahead: Duration::ZERO }].into_iter().chain(moved).collect())
}
