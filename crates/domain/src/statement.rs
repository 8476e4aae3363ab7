//! The statement of a loan: how each journal entry changed what the borrower owes.
//!
//! The balance of a statement is the principal that is not paid back, less what is to be returned. Interest and late
//! charges are charged when they are paid, as in the [ledger](crate::ledger), so a payment's line and the charges beside
//! it change the balance by the principal that the payment pays. A write-off changes the lender's books, not the debt,
//! so it has no line.

use crate::ledger::{LedgerAccount, Postings};
use crate::money::Cents;

/// The kind of a line, in the order of the lines of one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineKind {
    /// Money left: the disbursement, or a payment that was reversed.
    PaidOut,
    /// The service fee.
    Fee,
    /// The tax.
    Iof,
    /// Interest.
    Interest,
    /// Late charges.
    LateCharges,
    /// Interest and charges of a payment for a loan that was written off. The books do not tell them apart.
    Recovered,
    /// Interest that is waived, because money came early.
    Discount,
    /// Money came in.
    PaidIn,
}

/// A line of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Its kind.
    pub kind: LineKind,
    /// The amount by which the balance rises, not zero. A payment is negative.
    pub amount: Cents,
}

/// The change of the borrower's balance by an entry.
pub fn change(postings: &Postings) -> Cents {
    let owed = [
        LedgerAccount::PrincipalReceivable,
        LedgerAccount::InterestReceivable,
        LedgerAccount::LateChargesReceivable,
        LedgerAccount::CustomerCredit,
    ];
    owed.into_iter().map(|account| postings.on(account)).sum()
}

/// The lines of an entry. They sum to its [`change`], because the postings of an entry sum to zero.
pub fn lines(postings: &Postings) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for account in LedgerAccount::ALL {
        let amount = -postings.on(account);
        let kind = match account {
            LedgerAccount::PrincipalReceivable
            | LedgerAccount::InterestReceivable
            | LedgerAccount::LateChargesReceivable
            | LedgerAccount::CustomerCredit => continue,
            LedgerAccount::Cash if amount > Cents::ZERO => LineKind::PaidOut,
            LedgerAccount::Cash => LineKind::PaidIn,
            LedgerAccount::IofPayable => LineKind::Iof,
            LedgerAccount::FeeIncome => LineKind::Fee,
            LedgerAccount::InterestIncome => LineKind::Interest,
            LedgerAccount::LateChargesIncome => LineKind::LateCharges,
            LedgerAccount::DiscountsGiven => LineKind::Discount,
            LedgerAccount::WrittenOff | LedgerAccount::Losses | LedgerAccount::RecoveryIncome => {
                LineKind::Recovered
            }
        };
        match lines.iter_mut().find(|line| line.kind == kind) {
            Some(line) => line.amount += amount,
            None => lines.push(Line { kind, amount }),
        }
    }
    lines.retain(|line| line.amount != Cents::ZERO);
    lines.sort_by_key(|line| line.kind);
    lines
}
