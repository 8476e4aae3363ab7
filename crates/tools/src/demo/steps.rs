//! The live display.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::say;

/// The live display: a line for the step under way, a tick for each that is done.
pub(super) struct Steps(ProgressBar);

impl Steps {
    pub(super) fn new(count: u64) -> Self {
        let bar = ProgressBar::new(count);
        let style = ProgressStyle::with_template("{spinner} [{pos}/{len}] {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }

    pub(super) fn begin(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }

    pub(super) fn done(&self, what: &str) {
        self.0.inc(1);
        // Without a terminal the display draws nothing, and its lines are printed as they are.
        self.0.suspend(|| say(&format!("  ✓ {what}")));
    }

    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}
