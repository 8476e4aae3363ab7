//! Aggregates as they were read, with the versions of their rows.

use std::convert::Infallible;
use std::ops::Deref;

use domain::closed::{Changed, Source};

use crate::db::error::StoreError;

/// A value with the version of its row, for compare-and-set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<T> {
    version: i64,
    value: T,
}

impl<T> Stored<T> {
    /// The version of a new row.
    pub(crate) const FIRST: i64 = 1;

    /// A value that was read with its row's version.
    pub fn new(version: i64, value: T) -> Self {
        Self { version, value }
    }

    /// The row's version.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The value alone.
    pub fn into_value(self) -> T {
        self.value
    }

    /// Applies a command to the value. The result can be saved, if nobody else has changed the row since it was read.
    pub fn change<E>(self, command: impl FnOnce(T) -> Result<Changed<T>, E>) -> Result<Stored<Changed<T>>, E>
    where
        T: Source,
    {
        Ok(Stored { version: self.version, value: command(self.value)? })
    }

    /// [`change`](Self::change) by a command that cannot be refused.
    pub fn changed(self, command: impl FnOnce(T) -> Changed<T>) -> Stored<Changed<T>>
    where
        T: Source,
    {
        Stored { version: self.version, value: command(self.value) }
    }
}

impl<T: Source> Stored<Changed<T>> {
    /// The change, with the version on which it was made.
    pub(crate) fn into_parts(self) -> (i64, Changed<T>) {
        (self.version, self.value)
    }
}

impl<T: Source<Event = Infallible>> Stored<Changed<T>> {
    /// Writes the changed value over its row, and returns it with the next version. `write` gets the version on which
    /// the change was made.
    pub(crate) fn save(
        self, write: impl FnOnce(&T, i64) -> Result<(), StoreError>,
    ) -> Result<Stored<T>, StoreError> {
        let value = self.value.into_value();
        write(&value, self.version)?;
        Ok(Stored { version: self.version + 1, value })
    }
}

impl<T> Deref for Stored<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
