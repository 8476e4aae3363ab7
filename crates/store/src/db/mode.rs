//! The surroundings that a script needs, and its way into a queue.

use crossbeam_channel::{Sender, TrySendError};

use super::error::StoreError;

/// Which writes wait for each other in a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// None: they run beside each other as far as the engine can.
    Common,
    /// Those that take a contract's number. All of them take turns on the year's row until they commit, so beside each other
    /// they would only wait. One after another, they share commits.
    Numbered,
}

/// The surroundings that a script needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A transaction that writes.
    Write,
    /// A transaction that reads on one snapshot.
    Snapshot,
    /// The same, of a list: a replica may answer it.
    List,
    /// Nothing: it is one statement that reads.
    Single,
}

/// Puts a script in an engine's queue. If it is full, the caller gets an error at once.
pub(crate) fn enqueue<T>(queue: &Sender<T>, script: T) -> Result<(), StoreError> {
    queue.try_send(script).map_err(|refused| match refused {
        TrySendError::Full(_) => StoreError::Unavailable("too many scripts wait".into()),
        TrySendError::Disconnected(_) => StoreError::Unavailable("the store is closed".into()),
    })
}
