//! Changes of all deliveries to one endpoint. Each step changes some rows, so that no transaction grows with their
//! number.
//!
//! A row of `lane_changes` notes the progress of such a change. It advances by compare-and-set in the commit of the
//! changed rows. So the next step, also after a crash or on another node, begins after the last commit.

use domain::id::{DeliveryId, EndpointId, PartnerId, ResourceId as _};
use domain::time::RealTime;
use domain::webhook::delivery::DeliveryStateKind;

use crate::db::{ToArg, in_chunks};
use crate::document::set_of;
use crate::table::table;
use crate::{StoreError, Tx, Wake, args, deliveries};

table! {
    /// The progress of a lane's change.
    struct LaneChangeRow in "lane_changes" by (partner_id, endpoint_id) {
        partner_id: PartnerId,
        endpoint_id: EndpointId,
        version: i64,
        after_id: DeliveryId,
        until_id: DeliveryId,
    }
}

/// Makes the undelivered deliveries since the millisecond of `since` due at once, step by step. If such a change is
/// already under way, one change serves both. It covers the deliveries from the earlier of its place and `since` to the
/// newest one.
pub fn recover(
    tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId, since: RealTime,
) -> Result<(), StoreError> {
    let newest = "select max(id) from deliveries where partner_id = $1 and endpoint_id = $2";
    let newest = tx.fetch_one::<Option<DeliveryId>>(newest, args![partner, endpoint])?;
    match newest {
        Some(newest) => begin(tx, partner, endpoint, before(since), newest),
        None => Ok(()),
    }
}

/// Begins to give up the pending deliveries of an endpoint, in the transaction that deletes the endpoint.
pub fn give_up(tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId) -> Result<(), StoreError> {
    match deliveries::lane_due(tx, partner, endpoint)? {
        Some(_due) => {
            // The step sees that the endpoint is gone, so the places do not matter.
            let anywhere = before(RealTime::from_micros(0));
            begin(tx, partner, endpoint, anywhere, anywhere)
        }
        None => Ok(()),
    }
}

/// An id smaller than those of deliveries made in the moment's millisecond.
fn before(moment: RealTime) -> DeliveryId {
    DeliveryId::new(moment, [0; 10])
}

fn begin(
    tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId, after: DeliveryId, until: DeliveryId,
) -> Result<(), StoreError> {
    let sql = "insert into lane_changes (partner_id, endpoint_id, version, after_id, until_id) \
               values ($1, $2, 1, $3, $4) on conflict (partner_id, endpoint_id) do update \
               set version = lane_changes.version + 1, until_id = excluded.until_id, \
               after_id = case when excluded.after_id < lane_changes.after_id \
               then excluded.after_id else lane_changes.after_id end";
    tx.execute(sql, args![partner, endpoint, after, until])?;
    tx.wake(Wake::Lanes);
    Ok(())
}

/// Lanes with a change under way, at most `limit`.
pub fn waiting(tx: &mut Tx<'_>, limit: usize) -> Result<Vec<(PartnerId, EndpointId)>, StoreError> {
    let sql = format!(
        "select partner_id, endpoint_id from lane_changes order by partner_id, endpoint_id limit {limit}"
    );
    tx.fetch_all(&sql, &[])
}

/// Takes one step of a lane's change, of up to `rows` rows. Returns the number of rows: fewer than `rows` at the end.
pub fn step(
    tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId, now: RealTime, rows: i64,
) -> Result<u64, StoreError> {
    let own = args![partner, endpoint];
    let change = tx.find::<LaneChangeRow>("where partner_id = $1 and endpoint_id = $2", own)?;
    let Some(change) = change else { return Ok(0) };
    if !crate::webhook_endpoints::exists(tx, partner, endpoint)? {
        let given_up = deliveries::fail_some(tx, partner, endpoint, now, rows)?;
        if is_fewer(given_up, rows) {
            end(tx, partner, endpoint, change.version)?;
        }
        return Ok(given_up);
    }
    let ids = undelivered(tx, partner, endpoint, &change, rows)?;
    let count = ids.len() as u64;
    match ids.last() {
        Some(last) if !is_fewer(count, rows) => {
            tx.update(args![partner, endpoint], change.version, &[LaneChangeRow::after_id.to(last)])?;
        }
        _ => end(tx, partner, endpoint, change.version)?,
    }
    make_due(tx, partner, endpoint, now, &ids)?;
    Ok(count)
}

fn is_fewer(count: u64, rows: i64) -> bool {
    i64::try_from(count).is_ok_and(|count| count < rows)
}

fn end(tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId, version: i64) -> Result<(), StoreError> {
    let sql = "delete from lane_changes where partner_id = $1 and endpoint_id = $2 and version = $3";
    tx.execute_one(sql, args![partner, endpoint, version])
}

/// The names of the events in the endpoint's deliveries. Each look-up finds the next name in an index.
fn event_types(tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId) -> Result<Vec<String>, StoreError> {
    let sql = "select min(event_type) from deliveries where partner_id = $1 and endpoint_id = $2 \
               and event_type > $3";
    let mut found: Vec<String> = Vec::new();
    loop {
        let last = found.last().map_or("", String::as_str);
        match tx.fetch_one::<Option<String>>(sql, args![partner, endpoint, *last])? {
            Some(next) => found.push(next),
            None => return Ok(found),
        }
    }
}

/// The next undelivered deliveries of a change, oldest first.
fn undelivered(
    tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId, change: &LaneChangeRow, rows: i64,
) -> Result<Vec<DeliveryId>, StoreError> {
    let sql = format!(
        "select id from deliveries where partner_id = $1 and endpoint_id = $2 and event_type = $3 and state = $4 \
         and id > $5 and id <= $6 order by id limit {rows}"
    );
    let mut found: Vec<DeliveryId> = Vec::new();
    for event_type in event_types(tx, partner, endpoint)? {
        for state in DeliveryStateKind::ALL.into_iter().filter(|state| state.is_undelivered()) {
            let args = args![partner, endpoint, event_type, state, change.after_id, change.until_id];
            found.extend(tx.fetch_all::<DeliveryId>(&sql, args)?);
        }
    }
    found.sort_unstable();
    found.truncate(usize::try_from(rows).expect("a step takes some rows"));
    Ok(found)
}

/// Makes deliveries due at once, except those under way. They are due since their creation, so the lane has their old
/// order again.
fn make_due(
    tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId, now: RealTime, ids: &[DeliveryId],
) -> Result<(), StoreError> {
    for chunk in in_chunks(ids) {
        // Each is looked up by its key, as in `deliveries::settle`.
        let sql = format!(
            "with wanted (of_delivery) as (values {}) \
             update deliveries set version = version + 1, state = 'pending', due_at = created_at, updated_at = $3 \
             from wanted where partner_id = $1 and endpoint_id = $2 and id = of_delivery || '' \
             and state in {} and leased_until <= $3 and (state = 'failed' or due_at <> created_at)",
            deliveries::named(chunk.len(), 4),
            set_of(DeliveryStateKind::is_undelivered)
        );
        let mut args = args![partner, endpoint, now].to_vec();
        args.extend(chunk.iter().map(ToArg::to_arg));
        tx.execute(&sql, &args)?;
    }
    tx.wake(Wake::Deliveries);
    Ok(())
}

/// The number of undelivered deliveries that were made in the millisecond of `since` or later, without those under way.
/// Indexes alone answer it.
pub fn count_undelivered(
    tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId, since: RealTime, now: RealTime,
) -> Result<u64, StoreError> {
    let undelivered = format!(
        "select count(*) from deliveries where partner_id = $1 and endpoint_id = $2 \
         and event_type = $3 and state in {} and id > $4",
        set_of(DeliveryStateKind::is_undelivered)
    );
    // A leased delivery is due at its lease's end.
    let under_way = "select count(*) from deliveries where partner_id = $1 and endpoint_id = $2 \
                     and state = 'pending' and due_at > $3 and leased_until > $3 and id > $4";
    let first = before(since);
    let mut count: i64 = 0;
    for event_type in event_types(tx, partner, endpoint)? {
        count += tx.fetch_one::<i64>(&undelivered, args![partner, endpoint, event_type, first])?;
    }
    count -= tx.fetch_one::<i64>(under_way, args![partner, endpoint, now, first])?;
    u64::try_from(count).map_err(|_negative| StoreError::Conflict)
}

/// Makes up to `rows` deliveries due at once that wait in a lane for a later moment, except those under way. Returns
/// their number. The last due ones come first, because those under way are due soon.
pub fn resume_some(
    tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId, now: RealTime, rows: i64,
) -> Result<u64, StoreError> {
    let which = format!("and due_at > $3 and leased_until <= $3 order by due_at desc limit {rows}");
    deliveries::change_pending(tx, partner, endpoint, now, "due_at = created_at", &which)
}
