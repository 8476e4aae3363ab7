//! The operator API, served at `/operator/v1`: people's decisions for the lender in production.
//!
//! Scalars are those of the reference: money as strings, times as ISO 8601, percentages as numbers.

pub mod audit;
pub mod bank_file;
pub mod credit;
pub mod customer;
pub mod customer_timeline;
pub mod duplicate;
pub mod erasure;
pub mod installment;
pub mod kyc;
pub mod ledger;
mod list;
pub mod loan;
pub mod mail;
pub mod member;
pub mod new_offer;
pub mod note;
pub mod offer;
#[expect(clippy::module_inception, reason = "an operator is a resource of the operator API")]
pub mod operator;
pub mod overview;
pub mod partner;
pub mod payment;
pub mod personal_data;
pub mod policy;
pub mod proposal;
pub mod queue;
pub mod request;
pub mod review;
pub mod saved_view;
pub mod search;
pub mod settings;
pub mod signature;
pub mod tag;
pub mod timeline;
pub mod trial_balance;
mod word;

pub use self::list::{Item, List, Unreadable, items};
