//! Events: each commits with the change that caused it and waits here for the fan-out.

use std::time::Duration;

use domain::customer::CustomerEvent;
use domain::event::{Event, EventKind, Happening};
use domain::id::{EventId, PartnerId, ResourceId as _};
use domain::loan::{LoanEvent, PaymentReceived};
use domain::offer::OfferEvent;
use domain::page::Page;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::db::{Arg, Row, ToArg, in_chunks, tuples};
use crate::document::{self, CustomerDoc, LoanDoc, OfferDoc, PaymentDoc, context, corrupt};
use crate::listing::{Cursor, Gone, Listing, UnknownCursor};
use crate::{StoreError, Tx, Wake, args};

/// Appends what happened, in order, to be told after the commit.
pub fn append(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    now: Timestamp,
    happenings: Vec<Happening>,
) -> Result<(), StoreError> {
    if happenings.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::with_capacity(happenings.len());
    for happening in happenings {
        let id = sequenced_id(tx, now);
        let document = document::to_json(&Snapshot::of(&happening));
        let sealed = tx.seal(partner, &context("events", id), document.as_bytes())?;
        rows.push((id, happening.kind().name(), sealed));
    }
    let values: Vec<Vec<Arg<'_>>> = rows
        .iter()
        .map(|(id, kind, sealed)| args![partner, *id, *kind, *sealed, now, true].to_vec())
        .collect();
    let head = "insert into events (partner_id, id, kind, sealed, occurred_at, waiting)";
    tx.insert_rows(head, &values)?;
    tx.wake(Wake::Events);
    Ok(())
}

/// An id whose order within its microsecond is the order of the events of one transaction.
fn sequenced_id(tx: &mut Tx<'_>, now: Timestamp) -> EventId {
    let mut random: [u8; 10] = tx.random_bytes();
    // The first 12 bits after the time: microseconds of the moment, so that changes within a millisecond
    // keep their order, then the place within the change.
    let micros = u16::try_from(now.micros().rem_euclid(1_000)).expect("a remainder of 1,000 fits");
    let [high, low] = (micros << 2).to_be_bytes();
    random[0] = high & 0x0f;
    random[1] = low;
    // The fourteen bits after the variant's two.
    [random[2], random[3]] = tx.next_event_place().to_be_bytes();
    EventId::new(now, random)
}

const COLUMNS: &str = "partner_id, id, kind, sealed, occurred_at";

/// An event that waits for the fan-out.
#[derive(Debug)]
pub struct Waiting {
    /// Whose it is.
    pub partner: PartnerId,
    /// Its id.
    pub id: EventId,
    /// Its name in the store.
    pub kind: String,
    /// The event; `Corrupt` where its row does not read as one.
    pub event: Result<Event, StoreError>,
}

/// Events that wait for the fan-out, oldest first, of all partners.
pub fn waiting(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Waiting>, StoreError> {
    let lock = tx.dialect().skip_locked;
    let sql = format!("select {COLUMNS} from events where waiting order by id limit $1 {lock}");
    let rows = tx.query(&sql, args![limit], StoredEvent::read)?;
    let open = |row: StoredEvent| {
        let (partner, id, kind) = (row.partner, row.id, row.kind.clone());
        match row.open(tx) {
            Err(error @ (StoreError::Conflict | StoreError::Unavailable(_))) => Err(error),
            event => Ok(Waiting { partner, id, kind, event }),
        }
    };
    rows.into_iter().map(open).collect()
}

/// Notes that a partner's events have been fanned out; `Conflict` where another node did one of them.
pub fn fanned_out(tx: &mut Tx<'_>, partner: PartnerId, events: &[EventId]) -> Result<(), StoreError> {
    for chunk in in_chunks(events) {
        let sql = format!(
            "update events set waiting = $1 where partner_id = $2 and waiting and id in {}",
            tuples(1, chunk.len(), 3)
        );
        let mut args = args![false, partner].to_vec();
        args.extend(chunk.iter().map(ToArg::to_arg));
        if usize::try_from(tx.execute(&sql, &args)?) != Ok(chunk.len()) {
            return Err(StoreError::Conflict);
        }
    }
    Ok(())
}

/// How many rows one statement of the purge drops at the most: others write meanwhile.
pub(crate) const PURGED_AT_ONCE: i64 = 2_000;

/// Drops some of a partner's events from before `cutoff`; returns how many went. What still waits stays.
pub fn purge(tx: &mut Tx<'_>, partner: PartnerId, cutoff: Timestamp) -> Result<u64, StoreError> {
    let sql = "delete from events where partner_id = $1 and id in (\
               select id from events where partner_id = $1 and id < $2 and not waiting order by id limit $3)";
    tx.execute(sql, args![partner, EventId::new(cutoff, [0; 10]), PURGED_AT_ONCE])
}

/// How many events wait.
pub fn count_waiting(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.query_one("select count(*) from events where waiting", &[], |row| row.get(0))
}

const MILLISECOND: Duration = Duration::from_millis(1);

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

/// A page of a partner's events by the moment at which they happened.
///
/// A row that does not open is marked and hides no other row. An event from before `kept_since` may have been dropped
/// meanwhile. Its id is still a valid cursor.
pub fn list(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    filter: &EventFilter,
    cursor: &Cursor<EventId>,
    kept_since: Timestamp,
) -> Result<Result<Page<Event>, UnknownCursor>, StoreError> {
    let (kind, untold) = (filter.kind.map(EventKind::name), filter.untold.iter().map(|kind| kind.name()));
    let untold: Vec<&str> = untold.collect();
    // Ids begin with the moment, so the key finds its way to a time; within a millisecond the moment itself tells.
    let first_of = |moment: Timestamp| EventId::new(moment, [0; 10]);
    let bounds = (filter.since.map(first_of), filter.until.map(|end| first_of(end.plus(MILLISECOND))));
    Listing::of("events", COLUMNS, &partner)
        .sorted_by("id")
        .whose_cursor_may_be(Gone::of(cursor, |id| id.moment() < kept_since))
        .having("kind", kind.as_ref())
        .except("kind", &untold)
        .from("id", bounds.0.as_ref())
        .before("id", bounds.1.as_ref())
        .from("occurred_at", filter.since.as_ref())
        .before("occurred_at", filter.until.as_ref())
        .page(tx, cursor, StoredEvent::read, StoredEvent::open)
}

/// A partner's event.
pub fn find(tx: &mut Tx<'_>, partner: PartnerId, id: EventId) -> Result<Option<Event>, StoreError> {
    let sql = format!("select {COLUMNS} from events where partner_id = $1 and id = $2");
    let row = tx.query_opt(&sql, args![partner, id], StoredEvent::read)?;
    row.map(|row| row.open(tx)).transpose()
}

/// A row as it is stored.
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

    fn open(self, tx: &mut Tx<'_>) -> Result<Event, StoreError> {
        let json = tx.unseal(self.partner, &context("events", self.id), &self.sealed)?;
        let snapshot: Snapshot = document::from_json(&json)?;
        let happening = snapshot.read(&self.kind, self.partner)?;
        Ok(Event { id: self.id, partner: self.partner, occurred_at: self.occurred_at, happening })
    }
}

/// The resource as it was.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Snapshot {
    Customer(CustomerDoc),
    Offer { offer: OfferDoc, external_id: Option<String> },
    Loan { loan: Box<LoanDoc>, payment: Option<PaymentDoc> },
    Session { id: String, customer: String },
}

impl Snapshot {
    fn of(happening: &Happening) -> Self {
        match happening {
            Happening::Customer(_, file) => Self::Customer(CustomerDoc::of(file)),
            Happening::Offer(_, offer) => {
                Self::Offer { offer: OfferDoc::of(offer), external_id: offer.external_id.clone() }
            }
            Happening::Loan(event, loan) => {
                let payment = match event {
                    LoanEvent::PaymentReceived(payment) => Some(PaymentDoc::of(*payment)),
                    _other => None,
                };
                Self::Loan { loan: Box::new(LoanDoc::of(loan)), payment }
            }
            Happening::BiometricsOpened(id, customer) => {
                Self::Session { id: id.to_string(), customer: customer.to_string() }
            }
        }
    }

    fn read(self, kind: &str, partner: PartnerId) -> Result<Happening, StoreError> {
        let kind = EventKind::parse(kind).ok_or_else(|| corrupt(format!("unknown event kind: {kind}")))?;
        Ok(match self {
            Self::Customer(document) => {
                Happening::Customer(customer_event(kind)?, Box::new(document.read(partner)?))
            }
            Self::Offer { offer, external_id } => {
                Happening::Offer(offer_event(kind)?, Box::new(offer.read(partner, external_id)?))
            }
            Self::Loan { loan, payment } => {
                let event = loan_event(kind, payment.as_ref().map(PaymentDoc::read))?;
                Happening::Loan(event, Box::new(loan.read(partner)?))
            }
            Self::Session { id, customer } => {
                Happening::BiometricsOpened(id.parse().map_err(corrupt)?, customer.parse().map_err(corrupt)?)
            }
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
