//! The generation of the client libraries, served at `/api/v3`.

pub mod bank_account;
pub mod biometrics;
#[path = "../both/credential.rs"]
#[expect(clippy::duplicate_mod, reason = "the fields are the same in both generations")]
pub mod credential;
pub mod customer;
#[path = "../both/delivery.rs"]
#[expect(clippy::duplicate_mod, reason = "the fields are the same in both generations")]
pub mod delivery;
pub mod event;
mod event_data;
pub mod kyc;
pub mod loan;
mod note;
pub mod offer;
#[path = "../both/request.rs"]
#[expect(clippy::duplicate_mod, reason = "the fields are the same in both generations")]
pub mod request;
pub mod request_list;
pub mod scalar;
pub mod simulation;
#[path = "../both/transaction.rs"]
#[expect(clippy::duplicate_mod, reason = "the fields are the same in both generations")]
pub mod transaction;
#[path = "../both/webhook_endpoint.rs"]
#[expect(clippy::duplicate_mod, reason = "the fields are the same in both generations")]
pub mod webhook_endpoint;

use domain::page;
use serde::Serialize;
use utoipa::ToSchema;

/// Prefix of the generation's problem types. The client libraries choose their exceptions by it.
pub const PROBLEM_TYPE_BASE: &str = "https://docs.dinie.com/errors";

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// Always `list`.
    #[schema(example = "list")]
    object: &'static str,
    /// The items of the page.
    data: Vec<T>,
    /// Whether more items follow. Send the last item's id as `starting_after` to get them.
    has_more: bool,
}

impl<T> List<T> {
    /// Renders each item of a page.
    pub fn of<D>(page: page::Page<D>, render: impl FnMut(D) -> T) -> Self {
        Self { object: "list", data: page.items.into_iter().map(render).collect(), has_more: page.has_more }
    }
}
