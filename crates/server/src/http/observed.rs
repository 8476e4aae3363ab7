//! What the log, the metrics, the access log and the traces note of each request.

use std::time::{Duration, Instant};

use app::spans::{Begun, Named, Outcome, SpanKind};
use axum::body::HttpBody as _;
use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::response::Response;
use domain::cause::Cause;
use domain::time::RealTime;

use super::address::origin_of;
use super::logged::NotedCaller;
use crate::access_log::Line;
use crate::state::AppState;
use crate::traces::Entered;

/// A request that is being answered.
pub(super) struct Observed {
    started: Instant,
    id: String,
    method: Method,
    route: String,
    span: Option<Begun>,
    access: Option<Access>,
}

/// The rest of a line of the access log.
struct Access {
    at: RealTime,
    address: Option<std::net::IpAddr>,
    caller: NotedCaller,
}

impl Observed {
    pub(super) fn begin(state: &AppState, id: &str, request: &mut Request) -> Self {
        let started = Instant::now();
        let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        let route = route.unwrap_or("unmatched").to_owned();
        let caller = NotedCaller::default();
        request.extensions_mut().insert(caller.clone());
        let access = state.access_log.is_on().then(|| Access {
            at: state.clock.now(),
            address: origin_of(request, &state.config.proxies).sure,
            caller,
        });
        let traces = state.traces.as_ref().filter(|_| !is_probe(&route));
        let method = request.method().clone();
        let span = traces.and_then(|traces| traces.enter(request.headers())).map(|entered| {
            let Entered { place, parent } = entered;
            let named = Named::new(SpanKind::Server, format!("{} {route}", method_label(&method)));
            Begun::first(
                place,
                parent,
                named.text("request.id", id.to_owned()).text("http.route", route.clone()),
            )
        });
        Self { started, id: id.to_owned(), method, route, span, access }
    }

    /// The template of the route.
    pub(super) fn route(&self) -> &str {
        &self.route
    }

    /// The time since the request's headers were read.
    pub(super) fn took(&self) -> Duration {
        self.started.elapsed()
    }

    /// The cause of the request's work.
    pub(super) fn cause(&self) -> Cause {
        Cause { request: Some(self.id.clone()), span: self.span.as_ref().map(Begun::place) }
    }

    /// The span of the log: it adds the request's id, and the trace's, to every error that is logged inside it.
    pub(super) fn log_span(&self) -> tracing::Span {
        tracing::error_span!(
            "request",
            request.id = self.id,
            trace.id = self.trace_id(),
            span.id = self.span_id()
        )
    }

    fn trace_id(&self) -> Option<String> {
        self.span.as_ref().map(|span| span.place().trace_hex())
    }

    fn span_id(&self) -> Option<String> {
        self.span.as_ref().map(|span| span.place().span_hex())
    }

    /// Notes the answer.
    pub(super) fn end(self, state: &AppState, response: &Response) {
        let (took, status) = (self.took(), response.status().as_u16());
        // A body of unknown length is logged without a length.
        let bytes = response.body().size_hint().exact();
        measure(&self.method, &self.route, status, took);
        let duration_us = u64::try_from(took.as_micros()).expect("a request has a time limit");
        let (method, route, id) = (&self.method, &*self.route, &*self.id);
        tracing::debug!(
            http.method = %method, http.route = route, http.status = status, request.id = id, duration_us,
            http.bytes = bytes, trace.id = self.trace_id(), span.id = self.span_id(), "a request was answered"
        );
        if let Some(access) = &self.access {
            let time = jiff::Timestamp::from_microsecond(access.at.micros()).map(|at| format!("{at:.3}"));
            state.access_log.note(&Line {
                time: &time.expect("a moment of the machine's clock is in range"),
                method: method.as_str(),
                route,
                status,
                duration_us,
                bytes,
                request_id: id,
                credential_id: access.caller.client().map(|client| client.to_string()),
                operator_id: access.caller.operator().map(|operator| operator.to_string()),
                address: access.address,
                trace_id: self.trace_id(),
            });
        }
        if let Some(span) = self.span {
            let outcome = if status >= 500 { Outcome::Failed } else { Outcome::Good };
            span.end(outcome, |named| {
                named
                    .text("http.request.method", method_label(&self.method))
                    .number("http.response.status_code", i64::from(status))
            });
        }
    }
}

/// Whether machines ask this all the time.
fn is_probe(route: &str) -> bool {
    matches!(route, "/health" | "/ready" | "/metrics")
}

/// The method as a label. A method may be any text, and each label is kept forever, so unusual methods share one.
fn method_label(method: &Method) -> &'static str {
    match method {
        &Method::GET => "GET",
        &Method::HEAD => "HEAD",
        &Method::POST => "POST",
        &Method::PUT => "PUT",
        &Method::PATCH => "PATCH",
        &Method::DELETE => "DELETE",
        &Method::OPTIONS => "OPTIONS",
        _unusual => "other",
    }
}

fn measure(method: &Method, route: &str, status: u16, took: Duration) {
    let labels = [
        ("method", method_label(method).to_owned()),
        ("route", route.to_owned()),
        ("status", status.to_string()),
    ];
    metrics::counter!("dinie_http_requests_total", &labels).increment(1);
    metrics::histogram!("dinie_http_request_seconds", &labels[..2]).record(took);
}
