//! Loans.

use domain::id::{OfferId, SimulationId};
use domain::loan::{self, DisbursementMethod, LoanState};
use domain::money::Cents;
use domain::time;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::scalar::{Date, Money, Percent, Timestamp, date, money};
use crate::SigningPage;
use crate::problem::Problem;
use crate::read::{Fields, id};
use crate::scalar::installment_count;

/// The loan to create. It repeats the figures of its simulation, so that nobody signs figures that they have not seen.
#[derive(Debug, Clone, Copy, ToSchema)]
pub struct CreateLoan {
    /// The offer that the loan accepts.
    #[schema(value_type = String, example = "co_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub credit_offer_id: OfferId,
    /// The newest simulation of the offer.
    #[schema(value_type = String, example = "sim_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub simulation_id: SimulationId,
    /// The number of installments of the simulation.
    #[schema(example = 12)]
    pub installments: u16,
    /// The installment of the simulation.
    #[schema(value_type = Money)]
    pub installments_value: Cents,
    /// The first due date of the simulation.
    #[schema(value_type = Date)]
    pub first_due_date: time::Date,
}

impl CreateLoan {
    /// The fields that repeat the simulation: its id, the number of installments, their amount, the first due date.
    pub const REPEATED: [&str; 4] = ["simulation_id", "installments", "installments_value", "first_due_date"];

    /// The number of installments and the amount of the first one, as the customer saw them.
    pub fn installments(&self) -> (u16, Cents) {
        (self.installments, self.installments_value)
    }

    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let credit_offer_id = fields.required("credit_offer_id", id);
        let simulation_id = fields.required("simulation_id", id);
        let installments = fields.required("installments", installment_count);
        let installments_value = fields.required("installments_value", money);
        let first_due_date = fields.required("first_due_date", date);
        let given = (credit_offer_id, simulation_id, installments, installments_value, first_due_date);
        let (credit_offer_id, simulation_id, installments, installments_value, first_due_date) =
            fields.all(given)?;
        Ok(Self { credit_offer_id, simulation_id, installments, installments_value, first_due_date })
    }
}

/// Status of a loan. `processing`, `contract_generated`, `awaiting_signatures`: the contract is made and is to be
/// signed. `signed`: everybody has signed. `disbursing`: the money is on its way. `active`: the customer has the money.
/// `finished`: paid back in full. `cancelled`: cancelled before the money left. `error`: the money did not reach the
/// customer; the lender sends it again (`disbursing`) or cancels the loan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoanStatus {
    /// Requested.
    Processing,
    /// The contract exists.
    ContractGenerated,
    /// The signers were asked to sign.
    AwaitingSignatures,
    /// Every signer has signed.
    Signed,
    /// The money is on its way.
    Disbursing,
    /// The customer has the money.
    Active,
    /// Paid back in full.
    Finished,
    /// Cancelled before the money left.
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

/// The reference's name of a disbursement method.
pub(super) fn method(method: DisbursementMethod) -> &'static str {
    match method {
        DisbursementMethod::Pix => "pix",
    }
}

/// A loan with the figures of its contract.
#[derive(Debug, Serialize, ToSchema)]
pub struct Loan {
    /// Identifies the loan in paths and events.
    #[schema(example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The offer that the loan accepted.
    credit_offer_id: String,
    /// The simulation behind the loan.
    simulation_id: String,
    /// The customer who borrows.
    customer_id: String,
    /// Status of the loan.
    status: LoanStatus,
    /// The amount that the customer asked for.
    requested_amount: Money,
    /// The amount that the customer received. Null until the money has left.
    #[schema(required)]
    net_amount: Option<Money>,
    /// The tax on the loan (IOF).
    iof: Money,
    /// The service fee.
    service_fee: Money,
    /// The interest rate per month, in percent.
    interest_rate: Percent,
    /// The total effective cost (CET) per year, in percent.
    cet: Percent,
    /// The sum of all installments.
    total_amount: Money,
    /// The amount of each installment. The last one may differ by cents.
    installments_value: Money,
    /// The day on which the first installment is due. The others follow monthly.
    first_due_date: Date,
    /// Number of installments.
    number_of_installments: u16,
    /// The number of the contract (CCB). Null until the contract exists.
    #[schema(required, example = "CCB-2026-001234")]
    ccb_number: Option<String>,
    /// Method of the disbursement: `pix`. Null until the disbursement is ordered.
    #[schema(required, example = "pix")]
    disbursement_method: Option<&'static str>,
    /// The page on which the applicant signs. Null if there is nothing to sign.
    #[schema(required)]
    signing_url: Option<String>,
    /// Time of the creation.
    created_at: Timestamp,
    /// Time of the last change.
    updated_at: Timestamp,
}

impl Loan {
    /// Renders a loan.
    pub fn of(loan: &loan::LoanSummary, signing_page: &SigningPage) -> Self {
        let price = &loan.price;
        Self {
            id: loan.id.to_string(),
            credit_offer_id: loan.offer.to_string(),
            simulation_id: loan.simulation.to_string(),
            customer_id: loan.customer.to_string(),
            status: (&loan.state).into(),
            requested_amount: Money(price.requested),
            net_amount: loan.is_disbursed().then_some(Money(price.net)),
            iof: Money(price.iof),
            service_fee: Money(price.fee),
            interest_rate: Percent(price.monthly_rate),
            cet: Percent(price.cet_annual),
            total_amount: Money(price.total),
            installments_value: Money(price.installment),
            first_due_date: Date(price.first_due),
            number_of_installments: price.installments,
            ccb_number: loan.ccb_number.map(|number| number.to_string()),
            disbursement_method: loan.disbursement_method().map(method),
            signing_url: loan.open_link.as_ref().map(|token| signing_page.of(token)),
            created_at: Timestamp(loan.created_at),
            updated_at: Timestamp(loan.updated_at),
        }
    }
}
