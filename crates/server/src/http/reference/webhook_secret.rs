//! The rotation of a webhook endpoint's signing secret.

use axum::extract::State;
use axum::response::Response;
use domain::id::EndpointId;
use wire::reference::webhook_endpoint::{RotateSecret, RotatedSecret};

use super::webhook_endpoints;
use crate::http::auth::PartnerCaller;
use crate::http::extract::{OptionalJsonBody, PathId, Repeatable};
use crate::http::problem::Rejection;
use crate::state::AppState;

/// Rotate the signing secret of a webhook endpoint
///
/// Both secrets sign until the former one expires. At most two ever sign.
#[utoipa::path(
    post,
    path = "/webhooks/endpoints/{endpoint_id}/secret/rotate",
    operation_id = "rotateWebhookSecret",
    tag = "Webhooks",
    params(("endpoint_id" = String, Path)),
    request_body = Option<RotateSecret>,
    responses(
        (status = 200, description = "The new secret, which no later answer shows.", body = RotatedSecret),
    )
)]
pub(super) async fn rotate_secret(
    State(state): State<AppState>,
    caller: PartnerCaller,
    PathId(id): PathId<EndpointId>,
    request: Repeatable,
    body: OptionalJsonBody,
) -> Result<Response, Rejection> {
    webhook_endpoints::rotate(&state, caller, id, request, body).await
}
