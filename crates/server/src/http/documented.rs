//! What the OpenAPI documents of all generations say alike: problems and ways to authenticate.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::ClientCredentials;
use utoipa::openapi::security::{Flow, HttpAuthScheme, HttpBuilder, OAuth2, Scopes, SecurityScheme};
use utoipa::{IntoResponses, Modify};
use wire::problem::ProblemBody;

use crate::state::AppState;

/// The route that shows an OpenAPI document.
pub fn shown(path: &str, document: &OpenApi) -> Router<AppState> {
    let document: bytes::Bytes = document.to_pretty_json().unwrap_or_default().into();
    let show = move || std::future::ready(([(CONTENT_TYPE, "application/json")], document.clone()));
    Router::new().route(path, get(show))
}

/// How callers authenticate; it names the path of the token endpoint.
pub struct Security(pub &'static str);

impl Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let flow = Flow::ClientCredentials(ClientCredentials::new(self.0, Scopes::new()));
        components.add_security_scheme("client_credentials", SecurityScheme::OAuth2(OAuth2::new([flow])));
        let basic = HttpBuilder::new().scheme(HttpAuthScheme::Basic).build();
        components.add_security_scheme("basic", SecurityScheme::Http(basic));
    }
}

/// What any authenticated operation may answer instead.
#[derive(IntoResponses)]
pub enum AnyProblem {
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
pub struct NotFoundProblem(ProblemBody);

/// The resource's state does not allow it; `code` says what stands in the way.
#[derive(IntoResponses)]
#[response(status = 409, content_type = "application/problem+json")]
#[expect(dead_code, reason = "it documents the problem, which is rendered elsewhere")]
pub struct ConflictProblem(ProblemBody);

/// Fields are missing or wrong, or a rule refuses them; `code` and `errors` say which.
#[derive(IntoResponses)]
#[response(status = 422, content_type = "application/problem+json")]
#[expect(dead_code, reason = "it documents the problem, which is rendered elsewhere")]
pub struct ValidationProblem(ProblemBody);
