//! The client libraries' generation: all routes of `/api/v3` on one screen, and its OpenAPI document from the same
//! registration.

mod bank_accounts;
mod banks;
mod biometrics;
mod correction;
mod dialect;
mod kyc;
mod tokens;

// Reasons: docs/decisions/0020.
#[path = "both/credentials.rs"]
#[expect(clippy::duplicate_mod, reason = "the handlers are the same in both generations")]
mod credentials;
#[path = "both/credit_offers.rs"]
#[expect(clippy::duplicate_mod, reason = "the handlers are the same in both generations")]
mod credit_offers;
#[path = "both/customers.rs"]
#[expect(clippy::duplicate_mod, reason = "the handlers are the same in both generations")]
mod customers;
#[path = "both/deliveries.rs"]
#[expect(clippy::duplicate_mod, reason = "the handlers are the same in both generations")]
mod deliveries;
#[path = "both/events.rs"]
#[expect(clippy::duplicate_mod, reason = "the handlers are the same in both generations")]
mod events;
#[path = "both/loans.rs"]
#[expect(clippy::duplicate_mod, reason = "the handlers are the same in both generations")]
mod loans;
#[path = "both/webhook_endpoints.rs"]
#[expect(clippy::duplicate_mod, reason = "the handlers are the same in both generations")]
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

/// Every route under `/api/v3`.
pub fn routes(state: &AppState) -> OpenApiRouter<AppState> {
    let protected = Prefixed::with(BASE)
        .routes(routes!(credentials::create, credentials::list))
        .routes(routes!(credentials::revoke))
        .routes(routes!(customers::create, customers::list))
        .routes(routes!(customers::show, correction::update))
        .routes(routes!(kyc::attach).layer(DefaultBodyLimit::max(form_limit())))
        .routes(routes!(kyc::attach_selfie).layer(DefaultBodyLimit::max(form_limit())))
        .routes(routes!(kyc::review))
        .routes(routes!(biometrics::open))
        .routes(routes!(biometrics::exchange))
        .routes(routes!(banks::list))
        .routes(routes!(bank_accounts::give, bank_accounts::show))
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

/// The generation's OpenAPI document.
pub fn document(state: &AppState) -> utoipa::openapi::OpenApi {
    documented::finished(Api::Sdk, state, routes(state).into_openapi())
}

const SECURITY: Security = Security("/api/v3/auth/token");

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Dinie API of the client libraries",
        version = "2026-03-01",
        description = "Credit as a service for small businesses in Brazil. This is the API of the official \
                       client libraries. Money is a number in BRL with at most two decimals, moments are Unix \
                       seconds, percentages are numbers in percent.\n\n\
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
        (name = "Customers", description = "Companies with the people responsible for them."),
        (name = "KYC", description = "The evidence that a review requires, and the review."),
        (name = "Biometrics", description = "Hosted sessions in which a customer takes a selfie."),
        (name = "Bank accounts", description = "The accounts that receive the loans' money, and the directory of banks."),
        (name = "Credit offers", description = "Pre-approved offers, and simulations of loans under them."),
        (name = "Loans", description = "Loans from the contract to the last installment."),
        (name = "Webhooks", description = "Endpoints that receive events, and the state of each delivery."),
        (name = "Events", description = "Events of the partner's resources.")
    )
)]
struct Document;
