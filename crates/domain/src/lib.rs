//! The rules of lending to small businesses in Brazil.
//!
//! This crate is pure. It reads no clock, draws no random number and knows nothing of SQL, HTTP or JSON. A function
//! that needs the present time takes `now`, and an id is made from bytes that the caller passes in. Money is integer
//! cents and exact decimals.
//!
//! Begin with [`loan`] (price, contract, installments), [`customer`] and [`kyc`], [`offer`], [`webhook`]. Their
//! common parts are in [`machine`], [`money`], [`time`] and [`id`]. `docs/GLOSSARY.md` explains the words.
//!
//! A state changes only by a step of its machine. A step gives the next state and the domain events, or the machine
//! refuses it:
//!
//! ```
//! use domain::loan::{LoanEvent, LoanInput, LoanState};
//!
//! let step = LoanState::Processing.step(&LoanInput::ContractGenerated)?;
//! assert_eq!(*step.next(), LoanState::ContractGenerated);
//! assert_eq!(step.events(), [LoanEvent::ContractGenerated]);
//!
//! assert!(step.next().step(&LoanInput::PaidOff).is_err(), "nobody owes anything yet");
//! # Ok::<(), domain::machine::Illegal>(())
//! ```
//!
//! A price is exact to the cent, and its installments add up:
//!
//! ```
//! use domain::loan::iof::{IofRates, IofRegime};
//! use domain::loan::pricing::{Charges, Product, Request, price};
//! use domain::loan::rates::{IofVersion, RateBook};
//! use domain::money::{Cents, Rate};
//! use domain::time::Date;
//!
//! let percent = |text: &str| Rate::from_percent(text.parse().ok()?);
//! let iof = IofRates { daily: percent("0.0082").unwrap(), additional: percent("0.38").unwrap() };
//! let since = Date::constant(2026, 1, 1);
//! let version = IofVersion { since, company: iof, reduced: iof, reduced_up_to: Cents::new(30_000_00) };
//! let product = Product { fee: Product::DEFAULT_FEE, regime: IofRegime::Company, charges: Charges::Financed };
//! let request = Request {
//!     requested: Cents::parse("10000.00")?,
//!     monthly_rate: percent("3.5").unwrap(),
//!     installments: 12,
//!     release: Date::constant(2026, 3, 2),
//!     first_due: None,
//! };
//!
//! let quote = price(&request, &product, &RateBook::new(vec![version], Vec::new()))?;
//! assert_eq!(quote.net, request.requested);
//! assert_eq!(quote.total, quote.schedule.iter().map(|row| row.payment).sum());
//! assert!(quote.cet_annual > quote.annual_rate);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod access;
pub mod actor;
pub mod bank;
pub mod bank_account_change;
pub mod bank_file;
pub mod calendar;
pub mod cause;
pub mod change;
pub mod clock;
pub mod closed;
pub mod course;
pub mod credential;
pub mod credit;
pub mod customer;
pub mod event;
pub mod id;
pub mod kyc;
pub mod ledger;
pub mod likeness;
pub mod loan;
pub mod machine;
pub mod mail;
pub mod mailed_code;
pub mod money;
pub mod note;
pub mod offer;
pub mod page;
pub mod page_visit;
pub mod person;
pub mod queue;
mod registration;
pub mod request_log;
pub mod retention;
pub mod scenario;
pub mod search;
pub mod simulation;
pub mod spelling;
pub mod statement;
pub mod tagged;
pub mod tax_id;
pub mod time;
pub mod trial_balance;
pub mod visible;
pub mod webhook;
pub mod written;

/// The exact decimal for rates and factors. Money itself is [`money::Cents`].
pub use rust_decimal::Decimal;
