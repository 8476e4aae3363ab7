//! The ledger: the entries of each loan, and the check of all.

mod entries;

pub mod check;

pub(crate) use entries::{Cause, Movement, enter, enter_disbursement};
pub use entries::{LOANS_AT_ONCE, LedgerCheck, Running, balances, check_some, of_loan, running};
pub use store::ledger::JournalEntry;
