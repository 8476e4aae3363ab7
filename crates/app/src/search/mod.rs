//! One search over everything, for operators: by ids, tax numbers, contacts, numbers of contracts and payments, requests
//! and names. It finds only what the operator may read.
//!
//! Reasons: docs/decisions/0026.

mod finding;
mod hit;
pub mod indexing;

pub use self::finding::{partners_of, search};
pub use self::hit::Hit;
