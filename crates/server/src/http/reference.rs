//! The reference generation's routes: the whole of `/v3` on a screen, and its OpenAPI document from the
//! same registration.

mod credentials;
mod credit_offers;
mod customers;
mod documents;
mod loans;
mod webhook_endpoints;

use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use utoipa::openapi::security::ClientCredentials;
use utoipa::openapi::security::{Flow, HttpAuthScheme, HttpBuilder, OAuth2, Scopes, SecurityScheme};
use utoipa::{IntoResponses, Modify, OpenApi};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;
use wire::problem::ProblemBody;

use super::auth::authenticated;
use super::upload::MOST_BYTES;
use crate::state::AppState;

/// Every route under `/v3`.
pub fn routes(state: &AppState) -> OpenApiRouter<AppState> {
    let protected = OpenApiRouter::new()
        .routes(routes!(credentials::create, credentials::list))
        .routes(routes!(credentials::revoke))
        .routes(routes!(customers::create, customers::list))
        .routes(routes!(customers::show, customers::update))
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
        .route_layer(from_fn_with_state(state.clone(), authenticated));
    let open = OpenApiRouter::new().routes(routes!(credentials::token));
    OpenApiRouter::with_openapi(Document::openapi()).nest("/v3", protected.merge(open))
}

/// A file of 10 MiB and what a form adds to it.
fn form_limit() -> usize {
    usize::try_from(MOST_BYTES).unwrap_or(usize::MAX).saturating_add(64 * 1024)
}

/// The reference generation's OpenAPI document.
pub fn document(state: &AppState) -> utoipa::openapi::OpenApi {
    routes(state).into_openapi()
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Dinie API",
        version = "2026-03-01",
        description = "Credit as a service for small businesses in Brazil. Money is a string with two \
                       decimals in BRL, moments are ISO 8601 in UTC, percentages are numbers in percent."
    ),
    modifiers(&Security),
    security(("bearer" = [])),
    tags(
        (name = "Authentication", description = "Tokens and credentials"),
        (name = "Customers", description = "Registration and KYC"),
        (name = "Credit offers", description = "Offers and simulations"),
        (name = "Loans", description = "Loans and their installments"),
        (name = "Webhooks", description = "Endpoints that hear events")
    )
)]
struct Document;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let flow = Flow::ClientCredentials(ClientCredentials::new("/v3/auth/token", Scopes::new()));
        components.add_security_scheme("client_credentials", SecurityScheme::OAuth2(OAuth2::new([flow])));
        let basic = HttpBuilder::new().scheme(HttpAuthScheme::Basic).build();
        components.add_security_scheme("basic", SecurityScheme::Http(basic));
    }
}

/// What any authenticated operation may answer instead.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it documents the problems, which are rendered elsewhere")]
enum AnyProblem {
    /// The request is malformed.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(ProblemBody),
    /// No token, or one that is not good.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(ProblemBody),
    /// The token may not do this.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemBody),
    /// Too many requests; see `Retry-After`.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(ProblemBody),
    /// The server cannot answer now; see `Retry-After`.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(ProblemBody),
}

/// No such resource of the caller's.
#[derive(IntoResponses)]
#[response(status = 404, content_type = "application/problem+json")]
#[expect(dead_code, reason = "it documents the problem, which is rendered elsewhere")]
struct NotFoundProblem(ProblemBody);

/// The resource's state does not allow it; `code` says what stands in the way.
#[derive(IntoResponses)]
#[response(status = 409, content_type = "application/problem+json")]
#[expect(dead_code, reason = "it documents the problem, which is rendered elsewhere")]
struct ConflictProblem(ProblemBody);

/// Fields are missing or wrong, or a rule refuses them; `code` and `errors` say which.
#[derive(IntoResponses)]
#[response(status = 422, content_type = "application/problem+json")]
#[expect(dead_code, reason = "it documents the problem, which is rendered elsewhere")]
struct ValidationProblem(ProblemBody);
