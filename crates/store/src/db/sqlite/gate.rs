//! A gate through which scripts pass. The thread that empties the log can close it for a moment.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Pause between two checks whether everybody is out.
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

#[derive(Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    inside: usize,
    closed: bool,
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` inside; waits while the gate is closed.
    pub(super) fn pass<T>(&self, work: impl FnOnce() -> T) -> T {
        let mut state = self.state();
        while state.closed {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.inside += 1;
        drop(state);
        let done = work();
        let mut state = self.state();
        state.inside -= 1;
        if state.closed {
            self.changed.notify_all();
        }
        done
    }

    /// Closes the gate, hurries everybody inside, and runs `work` when all are out. `None` if some are still inside
    /// after `patience`. The gate is open again afterwards.
    pub(super) fn closed<T>(
        &self, patience: Duration, hurry: impl Fn(), work: impl FnOnce() -> T,
    ) -> Option<T> {
        let began = Instant::now();
        let mut state = self.state();
        state.closed = true;
        while state.inside > 0 && began.elapsed() < patience {
            drop(state);
            hurry();
            let waited = self.changed.wait_timeout(self.state(), BETWEEN_LOOKS);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let empty = state.inside == 0;
        drop(state);
        let done = empty.then(work);
        self.state().closed = false;
        self.changed.notify_all();
        done
    }
}
