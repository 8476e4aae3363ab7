//! The calling operator: its token, and the audit trail that records every call.

use app::people::operators::USE_PRECISION;
use app::upkeep::answers::Holder;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::access::{Grants, Operator, OperatorStatus};
use domain::actor::Actor;
use domain::id::{OperatorId, PartnerId};
use wire::problem::Code;

use super::refused::{self, Refused};
use crate::http::address::origin_of_parts;
use crate::http::auth::{
    expired_token, invalid_token, missing_token, note_allowance, other_environment, token_of,
};
use crate::http::call::Caller;
use crate::http::idempotency::Audited;
use crate::http::limits::Claimed;
use crate::http::logged::NotedCaller;
use crate::http::problem::{Rejection, of_store};
use crate::http::recorded::{self, Named};
use crate::state::AppState;

/// The prefix of operators' tokens.
const PREFIX: &str = "dinie_op_";

/// An operator.
#[derive(Debug, Clone, Copy)]
pub(super) struct OperatorCaller {
    id: OperatorId,
    grants: Grants,
}

impl OperatorCaller {
    /// The operator's id.
    pub(super) fn id(self) -> OperatorId {
        self.id
    }

    /// The operator's permissions and limits.
    pub(super) fn grants(&self) -> &Grants {
        &self.grants
    }

    /// The operator as the author of the change.
    pub(super) fn actor(self) -> Actor {
        Actor::Operator(self.id)
    }
}

impl Caller for OperatorCaller {
    fn holder(self) -> Holder {
        Holder::Operator(self.id)
    }

    /// Operators have no clock.
    fn clock(self) -> Option<PartnerId> {
        None
    }
}

impl FromRequestParts<AppState> for OperatorCaller {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &AppState) -> Result<Self, Rejection> {
        parts.extensions.get::<Self>().copied().ok_or_else(missing_token)
    }
}

/// Lets only operators through. An answer leaves only after its call is in the audit trail, also for a refused token.
pub(super) async fn authenticated(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let operator = match identified(&state, &parts).await {
        Ok(operator) => operator,
        Err(rejection) => return rejection.into_response(),
    };
    if let Some(noted) = parts.extensions.get::<NotedCaller>() {
        noted.note_operator(operator.id);
    }
    // Excess calls are refused before any work, so they do not make the trail longer.
    if let Err(rejection) = note_allowance(&parts, state.limits.operator(operator.id, state.clock.now())) {
        return rejection.into_response();
    }
    mark_used(&state, &operator);
    let grants = state.config.roles.grants(&operator.roles);
    parts.extensions.insert(OperatorCaller { id: operator.id, grants });
    let named = Named::of(&state, &parts);
    parts.extensions.insert(named.origin.clone());
    let response = next.run(Request::from_parts(parts, body)).await;
    if response.extensions().get::<Audited>().is_some() {
        return response;
    }
    match recorded::enter(&state, Some(operator.id), &named, response.status()).await {
        Ok(()) => response,
        Err(error) => of_store(error).into_response(),
    }
}

/// Whether a request has an operator's token, valid or not.
pub(in crate::http) fn bears_token(headers: &HeaderMap) -> bool {
    token_of(headers).is_ok_and(|token| token.starts_with(PREFIX))
}

/// Counts a request of an operator that has no handler.
pub(in crate::http) async fn counted(state: &AppState, parts: &Parts) -> Result<(), Rejection> {
    let operator = identified(state, parts).await?;
    note_allowance(parts, state.limits.operator(operator.id, state.clock.now()))
}

/// The operator of a request's token. Wrong tokens are counted by address to stop guessing. Valid tokens still work
/// from that address: a forgotten program with an old token must not lock out an office. Refused tokens are recorded
/// in the trail.
async fn identified(state: &AppState, parts: &Parts) -> Result<Operator, Rejection> {
    let refused = match operator(state, &parts.headers).await {
        Ok(operator) => return Ok(operator),
        Err(refused) => refused,
    };
    let mut rejection = refused.rejection.clone();
    if rejection.0.code == Code::InvalidToken {
        let address = origin_of_parts(parts, &state.config.proxies).sure;
        match state.limits.may_try(Claimed::Operator, address) {
            Ok(()) => state.limits.failed(Claimed::Operator, address),
            Err(too_many) => rejection = too_many,
        }
    }
    refused::note(state, parts, refused, rejection.0.code.status()).await;
    Err(rejection)
}

async fn operator(state: &AppState, headers: &HeaderMap) -> Result<Operator, Refused> {
    let token = token_of(headers).map_err(Refused::without_token)?;
    if !token.starts_with(PREFIX) {
        return Err(Refused::of(token, invalid_token()));
    }
    if !token.starts_with(&app::people::operators::token_prefix(state.config.environment)) {
        return Err(Refused::of(token, other_environment()));
    }
    let shown = token.to_owned();
    let found = state.store.look_up_newest(move |tx| app::people::operators::of_token(tx, &shown)).await;
    match found.map_err(|error| Refused::without_token(of_store(error)))? {
        Some(operator) => match operator.status_at(state.clock.now()) {
            OperatorStatus::Active => Ok(operator),
            OperatorStatus::Expired => Err(Refused::of(token, expired_token()).once_of(operator.id)),
            OperatorStatus::Revoked => Err(Refused::of(token, invalid_token()).once_of(operator.id)),
        },
        None => Err(Refused::of(token, invalid_token())),
    }
}

/// Notes the operator's call, if the last noted one is a while ago. The call does not wait for it.
fn mark_used(state: &AppState, operator: &Operator) {
    let (id, now) = (operator.id, state.clock.now());
    if operator.last_used_at.is_some_and(|last| now.since(last) < USE_PRECISION) {
        return;
    }
    let store = state.store.clone();
    tokio::spawn(async move {
        if let Err(error) = store.write(move |tx| app::people::operators::mark_used(tx, id, now)).await {
            tracing::warn!(%error, operator.id = %id, "the last use of an operator's token was not noted");
        }
    });
}
