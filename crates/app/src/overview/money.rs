//! Today's money, by the lender's date. Loans of a sandbox's moved clocks are on other dates and do not count.

use std::time::Duration;

use domain::money::Cents;
use domain::queue::Queue;
use domain::time::{RealTime, Timestamp};
use store::{StoreError, Tx};

/// A number of movements and their amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum {
    /// The number.
    pub count: i64,
    /// The amount, not negative.
    pub amount: Cents,
}

/// Today's money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    /// The confirmed disbursements.
    pub out: Sum,
    /// The signed loans whose disbursement is not ordered yet.
    pub to_order: Sum,
    /// The ordered disbursements that are not confirmed yet.
    pub at_bank: Sum,
    /// The unpaid principal and interest that are due.
    pub due: Cents,
}

/// The money of the day of `now`.
pub(super) fn today(tx: &mut Tx<'_>, now: RealTime) -> Result<Money, StoreError> {
    let today = now.unmoved().business_date();
    let end_of = |day| Timestamp::end_of_business_date(day).plus(Duration::from_secs(1));
    let yesterday = today.saturating_sub(jiff::Span::new().days(1));
    let sum = |(count, amount)| Sum { count, amount };
    Ok(Money {
        out: sum(store::case_ends::disbursed_since(tx, end_of(yesterday).unmoved())?),
        to_order: sum(store::cases::total(tx, Queue::WaitingForMoney)?),
        at_bank: sum(store::cases::total(tx, Queue::Disbursing)?),
        due: store::overdue::due_on(tx, today)?,
    })
}
