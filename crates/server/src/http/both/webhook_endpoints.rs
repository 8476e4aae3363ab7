//! Webhook endpoints.

use std::time::Duration;

use app::{Tx, webhooks};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::EndpointId;
use domain::webhook::endpoint::{EndpointInput, EndpointUpdate};
use wire::problem::Code;

use super::dialect::webhook_endpoint::{
    CreateEndpoint, Endpoint, EndpointStatus, RotateSecret, RotatedSecret, UpdateEndpoint,
};
use super::dialect::{BASE, GENERATION, List, ROTATION};
use crate::http::call::{PartnerRead, PartnerWrite};
use crate::http::documented::{OrderParam, PageParams, codes};
use crate::http::extract::{JsonBody, OptionalJsonBody, PathId};
use crate::http::idempotency::Answer;
use crate::http::json::Json;
use crate::http::lane_changes::prepared;
use crate::http::page::Paged;
use crate::http::problem::Rejection;
use crate::http::webhook_target::{allowed, names_for, resolved};

/// Create a webhook endpoint
///
/// Its signing secret is shown in this answer only. A partner has at most 50 endpoints. The endpoint receives the
/// events of the API through which it was created.
#[utoipa::path(
    post, path = "/webhooks/endpoints", operation_id = "createWebhookEndpoint", tag = "Webhooks",
    extensions(("x-codes" = json!(codes(&[Code::InvalidUrl, Code::InvalidEvent, Code::InvalidState])))),
    request_body = CreateEndpoint,
    responses(
        (
            status = 201,
            description = "The new endpoint with its signing secret, which no later answer shows.",
            body = Endpoint,
        ),
    )
)]
pub(super) async fn create(call: PartnerWrite<(), JsonBody>) -> Result<Response, Rejection> {
    let (tenant, loopback) = (call.caller.tenant, call.state.config.loopback);
    let given = match CreateEndpoint::read(&call.body.value, allowed(loopback)) {
        Ok(given) => resolved(given, |given| Some(&given.url), loopback).await,
        Err(problem) => Err(problem),
    };
    let command = given.map(|CreateEndpoint { url, events, description }| webhooks::CreateEndpoint {
        generation: GENERATION,
        url,
        patterns: events,
        description,
    });
    let create = move |tx: &mut Tx<'_>, now, command: &_| webhooks::create(tx, tenant, now, command);
    call.run(command, create, |endpoint, _now| {
        let location = format!("{BASE}/webhooks/endpoints/{}", endpoint.id);
        Answer::created(location, &Endpoint::with_secret(endpoint))
    })
    .await
}

/// List webhook endpoints
///
/// Newest first, without their secrets.
#[utoipa::path(
    get, path = "/webhooks/endpoints", operation_id = "listWebhookEndpoints", tag = "Webhooks",
    params(PageParams, OrderParam),
    responses((status = 200, description = "A page of endpoints.", body = List<Endpoint>))
)]
pub(super) async fn list(
    call: PartnerRead, Paged(cursor): Paged<EndpointId>,
) -> Result<Json<List<Endpoint>>, Rejection> {
    let page = call.page(cursor, webhooks::list).await?;
    Ok(Json(List::of(page, |endpoint| Endpoint::from(&endpoint))))
}

/// Get a webhook endpoint
///
/// Without its secret. If the endpoint is disabled, `disabled_reason` says why.
#[utoipa::path(
    get, path = "/webhooks/endpoints/{endpoint_id}", operation_id = "getWebhookEndpoint", tag = "Webhooks",
    responses((status = 200, description = "The endpoint.", body = Endpoint))
)]
pub(super) async fn show(call: PartnerRead<PathId<EndpointId>>) -> Result<Json<Endpoint>, Rejection> {
    let endpoint = call.look_up(webhooks::find).await?;
    Ok(Json(Endpoint::from(&endpoint)))
}

/// Update a webhook endpoint
///
/// An endpoint that is enabled again receives the waiting events.
#[utoipa::path(
    patch, path = "/webhooks/endpoints/{endpoint_id}",
    operation_id = "updateWebhookEndpoint", tag = "Webhooks",
    extensions(("x-codes" = json!(codes(&[Code::InvalidUrl, Code::InvalidEvent])))),
    request_body = UpdateEndpoint,
    responses((status = 200, description = "The endpoint after the change.", body = Endpoint))
)]
pub(super) async fn update(call: PartnerWrite<PathId<EndpointId>, JsonBody>) -> Result<Response, Rejection> {
    let (state, tenant, id) = (&call.state, call.caller.tenant, call.id());
    let loopback = state.config.loopback;
    let names = names_for(state, tenant, id, GENERATION).await?;
    let given = match UpdateEndpoint::read(&call.body.value, names, allowed(loopback)) {
        Ok(given) => resolved(given, |given| given.url.as_deref(), loopback).await,
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
    prepared(state, tenant, id, command.as_ref().ok()).await?;
    let update = move |tx: &mut Tx<'_>, now, command: &_| webhooks::update(tx, tenant, now, id, command);
    call.run(command, update, |endpoint, _now| Answer::ok(&Endpoint::from(endpoint))).await
}

/// Delete a webhook endpoint
///
/// Its pending deliveries are given up.
#[utoipa::path(
    delete, path = "/webhooks/endpoints/{endpoint_id}",
    operation_id = "deleteWebhookEndpoint", tag = "Webhooks",
    responses((status = 204, description = "The endpoint is gone."))
)]
pub(super) async fn delete(call: PartnerRead<PathId<EndpointId>>) -> Result<StatusCode, Rejection> {
    let (tenant, id) = (call.caller.tenant, call.id());
    call.state.store.write(move |tx| webhooks::delete(tx, tenant, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Rotate the signing secret of a webhook endpoint
///
/// Both secrets sign until the older one expires. At most two secrets sign at a time.
#[utoipa::path(
    post, path = ROTATION, operation_id = "rotateWebhookSecret", tag = "Webhooks",
    request_body = Option<RotateSecret>,
    responses(
        (status = 200, description = "The new secret, which no later answer shows.", body = RotatedSecret),
    )
)]
pub(super) async fn rotate_secret(
    call: PartnerWrite<PathId<EndpointId>, OptionalJsonBody>,
) -> Result<Response, Rejection> {
    let grace = RotateSecret::read(call.body.value.as_ref())
        .map(|given| Duration::from_secs(given.expire_current_in));
    let (tenant, id) = (call.caller.tenant, call.id());
    let rotate =
        move |tx: &mut Tx<'_>, real, grace: &_| webhooks::rotate_secret(tx, tenant, real, id, *grace);
    call.run(grace, rotate, |endpoint, real| Answer::ok(&RotatedSecret::of(endpoint, real))).await
}
