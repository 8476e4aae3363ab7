//! The months of the tables of events and deliveries, if the database divides tables into months.

use domain::time::RealTime;
pub use store::months::{Outcome, Part};
use store::{StoreError, Tx};

/// The missing parts of the present and the next months.
pub fn missing(tx: &mut Tx<'_>, now: RealTime) -> Result<Vec<Part>, StoreError> {
    store::months::missing(tx, now, now)
}

/// Makes a part.
pub fn make(tx: &mut Tx<'_>, part: &Part) -> Result<Outcome, StoreError> {
    store::months::make(tx, part)
}

/// The parts whose months ended before a time.
pub fn expired(tx: &mut Tx<'_>, before: RealTime) -> Result<Vec<Part>, StoreError> {
    store::months::expired(tx, before)
}

/// Drops a part, unless something of it is still to be sent.
pub fn drop_part(tx: &mut Tx<'_>, part: &Part) -> Result<Outcome, StoreError> {
    store::months::drop_part(tx, part)
}

/// The time before which rows are dropped, if nothing from `cutoff` on may be dropped.
pub fn first_kept(tx: &Tx<'_>, cutoff: RealTime) -> RealTime {
    store::months::first_kept(tx, cutoff)
}
