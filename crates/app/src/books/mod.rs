//! The lender's books over all loans: the trial balance of a day, the entries behind it, and the payments received.

mod balance;
mod export;
mod label;
mod received;

pub use balance::{Entered, advance, balance_csv, behind, entries_of_day, trial_balance};
pub use export::{entries_csv, received_csv};
pub use received::{Received, Traced, TracedInstallment, find, received, trace};
pub use store::journal_sums::Step;
pub use store::ledger::DayFilter;
pub use store::payments::PaymentFilter;
