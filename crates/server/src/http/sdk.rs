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
#[path = "both/requests.rs"]
#[expect(clippy::duplicate_mod, reason = "the handlers are the same in both generations")]
mod requests;
#[path = "both/shared.rs"]
#[expect(clippy::duplicate_mod, reason = "the handlers are the same in both generations")]
mod shared;
#[path = "both/webhook_endpoints.rs"]
#[expect(clippy::duplicate_mod, reason = "the handlers are the same in both generations")]
mod webhook_endpoints;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

use super::documented::about::{self, About};
use super::prefixed::Prefixed;
use super::upload::form_limit;
use crate::state::AppState;

/// Every route under `/api/v3`.
pub fn routes(state: &AppState) -> OpenApiRouter<AppState> {
    let own = |table: Prefixed| {
        table
            .routes(routes!(customers::show, correction::update))
            .routes(routes!(kyc::attach).layer(DefaultBodyLimit::max(form_limit())))
            .routes(routes!(kyc::attach_selfie).layer(DefaultBodyLimit::max(form_limit())))
            .routes(routes!(kyc::review))
            .routes(routes!(biometrics::open))
            .routes(routes!(biometrics::exchange))
            .routes(routes!(banks::list))
            .routes(routes!(bank_accounts::give, bank_accounts::show))
    };
    OpenApiRouter::with_openapi(ABOUT.document()).merge(shared::with_own(own, state))
}

const ABOUT: About = About {
    title: "Dinie API of the client libraries",
    version: "2026-03-01",
    description: "Credit as a service for small businesses in Brazil. This is the API of the official \
                       client libraries. Money is a number in BRL with at most two decimals, moments are Unix \
                       seconds, percentages are numbers in percent.",
    tags: &[
        about::AUTHENTICATION,
        ("Customers", "Companies with the people responsible for them."),
        ("KYC", "The evidence that a review requires, and the review."),
        ("Biometrics", "Hosted sessions in which a customer takes a selfie."),
        ("Bank accounts", "The accounts that receive the loans' money, and the directory of banks."),
        about::OFFERS,
        about::LOANS,
        about::WEBHOOKS,
        about::EVENTS,
        about::REQUESTS,
    ],
};
