//! Stored simulations.

use domain::id::{OfferId, PartnerId, SimulationId};
use domain::simulation::Simulation;

use crate::document::{self, QuoteDoc};
use crate::{StoreError, Tx, args};

/// Adds a simulation.
pub fn insert(tx: &mut Tx<'_>, simulation: &Simulation) -> Result<(), StoreError> {
    let sql = "insert into simulations (partner_id, id, offer_id, quote, valid_until, created_at) \
               values ($1, $2, $3, $4, $5, $6)";
    tx.execute(
        sql,
        args![
            simulation.partner,
            simulation.id,
            simulation.offer,
            document::to_json(&QuoteDoc::of(&simulation.quote)),
            simulation.valid_until,
            simulation.created_at,
        ],
    )
    .map(drop)
}

/// The newest simulation of an offer: the only one that can become a loan.
pub fn newest(tx: &mut Tx<'_>, partner: PartnerId, offer: OfferId) -> Result<Option<Simulation>, StoreError> {
    let sql = "select id, quote, valid_until, created_at from simulations \
               where partner_id = $1 and offer_id = $2 order by created_at desc, id desc limit 1";
    tx.query_opt(sql, args![partner, offer], |row| {
        let quote: String = row.get(1)?;
        Ok(Simulation {
            id: row.get::<SimulationId>(0)?,
            partner,
            offer,
            quote: document::from_json::<QuoteDoc>(quote.as_bytes())?.read()?,
            valid_until: row.get(2)?,
            created_at: row.get(3)?,
        })
    })
}
