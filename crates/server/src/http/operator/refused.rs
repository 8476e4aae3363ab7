//! Refused tokens in the audit trail: who tries to come in is seen, and cannot fill the trail by trying.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::request::Parts;
use domain::id::OperatorId;
use domain::time::Timestamp;
use store::audit::AuditedCall;

use super::caller::named;
use crate::http::problem::Rejection;
use crate::state::AppState;

/// How many refusals a minute are entered one by one; the next entry tells how many more there were.
const MOST_A_MINUTE: u32 = 30;
const MINUTE: Duration = Duration::from_secs(60);
/// How much of a path an entry keeps, in characters: this caller is nobody yet.
const LONGEST_OPERATION: usize = 200;

/// A call that was refused for its token.
#[derive(Debug)]
pub(super) struct Refused {
    /// What is answered.
    pub(super) rejection: Rejection,
    /// The token, where one was shown.
    token: Option<String>,
    /// Whose token it was before it was revoked.
    operator: Option<OperatorId>,
}

impl Refused {
    /// A refusal of this token.
    pub(super) fn of(token: &str, rejection: Rejection) -> Self {
        Self { rejection, token: Some(token.to_owned()), operator: None }
    }

    /// The same, of a token that was this operator's before it was revoked.
    pub(super) fn once_of(self, operator: OperatorId) -> Self {
        Self { operator: Some(operator), ..self }
    }

    /// A refusal of a call that showed none, or whose token could not be looked up.
    pub(super) fn without_token(rejection: Rejection) -> Self {
        Self { rejection, token: None, operator: None }
    }
}

/// How many refusals have been entered lately, in this process.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<Window>);

#[derive(Debug, Default)]
struct Window {
    since: Option<Timestamp>,
    entered: u32,
    more: u64,
}

impl Refusals {
    /// How many refusals were not entered since the last one that was; `None` where this one is not either.
    fn next(&self, now: Timestamp) -> Option<u64> {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if window.since.is_none_or(|since| now.since(since) >= MINUTE) {
            (window.since, window.entered) = (Some(now), 0);
        }
        if window.entered >= MOST_A_MINUTE {
            window.more += 1;
            return None;
        }
        window.entered += 1;
        Some(std::mem::take(&mut window.more))
    }
}

/// Enters a refused token into the trail. Of the token only a keyed hash is kept, so that tries with one token are seen
/// to be.
pub(super) async fn note(state: &AppState, parts: &Parts, refused: Refused, status: u16) {
    let Some(token) = refused.token else { return };
    metrics::counter!("dinie_operator_tokens_refused_total").increment(1);
    let now = state.clock.now();
    let Some(more) = state.refusals.next(now) else { return };
    let (operation, request_id) = named(parts);
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
    };
    if let Err(error) = state.clerk.enter(state, call).await {
        // The caller is refused either way; what is missing in the trail is in the log.
        tracing::error!(%error, "a refused operator token could not be entered into the audit trail");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_refused_tokens_is_counted_and_not_entered() {
        let (refusals, start) = (Refusals::default(), Timestamp::from_seconds(1_780_000_000));
        for _ in 0..MOST_A_MINUTE {
            assert_eq!(refusals.next(start), Some(0));
        }
        for _ in 0..1_000 {
            assert_eq!(refusals.next(start.plus(Duration::from_secs(59))), None);
        }
        assert_eq!(refusals.next(start.plus(MINUTE)), Some(1_000));
        assert_eq!(refusals.next(start.plus(MINUTE)), Some(0));
    }
}
