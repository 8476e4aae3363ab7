//! The beginning of a part of a script.

use super::postgres::transaction::Begun;

/// The beginning of a part of a script. A failed part is undone alone.
#[derive(Debug, Clone, Copy)]
pub(in crate::db) enum Part {
    /// At a savepoint.
    Savepoint,
    /// The number of rows that the connection had changed. Without a savepoint, only a part without writes can be
    /// undone.
    Changes(u64),
    /// The place among the statements sent to PostgreSQL.
    Sent(Begun),
}
