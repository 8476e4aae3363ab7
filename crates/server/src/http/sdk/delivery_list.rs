//! The list of deliveries, whose bounds are written as the generation writes moments.

use axum::extract::State;
use domain::id::EndpointId;
use wire::sdk::List;
use wire::sdk::delivery::Delivery;

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
        ("since" = Option<i64>, Query, description = "Made at this Unix second or later"),
        ("until" = Option<i64>, Query, description = "Made before this Unix second"),
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
    let moment = |text: &str| text.parse().ok().and_then(domain::time::Timestamp::of_seconds);
    deliveries::page(&state, caller, id, query, moment).await
}
