//! Spans as a message of OTLP.

use std::time::Instant;

use app::spans::{Fact, Span, SpanKind};
use domain::time::RealTime;

use crate::collector::otlp::{
    ExportTraceServiceRequest, InstrumentationScope, KeyValue, Kind, Resource, ResourceSpans, ScopeSpans,
    Span as Sent, Status, StatusCode, Value,
};

/// One moment on both clocks. Spans are measured on the clock that never goes back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Anchor {
    pub(super) instant: Instant,
    pub(super) moment: RealTime,
}

impl Anchor {
    /// Nanoseconds since the epoch.
    fn nanos(self, instant: Instant) -> u64 {
        let base = u64::try_from(self.moment.micros()).map_or(0, |micros| micros.saturating_mul(1_000));
        let distance = |span: std::time::Duration| {
            u64::try_from(span.as_nanos()).expect("no program runs for 584 years")
        };
        match instant.checked_duration_since(self.instant) {
            Some(later) => base.saturating_add(distance(later)),
            None => base.saturating_sub(distance(self.instant.duration_since(instant))),
        }
    }
}

/// The message with these spans.
pub(super) fn of(spans: Vec<Span>, service: &str, anchor: Anchor) -> ExportTraceServiceRequest {
    let spans = spans.into_iter().map(|span| sent(span, anchor)).collect();
    let scope_spans = vec![ScopeSpans { scope: Some(InstrumentationScope::own()), spans }];
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans { resource: Some(Resource::of(service)), scope_spans }],
    }
}

fn sent(span: Span, anchor: Anchor) -> Sent {
    let Span { place, parent, name, kind, began, ended, facts, failed } = span;
    let kind = match kind {
        SpanKind::Internal => Kind::Internal,
        SpanKind::Server => Kind::Server,
        SpanKind::Client => Kind::Client,
        SpanKind::Consumer => Kind::Consumer,
    };
    let code = if failed { StatusCode::Error } else { StatusCode::Unset };
    let fact = |(key, fact): (&'static str, Fact)| match fact {
        Fact::Text(value) => KeyValue::text(key, value.into_owned()),
        Fact::Number(number) => KeyValue::new(key, Value::Number(number)),
    };
    Sent {
        trace_id: place.trace.to_be_bytes().to_vec(),
        id: place.span.to_be_bytes().to_vec(),
        parent_span_id: parent.map_or_else(Vec::new, |parent| parent.to_be_bytes().to_vec()),
        name: name.into_owned(),
        kind: kind.into(),
        start_time_unix_nano: anchor.nanos(began),
        end_time_unix_nano: anchor.nanos(ended),
        attributes: facts.into_iter().map(fact).collect(),
        status: Some(Status { code: code.into() }),
        flags: 1,
    }
}
