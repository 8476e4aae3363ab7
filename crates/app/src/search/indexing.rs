//! The index of searches follows the registrations of customers.

pub use store::search::feed::{Behind, advance, behind};
