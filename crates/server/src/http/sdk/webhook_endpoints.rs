//! Webhook endpoints.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::EndpointId;
use domain::webhook::endpoint::{EndpointInput, Generation};
use wire::sdk::List;
use wire::sdk::webhook_endpoint::{
    CreateEndpoint, Endpoint, EndpointStatus, RotateSecret, RotatedSecret, UpdateEndpoint,
};

use crate::app;
use crate::http::auth::PartnerCaller;
use crate::http::documented::{AnyProblem, ConflictProblem, NotFoundProblem, ValidationProblem};
use crate::http::extract::{JsonBody, OptionalJsonBody, PathId, Query, Repeatable};
use crate::http::idempotency::{self, Answer};
use crate::http::page::cursor;
use crate::http::problem::Rejection;
use crate::http::reading;
use crate::http::webhook_target::{allowed, names_for, resolved};
use crate::state::AppState;

/// Create an endpoint
///
/// Its secret is shown in this answer only. A partner has at most 50 endpoints.
#[utoipa::path(
    post,
    path = "/webhooks/endpoints",
    tag = "Webhooks",
    params(("X-Idempotency-Key" = Option<String>, Header, description = "Makes a repetition safe for 24 hours")),
    request_body = CreateEndpoint,
    responses((status = 201, body = Endpoint), AnyProblem, ConflictProblem, ValidationProblem)
)]
pub(super) async fn create(
    State(state): State<AppState>,
    caller: PartnerCaller,
    request: Repeatable,
    body: JsonBody,
) -> Result<Response, Rejection> {
    let given = match CreateEndpoint::read(&body.value, allowed(state.config.loopback)) {
        Ok(given) => resolved(given, |given| Some(&given.url), state.config.loopback).await,
        Err(problem) => Err(problem),
    };
    let command = given.map(|CreateEndpoint { url, events, description }| app::webhooks::CreateEndpoint {
        generation: Generation::Sdk,
        url,
        patterns: events,
        description,
    });
    let create = move |tx: &mut store::Tx<'_>, now, command: &_| {
        app::webhooks::create(tx, caller.tenant, now, command)
    };
    idempotency::run(&state, caller.tenant, request, &body.bytes, command, create, |endpoint, _now| {
        Answer::created(
            format!("/api/v3/webhooks/endpoints/{}", endpoint.id),
            &Endpoint::with_secret(endpoint),
        )
    })
    .await
}

/// List endpoints
#[utoipa::path(
    get,
    path = "/webhooks/endpoints",
    tag = "Webhooks",
    params(
        ("order" = Option<String>, Query, description = "desc (default) or asc"),
        ("limit" = Option<u8>, Query, description = "1 to 100, default 25"),
        ("starting_after" = Option<String>, Query, description = "The id of the last item seen"),
    ),
    responses((status = 200, body = List<Endpoint>), AnyProblem)
)]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: PartnerCaller,
    mut query: Query,
) -> Result<Json<List<Endpoint>>, Rejection> {
    let cursor = cursor(&mut query);
    query.finish()?;
    let page = reading::read(&state, move |tx| app::webhooks::list(tx, caller.tenant, &cursor)).await?;
    Ok(Json(List::of(page, |endpoint| Endpoint::from(&endpoint))))
}

/// Show an endpoint
#[utoipa::path(
    get,
    path = "/webhooks/endpoints/{id}",
    tag = "Webhooks",
    params(("id" = String, Path)),
    responses((status = 200, body = Endpoint), AnyProblem, NotFoundProblem)
)]
pub(super) async fn show(
    State(state): State<AppState>,
    caller: PartnerCaller,
    PathId(id): PathId<EndpointId>,
) -> Result<Json<Endpoint>, Rejection> {
    let endpoint = reading::look_up(&state, move |tx| app::webhooks::find(tx, caller.tenant, id)).await?;
    Ok(Json(Endpoint::from(&endpoint)))
}

/// Change an endpoint
///
/// Switched on again, it receives what has waited.
#[utoipa::path(
    patch,
    path = "/webhooks/endpoints/{id}",
    tag = "Webhooks",
    params(
        ("id" = String, Path),
        ("X-Idempotency-Key" = Option<String>, Header, description = "Makes a repetition safe for 24 hours"),
    ),
    request_body = UpdateEndpoint,
    responses((status = 200, body = Endpoint), AnyProblem, NotFoundProblem, ValidationProblem)
)]
pub(super) async fn update(
    State(state): State<AppState>,
    caller: PartnerCaller,
    PathId(id): PathId<EndpointId>,
    request: Repeatable,
    body: JsonBody,
) -> Result<Response, Rejection> {
    let names = names_for(&state, caller.tenant, id).await?;
    let given = match UpdateEndpoint::read(&body.value, names, allowed(state.config.loopback)) {
        Ok(given) => resolved(given, |given| given.url.as_deref(), state.config.loopback).await,
        Err(problem) => Err(problem),
    };
    let command = given.map(|given| app::webhooks::UpdateEndpoint {
        url: given.url,
        patterns: given.events,
        description: given.description,
        switch: given.status.map(|status| match status {
            EndpointStatus::Active => EndpointInput::Enable,
            EndpointStatus::Disabled => EndpointInput::Disable,
        }),
    });
    let real = state.clock.now();
    let update = move |tx: &mut store::Tx<'_>, now, command: &_| {
        app::webhooks::update(tx, caller.tenant, now, real, id, command)
    };
    idempotency::run(&state, caller.tenant, request, &body.bytes, command, update, |endpoint, _now| {
        Answer::ok(&Endpoint::from(endpoint))
    })
    .await
}

/// Delete an endpoint
///
/// What was on its way to it is given up.
#[utoipa::path(
    delete,
    path = "/webhooks/endpoints/{id}",
    tag = "Webhooks",
    params(("id" = String, Path)),
    responses((status = 204, description = "Deleted"), AnyProblem, NotFoundProblem)
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    caller: PartnerCaller,
    PathId(id): PathId<EndpointId>,
) -> Result<StatusCode, Rejection> {
    let now = state.clock.now();
    state.store.write(move |tx| app::webhooks::delete(tx, caller.tenant, now, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Rotate an endpoint's secret
///
/// Both secrets sign until the former one's time is over.
#[utoipa::path(
    post,
    path = "/webhooks/endpoints/{id}/rotate-secret",
    tag = "Webhooks",
    params(
        ("id" = String, Path),
        ("X-Idempotency-Key" = Option<String>, Header, description = "Makes a repetition safe for 24 hours"),
    ),
    request_body = Option<RotateSecret>,
    responses((status = 200, body = RotatedSecret), AnyProblem, NotFoundProblem, ValidationProblem)
)]
pub(super) async fn rotate_secret(
    State(state): State<AppState>,
    caller: PartnerCaller,
    PathId(id): PathId<EndpointId>,
    request: Repeatable,
    body: OptionalJsonBody,
) -> Result<Response, Rejection> {
    let grace =
        RotateSecret::read(body.value.as_ref()).map(|given| Duration::from_secs(given.expire_current_in));
    // Secrets live by the real time, whatever the partner's clock says.
    let now = state.clock.now();
    let rotate = move |tx: &mut store::Tx<'_>, _, grace: &Duration| {
        app::webhooks::rotate_secret(tx, caller.tenant, now, id, *grace)
    };
    idempotency::run(&state, caller.tenant, request, &body.bytes, grace, rotate, move |endpoint, _| {
        Answer::ok(&RotatedSecret::of(endpoint, now))
    })
    .await
}
