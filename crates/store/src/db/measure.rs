//! Measurements of the engines, for the process's metrics.
//!
//! Only the database itself is measured. The store of the request log would blur its figures.

use std::time::{Duration, Instant};

/// The measurements of a store: on for the database, off for stores beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measured {
    Yes,
    No,
}

impl Measured {
    /// Records the time that a script has waited since it was asked for. Call it when the script begins.
    pub(super) fn begins(self, kind: &'static str, asked: Instant) {
        if self == Self::Yes {
            metrics::histogram!("dinie_script_wait_seconds", "kind" => kind).record(asked.elapsed());
        }
    }

    /// Records a commit: the number of its scripts, and the time that the commit itself took.
    pub(super) fn committed(self, scripts: usize, took: Duration) {
        if self == Self::Yes {
            metrics::histogram!("dinie_commit_seconds").record(took);
            let scripts = u32::try_from(scripts).expect("a commit has a few hundred scripts at most");
            metrics::histogram!("dinie_commit_scripts").record(scripts);
        }
    }

    /// Counts the threads of a pool that starts.
    pub(super) fn pool(self, kind: &'static str, threads: usize) {
        if self == Self::Yes {
            let threads = u32::try_from(threads).expect("a pool has some threads");
            metrics::gauge!("dinie_database_threads", "kind" => kind).increment(threads);
        }
    }

    /// Counts a thread of a pool as busy until the value is dropped.
    pub(super) fn busy(self, kind: &'static str) -> Option<Busy> {
        (self == Self::Yes).then(|| {
            let threads = metrics::gauge!("dinie_database_threads_busy", "kind" => kind);
            threads.increment(1.0);
            Busy(threads)
        })
    }
}

/// A thread at work.
pub(super) struct Busy(metrics::Gauge);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// Runs `work` and returns its result and its duration.
pub(super) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let done = work();
    (done, began.elapsed())
}
