//! The reading and writing of documents, and the contexts under which values are sealed.

use std::fmt::Write as _;

use domain::id::ResourceId;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::db::error::StoreError;

pub(crate) fn corrupt(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(error.to_string())
}

pub(crate) fn to_json<T: Serialize>(document: &T) -> String {
    serde_json::to_string(document)
        .expect("documents hold strings, numbers, lists and maps with text as keys")
}

/// Reads a document. The error holds only its kind and place: the library's message quotes the document, and errors
/// are logged.
pub(crate) fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|error| {
        let (kind, line, column) = (error.classify(), error.line(), error.column());
        corrupt(format!("a document cannot be read ({kind:?} at line {line}, column {column})"))
    })
}

/// Reads the word or number of a value.
pub(crate) fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, StoreError>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(corrupt)
}

/// The sealing context of a value that is written once: the name of its row. The value does not open in another row.
pub(crate) fn context(table: &str, id: impl ResourceId) -> String {
    let mut context = String::with_capacity(table.len() + 48);
    write!(context, "{table}:{id}").expect("a string takes any text");
    context
}

/// The sealing context of a value whose row changes: the name of the row at one version. An older value that somebody
/// puts back does not open.
pub(crate) fn versioned(table: &str, id: impl std::fmt::Display, version: i64) -> String {
    // Every opened row needs a context, so its memory is allocated once.
    let mut context = String::with_capacity(table.len() + 64);
    write!(context, "{table}:{id}@{version}").expect("a string takes any text");
    context
}
