//! The audit trail: its entries with filters in the address, one entry beside them, the proof that the chain is whole,
//! and its export.
//!
//! The proof reads the whole trail, so it runs only when a person asks for it.

mod export;
mod page;
mod rows;

pub(super) use self::export::export;
pub(super) use self::page::{check, show};
