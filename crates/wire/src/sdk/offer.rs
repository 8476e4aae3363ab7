//! Credit offers.

use domain::offer::{self, OfferState, Term};
use serde::Serialize;
use utoipa::ToSchema;

use super::scalar::{Money, Percent, Timestamp};

/// Status of an offer. `available`: it can become a loan. `accepted`: a loan has accepted it. `expired`: its validity
/// has passed, or the lender withdrew it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfferStatus {
    /// Open.
    Available,
    /// Accepted by a loan.
    Accepted,
    /// Past its validity, or withdrawn.
    Expired,
}

impl From<OfferState> for OfferStatus {
    fn from(state: OfferState) -> Self {
        match state {
            OfferState::Available => Self::Available,
            OfferState::Accepted { .. } => Self::Accepted,
            OfferState::Expired => Self::Expired,
        }
    }
}

/// A credit offer: the largest amount, the interest rate and the number of installments of a possible loan.
#[derive(Debug, Serialize, ToSchema)]
pub struct Offer {
    /// Identifies the offer in paths, filters and events.
    #[schema(example = "co_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The customer to whom the offer is made.
    customer_id: String,
    /// Status of the offer.
    status: OfferStatus,
    /// The largest amount that may be requested.
    approved_amount: Money,
    /// The smallest amount that may be requested.
    min_amount: Money,
    /// The interest rate per month, in percent.
    monthly_interest_rate: Percent,
    /// The number of installments, if the offer leaves no choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    installments: Option<u16>,
    /// The smallest number of installments, if the offer leaves a choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    min_installments: Option<u16>,
    /// The largest number of installments, if the offer leaves a choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_installments: Option<u16>,
    /// Rule of the due dates. Null: monthly, on the day of the disbursement.
    #[schema(required)]
    due_date_rule: Option<String>,
    /// The partner's own id of the customer. Null if the partner gave none.
    #[schema(required)]
    external_id: Option<String>,
    /// The last time at which the offer can become a loan.
    valid_until: Timestamp,
    /// Time of the creation.
    created_at: Timestamp,
    /// Time of the last change.
    updated_at: Timestamp,
}

impl From<&offer::Offer> for Offer {
    fn from(offer: &offer::Offer) -> Self {
        let (installments, min_installments, max_installments) = match offer.terms.term {
            Term::Fixed(count) => (Some(count), None, None),
            Term::Range { min, max } => (None, Some(min), Some(max)),
        };
        Self {
            id: offer.id.to_string(),
            customer_id: offer.customer.to_string(),
            status: offer.state.into(),
            approved_amount: Money(offer.terms.approved_amount),
            min_amount: Money(offer.terms.min_amount),
            monthly_interest_rate: Percent(offer.terms.interest_rate),
            installments,
            min_installments,
            max_installments,
            due_date_rule: None,
            external_id: offer.external_id.clone(),
            valid_until: Timestamp(offer.valid_until),
            created_at: Timestamp(offer.created_at),
            updated_at: Timestamp(offer.updated_at),
        }
    }
}
