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
    /// The amount that the customer receives.
    amount: Money,
    /// The sum of the interest in all installments.
    interest_amount: Money,
    /// The service fee.
    fees_amount: Money,
    /// The tax on the loan (IOF).
    iof_amount: Money,
    /// The sum of all installments.
    total_loan_amount: Money,
    /// The interest rate per month, in percent.
    interest_percentage: Percent,
    /// The total effective cost (CET) per year, in percent.
    cet_percentage: Percent,
    /// Number of installments.
    number_of_installments: u16,
    /// The amount of each installment. The last one may differ by cents.
    installments_value: Money,
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
            amount: Money(quote.net),
            interest_amount: Money(quote.interest),
            fees_amount: Money(quote.fee),
            iof_amount: Money(quote.iof),
            total_loan_amount: Money(quote.total),
            interest_percentage: Percent(quote.monthly_rate),
            cet_percentage: Percent(quote.cet_annual),
            number_of_installments: quote.installments(),
            installments_value: Money(quote.installment),
            first_due_date: Date(quote.first_due()),
            created_at: Timestamp(simulation.created_at),
        }
    }
}
