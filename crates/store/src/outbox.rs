//! Events: each commits with the change that caused it and waits here for the fan-out, which gives it its place.
//!
//! Places are the order of a partner's events. The ids do not give that order: they follow the clock of the request, and
//! of two requests the one that began first may commit last. A place is given under a compare-and-set on the partner's
//! row of `feeds`, so the places of one commit are all behind those of the commits before it. An event that is listed
//! never gets one before it later, and a reader that goes on after the last event that it saw misses none.
//!
//! Reasons: docs/decisions/0011.

use domain::customer::CustomerEvent;
use domain::event::{DomainEvent, Event, EventKind};
use domain::id::{EventId, PartnerId, ResourceId as _};
use domain::loan::{LoanEvent, PaymentReceived};
use domain::offer::OfferEvent;
use domain::page::{Order, Page};
use domain::time::{RealTime, Timestamp};
use serde::{Deserialize, Serialize};

use crate::args;
use crate::db::error::StoreError;
use crate::db::rows::{in_chunks, tuples};
use crate::db::tx::Tx;
use crate::db::value::{Arg, Row, ToArg};
use crate::db::wakes::Wake;
use crate::desk::Sealer;
use crate::document::{self, CustomerDoc, LoanSnapshotDoc, OfferDoc, PaymentDoc, context, corrupt};
use crate::listing::{Cursor, Gone, MILLISECOND, UnknownCursor, listed, opened};

/// Appends what happened, in order, to be told after the commit.
pub fn append(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    now: Timestamp,
    domain_events: Vec<DomainEvent>,
) -> Result<(), StoreError> {
    let new = NewEvents::of(tx, partner, now, domain_events)?;
    append_new(tx, &new)
}

/// Events that are not written yet, with their snapshots sealed.
#[derive(Clone)]
pub struct NewEvents {
    partner: PartnerId,
    now: Timestamp,
    rows: Vec<(EventId, &'static str, Vec<u8>)>,
}

impl NewEvents {
    /// Seals what happens, in order.
    pub fn of(
        sealer: &mut impl Sealer,
        partner: PartnerId,
        now: Timestamp,
        domain_events: Vec<DomainEvent>,
    ) -> Result<Self, StoreError> {
        let mut rows = Vec::with_capacity(domain_events.len());
        for domain_event in domain_events {
            let id = sequenced_id(sealer, now);
            let document = document::pack(document::to_json(&Snapshot::of(&domain_event)).as_bytes());
            let sealed = sealer.sealed(partner, &context("events", id), &document)?;
            rows.push((id, domain_event.kind().name(), sealed));
        }
        Ok(Self { partner, now, rows })
    }
}

/// [`append`] of what is sealed already. Only events of one desk are appended in a transaction, before any other events.
pub fn append_new(tx: &mut Tx<'_>, new: &NewEvents) -> Result<(), StoreError> {
    let NewEvents { partner, now, rows } = new;
    if rows.is_empty() {
        return Ok(());
    }
    let values: Vec<Vec<Arg<'_>>> =
        rows.iter().map(|(id, kind, sealed)| args![partner, *id, *kind, *sealed, now].to_vec()).collect();
    let head = "insert into events (partner_id, id, kind, sealed, occurred_at)";
    tx.insert_rows(head, &values)?;
    tx.wake(Wake::Events);
    Ok(())
}

/// Appends what happened long ago and was fanned out then, for a database that is filled: an event's place is the moment at
/// which it happened. [`past_until`] ends the feed behind them.
pub fn append_past(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    at: Timestamp,
    domain_events: Vec<DomainEvent>,
) -> Result<Vec<EventId>, StoreError> {
    let NewEvents { rows, .. } = NewEvents::of(tx, partner, at, domain_events)?;
    let places = (at.micros()..at.micros() + PAST_SPREAD).collect::<Vec<i64>>();
    if rows.len() > places.len() {
        return Err(corrupt("too many events of one moment"));
    }
    let values = rows.iter().zip(&places);
    let values: Vec<Vec<Arg<'_>>> = values
        .map(|((id, kind, sealed), place)| args![partner, *id, *kind, *sealed, at, *place].to_vec())
        .collect();
    tx.insert_rows("insert into events (partner_id, id, kind, sealed, occurred_at, place)", &values)?;
    Ok(rows.iter().map(|(id, ..)| *id).collect())
}

/// The most events that [`append_past`] takes of one moment.
const PAST_SPREAD: i64 = 16;

/// Ends a feed behind what was appended as past: new events get places after `last`.
pub fn past_until(tx: &mut Tx<'_>, partner: PartnerId, last: RealTime) -> Result<(), StoreError> {
    let mut feed = feed(tx, partner)?.ok_or(StoreError::Conflict)?;
    feed.last = feed.last.max(last.micros() + PAST_SPREAD);
    feed.spread = feed.spread.max(PAST_SPREAD);
    feed.made = feed.made.max(last);
    end(tx, feed)
}

/// An id whose order within its microsecond is the order of the events of one transaction.
fn sequenced_id(sealer: &mut impl Sealer, now: Timestamp) -> EventId {
    let mut random: [u8; 10] = sealer.random();
    // The first 12 bits after the time: microseconds of the moment, so that changes within a millisecond
    // keep their order, then the place within the change.
    let micros = u16::try_from(now.micros().rem_euclid(1_000)).expect("a remainder of 1,000 fits");
    let [high, low] = (micros << 2).to_be_bytes();
    random[0] = high & 0x0f;
    random[1] = low;
    // The fourteen bits after the variant's two.
    [random[2], random[3]] = sealer.next_place().to_be_bytes();
    EventId::new(now, random)
}

const COLUMNS: &str = "partner_id, id, kind, sealed, occurred_at";

/// An event that waits for the fan-out, not yet opened.
#[derive(Debug)]
pub struct Waiting {
    /// Its id.
    pub id: EventId,
    /// Its name in the store.
    pub kind: String,
    /// When it happened; the moment of its id if its row is damaged.
    pub occurred_at: Timestamp,
    stored: Result<StoredEvent, StoreError>,
}

impl Waiting {
    /// Opens the event. The inner error is `Corrupt` where its row does not read as one; the outer one says that the store
    /// could not tell.
    pub fn open(&self, tx: &mut Tx<'_>) -> Result<Result<Event, StoreError>, StoreError> {
        match self.stored.as_ref().map_err(Clone::clone).and_then(|stored| stored.open(tx)) {
            Err(error @ (StoreError::Conflict | StoreError::Unavailable(_))) => Err(error),
            event => Ok(event),
        }
    }
}

/// The partners with waiting events, at most `limit` of those behind `after`, by their ids.
///
/// It takes one step of the index a partner, however many events wait. It locks nothing: the scans that do are one
/// partner's each.
pub fn waiting_partners(
    tx: &mut Tx<'_>,
    after: Option<PartnerId>,
    limit: usize,
) -> Result<Vec<PartnerId>, StoreError> {
    let sql =
        "select partner_id from events where place is null and partner_id > $1 order by partner_id limit 1";
    let mut partners = Vec::new();
    let mut last = after;
    while partners.len() < limit {
        let behind = last.map_or_else(String::new, |partner| partner.to_string());
        last = tx.query_opt(sql, args![behind], |row| row.get(0))?;
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
    /// The place of the last one.
    last: i64,
    /// The most microseconds by which a place is ahead of the moment of its event.
    spread: i64,
    /// The moment under which its last deliveries were made.
    made: RealTime,
    /// The last place and that moment as they were read.
    before: (i64, RealTime),
}

impl Feed {
    /// The moment under which deliveries are made now: later than that of all deliveries before, by the milliseconds of
    /// their ids, so that an endpoint's deliveries too are listed in the order of their commits.
    pub fn making(&mut self, now: RealTime) -> RealTime {
        self.made = now.max(self.made.plus(MILLISECOND));
        self.made
    }

    /// The next place, of an event of this moment: at least the moment in microseconds, so that places also find the
    /// way to a time. A clock that steps back makes places that are ahead of their moments until it has caught up.
    fn next(&mut self, occurred_at: Timestamp) -> Result<i64, StoreError> {
        let behind = self.last.checked_add(1).ok_or_else(|| corrupt("no place is left in a feed"))?;
        self.last = behind.max(occurred_at.micros());
        self.spread = self.spread.max(self.last.saturating_sub(occurred_at.micros()));
        Ok(self.last)
    }
}

/// Begins the feed of a new partner.
pub(crate) fn open_feed(tx: &mut Tx<'_>, partner: PartnerId) -> Result<(), StoreError> {
    let sql = "insert into feeds (partner_id, last_place, spread, last_made) values ($1, 0, 0, 0)";
    tx.execute_later(sql, args![partner])
}

/// The end of a partner's feed; `None` while another node gives places in it. The lock only saves work: what makes
/// places come one after another is the compare-and-set of [`fanned_out`].
pub fn feed(tx: &mut Tx<'_>, partner: PartnerId) -> Result<Option<Feed>, StoreError> {
    let lock = tx.dialect().skip_locked;
    let sql = format!("select last_place, spread, last_made from feeds where partner_id = $1 {lock}");
    tx.query_opt(&sql, args![partner], |row| {
        let (last, spread, made) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Feed { partner, last, spread, made, before: (last, made) })
    })
}

/// A partner's events that wait for the fan-out, at most `limit`, in the order in which they were inserted: what was
/// committed before another transaction made its events is in front of them.
pub fn waiting(tx: &mut Tx<'_>, partner: PartnerId, limit: i64) -> Result<Vec<Waiting>, StoreError> {
    let arrival = tx.dialect().arrival;
    let sql = format!(
        "select {COLUMNS} from events where partner_id = $1 and place is null order by {arrival} limit $2"
    );
    tx.query(&sql, args![partner, limit], |row| {
        let (id, kind): (EventId, String) = (row.get(1)?, row.get(2)?);
        let occurred_at = row.get(4).unwrap_or_else(|_damaged| id.moment());
        Ok(Waiting { id, kind, occurred_at, stored: StoredEvent::read(row) })
    })
}

/// Gives a partner's events, which have been fanned out, their places, in this order. `Conflict` where another node has
/// given places since the feed was read.
pub fn fanned_out(
    tx: &mut Tx<'_>,
    mut feed: Feed,
    events: &[(EventId, Timestamp)],
) -> Result<(), StoreError> {
    let partner = feed.partner;
    let placed = events.iter().map(|(id, occurred_at)| Ok((*id, feed.next(*occurred_at)?)));
    let placed = placed.collect::<Result<Vec<(EventId, i64)>, StoreError>>()?;
    for chunk in in_chunks(&placed) {
        let rest = match chunk.len() {
            1 => String::new(),
            more => format!(", {}", tuples(more - 1, 3, 4)),
        };
        // Each event is looked up by its key, as in `deliveries::settle`: PostgreSQL would else take the partner's events
        // for few and read all of them. The last condition says that the event waits. It is no `place is null`, because
        // PostgreSQL takes few rows to meet that, also while most do, and begins with them.
        let sql = format!(
            "with given (of_partner, of_event, given_place) \
             as (values (cast($1 as text), cast($2 as text), cast($3 as bigint)){rest}) \
             update events set place = given_place from given \
             where partner_id = of_partner || '' and id = of_event || '' \
             and case when place is null then 1 else 0 end <> 0"
        );
        let rows = chunk.iter().flat_map(|(id, place)| [partner.to_arg(), id.to_arg(), place.to_arg()]);
        let args: Vec<_> = rows.collect();
        if usize::try_from(tx.execute(&sql, &args)?) != Ok(chunk.len()) {
            return Err(StoreError::Conflict);
        }
    }
    end(tx, feed)
}

/// Writes the end of a feed in which deliveries were made. `Conflict` where another node has changed it since it was read.
pub fn end(tx: &mut Tx<'_>, feed: Feed) -> Result<(), StoreError> {
    let Feed { partner, last, spread, made, before } = feed;
    let sql = "update feeds set last_place = $4, spread = $5, last_made = $6 \
               where partner_id = $1 and last_place = $2 and last_made = $3";
    tx.execute_one(sql, args![partner, before.0, before.1, last, spread, made])
}

/// Drops up to `rows` of a partner's events from before `cutoff`; returns how many. What still waits stays.
pub fn purge(tx: &mut Tx<'_>, partner: PartnerId, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    // The number stands in the text: by a place for it PostgreSQL's planner expects a tenth of the table. The plus keeps
    // SQLite's from the index of places, which has another order.
    let sql = format!(
        "delete from events where partner_id = $1 and id in (\
         select id from events where partner_id = $1 and id < $2 and +place is not null order by id limit {rows})"
    );
    tx.execute(&sql, args![partner, EventId::new(cutoff, [0; 10])])
}

/// How many events wait.
pub fn count_waiting(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.query_one("select count(*) from events where place is null", &[], |row| row.get(0))
}

/// What a list of events is filtered by.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Only those of this kind.
    pub kind: Option<EventKind>,
    /// None of these kinds.
    pub untold: Vec<EventKind>,
    /// Only those that happened at this moment or later.
    pub since: Option<Timestamp>,
    /// Only those that happened before this moment.
    pub until: Option<Timestamp>,
}

/// A page of a partner's events in the order of their places. What waits for the fan-out is not listed yet.
///
/// A row that does not open is marked and hides no other row. An event from before `kept_since` may have been dropped
/// meanwhile. Its id is still a valid cursor: the list goes on from its moment, and events that were in disorder around
/// it may come once more.
pub fn list(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    filter: &EventFilter,
    cursor: &Cursor<EventId>,
    kept_since: RealTime,
) -> Result<Result<Page<Event>, UnknownCursor>, StoreError> {
    let mut query = Query::new(partner);
    if let Some(id) = cursor.after {
        let gone = Gone::of(cursor, |id| id.moment() < kept_since.unmoved());
        let (comparison, place) = match (place_of(tx, partner, id)?, gone, cursor.order) {
            (Some(place), _, Order::Ascending) => ("place >", place),
            (Some(place), _, Order::Descending) => ("place <", place),
            (None, Gone::Never, _) => return Ok(Err(UnknownCursor)),
            (None, Gone::Possible(moment), Order::Ascending) => ("place >=", moment.micros()),
            (None, Gone::Possible(moment), Order::Descending) => {
                ("place <", first_place_after(tx, partner, moment.plus(MILLISECOND))?)
            }
        };
        query.having(comparison, Arg::Int(place));
    }
    if let Some(kind) = filter.kind {
        query.having("kind =", kind.name().to_arg());
    }
    query.having_none("kind", filter.untold.iter().map(|kind| kind.name()));
    if let Some(since) = filter.since {
        // No place is before the moment of its event.
        query.having("place >=", Arg::Int(since.micros()));
        query.having("occurred_at >=", Arg::Int(since.micros()));
    }
    if let Some(until) = filter.until {
        query.having("place <", Arg::Int(first_place_after(tx, partner, until)?));
        query.having("occurred_at <", Arg::Int(until.micros()));
    }
    query.page(tx, cursor).map(Ok)
}

/// The place of a partner's event; `None` if there is no such event, or it waits for the fan-out.
fn place_of(tx: &mut Tx<'_>, partner: PartnerId, id: EventId) -> Result<Option<i64>, StoreError> {
    let sql = "select place from events where partner_id = $1 and id = $2 and place is not null";
    tx.query_opt(sql, args![partner, id], |row| row.get(0))
}

/// A place that is behind those of all events from before a moment.
fn first_place_after(tx: &mut Tx<'_>, partner: PartnerId, moment: Timestamp) -> Result<i64, StoreError> {
    let sql = "select spread from feeds where partner_id = $1";
    let spread: i64 = tx.query_one(sql, args![partner], |row| row.get(0))?;
    Ok(moment.micros().saturating_add(spread))
}

/// A list of events under construction.
struct Query<'a> {
    conditions: Vec<String>,
    args: Vec<Arg<'a>>,
}

impl<'a> Query<'a> {
    fn new(partner: PartnerId) -> Self {
        let conditions = vec!["partner_id = $1".to_owned(), "place is not null".to_owned()];
        Self { conditions, args: vec![Arg::Text(partner.to_string().into())] }
    }

    /// Keeps the rows for which the comparison with the value is true.
    fn having(&mut self, comparison: &'static str, value: Arg<'a>) {
        self.args.push(value);
        self.conditions.push(format!("{comparison} ${}", self.args.len()));
    }

    /// Keeps the rows whose column has none of these values.
    fn having_none(&mut self, column: &'static str, values: impl Iterator<Item = &'a str>) {
        let first = self.args.len() + 1;
        self.args.extend(values.map(|value| Arg::Text(value.into())));
        let places: Vec<String> = (first..=self.args.len()).map(|place| format!("${place}")).collect();
        if !places.is_empty() {
            self.conditions.push(format!("{column} not in ({})", places.join(", ")));
        }
    }

    fn page(self, tx: &mut Tx<'_>, cursor: &Cursor<EventId>) -> Result<Page<Event>, StoreError> {
        let direction = match cursor.order {
            Order::Ascending => "asc",
            Order::Descending => "desc",
        };
        let (conditions, limit) = (self.conditions.join(" and "), cursor.limit.get());
        let sql = format!(
            "select {COLUMNS}, id from events where {conditions} order by place {direction} limit {}",
            limit + 1
        );
        let mut rows = tx.query(&sql, &self.args, |row| Ok(listed(row, StoredEvent::read)))?;
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        opened(tx, "events", rows, has_more, |row, tx| row.open(tx))
    }
}

/// A partner's event.
pub fn find(tx: &mut Tx<'_>, partner: PartnerId, id: EventId) -> Result<Option<Event>, StoreError> {
    let sql = format!("select {COLUMNS} from events where partner_id = $1 and id = $2");
    let row = tx.query_opt(&sql, args![partner, id], StoredEvent::read)?;
    row.map(|row| row.open(tx)).transpose()
}

/// A row as it is stored.
#[derive(Debug)]
struct StoredEvent {
    partner: PartnerId,
    id: EventId,
    kind: String,
    sealed: Vec<u8>,
    occurred_at: Timestamp,
}

impl StoredEvent {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            partner: row.get(0)?,
            id: row.get(1)?,
            kind: row.get(2)?,
            sealed: row.get(3)?,
            occurred_at: row.get(4)?,
        })
    }

    fn open(&self, tx: &mut Tx<'_>) -> Result<Event, StoreError> {
        let packed = tx.unseal(self.partner, &context("events", self.id), &self.sealed)?;
        let snapshot: Snapshot = document::from_json(&document::unpack(&packed)?)?;
        let domain_event = snapshot.read(&self.kind, self.partner)?;
        Ok(Event { id: self.id, partner: self.partner, occurred_at: self.occurred_at, domain_event })
    }
}

/// The resource as it was.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Snapshot {
    Customer(CustomerDoc),
    Offer { offer: OfferDoc, external_id: Option<String> },
    Loan { loan: Box<LoanSnapshotDoc>, payment: Option<PaymentDoc> },
    Session { id: String, customer: String },
}

impl Snapshot {
    fn of(domain_event: &DomainEvent) -> Self {
        match domain_event {
            DomainEvent::Customer(_, file) => Self::Customer(CustomerDoc::of(file)),
            DomainEvent::Offer(_, offer) => {
                Self::Offer { offer: OfferDoc::of(offer), external_id: offer.external_id.clone() }
            }
            DomainEvent::Loan(event, loan) => {
                let payment = match event {
                    LoanEvent::PaymentReceived(payment) => Some(PaymentDoc::of(*payment)),
                    _other => None,
                };
                Self::Loan { loan: Box::new(LoanSnapshotDoc::of(loan)), payment }
            }
            DomainEvent::BiometricsOpened(id, customer) => {
                Self::Session { id: id.to_string(), customer: customer.to_string() }
            }
        }
    }

    fn read(self, kind: &str, partner: PartnerId) -> Result<DomainEvent, StoreError> {
        let kind = document::parsed(kind)?;
        Ok(match self {
            Self::Customer(document) => {
                DomainEvent::Customer(customer_event(kind)?, Box::new(document.read(partner)?))
            }
            Self::Offer { offer, external_id } => {
                DomainEvent::Offer(offer_event(kind)?, Box::new(offer.read(partner, external_id)?))
            }
            Self::Loan { loan, payment } => {
                let event = loan_event(kind, payment.as_ref().map(PaymentDoc::read))?;
                DomainEvent::Loan(event, Box::new(loan.read(partner)?))
            }
            Self::Session { id, customer } => DomainEvent::BiometricsOpened(
                id.parse().map_err(corrupt)?,
                customer.parse().map_err(corrupt)?,
            ),
        })
    }
}

/// A kind under which no event of such a resource is stored.
fn misplaced(kind: EventKind) -> StoreError {
    corrupt(format!("an event of another resource than its kind: {}", kind.name()))
}

fn customer_event(kind: EventKind) -> Result<CustomerEvent, StoreError> {
    match kind {
        EventKind::CustomerCreated => Ok(CustomerEvent::Created),
        EventKind::CustomerUnderReview => Ok(CustomerEvent::UnderReview),
        EventKind::CustomerActive => Ok(CustomerEvent::Active),
        EventKind::CustomerDenied => Ok(CustomerEvent::Denied),
        EventKind::CustomerKycUpdated => Ok(CustomerEvent::KycUpdated),
        other => Err(misplaced(other)),
    }
}

fn offer_event(kind: EventKind) -> Result<OfferEvent, StoreError> {
    match kind {
        EventKind::OfferAvailable => Ok(OfferEvent::Available),
        EventKind::OfferExpired => Ok(OfferEvent::Expired),
        other => Err(misplaced(other)),
    }
}

fn loan_event(kind: EventKind, payment: Option<PaymentReceived>) -> Result<LoanEvent, StoreError> {
    match (kind, payment) {
        (EventKind::LoanCreated, _) => Ok(LoanEvent::Created),
        (EventKind::LoanContractGenerated, _) => Ok(LoanEvent::ContractGenerated),
        (EventKind::LoanAwaitingSignatures, _) => Ok(LoanEvent::AwaitingSignatures),
        (EventKind::LoanSignatureReceived, _) => Ok(LoanEvent::SignatureReceived),
        (EventKind::LoanSigned, _) => Ok(LoanEvent::Signed),
        (EventKind::LoanDisbursing, _) => Ok(LoanEvent::Disbursing),
        (EventKind::LoanActive, _) => Ok(LoanEvent::Active),
        (EventKind::LoanPaymentReceived, Some(payment)) => Ok(LoanEvent::PaymentReceived(payment)),
        (EventKind::LoanFinished, _) => Ok(LoanEvent::Finished),
        (EventKind::LoanCancelled, _) => Ok(LoanEvent::Cancelled),
        (EventKind::LoanError, _) => Ok(LoanEvent::Error),
        (other, _) => Err(misplaced(other)),
    }
}
