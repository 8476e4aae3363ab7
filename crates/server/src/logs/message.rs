//! Lines of the log as a message of OTLP.

use tracing::Level;

use super::layer::Line;
use crate::collector::otlp::{
    AnyValue, ExportLogsServiceRequest, InstrumentationScope, KeyValue, LogRecord, Resource, ResourceLogs,
    ScopeLogs, Severity, Value,
};

/// The message with these lines.
pub(super) fn of(lines: Vec<Line>, service: &str) -> ExportLogsServiceRequest {
    let log_records = lines.into_iter().map(sent).collect();
    let scope_logs = vec![ScopeLogs { scope: Some(InstrumentationScope::own()), log_records }];
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs { resource: Some(Resource::of(service)), scope_logs }],
    }
}

fn sent(line: Line) -> LogRecord {
    let Line { at, level, target, mut facts } = line;
    let nanos = u64::try_from(at.micros()).map_or(0, |micros| micros.saturating_mul(1_000));
    let body = facts.remove("message").map(|message| AnyValue { value: Some(message) });
    let trace_id = id(facts.remove("trace.id"), 16);
    let span_id = id(facts.remove("span.id"), 8);
    let is_traced = !trace_id.is_empty();
    let mut attributes = vec![KeyValue::text("target", target)];
    attributes.extend(facts.0.into_iter().map(|(key, value)| KeyValue::new(key, value)));
    LogRecord {
        time_unix_nano: nanos,
        observed_time_unix_nano: nanos,
        severity_number: severity(level).into(),
        severity_text: level.to_string(),
        body,
        attributes,
        flags: u32::from(is_traced),
        trace_id,
        span_id,
    }
}

/// The bytes of an id of a trace or a span; none if the line has no such id.
fn id(hex: Option<Value>, length: usize) -> Vec<u8> {
    let Some(Value::Text(hex)) = hex else { return Vec::new() };
    let pair = |at: usize| hex.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = (0..length).map(|place| pair(place * 2)).collect();
    match bytes {
        Some(bytes) if hex.len() == length * 2 => bytes,
        _no_id => Vec::new(),
    }
}

fn severity(level: Level) -> Severity {
    match level {
        Level::TRACE => Severity::Trace,
        Level::DEBUG => Severity::Debug,
        Level::INFO => Severity::Info,
        Level::WARN => Severity::Warn,
        Level::ERROR => Severity::Error,
    }
}
