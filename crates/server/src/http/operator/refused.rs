//! Refused tokens in the audit trail. Attempts to enter are recorded, but repeated attempts cannot fill the trail.

use app::people::trail::AuditedCall;
use axum::http::request::Parts;
use domain::id::OperatorId;

use crate::http::problem::Rejection;
use crate::http::recorded::Named;
use crate::state::AppState;

/// Longest path in an entry, in characters, because the caller is unknown.
const LONGEST_OPERATION: usize = 200;

/// A call that was refused because of its token.
#[derive(Debug)]
pub(super) struct Refused {
    /// The answer.
    pub(super) rejection: Rejection,
    /// The token, if one was sent.
    token: Option<String>,
    /// The operator who had the token before it was revoked.
    operator: Option<OperatorId>,
}

impl Refused {
    /// A refusal of this token.
    pub(super) fn of(token: &str, rejection: Rejection) -> Self {
        Self { rejection, token: Some(token.to_owned()), operator: None }
    }

    /// The same refusal, with the operator who owned the token before it was revoked.
    pub(super) fn once_of(self, operator: OperatorId) -> Self {
        Self { operator: Some(operator), ..self }
    }

    /// A refusal of a call without a token, or with a token that could not be looked up.
    pub(super) fn without_token(rejection: Rejection) -> Self {
        Self { rejection, token: None, operator: None }
    }
}

/// Records a refused token in the trail. The trail stores only a keyed hash of the token, which shows repeated
/// attempts with one token.
pub(super) async fn note(state: &AppState, parts: &Parts, refused: Refused, status: u16) {
    let Some(token) = refused.token else { return };
    metrics::counter!("dinie_operator_tokens_refused_total").increment(1);
    let now = state.clock.now();
    let Some(more) = state.refusals.next(now) else { return };
    let Named { operation, request_id, origin } = Named::of(state, parts);
    let operation: String = operation.chars().take(LONGEST_OPERATION).collect();
    let operation = match more {
        0 => operation,
        more => format!("{operation} (and {more} refused tokens before it)"),
    };
    let call = AuditedCall {
        at: now,
        operator: refused.operator,
        operation,
        status,
        request_id,
        fingerprint: state.store.keyring().lookup("operator_token", &token),
        origin,
        change: None,
    };
    if let Err(error) = state.clerk.enter(&state.store, call).await {
        // The caller is refused in any case. The log has the entry that the trail lacks.
        tracing::error!(%error, "a refused operator token could not be entered into the audit trail");
    }
}
