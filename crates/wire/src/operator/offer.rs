//! Credit offers.

use domain::offer::{self, OfferStateKind};
use serde::Serialize;
use utoipa::ToSchema;

use super::word::word;
use crate::scalar::Percent;
use crate::text_scalar::{Money, Timestamp};

word!(
    /// The status of a credit offer.
    pub OfferStatus of OfferStateKind
);

/// A credit offer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreditOffer)]
pub struct Offer {
    /// Identifier of the offer.
    #[schema(pattern = "^co_[0-9a-f]{32}$", example = "co_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The partner of the customer.
    #[schema(pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    partner_id: String,
    /// The customer who may accept it.
    #[schema(pattern = "^cust_[0-9a-f]{32}$", example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    customer_id: String,
    /// Status of the offer.
    status: OfferStatus,
    /// The largest amount that may be requested.
    #[schema(example = "50000.00")]
    approved_amount: Money,
    /// The smallest amount that may be requested.
    #[schema(example = "1000.00")]
    min_amount: Money,
    /// Monthly interest rate in percent.
    #[schema(example = 3.5)]
    interest_rate: Percent,
    /// The smallest number of installments.
    #[schema(minimum = 1, maximum = 1000, example = 3)]
    min_installments: u16,
    /// The largest number of installments; the same as the smallest if there is no choice.
    #[schema(minimum = 1, maximum = 1000, example = 24)]
    max_installments: u16,
    /// Service fee in percent of the requested amount.
    #[schema(example = 3.5)]
    service_fee: Percent,
    /// The last time at which a loan can accept it.
    valid_until: Timestamp,
    /// Time of the creation.
    created_at: Timestamp,
    /// Time of the last change.
    updated_at: Timestamp,
}

impl From<&offer::Offer> for Offer {
    fn from(offer: &offer::Offer) -> Self {
        let (min_installments, max_installments) = offer.terms.term.bounds();
        Self {
            id: offer.id.to_string(),
            partner_id: offer.partner.to_string(),
            customer_id: offer.customer.to_string(),
            status: offer.state.kind().into(),
            approved_amount: Money(offer.terms.approved_amount),
            min_amount: Money(offer.terms.min_amount),
            interest_rate: Percent(offer.terms.interest_rate),
            min_installments,
            max_installments,
            service_fee: Percent(offer.terms.product.fee),
            valid_until: Timestamp(offer.valid_until),
            created_at: Timestamp(offer.created_at),
            updated_at: Timestamp(offer.updated_at),
        }
    }
}
