//! The list of deliveries, whose bounds are written as the generation writes moments.

use axum::extract::State;
use domain::id::EndpointId;
use serde_json::Value;
use wire::reference::List;
use wire::reference::delivery::Delivery;
use wire::text_scalar::timestamp;

use super::deliveries;
use crate::http::auth::PartnerCaller;
use crate::http::documented::{OrderParam, PageParams};
use crate::http::extract::{PathId, Query};
use crate::http::json::Json;
use crate::http::problem::Rejection;
use crate::state::AppState;

/// List the deliveries of a webhook endpoint
///
/// Newest first, each with its attempts.
#[utoipa::path(
    get,
    path = "/webhooks/endpoints/{endpoint_id}/deliveries",
    operation_id = "listWebhookDeliveries",
    tag = "Webhooks",
    params(
        ("endpoint_id" = String, Path),
        ("status" = Option<String>, Query, description = "pending, delivered or failed"),
        ("event_type" = Option<String>, Query, description = "The name of an event, such as loan.active"),
        ("since" = Option<String>, Query, description = "Made at this moment or later"),
        ("until" = Option<String>, Query, description = "Made before this moment"),
        PageParams,
        OrderParam,
    ),
    responses(
        (status = 200, description = "A page of deliveries, each with its attempts.", body = List<Delivery>),
    )
)]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: PartnerCaller,
    PathId(id): PathId<EndpointId>,
    query: Query,
) -> Result<Json<List<Delivery>>, Rejection> {
    let moment = |text: &str| timestamp(&Value::from(text)).ok();
    deliveries::page(&state, caller, id, query, moment).await
}
