//! Simulations.

use domain::money::Cents;
use domain::simulation;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::scalar::{Date, Money, Percent, Timestamp, money};
use crate::problem::Problem;
use crate::read::Fields;
use crate::scalar::installment_count;

/// The loan to price.
#[derive(Debug, Clone, Copy, ToSchema)]
pub struct CreateSimulation {
    /// The amount that the customer asks for, from the offer's `min_amount` to its `approved_amount`.
    #[schema(value_type = Money)]
    pub requested_amount: Cents,
    /// The number of monthly installments, within the terms of the offer.
    #[schema(example = 12)]
    pub installment_count: u16,
}

impl CreateSimulation {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let requested_amount = fields.required("requested_amount", money);
        let installment_count = fields.required("installment_count", installment_count);
        let (requested_amount, installment_count) = fields.all((requested_amount, installment_count))?;
        Ok(Self { requested_amount, installment_count })
    }
}

/// A priced loan: the amounts that the customer receives and pays under an offer. The newest simulation of an offer can
/// become a loan.
#[derive(Debug, Serialize, ToSchema)]
pub struct Simulation {
    /// Identifies the simulation.
    #[schema(example = "sim_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The offer that was simulated.
    credit_offer_id: String,
    /// The amount that the customer asked for.
    requested_amount: Money,
    /// The amount that is lent: the requested amount, with the fee and the IOF if they are financed.
    principal_amount: Money,
    /// The service fee.
    fee_amount: Money,
    /// The tax on the loan (IOF).
    iof_amount: Money,
    /// The sum of the interest in all installments.
    interest_amount: Money,
    /// The sum of all installments.
    total_amount: Money,
    /// Number of installments.
    installment_count: u16,
    /// The amount of each installment. The last one may differ by cents.
    installment_amount: Money,
    /// The interest rate per month, in percent.
    monthly_interest_rate: Percent,
    /// The interest rate per year, in percent.
    annual_interest_rate: Percent,
    /// The total effective cost (CET) per month, in percent.
    monthly_cet_rate: Percent,
    /// The total effective cost (CET) per year, in percent.
    annual_cet_rate: Percent,
    /// The day on which the first installment is due. The others follow monthly.
    first_due_date: Date,
    /// Time of the creation.
    created_at: Timestamp,
}

impl From<&simulation::Simulation> for Simulation {
    fn from(simulation: &simulation::Simulation) -> Self {
        let quote = &simulation.quote;
        Self {
            id: simulation.id.to_string(),
            credit_offer_id: simulation.offer.to_string(),
            requested_amount: Money(quote.requested),
            principal_amount: Money(quote.principal),
            fee_amount: Money(quote.fee),
            iof_amount: Money(quote.iof),
            interest_amount: Money(quote.interest),
            total_amount: Money(quote.total),
            installment_count: quote.installments(),
            installment_amount: Money(quote.installment),
            monthly_interest_rate: Percent(quote.monthly_rate),
            annual_interest_rate: Percent(quote.annual_rate),
            monthly_cet_rate: Percent(quote.cet_monthly),
            annual_cet_rate: Percent(quote.cet_annual),
            first_due_date: Date(quote.first_due()),
            created_at: Timestamp(simulation.created_at),
        }
    }
}
