//! The rules of lending to small businesses in Brazil.
//!
//! Pure: nothing here reads a clock, draws a random number, speaks SQL, HTTP or JSON. Every function
//! that depends on the present takes `now`; every id is made from bytes handed in. The invariants of
//! money (integer cents, exact decimals) and of state (no transition outside a machine's `step`) are
//! kept here and relied upon everywhere else.

pub mod account_change;
pub mod actor;
pub mod bank;
pub mod calendar;
pub mod change;
pub mod credential;
pub mod credit;
pub mod customer;
pub mod event;
pub mod id;
pub mod kyc;
pub mod ledger;
pub mod letter;
pub mod links;
pub mod loan;
pub mod machine;
pub mod mailed_code;
pub mod money;
pub mod offer;
pub mod page;
pub mod person;
pub mod simulation;
pub mod tagged;
pub mod tax_id;
pub mod time;
pub mod visible;
pub mod webhook;
pub mod written;

/// The trade's exact decimal, used for rates and factors; money itself is [`money::Cents`].
pub use rust_decimal::Decimal;
