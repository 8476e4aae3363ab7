//! Stored simulations.

use domain::id::{OfferId, PartnerId, SimulationId};
use domain::loan::Loan;
use domain::simulation::Simulation;

use crate::db::Row;
use crate::document::{self, QuoteDoc, corrupt};
use crate::{StoreError, Tx, args};

/// Adds a simulation.
pub fn insert(tx: &mut Tx<'_>, simulation: &Simulation) -> Result<(), StoreError> {
    insert_with(tx, simulation, Some(&document::to_json(&QuoteDoc::of(&simulation.quote))))
}

/// Adds a simulation whose price a loan has, for a database that is filled.
pub fn insert_taken(tx: &mut Tx<'_>, simulation: &Simulation) -> Result<(), StoreError> {
    insert_with(tx, simulation, None)
}

fn insert_with(tx: &mut Tx<'_>, simulation: &Simulation, quote: Option<&str>) -> Result<(), StoreError> {
    let sql = "insert into simulations (partner_id, id, offer_id, quote, valid_until, created_at) \
               values ($1, $2, $3, $4, $5, $6)";
    tx.execute_later(
        sql,
        args![
            simulation.partner,
            simulation.id,
            simulation.offer,
            quote,
            simulation.valid_until,
            simulation.created_at,
        ],
    )
}

/// Takes a simulation's price out of its row: from now on the loan made of it has it, and no other may be. `Conflict` where
/// another loan has taken it.
pub fn take(tx: &mut Tx<'_>, simulation: &Simulation) -> Result<(), StoreError> {
    let sql = "update simulations set quote = null where partner_id = $1 and id = $2 and quote is not null";
    tx.execute_one(sql, args![simulation.partner, simulation.id])
}

/// Gives a simulation its price back from a loan that was given up.
pub fn give_back(tx: &mut Tx<'_>, loan: &Loan) -> Result<(), StoreError> {
    let sql = "update simulations set quote = $3 where partner_id = $1 and id = $2 and quote is null";
    let quote = document::to_json(&QuoteDoc::of(&loan.quote));
    tx.execute_later(sql, args![loan.partner, loan.simulation, quote])
}

/// The newest simulation of an offer: the only one that can become a loan. `Corrupt` while a loan has its price. One that is
/// made at the same moment may come before or after.
pub fn newest(tx: &mut Tx<'_>, partner: PartnerId, offer: OfferId) -> Result<Option<Simulation>, StoreError> {
    let sql = "select id, quote, valid_until, created_at from simulations \
               where partner_id = $1 and offer_id = $2 order by created_at desc, id desc limit 1";
    let read = |row: &Row<'_>| {
        let quote: Option<String> = row.get(1)?;
        let quote = quote.ok_or_else(|| corrupt("a simulation whose price a loan has"))?;
        Ok(Simulation {
            id: row.get::<SimulationId>(0)?,
            partner,
            offer,
            quote: document::read_quote(&quote)?,
            valid_until: row.get(2)?,
            created_at: row.get(3)?,
        })
    };
    tx.beside(|tx| tx.query_opt(sql, args![partner, offer], read))
}
