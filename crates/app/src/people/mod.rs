//! The people of the lender, and what they did.

pub mod operators;
pub mod trail;
