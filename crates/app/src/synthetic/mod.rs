//! Synthetic histories that fill a database, such as a benchmark's.
//!
//! The real use cases make a few dozen template histories in a separate database ([`history`]). Each of the many
//! customers then gets a copy of a history with other ids, names, numbers and times ([`copy`]). Everything is sealed
//! and written as the use cases would have done it, but in one step.

mod copy;
mod course;
mod history;

pub use copy::{Files, Owner, Person, SharedPdf, copy};
pub use course::{join, make, pass};
pub use history::{Fate, History, LoanHistory, Pdf, Who, World};

use domain::id::PartnerId;
use domain::loan::CcbNumber;
use domain::time::RealTime;
use store::months::Outcome;
pub use store::search::Code;
use store::{StoreError, Tx};

/// Makes the months from a time on, if the database divides tables into months.
pub fn open_months(tx: &mut Tx<'_>, from: RealTime, now: RealTime) -> Result<(), StoreError> {
    for part in store::months::missing(tx, from, now)? {
        match store::months::make(tx, &part)? {
            Outcome::Done => {}
            // A conflict makes the script run again.
            Outcome::Locked => return Err(StoreError::Conflict),
            Outcome::Held => return Err(StoreError::Unavailable(format!("{part} cannot be made"))),
        }
    }
    Ok(())
}

/// Adds codes that [`copy`] returned to the index of searches. In the order of all codes, each step changes few pages.
pub fn index(tx: &mut Tx<'_>, codes: &[Code]) -> Result<(), StoreError> {
    store::search::insert(tx, codes)
}

/// Ends the synthetic history of a partner. New events get their places after it. The codes of its customers are in
/// the index of searches already.
pub fn end(tx: &mut Tx<'_>, partner: PartnerId, now: RealTime) -> Result<(), StoreError> {
    store::outbox::synthetic_until(tx, partner, now)?;
    store::search::feed::complete(tx, partner)
}

/// Takes the numbers of `count` contracts of a year; returns the last of them.
pub fn contract_numbers(tx: &mut Tx<'_>, year: i16, count: u32) -> Result<CcbNumber, StoreError> {
    store::loans::take_ccb_numbers(tx, year, count)
}
