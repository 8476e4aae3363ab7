//! The partner's own requests, as the log has them, and what an idempotency key stands for. Extensions of the published
//! API.

use std::time::Duration;

use domain::request_log::{self, LoggedBodies, LoggedFault, LoggedProblem};
use domain::time::RealTime;
use serde::Serialize;
use utoipa::ToSchema;

use super::scalar::Timestamp;

/// A request of the partner and its answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoggedRequest {
    /// Identifies the entry of the log.
    #[schema(example = "rlog_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub id: String,
    /// The request's id, as in the `x-request-id` of its answer. If the caller gives the ids, several requests may have
    /// the same.
    #[schema(min_length = 1, max_length = 128, example = "req_4eda7559c0de0ea58a7a4a14")]
    pub request_id: String,
    /// Time of the request's arrival.
    pub created_at: Timestamp,
    /// The HTTP method.
    #[schema(example = "POST")]
    pub method: String,
    /// The path with its parameters in braces. `unmatched` if there is no such path.
    #[schema(example = "/v3/customers/{customer_id}/biometrics")]
    pub route: String,
    /// The path. A part that looks like personal data is replaced by `***`.
    #[schema(example = "/v3/customers/cust_0190f3b4c5d67e8f90a1b2c3d4e5f607/biometrics")]
    pub path: String,
    /// The query, with personal data replaced by `***`. Null without one.
    #[schema(required, example = "limit=10")]
    pub query: Option<String>,
    /// The HTTP status of the answer.
    #[schema(minimum = 200, maximum = 599, example = 409)]
    pub status_code: u16,
    /// Time from the arrival to the answer, in microseconds.
    #[schema(minimum = 0, example = 2_310)]
    pub duration_us: u64,
    /// The credential of the request's token.
    pub client_id: String,
    /// The idempotency key. Null without one.
    #[schema(required, min_length = 1, max_length = 255, example = "0190f3b4-c5d6-7e8f-90a1-b2c3d4e5f607")]
    pub idempotency_key: Option<String>,
    /// Whether the answer is the stored one of an earlier request with this key.
    #[schema(example = false)]
    pub replayed: bool,
    /// The address that the request came from. Null if it is not known.
    #[schema(required, example = "203.0.113.7")]
    pub address: Option<String>,
    /// The name of the program that made the request, at most 200 characters. Null without one.
    #[schema(required, max_length = 200, example = "python-httpx/0.28.1")]
    pub user_agent: Option<String>,
    /// The problem that was answered. Null if the request succeeded.
    #[schema(required)]
    pub problem: Option<LoggedRequestProblem>,
    /// The ids of resources in the path and in the answer.
    #[schema(example = json!(["cust_0190f3b4c5d67e8f90a1b2c3d4e5f607"]))]
    pub resource_ids: Vec<String>,
    /// The request's body as JSON text, with personal data and secrets replaced by `***`. Only the sandbox keeps
    /// bodies, for 7 days, and only the answer for one request has them. Otherwise null.
    #[schema(required, example = r#"{"phone":"***"}"#)]
    pub request_body: Option<String>,
    /// The answer's body, in the same form. Null as `request_body` is.
    #[schema(required, example = r#"{"code":"session_already_active"}"#)]
    pub response_body: Option<String>,
}

/// A problem that was answered. Personal data in it is replaced by `***`.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoggedRequestProblem {
    /// Code of the error, for programs.
    #[schema(example = "session_already_active")]
    pub code: String,
    /// The problem's title.
    #[schema(example = "Conflict")]
    pub title: String,
    /// Description of the error, for people.
    #[schema(example = "a hosted session of this customer is open")]
    pub detail: String,
    /// Every wrong field.
    pub errors: Vec<LoggedRequestFault>,
}

/// A wrong field.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoggedRequestFault {
    /// The field's path.
    #[schema(example = "bank_account.number")]
    pub param: String,
    /// Code of the fault, for programs.
    #[schema(example = "invalid_format")]
    pub code: String,
    /// Description of the fault, for people.
    #[schema(example = "must be text")]
    pub detail: String,
}

impl LoggedRequest {
    /// Renders an entry of the log.
    pub fn of(call: request_log::LoggedRequest) -> Self {
        let known = |text: String| (!text.is_empty()).then_some(text);
        Self {
            id: call.id.to_string(),
            request_id: call.request_id,
            created_at: Timestamp::real(call.at),
            method: call.method,
            route: call.route,
            path: call.path,
            query: call.query,
            status_code: call.status,
            duration_us: micros(call.took),
            client_id: call.client.to_string(),
            idempotency_key: call.idempotency_key,
            replayed: call.replayed,
            address: known(call.origin.address),
            user_agent: known(call.origin.agent),
            problem: call.problem.map(LoggedRequestProblem::of),
            resource_ids: call.resources,
            request_body: None,
            response_body: None,
        }
    }

    /// Renders an entry of the log with its bodies, if they are kept.
    pub fn with_bodies((call, bodies): (request_log::LoggedRequest, Option<LoggedBodies>)) -> Self {
        let (request_body, response_body) = bodies.map_or((None, None), |kept| (kept.request, kept.answer));
        Self { request_body, response_body, ..Self::of(call) }
    }
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).expect("a request has a time limit")
}

impl LoggedRequestProblem {
    fn of(problem: LoggedProblem) -> Self {
        let fault = |fault: LoggedFault| LoggedRequestFault {
            param: fault.param,
            code: fault.code,
            detail: fault.detail,
        };
        Self {
            code: problem.code,
            title: problem.title,
            detail: problem.detail,
            errors: problem.errors.into_iter().map(fault).collect(),
        }
    }
}

/// A used idempotency key.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsedIdempotencyKey {
    /// The idempotency key.
    #[schema(min_length = 1, max_length = 255, example = "0190f3b4-c5d6-7e8f-90a1-b2c3d4e5f607")]
    pub key: String,
    /// Method of the request that used it first. Null if the request log does not have that request.
    #[schema(required, example = "POST")]
    pub method: Option<String>,
    /// Path of that request. Null if the request log does not have it.
    #[schema(required, example = "/v3/loans")]
    pub path: Option<String>,
    /// Id of that request. Null if the request log does not have it.
    #[schema(required, min_length = 1, max_length = 128, example = "req_4eda7559c0de0ea58a7a4a14")]
    pub request_id: Option<String>,
    /// The HTTP status of the stored answer, which each repetition gets.
    #[schema(minimum = 200, maximum = 599, example = 201)]
    pub status_code: u16,
    /// The id in the stored answer. Null if it has none, as the answer of a refused request.
    #[schema(required, example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub resource_id: Option<String>,
    /// Time of the first use.
    pub used_at: Timestamp,
    /// From this time on the key is free again.
    pub frees_at: Timestamp,
}

/// The use of a key as the server has found it.
#[derive(Debug)]
pub struct KeyUse {
    /// The key.
    pub key: String,
    /// The status of the stored answer.
    pub status: u16,
    /// The id in the stored answer, if it has one.
    pub resource: Option<String>,
    /// The time of the first use.
    pub used_at: RealTime,
    /// The time from which the key is free.
    pub frees_at: RealTime,
}

impl UsedIdempotencyKey {
    /// Renders a key with the request that used it first, if the log has that request.
    pub fn of(used: KeyUse, first: Option<request_log::LoggedRequest>) -> Self {
        let (method, path, request_id) = match first {
            Some(call) => (Some(call.method), Some(call.path), Some(call.request_id)),
            None => (None, None, None),
        };
        Self {
            key: used.key,
            method,
            path,
            request_id,
            status_code: used.status,
            resource_id: used.resource,
            used_at: Timestamp::real(used.used_at),
            frees_at: Timestamp::real(used.frees_at),
        }
    }
}
