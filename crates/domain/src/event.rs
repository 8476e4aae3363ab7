//! Domain events: what happened, with the resource as it was at that moment.
//!
//! An event carries a snapshot rather than an id, so its rendering never depends on later changes. It is committed in
//! the same database transaction as the change that caused it.

use std::convert::Infallible;
use std::str::FromStr;

use crate::cause::Cause;
use crate::closed::{Changed, Source};
use crate::customer::{CustomerEvent, CustomerFile};
use crate::id::{BiometricsSessionId, CustomerId, EventId, PartnerId, ResourceId as _};
use crate::loan::{LoanEvent, LoanEventKind, LoanSnapshot};
use crate::offer::{Offer, OfferEvent};
use crate::spelling::UnknownWord;
use crate::time::Timestamp;

/// A domain event with its id, its partner and its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The event's id: the `webhook-id` of each of its deliveries.
    pub id: EventId,
    /// The partner whose resource changed.
    pub partner: PartnerId,
    /// Time of the event.
    pub occurred_at: Timestamp,
    /// The domain event.
    pub domain_event: DomainEvent,
    /// What caused it.
    pub cause: Cause,
}

/// A domain event: what happened, with the resource as it was then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DomainEvent {
    /// A customer changed.
    Customer(CustomerEvent, Box<CustomerFile>),
    /// An offer changed.
    Offer(OfferEvent, Box<Offer>),
    /// A loan changed.
    Loan(LoanEvent, Box<LoanSnapshot>),
    /// A hosted session was opened. Partners do not receive it; the sandbox's autopilot does.
    BiometricsOpened(BiometricsSessionId, CustomerId),
}

impl From<(CustomerEvent, Box<CustomerFile>)> for DomainEvent {
    fn from((event, file): (CustomerEvent, Box<CustomerFile>)) -> Self {
        Self::Customer(event, file)
    }
}

impl From<(OfferEvent, Box<Offer>)> for DomainEvent {
    fn from((event, offer): (OfferEvent, Box<Offer>)) -> Self {
        Self::Offer(event, offer)
    }
}

impl From<(LoanEvent, Box<LoanSnapshot>)> for DomainEvent {
    fn from((event, loan): (LoanEvent, Box<LoanSnapshot>)) -> Self {
        Self::Loan(event, loan)
    }
}

impl From<(BiometricsSessionId, CustomerId)> for DomainEvent {
    fn from((session, customer): (BiometricsSessionId, CustomerId)) -> Self {
        Self::BiometricsOpened(session, customer)
    }
}

/// For an aggregate without events.
impl From<Infallible> for DomainEvent {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl<T: Source> Changed<T>
where
    DomainEvent: From<T::Event>,
{
    /// The aggregate and its domain events, to be written.
    pub fn into_parts(self) -> (T, Vec<DomainEvent>) {
        let Self { value, events } = self;
        (value, events.into_iter().map(DomainEvent::from).collect())
    }
}

/// The kind of a domain event, without the resource. A new event of a customer, an offer or a loan is a variant of
/// that aggregate's events and needs no edit here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// An event of a customer.
    Customer(CustomerEvent),
    /// An event of an offer.
    Offer(OfferEvent),
    /// An event of a loan.
    Loan(LoanEventKind),
    /// A hosted session was opened.
    BiometricsOpened,
}

/// The word for [`EventKind::BiometricsOpened`].
const BIOMETRICS_OPENED: &str = "biometrics_opened";

impl EventKind {
    /// Every kind, in the order customers, offers, loans, sessions.
    pub fn all() -> impl Iterator<Item = Self> {
        let customers = CustomerEvent::ALL.into_iter().map(Self::Customer);
        let offers = OfferEvent::ALL.into_iter().map(Self::Offer);
        let loans = LoanEventKind::ALL.into_iter().map(Self::Loan);
        customers.chain(offers).chain(loans).chain([Self::BiometricsOpened])
    }

    /// The word for the kind in the store. It is the domain's word, not that of a generation of the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer(event) => event.name(),
            Self::Offer(event) => event.name(),
            Self::Loan(event) => event.name(),
            Self::BiometricsOpened => BIOMETRICS_OPENED,
        }
    }
}

impl FromStr for EventKind {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let unknown = || UnknownWord { set: "EventKind", word: word.to_owned() };
        Self::all().find(|kind| kind.name() == word).ok_or_else(unknown)
    }
}

impl DomainEvent {
    /// The bytes of the id of the resource that changed: a customer, an offer or a loan. A session concerns its customer.
    pub fn subject(&self) -> [u8; 16] {
        match self {
            Self::Customer(_, file) => file.customer.id.bytes(),
            Self::Offer(_, offer) => offer.id.bytes(),
            Self::Loan(_, loan) => loan.id.bytes(),
            Self::BiometricsOpened(_, customer) => customer.bytes(),
        }
    }

    /// The kind of the event.
    pub fn kind(&self) -> EventKind {
        match self {
            Self::Customer(event, _) => EventKind::Customer(*event),
            Self::Offer(event, _) => EventKind::Offer(*event),
            Self::Loan(event, _) => EventKind::Loan(event.kind()),
            Self::BiometricsOpened(..) => EventKind::BiometricsOpened,
        }
    }

    /// The id of the resource that changed, as partners know it.
    pub fn resource_id(&self) -> String {
        match self {
            Self::Customer(_, file) => file.customer.id.to_string(),
            Self::Offer(_, offer) => offer.id.to_string(),
            Self::Loan(_, snapshot) => snapshot.id.to_string(),
            Self::BiometricsOpened(session, _) => session.to_string(),
        }
    }
}
