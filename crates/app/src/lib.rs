//! Use cases: plain synchronous functions over a database transaction.
//!
//! HTTP handlers, pages, workers, commands and the sandbox's autopilot call these functions. Only these functions call
//! the store's queries. Argument order is `(tx, tenant, now, …)`. A function that refuses has changed nothing that its
//! caller commits. It returns the reason in an enum of refusals:
//!
//! ```
//! use app::{Failed, NotFound, loans, partners};
//! use domain::id::LoanId;
//! use domain::time::RealTime;
//! use store::Store;
//! use store::db::DatabaseUrl;
//! use store::seal::MasterKey;
//!
//! # let folder = tempfile::tempdir()?;
//! # let url = DatabaseUrl::Sqlite(folder.path().join("dinie.db"));
//! let store = Store::open(&url, MasterKey::new([7; 32]))?;
//! let now = RealTime::from_seconds(1_780_000_000);
//! let partner = store.write_blocking(move |tx| partners::create(tx, now, "Mercado Exemplo"))?;
//!
//! let unknown: LoanId = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607".parse()?;
//! let found = store.write_blocking(move |tx| loans::find(tx, partner.id, unknown));
//! assert!(matches!(found, Err(Failed::Refused(NotFound))));
//! # store.close()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Each subject is a folder. Its `mod.rs` is its interface: other subjects use only the names in it, and never in a
//! circle.
//! Reasons: docs/decisions/0019.

mod lender;
mod percentile;
mod random;
mod refused;
mod tags;

pub mod autopilot;
pub mod books;
pub mod clock;
pub mod contracts;
pub mod credit;
pub mod customer_timeline;
pub mod customers;
pub mod database;
pub mod directory;
pub mod forecast;
pub mod kyc;
pub mod ledger;
pub mod links;
pub mod loan_sheet;
pub mod loans;
pub mod mails;
pub mod measures;
pub mod overview;
pub mod partners;
pub mod payments;
pub mod people;
pub mod personal_data;
pub mod portfolio;
pub mod production;
pub mod queues;
pub mod request_log;
pub mod sandbox;
pub mod search;
pub mod settings;
pub mod signing;
pub mod spreadsheet;
pub mod synthetic;
pub mod treasury;
pub mod upkeep;
pub mod webhooks;

pub use lender::{Lender, Lifetimes, Rates};
pub use refused::{ListRefused, NotFound, first_page};
pub use store::spans;
pub use store::{
    Cursor, Desk, Failed, Lane, OpenError, Store, StoreError, Stored, Tx, Wake, caused_by, present_cause,
    row_count,
};
