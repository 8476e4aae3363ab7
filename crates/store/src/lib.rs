//! Storage behind one seam.
//!
//! [`db`] runs synchronous scripts on SQLite or PostgreSQL; the other modules are the queries, one module
//! per aggregate, each with its SQL beside the function that runs it. Nothing here knows a wire format, so
//! a row cannot reach a partner. What is personal is sealed before it is written ([`seal`]).

pub mod account_changes;
pub mod audit;
pub mod bank_accounts;
pub mod blob;
pub mod clocks;
pub mod contracts;
pub mod credentials;
pub mod credit;
pub mod customers;
pub mod db;
pub mod deliveries;
mod desk;
pub mod directory;
pub mod exposure;
pub mod idempotency;
pub mod jobs;
pub mod kyc;
pub mod lane_changes;
pub mod ledger;
pub mod loans;
pub mod mails;
pub mod migrations;
pub mod months;
pub mod offers;
pub mod operators;
pub mod outbox;
pub mod partners;
pub mod payments;
pub mod random;
pub mod seal;
pub mod settings;
pub mod signing;
pub mod simulations;
#[cfg(feature = "test-support")]
pub mod statements;
pub mod system_keys;
pub mod tags;
#[cfg(feature = "test-support")]
pub mod test_support;
pub mod transactions;
pub mod verify;
pub mod webhook_endpoints;

mod document;
mod listing;

pub use db::{Draft, Failed, Lane, OpenError, Store, StoreError, Tx, Wake, row_count};
pub use desk::{Desk, Sealer};
pub use listing::{Cursor, UnknownCursor};
