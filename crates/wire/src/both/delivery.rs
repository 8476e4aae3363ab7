//! Deliveries of webhooks, as the partner who waits for them sees them. An extension of what is published.

use domain::time;
use domain::webhook::delivery::{self, Attempt, DeliveryState};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::scalar::{Timestamp, timestamp};
use crate::problem::Problem;
use crate::read::{self, Fields};

/// One event on its way to one endpoint, with every attempt to deliver it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Delivery {
    /// Identifies the delivery.
    #[schema(example = "dlv_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub id: String,
    /// The id of the event, which is the `webhook-id` of every attempt.
    pub event_id: String,
    /// The name of the event. Empty for deliveries that were made before names were kept.
    #[schema(example = "loan.active")]
    pub event_type: String,
    /// `pending`: more attempts will be made. `delivered`: the endpoint took it. `failed`: given up, or the endpoint
    /// is gone.
    #[schema(example = "pending")]
    pub status: &'static str,
    /// When the next attempt is made. Null where none will be.
    #[schema(required)]
    pub next_attempt_at: Option<Timestamp>,
    /// Every attempt, oldest first.
    pub attempts: Vec<DeliveryAttempt>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// One HTTP request that tried to deliver an event.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryAttempt {
    /// When the request began.
    pub started_at: Timestamp,
    /// How long the request took, in milliseconds.
    pub duration_ms: i64,
    /// `delivered`: a 2xx came. `refused`: another status came. `timeout`: no answer within five seconds.
    /// `unreachable`: no connection. `forbidden`: the address may not be called. `unreadable`: the server could not
    /// read the delivery.
    pub outcome: String,
    /// The HTTP status of the answer. Null where none came.
    #[schema(required)]
    pub status_code: Option<i64>,
    /// The first 20 kB of the answer's body, as text.
    pub response: String,
}

impl Delivery {
    /// Renders a delivery with its attempts.
    pub fn of(delivery: &delivery::Delivery, attempts: &[Attempt]) -> Self {
        let attempt = |attempt: &Attempt| DeliveryAttempt {
            started_at: Timestamp::real(attempt.started_at),
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
                DeliveryState::Pending { due, .. } => Some(Timestamp::real(due)),
                DeliveryState::Delivered { .. } | DeliveryState::Failed { .. } => None,
            },
            attempts: attempts.iter().map(attempt).collect(),
            created_at: Timestamp::real(delivery.created_at),
            updated_at: Timestamp::real(delivery.updated_at),
        }
    }
}

/// The moment from which on to recover.
#[derive(Debug, Clone, Copy, ToSchema)]
pub struct Recover {
    /// Deliveries of this moment and later are sent again, unless the endpoint has taken them.
    #[schema(value_type = Timestamp)]
    pub since: time::RealTime,
}

impl Recover {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let since = fields.required("since", timestamp);
        fields.finish()?;
        Ok(Self { since: since.ok_or_else(read::unread)?.unmoved() })
    }
}

/// How much a recovery sends again.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Recovered {
    /// How many deliveries are due now.
    pub deliveries: u64,
}
