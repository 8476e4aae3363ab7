//! Failures of a use case, and the rule by which its script runs again.

use super::error::StoreError;

/// The failure of a use case: a refusal, or an error of the store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failed<R> {
    /// A rule refused it. Nothing was changed.
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
    /// Converts the refusal into that of another area.
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

/// An error that may ask for another run of the script.
pub trait Retry {
    /// The store's error within this one, if there is one.
    fn store_error(&self) -> Option<&StoreError>;
}

/// An error that a script may return.
pub trait ScriptError: From<StoreError> + Retry + Send + 'static {}

impl<E: From<StoreError> + Retry + Send + 'static> ScriptError for E {}

impl Retry for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}
