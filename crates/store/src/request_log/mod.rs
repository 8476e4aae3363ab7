//! The request log: calls of partners with their answers, in a store of its own.
//!
//! The store may lose its last commits, and a damaged one is thrown away. No row elsewhere refers to its rows.
//!
//! Reasons: docs/decisions/0038.

mod addresses;
mod purge;
mod recent;
mod row;
mod search;
mod visits;

use domain::id::{LoggedRequestId, PartnerId};
use domain::request_log::{LoggedBodies, LoggedRequest};

pub use self::addresses::{MOST_ADDRESSES, UsedFrom, used_from};
pub use self::purge::{purge, purge_bodies};
pub use self::recent::{Brief, MOST_RECENT, recent};
pub(crate) use self::row::{BodiesRow, CallRow, MarkRow};
pub use self::search::search;
pub(crate) use self::visits::VisitRow;
pub use self::visits::{insert_visits, purge_visits, visits};
use crate::{StoreError, Tx, args};

/// A call with the bodies that the sandbox keeps.
pub type Entry = (LoggedRequest, Option<LoggedBodies>);

/// Adds calls to the log.
pub fn insert(tx: &mut Tx<'_>, entries: &[Entry]) -> Result<(), StoreError> {
    let key = tx.keyring().request_key();
    let (mut calls, mut marks, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
    for (call, of_call) in entries {
        let row = CallRow::of(tx, &key, call);
        marks.extend(MarkRow::of(&row));
        bodies.extend(of_call.as_ref().map(|of_call| BodiesRow::of(tx, &key, call, of_call)));
        calls.push(row);
    }
    tx.insert_all(&calls)?;
    tx.insert_all(&marks)?;
    tx.insert_all(&bodies)
}

/// The newest call with this request id or with this id in the log. Without a partner, calls of all partners are
/// searched.
pub fn find(
    tx: &mut Tx<'_>, partner: Option<PartnerId>, id: &str,
) -> Result<Option<LoggedRequest>, StoreError> {
    let key = tx.keyring().request_key();
    if let Ok(id) = id.parse::<LoggedRequestId>() {
        let found = search::by_ids(tx, partner, &[id])?.pop();
        return Ok(found.and_then(|row| row.opened(tx, &key)));
    }
    let ids = search::ids_of_request(tx, partner, id, &search::Stretch::WHOLE)?;
    let newest = ids.first().map_or(Ok(Vec::new()), |newest| search::by_ids(tx, partner, &[*newest]))?;
    Ok(newest.into_iter().find_map(|row| row.opened(tx, &key)))
}

/// The bodies of a call; `None` if they were not kept, or are no longer kept.
pub fn bodies(tx: &mut Tx<'_>, call: &LoggedRequest) -> Result<Option<LoggedBodies>, StoreError> {
    let key = tx.keyring().request_key();
    let row = tx.find::<BodiesRow>("where partner_id = $1 and id = $2", args![call.partner, call.id])?;
    row.map(|row| row.opened(&key)).transpose()
}
