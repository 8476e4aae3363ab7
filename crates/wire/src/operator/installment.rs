//! The installments of a loan.

use domain::loan;
use domain::loan::rates::RateBook;
use domain::time;
use serde::Serialize;
use utoipa::ToSchema;

use crate::scalar::Date;
use crate::text_scalar::{Money, Timestamp};

/// The status of an installment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InstallmentStatus {
    /// Not due yet, nothing paid.
    Pending,
    /// Paid in full.
    Paid,
    /// Its due date has passed, and something is left to pay.
    Overdue,
    /// Not due yet, and a part is paid.
    PartiallyPaid,
}

impl From<loan::InstallmentStatus> for InstallmentStatus {
    fn from(status: loan::InstallmentStatus) -> Self {
        match status {
            loan::InstallmentStatus::Pending => Self::Pending,
            loan::InstallmentStatus::Paid => Self::Paid,
            loan::InstallmentStatus::Overdue => Self::Overdue,
            loan::InstallmentStatus::PartiallyPaid => Self::PartiallyPaid,
        }
    }
}

/// An installment as of now.
#[derive(Debug, Serialize, ToSchema)]
pub struct Installment {
    /// Identifier of the installment, the same as in the partner's API.
    #[schema(pattern = "^tx_[0-9a-f]{32}$", example = "tx_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// Number of the installment, counted from 1.
    #[schema(minimum = 1, example = 1)]
    number: u16,
    /// The due date that the contract names.
    #[schema(example = "2026-04-01")]
    due_date: Date,
    /// Status of the installment.
    status: InstallmentStatus,
    /// The amount of the installment, late charges included.
    #[schema(example = "1083.06")]
    amount_due: Money,
    /// The amount that has been paid of it.
    #[schema(example = "0.00")]
    amount_paid: Money,
    /// The amount left to pay.
    #[schema(example = "1083.06")]
    amount_remaining: Money,
    /// The principal in it.
    #[schema(example = "716.75")]
    principal: Money,
    /// The interest in it.
    #[schema(example = "366.31")]
    interest: Money,
    /// The late charges (fine and default interest) in it.
    #[schema(example = "0.00")]
    late_charges: Money,
    /// The interest that an early payoff did not charge.
    #[schema(example = "0.00")]
    discount: Money,
    /// Days since its effective due date; 0 if it is not overdue.
    #[schema(minimum = 0, example = 0)]
    days_overdue: u32,
    /// Time of the full payment; null until then.
    #[schema(required, example = "2026-04-01T13:00:00Z")]
    paid_at: Option<Timestamp>,
}

impl Installment {
    /// Renders an installment as of `now`.
    pub fn of(transaction: &loan::Installment, now: time::Timestamp, book: &RateBook) -> Self {
        let (summary, position) = (transaction.summary(now, book), &transaction.position);
        Self {
            id: transaction.id.to_string(),
            number: position.number,
            due_date: Date(position.due),
            status: summary.status.into(),
            amount_due: Money(summary.amount_due),
            amount_paid: Money(summary.amount_paid),
            amount_remaining: Money(summary.amount_remaining),
            principal: Money(position.principal),
            interest: Money(position.interest),
            late_charges: Money(summary.fees),
            discount: Money(position.paid.discount),
            days_overdue: summary.days_overdue,
            paid_at: position.settled_at.map(Timestamp),
        }
    }
}
