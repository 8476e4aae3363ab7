//! The reference generation, served at `/v3`.

// Reasons: docs/decisions/0020.
#[path = "../both/credential.rs"]
pub mod credential;
pub mod customer;
#[path = "../both/delivery.rs"]
pub mod delivery;
pub mod event;
pub mod kyc;
pub mod loan;
mod note;
pub mod offer;
#[path = "../both/request.rs"]
pub mod request;
pub mod request_list;
pub mod scalar;
pub mod simulation;
#[path = "../both/transaction.rs"]
pub mod transaction;
#[path = "../both/webhook_endpoint.rs"]
pub mod webhook_endpoint;

pub use crate::list::List;

/// Prefix of the generation's problem types.
pub const PROBLEM_TYPE_BASE: &str = "https://api.dinie.com.br/errors";
