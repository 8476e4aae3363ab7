//! Events: each commits with the change that caused it and waits here for the fan-out.

use domain::customer::CustomerEvent;
use domain::event::{Event, Happening};
use domain::id::{EventId, PartnerId};
use domain::loan::{LoanEvent, PaymentReceived};
use domain::offer::OfferEvent;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::db::{Arg, Row, ToArg, in_chunks, tuples};
use crate::document::{self, CustomerDoc, LoanDoc, OfferDoc, PaymentDoc, context, corrupt};
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
        rows.push((id, kind(&happening).to_owned(), sealed));
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
    use domain::id::ResourceId as _;
    let mut random: [u8; 10] = tx.random_bytes();
    // The first 12 bits after the time: microseconds of the moment, so that changes within a millisecond
    // keep their order, then the place within the change.
    let micros = u16::try_from(now.micros().rem_euclid(1_000)).unwrap_or(0);
    let [high, low] = (micros << 2).to_be_bytes();
    random[0] = high & 0x0f;
    random[1] = low;
    // The six bits after the variant's two.
    random[2] = tx.next_event_place().min(63);
    EventId::new(now, random)
}

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
    let sql = format!(
        "select partner_id, id, kind, sealed, occurred_at from events where waiting order by id limit $1 {lock}"
    );
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
        if tx.execute(&sql, &args)? != u64::try_from(chunk.len()).unwrap_or(u64::MAX) {
            return Err(StoreError::Conflict);
        }
    }
    Ok(())
}

/// How many rows one statement of the purge drops at the most: others write meanwhile.
const PURGED_AT_ONCE: i64 = 2_000;

/// Drops some of a partner's events from before `cutoff`; returns how many went. What still waits stays.
pub fn purge(tx: &mut Tx<'_>, partner: PartnerId, cutoff: Timestamp) -> Result<u64, StoreError> {
    use domain::id::ResourceId as _;
    let sql = "delete from events where partner_id = $1 and id in (\
               select id from events where partner_id = $1 and id < $2 and not waiting order by id limit $3)";
    tx.execute(sql, args![partner, EventId::new(cutoff, [0; 10]), PURGED_AT_ONCE])
}

/// How many events wait.
pub fn count_waiting(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.query_one("select count(*) from events where waiting", &[], |row| row.get(0))
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

/// The event's name in the store. It is the domain's, not a wire generation's.
fn kind(happening: &Happening) -> &'static str {
    match happening {
        Happening::Customer(event, _) => match event {
            CustomerEvent::Created => "customer_created",
            CustomerEvent::UnderReview => "customer_under_review",
            CustomerEvent::Active => "customer_active",
            CustomerEvent::Denied => "customer_denied",
            CustomerEvent::KycUpdated => "customer_kyc_updated",
        },
        Happening::Offer(event, _) => match event {
            OfferEvent::Available => "offer_available",
            OfferEvent::Expired => "offer_expired",
        },
        Happening::Loan(event, _) => match event {
            LoanEvent::Created => "loan_created",
            LoanEvent::ContractGenerated => "loan_contract_generated",
            LoanEvent::AwaitingSignatures => "loan_awaiting_signatures",
            LoanEvent::SignatureReceived => "loan_signature_received",
            LoanEvent::Signed => "loan_signed",
            LoanEvent::Disbursing => "loan_disbursing",
            LoanEvent::Active => "loan_active",
            LoanEvent::PaymentReceived(_) => "loan_payment_received",
            LoanEvent::Finished => "loan_finished",
            LoanEvent::Cancelled => "loan_cancelled",
            LoanEvent::Error => "loan_error",
        },
        Happening::BiometricsOpened(..) => "biometrics_opened",
    }
}

fn unknown(kind: &str) -> StoreError {
    corrupt(format!("unknown event kind: {kind}"))
}

fn customer_event(kind: &str) -> Result<CustomerEvent, StoreError> {
    match kind {
        "customer_created" => Ok(CustomerEvent::Created),
        "customer_under_review" => Ok(CustomerEvent::UnderReview),
        "customer_active" => Ok(CustomerEvent::Active),
        "customer_denied" => Ok(CustomerEvent::Denied),
        "customer_kyc_updated" => Ok(CustomerEvent::KycUpdated),
        other => Err(unknown(other)),
    }
}

fn offer_event(kind: &str) -> Result<OfferEvent, StoreError> {
    match kind {
        "offer_available" => Ok(OfferEvent::Available),
        "offer_expired" => Ok(OfferEvent::Expired),
        other => Err(unknown(other)),
    }
}

fn loan_event(kind: &str, payment: Option<PaymentReceived>) -> Result<LoanEvent, StoreError> {
    match (kind, payment) {
        ("loan_created", _) => Ok(LoanEvent::Created),
        ("loan_contract_generated", _) => Ok(LoanEvent::ContractGenerated),
        ("loan_awaiting_signatures", _) => Ok(LoanEvent::AwaitingSignatures),
        ("loan_signature_received", _) => Ok(LoanEvent::SignatureReceived),
        ("loan_signed", _) => Ok(LoanEvent::Signed),
        ("loan_disbursing", _) => Ok(LoanEvent::Disbursing),
        ("loan_active", _) => Ok(LoanEvent::Active),
        ("loan_payment_received", Some(payment)) => Ok(LoanEvent::PaymentReceived(payment)),
        ("loan_finished", _) => Ok(LoanEvent::Finished),
        ("loan_cancelled", _) => Ok(LoanEvent::Cancelled),
        ("loan_error", _) => Ok(LoanEvent::Error),
        (other, _) => Err(unknown(other)),
    }
}
