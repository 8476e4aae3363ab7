//! Refusals that several use cases share.

use domain::page::Page;
use store::{Failed, StoreError, UnknownCursor};

/// The resource does not exist, or belongs to another partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotFound;

/// The reason why a list was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListRefused {
    /// The resource that owns the list does not exist.
    NotFound,
    /// The cursor belongs to another caller or to another list.
    InvalidCursor,
}

/// A page, or the refusal of its cursor.
pub(crate) fn page_or_refused<T>(
    page: Result<Page<T>, UnknownCursor>,
) -> Result<Page<T>, Failed<ListRefused>> {
    page.map_err(|UnknownCursor| Failed::Refused(ListRefused::InvalidCursor))
}

/// A first page. It has no cursor, so nothing can refuse it.
pub fn first_page<T>(page: Result<Page<T>, Failed<ListRefused>>) -> Result<Page<T>, StoreError> {
    page.map_err(|failed| match failed {
        Failed::Store(error) => error,
        Failed::Refused(ListRefused::NotFound | ListRefused::InvalidCursor) => {
            StoreError::Defect("a first page was refused".to_owned())
        }
    })
}

/// Converts [`NotFound`] into the refusal of each use case.
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
