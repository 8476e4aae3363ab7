//! Lanes: the pending deliveries of each endpoint, and the leases under which they are sent.
//!
//! A lease moves a delivery to the lease's end in its lane, so that two nodes do not send it at once.

use std::collections::HashMap;

use bytes::Bytes;
use domain::cause::{Cause, SpanPlace};
use domain::id::{DeliveryId, EndpointId, EventId, PartnerId};
use domain::time::RealTime;

use super::rows::BODIES;
use crate::db::{ToArg, in_chunks, row_count, tuples};
use crate::document::context;
use crate::{StoreError, Tx, args};

/// A leased delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedDelivery {
    /// The partner of the endpoint.
    pub partner: PartnerId,
    /// The endpoint that receives it.
    pub endpoint: EndpointId,
    /// The delivery's id.
    pub id: DeliveryId,
    /// The version that the row must have when the result is recorded.
    pub version: i64,
    /// The event that it delivers.
    pub event: EventId,
    /// The number of attempts so far.
    pub made: u16,
    /// The end of the lease.
    pub leased_until: RealTime,
    /// The body. Deliveries of one event may share it.
    pub body: Bytes,
    /// What caused it.
    pub cause: Cause,
}

/// The next due time of a lane with pending deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneDue {
    /// The partner of the endpoint.
    pub partner: PartnerId,
    /// The lane's endpoint.
    pub endpoint: EndpointId,
    /// The endpoint's version.
    pub version: i64,
    /// The time at which the lane's first delivery is due. A leased one is due at its lease's end.
    pub due: RealTime,
}

/// The active endpoints with pending deliveries.
pub fn lanes(tx: &mut Tx<'_>) -> Result<Vec<LaneDue>, StoreError> {
    let sql = "select partner_id, id, version, due_at from (\
                   select e.partner_id, e.id, e.version, (\
                       select min(d.due_at) from deliveries d \
                       where d.partner_id = e.partner_id and d.endpoint_id = e.id and d.state = 'pending') as due_at \
                   from webhook_endpoints e where e.state = 'active') as lanes \
               where due_at is not null";
    let rows = tx.fetch_all(sql, &[])?;
    let lane = |(partner, endpoint, version, due)| LaneDue { partner, endpoint, version, due };
    Ok(rows.into_iter().map(lane).collect())
}

/// The time at which the lane's next delivery is due. A leased one is due at its lease's end.
pub fn lane_due(
    tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId,
) -> Result<Option<RealTime>, StoreError> {
    let sql =
        "select min(due_at) from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'pending'";
    tx.fetch_one(sql, args![partner, endpoint])
}

/// Leased deliveries of a lane.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Leased {
    /// Deliveries to send, oldest first.
    pub deliveries: Vec<LeasedDelivery>,
    /// Leased deliveries whose bodies do not open. They cannot be sent.
    pub unreadable: Vec<LeasedDelivery>,
}

/// Places for so many rows of one text. The first one names the type of all.
pub(crate) fn named(rows: usize, first: usize) -> String {
    match rows {
        1 => format!("(cast(${first} as text))"),
        more => format!("(cast(${first} as text)), {}", tuples(more - 1, 1, first + 1)),
    }
}

/// Id, version, event, attempts and body of a leased delivery.
type LeasedRow = (DeliveryId, i64, EventId, u16, DeliveryId);

/// Leases the due deliveries of a lane, oldest first, until `lease_end`.
pub fn lease(
    tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId, now: RealTime, lease_end: RealTime,
    limit: usize,
) -> Result<Leased, StoreError> {
    let lock = tx.dialect().skip_locked;
    let sql = format!(
        "with due as materialized (select id from deliveries where partner_id = $1 and endpoint_id = $2 \
         and state = 'pending' and due_at <= $3 order by due_at, id limit $5 {lock}) \
         update deliveries set version = version + 1, due_at = $4, leased_until = $4 \
         where partner_id = $1 and endpoint_id = $2 and id in (select id from due) \
         returning id, version, event_id, attempts, body_id"
    );
    let found: Vec<LeasedRow> =
        tx.fetch_written(&sql, args![partner, endpoint, now, lease_end, row_count(limit)])?;
    let leased = |(id, version, event, made, body): LeasedRow| {
        let (leased_until, none, cause) = (lease_end, Bytes::new(), Cause::default());
        let delivery =
            LeasedDelivery { partner, endpoint, id, version, event, made, leased_until, body: none, cause };
        (delivery, body)
    };
    let mut rows: Vec<(LeasedDelivery, DeliveryId)> = found.into_iter().map(leased).collect();
    rows.sort_unstable_by_key(|(delivery, _)| delivery.id);
    let mut ids: Vec<DeliveryId> = rows.iter().map(|(_, body)| *body).collect();
    ids.sort_unstable();
    ids.dedup();
    let bodies = bodies(tx, partner, &ids)?;
    let mut leased = Leased::default();
    for (delivery, body) in rows {
        match bodies.get(&body) {
            Some((body, cause)) => {
                let (body, cause) = (body.clone(), cause.clone());
                leased.deliveries.push(LeasedDelivery { body, cause, ..delivery });
            }
            None => leased.unreadable.push(delivery),
        }
    }
    Ok(leased)
}

/// Id, sealed bytes, request and span of a body.
pub(super) type FoundBody = (DeliveryId, Vec<u8>, Option<String>, Option<SpanPlace>);

/// The bodies with these ids that exist and open, each with its cause.
fn bodies(
    tx: &mut Tx<'_>, partner: PartnerId, ids: &[DeliveryId],
) -> Result<HashMap<DeliveryId, (Bytes, Cause)>, StoreError> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in in_chunks(ids) {
        // Each is looked up by its key, as in `settle`.
        let sql = format!(
            "with wanted (of_body) as (values {}) select id, sealed, request_id, traceparent from wanted join delivery_bodies \
             on partner_id = $1 and id = of_body || ''",
            named(chunk.len(), 2)
        );
        let mut args = args![partner].to_vec();
        args.extend(chunk.iter().map(ToArg::to_arg));
        let rows: Vec<FoundBody> = tx.fetch_all(&sql, &args)?;
        for (id, sealed, request, span) in rows {
            match tx.unseal(partner, &context(BODIES, id), &sealed) {
                Ok(body) => {
                    found.insert(id, (body.into(), Cause { request, span }));
                }
                Err(StoreError::Corrupt(reason)) => {
                    tracing::error!(delivery.id = %id, reason, "a webhook's body cannot be read; its deliveries are given up");
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(found)
}

/// Ends every lease. For the start of a server that uses its database alone: all leases belong to the server before it.
pub fn free_leases(tx: &mut Tx<'_>, now: RealTime) -> Result<u64, StoreError> {
    let sql = "update deliveries set version = version + 1, due_at = $1, leased_until = 0 \
               where state = 'pending' and leased_until > $1";
    tx.execute(sql, args![now])
}

/// Gives up leases of deliveries without an attempt. They are due at once.
pub fn give_back(tx: &mut Tx<'_>, leased: &[LeasedDelivery], now: RealTime) -> Result<(), StoreError> {
    let sql = "update deliveries set version = version + 1, due_at = $5, leased_until = 0 \
               where partner_id = $1 and endpoint_id = $2 and id = $3 and version = $4";
    for delivery in leased {
        // A lost lease needs no change.
        tx.execute_later(
            sql,
            args![delivery.partner, delivery.endpoint, delivery.id, delivery.version, now],
        )?;
    }
    Ok(())
}

/// The number of pending deliveries, and the time at which the oldest of them was made.
pub fn pending(tx: &mut Tx<'_>) -> Result<(i64, Option<RealTime>), StoreError> {
    let sql = "select count(*), min(created_at) from deliveries where state = 'pending'";
    tx.fetch_one(sql, &[])
}

/// Pending deliveries by the health of their endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PendingByHealth {
    /// Of endpoints that take deliveries.
    pub working: i64,
    /// Of endpoints that have failed since their last success.
    pub failing: i64,
    /// Of disabled endpoints.
    pub disabled: i64,
}

/// The pending deliveries by the health of their endpoints. Those of deleted endpoints are not counted.
pub fn pending_by_health(tx: &mut Tx<'_>) -> Result<PendingByHealth, StoreError> {
    let sql = "select cast(coalesce(sum(case when e.state = 'active' and e.failing_since is null then w.pending else 0 end), 0) as bigint), \
               cast(coalesce(sum(case when e.state = 'active' and e.failing_since is not null then w.pending else 0 end), 0) as bigint), \
               cast(coalesce(sum(case when e.state <> 'active' then w.pending else 0 end), 0) as bigint) \
               from (select partner_id, endpoint_id, count(*) as pending from deliveries \
               where state = 'pending' group by partner_id, endpoint_id) w \
               join webhook_endpoints e on e.partner_id = w.partner_id and e.id = w.endpoint_id";
    let (working, failing, disabled) = tx.fetch_one(sql, &[])?;
    Ok(PendingByHealth { working, failing, disabled })
}

/// Some lanes with waiting deliveries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WaitingLanes {
    /// Lanes whose endpoint was deleted while an event was fanned out to it.
    pub orphaned: Vec<(PartnerId, EndpointId)>,
    /// The last of these lanes; `None` at the end.
    pub last: Option<(PartnerId, EndpointId)>,
}

/// Looks at up to `limit` lanes with waiting deliveries, after the lane `last`.
pub fn waiting_lanes(
    tx: &mut Tx<'_>, last: Option<(PartnerId, EndpointId)>, limit: usize,
) -> Result<WaitingLanes, StoreError> {
    // Each look-up finds the next lane.
    let sql = "select partner_id, endpoint_id from deliveries where state = 'pending' \
               and (partner_id, endpoint_id) > ($1, $2) order by partner_id, endpoint_id limit 1";
    let mut found = WaitingLanes { orphaned: Vec::new(), last };
    for _ in 0..limit {
        let (partner, endpoint) = match found.last {
            Some((partner, endpoint)) => (partner.to_string(), endpoint.to_string()),
            None => (String::new(), String::new()),
        };
        found.last = tx.fetch_opt(sql, args![partner, endpoint])?;
        let Some(lane) = found.last else { break };
        if !crate::webhook_endpoints::exists(tx, lane.0, lane.1)? {
            found.orphaned.push(lane);
        }
    }
    Ok(found)
}

/// Fails up to `rows` deliveries of a lane; returns their number.
pub fn fail_some(
    tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId, now: RealTime, rows: i64,
) -> Result<u64, StoreError> {
    change_pending(tx, partner, endpoint, now, "state = 'failed'", &format!("order by due_at limit {rows}"))
}

/// Changes pending deliveries of a lane: `set` is the change, `which` ends the query that finds them. `now` is `$3` in
/// both. Returns the number of changed deliveries.
pub(crate) fn change_pending(
    tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId, now: RealTime, set: &str, which: &str,
) -> Result<u64, StoreError> {
    // A delivery that ended meanwhile stays as it is. The expression keeps planners from reading all pending deliveries
    // for each id.
    let sql = format!(
        "update deliveries set version = version + 1, {set}, updated_at = $3 \
         where partner_id = $1 and endpoint_id = $2 and 'pending' = state || '' and id in (select id from deliveries \
         where partner_id = $1 and endpoint_id = $2 and state = 'pending' {which})"
    );
    tx.execute(&sql, args![partner, endpoint, now])
}
