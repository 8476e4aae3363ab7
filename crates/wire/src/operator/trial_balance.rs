//! The trial balance of a day, and the entries behind it.

use domain::trial_balance::{self, AccountDay};
use serde::Serialize;
use utoipa::ToSchema;

use super::ledger::{AccountAmount, LedgerAccount};
use crate::scalar::Date;
use crate::text_scalar::{Money, Timestamp};

/// An account on a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialBalanceAccount {
    /// The account.
    account: LedgerAccount,
    /// Its balance before the day: positive is a debit, negative is a credit.
    #[schema(value_type = String, pattern = r"^-?\d+\.\d{2}$", example = "-940.00")]
    opening: Money,
    /// Sum of the debits of the day.
    #[schema(example = "1200.00")]
    debit: Money,
    /// Sum of the credits of the day.
    #[schema(example = "260.00")]
    credit: Money,
    /// Its balance after the day: positive is a debit, negative is a credit.
    #[schema(value_type = String, pattern = r"^-?\d+\.\d{2}$", example = "0.00")]
    closing: Money,
    /// Number of the debits of the day.
    #[schema(minimum = 0, example = 3)]
    debits: i64,
    /// Number of the credits of the day.
    #[schema(minimum = 0, example = 1)]
    credits: i64,
}

impl From<&AccountDay> for TrialBalanceAccount {
    fn from(day: &AccountDay) -> Self {
        let moved = &day.moved;
        Self {
            account: day.account.into(),
            opening: Money(day.opening),
            debit: Money(moved.debit),
            credit: Money(moved.credit),
            closing: Money(day.closing()),
            debits: moved.debits,
            credits: moved.credits,
        }
    }
}

/// The trial balance of a business date.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialBalance {
    /// The business date in São Paulo. Partners with moved clocks count by their own dates.
    #[schema(example = "2026-11-27")]
    date: Date,
    /// The accounts that ever moved until this date.
    accounts: Vec<TrialBalanceAccount>,
    /// Whether the debits of the day equal its credits, and the debit balances equal the credit balances.
    #[schema(example = true)]
    balanced: bool,
    /// Number of sums that cannot be read. Their amounts are missing.
    #[schema(minimum = 0, example = 0)]
    unreadable: usize,
}

impl From<&trial_balance::TrialBalance> for TrialBalance {
    fn from(balance: &trial_balance::TrialBalance) -> Self {
        Self {
            date: Date(balance.day),
            accounts: balance.accounts.iter().map(TrialBalanceAccount::from).collect(),
            balanced: balance.is_balanced(),
            unreadable: balance.unreadable,
        }
    }
}

/// An entry of the journal, with its loan. Its postings sum to zero.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryOfDay {
    /// Identifier of the entry.
    #[schema(pattern = "^je_[0-9a-f]{32}$", example = "je_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub id: String,
    /// The partner of the loan.
    #[schema(pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub partner_id: String,
    /// The loan whose accounts the entry changes.
    #[schema(pattern = "^ln_[0-9a-f]{32}$", example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub loan_id: String,
    /// Number of the loan's contract; null if the loan cannot be read.
    #[schema(required, pattern = r"^CCB-\d{4}-\d{6,}$", example = "CCB-2026-001234")]
    pub ccb_number: Option<String>,
    /// Name under which the customer does business; null without a name.
    #[schema(required, example = "Padaria Exemplo")]
    pub customer_name: Option<String>,
    /// Cause of the entry: `disbursement`, `payment`, `reversal` or `write_off`.
    #[schema(pattern = "^(disbursement|payment|reversal|write_off)$", example = "payment")]
    pub cause: String,
    /// Id of the disbursed loan, or of the payment that was recorded or reversed.
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
}
