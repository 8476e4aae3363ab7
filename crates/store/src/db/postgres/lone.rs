//! A session outside the pools.

use std::sync::Arc;

use super::session::Session;
use super::settings::Settings;
use crate::db::error::OpenError;

/// A session outside the pools.
pub(in crate::db) fn session(url: &str) -> Result<Session, OpenError> {
    let settings = Settings::parse(url)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = Arc::new(runtime.map_err(|error| OpenError::Engine(error.to_string()))?);
    Ok(Session::connect(&runtime, &settings)?)
}
