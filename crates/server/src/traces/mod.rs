//! Traces: which requests are recorded, and how their spans reach a collector.
//!
//! Reasons: docs/decisions/0044.

mod message;

use std::sync::Arc;
use std::time::Instant;

use app::spans::{self, Span};
use axum::http::HeaderMap;
use domain::cause::SpanPlace;
use prost::Message as _;

use self::message::Anchor;
use crate::clock::real_now;
use crate::collector::{Names, Outbox};
use crate::config::TraceSettings;

const NAMES: Names = Names {
    items: "spans",
    sent: || metrics::counter!("dinie_trace_spans_sent_total"),
    dropped: || metrics::counter!("dinie_trace_spans_dropped_total"),
};

/// The traces of a server; cheap to clone.
#[derive(Clone)]
pub struct Traces(Arc<Inner>);

struct Inner {
    settings: TraceSettings,
    anchor: Anchor,
    outbox: Outbox<Span>,
}

/// The first span of this program in a recorded trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entered {
    /// The place of the span.
    pub place: SpanPlace,
    /// The caller's span, if the caller named it.
    pub parent: Option<u64>,
}

impl Traces {
    /// Records traces from now on.
    pub fn start(settings: TraceSettings) -> anyhow::Result<Self> {
        let outbox = Outbox::new(settings.collector.clone(), NAMES)?;
        let anchor = Anchor { instant: Instant::now(), moment: real_now() };
        let traces = Self(Arc::new(Inner { settings, anchor, outbox }));
        let recording = Arc::downgrade(&traces.0);
        spans::record_to(move |span| {
            if let Some(traces) = recording.upgrade() {
                traces.outbox.take(span);
            }
        });
        Ok(traces)
    }

    /// The first span of a request, if its trace is recorded. The id of the trace decides, so all servers and all parts
    /// of a trace decide alike, and a caller's flag cannot make this server record more.
    pub fn enter(&self, headers: &HeaderMap) -> Option<Entered> {
        let given =
            headers.get("traceparent").and_then(|value| value.to_str().ok()?.parse::<SpanPlace>().ok());
        let trace = given.map_or_else(|| u128::from_be_bytes(spans::random()).max(1), |given| given.trace);
        // The recommendation promises randomness in the last seven bytes.
        if trace % (1 << 56) % u128::from(self.0.settings.one_in.get()) != 0 {
            return None;
        }
        let place = SpanPlace { trace, span: 0 }.child(spans::random());
        Some(Entered { place, parent: given.map(|given| given.span) })
    }

    /// Sends the spans, some at a time.
    pub async fn run(self) {
        self.0.outbox.run(|spans, service| self.encoded(spans, service)).await;
    }

    /// Sends the last spans of a server that stops.
    pub async fn end(&self) {
        self.0.outbox.end(|spans, service| self.encoded(spans, service)).await;
    }

    fn encoded(&self, spans: Vec<Span>, service: &str) -> Vec<u8> {
        message::of(spans, service, self.0.anchor).encode_to_vec()
    }
}
