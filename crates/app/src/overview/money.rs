//! Today's money, by the lender's date. Loans of a sandbox's moved clocks are on other dates and do not count.

use domain::ledger::LedgerAccount;
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
    /// The recorded payments, also those that were reversed later.
    pub received: Sum,
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
pub(crate) fn today(tx: &mut Tx<'_>, now: RealTime) -> Result<Money, StoreError> {
    let today = now.unmoved().business_date();
    let since = Timestamp::start_of_business_date(today);
    let sum = |(count, amount)| Sum { count, amount };
    let cash = store::journal_sums::moved_on(tx, today, LedgerAccount::Cash)?;
    Ok(Money {
        // Only a payment is a debit of cash.
        received: Sum { count: cash.debits, amount: cash.debit },
        out: sum(store::case_ends::disbursed_since(tx, since.unmoved())?),
        to_order: sum(store::cases::total(tx, Queue::WaitingForMoney)?),
        at_bank: sum(store::cases::total(tx, Queue::Disbursing)?),
        due: store::overdue::due_on(tx, today)?,
    })
}
