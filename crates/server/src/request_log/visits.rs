//! The visits that wait for the log.

use std::sync::{Mutex, PoisonError};

use domain::page_visit::PageVisit;

/// Most visits that wait. The worker empties the queue about once a second.
const MOST: usize = 1_000;

/// A bounded queue of visits.
#[derive(Debug, Default)]
pub(super) struct Visits(Mutex<Vec<PageVisit>>);

impl Visits {
    /// Adds a visit. Returns whether there was room for it.
    pub(super) fn put(&self, visit: PageVisit) -> bool {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = waiting.len() < MOST;
        if has_room {
            waiting.push(visit);
        }
        has_room
    }

    /// Takes all of them.
    pub(super) fn take(&self) -> Vec<PageVisit> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
