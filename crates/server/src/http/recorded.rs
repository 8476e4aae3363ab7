//! Requests in the audit trail: calls of the operator API, and requests of the console.
//!
//! The commit of a change notes its request. Every other request is entered before its answer leaves.

use app::StoreError;
use app::database::sha256_hex;
use app::people::trail::AuditedCall;
use axum::extract::OriginalUri;
use axum::http::StatusCode;
use axum::http::request::Parts;
use domain::access::Origin;
use domain::id::OperatorId;
use domain::time::RealTime;

use super::address::kept_origin;
use super::edge::RequestId;
use crate::state::AppState;

/// A request as the trail names it.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    /// Its method and path.
    pub(crate) operation: String,
    /// Its id.
    pub(crate) request_id: String,
    /// Where it came from.
    pub(crate) origin: Origin,
}

impl Named {
    /// The name of a request.
    pub(crate) fn of(state: &AppState, parts: &Parts) -> Self {
        let path = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |uri| &uri.0).path();
        Self {
            operation: format!("{} {path}", parts.method),
            request_id: RequestId::of(&parts.extensions),
            origin: kept_origin(&parts.headers, &parts.extensions, &state.config.proxies),
        }
    }

    /// The entry of a request that changes something, for the commit of its change.
    pub(crate) fn changing(
        &self, at: RealTime, operator: OperatorId, status: StatusCode, body: &[u8],
    ) -> AuditedCall {
        let fingerprint = fingerprint(&self.operation, body);
        self.entry(at, Some(operator), status, fingerprint)
    }

    fn entry(
        &self, at: RealTime, operator: Option<OperatorId>, status: StatusCode, fingerprint: String,
    ) -> AuditedCall {
        let Self { operation, request_id, origin } = self.clone();
        let status = status.as_u16();
        AuditedCall { at, operator, operation, status, request_id, fingerprint, origin, change: None }
    }
}

/// The SHA-256 of an operation and its body. It shows whether two requests were the same.
pub(crate) fn fingerprint(operation: &str, body: &[u8]) -> String {
    sha256_hex(&[operation.as_bytes(), b"\n", body].concat())
}

/// Enters a request and the status of its answer into the trail. It is there when this returns.
pub(crate) async fn enter(
    state: &AppState, operator: Option<OperatorId>, named: &Named, status: StatusCode,
) -> Result<(), StoreError> {
    enter_attempt(state, operator, named, status, String::new()).await
}

/// Enters a failed sign-in with the keyed hash of the name that was given.
pub(crate) async fn enter_attempt(
    state: &AppState, operator: Option<OperatorId>, named: &Named, status: StatusCode, mark: String,
) -> Result<(), StoreError> {
    let call = named.entry(state.clock.now(), operator, status, mark);
    state.clerk.enter(&state.store, call).await
}
