//! The parts that every transaction needs besides its connection.

use std::sync::{Arc, OnceLock};

use super::error::StoreError;
use super::measure::Measured;
use super::unreadable::UnreadableRows;
use super::wakes::Wakes;
use crate::seal::{Keyring, MasterKeys};

/// The parts that every transaction needs besides its connection.
pub(crate) struct Shared {
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) wakes: Wakes,
    /// The first damage that the engine found.
    pub(crate) damage: OnceLock<String>,
    pub(crate) unreadable: UnreadableRows,
    pub(super) measured: Measured,
    /// The number of statements that scripts have run.
    #[cfg(feature = "test-support")]
    pub(crate) statements: std::sync::atomic::AtomicU64,
}

impl Shared {
    pub(crate) fn new(masters: MasterKeys) -> Self {
        Self::with(Arc::new(Keyring::new(masters)), Measured::Yes)
    }

    /// The parts of another store with the same keys.
    pub(crate) fn beside(&self) -> Self {
        Self::with(Arc::clone(&self.keyring), Measured::No)
    }

    fn with(keyring: Arc<Keyring>, measured: Measured) -> Self {
        Self {
            keyring,
            wakes: Wakes::default(),
            damage: OnceLock::new(),
            unreadable: UnreadableRows::default(),
            measured,
            #[cfg(feature = "test-support")]
            statements: std::sync::atomic::AtomicU64::new(0),
        }
    }

    /// Remembers that the database itself is damaged, until the process ends.
    pub(crate) fn note(&self, error: &StoreError) {
        if let StoreError::Damaged(what) = error
            && self.damage.set(what.clone()).is_ok()
        {
            tracing::error!(reason = what, "the database is damaged; this server is no longer ready");
        }
    }
}
