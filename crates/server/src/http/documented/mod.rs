//! How the OpenAPI documents are made. Handlers annotate what is their own: path, tag, parameters, body and answer.
//! [`finished`] adds what follows from rules: problems with examples, shared parameters, headers, links and examples.

mod headers;
mod operations;
mod params;
mod problems;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use utoipa::Modify;
use utoipa::PartialSchema;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::ClientCredentials;
use utoipa::openapi::security::{Flow, HttpAuthScheme, HttpBuilder, OAuth2, Scopes, SecurityScheme};
use wire::problem::{ProblemBody, ProblemField};

pub use self::params::{OrderParam, PageParams};
use crate::state::AppState;

/// The APIs that have a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// The reference generation at `/v3`.
    Reference,
    /// The generation of the client libraries at `/api/v3`.
    Sdk,
    /// The operators' API.
    Operator,
    /// What only the sandbox has.
    Sandbox,
}

/// The route that shows an OpenAPI document.
pub fn shown(path: &str, document: &OpenApi) -> Router<AppState> {
    let document: bytes::Bytes = json(document).into();
    let show = move || std::future::ready(([(CONTENT_TYPE, "application/json")], document.clone()));
    Router::new().route(path, get(show))
}

/// A document as it is served.
///
/// # Panics
///
/// Never: every key of a document is text.
pub fn json(document: &OpenApi) -> String {
    document.to_pretty_json().expect("a document has text keys only")
}

/// How callers authenticate; it names the path of the token endpoint.
pub struct Security(pub &'static str);

impl Modify for Security {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let flow = Flow::ClientCredentials(ClientCredentials::new(self.0, Scopes::new()));
        components.add_security_scheme("client_credentials", SecurityScheme::OAuth2(OAuth2::new([flow])));
        let basic = HttpBuilder::new().scheme(HttpAuthScheme::Basic).build();
        components.add_security_scheme("basic", SecurityScheme::Http(basic));
    }
}

/// The whole document, from what the handlers annotate and from the rules that all operations follow.
///
/// # Panics
///
/// When a handler's annotation names no operation, which the tests find.
pub fn finished(api: Api, mut document: OpenApi) -> OpenApi {
    let components = document.components.get_or_insert_default();
    components.schemas.insert("Problem".to_owned(), ProblemBody::schema());
    components.schemas.insert("ProblemField".to_owned(), ProblemField::schema());
    headers::define(components);
    params::define(api, components);
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations::of_mut(item) {
            params::complete(api, &method, operation);
            let facts = operations::Facts::of(path, operation);
            problems::complete(api, &facts, operation);
            headers::complete(&facts, operation);
        }
    }
    document
}
