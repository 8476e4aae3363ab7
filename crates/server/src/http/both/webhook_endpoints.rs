//! Webhook endpoints.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::EndpointId;
use domain::webhook::endpoint::{EndpointInput, EndpointUpdate};

use super::dialect::webhook_endpoint::{
    CreateEndpoint, Endpoint, EndpointStatus, RotateSecret, RotatedSecret, UpdateEndpoint,
};
use super::dialect::{BASE, GENERATION, List};
use crate::http::auth::PartnerCaller;
use crate::http::documented::{OrderParam, PageParams};
use crate::http::extract::{JsonBody, OptionalJsonBody, PathId, Query, Repeatable};
use crate::http::idempotency::{self, Answer};
use crate::http::json::Json;
use crate::http::lane_changes::prepared;
use crate::http::page::cursor;
use crate::http::problem::Rejection;
use crate::http::reading;
use crate::http::webhook_target::{allowed, names_for, resolved};
use crate::state::AppState;

/// Create a webhook endpoint
///
/// Its signing secret is shown in this answer only. A partner has at most 50 endpoints. The endpoint receives the
/// events of the API through which it was created.
#[utoipa::path(
    post,
    path = "/webhooks/endpoints",
    operation_id = "createWebhookEndpoint",
    tag = "Webhooks",
    request_body = CreateEndpoint,
    responses(
        (
            status = 201,
            description = "The new endpoint with its signing secret, which no later answer shows.",
            body = Endpoint,
        ),
    )
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
        generation: GENERATION,
        url,
        patterns: events,
        description,
    });
    let create =
        move |tx: &mut app::Tx<'_>, now, command: &_| app::webhooks::create(tx, caller.tenant, now, command);
    idempotency::run(&state, caller.tenant, request, &body.bytes, command, create, |endpoint, _now| {
        Answer::created(
            format!("{BASE}/webhooks/endpoints/{}", endpoint.id),
            &Endpoint::with_secret(endpoint),
        )
    })
    .await
}

/// List webhook endpoints
///
/// Newest first, without their secrets.
#[utoipa::path(
    get,
    path = "/webhooks/endpoints",
    operation_id = "listWebhookEndpoints",
    tag = "Webhooks",
    params(PageParams, OrderParam),
    responses((status = 200, description = "A page of endpoints.", body = List<Endpoint>))
)]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: PartnerCaller,
    mut query: Query,
) -> Result<Json<List<Endpoint>>, Rejection> {
    let cursor = cursor(&mut query);
    query.finish()?;
    let page =
        reading::page(&state, cursor, move |tx, at| app::webhooks::list(tx, caller.tenant, at)).await?;
    Ok(Json(List::of(page, |endpoint| Endpoint::from(&endpoint))))
}

/// Get a webhook endpoint
///
/// Without its secret. `disabled_reason` says why it receives nothing.
#[utoipa::path(
    get,
    path = "/webhooks/endpoints/{endpoint_id}",
    operation_id = "getWebhookEndpoint",
    tag = "Webhooks",
    params(("endpoint_id" = String, Path)),
    responses((status = 200, description = "The endpoint.", body = Endpoint))
)]
pub(super) async fn show(
    State(state): State<AppState>,
    caller: PartnerCaller,
    PathId(id): PathId<EndpointId>,
) -> Result<Json<Endpoint>, Rejection> {
    let endpoint = reading::look_up(&state, move |tx| app::webhooks::find(tx, caller.tenant, id)).await?;
    Ok(Json(Endpoint::from(&endpoint)))
}

/// Update a webhook endpoint
///
/// An endpoint that is switched on again receives what has waited.
#[utoipa::path(
    patch,
    path = "/webhooks/endpoints/{endpoint_id}",
    operation_id = "updateWebhookEndpoint",
    tag = "Webhooks",
    params(("endpoint_id" = String, Path)),
    request_body = UpdateEndpoint,
    responses((status = 200, description = "The endpoint after the change.", body = Endpoint))
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
    let command = given.map(|given| EndpointUpdate {
        url: given.url,
        patterns: given.events,
        description: given.description,
        switch: given.status.map(|status| match status {
            EndpointStatus::Active => EndpointInput::Enable,
            EndpointStatus::Disabled => EndpointInput::Disable,
        }),
    });
    prepared(&state, caller.tenant, id, command.as_ref().ok()).await?;
    let update = move |tx: &mut app::Tx<'_>, now, command: &_| {
        app::webhooks::update(tx, caller.tenant, now, id, command)
    };
    idempotency::run(&state, caller.tenant, request, &body.bytes, command, update, |endpoint, _now| {
        Answer::ok(&Endpoint::from(endpoint))
    })
    .await
}

/// Delete a webhook endpoint
///
/// Deliveries that are still pending are given up.
#[utoipa::path(
    delete,
    path = "/webhooks/endpoints/{endpoint_id}",
    operation_id = "deleteWebhookEndpoint",
    tag = "Webhooks",
    params(("endpoint_id" = String, Path)),
    responses((status = 204, description = "The endpoint is gone."))
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    caller: PartnerCaller,
    PathId(id): PathId<EndpointId>,
) -> Result<StatusCode, Rejection> {
    state.store.write(move |tx| app::webhooks::delete(tx, caller.tenant, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives an endpoint a new secret. The generations serve this on different paths.
pub(super) async fn rotate(
    state: &AppState,
    caller: PartnerCaller,
    id: EndpointId,
    request: Repeatable,
    body: OptionalJsonBody,
) -> Result<Response, Rejection> {
    let grace =
        RotateSecret::read(body.value.as_ref()).map(|given| Duration::from_secs(given.expire_current_in));
    // Secrets live by the real time, whatever the partner's clock says.
    let now = state.clock.now();
    let rotate = move |tx: &mut app::Tx<'_>, _, grace: &Duration| {
        app::webhooks::rotate_secret(tx, caller.tenant, now, id, *grace)
    };
    idempotency::run(state, caller.tenant, request, &body.bytes, grace, rotate, move |endpoint, _| {
        Answer::ok(&RotatedSecret::of(endpoint, now))
    })
    .await
}
