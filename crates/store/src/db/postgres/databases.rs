//! Databases of PostgreSQL that a benchmark makes for itself beside a named one.

use ::postgres::{Config, NoTls};

use crate::db::OpenError;

/// Makes an empty database beside the one of a URL; a former one of the same name is dropped.
pub fn make_empty_database(url: &str, name: &str) -> Result<(), OpenError> {
    drop_database(url, name)?;
    run(url, &format!("create database \"{name}\""))
}

/// Drops a database beside the one of a URL, if there is one, whoever is connected to it.
pub fn drop_database(url: &str, name: &str) -> Result<(), OpenError> {
    run(url, &format!("drop database if exists \"{name}\" with (force)"))
}

fn run(url: &str, sql: &str) -> Result<(), OpenError> {
    let config: Config = url.parse().map_err(|_not_a_url| OpenError::Url)?;
    let mut client = config.connect(NoTls).map_err(|error| OpenError::Engine(error.to_string()))?;
    client.batch_execute(sql).map_err(|error| OpenError::Engine(error.to_string()))
}
