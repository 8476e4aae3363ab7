//! The layer around every request: its id, a time limit, a guard against panics, problems, common headers, logs and
//! metrics.

use std::time::Duration;

use app::database::Random;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_TYPE, EXPECT, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use domain::time::RealTime;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument as _;
use wire::generations::problem_type_base;
use wire::problem::{Code, Problem, ProblemPlace};

use super::headers::{LONGEST_REQUEST_ID, is_visible};
use super::limits::NotedAllowance;
use super::logged::{Answered, Logged};
use super::observed::Observed;
use super::omitted;
use super::problem::{self, Rejection};
use super::unread::{self, Sends};
use crate::clock::Clock;
use crate::state::AppState;

/// Longest time of a request.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// Longest time for moving the sandbox's clock, which may let years pass.
const CLOCK_TIME_LIMIT: Duration = Duration::from_secs(600);
/// Most bytes of headers in a request.
const MOST_HEADER_BYTES: usize = 16 * 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The request's id, for handlers that write a problem themselves.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

impl RequestId {
    /// The id of the request whose extensions these are.
    pub fn of(extensions: &axum::http::Extensions) -> String {
        extensions.get::<Self>().expect("the edge gives each request an id before anything else").0.clone()
    }
}

/// Puts the edge around the routes.
pub fn around(routes: Router, state: AppState) -> Router {
    routes.layer(CatchPanicLayer::custom(panicked)).layer(from_fn_with_state(state, edge))
}

/// The problem for a request that the framework refuses: a path that is not text, or a repeated parameter.
fn explained(response: Response) -> Response {
    let plain =
        response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if response.status() == StatusCode::BAD_REQUEST && plain {
        return Rejection::from(Problem::new(Code::InvalidRequest, "the path or the query cannot be read"))
            .into_response();
    }
    response
}

fn panicked(_cause: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    Rejection::from(Problem::new(Code::InternalError, "the server failed")).into_response()
}

async fn edge(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let id = request_id(request.headers(), &state.clock);
    let allowance = NotedAllowance::default();
    request.extensions_mut().insert(RequestId(id.clone()));
    request.extensions_mut().insert(allowance.clone());
    let observed = Observed::begin(&state, &id, &mut request);
    let logged = Logged::begin(&state, &request);
    let path = request.uri().path().to_owned();
    let (version, sends) = (request.version(), sends(request.headers()));
    let (parts, body) = request.into_parts();
    let (body, rest) = unread::watched(body);
    let request = Request::from_parts(parts, Logged::watched(logged.as_ref(), body));
    let response = if header_bytes(request.headers()) > MOST_HEADER_BYTES {
        Rejection::from(Problem::new(Code::InvalidRequest, "the headers are larger than 16 KiB"))
            .into_response()
    } else {
        let answering = app::caused_by(observed.cause(), omitted::with_header(next.run(request)));
        let answering = answering.instrument(observed.log_span());
        let answered = tokio::time::timeout(time_limit(&path), answering).await;
        answered.unwrap_or_else(|_| out_of_time().into_response())
    };
    let place = ProblemPlace { type_base: problem_type_base(&path), instance: &path, request_id: &id };
    let response = explained(response);
    let problem = Logged::problem_of(logged.as_ref(), &response);
    let mut response = problem::render(response, &place);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    allowance.write_on(&mut response);
    secure(&mut response, state.config.behind_proxy || state.config.tls.is_some());
    let drained = rest.drain(sends).await;
    // On HTTP/2 a connection continues after the end of a request.
    if version < Version::HTTP_2 && !drained {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    let Some(logged) = logged else {
        observed.end(&state, &response);
        return response;
    };
    let (route, took) = (observed.route().to_owned(), observed.took());
    observed.end(&state, &response);
    let answered = Answered { request_id: &id, path: &path, route: &route, took, problem };
    logged.end(&state, answered, response).await
}

/// Adds the headers of every answer, unless the handler set them. Answers contain personal data, so nobody may store
/// them, and no browser may guess another content type.
fn secure(response: &mut Response, behind_tls: bool) {
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    if behind_tls {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}

fn sends(headers: &HeaderMap) -> Sends {
    let expects =
        headers.get(EXPECT).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    if expects { Sends::WhenAsked } else { Sends::AtOnce }
}

fn time_limit(path: &str) -> Duration {
    match path {
        "/sandbox/clock/advance" | "/dashboard/sandbox/advance" => CLOCK_TIME_LIMIT,
        _other => TIME_LIMIT,
    }
}

fn out_of_time() -> Rejection {
    Problem::new(Code::Unavailable, "the request took longer than it may").retry_after(1).into()
}

fn header_bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}

/// The caller's id if it is well-formed (1 to 128 visible characters), otherwise a new one.
fn request_id(headers: &HeaderMap, clock: &Clock) -> String {
    let given = headers.get(&REQUEST_ID).and_then(|value| value.to_str().ok());
    given
        .filter(|id| is_visible(id, LONGEST_REQUEST_ID))
        .map_or_else(|| new_request_id(clock.now()), str::to_owned)
}

/// An id that begins with its moment, so rows with it are inserted side by side into their indexes.
fn new_request_id(now: RealTime) -> String {
    use std::cell::RefCell;
    thread_local! {
        static RANDOM: RefCell<Random> = RefCell::new(Random::open());
    }
    let bytes: [u8; 6] = RANDOM.with(|random| random.borrow_mut().bytes());
    format!("req_{:012x}{}", now.micros().div_euclid(1_000), app::database::hex(&bytes))
}
