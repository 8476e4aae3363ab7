//! HTTP: the layers around every request, and the routes of each API.

pub mod address;
pub mod auth;
pub mod call;
mod coalesced;
pub mod delivery_query;
pub(crate) mod document_pages;
pub mod documented;
pub mod edge;
pub mod event_query;
pub mod extract;
pub mod forms;
mod headers;
mod hosted_session;
pub mod idempotency;
pub mod json;
mod kept_body;
pub(crate) mod key_use;
pub mod lane_changes;
pub mod limits;
mod logged;
mod observed;
pub mod omitted;
pub(crate) mod on_clock;
pub mod operator;
pub mod page;
mod parameters;
pub(crate) mod partner_volumes;
mod prefixed;
pub mod problem;
mod program_login;
pub(crate) mod recorded;
pub mod reference;
pub mod refusals;
mod registration;
pub(crate) mod request_query;
pub mod sandbox;
pub mod sdk;
pub mod simulating;
pub mod steering;
pub mod token;
mod unread;
pub mod upload;
pub mod webhook_target;

use std::sync::atomic::Ordering;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use domain::credential::Environment;
use utoipa::openapi::OpenApi;
use wire::problem::{Code, Problem};

use self::documented::Api;
use self::problem::Rejection;
use crate::connections::Side;
use crate::pages::{self, Documents};
use crate::state::AppState;

/// Every route of the server.
pub fn router(state: AppState) -> Router {
    let routes = Router::new()
        .route("/health", get(health))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
        .route("/login/program", post(program_login::begin))
        .route("/login/program/credential", post(program_login::collect))
        .merge(partners(&state))
        .merge(sandbox_routes(&state))
        .merge(operator_routes(&state))
        .merge(pages::routes(state.config.environment, &state, documents))
        .fallback(route_not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(state.clone(), lenders_own))
        .with_state(state.clone());
    edge::around(routes, state)
}

/// The OpenAPI document of an API, from the registration of its routes.
pub fn document(api: Api, state: &AppState) -> OpenApi {
    let routes = match api {
        Api::Reference => reference::routes(state),
        Api::Sdk => sdk::routes(state),
        Api::Operator => operator::routes(state),
        Api::Sandbox => sandbox::routes(state),
    };
    documented::finished(api, state, routes.into_openapi())
}

/// The OpenAPI documents that the portal shows.
fn documents(state: &AppState) -> Documents {
    let text = |api| documented::json(&document(api, state));
    Documents { reference: text(Api::Reference), sdk: text(Api::Sdk), sandbox: text(Api::Sandbox) }
}

/// The sandbox's own routes and their OpenAPI document; none in production.
fn sandbox_routes(state: &AppState) -> Router<AppState> {
    match state.config.environment {
        Environment::Production => Router::new(),
        Environment::Sandbox => {
            let (routes, _) = sandbox::routes(state).split_for_parts();
            routes.merge(documented::shown("/sandbox/openapi.json", |state| document(Api::Sandbox, state)))
        }
    }
}

/// The operators' routes and their OpenAPI document.
fn operator_routes(state: &AppState) -> Router<AppState> {
    let (routes, _) = operator::routes(state).split_for_parts();
    routes.merge(documented::shown("/operator/v1/openapi.json", |state| document(Api::Operator, state)))
}

/// Whether the process answers.
async fn health() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], r#"{"status":"ok"}"#)
}

/// Whether the database accepts a write, has a supported schema, and is not known to be damaged.
async fn ready(State(state): State<AppState>) -> Result<impl IntoResponse, Rejection> {
    if state.leaving.load(Ordering::Relaxed) {
        return Err(Problem::new(Code::Unavailable, "the server is stopping").into());
    }
    if state.store.damage().is_some() {
        let detail = "the database is damaged; see the server's log";
        return Err(Problem::new(Code::Unavailable, detail).into());
    }
    let schema = state.components.look(&state.store, &state.clock).await.map_err(problem::of_store)?;
    let tree = state.store.tree();
    if let Err(unserved) = tree.serves(schema) {
        return Err(Problem::new(Code::Unavailable, unserved.to_string()).retry_after(1).into());
    }
    let (engine, version, range) = (state.store.engine_name(), schema.version, tree.range());
    let schema = format!(r#"{{"version":{version},"serves_from":{},"serves_to":{}}}"#, range.from, range.to);
    let body = format!(r#"{{"status":"ready","database":"{engine}","schema":{schema}}}"#);
    Ok(([(CONTENT_TYPE, "application/json")], body))
}

/// Shows the counters and the gauges that `workers::gauges` has read. It does not query the database.
async fn metrics(State(state): State<AppState>) -> impl IntoResponse {
    let text = state.metrics.render() + &state.trail_head.render();
    (StatusCode::OK, [(CONTENT_TYPE, "text/plain; version=0.0.4")], text)
}

/// The first parts of the paths that only the lender's own people and programs need.
const LENDERS_OWN: [&str; 4] = ["operator", "console", "metrics", "sandbox"];

/// Answers the lender's own paths as unknown ones, if they have a listener of their own and this is the other one.
async fn lenders_own(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_own = request.uri().path().split('/').nth(1).is_some_and(|first| LENDERS_OWN.contains(&first));
    let is_public = request.extensions().get::<Side>() == Some(&Side::Public);
    if is_public && is_own {
        return route_not_found(State(state), request).await.into_response();
    }
    next.run(request).await
}

async fn route_not_found(State(state): State<AppState>, request: Request) -> Rejection {
    let detail = "there is no such path; the paths are listed at /v3/openapi.json and /api/v3/openapi.json";
    without_handler(&state, &request.into_parts().0, Problem::new(Code::RouteNotFound, detail)).await
}

async fn method_not_allowed(State(state): State<AppState>, request: Request) -> Rejection {
    let detail = "this path does not take this method; see Allow";
    without_handler(&state, &request.into_parts().0, Problem::new(Code::MethodNotAllowed, detail)).await
}

/// The problem of a request without a handler. A request with a valid token is counted all the same.
async fn without_handler(state: &AppState, parts: &Parts, problem: Problem) -> Rejection {
    let counted = if operator::bears_token(&parts.headers) {
        operator::counted(state, parts).await
    } else {
        auth::counted(state, parts).await.map(drop)
    };
    match counted {
        Err(rejection) if rejection.0.code == Code::RateLimitExceeded => rejection,
        // Without a valid token, the caller still gets the problem of the path or method.
        Ok(()) | Err(_) => problem.into(),
    }
}

/// The partners' routes, each generation with its OpenAPI document.
fn partners(state: &AppState) -> Router<AppState> {
    let (reference, _) = reference::routes(state).split_for_parts();
    let (sdk, _) = sdk::routes(state).split_for_parts();
    Router::new()
        .merge(reference)
        .merge(documented::shown("/v3/openapi.json", |state| document(Api::Reference, state)))
        .merge(sdk)
        .merge(documented::shown("/api/v3/openapi.json", |state| document(Api::Sdk, state)))
}
