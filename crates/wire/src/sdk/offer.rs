//! Credit offers.

use domain::offer::{self, OfferState, Term};
use serde::Serialize;
use utoipa::ToSchema;

use super::scalar::{Money, Percent, Timestamp};

/// Where an offer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfferStatus {
    /// Open.
    Available,
    /// Taken by a loan.
    Accepted,
    /// Past its validity.
    Expired,
}

impl OfferStatus {
    /// Reads a status as a query names it; the answer is the state's name in the domain.
    pub fn parse(text: &str) -> Option<&'static str> {
        ["available", "accepted", "expired"].into_iter().find(|name| *name == text)
    }
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

/// A credit offer. It has either `installments` or both bounds, never all three: the clients tell the shapes
/// apart by the keys.
#[derive(Debug, Serialize, ToSchema)]
pub struct Offer {
    /// Its id.
    #[schema(example = "co_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// Whom it is for.
    customer_id: String,
    /// Where it stands.
    status: OfferStatus,
    /// The most that may be requested.
    approved_amount: Money,
    /// The least that may be requested.
    min_amount: Money,
    /// The monthly rate in percent.
    monthly_interest_rate: Percent,
    /// The number of installments, where there is no choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    installments: Option<u16>,
    /// The fewest installments, where there is a choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    min_installments: Option<u16>,
    /// The most installments, where there is a choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_installments: Option<u16>,
    /// How due dates are chosen; null: monthly on the day of the release.
    due_date_rule: Option<String>,
    /// The partner's own identifier of the customer.
    external_id: Option<String>,
    /// The last moment at which it can be accepted.
    valid_until: Timestamp,
    /// When it was made.
    created_at: Timestamp,
    /// When it last changed.
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
