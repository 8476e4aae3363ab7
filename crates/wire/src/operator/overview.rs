//! The lender's day on one page.

use serde::Serialize;
use utoipa::ToSchema;

use super::queue::QueueName;
use super::word::word;
use crate::text_scalar::{Money, Timestamp};

/// The lender's day, as far as the operator may see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Overview {
    /// Today's money; null without the permissions `ledger.read` and `loans.read`.
    #[schema(required)]
    pub money: Option<MoneyToday>,
    /// The faults that wait for a person.
    pub trouble: Trouble,
    /// The arrivals and departures of each queue by hour. Overdue loans have none.
    pub movements: Vec<Movement>,
    /// The newest arrivals and departures, newest first, at most twelve.
    pub newest: Vec<Move>,
}

/// A number of movements and their amount.
#[derive(Debug, Serialize, ToSchema)]
pub struct MoneySum {
    /// The number.
    #[schema(minimum = 0, example = 4)]
    pub count: i64,
    /// The amount.
    pub amount: Money,
}

/// Today's money, by the date in São Paulo.
#[derive(Debug, Serialize, ToSchema)]
pub struct MoneyToday {
    /// The recorded payments, also those that were reversed later.
    pub received: MoneySum,
    /// The confirmed disbursements.
    pub out: MoneySum,
    /// The signed loans whose disbursement is not ordered yet.
    pub to_order: MoneySum,
    /// The ordered disbursements that are not confirmed yet.
    pub at_bank: MoneySum,
    /// The unpaid principal and interest that are due today.
    pub due: Money,
}

/// The faults that wait for a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct Trouble {
    /// The returned disbursements that wait the longest, at most three.
    pub returned: Vec<ReturnedDisbursement>,
    /// Number of returned disbursements.
    #[schema(minimum = 0, example = 1)]
    pub returned_count: i64,
    /// Number of e-mails that were given up.
    #[schema(minimum = 0, example = 2)]
    pub failed_mails: i64,
    /// The partners whose webhook endpoints fail, the longest failing one first, at most twenty.
    pub failing_partners: Vec<FailingPartner>,
    /// Rows of the database that lists of this server could not read within the last day, at most twenty.
    pub unreadable_rows: Vec<UnreadableRow>,
    /// Number of unreadable rows.
    #[schema(minimum = 0, example = 1)]
    pub unreadable_count: usize,
}

/// A row of the database that cannot be read. `dinie verify` reads every row and says why.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnreadableRow {
    /// The table.
    #[schema(example = "loans")]
    pub table: &'static str,
    /// The row's id, as far as it can be read.
    #[schema(example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub id: String,
}

/// A disbursement that the bank returned.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReturnedDisbursement {
    /// The id of the loan.
    #[schema(pattern = "^ln_[0-9a-f]{32}$", example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub loan_id: String,
    /// Name under which the customer does business; null without a name.
    #[schema(required, example = "Padaria Exemplo")]
    pub customer_name: Option<String>,
    /// The amount.
    #[schema(required)]
    pub amount: Option<Money>,
    /// Time since which it waits.
    pub since: Timestamp,
}

/// A partner whose webhook endpoints fail.
#[derive(Debug, Serialize, ToSchema)]
pub struct FailingPartner {
    /// The partner.
    #[schema(pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub partner_id: String,
    /// Name of the partner.
    #[schema(example = "Mercado Exemplo")]
    pub name: String,
    /// Number of its failing endpoints.
    #[schema(minimum = 1, example = 1)]
    pub endpoints: i64,
    /// Time since which the first of them fails.
    pub since: Timestamp,
}

/// The arrivals and departures of a queue in each of the last eight hours, the oldest first. The last hour is not over.
#[derive(Debug, Serialize, ToSchema)]
pub struct Movement {
    /// Name of the queue.
    pub queue: QueueName,
    /// Cases that arrived.
    #[schema(value_type = Vec<i64>, min_items = 8, max_items = 8, example = json!([0, 1, 4, 2, 0, 0, 3, 1]))]
    pub arrived: [i64; 8],
    /// Cases that left.
    #[schema(value_type = Vec<i64>, min_items = 8, max_items = 8, example = json!([0, 0, 2, 3, 1, 0, 0, 2]))]
    pub left: [i64; 8],
}

word!(
    /// Direction of a movement.
    pub MoveDirection of Direction
);

/// Whether a case arrived in a queue or left it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// It arrived.
    Arrived,
    /// It left.
    Left,
}

domain::spelled!(Direction { Arrived = "arrived", Left = "left" });

/// A case that arrived in a queue, or left it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Move {
    /// Name of the queue.
    pub queue: QueueName,
    /// Whether it arrived or left.
    pub direction: MoveDirection,
    /// Id of the subject: a customer, a loan, a proposal or an e-mail.
    #[schema(example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub subject_id: String,
    /// Name under which the customer does business; null without a customer or without a name.
    #[schema(required, example = "Padaria Exemplo")]
    pub customer_name: Option<String>,
    /// Amount that the case is about; null without one.
    #[schema(required)]
    pub amount: Option<Money>,
    /// Time of the movement.
    pub at: Timestamp,
}
