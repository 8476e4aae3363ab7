//! The operator API, served at `/operator/v1`: what people decide for the lender in production.
//!
//! Scalars are those of the reference: money as strings, times as ISO 8601, percentages as numbers.

pub mod audit;
pub mod credit;
pub mod customer;
mod list;
pub mod loan;
pub mod mail;
pub mod partner;
pub mod payment;
pub mod signature;

pub use self::list::{Item, List, Unreadable, items};
