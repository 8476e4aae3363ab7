//! Loans and their transactions.

use domain::id::{OfferId, SimulationId};
use domain::loan::rates::RateBook;
use domain::loan::{self, DisbursementMethod, LoanState};
use domain::money::Cents;
use domain::time;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::scalar::{Date, Money, Percent, Timestamp, date, money};
use crate::problem::Problem;
use crate::read::{self, Fields, id};
use crate::scalar::installment_count;
use domain::links::Links;

/// The body of `POST /v3/loans`: every figure again, so that nobody signs what they have not seen.
#[derive(Debug, Clone, Copy, ToSchema)]
pub struct CreateLoan {
    /// The offer to take.
    #[schema(value_type = String, example = "co_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub credit_offer_id: OfferId,
    /// The offer's newest simulation.
    #[schema(value_type = String, example = "sim_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub simulation_id: SimulationId,
    /// The simulation's number of installments.
    #[schema(example = 12)]
    pub installments: u16,
    /// The simulation's installment.
    #[schema(value_type = Money)]
    pub installments_value: Cents,
    /// The simulation's first due date.
    #[schema(value_type = Date)]
    pub first_due_date: time::Date,
}

impl CreateLoan {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let credit_offer_id = fields.required("credit_offer_id", id);
        let simulation_id = fields.required("simulation_id", id);
        let count = fields.required("installments", installment_count);
        let installments_value = fields.required("installments_value", money);
        let first_due_date = fields.required("first_due_date", date);
        fields.finish()?;
        Ok(Self {
            credit_offer_id: credit_offer_id.ok_or_else(read::unread)?,
            simulation_id: simulation_id.ok_or_else(read::unread)?,
            installments: count.ok_or_else(read::unread)?,
            installments_value: installments_value.ok_or_else(read::unread)?,
            first_due_date: first_due_date.ok_or_else(read::unread)?,
        })
    }
}

/// Where a loan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoanStatus {
    /// Asked for.
    Processing,
    /// The contract exists.
    ContractGenerated,
    /// The signers have been asked.
    AwaitingSignatures,
    /// Every signer has signed.
    Signed,
    /// The money is on its way.
    Disbursing,
    /// The customer has the money.
    Active,
    /// Paid back in full.
    Finished,
    /// Given up.
    Cancelled,
    /// Failed.
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

/// How the money goes out, as the reference spells it.
pub(super) fn method(method: DisbursementMethod) -> &'static str {
    match method {
        DisbursementMethod::Pix => "pix",
    }
}

/// A loan.
#[derive(Debug, Serialize, ToSchema)]
pub struct Loan {
    /// Its id.
    #[schema(example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The offer it took.
    credit_offer_id: String,
    /// The simulation it was made of.
    simulation_id: String,
    /// Who borrows.
    customer_id: String,
    /// Where it stands.
    status: LoanStatus,
    /// The amount requested.
    requested_amount: Money,
    /// What the customer received; null until it is disbursed.
    #[schema(required)]
    net_amount: Option<Money>,
    /// The tax.
    #[schema(required)]
    iof: Option<Money>,
    /// The service fee.
    #[schema(required)]
    service_fee: Option<Money>,
    /// The monthly rate in percent.
    interest_rate: Percent,
    /// The yearly total effective cost in percent.
    cet: Percent,
    /// The sum of the installments.
    total_amount: Money,
    /// What the customer pays each month.
    installments_value: Money,
    /// When the first installment is due.
    first_due_date: Date,
    /// The number of installments.
    number_of_installments: u16,
    /// The contract's number; null until it exists.
    #[schema(required, example = "CCB-2026-001234")]
    ccb_number: Option<String>,
    /// How the money went out; null until it does.
    #[schema(required, example = "pix")]
    disbursement_method: Option<&'static str>,
    /// The page on which it is signed, while there is something to sign.
    #[schema(required)]
    signing_url: Option<String>,
    /// When it was asked for.
    created_at: Timestamp,
    /// When it last changed.
    updated_at: Timestamp,
}

impl Loan {
    /// Renders a loan.
    pub fn of(loan: &loan::Loan, links: &Links) -> Self {
        let quote = &loan.quote;
        Self {
            id: loan.id.to_string(),
            credit_offer_id: loan.offer.to_string(),
            simulation_id: loan.simulation.to_string(),
            customer_id: loan.customer.to_string(),
            status: (&loan.state).into(),
            requested_amount: Money(quote.requested),
            net_amount: loan.is_disbursed().then_some(Money(quote.net)),
            iof: Some(Money(quote.iof)),
            service_fee: Some(Money(quote.fee)),
            interest_rate: Percent(quote.monthly_rate),
            cet: Percent(quote.cet_annual),
            total_amount: Money(quote.total),
            installments_value: Money(quote.installment),
            first_due_date: Date(quote.first_due()),
            number_of_installments: quote.installments(),
            ccb_number: loan.ccb_number.map(|number| number.to_string()),
            disbursement_method: loan.disbursement_method().map(method),
            signing_url: loan.open_signing_token().map(|token| links.signing(token)),
            created_at: Timestamp(loan.created_at),
            updated_at: Timestamp(loan.updated_at),
        }
    }
}

/// How an installment stands.
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

/// An installment of a loan.
#[derive(Debug, Serialize, ToSchema)]
pub struct Transaction {
    /// Its id.
    #[schema(example = "tx_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The loan.
    loan_id: String,
    /// Always `installment`.
    #[schema(example = "installment")]
    r#type: &'static str,
    /// The nominal due date.
    due_date: Date,
    /// How it stands.
    status: TransactionStatus,
    /// The installment with its late charges as of now.
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
    fees: Money,
    /// Days past its effective due date.
    days_overdue: u32,
    /// When it was paid in full.
    #[schema(required)]
    paid_at: Option<Timestamp>,
    /// When it came to exist.
    created_at: Timestamp,
    /// When it last changed.
    updated_at: Timestamp,
}

impl Transaction {
    /// An installment as of `now`.
    pub fn of(transaction: &loan::Transaction, now: time::Timestamp, book: &RateBook) -> Self {
        let standing = transaction.standing(now, book);
        let status = match standing.status {
            loan::TransactionStatus::Pending => TransactionStatus::Pending,
            loan::TransactionStatus::Paid => TransactionStatus::Paid,
            loan::TransactionStatus::Overdue => TransactionStatus::Overdue,
            loan::TransactionStatus::PartiallyPaid => TransactionStatus::PartiallyPaid,
        };
        Self {
            id: transaction.id.to_string(),
            loan_id: transaction.loan.to_string(),
            r#type: "installment",
            due_date: Date(transaction.position.due),
            status,
            amount_due: Money(standing.amount_due),
            amount_paid: Money(standing.amount_paid),
            amount_remaining: Money(standing.amount_remaining),
            principal: Money(transaction.position.principal),
            interest: Money(transaction.position.interest),
            fees: Money(standing.fees),
            days_overdue: standing.days_overdue,
            paid_at: transaction.position.settled_at.map(Timestamp),
            created_at: Timestamp(transaction.created_at),
            updated_at: Timestamp(transaction.updated_at),
        }
    }
}
