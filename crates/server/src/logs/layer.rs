//! Notes each line of the log with the fields of its spans.

use std::fmt::Debug;
use std::sync::OnceLock;

use domain::time::RealTime;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::clock::real_now;
use crate::collector::otlp::Value;

/// A line of the log.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) at: RealTime,
    pub(super) level: Level,
    /// The module that wrote it.
    pub(super) target: &'static str,
    /// Its fields with the message, then those of the spans around it.
    pub(super) facts: Facts,
}

/// Fields by their names. The first of a name counts.
#[derive(Debug, Default, Clone)]
pub(super) struct Facts(pub(super) Vec<(&'static str, Value)>);

impl Facts {
    fn note(&mut self, key: &'static str, value: Value) {
        if !self.0.iter().any(|(known, _)| *known == key) {
            self.0.push((key, value));
        }
    }

    /// Takes a field out.
    pub(super) fn remove(&mut self, key: &str) -> Option<Value> {
        let place = self.0.iter().position(|(known, _)| *known == key)?;
        Some(self.0.remove(place).1)
    }
}

impl Visit for Facts {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.note(field.name(), Value::Text(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.note(field.name(), Value::Text(value.to_owned()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.note(field.name(), Value::Truth(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.note(field.name(), Value::Fraction(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.note(field.name(), Value::Number(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        // A larger number than the protocol has is sent as its digits.
        let number = i64::try_from(value).map_or_else(|_| Value::Text(value.to_string()), Value::Number);
        self.note(field.name(), number);
    }
}

type Taker = Box<dyn Fn(Line) + Send + Sync>;

static TAKER: OnceLock<Taker> = OnceLock::new();

/// Gives the lines of this process to `taker` from now on. A second taker has no effect.
pub(super) fn take_by(taker: impl Fn(Line) + Send + Sync + 'static) {
    // A second server of one process has the taker of the first.
    let _first = TAKER.set(Box::new(taker));
}

/// The layer of the log that gives lines to the collector, once there is one.
pub(crate) struct ToCollector;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for ToCollector {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if TAKER.get().is_none() {
            return;
        }
        let mut facts = Facts::default();
        attributes.record(&mut facts);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(facts);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(facts) = span.extensions_mut().get_mut::<Facts>()
        {
            values.record(facts);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(take) = TAKER.get() else { return };
        let mut facts = Facts::default();
        event.record(&mut facts);
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(of_span) = span.extensions().get::<Facts>() {
                for (key, value) in &of_span.0 {
                    facts.note(key, value.clone());
                }
            }
        }
        let about = event.metadata();
        take(Line { at: real_now(), level: *about.level(), target: about.target(), facts });
    }
}
