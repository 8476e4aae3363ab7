//! Deliveries of webhooks, as the partner who waits for them sees them. An extension of what the libraries know.

use domain::id::{DeliveryId, EventId};
use domain::time;
use domain::webhook::delivery::DeliveryState;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::scalar::{Timestamp, timestamp};
use crate::problem::Problem;
use crate::read::{self, Fields};

/// An event on its way to an endpoint.
#[derive(Debug, Serialize, ToSchema)]
pub struct Delivery {
    /// Its id.
    #[schema(example = "dlv_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub id: String,
    /// The event's id: the `webhook-id` of every attempt.
    pub event_id: String,
    /// The event's name.
    #[schema(example = "loan.active")]
    pub event_type: String,
    /// `pending`, `delivered` or `failed`.
    #[schema(example = "pending")]
    pub status: &'static str,
    /// When the next attempt is made; null where none is.
    #[schema(required)]
    pub next_attempt_at: Option<Timestamp>,
    /// The attempts, oldest first.
    pub attempts: Vec<DeliveryAttempt>,
    /// When it came to be.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// One attempt.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryAttempt {
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// `delivered`, `refused`, `timeout`, `unreachable` or `forbidden`.
    pub outcome: String,
    /// The answer's HTTP status; null where there was none.
    #[schema(required)]
    pub status_code: Option<i64>,
    /// The first 20 kB of the answer, as text.
    pub response: String,
}

/// What a delivery is rendered from.
#[derive(Debug)]
pub struct DeliveryFacts<'a> {
    /// Its id.
    pub id: DeliveryId,
    /// The event's id.
    pub event: EventId,
    /// The event's name.
    pub event_type: &'a str,
    /// Where it stands.
    pub state: DeliveryState,
    /// When it came to be.
    pub created_at: time::Timestamp,
    /// When it last changed.
    pub updated_at: time::Timestamp,
}

impl Delivery {
    /// Renders a delivery with its attempts.
    pub fn of(facts: &DeliveryFacts<'_>, attempts: Vec<DeliveryAttempt>) -> Self {
        Self {
            id: facts.id.to_string(),
            event_id: facts.event.to_string(),
            event_type: facts.event_type.to_owned(),
            status: facts.state.name(),
            next_attempt_at: match facts.state {
                DeliveryState::Pending { due, .. } => Some(Timestamp(due)),
                DeliveryState::Delivered { .. } | DeliveryState::Failed { .. } => None,
            },
            attempts,
            created_at: Timestamp(facts.created_at),
            updated_at: Timestamp(facts.updated_at),
        }
    }
}

/// The body of `POST …/recover`.
#[derive(Debug, Clone, Copy, ToSchema)]
pub struct Recover {
    /// From which moment on.
    #[schema(value_type = i64, example = 1_775_001_600)]
    pub since: time::Timestamp,
}

impl Recover {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let since = fields.required("since", timestamp);
        fields.finish()?;
        Ok(Self { since: since.ok_or_else(read::unread)? })
    }
}

/// The answer of `POST …/recover`.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Recovered {
    /// How many deliveries are made again.
    pub deliveries: u64,
}
