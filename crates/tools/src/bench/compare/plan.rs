//! The plan of a comparison.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::super::workshop::Workshop;

/// The parts of a comparison, and their sizes.
pub(in super::super) struct Plan<'a> {
    pub(in super::super) old: &'a Path,
    pub(in super::super) new: &'a Path,
    /// A database of PostgreSQL beside which empty ones are made; SQLite without it.
    pub(in super::super) database: Option<&'a str>,
    /// The workshop that makes empty databases.
    pub(in super::super) workshop: &'a Arc<dyn Workshop>,
    /// How long each load runs against each program.
    pub(in super::super) span: Duration,
    /// How many changes each run of webhooks makes.
    pub(in super::super) events: u64,
    /// How many loans each program makes.
    pub(in super::super) loans: u32,
}
