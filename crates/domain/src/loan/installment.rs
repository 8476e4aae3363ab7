//! An installment of an active loan as it stands today: what is due, what was paid, how late it is.
//!
//! Status, late charges and days overdue are computed from dates, postings and `now`; no nightly job
//! changes them.

use super::late::LateCharges;
use super::rates::RateBook;
use super::schedule::Installment;
use crate::id::{LoanId, PartnerId, TransactionId};
use crate::money::{Cents, Rate};
use crate::time::{Date, Timestamp};

/// An installment of an active loan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// Its id.
    pub id: TransactionId,
    /// The partner.
    pub partner: PartnerId,
    /// The loan.
    pub loan: LoanId,
    /// Counted from 1.
    pub number: u16,
    /// The nominal due date.
    pub due: Date,
    /// The principal in it.
    pub principal: Cents,
    /// The interest in it.
    pub interest: Cents,
    /// What has been paid of it, late charges included.
    pub paid: Cents,
    /// When it was paid in full.
    pub paid_at: Option<Timestamp>,
    /// The contract's monthly rate, for late charges.
    pub monthly_rate: Rate,
    /// When it came to exist.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// How an installment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransactionStatus {
    /// Not due yet, nothing paid.
    Pending,
    /// Paid in full.
    Paid,
    /// Past its effective due date and not paid in full; wins over partially paid.
    Overdue,
    /// Paid in part, not past due.
    PartiallyPaid,
}

/// An installment's figures as of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How it stands.
    pub status: TransactionStatus,
    /// The installment with its late charges.
    pub amount_due: Cents,
    /// What is left to pay.
    pub amount_remaining: Cents,
    /// The late charges within `amount_due`.
    pub fees: Cents,
    /// Days past the effective due date.
    pub days_overdue: u32,
}

impl Transaction {
    /// The installment of a schedule row, unpaid.
    pub fn of_row(
        id: TransactionId,
        partner: PartnerId,
        loan: LoanId,
        row: &Installment,
        monthly_rate: Rate,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            partner,
            loan,
            number: row.number,
            due: row.due,
            principal: row.principal,
            interest: row.interest,
            paid: Cents::ZERO,
            paid_at: None,
            monthly_rate,
            created_at: now,
            updated_at: now,
        }
    }

    /// The installment's figures on the business date of `now`, late charges by the rates of its due date.
    pub fn standing(&self, now: Timestamp, book: &RateBook) -> Standing {
        let scheduled = self.principal + self.interest;
        if self.paid_at.is_some() {
            return Standing {
                status: TransactionStatus::Paid,
                amount_due: self.paid,
                amount_remaining: Cents::ZERO,
                fees: self.paid - scheduled,
                days_overdue: 0,
            };
        }
        // A due date older than every version bears no charges: none were agreed upon.
        let charges = book.late_on(self.due).map_or_else(LateCharges::default, |rates| {
            LateCharges::on(scheduled - self.paid, self.due, now.business_date(), self.monthly_rate, rates)
        });
        let status = match (charges.days > 0, self.paid > Cents::ZERO) {
            (true, _) => TransactionStatus::Overdue,
            (false, true) => TransactionStatus::PartiallyPaid,
            (false, false) => TransactionStatus::Pending,
        };
        let amount_due = scheduled + charges.total();
        Standing {
            status,
            amount_due,
            amount_remaining: amount_due - self.paid,
            fees: charges.total(),
            days_overdue: charges.days,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::id::ResourceId;

    fn transaction(paid: i64, paid_at: Option<Timestamp>) -> Transaction {
        let created = Timestamp::end_of_business_date(date(2026, 1, 15));
        Transaction {
            id: TransactionId::new(created, [1; 10]),
            partner: PartnerId::new(created, [2; 10]),
            loan: LoanId::new(created, [3; 10]),
            number: 1,
            due: date(2026, 2, 15),
            principal: Cents::new(71_643),
            interest: Cents::new(25_844),
            paid: Cents::new(paid),
            paid_at,
            monthly_rate: Rate::from_scaled(2_500_000),
            created_at: created,
            updated_at: created,
        }
    }

    fn standing(transaction: &Transaction, today: Date) -> Standing {
        transaction.standing(Timestamp::end_of_business_date(today), &RateBook::sample())
    }

    #[test]
    fn an_unpaid_installment_is_pending_then_overdue_with_its_charges() {
        let unpaid = transaction(0, None);
        let before = standing(&unpaid, date(2026, 2, 18));
        assert_eq!((before.status, before.amount_due), (TransactionStatus::Pending, Cents::new(97_487)));
        let after = standing(&unpaid, date(2026, 3, 2));
        assert_eq!((after.status, after.days_overdue), (TransactionStatus::Overdue, 12));
        assert_eq!((after.amount_due, after.fees), (Cents::new(100_795), Cents::new(3_308)));
    }

    #[test]
    fn past_due_wins_over_partially_paid_and_paid_is_never_late() {
        let part = transaction(50_000, None);
        assert_eq!(standing(&part, date(2026, 2, 18)).status, TransactionStatus::PartiallyPaid);
        assert_eq!(standing(&part, date(2026, 2, 18)).amount_remaining, Cents::new(47_487));
        assert_eq!(standing(&part, date(2026, 2, 19)).status, TransactionStatus::Overdue);
        let paid = transaction(97_487, Some(Timestamp::end_of_business_date(date(2026, 2, 15))));
        let long_after = standing(&paid, date(2027, 1, 1));
        assert_eq!((long_after.status, long_after.amount_remaining), (TransactionStatus::Paid, Cents::ZERO));
    }
}
