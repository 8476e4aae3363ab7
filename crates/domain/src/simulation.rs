//! A simulation: the stored price of a request. It costs nothing, and a loan takes the newest one.

use crate::id::{LoanId, OfferId, PartnerId, SimulationId};
use crate::loan::pricing::{self, Request};
use crate::loan::pricing::{PricingError, Quote};
use crate::loan::rates::RateBook;
use crate::money::Cents;
use crate::offer::{Lapsed, Offer, OfferState};
use crate::time::Timestamp;

/// A stored simulation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulation {
    /// The simulation's id.
    pub id: SimulationId,
    /// The partner.
    pub partner: PartnerId,
    /// The priced offer.
    pub offer: OfferId,
    /// The price with the schedule.
    pub quote: Quote,
    /// The last moment at which it can become a loan: the end of the next day in São Paulo. It is never after the
    /// offer's own last moment.
    pub valid_until: Timestamp,
    /// Time of creation.
    pub created_at: Timestamp,
}

/// The reason why an offer cannot be simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SimulationRefused {
    /// The offer's validity has passed.
    #[error("the offer has expired")]
    OfferExpired,
    /// A loan has taken the offer.
    #[error("the loan {loan} has taken the offer")]
    OfferAccepted {
        /// The loan.
        loan: LoanId,
    },
    /// The amount is outside the offer's limits.
    #[error("the amount is outside the offer")]
    AmountOutOfRange,
    /// The offer does not allow this number of installments.
    #[error("the number of installments is outside the offer")]
    InstallmentsOutOfRange,
    /// The request cannot be priced.
    #[error(transparent)]
    Pricing(#[from] PricingError),
}

/// Prices `requested` in `installments` on the offer's terms, released on the business date of `now`.
pub fn simulate(
    offer: &Offer, id: SimulationId, now: Timestamp, requested: Cents, installments: u16, book: &RateBook,
) -> Result<Simulation, SimulationRefused> {
    check_open(offer, now)?;
    let terms = &offer.terms;
    if requested < terms.min_amount || requested > terms.approved_amount {
        return Err(SimulationRefused::AmountOutOfRange);
    }
    if !terms.term.allows(installments) {
        return Err(SimulationRefused::InstallmentsOutOfRange);
    }
    let release = now.business_date();
    let request =
        Request { requested, monthly_rate: terms.interest_rate, installments, release, first_due: None };
    let quote = pricing::price(&request, &terms.product, book)?;
    let tomorrow = release.tomorrow().expect("the last timestamp's business date has a tomorrow");
    let valid_until = Timestamp::end_of_business_date(tomorrow).min(offer.valid_until);
    Ok(Simulation { id, partner: offer.partner, offer: offer.id, quote, valid_until, created_at: now })
}

fn check_open(offer: &Offer, now: Timestamp) -> Result<(), SimulationRefused> {
    match (offer.state, offer.lapsed(now)) {
        (OfferState::Accepted { loan }, _) => Err(SimulationRefused::OfferAccepted { loan }),
        (OfferState::Expired, _) | (OfferState::Available, Lapsed::Yes) => {
            Err(SimulationRefused::OfferExpired)
        }
        (OfferState::Available, Lapsed::No) => Ok(()),
    }
}
