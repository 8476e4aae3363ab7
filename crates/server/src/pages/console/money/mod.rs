//! Money that leaves: orders to send, files with them for the bank, and the bank's answers.
//!
//! An answer is read twice: first its page says what each line will do, and then a form with the same content does it.

mod answer;
mod orders;

pub(super) use self::answer::{apply, preview};
pub(super) use self::orders::{download, make, show};
