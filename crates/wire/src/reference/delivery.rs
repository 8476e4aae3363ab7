//! Deliveries of webhooks, as the partner who waits for them sees them. An extension of the published reference.

use domain::time;
use domain::webhook::delivery::{self, Attempt, DeliveryState};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::scalar::Timestamp;
use crate::problem::Problem;
use crate::read::{self, Fields};
use crate::text_scalar;

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
    /// `delivered`, `refused`, `timeout`, `unreachable`, `forbidden` or `unreadable`.
    pub outcome: String,
    /// The answer's HTTP status; null where there was none.
    #[schema(required)]
    pub status_code: Option<i64>,
    /// The first 20 kB of the answer, as text.
    pub response: String,
}

impl Delivery {
    /// Renders a delivery with its attempts.
    pub fn of(delivery: &delivery::Delivery, attempts: &[Attempt]) -> Self {
        let attempt = |attempt: &Attempt| DeliveryAttempt {
            started_at: Timestamp(attempt.started_at),
            duration_ms: attempt.duration_ms,
            outcome: attempt.outcome.clone(),
            status_code: attempt.status,
            response: attempt.answer.clone(),
        };
        Self {
            id: delivery.id.to_string(),
            event_id: delivery.event.to_string(),
            event_type: delivery.event_type.clone(),
            status: delivery.state.name(),
            next_attempt_at: match delivery.state {
                DeliveryState::Pending { due, .. } => Some(Timestamp(due)),
                DeliveryState::Delivered { .. } | DeliveryState::Failed { .. } => None,
            },
            attempts: attempts.iter().map(attempt).collect(),
            created_at: Timestamp(delivery.created_at),
            updated_at: Timestamp(delivery.updated_at),
        }
    }
}

/// The body of `POST …/recover`.
#[derive(Debug, Clone, Copy, ToSchema)]
pub struct Recover {
    /// From which moment on.
    #[schema(value_type = String, format = DateTime, example = "2026-04-01T00:00:00Z")]
    pub since: time::Timestamp,
}

impl Recover {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let since = fields.required("since", text_scalar::timestamp);
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
