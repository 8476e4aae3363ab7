//! Loans as the lender sees them: all figures, signatures, and what people decide about them.

use domain::bank::Destination;
use domain::ledger::{self, Posting};
use domain::loan::rates::RateBook;
use domain::loan::{self, Failure, LoanState};
use domain::time;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::Item;
use crate::problem::Problem;
use crate::read::{self, Fields, text};
use crate::scalar::{Date, Percent};
use crate::text_scalar::{Money, Timestamp};

/// The names of the states that a list can be filtered by.
pub const STATES: [&str; 9] = [
    "processing",
    "contract_generated",
    "awaiting_signatures",
    "signed",
    "disbursing",
    "active",
    "finished",
    "cancelled",
    "error",
];

/// The status of a loan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LenderLoanStatus)]
#[serde(rename_all = "snake_case")]
pub enum LoanStatus {
    /// The contract is being made.
    Processing,
    /// The contract exists.
    ContractGenerated,
    /// Somebody still has to sign.
    AwaitingSignatures,
    /// Everybody has signed; the disbursement is to be ordered.
    Signed,
    /// The disbursement is ordered and not yet confirmed.
    Disbursing,
    /// The customer has the money and pays installments.
    Active,
    /// Everything is paid.
    Finished,
    /// Cancelled before the money was sent.
    Cancelled,
    /// The disbursement failed.
    Error,
}

impl From<&LoanState> for LoanStatus {
    fn from(state: &LoanState) -> Self {
        match state {
            LoanState::Processing => Self::Processing,
            LoanState::ContractGenerated => Self::ContractGenerated,
            LoanState::AwaitingSignatures(_) => Self::AwaitingSignatures,
            LoanState::Signed => Self::Signed,
            LoanState::Disbursing => Self::Disbursing,
            LoanState::Active { .. } => Self::Active,
            LoanState::Finished { .. } => Self::Finished,
            LoanState::Cancelled => Self::Cancelled,
            LoanState::Error(_) => Self::Error,
        }
    }
}

/// A loan with every figure of its contract.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LenderLoan)]
pub struct Loan {
    /// Identifier of the loan.
    #[schema(pattern = "^ln_[0-9a-f]{32}$", example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The partner through which the customer borrows.
    #[schema(pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    partner_id: String,
    /// The customer who borrows.
    #[schema(pattern = "^cust_[0-9a-f]{32}$", example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    customer_id: String,
    /// The credit offer that the loan accepted.
    #[schema(pattern = "^co_[0-9a-f]{32}$", example = "co_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    credit_offer_id: String,
    /// Status of the loan.
    status: LoanStatus,
    /// Why the loan failed; null unless its status is `error`.
    #[schema(required)]
    failure: Option<FailureShown>,
    /// Number of the contract (CCB); null until it is generated.
    #[schema(required, pattern = r"^CCB-\d{4}-\d{6,}$", example = "CCB-2026-001234")]
    ccb_number: Option<String>,
    /// The amount that the customer asked for.
    #[schema(example = "10000.00")]
    requested_amount: Money,
    /// The amount that is lent: requested, with the IOF and the fee if they are financed.
    #[schema(example = "10466.10")]
    principal: Money,
    /// The amount that the customer receives.
    #[schema(example = "10000.00")]
    net_amount: Money,
    /// The tax on the loan (IOF).
    #[schema(example = "116.10")]
    iof: Money,
    /// The service fee.
    #[schema(example = "350.00")]
    service_fee: Money,
    /// The sum of the interest over all installments.
    #[schema(example = "2530.62")]
    interest: Money,
    /// The sum of all installments.
    #[schema(example = "12996.72")]
    total_amount: Money,
    /// The amount that the customer pays each month.
    #[schema(example = "1083.06")]
    installment: Money,
    /// Number of installments.
    #[schema(minimum = 1, maximum = 1000, example = 12)]
    installments: u16,
    /// Monthly interest rate in percent.
    #[schema(example = 3.5)]
    interest_rate: Percent,
    /// Yearly interest rate in percent.
    #[schema(example = 51.11)]
    annual_rate: Percent,
    /// Yearly total effective cost (CET) in percent.
    #[schema(example = 63.97)]
    cet_annual: Percent,
    /// Due date of the first installment.
    #[schema(example = "2026-04-01")]
    first_due_date: Date,
    /// The people who must sign, and when each of them did.
    signers: Vec<SignerShown>,
    /// Until when all must have signed; afterwards the loan is cancelled.
    sign_by: Timestamp,
    /// Where the money is to be sent; null until the disbursement is ordered.
    #[schema(required)]
    destination: Option<PixDestination>,
    /// When the loan was created.
    created_at: Timestamp,
    /// When the loan last changed.
    updated_at: Timestamp,
}

/// Why a loan failed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LoanFailure)]
pub struct FailureShown {
    /// Code of the reason, for programs.
    #[schema(min_length = 1, max_length = 100, example = "disbursement_failed")]
    code: String,
    /// The reason in words, for people.
    #[schema(min_length = 1, max_length = 500, example = "O Pix foi devolvido pelo banco do cliente.")]
    message: String,
}

/// A person who must sign.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Signer)]
pub struct SignerShown {
    /// The person.
    #[schema(pattern = "^sub_[0-9a-f]{32}$", example = "sub_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    subject_id: String,
    /// Name of the person; null if it is not known.
    #[schema(required, example = "Ana Souza")]
    name: Option<String>,
    /// CPF of the person.
    #[schema(pattern = r"^\d{3}\.\d{3}\.\d{3}-\d{2}$", example = "123.456.789-09")]
    cpf: String,
    /// When the person signed; null until then.
    #[schema(required, example = "2026-03-01T15:04:05Z")]
    signed_at: Option<Timestamp>,
}

/// Where the money is to be sent.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PixDestination {
    /// A Pix key: the CNPJ of the company or the CPF of the person.
    PixKey {
        /// The CNPJ or CPF, punctuated.
        #[schema(example = "12.345.678/0001-95")]
        key: String,
    },
    /// A bank account, which receives a Pix by branch and number.
    Account {
        /// COMPE code of the bank.
        #[schema(pattern = r"^\d{3}$", example = "341")]
        bank: String,
        /// Branch, without its check digit.
        #[schema(pattern = r"^\d{4}$", example = "1234")]
        branch: String,
        /// Number of the account with its check digit.
        #[schema(pattern = r"^\d{1,20}-[0-9X]$", example = "123456-7")]
        account: String,
    },
}

impl From<&loan::Loan> for Loan {
    fn from(loan: &loan::Loan) -> Self {
        let quote = &loan.quote;
        let signer = |signer: &loan::Signer| SignerShown {
            subject_id: signer.subject.to_string(),
            name: signer.name.as_ref().map(ToString::to_string),
            cpf: signer.cpf.to_string(),
            signed_at: signer.signed_at.map(Timestamp),
        };
        Self {
            id: loan.id.to_string(),
            partner_id: loan.partner.to_string(),
            customer_id: loan.customer.to_string(),
            credit_offer_id: loan.offer.to_string(),
            status: (&loan.state).into(),
            failure: match &loan.state {
                LoanState::Error(Failure { code, message }) => {
                    Some(FailureShown { code: code.clone(), message: message.clone() })
                }
                _not_failed => None,
            },
            ccb_number: loan.ccb_number.map(|number| number.to_string()),
            requested_amount: Money(quote.requested),
            principal: Money(quote.principal),
            net_amount: Money(quote.net),
            iof: Money(quote.iof),
            service_fee: Money(quote.fee),
            interest: Money(quote.interest),
            total_amount: Money(quote.total),
            installment: Money(quote.installment),
            installments: quote.installments(),
            interest_rate: Percent(quote.monthly_rate),
            annual_rate: Percent(quote.annual_rate),
            cet_annual: Percent(quote.cet_annual),
            first_due_date: Date(quote.first_due()),
            signers: loan.signers.iter().map(signer).collect(),
            sign_by: Timestamp(loan.sign_by),
            destination: loan.destination.as_ref().map(destination),
            created_at: Timestamp(loan.created_at),
            updated_at: Timestamp(loan.updated_at),
        }
    }
}

fn destination(destination: &Destination) -> PixDestination {
    match destination {
        Destination::CompanyKey(cnpj) => PixDestination::PixKey { key: cnpj.to_string() },
        Destination::PersonKey(cpf) => PixDestination::PixKey { key: cpf.to_string() },
        Destination::Account(account) => PixDestination::Account {
            bank: account.bank_id.clone(),
            branch: account.branch.clone(),
            account: format!("{}-{}", account.number, account.digit),
        },
    }
}

/// Why a disbursement failed.
#[derive(Debug, Clone, ToSchema)]
pub struct FailDisbursement {
    /// Code of the reason, for programs. Absent: `disbursement_failed`.
    #[schema(
        value_type = Option<String>,
        required = false,
        example = "disbursement_failed",
        pattern = r"^[^\x00-\x1F\x7F-\x9F]+$",
        min_length = 1,
        max_length = 100
    )]
    pub code: String,
    /// The reason in words, for people.
    #[schema(
        example = "O Pix foi devolvido pelo banco do cliente.",
        pattern = r"^[^\x00-\x1F\x7F-\x9F]+$",
        min_length = 1,
        max_length = 500
    )]
    pub message: String,
}

impl FailDisbursement {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let code = fields.optional("code", text(100));
        let message = fields.required("message", text(500));
        fields.finish()?;
        Ok(Self {
            code: code.unwrap_or_else(|| "disbursement_failed".to_owned()),
            message: message.ok_or_else(read::unread)?,
        })
    }
}

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
    /// Whether it is paid or overdue.
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
    /// The late charges (fine and interest on arrears) in it.
    #[schema(example = "0.00")]
    late_charges: Money,
    /// The interest that an early payoff did not charge.
    #[schema(example = "0.00")]
    discount: Money,
    /// Days since its effective due date; 0 if it is not overdue.
    #[schema(minimum = 0, example = 0)]
    days_overdue: u32,
    /// When it was paid in full; null until then.
    #[schema(required, example = "2026-04-01T13:00:00Z")]
    paid_at: Option<Timestamp>,
}

impl Installment {
    /// An installment as of `now`.
    pub fn of(transaction: &loan::Installment, now: time::Timestamp, book: &RateBook) -> Self {
        let (standing, position) = (transaction.standing(now, book), &transaction.position);
        Self {
            id: transaction.id.to_string(),
            number: position.number,
            due_date: Date(position.due),
            status: standing.status.into(),
            amount_due: Money(standing.amount_due),
            amount_paid: Money(standing.amount_paid),
            amount_remaining: Money(standing.amount_remaining),
            principal: Money(position.principal),
            interest: Money(position.interest),
            late_charges: Money(standing.fees),
            discount: Money(position.paid.discount),
            days_overdue: standing.days_overdue,
            paid_at: position.settled_at.map(Timestamp),
        }
    }
}

/// An account of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LedgerAccount {
    /// Principal that customers owe.
    PrincipalReceivable,
    /// Interest that customers owe.
    InterestReceivable,
    /// Late charges that customers owe.
    LateChargesReceivable,
    /// Tax that is to be paid on.
    IofPayable,
    /// Service fees earned.
    FeeIncome,
    /// Interest earned.
    InterestIncome,
    /// Late charges earned.
    LateChargesIncome,
    /// Interest not charged because of early payoffs.
    DiscountsGiven,
    /// Money to return to customers.
    CustomerCredit,
    /// Money at the bank.
    Cash,
}

impl From<ledger::LedgerAccount> for LedgerAccount {
    fn from(account: ledger::LedgerAccount) -> Self {
        match account {
            ledger::LedgerAccount::PrincipalReceivable => Self::PrincipalReceivable,
            ledger::LedgerAccount::InterestReceivable => Self::InterestReceivable,
            ledger::LedgerAccount::LateChargesReceivable => Self::LateChargesReceivable,
            ledger::LedgerAccount::IofPayable => Self::IofPayable,
            ledger::LedgerAccount::FeeIncome => Self::FeeIncome,
            ledger::LedgerAccount::InterestIncome => Self::InterestIncome,
            ledger::LedgerAccount::LateChargesIncome => Self::LateChargesIncome,
            ledger::LedgerAccount::DiscountsGiven => Self::DiscountsGiven,
            ledger::LedgerAccount::CustomerCredit => Self::CustomerCredit,
            ledger::LedgerAccount::Cash => Self::Cash,
        }
    }
}

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
    /// What moved the money: `disbursement`, `payment` or `reversal`.
    #[schema(pattern = "^(disbursement|payment|reversal)$", example = "payment")]
    pub cause: String,
    /// The loan of a disbursement, or the payment that was recorded or reversed.
    #[schema(pattern = "^(ln|pay)_[0-9a-f]{32}$", example = "pay_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub subject_id: String,
    /// Who moved the money: the id of an operator, or `sandbox` for the sandbox itself.
    #[schema(
        pattern = "^(op_[0-9a-f]{32}|policy|sandbox)$",
        example = "op_0190f3b4c5d67e8f90a1b2c3d4e5f607"
    )]
    pub actor: String,
    /// When the entry was made.
    pub entered_at: Timestamp,
    /// The amounts that it moves, one for each account.
    pub postings: Vec<AccountAmount>,
}

/// The direction of a loan's journal.
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
