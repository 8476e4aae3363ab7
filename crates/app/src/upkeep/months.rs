//! The months of the tables of events and deliveries, where the database lays tables in months.

use domain::time::RealTime;
pub use store::months::{Outcome, Part};
use store::{StoreError, Tx};

/// The parts that are not there of the present month and those to come.
pub fn missing(tx: &mut Tx<'_>, now: RealTime) -> Result<Vec<Part>, StoreError> {
    store::months::missing(tx, now, now)
}

/// Makes a part.
pub fn make(tx: &mut Tx<'_>, part: &Part) -> Result<Outcome, StoreError> {
    store::months::make(tx, part)
}

/// The parts whose months have ended before a moment.
pub fn past(tx: &mut Tx<'_>, before: RealTime) -> Result<Vec<Part>, StoreError> {
    store::months::past(tx, before)
}

/// Drops a part, unless something of it is still to be sent.
pub fn drop_part(tx: &mut Tx<'_>, part: &Part) -> Result<Outcome, StoreError> {
    store::months::drop_part(tx, part)
}

/// The moment before which rows are dropped if nothing from `cutoff` on may go.
pub fn first_kept(tx: &Tx<'_>, cutoff: RealTime) -> RealTime {
    store::months::first_kept(tx, cutoff)
}
