//! Deliveries: one event on its way to one endpoint, its sealed body and its attempts.
//!
//! A lease keeps two nodes from sending the same delivery at once; a result counts only if the version
//! read with the lease still stands, so a late result of a lost lease changes nothing.

use domain::id::{DeliveryId, EndpointId, EventId, PartnerId};
use domain::page::Page;
use domain::time::Timestamp;
use domain::webhook::delivery::{Attempt, Delivery, DeliveryState};

use crate::db::{Arg, Row, ToArg};
use crate::document::{context, corrupt};
use crate::listing::{Cursor, Listing, UnknownCursor};
use crate::{StoreError, Tx, Wake, args};

/// A delivery that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// Its id.
    pub id: DeliveryId,
    /// Where it goes.
    pub endpoint: EndpointId,
    /// What it tells.
    pub event: EventId,
    /// The event's name in the endpoint's generation.
    pub event_type: &'static str,
    /// The rendered body, the same for every attempt.
    pub body: Vec<u8>,
}

/// A delivery under lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedDelivery {
    /// Its id.
    pub id: DeliveryId,
    /// Whose it is.
    pub partner: PartnerId,
    /// The version that a result must find.
    pub version: i64,
    /// Where it goes.
    pub endpoint: EndpointId,
    /// What it tells.
    pub event: EventId,
    /// Attempts made and when this one was due.
    pub state: DeliveryState,
    /// The body.
    pub body: Vec<u8>,
}

/// Adds a partner's new deliveries, due at once.
pub fn insert_all(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    deliveries: &[NewDelivery],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(deliveries.len());
    for delivery in deliveries {
        rows.push((delivery, tx.seal(partner, &context("deliveries", delivery.id), &delivery.body)?));
    }
    let zero = 0_i64;
    let row = rows.iter().map(|(d, sealed)| {
        args![
            partner,
            d.id,
            1_i64,
            d.endpoint,
            d.event,
            "pending",
            zero,
            now,
            zero,
            *sealed,
            now,
            now,
            *d.event_type
        ]
        .to_vec()
    });
    let head = "insert into deliveries (partner_id, id, version, endpoint_id, event_id, state, attempts, due_at, \
                leased_until, sealed, created_at, updated_at, event_type)";
    let values: Vec<_> = row.collect();
    tx.insert_rows(head, &values)?;
    tx.wake(Wake::Deliveries);
    Ok(())
}

/// Leases deliveries that are due and whose endpoints are active, oldest first, until `lease_end`; those of
/// the `busy` endpoints are left for later.
pub fn lease(
    tx: &mut Tx<'_>,
    now: Timestamp,
    lease_end: Timestamp,
    limit: i64,
    busy: &[EndpointId],
) -> Result<Vec<LeasedDelivery>, StoreError> {
    let lock = tx.dialect().skip_locked.replace("for update", "for update of d");
    let mut args = vec![now.to_arg(), limit.to_arg()];
    args.extend(busy.iter().map(ToArg::to_arg));
    let not_busy = not_among("d.endpoint_id", 3, busy.len());
    let sql = format!(
        "select d.partner_id, d.id, d.version, d.endpoint_id, d.event_id, d.attempts, d.due_at, d.sealed \
         from deliveries d \
         join webhook_endpoints e on e.partner_id = d.partner_id and e.id = d.endpoint_id and e.state = 'active' \
         where d.state = 'pending' and d.due_at <= $1 and d.leased_until <= $1 {not_busy} order by d.due_at limit $2 {lock}"
    );
    let mut leased = tx.query(&sql, &args, |row| {
        Ok(LeasedDelivery {
            partner: row.get(0)?,
            id: row.get(1)?,
            version: row.get(2)?,
            endpoint: row.get(3)?,
            event: row.get(4)?,
            state: DeliveryState::Pending { made: row.get(5)?, due: row.get(6)? },
            body: row.get(7)?,
        })
    })?;
    for delivery in &mut leased {
        let sql = "update deliveries set version = version + 1, leased_until = $4 \
                   where partner_id = $1 and id = $2 and version = $3";
        tx.execute_one(sql, args![delivery.partner, delivery.id, delivery.version, lease_end])?;
        delivery.version += 1;
        delivery.body = tx.unseal(delivery.partner, &context("deliveries", delivery.id), &delivery.body)?;
    }
    Ok(leased)
}

/// `and column not in ($3, $4)`: the condition of `count` arguments from place `first`; empty without any.
fn not_among(column: &str, first: usize, count: usize) -> String {
    let places: Vec<String> = (first..first + count).map(|place| format!("${place}")).collect();
    if places.is_empty() { String::new() } else { format!("and {column} not in ({})", places.join(", ")) }
}

/// Records an attempt and the state it led to; `false` where the lease was lost and nothing changed.
pub fn record(
    tx: &mut Tx<'_>,
    delivery: &LeasedDelivery,
    next: DeliveryState,
    attempt: &Attempt,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let (made, due) = match next {
        DeliveryState::Pending { made, due } => (made, due),
        DeliveryState::Delivered { made } | DeliveryState::Failed { made } => (made, now),
    };
    let sql = "update deliveries set version = version + 1, state = $4, attempts = $5, due_at = $6, \
               leased_until = $7, updated_at = $8 where partner_id = $1 and id = $2 and version = $3";
    if tx.execute(
        sql,
        args![delivery.partner, delivery.id, delivery.version, next.name(), made, due, 0_i64, now],
    )? == 0
    {
        return Ok(false);
    }
    let answer = context("delivery_attempts", delivery.id);
    let sealed = tx.seal(delivery.partner, &answer, attempt.answer.as_bytes())?;
    let sql = "insert into delivery_attempts \
               (partner_id, delivery_id, number, started_at, duration_ms, status, outcome, sealed) \
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
    tx.execute(
        sql,
        args![
            delivery.partner,
            delivery.id,
            made,
            attempt.started_at,
            attempt.duration_ms,
            attempt.status,
            attempt.outcome,
            sealed,
        ],
    )?;
    if let DeliveryState::Pending { .. } = next {
        tx.wake(Wake::Deliveries);
    }
    Ok(true)
}

const COLUMNS: &str = "id, version, endpoint_id, event_id, event_type, state, attempts, due_at, created_at, updated_at, leased_until";

fn stored(row: &Row<'_>) -> Result<Delivery, StoreError> {
    let (made, due) = (row.get(6)?, row.get(7)?);
    let state = row.with_text(5, |state| match state {
        "pending" => Ok(DeliveryState::Pending { made, due }),
        "delivered" => Ok(DeliveryState::Delivered { made }),
        "failed" => Ok(DeliveryState::Failed { made }),
        other => Err(corrupt(format!("unknown delivery state: {other}"))),
    })?;
    Ok(Delivery {
        id: row.get(0)?,
        version: row.get(1)?,
        endpoint: row.get(2)?,
        event: row.get(3)?,
        event_type: row.get(4)?,
        state,
        created_at: row.get(8)?,
        updated_at: row.get(9)?,
        leased_until: row.get(10)?,
    })
}

/// What a list of deliveries is filtered by.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    /// Only those in the state of this name.
    pub state: Option<&'static str>,
    /// Only those that tell the event of this name.
    pub event_type: Option<String>,
    /// Only those made at this moment or later.
    pub since: Option<Timestamp>,
    /// Only those made before this moment.
    pub until: Option<Timestamp>,
}

/// A page of an endpoint's deliveries.
pub fn list(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    endpoint: EndpointId,
    filter: &DeliveryFilter,
    cursor: &Cursor<DeliveryId>,
) -> Result<Result<Page<Delivery>, UnknownCursor>, StoreError> {
    Listing::of("deliveries", COLUMNS, &partner)
        .having("endpoint_id", Some(&endpoint))
        .having("state", filter.state.as_ref())
        .having("event_type", filter.event_type.as_ref())
        .from("created_at", filter.since.as_ref())
        .before("created_at", filter.until.as_ref())
        .page(tx, cursor, stored)
}

/// An endpoint's delivery.
pub fn find(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    endpoint: EndpointId,
    id: DeliveryId,
) -> Result<Option<Delivery>, StoreError> {
    let sql =
        format!("select {COLUMNS} from deliveries where partner_id = $1 and endpoint_id = $2 and id = $3");
    tx.query_opt(&sql, args![partner, endpoint, id], stored)
}

/// The attempts of a delivery, in order, with the beginnings of their answers.
pub fn attempts(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    delivery: DeliveryId,
) -> Result<Vec<Attempt>, StoreError> {
    let sql = "select started_at, duration_ms, status, outcome, sealed from delivery_attempts \
               where partner_id = $1 and delivery_id = $2 order by number";
    let rows = tx.query(sql, args![partner, delivery], |row| {
        let attempt = Attempt {
            started_at: row.get(0)?,
            duration_ms: row.get(1)?,
            status: row.get(2)?,
            outcome: row.get(3)?,
            answer: String::new(),
        };
        Ok((attempt, row.get::<Vec<u8>>(4)?))
    })?;
    let open = |(attempt, sealed): (Attempt, Vec<u8>)| {
        let answer = tx.unseal(partner, &context("delivery_attempts", delivery), &sealed)?;
        Ok(Attempt { answer: String::from_utf8(answer).map_err(corrupt)?, ..attempt })
    };
    rows.into_iter().map(open).collect()
}

/// Makes a delivery due at once, if nobody has changed it since it was read.
pub fn make_due(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    delivery: &Delivery,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "update deliveries set version = version + 1, state = 'pending', due_at = $4, leased_until = 0, \
               updated_at = $4 where partner_id = $1 and id = $2 and version = $3";
    tx.execute_one(sql, args![partner, delivery.id, delivery.version, now])?;
    tx.wake(Wake::Deliveries);
    Ok(())
}

/// Makes due at once whatever an endpoint has not taken of what came to be at `since` or later, failed ones too, but
/// for those under way; returns how many.
pub fn make_undelivered_due(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    endpoint: EndpointId,
    since: Timestamp,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let sql = "update deliveries set version = version + 1, state = 'pending', due_at = $4, updated_at = $4 \
               where partner_id = $1 and endpoint_id = $2 and created_at >= $3 and state <> 'delivered' \
               and leased_until <= $4";
    let count = tx.execute(sql, args![partner, endpoint, since, now])?;
    tx.wake(Wake::Deliveries);
    Ok(count)
}

/// Gives up what was on its way to a deleted endpoint.
pub fn fail_pending(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    endpoint: EndpointId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let sql = "update deliveries set version = version + 1, state = 'failed', updated_at = $3 \
               where partner_id = $1 and endpoint_id = $2 and state = 'pending'";
    tx.execute(sql, args![partner, endpoint, now])
}

/// When the next delivery to an active endpoint that is not `busy` is due; a leased one counts at the end of
/// its lease.
pub fn next_due(tx: &mut Tx<'_>, busy: &[EndpointId]) -> Result<Option<Timestamp>, StoreError> {
    let args: Vec<Arg<'_>> = busy.iter().map(ToArg::to_arg).collect();
    let not_busy = not_among("d.endpoint_id", 1, args.len());
    let sql = format!(
        "select min(case when d.leased_until > d.due_at then d.leased_until else d.due_at end) \
               from deliveries d \
               join webhook_endpoints e on e.partner_id = d.partner_id and e.id = d.endpoint_id and e.state = 'active' \
               where d.state = 'pending' {not_busy}"
    );
    tx.query_one(&sql, &args, |row| row.get(0))
}

/// How many deliveries are pending.
pub fn count_pending(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.query_one("select count(*) from deliveries where state = 'pending'", &[], |row| row.get(0))
}

/// Gives up deliveries whose endpoint was deleted while their event was being fanned out.
pub fn fail_orphans(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StoreError> {
    let sql = "update deliveries set version = version + 1, state = 'failed', updated_at = $1 \
               where state = 'pending' and not exists (select 1 from webhook_endpoints e \
               where e.partner_id = deliveries.partner_id and e.id = deliveries.endpoint_id)";
    tx.execute(sql, args![now])
}

/// Drops deliveries, their attempts and events from before `cutoff`; returns how many rows went.
pub fn purge(tx: &mut Tx<'_>, cutoff: Timestamp) -> Result<u64, StoreError> {
    let attempts = tx.execute("delete from delivery_attempts where started_at < $1", args![cutoff])?;
    let sql = "delete from deliveries where created_at < $1 and state <> 'pending'";
    let deliveries = tx.execute(sql, args![cutoff])?;
    let events = tx.execute("delete from events where occurred_at < $1 and not waiting", args![cutoff])?;
    Ok(attempts + deliveries + events)
}
