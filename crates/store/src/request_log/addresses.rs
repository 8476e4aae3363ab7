//! The addresses from which a credential was used lately.

use std::collections::HashMap;

use domain::credential::ClientId;
use domain::id::{LoggedRequestId, PartnerId, ResourceId as _};
use domain::time::RealTime;

use super::recent::MOST_RECENT;
use super::search::by_ids;
use crate::db::row_count;
use crate::{StoreError, Tx, args};

/// Most addresses of an answer.
pub const MOST_ADDRESSES: usize = 20;

/// An address and the calls from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedFrom {
    /// The IP address.
    pub address: String,
    /// The number of counted calls.
    pub calls: usize,
    /// The moment at which the newest of them arrived.
    pub last: RealTime,
}

/// The addresses of a credential's calls since a moment, the latest first. The newest [`MOST_RECENT`] calls of the
/// partner are counted, with all of its credentials. No more than [`MOST_ADDRESSES`] addresses are returned.
pub fn used_from(
    tx: &mut Tx<'_>, partner: PartnerId, client: ClientId, since: RealTime,
) -> Result<Vec<UsedFrom>, StoreError> {
    let sql = "select id, client_id, address_hash from request_calls \
               where partner_id = $1 and id >= $2 order by id desc limit $3";
    let first = LoggedRequestId::new(since, [0; 10]);
    let calls: Vec<(LoggedRequestId, ClientId, String)> =
        tx.fetch_all(sql, args![partner, first, row_count(MOST_RECENT)])?;
    // The newest call from each address, in this order, and the number of all.
    let mut newest: Vec<LoggedRequestId> = Vec::new();
    let mut counted: HashMap<String, (usize, usize)> = HashMap::new();
    for (id, _, hash) in calls.into_iter().filter(|(_, by, hash)| *by == client && !hash.is_empty()) {
        let place = newest.len();
        let (_, count) = counted.entry(hash).or_insert_with(|| {
            newest.push(id);
            (place, 0)
        });
        *count += 1;
    }
    let mut counts = vec![0; newest.len()];
    for (place, count) in counted.into_values() {
        counts[place] = count;
    }
    newest.truncate(MOST_ADDRESSES);
    let key = tx.keyring().request_key();
    let mut found: Vec<UsedFrom> = Vec::with_capacity(newest.len());
    for row in by_ids(tx, Some(partner), &newest)? {
        let place = newest.iter().position(|id| *id == row.id);
        let Some(call) = row.opened(tx, &key) else { continue };
        let calls = place.map_or(0, |place| counts[place]);
        found.push(UsedFrom { address: call.origin.address, calls, last: call.at });
    }
    found.sort_unstable_by_key(|used| std::cmp::Reverse(used.last));
    Ok(found)
}
