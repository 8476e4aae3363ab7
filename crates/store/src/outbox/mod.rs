//! Events. Each commits with the change that caused it and waits here for the fan-out, which gives it its place.
//!
//! Places are the order of a partner's events. The ids do not give that order: they follow the clock of the request,
//! and of two requests the earlier one may commit last. A place is given under a compare-and-set on the partner's row
//! of `feeds`. So the places of one commit all come after those of earlier commits. Therefore no event gets a place
//! before a listed one, and a reader that continues after its last event misses none.
//!
//! Reasons: docs/decisions/0011.

mod created;
mod history;
mod list;
mod row;
mod snapshot;

use std::collections::HashSet;

use domain::cause::Cause;
use domain::event::{DomainEvent, Event};
use domain::id::{EventId, PartnerId, ResourceId as _};
use domain::time::{RealTime, Timestamp};

pub use self::created::is_registration;
pub(crate) use self::created::{CREATED, created_after};
pub use self::history::{Recorded, deliveries_of, of_request, of_subjects};
pub use self::list::{EventFilter, list};
pub(crate) use self::row::{EventRow, FeedRow};
use self::snapshot::Snapshot;
use crate::db::{ToArg, among, in_chunks, row_count, tuples};
use crate::deliveries::FirstDelivery;
use crate::desk::Sealer;
use crate::document::{self, context, corrupt};
use crate::listing::MILLISECOND;
use crate::table::Projection as _;
use crate::{StoreError, Tx, Wake, args};

/// Appends domain events, in order. The fan-out delivers them after the commit.
pub fn append(
    tx: &mut Tx<'_>, partner: PartnerId, now: Timestamp, domain_events: Vec<DomainEvent>,
) -> Result<(), StoreError> {
    let new = NewEvents::of(tx, partner, now, domain_events)?;
    append_new(tx, &new)
}

/// New events with sealed snapshots.
#[derive(Clone)]
pub struct NewEvents {
    rows: Vec<EventRow>,
}

impl NewEvents {
    /// Seals events, in order.
    pub fn of(
        sealer: &mut impl Sealer, partner: PartnerId, now: Timestamp, domain_events: Vec<DomainEvent>,
    ) -> Result<Self, StoreError> {
        let mut rows = Vec::with_capacity(domain_events.len());
        for domain_event in domain_events {
            let id = sequenced_id(sealer, now);
            let document = document::pack(document::to_json(&Snapshot::of(&domain_event)).as_bytes());
            rows.push(EventRow {
                partner_id: partner,
                id,
                kind: domain_event.kind().name().into(),
                subject: domain_event.subject().to_vec(),
                sealed: sealer.sealed(partner, &context("events", id), &document)?,
                occurred_at: now,
                place: None,
                first_delivery: None,
                clock_id: None,
                request_id: sealer.cause().request.clone(),
                traceparent: sealer.cause().span,
            });
        }
        Ok(Self { rows })
    }
}

/// [`append`] of sealed events. Only events of one desk are appended in a transaction, before any other events.
pub fn append_new(tx: &mut Tx<'_>, new: &NewEvents) -> Result<(), StoreError> {
    if new.rows.is_empty() {
        return Ok(());
    }
    let cause = tx.cause().clone();
    let in_span: Vec<EventRow>;
    let rows = if cause.span.is_none() {
        &new.rows
    } else {
        in_span = new.rows.iter().map(|row| row.in_span(tx, &cause)).collect();
        &in_span
    };
    tx.insert_all(rows)?;
    tx.wake(Wake::Events);
    Ok(())
}

/// Appends events of a synthetic history, which need no fan-out: an event's place is the moment at which it happened.
/// Each may have one delivery of that moment, in the order of the events. [`synthetic_until`] ends the feed after them.
pub fn append_synthetic(
    tx: &mut Tx<'_>, partner: PartnerId, at: Timestamp, domain_events: Vec<DomainEvent>,
) -> Result<Vec<EventId>, StoreError> {
    let NewEvents { mut rows } = NewEvents::of(tx, partner, at, domain_events)?;
    let places = at.micros()..at.micros() + SYNTHETIC_SPREAD;
    if row_count(rows.len()) > SYNTHETIC_SPREAD {
        return Err(corrupt("too many events of one moment"));
    }
    for ((number, row), place) in rows.iter_mut().enumerate().zip(places) {
        row.place = Some(place);
        row.first_delivery = Some(FirstDelivery::of(at.unmoved(), number));
    }
    tx.insert_all(&rows)?;
    Ok(rows.iter().map(|row| row.id).collect())
}

/// Most events of one moment that [`append_synthetic`] accepts.
const SYNTHETIC_SPREAD: i64 = 16;

/// Ends a feed after the events of a synthetic history: new events get places after `last`.
pub fn synthetic_until(tx: &mut Tx<'_>, partner: PartnerId, last: RealTime) -> Result<(), StoreError> {
    let mut feed = feed(tx, partner)?.ok_or(StoreError::Conflict)?;
    feed.last = feed.last.max(last.micros() + SYNTHETIC_SPREAD);
    feed.spread = feed.spread.max(SYNTHETIC_SPREAD);
    feed.made = feed.made.max(last);
    end(tx, feed)
}

/// An id whose order within its microsecond is the order of the events in one transaction.
fn sequenced_id(sealer: &mut impl Sealer, now: Timestamp) -> EventId {
    let mut random: [u8; 10] = sealer.random();
    // The first 12 bits after the time are the microseconds of the moment, so that changes within a millisecond keep
    // their order. The place within the change follows.
    let micros = u16::try_from(now.micros().rem_euclid(1_000)).expect("a remainder of 1,000 fits");
    let [high, low] = (micros << 2).to_be_bytes();
    random[0] = high & 0x0f;
    random[1] = low;
    // The fourteen bits after the two bits of the variant.
    [random[2], random[3]] = sealer.next_place().to_be_bytes();
    EventId::new(now, random)
}

/// An event that waits for the fan-out and is still sealed.
#[derive(Debug)]
pub struct Waiting {
    /// The event's id.
    pub id: EventId,
    /// Its name in the store.
    pub kind: String,
    /// The time at which it happened; the moment of its id if its row is damaged.
    pub occurred_at: Timestamp,
    stored: Result<EventRow, StoreError>,
}

impl Waiting {
    /// What caused the event; an empty cause if its row is damaged.
    pub fn cause(&self) -> Cause {
        self.stored.as_ref().map_or_else(|_damaged| Cause::default(), EventRow::cause)
    }

    /// Opens the event. The inner error is `Corrupt` if its row is not readable as an event; the outer error is a
    /// failure of the store.
    pub fn open(&self, tx: &mut Tx<'_>) -> Result<Result<Event, StoreError>, StoreError> {
        match self.stored.as_ref().map_err(Clone::clone).and_then(|stored| stored.open(tx)) {
            Err(error @ (StoreError::Conflict | StoreError::Unavailable(_))) => Err(error),
            event => Ok(event),
        }
    }
}

/// The partners with waiting events, at most `limit`, after `after` in the order of their ids.
///
/// It takes one step of the index for each partner, for any number of waiting events. It locks nothing. The scans that
/// lock concern one partner each.
pub fn waiting_partners(
    tx: &mut Tx<'_>, after: Option<PartnerId>, limit: usize,
) -> Result<Vec<PartnerId>, StoreError> {
    let sql =
        "select partner_id from events where place is null and partner_id > $1 order by partner_id limit 1";
    let mut partners = Vec::new();
    let mut last = after;
    while partners.len() < limit {
        let behind = last.map_or_else(String::new, |partner| partner.to_string());
        last = tx.fetch_opt(sql, args![behind])?;
        match last {
            Some(partner) => partners.push(partner),
            None => break,
        }
    }
    Ok(partners)
}

/// The end of a partner's events in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feed {
    /// The partner of the events.
    pub partner: PartnerId,
    /// The place of the last event.
    last: i64,
    /// The most microseconds by which a place is ahead of the moment of its event.
    spread: i64,
    /// The moment in the ids of its last deliveries.
    made: RealTime,
    /// The last place and that moment, as they were read.
    before: (i64, RealTime),
}

impl Feed {
    /// The moment for the ids of new deliveries. It is later, in milliseconds, than that of all earlier deliveries. So
    /// an endpoint's deliveries are also listed in the order of their commits.
    pub fn making(&mut self, now: RealTime) -> RealTime {
        self.made = now.max(self.made.plus(MILLISECOND));
        self.made
    }

    /// The next place, for an event of this moment. It is at least the moment in microseconds, so that places also find
    /// a time. If a clock steps back, places are ahead of their moments until the clock has caught up.
    fn next(&mut self, occurred_at: Timestamp) -> Result<i64, StoreError> {
        let behind = self.last.checked_add(1).ok_or_else(|| corrupt("no place is left in a feed"))?;
        self.last = behind.max(occurred_at.micros());
        self.spread = self.spread.max(self.last.saturating_sub(occurred_at.micros()));
        Ok(self.last)
    }
}

/// Begins the feed of a new partner.
pub(crate) fn open_feed(tx: &mut Tx<'_>, partner: PartnerId) -> Result<(), StoreError> {
    let last_made = RealTime::from_micros(0);
    tx.insert(&FeedRow { partner_id: partner, last_place: 0, spread: 0, last_made })
}

/// The end of a partner's feed; `None` while another node gives places in it. The lock only saves work: the
/// compare-and-set of [`fanned_out`] ensures the order of places.
pub fn feed(tx: &mut Tx<'_>, partner: PartnerId) -> Result<Option<Feed>, StoreError> {
    let lock = tx.dialect().skip_locked;
    let row = tx.find::<FeedRow>(&format!("where partner_id = $1 {lock}"), args![partner])?;
    Ok(row.map(|FeedRow { last_place: last, spread, last_made: made, .. }| Feed {
        partner,
        last,
        spread,
        made,
        before: (last, made),
    }))
}

/// Id, kind, moment and row of a waiting event. The last two may be damaged.
type Found = (EventId, String, Result<Timestamp, StoreError>, Result<EventRow, StoreError>);

/// A partner's events that wait for the fan-out, at most `limit`, in the order of their insertion. Events that were
/// committed before another transaction made its events come before those.
pub fn waiting(tx: &mut Tx<'_>, partner: PartnerId, limit: i64) -> Result<Vec<Waiting>, StoreError> {
    let arrival = tx.dialect().arrival;
    let sql = format!(
        "select id, kind, occurred_at, {} from events where partner_id = $1 and place is null \
         order by {arrival} limit $2",
        EventRow::list()
    );
    let rows = tx.fetch_all::<Found>(&sql, args![partner, limit])?;
    let waiting = |(id, kind, occurred_at, stored): Found| {
        let occurred_at = occurred_at.unwrap_or_else(|_damaged| id.moment());
        Waiting { id, kind, occurred_at, stored }
    };
    Ok(rows.into_iter().map(waiting).collect())
}

/// Stores a clock's waiting events under the owner of the clock, where they get their places in the same transaction.
/// Returns their ids. An event that cannot be read is dropped.
pub fn hand_over(
    tx: &mut Tx<'_>, clock: PartnerId, owner: PartnerId, waiting: &[Waiting],
) -> Result<HashSet<EventId>, StoreError> {
    let mut rows = Vec::with_capacity(waiting.len());
    for event in waiting {
        match event.stored.as_ref().map_err(Clone::clone).and_then(|stored| stored.handed_over(tx, owner)) {
            Ok(row) => rows.push(row),
            Err(StoreError::Corrupt(reason)) => {
                tracing::error!(reason, event.id = %event.id, "an event of a clock cannot be read; it is dropped");
            }
            Err(error) => return Err(error),
        }
        tx.execute_one("delete from events where partner_id = $1 and id = $2", args![clock, event.id])?;
    }
    tx.insert_all(&rows)?;
    Ok(rows.iter().map(|row| row.id).collect())
}

/// An event that was fanned out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FannedOut {
    /// The event's id.
    pub id: EventId,
    /// The time at which it happened.
    pub occurred_at: Timestamp,
    /// The beginning of the ids of its deliveries, if it has any.
    pub first_delivery: FirstDelivery,
}

/// Gives a partner's fanned-out events their places, in this order. `Conflict` if another node has given places since
/// the feed was read.
pub fn fanned_out(tx: &mut Tx<'_>, mut feed: Feed, events: &[FannedOut]) -> Result<(), StoreError> {
    let partner = feed.partner;
    let placed =
        events.iter().map(|event| Ok((event.id, feed.next(event.occurred_at)?, event.first_delivery)));
    let placed = placed.collect::<Result<Vec<(EventId, i64, FirstDelivery)>, StoreError>>()?;
    for chunk in in_chunks(&placed) {
        let rest = match chunk.len() {
            1 => String::new(),
            more => format!(", {}", tuples(more - 1, 4, 5)),
        };
        // Each event is looked up by its key, as in `deliveries::settle`. Otherwise a planner might expect few events
        // of the partner and read all of them. The last condition says that the event waits. It is not `place is null`:
        // one planner expects that few rows meet this, also while most do, and begins with them.
        let sql = format!(
            "with given (of_partner, of_event, given_place, given_first) \
             as (values (cast($1 as text), cast($2 as text), cast($3 as bigint), cast($4 as bigint)){rest}) \
             update events set place = given_place, first_delivery = given_first from given \
             where partner_id = of_partner || '' and id = of_event || '' \
             and case when place is null then 1 else 0 end <> 0"
        );
        let rows = chunk
            .iter()
            .flat_map(|(id, place, first)| [partner.to_arg(), id.to_arg(), place.to_arg(), first.to_arg()]);
        let args: Vec<_> = rows.collect();
        if usize::try_from(tx.execute(&sql, &args)?) != Ok(chunk.len()) {
            return Err(StoreError::Conflict);
        }
    }
    end(tx, feed)
}

/// Writes the end of a feed after new deliveries. `Conflict` if another node has changed it since it was read.
pub fn end(tx: &mut Tx<'_>, feed: Feed) -> Result<(), StoreError> {
    let Feed { partner, last, spread, made, before } = feed;
    let sql = "update feeds set last_place = $4, spread = $5, last_made = $6 \
               where partner_id = $1 and last_place = $2 and last_made = $3";
    tx.execute_one(sql, args![partner, before.0, before.1, last, spread, made])
}

/// Drops up to `rows` of a partner's events from before `cutoff`; returns their number. Waiting events stay.
pub fn purge(tx: &mut Tx<'_>, partner: PartnerId, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    // The number is part of the text, because one planner expects a tenth of the table for a bound number. The plus
    // keeps the other planner from the index of places, which has another order.
    let sql = format!(
        "delete from events where partner_id = $1 and id in (\
         select id from events where partner_id = $1 and id < $2 and +place is not null order by id limit {rows})"
    );
    tx.execute(&sql, args![partner, EventId::new(cutoff, [0; 10])])
}

/// The number of waiting events.
pub fn count_waiting(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.fetch_one("select count(*) from events where place is null", &[])
}

/// A partner's event.
pub fn find(tx: &mut Tx<'_>, partner: PartnerId, id: EventId) -> Result<Option<Event>, StoreError> {
    tx.find_opened("where partner_id = $1 and id = $2", args![partner, id], |row: EventRow, tx| row.open(tx))
}

/// Those of these events of a partner that exist and open, in any order.
pub fn some(tx: &mut Tx<'_>, partner: PartnerId, ids: &[EventId]) -> Result<Vec<Event>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in in_chunks(ids) {
        let (these, mut args) = among(chunk, 1);
        args.push(partner.to_arg());
        let rest = format!("where id {these} and partner_id = ${}", args.len());
        for row in tx.find_all::<EventRow>(&rest, &args)? {
            match row.open(tx) {
                Ok(event) => found.push(event),
                Err(StoreError::Corrupt(_damaged)) => tx.note_unreadable("events", &row.id.to_string()),
                Err(error) => return Err(error),
            }
        }
    }
    Ok(found)
}
