//! Storage behind one seam: SQLite and PostgreSQL run the same SQL.
//!
//! [`db`] runs scripts: synchronous closures over a database transaction, which may run more than once. The other
//! modules are the queries, one module for each aggregate, each with its SQL beside the function that runs it. This
//! crate knows no wire format, so a row cannot reach a partner. Personal data is sealed before it is written
//! ([`seal`]). A change of state is a compare-and-set on the row's version.
//!
//! ```
//! use domain::time::RealTime;
//! use store::db::DatabaseUrl;
//! use store::seal::MasterKey;
//! use store::{Store, StoreError, partners};
//!
//! # let folder = tempfile::tempdir()?;
//! let url = DatabaseUrl::Sqlite(folder.path().join("dinie.db"));
//! let store = Store::open(&url, MasterKey::new([7; 32]))?;
//! let now = RealTime::from_seconds(1_780_000_000);
//!
//! // In a server, `write` and `read` are awaited. Each script is one commit.
//! let partner = store.write_blocking(move |tx| partners::insert(tx, "Mercado Exemplo", now))?;
//! let found = store.write_blocking(move |tx| partners::find(tx, partner.id))?;
//! assert_eq!(found.map(|partner| partner.name).as_deref(), Some("Mercado Exemplo"));
//!
//! // A failed script changes nothing.
//! let failed = store.write_blocking(move |tx| {
//!     partners::insert(tx, "Loja Exemplo", now)?;
//!     Err::<(), _>(StoreError::NotFound)
//! });
//! assert!(failed.is_err());
//! # store.close()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod audit;
pub mod bank_account_changes;
pub mod bank_accounts;
pub mod bank_files;
pub mod blob;
pub mod case_ends;
pub mod case_visits;
pub mod cases;
pub mod challenges;
mod ciphers;
pub mod clocks;
pub mod contracts;
pub mod credentials;
pub mod credit;
pub mod customer_tags;
pub mod customers;
pub mod data_keys;
pub mod db;
pub mod deliveries;
mod desk;
pub mod directory;
pub mod dues;
pub mod entries;
pub mod erasing;
pub mod erasures;
pub mod exposure;
mod file_secrets;
pub mod file_store;
mod holder;
pub mod idempotency;
pub mod installments;
pub mod jobs;
pub mod journal_sums;
pub mod kms;
pub mod kyc;
pub mod lane_changes;
pub mod ledger;
pub mod loans;
pub mod mails;
pub mod master_keys;
pub mod migrations;
pub mod months;
mod named_files;
pub mod nodes;
pub mod notes;
pub mod offers;
pub mod operators;
pub mod outbox;
pub mod overdue;
pub mod partners;
pub mod payments;
pub mod people;
pub mod person_mails;
pub mod policies;
pub mod program_logins;
pub mod proposal_grounds;
pub mod proposals;
pub mod random;
pub mod request_log;
pub mod reseal;
pub mod rewrap;
#[cfg(feature = "test-support")]
pub mod samples;
pub mod saved_views;
pub mod seal;
mod sealed_columns;
pub mod search;
pub mod sessions;
pub mod settings;
pub mod shares;
pub mod signing;
pub mod simulations;
pub mod spans;
#[cfg(feature = "test-support")]
pub mod statements;
pub mod system_keys;
pub mod tags;
pub mod tenants;
#[cfg(feature = "test-support")]
pub mod test_support;
pub mod verify;
pub mod volumes;
pub mod webhook_endpoints;
pub mod wipe;

mod days;
mod document;
mod listing;
mod postings;
mod stored;
mod table;
pub mod tables;

pub use db::cause::{caused_by, present as present_cause};
pub use db::{Draft, Failed, Lane, OpenError, Store, StoreError, Tx, UnreadableRow, Wake, row_count};
pub use desk::{Desk, Sealer};
pub use listing::{Cursor, UnknownCursor};
pub use stored::Stored;
pub use table::Selected;
