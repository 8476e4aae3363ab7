//! The JSON of every API: request bodies, answers, webhooks and problems.
//!
//! Partners have two generations, [`mod@reference`] (`/v3`) and [`sdk`] (`/api/v3`); operators have [`operator`]. A
//! generation converts to and from the domain only and never imports another generation. No type of the domain derives
//! JSON, and this crate does not know the tables. So no field reaches a partner by accident.
//!
//! A body is read field by field ([`read`]), and one [`problem`] names every wrong field:
//!
//! ```
//! use serde_json::json;
//! use wire::reference::loan::CreateLoan;
//!
//! let body = json!({
//!     "credit_offer_id": "co_0190f3b4c5d67e8f90a1b2c3d4e5f607",
//!     "simulation_id": "sim_0190f3b4c5d67e8f90a1b2c3d4e5f607",
//!     "installments": 12,
//!     "installments_value": 1059.68,
//!     "first_due_date": "2026-02-30"
//! });
//! let problem = CreateLoan::read(&body).unwrap_err();
//! let wrong: Vec<_> = problem.errors.iter().map(|error| error.param.as_str()).collect();
//! assert_eq!(wrong, ["installments_value", "first_due_date"], "money is text here, and February has no 30th");
//! ```

mod endpoint;
pub mod event_schema;
pub mod generations;
mod labels;
mod list;
pub mod mask;
pub mod operator;
pub mod pix;
pub mod problem;
pub mod read;
pub mod reference;
pub mod sandbox;
mod scalar;
pub mod sdk;
mod signing_page;
pub mod text_scalar;

#[cfg(test)]
mod generations_tests;

pub use signing_page::SigningPage;

/// The `user-agent` of webhooks.
pub const WEBHOOK_AGENT: &str = "Dinie-Webhooks/3 (+https://docs.dinie.com/webhooks)";

/// The reason why every body of this crate can be written as JSON.
const SERIALIZES: &str = "bodies hold only text, numbers, dates, times and lists of them";
