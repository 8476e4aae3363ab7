//! Makes the OpenAPI documents. Handlers annotate only their own facts: path, tag, parameters, body and answer.
//! [`finished`] adds everything that follows from rules: problems with examples, shared parameters, headers, links
//! and examples.

pub mod about;
mod api;
mod bodies;
mod composed;
mod events;
mod headers;
mod links;
mod operations;
mod ordered;
mod params;
mod permissions;
mod problems;
mod sample;
mod schemas;
mod security;
mod vocabulary;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::State;
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use bytes::Bytes;
use domain::webhook::endpoint::Generation;
use utoipa::PartialSchema;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{ContactBuilder, HttpMethod, LicenseBuilder, OpenApi, ServerBuilder};
use wire::problem::{ProblemBody, ProblemField};

pub use self::about::About;
pub use self::api::Api;
pub use self::operations::query_names;
use self::ordered::Ordered;
pub(in crate::http) use self::params::time_bounds;
pub use self::params::{OrderParam, PageParams, RevokeParams};
pub use self::permissions::permission_of;
pub use self::problems::codes;
use crate::state::AppState;

/// The route of an OpenAPI document. The first request makes the document.
pub fn shown(path: &str, document: fn(&AppState) -> OpenApi) -> Router<AppState> {
    let made: Arc<OnceLock<Bytes>> = Arc::default();
    let show = move |State(state): State<AppState>| {
        let text = made.get_or_init(|| json(&document(&state)).into()).clone();
        std::future::ready(([(CONTENT_TYPE, "application/json")], text))
    };
    Router::new().route(path, get(show))
}

/// A document as it is served.
///
/// # Panics
///
/// Never: every key of a document is text.
pub fn json(document: &OpenApi) -> String {
    serde_json::to_string_pretty(&Ordered(document)).expect("a document has text keys only")
}

/// A fact of each operation in a document's annotations, by method and path.
pub fn facts_of<T>(mut document: OpenApi, fact: impl Fn(&Operation) -> T) -> HashMap<(Method, String), T> {
    let mut facts = HashMap::new();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations::of_mut(item) {
            let method = match method {
                HttpMethod::Post => Method::POST,
                HttpMethod::Patch => Method::PATCH,
                HttpMethod::Delete => Method::DELETE,
                _the_rest_read => Method::GET,
            };
            facts.insert((method, path.clone()), fact(operation));
        }
    }
    facts
}

/// The complete document, from the handlers' annotations and the rules for all operations.
///
/// # Panics
///
/// If a handler's annotation has no operation id. The tests find that.
pub fn finished(api: Api, state: &AppState, mut document: OpenApi) -> OpenApi {
    introduce(api, &mut document);
    security::define(api, &mut document);
    let generation = match api {
        Api::Reference => Some(Generation::Reference),
        Api::Sdk => Some(Generation::Sdk),
        Api::Operator | Api::Sandbox => None,
    };
    if let Some(generation) = generation {
        events::complete(generation, &state.lender.book.in_force(), &mut document);
    }
    let requests = bodies::requests(&document);
    let components = document.components.get_or_insert_default();
    components.schemas.insert("Problem".to_owned(), ProblemBody::schema());
    components.schemas.insert("ProblemField".to_owned(), ProblemField::schema());
    headers::define(api, components);
    params::define(api, components);
    schemas::complete(api, &mut components.schemas, &requests);
    if let Some(generation) = generation {
        schemas::name_events(&mut components.schemas, wire::generations::event_names(generation));
    }
    schemas::rename_lists(&mut components.schemas);
    composed::compose_examples(&mut components.schemas);
    let ids = operations::ids(&document.paths);
    let known = components.schemas.clone();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations::of_mut(item) {
            params::complete(api, &method, path, operation);
            let facts = operations::Facts::of(path, operation, &known);
            bodies::complete(&facts, operation, &known);
            problems::complete(api, &facts, operation);
            headers::complete(&facts, operation);
            links::complete(operation, &ids);
        }
    }
    prune(&mut document);
    document
}

/// Adds the rules of the generations, the licence, the publisher and the servers of the API.
fn introduce(api: Api, document: &mut OpenApi) {
    document.info.license = Some(LicenseBuilder::new().name("MIT").identifier(Some("MIT")).build());
    document.info.contact =
        Some(ContactBuilder::new().name(Some("Dinie")).url(Some("https://docs.dinie.com")).build());
    if matches!(api, Api::Reference | Api::Sdk) {
        document.info.description.get_or_insert_default().push_str(about::RULES);
    }
    let server =
        |url: &str, description: &str| ServerBuilder::new().url(url).description(Some(description)).build();
    let sandbox = server("http://127.0.0.1:8080", "The sandbox on your machine");
    document.servers = Some(match api {
        Api::Sandbox => vec![sandbox],
        Api::Reference | Api::Sdk | Api::Operator => {
            vec![server("https://api.dinie.com.br", "Production"), sandbox]
        }
    });
}

/// Drops components to which nothing refers.
fn prune(document: &mut OpenApi) {
    loop {
        let text = json(document);
        let used = |kind: &str, name: &String| text.contains(&format!("\"#/components/{kind}/{name}\""));
        let Some(components) = &mut document.components else { return };
        let before = components.schemas.len() + components.headers.len() + components.parameters.len();
        components.schemas.retain(|name, _| used("schemas", name));
        components.headers.retain(|name, _| used("headers", name));
        components.parameters.retain(|name, _| used("parameters", name));
        components.security_schemes.retain(|name, _| text.contains(&format!("\"{name}\": []")));
        if before == components.schemas.len() + components.headers.len() + components.parameters.len() {
            return;
        }
    }
}
