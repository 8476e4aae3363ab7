//! An installment of an active loan on a day: the amount due, the amount paid, the days overdue.
//!
//! Status, late charges and days overdue are computed from dates, payments and `now`. No nightly job changes them.

use super::debt::{Position, Terms};
use super::rates::RateBook;
use super::schedule::ScheduledInstallment;
use crate::id::{InstallmentId, LoanId, PartnerId};
use crate::money::{Cents, Rate};
use crate::time::Timestamp;

/// An installment of an active loan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installment {
    /// The installment's id.
    pub id: InstallmentId,
    /// The partner.
    pub partner: PartnerId,
    /// The loan.
    pub loan: LoanId,
    /// The scheduled and the paid parts.
    pub position: Position,
    /// The contract's monthly rate, for late charges.
    pub monthly_rate: Rate,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
}

/// The status of an installment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InstallmentStatus {
    /// Not due yet, nothing paid.
    Pending,
    /// Paid in full.
    Paid,
    /// Past its effective due date and not paid in full. It takes precedence over partially paid.
    Overdue,
    /// Paid in part, not past its effective due date.
    PartiallyPaid,
}

/// An installment's figures on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstallmentSummary {
    /// The status.
    pub status: InstallmentStatus,
    /// The amount of the installment with its late charges.
    pub amount_due: Cents,
    /// The paid amount.
    pub amount_paid: Cents,
    /// The unpaid amount.
    pub amount_remaining: Cents,
    /// The late charges in `amount_due`.
    pub fees: Cents,
    /// Days past the effective due date.
    pub days_overdue: u32,
}

impl Installment {
    /// The installment of a schedule row, unpaid.
    pub fn of_row(
        id: InstallmentId, partner: PartnerId, loan: LoanId, row: &ScheduledInstallment, monthly_rate: Rate,
        now: Timestamp,
    ) -> Self {
        let position = Position::of_row(row);
        Self { id, partner, loan, position, monthly_rate, created_at: now, updated_at: now }
    }

    /// The installment's figures on the business date of `now`, with late charges by the rates of its due date.
    pub fn summary(&self, now: Timestamp, book: &RateBook) -> InstallmentSummary {
        let today = now.business_date();
        let position = self.position.accrued(today, Terms { monthly_rate: self.monthly_rate, book });
        let (paid, days_overdue) = (position.paid, position.days_overdue(today));
        let status = match (position.settled_at, days_overdue > 0, paid.money() > Cents::ZERO) {
            (Some(_), ..) => InstallmentStatus::Paid,
            (None, true, _) => InstallmentStatus::Overdue,
            (None, false, true) => InstallmentStatus::PartiallyPaid,
            (None, false, false) => InstallmentStatus::Pending,
        };
        InstallmentSummary {
            status,
            amount_due: paid.money() + position.owed(),
            amount_paid: paid.money(),
            amount_remaining: position.owed(),
            fees: paid.charges + position.charges_due,
            days_overdue,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::id::{PaymentId, ResourceId};
    use crate::loan::debt::{Debt, Payment, PaymentKind};
    use crate::time::Date;

    fn transaction(paid: i64, on: Option<Date>) -> Installment {
        let created = Timestamp::end_of_business_date(date(2026, 1, 15));
        let row = ScheduledInstallment::published();
        let (rate, book) = (Rate::from_scaled(2_500_000), RateBook::sample());
        let paid_at = Timestamp::end_of_business_date(on.unwrap_or(date(2026, 2, 1)));
        let (id, amount) = (PaymentId::new(created, [4; 10]), Cents::new(paid));
        let payment = Payment { id, amount, paid_at, kind: PaymentKind::Installments };
        let debt = Debt::replayed(&[row], &[payment], Terms { monthly_rate: rate, book: &book });
        let id = InstallmentId::new(created, [1; 10]);
        let (partner, loan) = (PartnerId::new(created, [2; 10]), LoanId::new(created, [3; 10]));
        let opened = Installment::of_row(id, partner, loan, &row, rate, created);
        Installment { position: debt.positions[0].clone(), ..opened }
    }

    fn summary(transaction: &Installment, today: Date) -> InstallmentSummary {
        transaction.summary(Timestamp::end_of_business_date(today), &RateBook::sample())
    }

    #[test]
    fn an_unpaid_installment_is_pending_then_overdue_with_its_charges() {
        let unpaid = transaction(0, None);
        let before = summary(&unpaid, date(2026, 2, 18));
        assert_eq!((before.status, before.amount_due), (InstallmentStatus::Pending, Cents::new(97_487)));
        let after = summary(&unpaid, date(2026, 3, 2));
        assert_eq!((after.status, after.days_overdue), (InstallmentStatus::Overdue, 12));
        assert_eq!((after.amount_due, after.fees), (Cents::new(100_795), Cents::new(3_308)));
    }

    #[test]
    fn overdue_takes_precedence_over_partially_paid_and_a_paid_installment_is_never_late() {
        let part = transaction(50_000, None);
        assert_eq!(summary(&part, date(2026, 2, 18)).status, InstallmentStatus::PartiallyPaid);
        assert_eq!(summary(&part, date(2026, 2, 18)).amount_remaining, Cents::new(47_487));
        assert_eq!(summary(&part, date(2026, 2, 19)).status, InstallmentStatus::Overdue);
        let paid = transaction(97_487, Some(date(2026, 2, 15)));
        let long_after = summary(&paid, date(2027, 1, 1));
        assert_eq!((long_after.status, long_after.amount_remaining), (InstallmentStatus::Paid, Cents::ZERO));
    }
}
