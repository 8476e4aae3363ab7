//! Refusals that many use cases have in common.

use domain::page::Page;
use store::{Failed, UnknownCursor};

/// The resource is not there, or is another partner's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotFound;

/// Why a list could not be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListRefused {
    /// The owner of the list is not there.
    NotFound,
    /// The cursor is not the caller's, or not of its kind.
    InvalidCursor,
}

/// A page, or the refusal of its cursor.
pub(crate) fn page_or_refused<T>(
    page: Result<Page<T>, UnknownCursor>,
) -> Result<Page<T>, Failed<ListRefused>> {
    page.map_err(|UnknownCursor| Failed::Refused(ListRefused::InvalidCursor))
}

/// A missing resource is refused in the same way by each operation.
macro_rules! not_found_in {
    ($($refused:ty),* $(,)?) => {$(
        impl From<$crate::refused::NotFound> for $refused {
            fn from(_: $crate::refused::NotFound) -> Self {
                Self::NotFound
            }
        }
    )*};
}

pub(crate) use not_found_in;

not_found_in!(ListRefused);
