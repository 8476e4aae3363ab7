//! Deliveries: one event on its way to one endpoint, its attempts, and the sealed bodies.
//!
//! They lie by endpoint, each endpoint's in a lane of its own. A lease keeps two nodes from sending the same delivery
//! at once and moves it to the lease's end in its lane; a result counts only if the version read with the lease still
//! stands, so a late result of a lost lease changes nothing.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use domain::closed::Changed;
use domain::id::{DeliveryId, EndpointId, EventId, PartnerId, ResourceId as _};
use domain::machine::Transition;
use domain::page::Page;
use domain::time::RealTime;
use domain::webhook::delivery::{
    Attempt, Delivery, DeliveryEvent, DeliveryRecord, DeliveryState, DeliveryStateKind,
};

use crate::db::{Row, ToArg, in_chunks, row_count, tuples};
use crate::document::{context, corrupt, parsed, versioned};
use crate::listing::{Cursor, Gone, Listing, MILLISECOND, UnknownCursor};
use crate::{StoreError, Stored, Tx, Wake, args};

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
    /// The rendered body, the same for every attempt; `None` where there is none to send: it is failed at once. Deliveries of
    /// one transaction that share the memory of a body share its row.
    pub body: Option<Bytes>,
    /// Until when it is leased from the beginning; due at once where it is not.
    pub leased_until: Option<RealTime>,
}

/// A delivery under lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedDelivery {
    /// Whose it is.
    pub partner: PartnerId,
    /// Where it goes.
    pub endpoint: EndpointId,
    /// Its id.
    pub id: DeliveryId,
    /// The version that a result must find.
    pub version: i64,
    /// What it tells.
    pub event: EventId,
    /// Attempts made.
    pub made: u16,
    /// Until when it is leased.
    pub leased_until: RealTime,
    /// The body. Deliveries of one event may share it.
    pub body: Bytes,
}

/// An id in the order of making: after the moment comes the place within one transaction. Beyond 4,095 deliveries of one
/// transaction, chance decides the order of the rest.
pub fn ordered_id(tx: &mut Tx<'_>, now: RealTime, place: usize) -> DeliveryId {
    let mut random: [u8; 10] = tx.random_bytes();
    // The twelve bits after the time, without the version's four.
    let place = u16::try_from(place).map_or(0x0fff, |place| place.min(0x0fff));
    [random[0], random[1]] = place.to_be_bytes();
    DeliveryId::new(now, random)
}

/// Adds a partner's new deliveries, made at the moment of their ids and due `now`.
pub fn insert_all(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    deliveries: &[NewDelivery],
    made_at: RealTime,
    now: RealTime,
) -> Result<(), StoreError> {
    let bodies = insert_bodies(tx, partner, deliveries.iter())?;
    let one_of = |delivery: &NewDelivery| {
        let state = if delivery.body.is_some() { "pending" } else { "failed" };
        let (due, leased_until) = match delivery.leased_until {
            Some(end) => (end, end.micros()),
            None => (now, 0),
        };
        (state, due, leased_until)
    };
    let derived: Vec<_> = deliveries.iter().map(one_of).collect();
    let (none, first) = (0_i64, 1_i64);
    let rows = deliveries.iter().zip(&bodies).zip(&derived);
    let rows = rows.map(|((delivery, body), (state, due, leased_until))| {
        args![
            partner,
            delivery.endpoint,
            delivery.id,
            first,
            delivery.event,
            *delivery.event_type,
            *state,
            none,
            *due,
            *leased_until,
            *body,
            made_at,
            made_at,
        ]
        .to_vec()
    });
    let rows: Vec<_> = rows.collect();
    tx.insert_rows(INSERT, &rows)
}

const INSERT: &str = "insert into deliveries (partner_id, endpoint_id, id, version, event_id, event_type, state, \
                      attempts, due_at, leased_until, body_id, created_at, updated_at)";
const INSERT_BODIES: &str = "insert into delivery_bodies (partner_id, id, sealed)";
const INSERT_ATTEMPTS: &str = "insert into delivery_attempts \
                               (partner_id, delivery_id, number, started_at, duration_ms, status, outcome, sealed)";

/// Adds the bodies of new deliveries; returns for each delivery the id of its body. A delivery without a body names a row that
/// is not there.
fn insert_bodies<'d>(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    deliveries: impl Iterator<Item = &'d NewDelivery>,
) -> Result<Vec<DeliveryId>, StoreError> {
    let mut ids = Vec::new();
    // By the place in memory, within an event: bodies that are constants may lie in one place too.
    let mut known: HashMap<(EventId, *const u8), DeliveryId> = HashMap::new();
    let mut sealed: Vec<(DeliveryId, Vec<u8>)> = Vec::new();
    for NewDelivery { id, event, body, .. } in deliveries {
        let Some(body) = body else {
            ids.push(*id);
            continue;
        };
        let of = known.entry((*event, body.as_ptr())).or_insert(*id);
        if of == id {
            sealed.push((*id, tx.seal(partner, &context(BODIES, *id), body)?));
        }
        ids.push(*of);
    }
    let rows: Vec<_> = sealed.iter().map(|(id, sealed)| args![partner, *id, *sealed].to_vec()).collect();
    tx.insert_rows(INSERT_BODIES, &rows)?;
    Ok(ids)
}

const BODIES: &str = "delivery_bodies";

/// A delivery that ended long ago, by one attempt.
#[derive(Debug, Clone)]
pub struct PastDelivery {
    /// The delivery, as it was made.
    pub delivery: NewDelivery,
    /// The outcome.
    pub state: DeliveryState,
    /// The attempt.
    pub attempt: Attempt,
}

/// Adds deliveries that ended long ago, for a database that is filled.
pub fn insert_past(tx: &mut Tx<'_>, partner: PartnerId, past: &[PastDelivery]) -> Result<(), StoreError> {
    let bodies = insert_bodies(tx, partner, past.iter().map(|past| &past.delivery))?;
    let derived: Vec<(&str, u16)> = past.iter().map(|past| (past.state.name(), made(past.state))).collect();
    let (none, settled, nothing) = (0_i64, 3_i64, Vec::<u8>::new());
    let rows = past.iter().zip(&bodies).zip(&derived);
    let rows = rows.map(|((PastDelivery { delivery, attempt, .. }, body), (state, made))| {
        args![
            partner,
            delivery.endpoint,
            delivery.id,
            settled,
            delivery.event,
            *delivery.event_type,
            **state,
            *made,
            attempt.started_at,
            none,
            *body,
            attempt.started_at,
            attempt.started_at,
        ]
        .to_vec()
    });
    let rows: Vec<_> = rows.collect();
    tx.insert_rows(INSERT, &rows)?;
    let rows = past.iter().zip(&derived).map(|(PastDelivery { delivery, attempt, .. }, (_, made))| {
        args![
            partner,
            delivery.id,
            *made,
            attempt.started_at,
            attempt.duration_ms,
            attempt.status,
            attempt.outcome,
            nothing,
        ]
        .to_vec()
    });
    let rows: Vec<_> = rows.collect();
    tx.insert_rows(INSERT_ATTEMPTS, &rows)
}

/// What waits in one lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneDue {
    /// Whose it is.
    pub partner: PartnerId,
    /// The lane's endpoint.
    pub endpoint: EndpointId,
    /// The endpoint's version.
    pub version: i64,
    /// When the first of it is due; what is leased counts at its lease's end.
    pub due: RealTime,
}

/// The active endpoints for which something is pending.
pub fn lanes(tx: &mut Tx<'_>) -> Result<Vec<LaneDue>, StoreError> {
    let sql = "select partner_id, id, version, due_at from (\
                   select e.partner_id, e.id, e.version, (\
                       select min(d.due_at) from deliveries d \
                       where d.partner_id = e.partner_id and d.endpoint_id = e.id and d.state = 'pending') as due_at \
                   from webhook_endpoints e where e.state = 'active') as lanes \
               where due_at is not null";
    tx.query(sql, &[], |row| {
        Ok(LaneDue { partner: row.get(0)?, endpoint: row.get(1)?, version: row.get(2)?, due: row.get(3)? })
    })
}

/// When the next of a lane is due; what is leased counts at its lease's end.
pub fn lane_due(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    endpoint: EndpointId,
) -> Result<Option<RealTime>, StoreError> {
    let sql =
        "select min(due_at) from deliveries where partner_id = $1 and endpoint_id = $2 and state = 'pending'";
    tx.query_one(sql, args![partner, endpoint], |row| row.get(0))
}

/// What was leased of a lane.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Leased {
    /// To be sent, oldest first.
    pub deliveries: Vec<LeasedDelivery>,
    /// Leased too, but their bodies do not open: they cannot be sent.
    pub unreadable: Vec<LeasedDelivery>,
}

/// Places for so many texts, each a row of its own. The first one names the type of all.
pub(crate) fn named(rows: usize, first: usize) -> String {
    match rows {
        1 => format!("(cast(${first} as text))"),
        more => format!("(cast(${first} as text)), {}", tuples(more - 1, 1, first + 1)),
    }
}

/// Leases what is due in a lane, oldest first, until `lease_end`.
pub fn lease(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    endpoint: EndpointId,
    now: RealTime,
    lease_end: RealTime,
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
    let mut rows = tx.query(&sql, args![partner, endpoint, now, lease_end, row_count(limit)], |row| {
        let delivery = LeasedDelivery {
            partner,
            endpoint,
            id: row.get(0)?,
            version: row.get(1)?,
            event: row.get(2)?,
            made: row.get(3)?,
            leased_until: lease_end,
            body: Bytes::new(),
        };
        Ok((delivery, row.get::<DeliveryId>(4)?))
    })?;
    rows.sort_unstable_by_key(|(delivery, _)| delivery.id);
    let mut ids: Vec<DeliveryId> = rows.iter().map(|(_, body)| *body).collect();
    ids.sort_unstable();
    ids.dedup();
    let bodies = bodies(tx, partner, &ids)?;
    let mut leased = Leased::default();
    for (delivery, body) in rows {
        match bodies.get(&body) {
            Some(body) => leased.deliveries.push(LeasedDelivery { body: body.clone(), ..delivery }),
            None => leased.unreadable.push(delivery),
        }
    }
    Ok(leased)
}

/// The bodies with these ids that are there and open.
fn bodies(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    ids: &[DeliveryId],
) -> Result<HashMap<DeliveryId, Bytes>, StoreError> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in in_chunks(ids) {
        // Each is looked up by its key, as in `settle`.
        let sql = format!(
            "with wanted (of_body) as (values {}) select id, sealed from wanted join delivery_bodies \
             on partner_id = $1 and id = of_body || ''",
            named(chunk.len(), 2)
        );
        let mut args = args![partner].to_vec();
        args.extend(chunk.iter().map(ToArg::to_arg));
        let rows = tx.query(&sql, &args, |row| Ok((row.get::<DeliveryId>(0)?, row.get::<Vec<u8>>(1)?)))?;
        for (id, sealed) in rows {
            match tx.unseal(partner, &context(BODIES, id), &sealed) {
                Ok(body) => {
                    found.insert(id, body.into());
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

/// Ends every lease: for a start of the one server that a file of SQLite serves, whose leases died with it.
pub fn free_leases(tx: &mut Tx<'_>, now: RealTime) -> Result<u64, StoreError> {
    let sql = "update deliveries set version = version + 1, due_at = $1, leased_until = 0 \
               where state = 'pending' and leased_until > $1";
    tx.execute(sql, args![now])
}

/// Gives up leases of what has not been attempted: it is due at once.
pub fn give_back(tx: &mut Tx<'_>, leased: &[LeasedDelivery], now: RealTime) -> Result<(), StoreError> {
    let sql = "update deliveries set version = version + 1, due_at = $5, leased_until = 0 \
               where partner_id = $1 and endpoint_id = $2 and id = $3 and version = $4";
    for delivery in leased {
        // Where the lease has been lost already there is nothing to give back.
        tx.execute_later(
            sql,
            args![delivery.partner, delivery.endpoint, delivery.id, delivery.version, now],
        )?;
    }
    Ok(())
}

/// An attempt and the state that it led to.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'a> {
    /// The delivery, as it was leased.
    pub delivery: &'a LeasedDelivery,
    /// The step that the attempt led to.
    pub step: &'a Transition<DeliveryState, DeliveryEvent>,
    /// The attempt.
    pub attempt: &'a Attempt,
}

/// Records attempts; returns those whose lease still stood. For the others nothing changed.
pub fn record_all(
    tx: &mut Tx<'_>,
    results: &[Recorded<'_>],
    now: RealTime,
) -> Result<HashSet<DeliveryId>, StoreError> {
    let mut standing = HashSet::with_capacity(results.len());
    for chunk in in_chunks(results) {
        standing.extend(settle(tx, chunk, now)?);
    }
    let mut answers = Vec::with_capacity(standing.len());
    for result in results.iter().filter(|result| standing.contains(&result.delivery.id)) {
        let number = made(*result.step.next());
        answers.push((result, number, sealed_answer(tx, result, number)?));
    }
    let rows = answers.iter().map(|(result, number, sealed)| {
        let (delivery, attempt) = (result.delivery, result.attempt);
        args![
            delivery.partner,
            delivery.id,
            *number,
            attempt.started_at,
            attempt.duration_ms,
            attempt.status,
            attempt.outcome,
            *sealed,
        ]
        .to_vec()
    });
    let rows: Vec<_> = rows.collect();
    tx.insert_rows(INSERT_ATTEMPTS, &rows)?;
    Ok(standing)
}

/// Sets the states that attempts led to, of those whose lease still stands; returns these.
fn settle(tx: &mut Tx<'_>, results: &[Recorded<'_>], now: RealTime) -> Result<Vec<DeliveryId>, StoreError> {
    // The first row names the types of all. An expression on the result's side leaves the planner one way only: to look
    // up each delivery by its key. SQLite would else read all of them against an index that it makes of a long list.
    let first = "(cast($2 as text), cast($3 as text), cast($4 as text), cast($5 as bigint), cast($6 as text), \
                 cast($7 as bigint), cast($8 as bigint))";
    let rest = match results.len() {
        1 => String::new(),
        more => format!(", {}", tuples(more - 1, 7, 9)),
    };
    let sql = format!(
        "with result (of_partner, of_endpoint, of_delivery, of_version, next_state, made, next_due) \
         as (values {first}{rest}) \
         update deliveries set version = version + 1, state = next_state, attempts = made, due_at = next_due, \
         leased_until = 0, updated_at = $1 from result \
         where partner_id = of_partner || '' and endpoint_id = of_endpoint || '' and id = of_delivery || '' \
         and version = of_version \
         returning id"
    );
    let due = |state| match state {
        DeliveryState::Pending { due, .. } => due,
        DeliveryState::Delivered { .. } | DeliveryState::Failed { .. } => now,
    };
    let derived = results.iter().map(|result| {
        let next = *result.step.next();
        (next.name(), made(next), due(next))
    });
    let derived: Vec<_> = derived.collect();
    let mut args = vec![now.to_arg()];
    for (Recorded { delivery, .. }, (state, made, due)) in results.iter().zip(&derived) {
        args.extend([
            delivery.partner.to_arg(),
            delivery.endpoint.to_arg(),
            delivery.id.to_arg(),
            delivery.version.to_arg(),
            state.to_arg(),
            made.to_arg(),
            due.to_arg(),
        ]);
    }
    tx.query(&sql, &args, |row| row.get(0))
}

fn made(state: DeliveryState) -> u16 {
    match state {
        DeliveryState::Pending { made, .. }
        | DeliveryState::Delivered { made }
        | DeliveryState::Failed { made } => made,
    }
}

/// The beginning of an answer, sealed; most are empty and stay so.
fn sealed_answer(tx: &mut Tx<'_>, result: &Recorded<'_>, number: u16) -> Result<Vec<u8>, StoreError> {
    if result.attempt.answer.is_empty() {
        return Ok(Vec::new());
    }
    let answer = versioned("delivery_attempts", result.delivery.id, i64::from(number));
    tx.seal(result.delivery.partner, &answer, result.attempt.answer.as_bytes())
}

const COLUMNS: &str = "id, version, endpoint_id, event_id, event_type, state, attempts, due_at, created_at, updated_at, leased_until";

fn stored(row: &Row<'_>) -> Result<Stored<Delivery>, StoreError> {
    let (made, due) = (row.get(6)?, row.get(7)?);
    let state = row.with_text(5, |state| {
        Ok(match parsed(state)? {
            DeliveryStateKind::Pending => DeliveryState::Pending { made, due },
            DeliveryStateKind::Delivered => DeliveryState::Delivered { made },
            DeliveryStateKind::Failed => DeliveryState::Failed { made },
        })
    })?;
    let record = DeliveryRecord {
        id: row.get(0)?,
        endpoint: row.get(2)?,
        event: row.get(3)?,
        event_type: row.get(4)?,
        state,
        created_at: row.get(8)?,
        updated_at: row.get(9)?,
        leased_until: row.get(10)?,
    };
    Ok(Stored::new(row.get(1)?, Delivery::restored(record)))
}

/// What a list of deliveries is filtered by.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    /// Only those in the state of this name.
    pub state: Option<&'static str>,
    /// Only those that tell the event of this name.
    pub event_type: Option<String>,
    /// Only those made at this moment or later.
    pub since: Option<RealTime>,
    /// Only those made before this moment.
    pub until: Option<RealTime>,
}

/// A page of an endpoint's deliveries.
pub fn list(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    endpoint: EndpointId,
    filter: &DeliveryFilter,
    cursor: &Cursor<DeliveryId>,
    kept_since: RealTime,
) -> Result<Result<Page<Delivery>, UnknownCursor>, StoreError> {
    // A delivery from before may have been dropped meanwhile. Its id is still a valid cursor.
    let gone = Gone::of(cursor, |id| id.moment() < kept_since.unmoved());
    // Ids begin with the moment, so the key finds its way to a time; within a millisecond the moment itself tells.
    let first_of = |moment: RealTime| DeliveryId::new(moment, [0; 10]);
    let bounds = (filter.since.map(first_of), filter.until.map(|end| first_of(end.plus(MILLISECOND))));
    let listing = Listing::of("deliveries", COLUMNS, &partner)
        .within("endpoint_id", Some(&endpoint))
        .sorted_by("id")
        .whose_cursor_may_be(gone);
    // One index holds an endpoint's deliveries by their events' types, then by their states. Few deliveries fail, so an
    // index of the failed ones costs little.
    let (event_type, state) = (filter.event_type.as_ref(), filter.state.as_ref());
    let listing = match (event_type, state) {
        (None, None) => listing,
        (None, Some(&"failed")) => listing.meeting("state = 'failed'"),
        (None, Some(_)) => listing.in_parts_of("event_type").having("state", state),
        (Some(_), None) => listing.having("event_type", event_type).in_parts_of("state"),
        (Some(_), Some(_)) => listing.having("event_type", event_type).having("state", state),
    };
    listing
        .from("id", bounds.0.as_ref())
        .before("id", bounds.1.as_ref())
        .from("created_at", filter.since.as_ref())
        .before("created_at", filter.until.as_ref())
        .rows(tx, cursor, |row| Ok(stored(row)?.into_value()))
}

/// An endpoint's delivery.
pub fn find(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    endpoint: EndpointId,
    id: DeliveryId,
) -> Result<Option<Stored<Delivery>>, StoreError> {
    let sql =
        format!("select {COLUMNS} from deliveries where partner_id = $1 and endpoint_id = $2 and id = $3");
    tx.query_opt(&sql, args![partner, endpoint, id], stored)
}

/// The text shown instead of an answer that cannot be read.
const UNREADABLE_ANSWER: &str = "(the stored answer cannot be read)";

/// The attempts of deliveries, in order, with the beginnings of their answers. `Err` for a delivery of which an attempt
/// does not read.
pub type Attempts = HashMap<DeliveryId, Result<Vec<Attempt>, StoreError>>;

/// The attempts of some deliveries.
pub fn attempts(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    deliveries: &[DeliveryId],
) -> Result<Attempts, StoreError> {
    let mut attempts: Attempts = deliveries.iter().map(|delivery| (*delivery, Ok(Vec::new()))).collect();
    for chunk in in_chunks(deliveries) {
        let sql = format!(
            "select started_at, duration_ms, status, outcome, sealed, number, delivery_id from delivery_attempts \
             where partner_id = $1 and delivery_id in {} order by delivery_id, number",
            tuples(1, chunk.len(), 2)
        );
        let mut args = args![partner].to_vec();
        args.extend(chunk.iter().map(ToArg::to_arg));
        let rows = tx.query(&sql, &args, |row| Ok((row.get::<DeliveryId>(6)?, stored_attempt(row))))?;
        for (delivery, row) in rows {
            let attempt = row.and_then(|row| opened_attempt(tx, partner, delivery, row));
            match (attempts.entry(delivery).or_insert_with(|| Ok(Vec::new())), attempt) {
                (Ok(all), Ok(attempt)) => all.push(attempt),
                (damaged @ Ok(_), Err(error @ StoreError::Corrupt(_))) => *damaged = Err(error),
                (Err(_), Ok(_) | Err(StoreError::Corrupt(_))) => {}
                (_, Err(error)) => return Err(error),
            }
        }
    }
    Ok(attempts)
}

/// An attempt without its answer, the answer as it is sealed, and the attempt's number.
type StoredAttempt = (Attempt, Vec<u8>, i64);

fn stored_attempt(row: &Row<'_>) -> Result<StoredAttempt, StoreError> {
    let attempt = Attempt {
        started_at: row.get(0)?,
        duration_ms: row.get(1)?,
        status: row.get(2)?,
        outcome: row.get(3)?,
        answer: String::new(),
    };
    Ok((attempt, row.get(4)?, row.get(5)?))
}

fn opened_attempt(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    delivery: DeliveryId,
    (attempt, sealed, number): StoredAttempt,
) -> Result<Attempt, StoreError> {
    if sealed.is_empty() {
        return Ok(attempt);
    }
    let answer = tx.unseal(partner, &versioned("delivery_attempts", delivery, number), &sealed);
    let answer = answer.and_then(|answer| String::from_utf8(answer).map_err(|_| corrupt("no text")));
    match answer {
        Ok(answer) => Ok(Attempt { answer, ..attempt }),
        Err(StoreError::Corrupt(reason)) => {
            tracing::error!(delivery.id = %delivery, number, reason, "the answer to an attempt cannot be read");
            Ok(Attempt { answer: UNREADABLE_ANSWER.into(), ..attempt })
        }
        Err(error) => Err(error),
    }
}

/// Writes a delivery that its partner has requested, if nobody else has changed it since it was read.
pub fn save_requested(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    delivery: Stored<Changed<Delivery>>,
) -> Result<Delivery, StoreError> {
    let (version, changed) = delivery.into_parts();
    let delivery = changed.into_value();
    let sql = "update deliveries set version = version + 1, state = 'pending', due_at = $5, leased_until = 0, \
               updated_at = $5 where partner_id = $1 and endpoint_id = $2 and id = $3 and version = $4";
    tx.execute_one(sql, args![partner, delivery.endpoint, delivery.id, version, delivery.updated_at])?;
    tx.wake(Wake::Deliveries);
    Ok(delivery)
}

/// How many deliveries are pending, and when the oldest of them was made.
pub fn pending(tx: &mut Tx<'_>) -> Result<(i64, Option<RealTime>), StoreError> {
    let sql = "select count(*), min(created_at) from deliveries where state = 'pending'";
    tx.query_one(sql, &[], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Some lanes in which deliveries wait.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WaitingLanes {
    /// Those whose endpoint was deleted while an event was fanned out to it.
    pub orphaned: Vec<(PartnerId, EndpointId)>,
    /// The last lane looked at; `None` at the end.
    pub last: Option<(PartnerId, EndpointId)>,
}

/// Looks at up to `limit` lanes in which deliveries wait, from the one after `last` on.
pub fn waiting_lanes(
    tx: &mut Tx<'_>,
    last: Option<(PartnerId, EndpointId)>,
    limit: usize,
) -> Result<WaitingLanes, StoreError> {
    // From lane to lane: each look-up finds the next one.
    let sql = "select partner_id, endpoint_id from deliveries where state = 'pending' \
               and (partner_id, endpoint_id) > ($1, $2) order by partner_id, endpoint_id limit 1";
    let mut found = WaitingLanes { orphaned: Vec::new(), last };
    for _ in 0..limit {
        let (partner, endpoint) = match found.last {
            Some((partner, endpoint)) => (partner.to_string(), endpoint.to_string()),
            None => (String::new(), String::new()),
        };
        found.last = tx.query_opt(sql, args![partner, endpoint], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let Some(lane) = found.last else { break };
        if !crate::webhook_endpoints::exists(tx, lane.0, lane.1)? {
            found.orphaned.push(lane);
        }
    }
    Ok(found)
}

/// Gives up to `rows` deliveries of a lane up; returns how many.
pub fn fail_some(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    endpoint: EndpointId,
    now: RealTime,
    rows: i64,
) -> Result<u64, StoreError> {
    change_pending(tx, partner, endpoint, now, "state = 'failed'", &format!("order by due_at limit {rows}"))
}

/// Changes pending deliveries of a lane: `set` is the change, `which` ends the query that finds them. `now` is `$3` in both.
/// Returns how many.
pub(crate) fn change_pending(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    endpoint: EndpointId,
    now: RealTime,
    set: &str,
    which: &str,
) -> Result<u64, StoreError> {
    // One that has arrived meanwhile stays as it is. The expression keeps planners from reading what is pending for each id.
    let sql = format!(
        "update deliveries set version = version + 1, {set}, updated_at = $3 \
         where partner_id = $1 and endpoint_id = $2 and 'pending' = state || '' and id in (select id from deliveries \
         where partner_id = $1 and endpoint_id = $2 and state = 'pending' {which})"
    );
    tx.execute(&sql, args![partner, endpoint, now])
}

/// The endpoints, active or not or no more, for which the partner has deliveries.
pub fn endpoints_of(tx: &mut Tx<'_>, partner: PartnerId) -> Result<Vec<EndpointId>, StoreError> {
    let sql = "select min(endpoint_id) from deliveries where partner_id = $1 and endpoint_id > $2";
    let (mut found, mut last) = (Vec::new(), String::new());
    while let Some(next) = tx.query_one(sql, args![partner, last], |row| row.get::<Option<String>>(0))? {
        found.push(next.parse().map_err(corrupt)?);
        last = next;
    }
    Ok(found)
}

/// Drops up to `rows` of an endpoint's deliveries from before `cutoff`; returns how many. What an active endpoint is
/// still to get stays.
pub fn purge(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    endpoint: EndpointId,
    cutoff: RealTime,
    rows: i64,
) -> Result<u64, StoreError> {
    let sql = format!(
        "delete from deliveries where partner_id = $1 and endpoint_id = $2 and id in (\
         select id from deliveries where partner_id = $1 and endpoint_id = $2 and id < $3 and (\
         state <> 'pending' or not exists (select 1 from webhook_endpoints e \
         where e.partner_id = $1 and e.id = $2 and e.state = 'active')) order by id limit {rows})"
    );
    let first_kept = DeliveryId::new(cutoff, [0; 10]);
    tx.execute(&sql, args![partner, endpoint, first_kept])
}

/// Drops up to `rows` attempts of deliveries from before `cutoff`; returns how many.
pub fn purge_attempts(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    cutoff: RealTime,
    rows: i64,
) -> Result<u64, StoreError> {
    let sql = format!(
        "delete from delivery_attempts where partner_id = $1 and (delivery_id, number) in (\
         select delivery_id, number from delivery_attempts where partner_id = $1 and delivery_id < $2 \
         order by delivery_id, number limit {rows})"
    );
    let first_kept = DeliveryId::new(cutoff, [0; 10]);
    tx.execute(&sql, args![partner, first_kept])
}

/// The first body from before `cutoff` that a delivery still needs, as far as deliveries from before it are there: to be
/// asked after [`purge`], of all the partner's endpoints.
fn first_needed_body(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    cutoff: DeliveryId,
) -> Result<DeliveryId, StoreError> {
    // An endpoint's bodies are in the order of its deliveries.
    let sql = "select body_id from deliveries where partner_id = $1 and endpoint_id = $2 and id < $3 \
               order by id limit 1";
    let mut first = cutoff;
    for endpoint in endpoints_of(tx, partner)? {
        let needed = tx.query_opt(sql, args![partner, endpoint, cutoff], |row| row.get(0))?;
        first = needed.map_or(first, |needed: DeliveryId| first.min(needed));
    }
    Ok(first)
}

/// Drops up to `rows` bodies from before `cutoff` that no delivery needs any more; returns how many.
pub fn purge_bodies(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    cutoff: RealTime,
    rows: i64,
) -> Result<u64, StoreError> {
    let first_kept = first_needed_body(tx, partner, DeliveryId::new(cutoff, [0; 10]))?;
    let sql = format!(
        "delete from delivery_bodies where partner_id = $1 and id in (\
         select id from delivery_bodies where partner_id = $1 and id < $2 order by id limit {rows})"
    );
    tx.execute(&sql, args![partner, first_kept])
}
