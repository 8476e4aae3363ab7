//! Offers: list, simulate, withdraw and expire them.

use domain::id::{CustomerId, OfferId, PartnerId};
use domain::loan::iof::IofRegime;
use domain::loan::rates::RateBook;
use domain::money::Cents;
use domain::offer::{Lapsed, Offer, OfferState, OfferStateKind};
use domain::page::Page;
use domain::simulation::{self, Simulation, SimulationRefused};
use domain::time::{RealTime, Timestamp};
use store::Failed;
use store::{Cursor, StoreError, Tx};

use crate::clock;
use crate::customers;
use crate::refused::{ListRefused, NotFound, not_found_in, page_or_refused};
pub use store::offers::OfferFilter;

/// The partner's offer.
pub fn find(tx: &mut Tx<'_>, tenant: PartnerId, id: OfferId) -> Result<Offer, Failed<NotFound>> {
    Ok(store::offers::find(tx, tenant, id)?.ok_or(Failed::Refused(NotFound))?.into_value())
}

/// A page of a partner's offers, or of all partners'.
pub fn list(
    tx: &mut Tx<'_>, tenant: Option<PartnerId>, filter: &OfferFilter, cursor: &Cursor<OfferId>,
) -> Result<Page<Offer>, Failed<ListRefused>> {
    page_or_refused(store::offers::list(tx, tenant, filter, cursor)?)
}

/// A page of one customer's offers.
pub fn list_of_customer(
    tx: &mut Tx<'_>, tenant: PartnerId, customer: CustomerId, state: Option<OfferStateKind>,
    cursor: &Cursor<OfferId>,
) -> Result<Page<Offer>, Failed<ListRefused>> {
    customers::exists(tx, tenant, customer).map_err(|f| f.map_refused(|NotFound| ListRefused::NotFound))?;
    list(tx, Some(tenant), &OfferFilter { customer: Some(customer), state }, cursor)
}

/// The reason why an offer was not simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SimulateRefused {
    /// There is no such offer.
    NotFound,
    /// The offer does not allow the simulation.
    Simulation(SimulationRefused),
}

/// An offer to simulate.
#[derive(Debug, Clone, Copy)]
pub struct SimulateOffer {
    /// The offer.
    pub offer: OfferId,
    /// The amount requested.
    pub requested: Cents,
    /// The number of installments.
    pub installments: u16,
}

/// A simulation that was priced on a read snapshot and is not stored yet.
#[derive(Debug, Clone)]
pub struct Priced {
    simulation: Simulation,
    offer_version: i64,
}

/// Prices an offer without writing. So the arithmetic does not delay scripts that write.
pub fn price(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, command: &SimulateOffer, book: &RateBook,
) -> Result<Priced, Failed<SimulateRefused>> {
    let SimulateOffer { offer, requested, installments } = *command;
    let offer = store::offers::find(tx, tenant, offer)?;
    let offer = offer.ok_or(Failed::Refused(SimulateRefused::NotFound))?;
    let offer_version = offer.version();
    let regime = regime(tx, &offer)?;
    let offer = offer.into_value().taxed(regime);
    let id = tx.new_id(now);
    let simulation = simulation::simulate(&offer, id, now, requested, installments, book)
        .map_err(|refused| Failed::Refused(SimulateRefused::Simulation(refused)))?;
    Ok(Priced { simulation, offer_version })
}

/// The tax regime of a loan of the offer today. Older offers have reduced rates also for natural persons, so the
/// borrower's CNPJ is checked.
fn regime(tx: &mut Tx<'_>, offer: &Offer) -> Result<IofRegime, StoreError> {
    let regime = offer.terms.product.regime;
    match regime {
        IofRegime::Company => Ok(regime),
        IofRegime::Simples => {
            let file =
                store::customers::find(tx, offer.partner, offer.customer)?.ok_or(StoreError::NotFound)?;
            Ok(regime.of_borrower(file.customer.registration.cnpj))
        }
    }
}

/// Stores a priced simulation if its offer is unchanged and open; else prices it again.
pub fn keep(
    tx: &mut Tx<'_>, now: Timestamp, priced: &Priced, book: &RateBook,
) -> Result<Simulation, Failed<SimulateRefused>> {
    let Simulation { partner, offer, quote, .. } = &priced.simulation;
    let current = store::offers::find(tx, *partner, *offer)?;
    let same = current.is_some_and(|o| o.version() == priced.offer_version && o.lapsed(now) == Lapsed::No);
    if !same {
        let (requested, installments) = (quote.requested, quote.installments());
        return simulate(tx, *partner, now, &SimulateOffer { offer: *offer, requested, installments }, book);
    }
    store::simulations::insert(tx, &priced.simulation)?;
    Ok(priced.simulation.clone())
}

/// Prices an offer and stores the simulation.
pub fn simulate(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, command: &SimulateOffer, book: &RateBook,
) -> Result<Simulation, Failed<SimulateRefused>> {
    let Priced { simulation, .. } = price(tx, tenant, now, command, book)?;
    store::simulations::insert(tx, &simulation)?;
    Ok(simulation)
}

/// The reason why an offer was not withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithdrawRefused {
    /// There is no such offer.
    NotFound,
    /// A loan has accepted it, or it has ended.
    InvalidState(OfferState),
}

not_found_in!(WithdrawRefused);

/// Withdraws an open offer. The partner receives `credit_offer.expired`.
pub fn withdraw(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: OfferId,
) -> Result<Offer, Failed<WithdrawRefused>> {
    let offer = store::offers::find(tx, tenant, id)?;
    let offer = offer.ok_or(Failed::Refused(WithdrawRefused::NotFound))?;
    let state = offer.state;
    let withdrawn = offer
        .change(|offer| offer.withdraw(now))
        .map_err(|_illegal| Failed::Refused(WithdrawRefused::InvalidState(state)))?;
    Ok(store::offers::save(tx, withdrawn)?.into_value())
}

/// Expires some offers whose validity has passed; returns their number.
pub fn expire_lapsed(tx: &mut Tx<'_>, real: RealTime) -> Result<usize, StoreError> {
    let mut done = 0;
    for (partner, id) in store::offers::lapsed(tx, real, 100)? {
        let now = clock::at(tx, partner, real)?;
        match store::offers::find(tx, partner, id) {
            Ok(Some(offer)) if offer.lapsed(now) == Lapsed::Yes => {
                let lapsed = offer.change(|offer| offer.lapse(now))?;
                store::offers::save(tx, lapsed)?;
                done += 1;
            }
            Ok(_another_node_was_first) => done += 1,
            // A damaged row must not keep other offers open.
            Err(StoreError::Corrupt(reason) | StoreError::Defect(reason)) => {
                tracing::error!(offer.id = %id, reason, "an offer past its validity cannot be read; it stays open");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}
