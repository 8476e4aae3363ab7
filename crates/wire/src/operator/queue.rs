//! The queues of operators' work, and their cases.

pub use domain::queue::Who;
use domain::queue::{Bucket, CaseKind, Queue};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::word::word;
use crate::problem::Problem;
use crate::read::{Fields, Wrong, string};
use crate::text_scalar::{Money, Timestamp};

/// An assignment of a case.
#[derive(Debug, ToSchema)]
pub struct AssignCase {
    /// Who takes the case: `me`, the id of an operator, or `nobody`, which releases it.
    #[schema(value_type = String, pattern = "^(me|nobody|op_[0-9a-f]{32})$", example = "me")]
    pub assignee: Who,
    /// Who has the case, as far as the caller knows. If somebody else has it, the case stays as it is. Without this, the
    /// case changes hands in any case.
    #[schema(
        value_type = Option<String>,
        required = false,
        nullable = false,
        pattern = "^(me|nobody|op_[0-9a-f]{32})$",
        example = "nobody"
    )]
    pub expected_assignee: Option<Who>,
}

impl AssignCase {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let who = |value: &Value| string(value)?.parse().map_err(|_| Wrong::format(Who::WRONG));
        let expected_assignee = fields.optional("expected_assignee", who);
        let assignee = fields.required("assignee", who);
        fields.all(assignee.map(|assignee| Self { assignee, expected_assignee }))
    }
}

/// The others who look at a case.
#[derive(Debug, Serialize, ToSchema)]
pub struct Lookers {
    /// The other operators who have it open now.
    pub looking: Vec<CaseOperator>,
    /// Seconds after which the caller's own mark ends. Call again before that while the case is open.
    #[schema(minimum = 1, example = 30)]
    pub mark_s: u64,
}

word!(
    /// Name of a queue.
    pub QueueName of Queue
);

word!(
    /// Days since the effective due date of a loan's oldest unpaid installment.
    pub DaysOverdue of Bucket
);

word!(
    /// Kind of resource that waits in a queue.
    pub SubjectType of CaseKind
);

/// Every queue that the operator may see.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueList {
    /// The queues, in the order of a loan's life.
    pub data: Vec<QueueFigures>,
}

/// What waits in a queue.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueFigures {
    /// Name of the queue.
    pub queue: QueueName,
    /// Number of cases.
    #[schema(minimum = 0, example = 12)]
    pub waiting: i64,
    /// Number of cases that the calling operator has taken.
    #[schema(minimum = 0, example = 3)]
    pub mine: i64,
    /// Time since which the oldest case waits; null if none waits.
    #[schema(required, example = "2026-11-25T12:00:00Z")]
    pub oldest_since: Option<Timestamp>,
    /// Longest time in seconds that a case should wait; null for overdue loans, which wait for their borrowers.
    #[schema(required, minimum = 0, example = 14400)]
    pub service_level_s: Option<u64>,
    /// Number of cases that wait longer than that.
    #[schema(minimum = 0, example = 1)]
    pub late: i64,
    /// Overdue loans by their days overdue; null for other queues.
    #[schema(required)]
    pub buckets: Option<Vec<OverdueBucket>>,
}

/// Overdue loans with about the same days overdue.
#[derive(Debug, Serialize, ToSchema)]
pub struct OverdueBucket {
    /// The range of days.
    pub days: DaysOverdue,
    /// Number of loans.
    #[schema(minimum = 0, example = 4)]
    pub loans: i64,
    /// Unpaid principal and interest of their overdue installments, without late charges.
    pub amount: Money,
}

/// A subject that waits in a queue.
#[derive(Debug, Serialize, ToSchema)]
pub struct Case {
    /// Id of the subject: a customer, a loan, a proposal or an e-mail.
    #[schema(example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub subject_id: String,
    /// Kind of the subject.
    #[serde(rename = "type")]
    pub kind: SubjectType,
    /// Partner of the subject; null for a proposal about the lender's own operators.
    #[schema(required, pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub partner_id: Option<String>,
    /// The customer; null for an e-mail or an operator.
    #[schema(required, pattern = "^cust_[0-9a-f]{32}$", example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub customer_id: Option<String>,
    /// Name under which the customer does business; null without a customer or without a name.
    #[schema(required, example = "Padaria Exemplo")]
    pub customer_name: Option<String>,
    /// Amount that the case is about: the money to pay out, what a proposal moves, or the overdue principal and interest
    /// without late charges. Null for a customer or an e-mail.
    #[schema(required)]
    pub amount: Option<Money>,
    /// Time since which it waits.
    pub since: Timestamp,
    /// Whole days until a contract can no longer be signed; null in other queues.
    #[schema(required, minimum = 0, example = 5)]
    pub days_left: Option<u32>,
    /// Days past the effective due date of a loan's oldest unpaid installment; null in other queues.
    #[schema(required, minimum = 1, example = 12)]
    pub days_overdue: Option<u32>,
    /// The operator who has taken the case; null if nobody has.
    #[schema(required)]
    pub assignee: Option<CaseOperator>,
    /// The other operators who have it open now.
    pub looking: Vec<CaseOperator>,
    /// Place of the case in its queue, for `starting_after`.
    #[schema(example = "1793491200000000_ln_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub place: String,
}

/// An operator who has taken a case or looks at it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseOperator {
    /// Identifier of the operator.
    #[schema(pattern = "^op_[0-9a-f]{32}$", example = "op_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub id: String,
    /// Name of the operator.
    #[schema(example = "Ana Souza")]
    pub name: String,
}
