//! The data of a person: its export and its erasure.
//!
//! Reasons: docs/decisions/0049.

mod erasure;
mod export;

pub use self::erasure::{EraseRefused, Erasure, erasable, erase, erase_due, of_customer as erasure_of};
pub use self::export::{OwnLoan, Registration, registration, registrations};
