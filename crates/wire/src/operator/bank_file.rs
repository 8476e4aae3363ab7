//! Files with orders for the bank, and the bank's answers.

use domain::bank_file::{self, BankLine, BankOutcome, FileFormat};
use domain::id::LoanId;
use domain::loan::LoanStateKind;
use domain::money::Cents;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::loan::LoanStatus;
use super::word::word;
use crate::problem::Problem;
use crate::read::{Fields, Wrong, string};
use crate::text_scalar::{Money, Timestamp};

/// Longest answer of a bank, in characters.
const LONGEST: usize = 200_000;

word!(
    /// Format of a file for the bank.
    pub BankFileFormat of FileFormat
);

/// A file to make.
#[derive(Debug, ToSchema)]
pub struct MakeBankFile {
    /// Format of the file.
    #[schema(value_type = BankFileFormat, example = "csv")]
    pub format: FileFormat,
}

impl MakeBankFile {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let format = fields.required("format", |value| {
            string(value)?.parse::<FileFormat>().map_err(|_| Wrong::format("must be csv or cnab240"))
        });
        fields.all(format).map(|format| Self { format })
    }
}

/// A file with orders of disbursements. Each order is in one file only.
#[derive(Debug, Serialize, ToSchema)]
pub struct BankFile {
    /// Identifier of the file.
    #[schema(pattern = "^bf_[0-9a-f]{32}$", example = "bf_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// Number of the file, counted from 1.
    #[schema(minimum = 1, example = 7)]
    number: i64,
    /// Format of the file.
    format: BankFileFormat,
    /// Number of its orders.
    #[schema(minimum = 1, maximum = 500, example = 12)]
    orders: i64,
    /// Sum of its orders.
    #[schema(example = "120000.00")]
    amount: Money,
    /// The operator who made it.
    #[schema(pattern = "^op_[0-9a-f]{32}$", example = "op_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    made_by: String,
    /// Time of its making.
    made_at: Timestamp,
}

impl From<&bank_file::BankFile> for BankFile {
    fn from(file: &bank_file::BankFile) -> Self {
        Self {
            id: file.id.to_string(),
            number: file.number,
            format: file.format.into(),
            orders: file.orders,
            amount: Money(file.amount),
            made_by: file.made_by.to_string(),
            made_at: Timestamp::real(file.made_at),
        }
    }
}

/// An answer of the bank.
#[derive(Debug, ToSchema)]
pub struct ReadBankAnswer {
    /// Content of the bank's file: CSV with the header `contract,amount,outcome,reason`, or CNAB 240.
    #[schema(
        min_length = 1,
        max_length = 200_000,
        // A file has several lines.
        pattern = r"^[\s\S]+$",
        example = "contract,amount,outcome,reason\nCCB-2026-001234,10000.00,paid,\n"
    )]
    pub content: String,
}

impl ReadBankAnswer {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let content = fields.required("content", |value| {
            let content = string(value)?;
            let fits = (1..=LONGEST).contains(&content.chars().count());
            if fits { Ok(content.to_owned()) } else { Err(Wrong::format("must have 1 to 200000 characters")) }
        });
        fields.all(content).map(|content| Self { content })
    }
}

/// The bank's answer to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BankAnswerOutcome {
    /// The customer has the money.
    Paid,
    /// The money came back.
    Returned,
    /// The bank has not paid yet.
    Pending,
}

/// The effect of a line of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BankLineEffect {
    /// It confirms the disbursement.
    Confirms,
    /// It records the return.
    Returns,
    /// Nothing: it was done before.
    Done,
    /// Nothing: the bank has not paid yet.
    Pending,
    /// Nothing: no loan has this contract.
    UnknownContract,
    /// Nothing: the amount differs from the order's.
    OtherAmount,
    /// Nothing: the loan waits for no answer.
    NotOrdered,
    /// Nothing: it answers an order before, which the bank returned. A newer order has taken its place.
    Superseded,
    /// Nothing: a line before names the same order.
    Repeated,
}

/// A line of an answer with its effect.
#[derive(Debug, Serialize, ToSchema)]
pub struct BankAnswerLine {
    /// Line in the file, counted from 1.
    #[schema(minimum = 1, example = 2)]
    line: usize,
    /// Contract of the order.
    #[schema(pattern = r"^CCB-\d{4}-\d{6,}$", example = "CCB-2026-001234")]
    contract: String,
    /// The attempt that it answers, counted from 1: the number after the contract in the name of the order.
    #[schema(minimum = 1, example = 1)]
    attempt: u32,
    /// Amount in the answer.
    #[schema(example = "10000.00")]
    amount: Money,
    /// The bank's answer.
    outcome: BankAnswerOutcome,
    /// Reason of the return; null for other outcomes.
    #[schema(required, example = "Conta encerrada")]
    reason: Option<String>,
    /// The loan; null if no loan has the contract.
    #[schema(required, pattern = "^ln_[0-9a-f]{32}$", example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    loan_id: Option<String>,
    /// The effect of the line.
    effect: BankLineEffect,
    /// Amount of the order, if it differs; null otherwise.
    #[schema(required, example = "10000.00")]
    ordered_amount: Option<Money>,
    /// Status of a loan that waits for no answer; null otherwise.
    #[schema(required)]
    status: Option<LoanStatus>,
}

/// A line's effect and what explains it.
#[derive(Debug, Clone, Copy)]
pub struct Effect {
    /// The loan.
    pub loan: Option<LoanId>,
    /// The effect.
    pub effect: BankLineEffect,
    /// The amount of the order, if it differs.
    pub ordered: Option<Cents>,
    /// The state of a loan that waits for no answer.
    pub state: Option<LoanStateKind>,
}

impl BankAnswerLine {
    /// Renders a line with its effect.
    pub fn of(line: &BankLine, effect: Effect) -> Self {
        let (outcome, reason) = match &line.outcome {
            BankOutcome::Paid => (BankAnswerOutcome::Paid, None),
            BankOutcome::Returned { reason } => (BankAnswerOutcome::Returned, Some(reason.clone())),
            BankOutcome::Pending => (BankAnswerOutcome::Pending, None),
        };
        Self {
            line: line.line,
            contract: line.name.contract.to_string(),
            attempt: line.name.attempt,
            amount: Money(line.amount),
            outcome,
            reason,
            loan_id: effect.loan.map(|loan| loan.to_string()),
            effect: effect.effect,
            ordered_amount: effect.ordered.map(Money),
            status: effect.state.map(Into::into),
        }
    }
}

/// The lines of a bank's answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct BankAnswer {
    /// Every line, in the order of the file.
    pub data: Vec<BankAnswerLine>,
}
