//! Values as the components show them. The words of money, dates and moments are those of `domain::written`.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::time::Duration;

use domain::money::Cents;
use domain::time::{RealTime, Timestamp};
use domain::written;

use crate::pages::texts::Texts;

/// An amount. Its currency is a lighter sign beside the figure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Money(pub(crate) Cents);

impl Money {
    /// `1.234,56`, with a minus if it is negative.
    pub(crate) fn figure(self) -> String {
        written::money(self.0).replacen("R$\u{a0}", "", 1)
    }
}

/// A moment: words such as "4 min ago", and the exact time behind them.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    at: Timestamp,
    /// The words.
    pub(crate) words: String,
}

impl Moment {
    pub(crate) fn new(at: Timestamp, words: &str) -> Self {
        Self { at, words: words.to_owned() }
    }

    /// A moment of the machine's clock that is past at `now`, such as "4 min ago".
    pub(crate) fn ago(at: RealTime, now: RealTime, t: &Texts) -> Self {
        let since = now.since(at);
        let words =
            if since < Duration::from_mins(1) { t.just_now.to_owned() } else { (t.ago)(&span(since, t)) };
        Self { at: at.unmoved(), words }
    }

    /// A moment of the machine's clock that comes after `now`, such as "in 4 h".
    pub(crate) fn until(at: RealTime, now: RealTime, t: &Texts) -> Self {
        Self { at: at.unmoved(), words: (t.in_span)(&span(at.since(now), t)) }
    }

    /// A moment with its day and its minute as words, such as `25/11 09:38`.
    pub(crate) fn briefly(at: Timestamp) -> Self {
        let local = at.business_datetime();
        let (day, month, hour, minute) = (local.day(), local.month(), local.hour(), local.minute());
        Self { at, words: format!("{day:02}/{month:02} {hour:02}:{minute:02}") }
    }

    /// A moment with its day and its time as words.
    pub(crate) fn exactly(at: Timestamp) -> Self {
        Self { at, words: exact(at) }
    }

    /// The exact time, for the tooltip.
    pub(crate) fn exact(&self) -> String {
        exact(self.at)
    }

    /// The value of `datetime`.
    pub(crate) fn machine(&self) -> String {
        self.at.business_datetime().to_string()
    }
}

/// `25/11/2026 09:38:52`, in the time of São Paulo. It reads alike in both languages.
pub(crate) fn exact(at: Timestamp) -> String {
    let local = at.business_datetime();
    let (hour, minute, second) = (local.hour(), local.minute(), local.second());
    format!("{} {hour:02}:{minute:02}:{second:02}", written::date(local.date()))
}

/// A span in at most two units, such as `3 h 05`, `4 h` or `4 days`. Seconds do not count.
pub(crate) fn span(span: Duration, t: &Texts) -> String {
    let minutes = span.as_secs() / 60;
    match (minutes / 1_440, minutes / 60) {
        (0, 0) => format!("{minutes} min"),
        (0, hours) if minutes.is_multiple_of(60) => format!("{hours} h"),
        (0, hours) => format!("{hours} h {:02}", minutes % 60),
        (days, _) => (t.days)(days),
    }
}

/// The place of a step on the line of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Done,
    Now,
    Failed,
    Later,
}

impl Mark {
    /// The attribute of the step's element.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Done => "data-done",
            Self::Now => "aria-current=\"step\"",
            Self::Failed => "data-failed",
            Self::Later => "",
        }
    }
}

/// One step on the line of a state.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) mark: Mark,
    pub(crate) label: &'static str,
    /// Empty if there is nothing to add.
    pub(crate) note: Cow<'static, str>,
}

impl Step {
    /// The steps of a line, whose place now is `now` and has the mark `here`.
    pub(crate) fn line(
        steps: impl Iterator<Item = (&'static str, String)>, now: usize, here: Mark,
    ) -> Vec<Self> {
        let step = |(at, (label, note)): (usize, (&'static str, String))| {
            let mark = match at.cmp(&now) {
                Ordering::Less => Mark::Done,
                Ordering::Equal => here,
                Ordering::Greater => Mark::Later,
            };
            Self { mark, label, note: Cow::Owned(note) }
        };
        steps.enumerate().map(step).collect()
    }
}

/// A field before and after a change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change {
    pub(crate) what: &'static str,
    pub(crate) before: &'static str,
    /// Empty if the field did not change.
    pub(crate) after: &'static str,
}

/// The first letters of the first and the last name.
pub(crate) fn initials(name: &str) -> String {
    let first = |word: &str| word.chars().next().map(|letter| letter.to_uppercase().to_string());
    let words: Vec<&str> = name.split_whitespace().collect();
    let ends = match words.as_slice() {
        [] => [None, None],
        [only] => [Some(*only), None],
        [one, .., last] => [Some(*one), Some(*last)],
    };
    ends.into_iter().flatten().filter_map(first).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_the_initials_of_the_first_and_the_last_name() {
        for (name, expected) in
            [("Helena Couto", "HC"), ("Ana de Souza e Silva", "AS"), ("Édi", "É"), ("", "")]
        {
            assert_eq!(initials(name), expected);
        }
    }
}
