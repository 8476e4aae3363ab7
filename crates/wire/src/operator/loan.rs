//! Loans as the lender sees them: all figures, signatures, and what people decide about them.

use domain::bank::Destination;
use domain::ledger::Posting;
use domain::loan::rates::RateBook;
use domain::loan::{self, Failure, LoanState, TransactionStatus};
use domain::time;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

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

/// A loan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LenderLoan)]
pub struct Loan {
    /// Its id.
    #[schema(example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The partner.
    partner_id: String,
    /// Who borrows.
    customer_id: String,
    /// The offer it took.
    credit_offer_id: String,
    /// Where it stands.
    #[schema(example = "signed")]
    status: &'static str,
    /// Why it failed, where it did.
    #[schema(required)]
    failure: Option<FailureShown>,
    /// The contract's number.
    #[schema(required, example = "CCB-2026-001234")]
    ccb_number: Option<String>,
    /// The amount requested.
    requested_amount: Money,
    /// What is lent.
    principal: Money,
    /// What the customer receives.
    net_amount: Money,
    /// The tax.
    iof: Money,
    /// The service fee.
    service_fee: Money,
    /// The sum of the interest.
    interest: Money,
    /// The sum of the installments.
    total_amount: Money,
    /// What the customer pays each month.
    installment: Money,
    /// The number of installments.
    installments: u16,
    /// The monthly rate in percent.
    interest_rate: Percent,
    /// The yearly rate in percent.
    annual_rate: Percent,
    /// The yearly total effective cost in percent.
    cet_annual: Percent,
    /// The first due date.
    first_due_date: Date,
    /// Who must sign, and when they did.
    signers: Vec<SignerShown>,
    /// When an unsigned loan is cancelled.
    sign_by: Timestamp,
    /// Where the money goes, from the order to disburse on.
    #[schema(required)]
    destination: Option<PixDestination>,
    /// When it was asked for.
    created_at: Timestamp,
    /// When it last changed.
    updated_at: Timestamp,
}

/// Why a loan failed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LoanFailure)]
pub struct FailureShown {
    /// For programs.
    #[schema(example = "disbursement_failed")]
    code: String,
    /// For people.
    message: String,
}

/// A signer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Signer)]
pub struct SignerShown {
    /// The person.
    subject_id: String,
    /// The person's name.
    #[schema(required)]
    name: Option<String>,
    /// The person's tax number.
    cpf: String,
    /// When they signed.
    #[schema(required)]
    signed_at: Option<Timestamp>,
}

/// Where the money goes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PixDestination {
    /// To a Pix key: the tax number of company or person.
    PixKey {
        /// The key.
        key: String,
    },
    /// To an account by branch and number.
    Account {
        /// The bank's COMPE code.
        bank: String,
        /// The branch.
        branch: String,
        /// The account's number with its digit.
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
            status: loan.state.name(),
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

/// The body of `POST /operator/v1/loans/{id}/disbursement/fail`.
#[derive(Debug, Clone, ToSchema)]
pub struct FailDisbursement {
    /// For programs; absent: `disbursement_failed`.
    #[schema(required = false, example = "disbursement_failed", max_length = 100)]
    pub code: String,
    /// For people.
    #[schema(example = "O Pix foi devolvido pelo banco do cliente.", max_length = 500)]
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

/// An installment as it stands today.
#[derive(Debug, Serialize, ToSchema)]
pub struct Installment {
    /// Its id, as the partner sees it.
    id: String,
    /// Counted from 1.
    number: u16,
    /// The nominal due date.
    due_date: Date,
    /// `pending`, `paid`, `overdue` or `partially_paid`.
    #[schema(example = "pending")]
    status: &'static str,
    /// With its late charges as of now.
    amount_due: Money,
    /// What has been paid of it.
    amount_paid: Money,
    /// What is left to pay.
    amount_remaining: Money,
    /// The principal in it.
    principal: Money,
    /// The interest in it.
    interest: Money,
    /// The late charges in it.
    late_charges: Money,
    /// What an early payoff let off.
    discount: Money,
    /// Days past its effective due date.
    days_overdue: u32,
    /// When it was paid in full.
    #[schema(required)]
    paid_at: Option<Timestamp>,
}

impl Installment {
    /// An installment as of `now`.
    pub fn of(transaction: &loan::Transaction, now: time::Timestamp, book: &RateBook) -> Self {
        let (standing, position) = (transaction.standing(now, book), &transaction.position);
        Self {
            id: transaction.id.to_string(),
            number: position.number,
            due_date: Date(position.due),
            status: status_name(standing.status),
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

/// An amount on an account of the ledger: a debit, or a credit where it is negative.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountAmount {
    /// The account.
    #[schema(example = "principal_receivable")]
    account: &'static str,
    /// The amount.
    #[schema(value_type = String, example = "-940.00")]
    amount: Money,
}

impl From<&Posting> for AccountAmount {
    fn from(posting: &Posting) -> Self {
        Self { account: posting.account.name(), amount: Money(posting.amount) }
    }
}

/// An entry of the journal; its postings sum to zero.
#[derive(Debug, Serialize, ToSchema)]
pub struct JournalEntry {
    /// Its id.
    #[schema(example = "je_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub id: String,
    /// `disbursement`, `payment` or `reversal`.
    #[schema(example = "payment")]
    pub cause: String,
    /// What it happened to: the id of the loan or the payment.
    pub subject_id: String,
    /// Who made it happen: an operator's id or `sandbox`.
    pub actor: String,
    /// When it was entered.
    pub entered_at: Timestamp,
    /// What it moves.
    pub postings: Vec<AccountAmount>,
}

/// A page of a loan's journal, with what each account holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ledger {
    /// What each account holds, over all entries.
    pub balances: Vec<AccountAmount>,
    /// The entries.
    pub data: Vec<JournalEntry>,
    /// Whether more follow the last one.
    pub has_more: bool,
}

/// An installment's status as it travels.
pub(super) const fn status_name(status: TransactionStatus) -> &'static str {
    match status {
        TransactionStatus::Pending => "pending",
        TransactionStatus::Paid => "paid",
        TransactionStatus::Overdue => "overdue",
        TransactionStatus::PartiallyPaid => "partially_paid",
    }
}
