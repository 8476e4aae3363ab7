//! The deliveries of some events, found by the beginning of their ids.

use std::collections::HashMap;

use domain::id::{DeliveryId, EventId, PartnerId, ResourceId as _};
use domain::time::{RealTime, Timestamp};
use domain::webhook::delivery::{Cause, Delivery};

use super::rows::{AttemptRow, DeliveryRow};
use crate::db::{Arg, Column, Row, ToArg, in_chunks, tuples};
use crate::table::Projection as _;
use crate::{StoreError, Tx, args};

/// Most deliveries of one event. A partner has fewer endpoints.
pub const MOST_OF_EVENT: u16 = 64;

/// The bits of an id that hold its place within one transaction ([`super::ordered_id`]).
const PLACE_BITS: u32 = 12;
/// The last place. Chance decides the order of ids that share it.
const LAST_PLACE: u16 = 0x0fff;

/// The beginning of the ids of an event's deliveries: their moment in milliseconds, and the place of the first of them
/// within the transaction. An event without deliveries has one too; it finds none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstDelivery(i64);

impl FirstDelivery {
    /// The beginning of ids that [`super::ordered_id`] makes of `made_at`, from `place` on.
    pub fn of(made_at: RealTime, place: usize) -> Self {
        let place = u16::try_from(place).map_or(LAST_PLACE, |place| place.min(LAST_PLACE));
        let millis = made_at.micros().div_euclid(1_000);
        Self((millis << PLACE_BITS) | i64::from(place))
    }

    /// The first and the last possible id of the deliveries.
    fn ids(self) -> (DeliveryId, DeliveryId) {
        let moment = Timestamp::from_micros((self.0 >> PLACE_BITS).saturating_mul(1_000));
        let place = u16::try_from(self.0 & i64::from(LAST_PLACE)).expect("12 bits fit in 16");
        let id = |place: u16, rest: u8| {
            let mut random = [rest; 10];
            [random[0], random[1]] = place.min(LAST_PLACE).to_be_bytes();
            DeliveryId::new(moment, random)
        };
        (id(place, 0), id(place + MOST_OF_EVENT, u8::MAX))
    }
}

impl ToArg for FirstDelivery {
    fn to_arg(&self) -> Arg<'_> {
        self.0.to_arg()
    }
}

impl Column for FirstDelivery {
    fn read(row: &Row<'_>, index: usize) -> Result<Self, StoreError> {
        row.get(index).map(Self)
    }
}

#[cfg(feature = "test-support")]
impl crate::samples::Sample for FirstDelivery {
    fn sample(samples: &mut crate::samples::Samples) -> Self {
        Self(crate::samples::Sample::sample(samples))
    }
}

/// The result of the last attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastAnswer {
    /// The status of the answer, if there was one.
    pub status: Option<i64>,
    /// The word for the result.
    pub outcome: String,
    /// Why there was no answer; `None` if there was one, or if it is not known.
    pub cause: Option<Cause>,
}

/// A delivery with its endpoint's URL and its last answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The delivery.
    pub delivery: Delivery,
    /// The URL of its endpoint.
    pub url: String,
    /// The result of the last attempt; `None` before the first one, and once its row has been dropped.
    pub last: Option<LastAnswer>,
}

/// A delivery that was found: its event, the URL and the id of its endpoint, and its id.
type Found = (EventId, String, String, DeliveryId);

/// The deliveries of some events of a partner, each event with the beginning of their ids. Deliveries to deleted
/// endpoints are not found.
pub(crate) fn of_events(
    tx: &mut Tx<'_>, partner: PartnerId, events: &[(EventId, FirstDelivery)],
) -> Result<HashMap<EventId, Vec<Sent>>, StoreError> {
    let mut found = Vec::new();
    for chunk in in_chunks(events) {
        found.extend(keys(tx, partner, chunk)?);
    }
    let mut rows = HashMap::with_capacity(found.len());
    for chunk in in_chunks(&found) {
        rows.extend(deliveries(tx, partner, chunk)?.into_iter().map(|one| (one.id, one)));
    }
    let attempted: Vec<(DeliveryId, u16)> =
        rows.values().map(|one| (one.id, one.state.made())).filter(|(_, made)| *made > 0).collect();
    let mut last = HashMap::with_capacity(attempted.len());
    for chunk in in_chunks(&attempted) {
        last.extend(last_answers(tx, partner, chunk)?);
    }
    let mut sent: HashMap<EventId, Vec<Sent>> = HashMap::new();
    for (event, url, _endpoint, id) in found {
        // A delivery that was dropped meanwhile is missing.
        let Some(delivery) = rows.remove(&id) else { continue };
        sent.entry(event).or_default().push(Sent { delivery, url, last: last.remove(&id) });
    }
    Ok(sent)
}

/// Finds one delivery at most for each event and endpoint, by a range of the key.
fn keys(
    tx: &mut Tx<'_>, partner: PartnerId, events: &[(EventId, FirstDelivery)],
) -> Result<Vec<Found>, StoreError> {
    let sql = format!(
        "with wanted (of_event, first_id, last_id) as (values (cast($2 as text), cast($3 as text), cast($4 as text)){}) \
         select of_event, url, endpoint, found from (\
             select of_event, e.url as url, e.id as endpoint, e.created_at as since, (\
                 select d.id from deliveries d where d.partner_id = $1 and d.endpoint_id = e.id \
                 and d.id >= first_id and d.id <= last_id and d.event_id = of_event limit 1) as found \
             from webhook_endpoints e cross join wanted where e.partner_id = $1) as pairs \
         where found is not null order by since, endpoint",
        more_rows(events.len(), 3)
    );
    let mut args = args![partner].to_vec();
    let ids: Vec<_> = events.iter().map(|(event, first)| (event, first.ids())).collect();
    for (event, (first, last)) in &ids {
        args.extend([event.to_arg(), first.to_arg(), last.to_arg()]);
    }
    tx.fetch_all(&sql, &args)
}

/// The places of all rows after the first one, after the argument of the partner.
fn more_rows(rows: usize, width: usize) -> String {
    match rows {
        1 => String::new(),
        more => format!(", {}", tuples(more - 1, width, 2 + width)),
    }
}

fn deliveries(tx: &mut Tx<'_>, partner: PartnerId, found: &[Found]) -> Result<Vec<Delivery>, StoreError> {
    // Each is looked up by its key, as in `settle`.
    let sql = format!(
        "with wanted (of_endpoint, of_delivery) as (values (cast($2 as text), cast($3 as text)){}) \
         select {} from wanted join deliveries \
         on partner_id = $1 and endpoint_id = of_endpoint || '' and id = of_delivery || ''",
        more_rows(found.len(), 2),
        DeliveryRow::list()
    );
    let mut args = args![partner].to_vec();
    for (_, _, endpoint, id) in found {
        args.extend([endpoint.to_arg(), id.to_arg()]);
    }
    let rows: Vec<DeliveryRow> = tx.fetch_all(&sql, &args)?;
    Ok(rows.into_iter().map(|row| row.read().into_value()).collect())
}

fn last_answers(
    tx: &mut Tx<'_>, partner: PartnerId, attempted: &[(DeliveryId, u16)],
) -> Result<Vec<(DeliveryId, LastAnswer)>, StoreError> {
    let sql = format!(
        "with wanted (of_delivery, of_number) as (values (cast($2 as text), cast($3 as bigint)){}) \
         select {} from wanted join delivery_attempts \
         on partner_id = $1 and delivery_id = of_delivery || '' and number = of_number",
        more_rows(attempted.len(), 2),
        AttemptRow::list()
    );
    let mut args = args![partner].to_vec();
    for (id, number) in attempted {
        args.extend([id.to_arg(), number.to_arg()]);
    }
    let rows: Vec<AttemptRow> = tx.fetch_all(&sql, &args)?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let (id, status) = (row.delivery_id, row.status);
        let outcome = row.outcome.clone();
        // Only an attempt without an answer has a cause. The others stay sealed.
        let cause = if status.is_none() { row.open(tx)?.cause() } else { None };
        found.push((id, LastAnswer { status, outcome, cause }));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_of_an_event_begin_where_its_first_delivery_was_made() {
        let at = RealTime::from_micros(1_790_000_000_123_456);
        let id = |place: u16| {
            let mut random = [7; 10];
            [random[0], random[1]] = place.to_be_bytes();
            DeliveryId::new(at, random)
        };
        let (first, last) = FirstDelivery::of(at, 300).ids();
        assert!(id(299) < first && first <= id(300));
        assert!(id(300 + MOST_OF_EVENT) <= last && last < id(301 + MOST_OF_EVENT));
        let (first, last) = FirstDelivery::of(at, 70_000).ids();
        assert!(first <= id(LAST_PLACE) && id(LAST_PLACE) <= last);
    }
}
