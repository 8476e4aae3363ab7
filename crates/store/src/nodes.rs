//! The servers that use the database, and the master keys that each knows.
//!
//! A server notes that it lives once a minute. The list decides nothing but whether a master key may come into use: a
//! server that does not know it could not read what it wraps.
//!
//! Reasons: docs/decisions/0045.

use domain::time::RealTime;

use crate::table::table;
use crate::{StoreError, Tx, args};

table! {
    /// A server as it is stored. `master_keys`: fingerprints with spaces between them.
    struct NodeRow in "nodes" by (id) {
        id: String,
        master_keys: String,
        started_at: RealTime,
        seen_at: RealTime,
    }
}

/// A server that uses the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Made at its start.
    pub id: String,
    /// The fingerprints of the master keys that it knows.
    pub master_keys: Vec<String>,
    /// The time of its start.
    pub started_at: RealTime,
    /// The time at which it last noted that it lives.
    pub seen_at: RealTime,
}

/// Notes that a server lives, and the master keys that it knows.
pub fn note(tx: &mut Tx<'_>, id: &str, started_at: RealTime, now: RealTime) -> Result<(), StoreError> {
    let known = tx.keyring().masters().fingerprints().join(" ");
    let sql = "insert into nodes (id, master_keys, started_at, seen_at) values ($1, $2, $3, $4) \
               on conflict (id) do update set seen_at = excluded.seen_at";
    tx.execute(sql, args![*id, known, started_at, now]).map(drop)
}

/// Removes a server that has ended.
pub fn remove(tx: &mut Tx<'_>, id: &str) -> Result<(), StoreError> {
    tx.execute("delete from nodes where id = $1", args![*id]).map(drop)
}

/// Removes the servers that were last seen before a moment.
pub fn forget(tx: &mut Tx<'_>, cutoff: RealTime) -> Result<(), StoreError> {
    tx.execute("delete from nodes where seen_at < $1", args![cutoff]).map(drop)
}

/// The servers that were seen since a moment.
pub fn seen_since(tx: &mut Tx<'_>, cutoff: RealTime) -> Result<Vec<Node>, StoreError> {
    let rows: Vec<NodeRow> =
        tx.find_all("where seen_at >= $1 order by started_at, id limit 1000", args![cutoff])?;
    let node = |NodeRow { id, master_keys, started_at, seen_at }| {
        let master_keys = master_keys.split(' ').map(str::to_owned).collect();
        Node { id, master_keys, started_at, seen_at }
    };
    Ok(rows.into_iter().map(node).collect())
}
