//! Stored simulations.

use domain::id::{OfferId, PartnerId, SimulationId};
use domain::loan::Loan;
use domain::simulation::Simulation;
use domain::time::Timestamp;

use crate::document::{QuoteText, corrupt};
use crate::table::table;
use crate::{StoreError, Tx, args};

table! {
    /// A simulation as it is stored.
    struct SimulationRow in "simulations" by (partner_id, id) {
        partner_id: PartnerId,
        id: SimulationId,
        offer_id: OfferId,
        quote: Option<QuoteText>,
        valid_until: Timestamp,
        created_at: Timestamp,
    }
}

impl SimulationRow {
    fn of(simulation: &Simulation, quote: Option<QuoteText>) -> Self {
        Self {
            partner_id: simulation.partner,
            id: simulation.id,
            offer_id: simulation.offer,
            quote,
            valid_until: simulation.valid_until,
            created_at: simulation.created_at,
        }
    }

    fn read(self) -> Result<Simulation, StoreError> {
        let quote = self.quote.ok_or_else(|| corrupt("a simulation's price belongs to a loan"))?;
        Ok(Simulation {
            id: self.id,
            partner: self.partner_id,
            offer: self.offer_id,
            quote: quote.quote()?,
            valid_until: self.valid_until,
            created_at: self.created_at,
        })
    }
}

/// Adds a simulation.
pub fn insert(tx: &mut Tx<'_>, simulation: &Simulation) -> Result<(), StoreError> {
    tx.insert(&SimulationRow::of(simulation, Some(QuoteText::of(&simulation.quote))))
}

/// Adds a simulation of a synthetic history, whose price a loan has.
pub fn insert_used(tx: &mut Tx<'_>, simulation: &Simulation) -> Result<(), StoreError> {
    tx.insert(&SimulationRow::of(simulation, None))
}

/// Takes a simulation's price out of its row, because the loan made of it now has the price. No other loan may be made
/// of it. `Conflict` if another loan has taken the price.
pub fn take(tx: &mut Tx<'_>, simulation: &Simulation) -> Result<(), StoreError> {
    let sql = "update simulations set quote = null where partner_id = $1 and id = $2 and quote is not null";
    tx.execute_one(sql, args![simulation.partner, simulation.id])
}

/// Returns a simulation's price from a loan that was given up.
pub fn give_back(tx: &mut Tx<'_>, loan: &Loan) -> Result<(), StoreError> {
    let sql = "update simulations set quote = $3 where partner_id = $1 and id = $2 and quote is null";
    tx.execute_later(sql, args![loan.partner, loan.simulation, QuoteText::of(&loan.quote)])
}

/// The newest simulation of an offer, the only one that can become a loan. `Corrupt` while a loan has its price. Of two
/// simulations of the same moment, either may be the newest.
pub fn newest(tx: &mut Tx<'_>, partner: PartnerId, offer: OfferId) -> Result<Option<Simulation>, StoreError> {
    let newest = "where partner_id = $1 and offer_id = $2 order by created_at desc, id desc limit 1";
    let row = tx.beside(|tx| tx.find::<SimulationRow>(newest, args![partner, offer]))?;
    row.map(SimulationRow::read).transpose()
}
