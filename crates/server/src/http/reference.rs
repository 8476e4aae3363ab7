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
#[path = "both/webhook_endpoints.rs"]
mod webhook_endpoints;

use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use utoipa::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

use self::dialect::BASE;
use super::auth::authenticated;
use super::documented::{self, Api, Security};
use super::prefixed::Prefixed;
use super::upload::form_limit;
use crate::state::AppState;

/// Every route under `/v3`.
pub fn routes(state: &AppState) -> OpenApiRouter<AppState> {
    let protected = Prefixed::with(BASE)
        .routes(routes!(credentials::create, credentials::list))
        .routes(routes!(credentials::revoke))
        .routes(routes!(customers::create, customers::list))
        .routes(routes!(customers::show, correction::update))
        .routes(routes!(documents::create).layer(DefaultBodyLimit::max(form_limit())))
        .routes(routes!(documents::open_biometrics))
        .routes(routes!(credit_offers::list_of_customer))
        .routes(routes!(credit_offers::list))
        .routes(routes!(credit_offers::show))
        .routes(routes!(credit_offers::simulate))
        .routes(routes!(loans::create))
        .routes(routes!(loans::show))
        .routes(routes!(loans::transactions))
        .routes(routes!(webhook_endpoints::create, webhook_endpoints::list))
        .routes(routes!(webhook_endpoints::show, webhook_endpoints::update, webhook_endpoints::delete))
        .routes(routes!(webhook_endpoints::rotate_secret))
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::retry))
        .routes(routes!(deliveries::recover))
        .routes(routes!(deliveries::test))
        .routes(routes!(events::list))
        .routes(routes!(events::show))
        .finish()
        .route_layer(from_fn_with_state(state.clone(), authenticated));
    let open = Prefixed::with(BASE).routes(routes!(tokens::issue)).finish();
    OpenApiRouter::with_openapi(Document::openapi()).merge(open).merge(protected)
}

/// The reference generation's OpenAPI document.
pub fn document(state: &AppState) -> utoipa::openapi::OpenApi {
    documented::finished(Api::Reference, state, routes(state).into_openapi())
}

const SECURITY: Security = Security("/v3/auth/token");

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Dinie API",
        version = "2026-03-01",
        description = "Credit as a service for small businesses in Brazil. Money is a string with two \
                       decimals in BRL, moments are ISO 8601 in UTC, percentages are numbers in percent.\n\n\
                       Every answer has `x-request-id`. Errors are problems (RFC 9457) whose `code` is for programs; a \
                       page explains each at `/errors/{code}`. Unknown fields and query parameters are ignored. A path \
                       that does not exist is 404 `route_not_found`, another method 405 `method_not_allowed` with \
                       `Allow`.\n\nA POST or PATCH with an idempotency key can be sent again for 24 hours and gives the \
                       same answer."
    ),
    modifiers(&SECURITY),
    security(("bearer" = []), ("client_credentials" = [])),
    tags(
        (name = "Authentication", description = "Access tokens, and the credentials that obtain them."),
        (name = "Customers", description = "Companies with the people responsible for them: registration, documents and review."),
        (name = "Credit offers", description = "Pre-approved offers, and simulations of loans under them."),
        (name = "Loans", description = "Loans from the contract to the last installment."),
        (name = "Webhooks", description = "Endpoints that receive events, and the state of each delivery."),
        (name = "Events", description = "Events of the partner's resources.")
    )
)]
struct Document;
