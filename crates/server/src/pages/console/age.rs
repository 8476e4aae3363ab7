//! The age of a case against the service level of its queue.

use std::time::Duration;

use domain::time::RealTime;

use crate::pages::kit::shown::span;
use crate::pages::texts::Texts;

/// The age of a case: words, and the class that says whether it is late.
pub(super) struct Age {
    pub(super) words: String,
    pub(super) kind: &'static str,
}

impl Age {
    pub(super) fn of(since: RealTime, now: RealTime, level: Option<Duration>, t: &Texts) -> Self {
        let age = now.since(since);
        let kind = match level {
            Some(level) if age > level => "age-bad",
            // A quarter of the time is left.
            Some(level) if age * 4 > level * 3 => "age-warn",
            Some(_) | None => "",
        };
        Self { words: span(age, t), kind }
    }
}
