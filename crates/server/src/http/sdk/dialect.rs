//! The types and names of this generation that the handlers of both generations use.

use app::customers::CustomerSort;
use app::partners::credentials;
use domain::time;
use domain::webhook::endpoint::Generation;
use wire::problem::{Code, Problem};

pub(in crate::http) use wire::sdk::{
    List, credential, customer, delivery, event, loan, offer, request, request_list, simulation, transaction,
    webhook_endpoint,
};

pub(in crate::http) use crate::http::auth::CustomerCaller as CustomerReader;
use crate::http::documented::time_bounds;
use crate::http::problem::Refusal;

/// The base path of the generation.
pub(in crate::http) const BASE: &str = "/api/v3";
/// The generation of the endpoints that are created here.
pub(in crate::http) const GENERATION: Generation = Generation::Sdk;
/// The path that rotates a secret.
pub(in crate::http) const ROTATION: &str = "/webhooks/endpoints/{endpoint_id}/rotate-secret";

/// The description of a registration that finds an existing customer.
pub(in crate::http) const REGISTRATION: &str = "Idempotent on the CPF: the same registration again returns the existing \
     customer with 200. Missing names\ncome from the company registry.";
/// The description of a customer's answer.
pub(in crate::http) const CUSTOMER: &str = "With its status and everything that the review requires. For partner tokens, \
     and for the token of the customer's own\nsession.";

/// The problem of a credential that is already revoked.
pub(in crate::http) const REVOKED: Code = Code::CredentialRevoked;

/// The description of a list's order of customers.
pub(in crate::http) const SORT: &str = "created_at (default) or updated_at";
/// The orders of a list of customers.
pub(in crate::http) const SORTS: &[(&str, CustomerSort)] =
    &[("created_at", CustomerSort::CreatedAt), ("updated_at", CustomerSort::UpdatedAt)];
/// The detail for any other order.
pub(in crate::http) const NO_SORT: &str = "must be created_at or updated_at";

time_bounds! {
    i64,
    /// The bounds of a list of events.
    Happened: "Happened at this Unix second or later", "Happened before this Unix second";
    /// The bounds of a list of deliveries.
    Made: "Made at this Unix second or later", "Made before this Unix second";
    /// The bounds of a list of requests.
    Arrived: "Arrived at this Unix second or later", "Arrived before this Unix second";
}

/// Reads a moment of a query in the generation's form.
pub(in crate::http) fn moment(text: &str) -> Result<time::Timestamp, String> {
    let moment = text.parse().ok().and_then(time::Timestamp::of_seconds);
    moment.ok_or_else(|| "must be whole seconds of Unix time, such as 1777593600".to_owned())
}

/// A revocation that was refused.
pub(in crate::http) struct RevokeRefused(credentials::RevokeRefused);

impl From<credentials::RevokeRefused> for RevokeRefused {
    fn from(refused: credentials::RevokeRefused) -> Self {
        Self(refused)
    }
}

impl Refusal for RevokeRefused {
    fn problem(self) -> Problem {
        match self.0 {
            credentials::RevokeRefused::NotFound => Problem::not_found(),
            credentials::RevokeRefused::AlreadyRevoked => {
                Problem::new(REVOKED, "the credential has been revoked or has expired")
            }
        }
    }
}
