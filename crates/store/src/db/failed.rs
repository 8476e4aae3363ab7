//! Failures of a use case, and whether its script runs again.

use super::error::StoreError;

/// Why a use case did not go through: it was refused, or the store failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failed<R> {
    /// A rule refused it; nothing was changed.
    #[error("refused")]
    Refused(R),
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl<R> From<StoreError> for Failed<R> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl<R> Failed<R> {
    /// Turns the refusal into another area's.
    pub fn map_refused<S>(self, map: impl FnOnce(R) -> S) -> Failed<S> {
        match self {
            Self::Refused(refusal) => Failed::Refused(map(refusal)),
            Self::Store(error) => Failed::Store(error),
        }
    }
}

impl<R> Retry for Failed<R> {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Refused(_) => None,
            Self::Store(error) => Some(error),
        }
    }
}

/// Whether an error asks for the script to be run again.
pub trait Retry {
    /// The store's error within this one, where there is one.
    fn store_error(&self) -> Option<&StoreError>;
}

impl Retry for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}
