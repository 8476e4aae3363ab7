//! Spans of recorded traces: how long a request, a script, an event or an attempt took, and what led to it.
//!
//! Only work with a recorded cause makes spans, so a server without traces makes none. Finished spans go to the recorder
//! of the process, which must not wait.
//!
//! Reasons: docs/decisions/0044.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::OnceLock;
use std::time::Instant;

use domain::cause::{Cause, SpanPlace};

use crate::random::Random;

/// What a span is to the other side of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// Work inside this program.
    Internal,
    /// The answer to a caller.
    Server,
    /// A call of another program.
    Client,
    /// Work that was stored before.
    Consumer,
}

/// A fact about a span. It is no personal data and no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A word or an id.
    Text(Cow<'static, str>),
    /// A number, in the unit that the fact's name ends in.
    Number(i64),
}

/// What a span says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    name: Cow<'static, str>,
    kind: SpanKind,
    facts: Vec<(&'static str, Fact)>,
}

impl Named {
    /// A span with this name. Names are few, so they contain no ids.
    pub fn new(kind: SpanKind, name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), kind, facts: Vec::new() }
    }

    /// With a word or an id.
    #[must_use]
    pub fn text(mut self, key: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.facts.push((key, Fact::Text(value.into())));
        self
    }

    /// With a number.
    #[must_use]
    pub fn number(mut self, key: &'static str, value: i64) -> Self {
        self.facts.push((key, Fact::Number(value)));
        self
    }
}

/// A finished span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Its place in the trace.
    pub place: SpanPlace,
    /// The span that led to it; `None` at the beginning of a trace.
    pub parent: Option<u64>,
    /// Its name.
    pub name: Cow<'static, str>,
    /// What it is to the other side.
    pub kind: SpanKind,
    /// When it began.
    pub began: Instant,
    /// When it ended.
    pub ended: Instant,
    /// Facts about it.
    pub facts: Vec<(&'static str, Fact)>,
    /// Whether the work failed.
    pub failed: bool,
}

/// A span that has begun.
#[derive(Debug, Clone)]
pub struct Begun {
    place: SpanPlace,
    parent: Option<u64>,
    began: Instant,
    named: Named,
}

impl Begun {
    /// Begins a span of the cause's trace. `None` if the trace is not recorded; then `named` is not called.
    pub fn of(cause: &Cause, named: impl FnOnce() -> Named) -> Option<Self> {
        let parent = cause.span?;
        let request = cause.request.clone();
        let named = named();
        let named = match request {
            Some(request) => named.text("request.id", request),
            None => named,
        };
        Some(Self { place: parent.child(random()), parent: Some(parent.span), began: Instant::now(), named })
    }

    /// Begins the first span of this program in a trace.
    pub fn first(place: SpanPlace, parent: Option<u64>, named: Named) -> Self {
        Self { place, parent, began: Instant::now(), named }
    }

    /// Its place in the trace.
    pub fn place(&self) -> SpanPlace {
        self.place
    }

    /// Ends the span now and records it.
    pub fn end(self, outcome: Outcome, more: impl FnOnce(Named) -> Named) {
        let Some(recorder) = RECORDER.get() else { return };
        let Self { place, parent, began, named } = self;
        let Named { name, kind, facts } = more(named);
        let failed = outcome == Outcome::Failed;
        recorder(Span { place, parent, name, kind, began, ended: Instant::now(), facts, failed });
    }
}

/// How the work of a span ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// As it should.
    Good,
    /// It failed.
    Failed,
}

type Recorder = Box<dyn Fn(Span) + Send + Sync>;

static RECORDER: OnceLock<Recorder> = OnceLock::new();

/// Records the spans of this process from now on. A second recorder has no effect.
pub fn record_to(recorder: impl Fn(Span) + Send + Sync + 'static) {
    // A second server of one process has the recorder of the first.
    let _first = RECORDER.set(Box::new(recorder));
}

/// Random bytes for the ids of traces and spans.
pub fn random<const N: usize>() -> [u8; N] {
    thread_local! {
        static RANDOM: RefCell<Random> = RefCell::new(Random::open());
    }
    RANDOM.with_borrow_mut(Random::bytes)
}
