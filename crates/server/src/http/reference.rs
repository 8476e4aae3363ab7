//! The reference generation: all routes of `/v3` on one screen, and its OpenAPI document from the same registration.

mod correction;
mod dialect;
mod documents;
mod tokens;

// Reasons: docs/decisions/0020.
#[path = "both/credentials.rs"]
mod credentials;
#[path = "both/credit_offers.rs"]
mod credit_offers;
#[path = "both/customers.rs"]
mod customers;
#[path = "both/deliveries.rs"]
mod deliveries;
#[path = "both/events.rs"]
mod events;
#[path = "both/loans.rs"]
mod loans;
#[path = "both/requests.rs"]
mod requests;
#[path = "both/shared.rs"]
mod shared;
#[path = "both/webhook_endpoints.rs"]
mod webhook_endpoints;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

use super::documented::about::{self, About};
use super::prefixed::Prefixed;
use super::upload::form_limit;
use crate::state::AppState;

/// Every route under `/v3`.
pub fn routes(state: &AppState) -> OpenApiRouter<AppState> {
    let own = |table: Prefixed| {
        table
            .routes(routes!(customers::show, correction::update))
            .routes(routes!(documents::create).layer(DefaultBodyLimit::max(form_limit())))
            .routes(routes!(documents::open_biometrics))
    };
    OpenApiRouter::with_openapi(ABOUT.document()).merge(shared::with_own(own, state))
}

const ABOUT: About = About {
    title: "Dinie API",
    version: "2026-03-01",
    description: "Credit as a service for small businesses in Brazil. Money is a string with two \
                       decimals in BRL, moments are ISO 8601 in UTC, percentages are numbers in percent.",
    tags: &[
        about::AUTHENTICATION,
        ("Customers", "Companies with the people responsible for them: registration, documents and review."),
        about::OFFERS,
        about::LOANS,
        about::WEBHOOKS,
        about::EVENTS,
        about::REQUESTS,
    ],
};
