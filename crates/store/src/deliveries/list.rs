//! Deliveries and their attempts, in the lists of partners and operators.

use std::borrow::Cow;
use std::collections::HashMap;

use domain::cause::Cause;
use domain::id::{DeliveryId, EndpointId, EventId, PartnerId, ResourceId as _};
use domain::page::Page;
use domain::time::{RealTime, Span};
use domain::webhook::delivery::{Attempt, Delivery, DeliveryStateKind};

use super::lanes::FoundBody;
use super::rows::{AttemptRow, BODIES, DeliveryRow};
use crate::db::{ToArg, in_chunks, row_count, tuples};
use crate::document::{context, corrupt, versioned};
use crate::listing::{Cursor, Gone, Listing, MILLISECOND, UnknownCursor};
use crate::table::Projection as _;
use crate::{StoreError, Stored, Tx, args};

/// The filter of a list of deliveries.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    /// Only those in this state.
    pub state: Option<DeliveryStateKind>,
    /// Only those with an event of this name.
    pub event_type: Option<String>,
    /// Only those made in this time.
    pub made: Span<RealTime>,
}

/// A page of an endpoint's deliveries.
pub fn list(
    tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId, filter: &DeliveryFilter,
    cursor: &Cursor<DeliveryId>, kept_since: RealTime,
) -> Result<Result<Page<Delivery>, UnknownCursor>, StoreError> {
    // A delivery from before this time may have been dropped meanwhile. Its id is still a valid cursor.
    let gone = Gone::of(cursor, |id| id.moment() < kept_since.unmoved());
    // Ids begin with the moment, so the key finds a time quickly. Within a millisecond the moment itself decides.
    let first_of = |moment: RealTime| DeliveryId::new(moment, [0; 10]);
    let Span { since, until } = filter.made;
    let bounds = (since.map(first_of), until.map(|end| first_of(end.plus(MILLISECOND))));
    let listing = Listing::by_id(DeliveryRow::id)
        .within(DeliveryRow::partner_id, Some(&partner))
        .within(DeliveryRow::endpoint_id, Some(&endpoint))
        .whose_cursor_may_be(gone);
    // One index holds an endpoint's deliveries by their events' types, then by their states. Few deliveries fail, so an
    // index of the failed ones costs little.
    let event_type = filter.event_type.clone().map(Cow::Owned);
    let state = filter.state;
    let listing = match (&event_type, state) {
        (None, None) => listing,
        (None, Some(DeliveryStateKind::Failed)) => listing.meeting("state = 'failed'"),
        (None, Some(_)) => {
            listing.in_parts_of(DeliveryRow::event_type).having(DeliveryRow::state, state.as_ref())
        }
        (Some(_), None) => {
            listing.having(DeliveryRow::event_type, event_type.as_ref()).in_parts_of(DeliveryRow::state)
        }
        (Some(_), Some(_)) => listing
            .having(DeliveryRow::event_type, event_type.as_ref())
            .having(DeliveryRow::state, state.as_ref()),
    };
    listing
        .from(DeliveryRow::id, bounds.0.as_ref())
        .before(DeliveryRow::id, bounds.1.as_ref())
        .from(DeliveryRow::created_at, since.as_ref())
        .before(DeliveryRow::created_at, until.as_ref())
        .page(tx, cursor, |row: DeliveryRow, _tx| Ok(row.read().into_value()))
}

/// An endpoint's delivery.
pub fn find(
    tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId, id: DeliveryId,
) -> Result<Option<Stored<Delivery>>, StoreError> {
    let own = args![partner, endpoint, id];
    let row = tx.find::<DeliveryRow>("where partner_id = $1 and endpoint_id = $2 and id = $3", own)?;
    Ok(row.map(DeliveryRow::read))
}

/// The body that every attempt of a delivery sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentBody {
    /// The body.
    pub bytes: Vec<u8>,
    /// What caused the delivery.
    pub cause: Cause,
}

/// The body that every attempt of a delivery sends; `None` if it cannot be read any more.
pub fn body(
    tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId, id: DeliveryId,
) -> Result<Option<SentBody>, StoreError> {
    let sql = "select b.id, b.sealed, b.request_id, b.traceparent from deliveries d \
               join delivery_bodies b on b.partner_id = d.partner_id and b.id = d.body_id \
               where d.partner_id = $1 and d.endpoint_id = $2 and d.id = $3";
    let found: Option<FoundBody> = tx.fetch_opt(sql, args![partner, endpoint, id])?;
    let Some((body, sealed, request, span)) = found else { return Ok(None) };
    match tx.unseal(partner, &context(BODIES, body), &sealed) {
        Ok(bytes) => Ok(Some(SentBody { bytes, cause: Cause { request, span } })),
        Err(StoreError::Corrupt(reason)) => {
            tracing::error!(delivery.id = %id, reason, "the body of a delivery cannot be read");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The newest deliveries to an endpoint since a moment, at most `most`: the time at which each was made, its state and
/// the number of its attempts. Newest first.
pub fn recent(
    tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId, since: RealTime, most: i64,
) -> Result<Vec<(RealTime, DeliveryStateKind, u16)>, StoreError> {
    let sql = "select created_at, state, attempts from deliveries \
               where partner_id = $1 and endpoint_id = $2 and id >= $3 order by id desc limit $4";
    tx.fetch_all(sql, args![partner, endpoint, DeliveryId::new(since, [0; 10]), most])
}

/// An endpoint's deliveries that were made from a moment on and before another, oldest first, at most `most`, each with
/// its event. `after` is the last one that was read before. The time is compared in milliseconds.
pub fn made_between(
    tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId, (since, until): (RealTime, RealTime),
    after: Option<DeliveryId>, most: usize,
) -> Result<Vec<(DeliveryId, EventId)>, StoreError> {
    let first_of = |moment: RealTime| DeliveryId::new(moment, [0; 10]);
    let (begin, end) = (first_of(since), first_of(until));
    let begin = after.map_or(begin, |after| after.max(begin));
    let sql = "select id, event_id from deliveries where partner_id = $1 and endpoint_id = $2 \
               and id > $3 and id < $4 order by id limit $5";
    tx.fetch_all(sql, args![partner, endpoint, begin, end, row_count(most)])
}

/// An attempt in two numbers, for figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BriefAttempt {
    /// The status of the answer, if there was one.
    pub status: Option<i64>,
    /// The duration, in milliseconds.
    pub duration_ms: i64,
}

/// The attempts of the newest deliveries to an endpoint since a moment, at most `most` deliveries, in any order.
pub fn recent_attempts(
    tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId, since: RealTime, most: i64,
) -> Result<Vec<BriefAttempt>, StoreError> {
    // Each delivery is looked up by its key, as in `settle`.
    let sql = "with newest as materialized (select id from deliveries \
               where partner_id = $1 and endpoint_id = $2 and id >= $3 order by id desc limit $4) \
               select status, duration_ms from newest join delivery_attempts \
               on partner_id = $1 and delivery_id = newest.id || ''";
    let found: Vec<(Option<i64>, i64)> =
        tx.fetch_all(sql, args![partner, endpoint, DeliveryId::new(since, [0; 10]), most])?;
    Ok(found.into_iter().map(|(status, duration_ms)| BriefAttempt { status, duration_ms }).collect())
}

/// The text that replaces an unreadable answer.
const UNREADABLE_ANSWER: &str = "(the stored answer cannot be read)";

/// The attempts of deliveries, in order, with the beginnings of their answers. `Err` for a delivery with an unreadable
/// attempt.
pub type Attempts = HashMap<DeliveryId, Result<Vec<Attempt>, StoreError>>;

/// The attempts of some deliveries.
pub fn attempts(
    tx: &mut Tx<'_>, partner: PartnerId, deliveries: &[DeliveryId],
) -> Result<Attempts, StoreError> {
    let mut attempts: Attempts = deliveries.iter().map(|delivery| (*delivery, Ok(Vec::new()))).collect();
    for chunk in in_chunks(deliveries) {
        let sql = format!(
            "select delivery_id, {} from delivery_attempts where partner_id = $1 and delivery_id in {} \
             order by delivery_id, number",
            AttemptRow::list(),
            tuples(1, chunk.len(), 2)
        );
        let mut args = args![partner].to_vec();
        args.extend(chunk.iter().map(ToArg::to_arg));
        let rows: Vec<(DeliveryId, Result<AttemptRow, StoreError>)> = tx.fetch_all(&sql, &args)?;
        for (delivery, row) in rows {
            let attempt = row.and_then(|row| row.open(tx));
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

impl AttemptRow {
    /// The attempt. An answer that does not open is replaced by [`UNREADABLE_ANSWER`].
    pub(super) fn open(self, tx: &mut Tx<'_>) -> Result<Attempt, StoreError> {
        let Self { partner_id, delivery_id, number, started_at, duration_ms, status, outcome, sealed } = self;
        let attempt = Attempt { started_at, duration_ms, status, outcome, answer: String::new() };
        if sealed.is_empty() {
            return Ok(attempt);
        }
        let context = versioned("delivery_attempts", delivery_id, i64::from(number));
        let answer = tx.unseal(partner_id, &context, &sealed);
        let answer = answer.and_then(|answer| String::from_utf8(answer).map_err(|_| corrupt("no text")));
        match answer {
            Ok(answer) => Ok(Attempt { answer, ..attempt }),
            Err(StoreError::Corrupt(reason)) => {
                tracing::error!(delivery.id = %delivery_id, number, reason, "the answer to an attempt cannot be read");
                Ok(Attempt { answer: UNREADABLE_ANSWER.into(), ..attempt })
            }
            Err(error) => Err(error),
        }
    }
}
