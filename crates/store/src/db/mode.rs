//! The kind of transaction that a script needs, and its queue.

use crossbeam_channel::{Sender, TrySendError};

use super::error::StoreError;

/// The writes of a node that wait for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// No others: they run in parallel as far as the engine can.
    Common,
    /// Writes that take a contract's number. All of them take turns on the year's row until they commit, so in parallel
    /// they would only wait. One after another, they share commits.
    Numbered,
}

/// The commits that a crash may undo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Nothing that was answered.
    Synced,
    /// The commits of the last moments, so that no commit waits for the disk.
    Unsynced,
}

/// The kind of transaction that a script needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A transaction that writes.
    Write,
    /// A transaction that reads on one snapshot.
    Snapshot,
    /// A snapshot for a list. A replica may answer it.
    List,
    /// No transaction: the script is one statement that reads.
    Single,
}

impl Mode {
    /// The name of the pool that serves it, where each kind has one.
    pub(crate) fn pool(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Snapshot | Self::List => "read",
            Self::Single => "look-up",
        }
    }
}

/// Puts a script in an engine's queue. If it is full, the caller gets an error at once.
pub(crate) fn enqueue<T>(queue: &Sender<T>, script: T) -> Result<(), StoreError> {
    queue.try_send(script).map_err(|refused| match refused {
        TrySendError::Full(_) => StoreError::Unavailable("too many scripts wait".into()),
        TrySendError::Disconnected(_) => StoreError::Unavailable("the store is closed".into()),
    })
}
