//! The newest calls of a partner in a few columns, for figures.

use std::time::Duration;

use domain::id::{LoggedRequestId, PartnerId, ResourceId as _};
use domain::time::RealTime;

use crate::db::row_count;
use crate::{StoreError, Tx, args};

/// Most calls that are read.
pub const MOST_RECENT: usize = 5_000;

/// A call in a few words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// The moment at which the call arrived.
    pub at: RealTime,
    /// The HTTP method.
    pub method: String,
    /// The template of the path.
    pub route: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The time until the answer was ready.
    pub took: Duration,
    /// Whether an idempotency key was sent.
    pub has_key: bool,
    /// Whether the answer is the stored one of an earlier call.
    pub is_replayed: bool,
}

/// The newest [`MOST_RECENT`] calls of a partner since a moment, newest first.
pub fn recent(tx: &mut Tx<'_>, partner: PartnerId, since: RealTime) -> Result<Vec<Brief>, StoreError> {
    type Found = ((RealTime, String, String), (u16, Duration, Option<String>, bool));
    let sql = "select at, method, route, status, took, idempotency_key, replayed from request_calls \
               where partner_id = $1 and id >= $2 order by id desc limit $3";
    let first = LoggedRequestId::new(since, [0; 10]);
    let found: Vec<Found> = tx.fetch_all(sql, args![partner, first, row_count(MOST_RECENT)])?;
    let brief = |((at, method, route), (status, took, key, is_replayed)): Found| Brief {
        at,
        method,
        route,
        status,
        took,
        has_key: key.is_some(),
        is_replayed,
    };
    Ok(found.into_iter().map(brief).collect())
}
