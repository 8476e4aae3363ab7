//! Where a part of a script began.

use super::postgres::transaction::Begun;

/// Where a part of a script began, which is undone alone if it fails.
#[derive(Debug, Clone, Copy)]
pub(in crate::db) enum Part {
    /// At a savepoint.
    Savepoint,
    /// When the connection had changed this many rows: without a savepoint, only what wrote nothing is undone.
    Changes(u64),
    /// Behind what was sent to PostgreSQL until then.
    Sent(Begun),
}
