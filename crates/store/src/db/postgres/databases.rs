//! Databases of PostgreSQL that a benchmark makes for itself beside a named one.

use super::lone::session;
use crate::db::error::OpenError;

/// Makes an empty database beside the one of a URL; a former one of the same name is dropped.
pub fn make_empty_database(url: &str, name: &str) -> Result<(), OpenError> {
    drop_database(url, name)?;
    Ok(session(url)?.script(&format!("create database \"{name}\""))?)
}

/// Drops a database beside the one of a URL, if there is one, whoever is connected to it.
pub fn drop_database(url: &str, name: &str) -> Result<(), OpenError> {
    Ok(session(url)?.script(&format!("drop database if exists \"{name}\" with (force)"))?)
}
