//! The history of a loan.

use domain::webhook::delivery::DeliveryStateKind;
use serde::Serialize;
use utoipa::ToSchema;

use super::word::word;
use crate::text_scalar::{Money, Timestamp};

/// The kind of a moment in a loan's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MomentKind {
    /// The customer asked for the loan, and the contract was issued.
    Requested,
    /// A person signed.
    Signed,
    /// The customer received the money.
    Disbursed,
    /// A payment was recorded.
    PaymentRecorded,
    /// A payment was reversed.
    PaymentReversed,
    /// The loan was written off.
    WrittenOff,
    /// The loan was paid back in full.
    Finished,
    /// The loan was cancelled.
    Cancelled,
    /// The loan failed.
    Failed,
    /// An e-mail was written to a signer.
    MailWritten,
    /// An operator wrote a note.
    NoteWritten,
    /// An event was recorded for the partner.
    EventRecorded,
}

/// A moment in a loan's history.
#[derive(Debug, Serialize, ToSchema)]
pub struct Moment {
    /// Kind of the moment.
    pub kind: MomentKind,
    /// Time of the moment.
    pub at: Timestamp,
    /// The amount that moved; null if none did.
    #[schema(required, example = "987.65")]
    pub amount: Option<Money>,
    /// The person who signed or wrote; null if nobody is known.
    #[schema(required, example = "Ana Souza")]
    pub name: Option<String>,
    /// The subject of the e-mail, or the reason of the failure; null for other kinds, and for an e-mail with a code.
    #[schema(required, example = "Assine a CCB-2026-001234")]
    pub text: Option<String>,
    /// The event and its deliveries; null for other kinds.
    #[schema(required)]
    pub event: Option<RecordedEvent>,
}

/// An event that was recorded for the partner.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordedEvent {
    /// Identifier of the event. Each delivery sends it as `webhook-id`.
    #[schema(pattern = "^evt_[0-9a-f]{32}$", example = "evt_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub id: String,
    /// Kind of the event. Each generation of the partners' API has its own name for it.
    #[schema(example = "loan_active")]
    pub kind: &'static str,
    /// Identifier of the request that caused the event, also if a worker recorded it later; null if no request did.
    #[schema(required, max_length = 128, example = "req_0199f3b4c5d67e8f90a1b2c3")]
    pub request_id: Option<String>,
    /// Its deliveries, one for each endpoint that subscribed to it and still exists, oldest endpoint first.
    pub deliveries: Vec<EventDelivery>,
}

word!(
    /// Status of a delivery. A pending one has more attempts; a failed one was given up.
    pub EventDeliveryStatus of DeliveryStateKind
);

/// A delivery of an event.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventDelivery {
    /// Identifier of the delivery.
    #[schema(pattern = "^dlv_[0-9a-f]{32}$", example = "dlv_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub id: String,
    /// Identifier of the endpoint.
    #[schema(pattern = "^we_[0-9a-f]{32}$", example = "we_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub endpoint_id: String,
    /// The endpoint's URL without the query, in which partners put secrets.
    #[schema(example = "https://loja.example/webhooks/dinie")]
    pub url: String,
    /// Name of the event in the endpoint's generation.
    #[schema(example = "loan.active")]
    pub event_type: String,
    /// Status of the delivery.
    pub status: EventDeliveryStatus,
    /// Number of attempts.
    #[schema(minimum = 0, example = 1)]
    pub attempts: u16,
    /// The word for the result of the last attempt, such as `delivered`, `refused` or `timeout`; null if there is none.
    #[schema(required, example = "delivered")]
    pub last_outcome: Option<String>,
    /// The HTTP status of the last answer; null if there is none.
    #[schema(required, example = 200)]
    pub last_status_code: Option<i64>,
}

/// The history of a loan.
#[derive(Debug, Serialize, ToSchema)]
pub struct Timeline {
    /// The moments, newest first.
    pub data: Vec<Moment>,
}
