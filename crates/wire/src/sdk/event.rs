//! Events in the form that the client libraries parse. The libraries throw on an unknown type, so only these fifteen
//! exist here.

use std::sync::LazyLock;

use domain::customer::CustomerEvent;
use domain::event::{Event, EventKind};
use domain::id::DeliveryId;
use domain::loan::LoanEventKind;
use domain::offer::OfferEvent;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::event_data::{
    CustomerNews, Denied, EventData, KycNews, LoanActive, LoanCreated, LoanNews, LoanPayment, LoanProcessing,
    OfferData, Registered, SignatureReceived, data,
};
use super::scalar::Timestamp;
use crate::SERIALIZES;
use crate::SigningPage;
use crate::event_schema::{self, Sent};

/// The version that every body names.
const API_VERSION: &str = "2026-03-01";

/// The event that the generation sends for a kind; `None` if it sends none.
pub fn sent(kind: EventKind) -> Option<Sent> {
    Some(match kind {
        EventKind::Customer(CustomerEvent::Created) => {
            Sent::of::<Registered<'_>>("customer.created", "a customer was registered.")
        }
        EventKind::Customer(CustomerEvent::UnderReview) => {
            Sent::of::<CustomerNews<'_>>("customer.under_review", "the review of a customer has begun.")
        }
        EventKind::Customer(CustomerEvent::Active) => {
            Sent::of::<CustomerNews<'_>>("customer.active", "a customer was approved.")
        }
        EventKind::Customer(CustomerEvent::Denied) => {
            Sent::of::<Denied<'_>>("customer.denied", "a customer was refused for good.")
        }
        EventKind::Customer(CustomerEvent::KycUpdated) => {
            Sent::of::<KycNews<'_>>("customer.kyc_updated", "an item of a customer's KYC has changed.")
        }
        EventKind::Offer(OfferEvent::Available) => {
            Sent::of::<OfferData<'_>>("credit_offer.available", "a customer has a new offer.")
        }
        EventKind::Offer(OfferEvent::Expired) => {
            Sent::of::<OfferData<'_>>("credit_offer.expired", "an offer can no longer be used.")
        }
        // This generation has no status for the states before the signatures. So it sends `loan.created` when the loan
        // can be signed.
        EventKind::Loan(LoanEventKind::AwaitingSignatures) => {
            Sent::of::<LoanCreated>("loan.created", "a loan was created.")
        }
        EventKind::Loan(LoanEventKind::SignatureReceived) => Sent::of::<SignatureReceived>(
            "loan.signature_received",
            "one of the signers of a loan has signed.",
        ),
        // Signed and disbursing are one status here. The event is sent when the disbursement is ordered and its method
        // is known.
        EventKind::Loan(LoanEventKind::Disbursing) => {
            Sent::of::<LoanProcessing>("loan.processing", "the money of a loan is on its way.")
        }
        EventKind::Loan(LoanEventKind::Active) => {
            Sent::of::<LoanActive>("loan.active", "the customer has the money of a loan.")
        }
        EventKind::Loan(LoanEventKind::PaymentReceived) => {
            Sent::of::<LoanPayment>("loan.payment_received", "a payment of a loan has come in.")
        }
        EventKind::Loan(LoanEventKind::Finished) => {
            Sent::of::<LoanNews<'_>>("loan.finished", "a loan was paid back in full.")
        }
        EventKind::Loan(LoanEventKind::Cancelled) => {
            Sent::of::<LoanNews<'_>>("loan.cancelled", "a loan was given up before the money left.")
        }
        EventKind::Loan(LoanEventKind::Error) => {
            Sent::of::<LoanNews<'_>>("loan.error", "the money of a loan did not reach the customer.")
        }
        EventKind::Loan(LoanEventKind::Created)
        | EventKind::Loan(LoanEventKind::ContractGenerated)
        | EventKind::Loan(LoanEventKind::Signed)
        | EventKind::BiometricsOpened => return None,
    })
}

/// The event's name; `None` if this generation does not send it.
pub fn name(kind: EventKind) -> Option<&'static str> {
    sent(kind).map(|sent| sent.name)
}

/// The name of every event of the generation.
pub fn names() -> &'static [&'static str] {
    static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| event_schema::names(sent));
    &NAMES
}

/// The body of one delivery of an event; `None` if this generation does not send it.
pub fn render(event: &Event, delivery: DeliveryId, signing_page: &SigningPage) -> Option<Vec<u8>> {
    let r#type = name(event.domain_event.kind())?;
    let data = data(&event.domain_event, signing_page)?;
    let at = Timestamp(event.occurred_at);
    let body = EventBody {
        id: event.id.to_string(),
        r#type,
        api_version: API_VERSION,
        created_at: at,
        timestamp: at,
        delivery_id: delivery.to_string(),
        data,
    };
    Some(serde_json::to_vec(&body).expect(SERIALIZES))
}

/// An event in `GET /api/v3/events`: the content of its deliveries, without the delivery's id.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct ListedEvent {
    /// Identifies the event. It is the `webhook-id` of its deliveries.
    #[schema(example = "evt_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The name of the event.
    #[schema(example = "loan.active")]
    r#type: &'static str,
    /// The version of the API in which the body is written.
    #[schema(example = "2026-03-01")]
    api_version: &'static str,
    /// Time of the event.
    created_at: Timestamp,
    /// Time of the event.
    timestamp: Timestamp,
    /// The resource as it was at the time of the event.
    #[schema(value_type = Object)]
    data: Box<RawValue>,
}

impl ListedEvent {
    /// Renders an event; `None` if this generation does not send it.
    pub fn of(event: &Event, signing_page: &SigningPage) -> Option<Self> {
        let at = Timestamp(event.occurred_at);
        Some(Self {
            id: event.id.to_string(),
            r#type: name(event.domain_event.kind())?,
            api_version: API_VERSION,
            created_at: at,
            timestamp: at,
            data: serde_json::value::to_raw_value(&data(&event.domain_event, signing_page)?)
                .expect(SERIALIZES),
        })
    }
}

#[derive(Serialize)]
struct EventBody<'a> {
    id: String,
    r#type: &'static str,
    api_version: &'static str,
    created_at: Timestamp,
    timestamp: Timestamp,
    delivery_id: String,
    data: EventData<'a>,
}
