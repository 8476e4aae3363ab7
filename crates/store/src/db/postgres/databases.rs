//! Databases of PostgreSQL that a benchmark makes for itself beside a named one.

use super::lone::session;
use crate::db::error::OpenError;

/// Creates an empty database on the server of a URL. An old database of the same name is dropped.
pub fn make_empty_database(url: &str, name: &str) -> Result<(), OpenError> {
    drop_database(url, name)?;
    Ok(session(url)?.script(&format!("create database \"{name}\""))?)
}

/// Drops a database on the server of a URL, if it exists, also while clients are connected.
pub fn drop_database(url: &str, name: &str) -> Result<(), OpenError> {
    Ok(session(url)?.script(&format!("drop database if exists \"{name}\" with (force)"))?)
}
