//! The types and names of this generation that the handlers of both generations use.

use app::customers::CustomerSort;
use domain::webhook::endpoint::Generation;
use wire::problem::Code;

pub(in crate::http) use app::partners::credentials::RevokeRefused;
pub(in crate::http) use wire::reference::{
    List, credential, customer, delivery, event, loan, offer, request, request_list, simulation, transaction,
    webhook_endpoint,
};

pub(in crate::http) use crate::http::auth::PartnerCaller as CustomerReader;
use crate::http::documented::time_bounds;
pub(in crate::http) use crate::http::page::written_moment as moment;

/// The base path of the generation.
pub(in crate::http) const BASE: &str = "/v3";
/// The generation of the endpoints that are created here.
pub(in crate::http) const GENERATION: Generation = Generation::Reference;
/// The path that rotates a secret.
pub(in crate::http) const ROTATION: &str = "/webhooks/endpoints/{endpoint_id}/secret/rotate";

/// The description of a registration that finds an existing customer.
pub(in crate::http) const REGISTRATION: &str =
    "The same CPF, CNPJ and external_id again return the existing customer with 200.";
/// The description of a customer's answer.
pub(in crate::http) const CUSTOMER: &str = "With its status and everything that the review requires.";

/// The problem of a credential that is already revoked.
pub(in crate::http) const REVOKED: Code = Code::CredentialAlreadyRevoked;

/// The description of a list's order of customers.
pub(in crate::http) const SORT: &str = "created_at (default), updated_at or name";
/// The orders of a list of customers.
pub(in crate::http) const SORTS: &[(&str, CustomerSort)] = &[
    ("created_at", CustomerSort::CreatedAt),
    ("updated_at", CustomerSort::UpdatedAt),
    ("name", CustomerSort::Name),
];
/// The detail for any other order.
pub(in crate::http) const NO_SORT: &str = "must be created_at, updated_at or name";

time_bounds! {
    String,
    /// The bounds of a list of events.
    Happened: "Happened at this moment or later", "Happened before this moment";
    /// The bounds of a list of deliveries.
    Made: "Made at this moment or later", "Made before this moment";
    /// The bounds of a list of requests.
    Arrived: "Arrived at this moment or later", "Arrived before this moment";
}
