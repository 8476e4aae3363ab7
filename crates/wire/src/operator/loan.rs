//! Loans in the lender's view: all figures, signatures and people's decisions.

use domain::bank::Destination;
use domain::loan::{self, Failure, LoanState, LoanStateKind};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::word::word;
use crate::problem::Problem;
use crate::read::{Fields, text};
use crate::scalar::{Date, Percent};
use crate::text_scalar::{Money, Timestamp};

word!(
    /// The status of a loan.
    pub LoanStatus of LoanStateKind, as LenderLoanStatus
);

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
    /// Reason of the failure; null unless the status is `error`.
    #[schema(required)]
    failure: Option<FailureShown>,
    /// Number of the contract (CCB); null until it is generated.
    #[schema(required, pattern = r"^CCB-\d{4}-\d{6,}$", example = "CCB-2026-001234")]
    ccb_number: Option<String>,
    /// The amount that the customer asked for.
    #[schema(example = "10000.00")]
    requested_amount: Money,
    /// The amount that is lent: the requested amount, with the IOF and the fee if they are financed.
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
    /// The people who must sign, each with the time of the signature.
    signers: Vec<SignerShown>,
    /// Deadline of all signatures; afterwards the loan is cancelled.
    sign_by: Timestamp,
    /// Destination of the money; null until the first signature.
    #[schema(required)]
    destination: Option<PixDestination>,
    /// Number of disbursement orders so far. A disbursement that the bank returned can be ordered again.
    #[schema(minimum = 0, example = 1)]
    disbursement_attempts: u32,
    /// The write-off: the unpaid principal that became a loss. Null if the loan was not written off.
    #[schema(required)]
    write_off: Option<WriteOffShown>,
    /// Time of the creation.
    created_at: Timestamp,
    /// Time of the last change.
    updated_at: Timestamp,
}

/// The write-off of a loan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LoanWriteOff)]
pub struct WriteOffShown {
    /// Time of the write-off.
    at: Timestamp,
    /// The unpaid principal at that time.
    #[schema(example = "9120.35")]
    amount: Money,
    /// The reason, in words.
    #[schema(min_length = 1, max_length = 500, example = "Empresa encerrada, sem bens.")]
    reason: String,
}

/// Reason why a loan failed.
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
    /// Time of the signature; null until then.
    #[schema(required, example = "2026-03-01T15:04:05Z")]
    signed_at: Option<Timestamp>,
}

/// Destination of a loan's money.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PixDestination {
    /// A Pix key: the CNPJ of the company or the CPF of the person.
    PixKey {
        /// The CNPJ or CPF, punctuated.
        #[schema(example = "12.345.678/0001-95")]
        key: String,
    },
    /// A bank account. A Pix reaches it by branch and number.
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
            status: loan.state.kind().into(),
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
            disbursement_attempts: loan.attempts(),
            write_off: loan.write_off.as_ref().map(|write_off| WriteOffShown {
                at: Timestamp(write_off.at),
                amount: Money(write_off.amount),
                reason: write_off.reason.clone(),
            }),
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

/// Reason why a disbursement failed.
#[derive(Debug, Clone, ToSchema)]
pub struct FailDisbursement {
    /// Code of the reason, for programs. Absent: `disbursement_failed`.
    #[schema(value_type = Option<String>, required = false, example = "disbursement_failed", max_length = 100)]
    pub code: String,
    /// The reason in words, for people.
    #[schema(example = "O Pix foi devolvido pelo banco do cliente.", max_length = 500)]
    pub message: String,
}

/// The write-off of a loan.
#[derive(Debug, Clone, PartialEq, Eq, ToSchema)]
pub struct WriteOff {
    /// Why the money is no longer expected.
    #[schema(
        example = "Empresa encerrada, sem bens.",
        pattern = r"^[^\x00-\x1F\x7F-\x9F]+$",
        min_length = 1,
        max_length = 500
    )]
    pub reason: String,
}

impl WriteOff {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let reason = fields.required("reason", text(500));
        Ok(Self { reason: fields.all(reason)? })
    }
}

impl FailDisbursement {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let code = fields.optional("code", text(100));
        let message = fields.required("message", text(500));
        let message = fields.all(message)?;
        Ok(Self { code: code.unwrap_or_else(|| "disbursement_failed".to_owned()), message })
    }
}
