//! The ledger of a loan: balances and the journal.

use domain::ledger::{self, Posting};
use serde::Serialize;
use utoipa::ToSchema;

use super::Item;
use super::word::word;
use crate::text_scalar::{Money, Timestamp};

word!(
    /// An account of the ledger.
    pub LedgerAccount of ledger::LedgerAccount, in [
        "principal_receivable", "interest_receivable", "late_charges_receivable", "iof_payable", "fee_income",
        "interest_income", "late_charges_income", "discounts_given", "customer_credit", "cash",
        "written_off", "losses", "recovery_income",
    ]
);

/// An amount on an account of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountAmount {
    /// The account.
    account: LedgerAccount,
    /// The amount in BRL: positive is a debit, negative is a credit.
    #[schema(value_type = String, pattern = r"^-?\d+\.\d{2}$", example = "-940.00")]
    amount: Money,
}

impl From<&Posting> for AccountAmount {
    fn from(posting: &Posting) -> Self {
        Self { account: posting.account.into(), amount: Money(posting.amount) }
    }
}

/// An entry of the journal. Its postings sum to zero.
#[derive(Debug, Serialize, ToSchema)]
pub struct JournalEntry {
    /// Identifier of the entry.
    #[schema(pattern = "^je_[0-9a-f]{32}$", example = "je_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub id: String,
    /// Cause of the entry: `disbursement`, `payment`, `reversal` or `write_off`.
    #[schema(pattern = "^(disbursement|payment|reversal|write_off)$", example = "payment")]
    pub cause: String,
    /// Id of the loan that was disbursed or written off, or of the payment that was recorded or reversed.
    #[schema(pattern = "^(ln|pay)_[0-9a-f]{32}$", example = "pay_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub subject_id: String,
    /// Actor of the entry: the id of an operator, or `sandbox` for the sandbox itself.
    #[schema(
        pattern = "^(op_[0-9a-f]{32}|policy|sandbox)$",
        example = "op_0190f3b4c5d67e8f90a1b2c3d4e5f607"
    )]
    pub actor: String,
    /// Time of the entry.
    pub entered_at: Timestamp,
    /// The amounts that the entry moves, one for each account.
    pub postings: Vec<AccountAmount>,
    /// The principal that the loan owes after the entry.
    #[schema(example = "9120.35")]
    pub principal_after: Money,
}

/// The order of a loan's journal.
#[derive(Debug, Clone, Copy, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LedgerOrder {
    /// The oldest entry first.
    Asc,
    /// The newest entry first.
    Desc,
}

/// A page of a loan's journal, with the balance of each account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ledger {
    /// The balance of each account over all entries, not only those of this page.
    pub balances: Vec<AccountAmount>,
    /// The entries of this page.
    pub data: Vec<Item<JournalEntry>>,
    /// Whether more entries follow the last one of this page.
    #[schema(example = false)]
    pub has_more: bool,
}
