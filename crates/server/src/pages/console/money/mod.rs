//! Money: orders to send, files with them for the bank, the bank's answers, the payments of
//! all loans, and the trial balance of a day.
//!
//! An answer is read twice: first its page says what each line will do, and then a form with the same content does it.

mod answer;
mod balance;
mod entries;
mod orders;
mod payment;
mod payments;
mod tabs;

pub(super) use self::answer::{apply, preview};
pub(super) use self::balance::{export as export_balance, show as balance};
pub(super) use self::entries::{export as export_entries, show as entries};
pub(super) use self::orders::{download, make, show};
pub(super) use self::payment::show as payment;
pub(super) use self::payments::{export as export_payments, show as payments};
