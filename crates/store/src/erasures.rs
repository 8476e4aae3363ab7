//! Wishes for the erasure of a person's data, and when each was fulfilled.

use domain::actor::Actor;
use domain::id::{CustomerId, PartnerId};
use domain::time::{RealTime, Timestamp};

use crate::table::table;
use crate::{StoreError, Tx, args};

table! {
    /// A wish as it is stored.
    struct ErasureRow in "erasures" by (partner_id, customer_id) {
        partner_id: PartnerId,
        customer_id: CustomerId,
        asked_by: Actor,
        asked_at: RealTime,
        due_at: Timestamp,
        erased_at: Option<RealTime>,
    }
}

/// A wish for the erasure of a customer's people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erasure {
    /// The partner of the customer.
    pub partner: PartnerId,
    /// The customer.
    pub customer: CustomerId,
    /// The operator who entered the wish, or the lender's own rule.
    pub asked_by: Actor,
    /// Time of the wish.
    pub asked_at: RealTime,
    /// The partner's time from which no law makes the lender keep the data.
    pub due_at: Timestamp,
    /// Time of the erasure; `None` while the data is kept.
    pub erased_at: Option<RealTime>,
}

impl ErasureRow {
    fn read(self) -> Erasure {
        Erasure {
            partner: self.partner_id,
            customer: self.customer_id,
            asked_by: self.asked_by,
            asked_at: self.asked_at,
            due_at: self.due_at,
            erased_at: self.erased_at,
        }
    }
}

/// Records a wish. `Conflict` if the customer has one.
pub fn insert(tx: &mut Tx<'_>, erasure: &Erasure) -> Result<(), StoreError> {
    let row = ErasureRow {
        partner_id: erasure.partner,
        customer_id: erasure.customer,
        asked_by: erasure.asked_by,
        asked_at: erasure.asked_at,
        due_at: erasure.due_at,
        erased_at: erasure.erased_at,
    };
    tx.insert_now(&row).map_err(StoreError::duplicate_as_conflict)
}

/// The wish for the erasure of a customer.
pub fn find(
    tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId,
) -> Result<Option<Erasure>, StoreError> {
    let own = args![partner, customer];
    Ok(tx.find::<ErasureRow>("where partner_id = $1 and customer_id = $2", own)?.map(ErasureRow::read))
}

/// Notes that the wish was fulfilled. `Conflict` if that was noted before.
pub fn fulfil(tx: &mut Tx<'_>, erasure: &Erasure, at: RealTime) -> Result<(), StoreError> {
    // The sum keeps the engines from the index of what is due.
    let sql = "update erasures set erased_at = $3 \
               where partner_id = $1 and customer_id = $2 and erased_at + 0 is null";
    tx.execute_one(sql, args![erasure.partner, erasure.customer, at])
}

/// Puts a wish off that was not fulfilled. `Conflict` if it was fulfilled meanwhile.
pub fn put_off(tx: &mut Tx<'_>, erasure: &Erasure, due_at: Timestamp) -> Result<(), StoreError> {
    let sql = "update erasures set due_at = $3 \
               where partner_id = $1 and customer_id = $2 and erased_at + 0 is null";
    tx.execute_one(sql, args![erasure.partner, erasure.customer, due_at])
}

/// Some wishes that are due now and not fulfilled.
pub fn due(tx: &mut Tx<'_>, real: RealTime, limit: i64) -> Result<Vec<Erasure>, StoreError> {
    let filter = "where erased_at is null and due_at <= $1 order by due_at limit $2";
    let due = tx.find_all::<ErasureRow>(filter, args![real, limit])?;
    if !due.is_empty() {
        return Ok(due.into_iter().map(ErasureRow::read).collect());
    }
    // Clocks of the sandbox that are ahead.
    let sql = "select e.partner_id, e.customer_id from partners p join erasures e on e.partner_id = p.id \
               where p.clock_offset > 0 and e.erased_at is null and e.due_at <= $1 + p.clock_offset limit $2";
    let places: Vec<(PartnerId, CustomerId)> = tx.fetch_all(sql, args![real, limit])?;
    let found = places.into_iter().map(|(partner, customer)| find(tx, partner, customer));
    Ok(found.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}
