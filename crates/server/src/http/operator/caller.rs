//! Who calls: an operator's token, and the audit trail in which every call of an operator ends.

use axum::extract::{FromRequestParts, OriginalUri, Request, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::actor::Actor;
use domain::id::OperatorId;
use store::audit::AuditedCall;
use store::idempotency::Holder;
use store::operators::Operator;

use crate::app;
use crate::http::auth::{invalid_token, missing_token, other_environment, token_of};
use crate::http::edge::RequestId;
use crate::http::idempotency::Audited;
use crate::http::problem::{Rejection, of_store};
use crate::state::AppState;

/// An operator.
#[derive(Debug, Clone, Copy)]
pub(super) struct OperatorCaller {
    id: OperatorId,
}

impl OperatorCaller {
    /// Who the operator is in what it records.
    pub(super) fn actor(self) -> Actor {
        Actor::Operator(self.id)
    }

    /// Whose the operator's idempotency keys are.
    pub(super) fn holder(self) -> Holder {
        Holder::Operator(self.id)
    }
}

impl FromRequestParts<AppState> for OperatorCaller {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &AppState) -> Result<Self, Rejection> {
        parts.extensions.get::<Self>().copied().ok_or_else(missing_token)
    }
}

/// Lets only operators through, and no answer out that is not in the audit trail.
pub(super) async fn authenticated(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let operator = match operator(&state, request.headers()).await {
        Ok(operator) => operator,
        Err(rejection) => return rejection.into_response(),
    };
    request.extensions_mut().insert(OperatorCaller { id: operator.id });
    let path = request.extensions().get::<OriginalUri>().map_or(request.uri(), |uri| &uri.0).path();
    let operation = format!("{} {path}", request.method());
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let response = next.run(request).await;
    if response.extensions().get::<Audited>().is_some() {
        return response;
    }
    let call = AuditedCall {
        at: state.clock.now(),
        operator: operator.id,
        operation,
        status: response.status().as_u16(),
        request_id,
        fingerprint: String::new(),
    };
    match state.store.write(move |tx| app::operators::note(tx, call.clone())).await {
        Ok(()) => response,
        Err(error) => of_store(error).into_response(),
    }
}

async fn operator(state: &AppState, headers: &HeaderMap) -> Result<Operator, Rejection> {
    let token = token_of(headers)?;
    if !token.starts_with("dinie_op_") {
        return Err(invalid_token());
    }
    if !token.starts_with(&app::operators::token_prefix(state.config.environment)) {
        return Err(other_environment());
    }
    let token = token.to_owned();
    let found = state.store.look_up(move |tx| app::operators::of_token(tx, &token)).await;
    found.map_err(of_store)?.ok_or_else(invalid_token)
}
