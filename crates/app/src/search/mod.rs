//! One search over everything, for operators: by ids, tax numbers, contacts, numbers of contracts and payments, requests
//! and names. It finds only what the operator may read.
//!
//! Reasons: docs/decisions/0026.

mod finding;
mod hit;
pub mod indexing;

pub use self::finding::{customers_of, partners_of, search, search_of};
pub use self::hit::Hit;
