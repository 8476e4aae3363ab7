//! The story of a script: its cause, and the spans that it begins.

use std::time::Instant;

use domain::cause::Cause;

use super::cause::{Story, present};
use super::tx::Tx;
use crate::spans::{Begun, Named, Outcome, SpanKind};

impl Tx<'_> {
    /// What caused the changes of this script.
    pub fn cause(&self) -> &Cause {
        &self.story.cause
    }

    /// Runs a part of the script with another cause, such as that of the job that it does.
    pub fn caused_by<T>(&mut self, cause: Cause, part: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.story.cause, cause);
        let outcome = part(self);
        self.story.cause = before;
        outcome
    }

    /// The cause in a new span of its trace, which ends once the script has committed. Without a recorded trace it is the
    /// same cause.
    pub fn in_span(&mut self, cause: &Cause, named: impl FnOnce() -> Named) -> Cause {
        let Some(begun) = Begun::of(cause, named) else { return cause.clone() };
        let place = begun.place();
        self.story.spans.push(begun);
        cause.in_span(Some(place))
    }

    /// Begins the story of the next script.
    pub(super) fn begin_story(&mut self, cause: Cause) {
        self.story = Story { cause, spans: Vec::new() };
    }

    /// Ends the story of a script: the spans that it has begun.
    pub(super) fn end_story(&mut self) -> Vec<Begun> {
        std::mem::take(&mut self.story).spans
    }
}

/// The trace of a script from its submission to its answer.
pub(super) struct Told {
    cause: Cause,
    /// The span of the script itself, if its cause is recorded.
    script: Option<Begun>,
    asked: Instant,
    /// When its last run began.
    ran: Option<Instant>,
    runs: i64,
    spans: Vec<Begun>,
}

impl Told {
    /// The story of a script that is submitted now. A script that writes has a span.
    pub(super) fn begin(writes: bool) -> Self {
        let cause = present();
        let named = || Named::new(SpanKind::Internal, "script");
        let script = if writes { Begun::of(&cause, named) } else { None };
        let cause = match &script {
            Some(script) => cause.in_span(Some(script.place())),
            None => cause,
        };
        Self { cause, script, asked: Instant::now(), ran: None, runs: 0, spans: Vec::new() }
    }

    /// Runs the script with its cause. Only the spans of its last run count.
    pub(super) fn told<T>(&mut self, tx: &mut Tx<'_>, run: impl FnOnce(&mut Tx<'_>) -> T) -> T {
        if self.script.is_some() {
            self.ran = Some(Instant::now());
            self.runs += 1;
        }
        tx.begin_story(self.cause.clone());
        let outcome = run(tx);
        self.spans = tx.end_story();
        outcome
    }

    /// Records the spans of a script that was answered. What it began and did not commit never happened.
    pub(super) fn end(self, outcome: Outcome) {
        if outcome == Outcome::Good {
            for span in self.spans {
                span.end(Outcome::Good, |named| named);
            }
        }
        let Some(script) = self.script else { return };
        let waited = self.ran.map_or_else(|| self.asked.elapsed(), |ran| ran.duration_since(self.asked));
        let micros = i64::try_from(waited.as_micros()).expect("a script has a time limit");
        script.end(outcome, |named| {
            named.number("dinie.script.waited_us", micros).number("dinie.script.runs", self.runs)
        });
    }
}
