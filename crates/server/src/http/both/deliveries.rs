//! Deliveries of webhooks: list, retry, recovery and samples. They extend the published API.

use domain::time::RealTime;
use std::sync::Arc;

use app::Tx;
use app::webhooks::samples::{self, Sample};
use app::webhooks::{self, DeliveryFile, replay};
use axum::response::Response;
use domain::id::{DeliveryId, EndpointId};
use wire::problem::Code;

use super::dialect::delivery::{Delivery, Recover, Recovered, Replay, Replayed};
use super::dialect::webhook_endpoint::SendTest;
use super::dialect::{GENERATION, List, Made, moment};
use crate::generations;
use crate::http::call::{PartnerRead, PartnerWrite};
use crate::http::delivery_query;
use crate::http::documented::{OrderParam, PageParams, codes};
use crate::http::extract::{JsonBody, PathId, PathIds, Query};
use crate::http::idempotency::Answer;
use crate::http::json::Json;
use crate::http::lane_changes::undelivered;
use crate::http::problem::Rejection;
use crate::http::webhook_target::names_for;

/// List the deliveries of a webhook endpoint
///
/// Newest first, each with its attempts.
#[utoipa::path(
    get, path = "/webhooks/endpoints/{endpoint_id}/deliveries",
    operation_id = "listWebhookDeliveries", tag = "Webhooks",
    params(
        ("status" = Option<String>, Query, description = "pending, delivered or failed"),
        ("event_type" = Option<String>, Query, description = "The name of an event, such as loan.active"),
        Made,
        PageParams,
        OrderParam,
    ),
    responses(
        (status = 200, description = "A page of deliveries, each with its attempts.", body = List<Delivery>),
    )
)]
pub(super) async fn list(
    call: PartnerRead<PathId<EndpointId>>, mut query: Query,
) -> Result<Json<List<Delivery>>, Rejection> {
    let (filter, cursor) = delivery_query::read(&mut query, moment);
    query.finish()?;
    let (id, kept_since) = (call.id(), call.state.kept_since());
    let list =
        move |tx: &mut Tx<'_>, tenant, at: &_| webhooks::deliveries(tx, tenant, id, &filter, at, kept_since);
    let page = call.page(cursor, list).await?;
    Ok(Json(List::of(page, |file| shown(&file))))
}

fn shown(file: &DeliveryFile) -> Delivery {
    Delivery::of(&file.delivery, &file.attempts)
}

/// Retry a delivery
///
/// The delivery becomes due at once, in any state. The body and the `webhook-id` stay the same.
#[utoipa::path(
    post, path = "/webhooks/endpoints/{endpoint_id}/deliveries/{delivery_id}/retry",
    operation_id = "retryWebhookDelivery", tag = "Webhooks",
    responses((status = 200, description = "The delivery, due now.", body = Delivery))
)]
pub(super) async fn retry(
    call: PartnerWrite<PathIds<EndpointId, DeliveryId>>,
) -> Result<Response, Rejection> {
    let (tenant, PathIds(endpoint, id)) = (call.caller.tenant, call.path);
    let retry = move |tx: &mut Tx<'_>, real, (): &()| webhooks::retry(tx, tenant, real, endpoint, id);
    call.run(Ok(()), retry, |file, _now| Answer::ok(&shown(file))).await
}

/// Recover missed deliveries
///
/// Makes every delivery since a moment due at once that the endpoint has not accepted. Failed deliveries are
/// included.
#[utoipa::path(
    post, path = "/webhooks/endpoints/{endpoint_id}/recover",
    operation_id = "recoverWebhookDeliveries", tag = "Webhooks",
    request_body = Recover,
    responses((status = 200, description = "The number of deliveries that are due now.", body = Recovered))
)]
pub(super) async fn recover(call: PartnerWrite<PathId<EndpointId>, JsonBody>) -> Result<Response, Rejection> {
    let (tenant, id, command) = (call.caller.tenant, call.id(), Recover::read(&call.body.value));
    let since = command.as_ref().ok().map(|command| command.since);
    let deliveries = undelivered(&call.state, tenant, id, since).await?;
    let recover = move |tx: &mut Tx<'_>, _: RealTime, command: &Recover| {
        webhooks::recover(tx, tenant, id, command.since)
    };
    call.run(command, recover, move |(), _now| Answer::ok(&Recovered { deliveries })).await
}

/// Replay deliveries to another endpoint
///
/// The events that were delivered to this endpoint in a range of time are delivered to another endpoint of yours, oldest
/// first, if it subscribes to them. Each is rendered for the target, and its `webhook-id` is that of the event. One
/// request reads at most 256 deliveries; `has_more` says whether to continue. Samples are left out.
#[utoipa::path(
    post, path = "/webhooks/endpoints/{endpoint_id}/replay",
    operation_id = "replayWebhookDeliveries", tag = "Webhooks",
    extensions(("x-codes" = json!(codes(&[Code::InvalidEvent, Code::InvalidState])))),
    request_body = Replay,
    responses((status = 200, description = "The number of new deliveries to the target.", body = Replayed))
)]
pub(super) async fn replay(call: PartnerWrite<PathId<EndpointId>, JsonBody>) -> Result<Response, Rejection> {
    let (tenant, source) = (call.caller.tenant, call.id());
    let names = names_for(&call.state, tenant, source, GENERATION).await?;
    let command = Replay::read(&call.body.value, names);
    let signing_page = call.state.signing_page.clone();
    let replay = move |tx: &mut Tx<'_>, real: RealTime, command: &Replay| {
        let command = replay::Replay {
            source,
            target: command.target_endpoint_id,
            since: command.since,
            until: command.until,
            patterns: command.events.clone(),
            after: command.starting_after,
        };
        generations::replaying(&signing_page, |with| replay::replay(tx, tenant, real, &command, with))
    };
    call.run(command, replay, |done, _now| {
        let last_delivery_id = done.last.map(|last| last.to_string());
        Answer::ok(&Replayed { deliveries: done.deliveries, has_more: done.has_more, last_delivery_id })
    })
    .await
}

/// Send a sample event
///
/// The sample goes to this endpoint only, even if it does not subscribe to the event. The body looks like that of a
/// real event. The list of events does not contain it.
#[utoipa::path(
    post, path = "/webhooks/endpoints/{endpoint_id}/test", operation_id = "sendTestWebhook", tag = "Webhooks",
    extensions(("x-codes" = json!(codes(&[Code::InvalidEvent, Code::InvalidState])))),
    request_body = SendTest,
    responses((status = 201, description = "The delivery of the sample.", body = Delivery))
)]
pub(super) async fn test(call: PartnerWrite<PathId<EndpointId>, JsonBody>) -> Result<Response, Rejection> {
    let (tenant, id) = (call.caller.tenant, call.id());
    let command = SendTest::read(&call.body.value, names_for(&call.state, tenant, id, GENERATION).await?);
    let (real, lender) = (call.state.clock.now(), Arc::clone(&call.state.lender));
    let signing_page = call.state.signing_page.clone();
    let send = move |tx: &mut Tx<'_>, now, command: &SendTest| {
        let sample = Sample {
            to: id,
            kind: &|generation| wire::generations::event_kind(generation, &command.r#type),
            render: &|generation, event, delivery| {
                generations::render(generation, event, delivery, &signing_page)
            },
        };
        samples::send(tx, tenant, now, real, &sample, &lender)
    };
    call.run(command, send, |file, _now| Answer::created_here(&shown(file))).await
}
