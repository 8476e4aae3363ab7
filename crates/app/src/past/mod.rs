//! Long pasts for a database that is filled, such as that of a benchmark.
//!
//! A few dozen template lives are lived by the real use cases in a database of their own ([`life`]). Each of the many
//! customers then gets a life with other ids, names, numbers and moments ([`copy`]). Everything is sealed and
//! written as the use cases would have left it, but in one step.

mod copy;
mod life;

pub use copy::{Files, Owner, Person, SharedPdf, copy};
pub use life::{Fate, Life, LoanLife, Pdf, World, live};

use domain::id::PartnerId;
use domain::loan::CcbNumber;
use domain::time::RealTime;
use store::months::Outcome;
use store::{StoreError, Tx};

/// Makes the months from a moment on, where tables lie in months.
pub fn open_months(tx: &mut Tx<'_>, from: RealTime, now: RealTime) -> Result<(), StoreError> {
    for part in store::months::missing(tx, from, now)? {
        match store::months::make(tx, &part)? {
            Outcome::Done => {}
            // The script runs again.
            Outcome::Locked => return Err(StoreError::Conflict),
            Outcome::Held => return Err(StoreError::Unavailable(format!("{part} cannot be made"))),
        }
    }
    Ok(())
}

/// Ends the past of a partner: what happens from now on is told behind it.
pub fn end(tx: &mut Tx<'_>, partner: PartnerId, now: RealTime) -> Result<(), StoreError> {
    store::outbox::past_until(tx, partner, now)
}

/// Takes the numbers of so many contracts of a year; the last of them.
pub fn contract_numbers(tx: &mut Tx<'_>, year: i16, count: u32) -> Result<CcbNumber, StoreError> {
    store::loans::take_ccb_numbers(tx, year, count)
}
