//! Simulations.

use domain::money::Cents;
use domain::simulation;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::scalar::{Date, Money, Percent, Timestamp, money};
use crate::problem::Problem;
use crate::read::{self, Fields};
use crate::scalar::installment_count;

/// The body of `POST /api/v3/credit-offers/{id}/simulations`.
#[derive(Debug, Clone, Copy, ToSchema)]
pub struct CreateSimulation {
    /// The amount requested, within the offer.
    #[schema(value_type = Money)]
    pub requested_amount: Cents,
    /// The number of monthly installments, within the offer.
    #[schema(example = 12)]
    pub installment_count: u16,
}

impl CreateSimulation {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let requested_amount = fields.required("requested_amount", money);
        let installment_count = fields.required("installment_count", installment_count);
        fields.finish()?;
        Ok(Self {
            requested_amount: requested_amount.ok_or_else(read::unread)?,
            installment_count: installment_count.ok_or_else(read::unread)?,
        })
    }
}

/// A simulation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Simulation {
    /// Its id.
    #[schema(example = "sim_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The offer it prices.
    credit_offer_id: String,
    /// The amount requested.
    requested_amount: Money,
    /// The debt: the amount requested with fee and tax where they are financed.
    principal_amount: Money,
    /// The service fee.
    fee_amount: Money,
    /// The tax.
    iof_amount: Money,
    /// The sum of the interest.
    interest_amount: Money,
    /// The sum of the installments.
    total_amount: Money,
    /// The number of installments.
    installment_count: u16,
    /// What the customer pays each month.
    installment_amount: Money,
    /// The monthly rate in percent.
    monthly_interest_rate: Percent,
    /// The yearly rate in percent.
    annual_interest_rate: Percent,
    /// The monthly total effective cost in percent.
    monthly_cet_rate: Percent,
    /// The yearly total effective cost in percent.
    annual_cet_rate: Percent,
    /// When the first installment is due.
    first_due_date: Date,
    /// When it was made.
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
