//! The plan of a comparison.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::super::database::DatabaseAccess;

/// The two programs, and the amount of load.
pub(in super::super) struct Plan<'a> {
    pub(in super::super) old: &'a Path,
    pub(in super::super) new: &'a Path,
    /// A PostgreSQL database beside which empty ones are made; `None` means SQLite.
    pub(in super::super) database: Option<&'a str>,
    /// The access that makes empty databases.
    pub(in super::super) access: &'a Arc<dyn DatabaseAccess>,
    /// Duration of each load against each program.
    pub(in super::super) span: Duration,
    /// Changes of each run of webhooks.
    pub(in super::super) events: u64,
    /// Loans that each program makes.
    pub(in super::super) loans: u32,
}
