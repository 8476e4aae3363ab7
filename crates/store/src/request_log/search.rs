//! The search in the request log, newest first.
//!
//! A search by a name (a request id, a resource, an idempotency key) reads the calls with that name. Any other search
//! reads calls in the order of their ids and compares each. Both read a bounded number of calls for a page, and say
//! where they go on.

use domain::id::{LoggedRequestId, PartnerId, ResourceId as _};
use domain::request_log::{FoundRequests, RequestCursor, RequestFilter};

use super::row::{CallRow, address_hash, mark_of_key};
use crate::db::{Arg, ToArg as _, among, row_count};
use crate::{StoreError, Tx, args};

/// Most calls that a page of a search compares.
const MOST_COMPARED: usize = 5_000;
/// Most calls with one name that a page of a search reads.
const MOST_NAMED: usize = 1_000;
/// Most calls with one name that are read at once.
const AT_ONCE: usize = 64;

/// The ids between which a search reads: from the first one on, before the second one.
pub(super) struct Stretch {
    from: LoggedRequestId,
    before: LoggedRequestId,
}

impl Stretch {
    /// The whole log.
    pub(super) const WHOLE: Self = Self { from: LoggedRequestId::FIRST, before: LoggedRequestId::LAST };

    fn of(filter: &RequestFilter, cursor: &RequestCursor) -> Self {
        let at = |moment| LoggedRequestId::new(moment, [0; 10]);
        let until = filter.arrived.until.map_or(LoggedRequestId::LAST, at);
        Self {
            from: filter.arrived.since.map_or(LoggedRequestId::FIRST, at),
            before: cursor.before.map_or(until, |before| before.min(until)),
        }
    }

    fn contains(&self, id: LoggedRequestId) -> bool {
        self.from <= id && id < self.before
    }
}

/// A page of the calls that meet a filter. A filter by resource or idempotency key without a partner finds nothing.
pub fn search(
    tx: &mut Tx<'_>, filter: &RequestFilter, cursor: &RequestCursor,
) -> Result<FoundRequests, StoreError> {
    let stretch = Stretch::of(filter, cursor);
    let (mut rows, mut next) = match ids_of_name(tx, filter, &stretch)? {
        Some(ids) => named(tx, filter, cursor, &ids)?,
        None => compared(tx, filter, cursor, &stretch)?,
    };
    if rows.len() > cursor.limit.get() {
        rows.truncate(cursor.limit.get());
        next = rows.last().map(|row| row.id);
    }
    let key = tx.keyring().request_key();
    Ok(FoundRequests { items: rows.into_iter().filter_map(|row| row.opened(tx, &key)).collect(), next })
}

/// The ids of the calls with the first name of the filter, newest first; `None` if it has no name.
fn ids_of_name(
    tx: &mut Tx<'_>, filter: &RequestFilter, stretch: &Stretch,
) -> Result<Option<Vec<LoggedRequestId>>, StoreError> {
    if let Some(request) = &filter.request_id {
        return ids_of_request(tx, filter.partner, request, stretch).map(Some);
    }
    let Some(mark) = marks_of(filter).next() else { return Ok(None) };
    let Some(partner) = filter.partner else { return Ok(Some(Vec::new())) };
    let sql = "select call_id from request_marks where partner_id = $1 and mark = $2 and call_id < $3 \
               and call_id >= $4 order by call_id desc limit $5";
    let most = row_count(MOST_NAMED);
    tx.fetch_all(sql, args![partner, mark, stretch.before, stretch.from, most]).map(Some)
}

/// The marks that calls must have.
fn marks_of(filter: &RequestFilter) -> impl Iterator<Item = String> {
    filter.resource.iter().cloned().chain(filter.idempotency_key.as_deref().map(mark_of_key))
}

/// The ids of the calls with a request id, newest first. Callers choose request ids, so there may be many.
pub(super) fn ids_of_request(
    tx: &mut Tx<'_>, partner: Option<PartnerId>, request: &str, stretch: &Stretch,
) -> Result<Vec<LoggedRequestId>, StoreError> {
    let most = row_count(MOST_NAMED);
    if let Some(partner) = partner {
        let sql = "select id from request_calls where request_id = $1 and partner_id = $2 and id < $3 and id >= $4 \
                   order by id desc limit $5";
        return tx.fetch_all(sql, args![*request, partner, stretch.before, stretch.from, most]);
    }
    // The index has them by partner.
    let sql = "select id from request_calls where request_id = $1 limit $2";
    let mut ids: Vec<LoggedRequestId> = tx.fetch_all(sql, args![*request, most])?;
    ids.retain(|id| stretch.contains(*id));
    ids.sort_unstable_by_key(|id| std::cmp::Reverse(*id));
    Ok(ids)
}

/// Rows that were found, up to one more than a page, and the place at which the search goes on.
type Found = (Vec<CallRow>, Option<LoggedRequestId>);

/// Those of the calls that meet the whole filter.
fn named(
    tx: &mut Tx<'_>, filter: &RequestFilter, cursor: &RequestCursor, ids: &[LoggedRequestId],
) -> Result<Found, StoreError> {
    let mut rows = Vec::new();
    for some in ids.chunks(AT_ONCE) {
        let mut read = by_ids(tx, filter.partner, some)?;
        read.sort_unstable_by_key(|row| std::cmp::Reverse(row.id));
        rows.extend(read.into_iter().filter(|row| meets(tx, filter, row)));
        if rows.len() > cursor.limit.get() {
            break;
        }
    }
    let next = ids.get(MOST_NAMED - 1).copied();
    Ok((rows, next))
}

/// The calls with these ids, in any order.
pub(super) fn by_ids(
    tx: &mut Tx<'_>, partner: Option<PartnerId>, ids: &[LoggedRequestId],
) -> Result<Vec<CallRow>, StoreError> {
    let (these, mut args) = among(ids, 1);
    let Some(partner) = partner else { return tx.find_all(&format!("where id {these}"), &args) };
    args.push(partner.to_arg());
    tx.find_all(&format!("where id {these} and partner_id = ${}", args.len()), &args)
}

/// Whether a call meets every condition.
fn meets(tx: &Tx<'_>, filter: &RequestFilter, row: &CallRow) -> bool {
    let lowest_and_highest = filter.statuses.is_none_or(|(from, to)| (from..=to).contains(&row.status));
    let address = |address: &String| row.address_hash == address_hash(tx, address);
    lowest_and_highest
        && filter.request_id.as_ref().is_none_or(|id| *id == row.request_id)
        && marks_of(filter).all(|mark| row.each_mark().any(|own| own == mark))
        && filter.method.as_ref().is_none_or(|method| *method == row.method)
        && filter.route.as_ref().is_none_or(|route| *route == row.route)
        && filter.client.is_none_or(|client| client == row.client_id)
        && filter.address.as_ref().is_none_or(address)
        && filter.at_least.is_none_or(|least| row.took >= least)
}

/// The calls that meet a filter without a name.
fn compared(
    tx: &mut Tx<'_>, filter: &RequestFilter, cursor: &RequestCursor, stretch: &Stretch,
) -> Result<Found, StoreError> {
    let more = last_compared(tx, filter.partner, stretch)?;
    let from = more.unwrap_or(stretch.from);
    let text = |text: &Option<String>| Arg::Text(text.clone().map_or("".into(), Into::into));
    let (lowest, highest) = filter.statuses.unwrap_or(ANY_STATUS);
    let address = filter.address.as_ref().map_or_else(String::new, |address| address_hash(tx, address));
    let least = filter.at_least.map_or(Arg::Int(0), |least| least.to_arg().kept());
    let mut args = args![stretch.before, from, lowest, highest].to_vec();
    args.extend([least, text(&filter.method), text(&filter.route)]);
    args.push(filter.client.as_ref().map_or(Arg::Text("".into()), |client| client.to_arg().kept()));
    args.extend([Arg::Text(address.into()), Arg::Int(row_count(cursor.limit.get() + 1))]);
    args.extend(filter.partner.as_ref().map(|partner| partner.to_arg().kept()));
    let of_partner = filter.partner.map_or("", |_partner| "partner_id = $11 and ");
    // An empty text sets no condition, so that there is one statement for all filters.
    let rest = format!(
        "where {of_partner}id < $1 and id >= $2 and status >= $3 and status <= $4 and took >= $5 \
         and ($6 = '' or method = $6) and ($7 = '' or route = $7) and ($8 = '' or client_id = $8) \
         and ($9 = '' or address_hash = $9) order by id desc limit $10"
    );
    Ok((tx.find_all(&rest, &args)?, more))
}

/// Every status.
const ANY_STATUS: (u16, u16) = (0, 999);

/// The id of the last call that a page may compare; `None` if there are fewer.
fn last_compared(
    tx: &mut Tx<'_>, partner: Option<PartnerId>, stretch: &Stretch,
) -> Result<Option<LoggedRequestId>, StoreError> {
    let skipped = row_count(MOST_COMPARED - 1);
    let Some(partner) = partner else {
        let sql =
            "select id from request_calls where id < $1 and id >= $2 order by id desc limit 1 offset $3";
        return tx.fetch_opt(sql, args![stretch.before, stretch.from, skipped]);
    };
    let sql = "select id from request_calls where partner_id = $1 and id < $2 and id >= $3 order by id desc limit 1 \
               offset $4";
    tx.fetch_opt(sql, args![partner, stretch.before, stretch.from, skipped])
}
