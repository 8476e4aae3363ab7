//! Whether the writing of the request log fails, so that the server's log says it once.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the last write failed.
#[derive(Debug, Default)]
pub(super) struct Failing(AtomicBool);

impl Failing {
    /// Notes a failure, and logs the first one.
    pub(super) fn noted(&self, error: &str) {
        if !self.0.swap(true, Ordering::Relaxed) {
            tracing::error!(error, "the request log cannot be written; calls are dropped until it can");
        }
    }

    /// Notes a success, and logs the end of the failures.
    pub(super) fn ended(&self) {
        if self.0.swap(false, Ordering::Relaxed) {
            tracing::info!("the request log is written again");
        }
    }
}
