//! The newest events of some customers, offers and loans of one partner, with what became of their deliveries.
//!
//! It takes the same few statements for any number of events.

use std::collections::HashMap;

use domain::event::EventKind;
use domain::id::{EventId, PartnerId};
use domain::time::Timestamp;

use crate::db::{ToArg as _, among};
use crate::deliveries::{self, FirstDelivery, Sent};
use crate::document::parsed;
use crate::{StoreError, Tx, args};

/// Most events of a history.
const MOST: usize = 100;

/// An event that was recorded for its partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The event's id.
    pub id: EventId,
    /// Its kind.
    pub kind: EventKind,
    /// The time at which it happened.
    pub occurred_at: Timestamp,
    /// The id of the request that caused it, if a request did.
    pub request: Option<String>,
    /// Its deliveries to the endpoints that the partner still has, oldest endpoint first.
    pub deliveries: Vec<Sent>,
}

/// The deliveries of some events of a partner, by the event.
pub fn deliveries_of(
    tx: &mut Tx<'_>, partner: PartnerId, events: &[EventId],
) -> Result<HashMap<EventId, Vec<Sent>>, StoreError> {
    if events.is_empty() {
        return Ok(HashMap::new());
    }
    let (these, of) = among(events, 2);
    let mut args = vec![partner.to_arg()];
    args.extend(of.iter().cloned());
    let sql = format!("select id, first_delivery from events where partner_id = $1 and id {these}");
    let found: Vec<(EventId, Option<FirstDelivery>)> = tx.fetch_all(&sql, &args)?;
    let fanned_out: Vec<_> = found.into_iter().filter_map(|(id, first)| Some((id, first?))).collect();
    deliveries::of_events(tx, partner, &fanned_out)
}

/// The newest 100 events of these resources of a partner or of one of its clocks, newest first. `subjects` are the bytes
/// of their ids.
pub fn of_subjects(
    tx: &mut Tx<'_>, partner: PartnerId, subjects: &[[u8; 16]],
) -> Result<Vec<Recorded>, StoreError> {
    let subjects: Vec<Vec<u8>> = subjects.iter().map(|bytes| bytes.to_vec()).collect();
    let (these, args) = among(&subjects, 1);
    // No index begins with the time. So the planner reads the rows of these subjects and sorts them, instead of all the
    // partner's events in the order of their ids. The partner is checked below for the same reason.
    let sql = format!(
        "select {COLUMNS} from events where subject {these} \
         order by occurred_at desc, id desc limit {MOST}"
    );
    let mut found: Vec<Found> = tx.fetch_all(&sql, &args)?;
    // The events of a clock are stored under its owner.
    let partner = crate::tenants::owner(tx, partner)?;
    found.retain(|((owner, _), ..)| *owner == partner);
    recorded(tx, partner, found)
}

/// The events of a partner that a request caused, oldest first, at most 100. Several requests may have the same id.
pub fn of_request(tx: &mut Tx<'_>, partner: PartnerId, request: &str) -> Result<Vec<Recorded>, StoreError> {
    let sql = format!("select {COLUMNS} from events where partner_id = $1 and request_id = $2 limit {MOST}");
    let mut found: Vec<Found> = tx.fetch_all(&sql, args![partner, request])?;
    found.sort_unstable_by_key(|((_, id), ..)| *id);
    recorded(tx, partner, found)
}

/// Partner, id, kind, time, first delivery and request of an event.
const COLUMNS: &str = "partner_id, id, kind, occurred_at, first_delivery, request_id";
type Found = ((PartnerId, EventId), String, Timestamp, Option<FirstDelivery>, Option<String>);

/// Events with what became of their deliveries.
fn recorded(tx: &mut Tx<'_>, partner: PartnerId, found: Vec<Found>) -> Result<Vec<Recorded>, StoreError> {
    let fanned_out: Vec<(EventId, FirstDelivery)> =
        found.iter().filter_map(|((_, id), _, _, first, _)| Some((*id, (*first)?))).collect();
    let mut sent = deliveries::of_events(tx, partner, &fanned_out)?;
    let recorded = |((_, id), kind, occurred_at, _, request): Found| {
        let deliveries = sent.remove(&id).into_iter().flatten().collect();
        Ok(Recorded { id, kind: parsed(&kind)?, occurred_at, request, deliveries })
    };
    found.into_iter().map(recorded).collect()
}
