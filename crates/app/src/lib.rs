//! Use cases: plain synchronous functions over a transaction.
//!
//! HTTP handlers, pages, workers, commands and the sandbox's autopilot all call these; only these call the
//! store's queries. Argument order is `(tx, tenant, now, …)`. A function that refuses has changed nothing
//! that its caller commits.
//!
//! Each subject is a folder. Its `mod.rs` is its face: another subject uses what the face names, and never in a circle.
//! Reasons: docs/decisions/0019.

mod lender;
mod random;
mod refused;

pub mod autopilot;
pub mod clock;
pub mod contracts;
pub mod credit;
pub mod customers;
pub mod directory;
pub mod kyc;
pub mod ledger;
pub mod letters;
pub mod loans;
pub mod partners;
pub mod past;
pub mod payments;
pub mod people;
pub mod signing;
pub mod upkeep;
pub mod webhooks;

pub use lender::{Lender, Lifetimes};
pub use refused::{ListRefused, NotFound};
pub use store::Failed;
