//! What became of each webhook, making it come again, and samples. An extension of what is published.

use std::sync::Arc;

use app::webhooks::samples::{self, Sample};
use app::webhooks::{self, DeliveryFile};
use app::{Cursor, Tx};
use axum::extract::State;
use axum::response::Response;
use domain::id::{DeliveryId, EndpointId};
use domain::time::Timestamp;

use super::dialect::List;
use super::dialect::delivery::{Delivery, Recover, Recovered};
use super::dialect::webhook_endpoint::SendTest;
use crate::generations;
use crate::http::auth::PartnerCaller;
use crate::http::delivery_query;
use crate::http::extract::{JsonBody, PathId, PathIds, Query, Repeatable};
use crate::http::idempotency::{self, Answer};
use crate::http::json::Json;
use crate::http::lane_changes::undelivered;
use crate::http::problem::Rejection;
use crate::http::reading;
use crate::http::webhook_target::names_for;
use crate::state::AppState;

/// A page of an endpoint's deliveries; `moment` reads a time as the generation writes it.
pub(super) async fn page(
    state: &AppState,
    caller: PartnerCaller,
    id: EndpointId,
    mut query: Query,
    moment: impl Fn(&str) -> Option<Timestamp>,
) -> Result<Json<List<Delivery>>, Rejection> {
    let (filter, cursor) = delivery_query::read(&mut query, moment);
    query.finish()?;
    let kept_since = state.kept_since();
    let list = move |tx: &mut Tx<'_>, at: &Cursor<DeliveryId>| {
        webhooks::deliveries(tx, caller.tenant, id, &filter, at, kept_since)
    };
    let page = reading::page(state, cursor, list).await?;
    Ok(Json(List::of(page, |file| shown(&file))))
}

fn shown(file: &DeliveryFile) -> Delivery {
    Delivery::of(&file.delivery, &file.attempts)
}

/// Retry a delivery
///
/// It is due at once, whatever became of it. The body and the `webhook-id` stay the same.
#[utoipa::path(
    post,
    path = "/webhooks/endpoints/{endpoint_id}/deliveries/{delivery_id}/retry",
    operation_id = "retryWebhookDelivery",
    tag = "Webhooks",
    params(
        ("endpoint_id" = String, Path),
        ("delivery_id" = String, Path),
    ),
    responses((status = 200, description = "The delivery, due now.", body = Delivery))
)]
pub(super) async fn retry(
    State(state): State<AppState>,
    caller: PartnerCaller,
    PathIds(endpoint, id): PathIds<EndpointId, DeliveryId>,
    request: Repeatable,
) -> Result<Response, Rejection> {
    // Attempts go by the real time, whatever the partner's clock says.
    let real = state.clock.now();
    let retry = move |tx: &mut Tx<'_>, _, (): &()| webhooks::retry(tx, caller.tenant, real, endpoint, id);
    idempotency::run(&state, caller.tenant, request, b"", Ok(()), retry, |file, _now| {
        Answer::ok(&shown(file))
    })
    .await
}

/// Recover missed deliveries
///
/// Every delivery since a moment that the endpoint has not taken is due at once, also those that were given up.
#[utoipa::path(
    post,
    path = "/webhooks/endpoints/{endpoint_id}/recover",
    operation_id = "recoverWebhookDeliveries",
    tag = "Webhooks",
    params(("endpoint_id" = String, Path)),
    request_body = Recover,
    responses((status = 200, description = "How many deliveries are due now.", body = Recovered))
)]
pub(super) async fn recover(
    State(state): State<AppState>,
    caller: PartnerCaller,
    PathId(id): PathId<EndpointId>,
    request: Repeatable,
    body: JsonBody,
) -> Result<Response, Rejection> {
    let command = Recover::read(&body.value);
    let since = command.as_ref().ok().map(|command| command.since);
    let deliveries = undelivered(&state, caller.tenant, id, since).await?;
    let recover =
        move |tx: &mut Tx<'_>, _, command: &Recover| webhooks::recover(tx, caller.tenant, id, command.since);
    idempotency::run(&state, caller.tenant, request, &body.bytes, command, recover, move |(), _now| {
        Answer::ok(&Recovered { deliveries })
    })
    .await
}

/// Send a sample event
///
/// To this endpoint only, whatever its patterns. The body looks like one of an event that happened. The list of events
/// does not have it.
#[utoipa::path(
    post,
    path = "/webhooks/endpoints/{endpoint_id}/test",
    operation_id = "sendTestWebhook",
    tag = "Webhooks",
    params(("endpoint_id" = String, Path)),
    request_body = SendTest,
    responses((status = 201, description = "The delivery of the sample.", body = Delivery))
)]
pub(super) async fn test(
    State(state): State<AppState>,
    caller: PartnerCaller,
    PathId(id): PathId<EndpointId>,
    request: Repeatable,
    body: JsonBody,
) -> Result<Response, Rejection> {
    let command = SendTest::read(&body.value, names_for(&state, caller.tenant, id).await?);
    let (real, lender) = (state.clock.now(), Arc::clone(&state.lender));
    let send = move |tx: &mut Tx<'_>, now, command: &SendTest| {
        let sample = Sample {
            kind: &|generation| wire::generations::event_kind(generation, &command.r#type),
            render: &|generation, event, delivery| {
                generations::render(generation, event, delivery, &lender.links)
            },
        };
        samples::send(tx, caller.tenant, now, real, id, &sample, &lender)
    };
    idempotency::run(&state, caller.tenant, request, &body.bytes, command, send, |file, _now| {
        Answer::created_here(&shown(file))
    })
    .await
}
