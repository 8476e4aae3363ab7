//! The price of a loan on terms that are not an offer yet.

use domain::credit::NewTerms;
use domain::id::{CustomerId, PartnerId};
use domain::loan::pricing::{self, PricingError, Quote, Request};
use domain::loan::rates::RateBook;
use domain::time::Timestamp;
use store::{Failed, Tx};

use super::deciding::{DecideRefused, taxed};
use crate::customers::registry::CompanyRegistry;

/// The reason why terms have no price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriceRefused {
    /// The terms themselves are refused.
    Terms(DecideRefused),
    /// They cannot be priced.
    Pricing(PricingError),
}

/// The price of the largest loan of the terms in the most installments, if its money were released today. It comes
/// from the code that prices simulations. Nothing is stored.
pub fn price(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, (customer, offer): (CustomerId, &NewTerms),
    (registry, book): (CompanyRegistry, &RateBook),
) -> Result<Quote, Failed<PriceRefused>> {
    let refused = |refused| Failed::Refused(PriceRefused::Terms(refused));
    let file = store::customers::find(tx, tenant, customer)?;
    let file = file.ok_or_else(|| refused(DecideRefused::NotFound))?;
    let terms = taxed(&file.customer, now, offer, registry).map_err(refused)?;
    let (_fewest, installments) = terms.term.bounds();
    let request = Request {
        requested: terms.approved_amount,
        monthly_rate: terms.interest_rate,
        installments,
        release: now.business_date(),
        first_due: None,
    };
    pricing::price(&request, &terms.product, book)
        .map_err(|error| Failed::Refused(PriceRefused::Pricing(error)))
}
