//! Runs a writing use case once per key. Effect, events and stored answer are one commit.
//!
//! Successful answers and refusals by a business rule (409, 422) are stored. Errors in the request itself are found
//! earlier and leave the key free.
//!
//! Reasons: docs/decisions/0005.

use std::sync::Arc;

use app::people::trail::{self, AuditedCall};
use app::upkeep::answers::{Claim, Holder, StoredAnswer};
use app::{Failed, StoreError, Tx};
use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use axum::response::Response;
use domain::id::PartnerId;
use domain::time::{RealTime, Timestamp};
use wire::generations::problem_type_base;
use wire::problem::{Code, Problem, ProblemPlace};

use super::extract::Repeatable;
use super::problem::{Refusal, Rejection};
use super::recorded::fingerprint;
use crate::state::AppState;

/// A successful answer before it is sent.
#[derive(Clone)]
pub struct Answer {
    status: StatusCode,
    location: Option<String>,
    body: Result<Vec<u8>, Arc<serde_json::Error>>,
}

impl Answer {
    /// 200 with a body.
    pub fn ok(body: &impl serde::Serialize) -> Self {
        Self::with_status(StatusCode::OK, body)
    }

    /// 201 with a body and the address of the new resource.
    pub fn created(location: String, body: &impl serde::Serialize) -> Self {
        Self { location: Some(location), ..Self::with_status(StatusCode::CREATED, body) }
    }

    /// 201 with a body, for a resource without an address.
    pub fn created_here(body: &impl serde::Serialize) -> Self {
        Self::with_status(StatusCode::CREATED, body)
    }

    /// 202 without a body.
    pub fn accepted() -> Self {
        Self { status: StatusCode::ACCEPTED, location: None, body: Ok(Vec::new()) }
    }

    /// 202 with a body.
    pub fn accepted_with(body: &impl serde::Serialize) -> Self {
        Self::with_status(StatusCode::ACCEPTED, body)
    }

    fn with_status(status: StatusCode, body: &impl serde::Serialize) -> Self {
        Self { status, location: None, body: serde_json::to_vec(body).map_err(Arc::new) }
    }
}

/// The outcome of a request under a key.
enum Settled {
    /// The answer was made now.
    Fresh(StoredAnswer),
    /// The answer was stored by an earlier request.
    Replayed(StoredAnswer),
    /// The key was used for another request.
    Mismatch,
}

/// A write under the key of its request.
#[derive(Debug)]
pub struct Keyed<'a> {
    /// The holder of the key: a partner or an operator.
    pub holder: Holder,
    /// The tenant whose clock the use case uses; `None` for the real time.
    pub clock: Option<PartnerId>,
    /// The key and the operation.
    pub request: Repeatable,
    /// The bytes that a repetition must send again: the body, whole or part by part.
    pub body: &'a [u8],
}

/// The present on the clock of a use case.
pub trait Present: Copy + Send + 'static {
    /// The present at the real moment `real`, on this tenant's clock.
    fn at(state: &AppState, clock: Option<PartnerId>, real: RealTime) -> Self;
}

impl Present for RealTime {
    fn at(_state: &AppState, _clock: Option<PartnerId>, real: RealTime) -> Self {
        real
    }
}

/// A partner's use case uses its tenant's clock, which may be ahead in the sandbox. Operators have no clock.
impl Present for Timestamp {
    fn at(state: &AppState, clock: Option<PartnerId>, real: RealTime) -> Self {
        clock.map_or(real.unmoved(), |tenant| state.partner_clocks.at(tenant, real))
    }
}

/// Runs a use case for a partner or an operator and renders its outcome. If the request has a key, it runs under that
/// key. The type of its moment chooses the clock.
///
/// `command` was read from the body. A used key has its own answer. So a wrong command is reported only after the key
/// is found unused, and it leaves the key free.
pub async fn run<N: Present, C: Send + 'static, T: 'static, R: Refusal + 'static>(
    state: &AppState, keyed: Keyed<'_>, command: Result<C, Problem>,
    use_case: impl Fn(&mut Tx<'_>, N, &C) -> Result<T, Failed<R>> + Send + 'static,
    render: impl Fn(&T, N) -> Answer + Send + 'static,
) -> Result<Response, Rejection> {
    let Keyed { holder, clock, request, body } = keyed;
    if let (None, Err(problem)) = (&request.key, &command) {
        return Err(problem.clone().into());
    }
    // It shows whether a used key was used for the same request.
    let print = fingerprint(&request.operation, body);
    let real = state.clock.now();
    // Keys expire by the real time.
    let now = N::at(state, clock, real);
    let cutoff = real.minus(state.config.lifetimes.idempotency);
    let request = Arc::new(request);
    let inside = Arc::clone(&request);
    let settled = state.store.write_in(request.lane, move |tx| {
        let Some(key) = &inside.key else {
            let command = command.as_ref().map_err(|problem| Failed::Refused(problem.clone()))?;
            let before = state_before(tx, holder, &inside)?;
            let outcome =
                use_case(tx, now, command).map_err(|failed| failed.map_refused(Refusal::problem))?;
            let answer = stored(render(&outcome, now))?;
            note(tx, (holder, real), &inside, &print, &answer, before)?;
            return Ok::<_, Failed<Problem>>(Settled::Fresh(answer));
        };
        match app::upkeep::answers::claim(tx, holder, real, key, &print, cutoff)? {
            Claim::Used { fingerprint, answer } if fingerprint == print => Ok(Settled::Replayed(answer)),
            Claim::Used { .. } => Ok(Settled::Mismatch),
            Claim::Ours => {
                // A refusal here rolls the transaction back, so the key stays free.
                let command = command.as_ref().map_err(|problem| Failed::Refused(problem.clone()))?;
                let before = state_before(tx, holder, &inside)?;
                let outcome = tx.savepoint(|tx| use_case(tx, now, command))?;
                let answer = answer_of(outcome, &inside, |outcome| render(outcome, now))?;
                app::upkeep::answers::keep(tx, holder, real, key, &answer)?;
                note(tx, (holder, real), &inside, &print, &answer, before)?;
                Ok(Settled::Fresh(answer))
            }
        }
    });
    match settled.await? {
        Settled::Fresh(answer) => {
            let mut response = response(answer, false);
            response.extensions_mut().insert(Audited);
            Ok(response)
        }
        Settled::Replayed(answer) => Ok(response(answer, true)),
        Settled::Mismatch => Err(Problem::new(
            Code::IdempotencyKeyMismatch,
            "this idempotency key was used for another method, path or body",
        )
        .into()),
    }
}

/// Marks an answer whose call is already in the audit trail, in the same commit as its effect.
#[derive(Debug, Clone, Copy)]
pub struct Audited;

/// The state of the subject of an operator's call, for the audit trail.
fn state_before(tx: &mut Tx<'_>, holder: Holder, request: &Repeatable) -> Result<Option<String>, StoreError> {
    match holder {
        Holder::Operator(_) => trail::state_of(tx, &request.operation),
        Holder::Partner(_) => Ok(None),
    }
}

/// Writes an operator's call into the audit trail.
fn note(
    tx: &mut Tx<'_>, (holder, at): (Holder, RealTime), request: &Repeatable, fingerprint: &str,
    answer: &StoredAnswer, before: Option<String>,
) -> Result<(), StoreError> {
    let Holder::Operator(operator) = holder else { return Ok(()) };
    let origin = request.origin.clone();
    let call = AuditedCall {
        at,
        operator: Some(operator),
        operation: request.operation.clone(),
        status: answer.status,
        request_id: request.request_id.clone(),
        fingerprint: fingerprint.to_owned(),
        origin: origin.ok_or_else(|| StoreError::Defect("an operator's call has an origin".to_owned()))?,
        change: None,
    };
    trail::note_change(tx, &call, before)
}

/// The answer to store: a success, or a refusal of a stored kind.
fn answer_of<T, R: Refusal>(
    outcome: Result<T, Failed<R>>, request: &Repeatable, render: impl Fn(&T) -> Answer,
) -> Result<StoredAnswer, Failed<Problem>> {
    match outcome {
        Ok(outcome) => Ok(stored(render(&outcome))?),
        Err(Failed::Store(error)) => Err(Failed::Store(error)),
        Err(Failed::Refused(refusal)) => {
            let problem = refusal.problem();
            match problem.code.status() {
                status @ (409 | 422) => {
                    let place = ProblemPlace {
                        type_base: problem_type_base(&request.path),
                        instance: &request.path,
                        request_id: &request.request_id,
                    };
                    Ok(StoredAnswer { status, location: None, body: problem.body(&place) })
                }
                _not_stored => Err(Failed::Refused(problem)),
            }
        }
    }
}

/// The stored form of an answer. If the answer does not render, the whole transaction is rolled back. Otherwise the
/// caller would never learn of its effect.
fn stored(answer: Answer) -> Result<StoredAnswer, StoreError> {
    let Answer { status, location, body } = answer;
    let body = body.map_err(|error| StoreError::Defect(format!("an answer does not render: {error}")))?;
    Ok(StoredAnswer { status: status.as_u16(), location, body })
}

fn response(answer: StoredAnswer, replayed: bool) -> Response {
    let content_type = match (answer.status, answer.body.is_empty()) {
        (_, true) => None,
        (400.., false) => Some("application/problem+json"),
        (_, false) => Some("application/json"),
    };
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).expect("a stored status was sent before");
    let headers = response.headers_mut();
    if let Some(content_type) = content_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    if let Some(location) = answer.location {
        headers.insert(LOCATION, HeaderValue::from_str(&location).expect("a path of ours is plain ASCII"));
    }
    if replayed {
        headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    response
}
