//! Traces: which requests are recorded, and how their spans reach a collector by OTLP (HTTP, Protocol Buffers).
//!
//! Spans wait in memory, and a worker sends them. A collector that is slow or away delays nothing: spans beyond a limit
//! are dropped and counted.
//!
//! Reasons: docs/decisions/0044.

mod message;
mod otlp;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use app::spans::{self, Span};
use axum::http::HeaderMap;
use domain::cause::SpanPlace;
use prost::Message as _;
use tokio::sync::Notify;

use self::message::Anchor;
use self::otlp::ExportTraceServiceResponse;
use crate::clock::real_now;
use crate::config::TraceSettings;
use crate::outbound::CollectorClient;

/// Most spans of one message.
const MOST_AT_ONCE: usize = 512;
/// Most spans that wait: a few megabytes.
const MOST_WAITING: usize = 8_192;
/// Longest time that a span waits for others.
const EVERY: Duration = Duration::from_secs(1);
/// The pauses before a message is sent again.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];
/// Longest time for the last spans of a server that stops.
const LAST: Duration = Duration::from_secs(3);

/// The traces of a server; cheap to clone.
#[derive(Clone)]
pub struct Traces(Arc<Inner>);

struct Inner {
    settings: TraceSettings,
    client: CollectorClient,
    anchor: Anchor,
    waiting: Mutex<Vec<Span>>,
    many: Notify,
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
        let client = CollectorClient::new(&settings.headers)?;
        let anchor = Anchor { instant: Instant::now(), moment: real_now() };
        let (waiting, many) = (Mutex::default(), Notify::new());
        let traces = Self(Arc::new(Inner { settings, client, anchor, waiting, many }));
        let recording = Arc::downgrade(&traces.0);
        spans::record_to(move |span| {
            if let Some(traces) = recording.upgrade() {
                traces.take(span);
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
        loop {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = self.0.many.notified() => {}
            }
            while self.send_some(&PAUSES).await {}
        }
    }

    /// Sends the last spans of a server that stops.
    pub async fn end(&self) {
        let sent = tokio::time::timeout(LAST, async { while self.send_some(&[]).await {} }).await;
        if sent.is_err() {
            tracing::warn!("the collector did not take the last spans in time");
        }
    }

    /// Sends a message of spans. Returns whether more wait.
    async fn send_some(&self, pauses: &[Duration]) -> bool {
        let spans: Vec<Span> = {
            let mut waiting = self.0.waiting();
            let count = waiting.len().min(MOST_AT_ONCE);
            waiting.drain(..count).collect()
        };
        if spans.is_empty() {
            return false;
        }
        let count = spans.len();
        let body = message::of(spans, &self.0.settings.service, self.0.anchor).encode_to_vec();
        let mut pauses = pauses.iter();
        loop {
            match self.0.client.send(&self.0.settings.address, body.clone()).await {
                Ok(answer) => {
                    note(count, &answer);
                    return count == MOST_AT_ONCE;
                }
                Err(error) => {
                    let Some(pause) = pauses.next().filter(|_| error.is_temporary()) else {
                        dropped(count);
                        tracing::warn!(%error, spans = count, "the collector did not take spans; they are dropped");
                        return false;
                    };
                    tokio::time::sleep(*pause).await;
                }
            }
        }
    }
}

/// Counts the spans of a message, and those that the collector has rejected.
fn note(count: usize, answer: &[u8]) {
    // An answer that cannot be read rejects nothing.
    let partial = ExportTraceServiceResponse::decode(answer).ok().and_then(|answer| answer.partial_success);
    let rejected = partial.as_ref().and_then(|partial| usize::try_from(partial.rejected_spans).ok());
    let rejected = rejected.map_or(0, |rejected| rejected.min(count));
    metrics::counter!("dinie_trace_spans_sent_total").increment(number(count - rejected));
    if let (Some(partial), 1..) = (partial, rejected) {
        dropped(rejected);
        tracing::warn!(why = partial.error_message, spans = rejected, "the collector has rejected spans");
    }
}

fn dropped(count: usize) {
    metrics::counter!("dinie_trace_spans_dropped_total").increment(number(count));
}

fn number(count: usize) -> u64 {
    u64::try_from(count).expect("a count of spans fits")
}

impl Inner {
    fn waiting(&self) -> MutexGuard<'_, Vec<Span>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, span: Span) {
        let mut waiting = self.waiting();
        if waiting.len() >= MOST_WAITING {
            dropped(1);
            return;
        }
        waiting.push(span);
        if waiting.len() >= MOST_AT_ONCE {
            self.many.notify_one();
        }
    }
}
