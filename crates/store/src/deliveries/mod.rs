//! Deliveries: one event for one endpoint, its attempts, and the sealed bodies.
//!
//! Deliveries are stored by endpoint: each endpoint has a lane. A lease keeps two nodes from sending the same delivery
//! at once and moves it to the lease's end in its lane. A result counts only if the row still has the version that was
//! read with the lease. So a late result of a lost lease changes nothing.

mod lanes;
mod list;
mod of_events;
mod purge;
mod record;
mod rows;

use std::collections::HashMap;

use bytes::Bytes;
use domain::cause::Cause;
use domain::closed::Changed;
use domain::id::{DeliveryId, EndpointId, EventId, PartnerId, ResourceId as _};
use domain::time::RealTime;
use domain::webhook::delivery::{Attempt, Delivery, DeliveryState, DeliveryStateKind};

pub use self::lanes::{
    LaneDue, Leased, LeasedDelivery, PendingByHealth, WaitingLanes, fail_some, free_leases, give_back,
    lane_due, lanes, lease, pending, pending_by_health, waiting_lanes,
};
pub(crate) use self::lanes::{change_pending, named};
pub use self::list::{
    Attempts, BriefAttempt, DeliveryFilter, SentBody, attempts, body, find, list, made_between, recent,
    recent_attempts,
};
pub(crate) use self::of_events::of_events;
pub use self::of_events::{FirstDelivery, LastAnswer, MOST_OF_EVENT, Sent};
pub use self::purge::{endpoints_of, purge, purge_attempts, purge_bodies};
pub use self::record::{Recorded, record_all};
pub(crate) use self::rows::{AttemptRow, BodyRow, DeliveryRow};
use self::rows::{BODIES, NEVER};
use crate::document::context;
use crate::{StoreError, Stored, Tx, Wake, args};

/// A new delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// The delivery's id.
    pub id: DeliveryId,
    /// The endpoint that receives it.
    pub endpoint: EndpointId,
    /// The event that it delivers.
    pub event: EventId,
    /// The event's name in the endpoint's generation.
    pub event_type: &'static str,
    /// The rendered body, the same for every attempt. A delivery without a body fails at once. Deliveries of one
    /// transaction that share the memory of a body share its row.
    pub body: Option<Bytes>,
    /// The end of its first lease; `None` if it is due at once.
    pub leased_until: Option<RealTime>,
    /// What caused it. Every attempt continues this trace.
    pub cause: Cause,
}

/// An id in the order of creation: the moment, then the place within one transaction. Beyond 4,095 deliveries of one
/// transaction, chance decides the order of the rest.
pub fn ordered_id(tx: &mut Tx<'_>, now: RealTime, place: usize) -> DeliveryId {
    let mut random: [u8; 10] = tx.random_bytes();
    // The twelve bits after the time, without the version's four.
    let place = u16::try_from(place).map_or(0x0fff, |place| place.min(0x0fff));
    [random[0], random[1]] = place.to_be_bytes();
    DeliveryId::new(now, random)
}

/// Adds a partner's new deliveries, made at `made_at`. They are due `now`, or at the end of their first lease.
pub fn insert_all(
    tx: &mut Tx<'_>, partner: PartnerId, deliveries: &[NewDelivery], made_at: RealTime, now: RealTime,
) -> Result<(), StoreError> {
    let bodies = insert_bodies(tx, partner, deliveries.iter())?;
    let row = |(delivery, body_id): (&NewDelivery, DeliveryId)| {
        let (due_at, leased_until) = match delivery.leased_until {
            Some(end) => (end, end),
            None => (now, NEVER),
        };
        DeliveryRow {
            partner_id: partner,
            endpoint_id: delivery.endpoint,
            id: delivery.id,
            version: Stored::<Delivery>::FIRST,
            event_id: delivery.event,
            event_type: delivery.event_type.into(),
            state: if delivery.body.is_some() {
                DeliveryStateKind::Pending
            } else {
                DeliveryStateKind::Failed
            },
            attempts: 0,
            due_at,
            leased_until,
            body_id,
            created_at: made_at,
            updated_at: made_at,
        }
    };
    tx.insert_all(&deliveries.iter().zip(bodies).map(row).collect::<Vec<_>>())
}

/// Adds the bodies of new deliveries. Returns the id of each delivery's body. For a delivery without a body, that row
/// does not exist.
fn insert_bodies<'d>(
    tx: &mut Tx<'_>, partner: PartnerId, deliveries: impl Iterator<Item = &'d NewDelivery>,
) -> Result<Vec<DeliveryId>, StoreError> {
    let mut ids = Vec::new();
    // By the place in memory, within an event, because constant bodies of several events may share one place.
    let mut known: HashMap<(EventId, *const u8), DeliveryId> = HashMap::new();
    let mut rows: Vec<BodyRow> = Vec::new();
    for NewDelivery { id, event, body, cause, .. } in deliveries {
        let Some(body) = body else {
            ids.push(*id);
            continue;
        };
        let of = known.entry((*event, body.as_ptr())).or_insert(*id);
        if of == id {
            let sealed = tx.seal(partner, &context(BODIES, *id), body)?;
            rows.push(BodyRow {
                partner_id: partner,
                id: *id,
                sealed,
                request_id: cause.request.clone(),
                traceparent: cause.span,
            });
        }
        ids.push(*of);
    }
    tx.insert_all(&rows)?;
    Ok(ids)
}

/// A delivery of a synthetic history, which ended with one attempt.
#[derive(Debug, Clone)]
pub struct SyntheticDelivery {
    /// The new delivery.
    pub delivery: NewDelivery,
    /// The state after the attempt.
    pub state: DeliveryState,
    /// The attempt.
    pub attempt: Attempt,
}

/// Adds deliveries of a synthetic history.
pub fn insert_synthetic(
    tx: &mut Tx<'_>, partner: PartnerId, deliveries: &[SyntheticDelivery],
) -> Result<(), StoreError> {
    let bodies = insert_bodies(tx, partner, deliveries.iter().map(|one| &one.delivery))?;
    let row =
        |(SyntheticDelivery { delivery, state, attempt }, body_id): (&SyntheticDelivery, DeliveryId)| {
            DeliveryRow {
                partner_id: partner,
                endpoint_id: delivery.endpoint,
                id: delivery.id,
                // The version after its creation, its lease and its result.
                version: Stored::<Delivery>::FIRST + 2,
                event_id: delivery.event,
                event_type: delivery.event_type.into(),
                state: state.kind(),
                attempts: state.made(),
                due_at: attempt.started_at,
                leased_until: NEVER,
                body_id,
                created_at: attempt.started_at,
                updated_at: attempt.started_at,
            }
        };
    tx.insert_all(&deliveries.iter().zip(bodies).map(row).collect::<Vec<_>>())?;
    let row = |SyntheticDelivery { delivery, state, attempt }: &SyntheticDelivery| {
        AttemptRow::of(partner, delivery.id, state.made(), attempt, Vec::new())
    };
    tx.insert_all(&deliveries.iter().map(row).collect::<Vec<_>>())
}

/// Saves a delivery that its partner has requested again, if nobody else has changed its row since it was read.
pub fn save_requested(
    tx: &mut Tx<'_>, partner: PartnerId, delivery: Stored<Changed<Delivery>>,
) -> Result<Delivery, StoreError> {
    let saved = delivery.save(|delivery, before| {
        let sql = "update deliveries set version = version + 1, state = 'pending', due_at = $5, leased_until = 0, \
                   updated_at = $5 where partner_id = $1 and endpoint_id = $2 and id = $3 and version = $4";
        tx.execute_one(sql, args![partner, delivery.endpoint, delivery.id, before, delivery.updated_at])
    })?;
    tx.wake(Wake::Deliveries);
    Ok(saved.into_value())
}
