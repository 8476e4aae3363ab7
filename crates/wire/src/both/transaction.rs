//! The installments of a loan. The partners' APIs call them transactions.

use domain::loan;
use domain::loan::rates::RateBook;
use domain::time;
use serde::Serialize;
use utoipa::ToSchema;

use super::scalar::{Date, Money, Timestamp};

/// Status of an installment. `pending`: not due yet, or due today. `paid`: paid in full. `overdue`: past due and not
/// paid in full. `partially_paid`: paid in part and not past due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TransactionStatus {
    /// Not due yet.
    Pending,
    /// Paid in full.
    Paid,
    /// Past due.
    Overdue,
    /// Paid in part.
    PartiallyPaid,
}

/// One installment of a loan, with the amounts owed and paid.
#[derive(Debug, Serialize, ToSchema)]
pub struct Transaction {
    /// Identifies the installment.
    #[schema(example = "tx_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The loan of the installment.
    loan_id: String,
    /// Always `installment`.
    #[schema(example = "installment")]
    r#type: &'static str,
    /// The due date in the contract. If it is not a banking day, payment on the next banking day is on time.
    due_date: Date,
    /// Status of the installment.
    status: TransactionStatus,
    /// The amount of the installment with its late charges as of now. Once it is paid: the amount that was paid.
    amount_due: Money,
    /// The amount paid.
    amount_paid: Money,
    /// The amount left to pay, as of now.
    amount_remaining: Money,
    /// The principal in the installment.
    principal: Money,
    /// The interest in the installment.
    interest: Money,
    /// The late charges, paid or not.
    fees: Money,
    /// Days since the last day without late charges. 0 while the installment is not late.
    days_overdue: u32,
    /// Time of the full payment. Null until then.
    #[schema(required)]
    paid_at: Option<Timestamp>,
    /// Time of the disbursement, which creates the installments.
    created_at: Timestamp,
    /// Time of the last change.
    updated_at: Timestamp,
}

impl Transaction {
    /// Renders an installment as of `now`.
    pub fn of(transaction: &loan::Installment, now: time::Timestamp, book: &RateBook) -> Self {
        let summary = transaction.summary(now, book);
        let status = match summary.status {
            loan::InstallmentStatus::Pending => TransactionStatus::Pending,
            loan::InstallmentStatus::Paid => TransactionStatus::Paid,
            loan::InstallmentStatus::Overdue => TransactionStatus::Overdue,
            loan::InstallmentStatus::PartiallyPaid => TransactionStatus::PartiallyPaid,
        };
        Self {
            id: transaction.id.to_string(),
            loan_id: transaction.loan.to_string(),
            r#type: "installment",
            due_date: Date(transaction.position.due),
            status,
            amount_due: Money(summary.amount_due),
            amount_paid: Money(summary.amount_paid),
            amount_remaining: Money(summary.amount_remaining),
            principal: Money(transaction.position.principal),
            interest: Money(transaction.position.interest),
            fees: Money(summary.fees),
            days_overdue: summary.days_overdue,
            paid_at: transaction.position.settled_at.map(Timestamp),
            created_at: Timestamp(transaction.created_at),
            updated_at: Timestamp(transaction.updated_at),
        }
    }
}
