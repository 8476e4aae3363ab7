//! Records operators' calls without changes in the audit trail, many in one transaction.
//!
//! An answer leaves after its call's entry is committed. Entries must follow one another at the trail's head, so one
//! commit for each entry would serialize all operators. While one batch is committed, the next one gathers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::people::trail::AuditedCall;
use app::{Store, StoreError};
use tokio::sync::oneshot;

/// Most calls in one batch.
const BATCH: usize = 256;

/// This node's calls that wait for the trail.
#[derive(Debug, Clone, Default)]
pub struct Clerk(Arc<Mutex<Desk>>);

#[derive(Debug, Default)]
struct Desk {
    waiting: Vec<Waiting>,
    /// Whether a task writes batches. The task ends when no call waits.
    busy: bool,
}

#[derive(Debug)]
struct Waiting {
    call: AuditedCall,
    entered: oneshot::Sender<Result<(), StoreError>>,
}

impl Clerk {
    /// Records a call. It is in the trail when this returns.
    pub async fn enter(&self, store: &Store, call: AuditedCall) -> Result<(), StoreError> {
        let (entered, outcome) = oneshot::channel();
        if self.take(Waiting { call, entered }) {
            // A separate task continues when this caller disconnects.
            tokio::spawn(write(self.clone(), store.clone()));
        }
        outcome.await.unwrap_or_else(|_ended| Err(StoreError::Unavailable("the server ends".into())))
    }

    /// Adds a call. Returns whether a task must be started for it.
    fn take(&self, waiting: Waiting) -> bool {
        let mut desk = self.desk();
        desk.waiting.push(waiting);
        !std::mem::replace(&mut desk.busy, true)
    }

    /// The next batch; `None` if no call waits, and then the task ends.
    fn next(&self) -> Option<Vec<Waiting>> {
        let mut desk = self.desk();
        if desk.waiting.is_empty() {
            desk.busy = false;
            return None;
        }
        let more = desk.waiting.len().min(BATCH);
        Some(desk.waiting.drain(..more).collect())
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn write(clerk: Clerk, store: Store) {
    while let Some(batch) = clerk.next() {
        let (calls, answers): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|waiting| (waiting.call, waiting.entered)).unzip();
        let calls = Arc::new(calls);
        let outcome = store.write(move |tx| app::people::trail::enter(tx, &calls)).await;
        for entered in answers {
            let _caller_may_have_left = entered.send(outcome.clone());
        }
    }
}
