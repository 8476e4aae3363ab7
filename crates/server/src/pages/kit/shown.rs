//! Values as the components show them. The words of money, dates and moments are those of `domain::written`.

use domain::money::Cents;
use domain::time::Timestamp;
use domain::written;

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
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    at: Timestamp,
    /// The words.
    pub(crate) words: &'static str,
}

impl Moment {
    pub(crate) fn new(at: Timestamp, words: &'static str) -> Self {
        Self { at, words }
    }

    /// `25/11/2026 09:38:52`, in the time of São Paulo.
    pub(crate) fn exact(&self) -> String {
        let local = self.at.business_datetime();
        let (hour, minute, second) = (local.hour(), local.minute(), local.second());
        format!("{} {hour:02}:{minute:02}:{second:02}", written::date(local.date()))
    }

    /// The value of `datetime`.
    pub(crate) fn machine(&self) -> String {
        self.at.business_datetime().to_string()
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
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) mark: Mark,
    pub(crate) label: &'static str,
    /// Empty if there is nothing to add.
    pub(crate) note: &'static str,
}

/// A field before and after a change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change {
    pub(crate) what: &'static str,
    pub(crate) before: &'static str,
    /// Empty if the field did not change.
    pub(crate) after: &'static str,
}
