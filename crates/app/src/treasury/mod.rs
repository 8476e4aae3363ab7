//! The money that leaves: orders of disbursements, files with them for the bank, and the bank's answers.
//!
//! A format is behind one port, `format`: it writes a file and reads an answer. An order is in one file only. A returned
//! disbursement that is ordered again is another order, with another name.
//!
//! Reasons: docs/decisions/0031, docs/decisions/0036.

mod answer;
mod format;
mod orders;

pub use answer::{Effect, Judged, apply, judge, read};
pub use format::{Fault, Unreadable};
pub use orders::{ContentRefused, MakeRefused, Waiting, content, file, files, make, ready, sent};
