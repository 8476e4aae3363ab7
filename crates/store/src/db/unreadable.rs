//! Rows that lists could not read lately. They are kept in memory, so that people see them on the console's first page.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Most rows that are kept. A database with more of them needs its backup.
const MOST: usize = 1_000;

/// A row is forgotten after this time, unless a list meets it again.
const LATELY: Duration = Duration::from_hours(24);

/// A row that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnreadableRow {
    /// The row's table.
    pub table: &'static str,
    /// The row's id, as far as it can be read.
    pub id: String,
}

/// The rows, each with the time at which a list met it last.
#[derive(Debug, Default)]
pub(crate) struct UnreadableRows(Mutex<BTreeMap<UnreadableRow, Instant>>);

impl UnreadableRows {
    /// Notes a row.
    pub(crate) fn note(&self, table: &'static str, id: &str) {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let row = UnreadableRow { table, id: id.to_owned() };
        if rows.len() < MOST || rows.contains_key(&row) {
            rows.insert(row, Instant::now());
        }
    }

    /// The rows that were met lately.
    pub(crate) fn lately(&self) -> Vec<UnreadableRow> {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rows.retain(|_row, met| met.elapsed() < LATELY);
        rows.keys().cloned().collect()
    }
}
