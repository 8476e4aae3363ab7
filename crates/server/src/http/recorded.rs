//! Requests without a change of their own in the audit trail: calls of the operator API, and requests of the console.

use app::StoreError;
use app::people::trail::AuditedCall;
use axum::extract::OriginalUri;
use axum::http::request::Parts;
use domain::id::OperatorId;

use super::edge::RequestId;
use crate::state::AppState;

/// A request as the trail names it: its method and path, and its id.
pub(crate) fn named(parts: &Parts) -> (String, String) {
    let path = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |uri| &uri.0).path();
    (format!("{} {path}", parts.method), RequestId::of(&parts.extensions))
}

/// Enters a request and the status of its answer into the trail. It is there when this returns.
pub(crate) async fn enter(
    state: &AppState, operator: Option<OperatorId>, (operation, request_id): (String, String), status: u16,
) -> Result<(), StoreError> {
    let fingerprint = String::new();
    let call = AuditedCall { at: state.clock.now(), operator, operation, status, request_id, fingerprint };
    state.clerk.enter(&state.store, call).await
}
