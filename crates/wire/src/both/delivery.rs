//! Deliveries of webhooks in the partner's view. An extension of the published API.

use domain::id::{DeliveryId, EndpointId};
use domain::time;
use domain::webhook::delivery::{self, Attempt, DeliveryState};
use domain::webhook::pattern::Pattern;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::scalar::{Timestamp, timestamp};
use crate::endpoint::pattern;
use crate::problem::Problem;
use crate::read::{Fields, id, one};

/// The delivery of one event to one endpoint, with every attempt.
#[derive(Debug, Serialize, ToSchema)]
pub struct Delivery {
    /// Identifies the delivery.
    #[schema(example = "dlv_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub id: String,
    /// The id of the event. Each attempt sends it as `webhook-id`.
    pub event_id: String,
    /// The name of the event. Empty if the delivery is older than this field.
    #[schema(example = "loan.active")]
    pub event_type: String,
    /// `pending`: more attempts will be made. `delivered`: the endpoint accepted it. `failed`: it was given up, or the
    /// endpoint is gone.
    #[schema(example = "pending")]
    pub status: &'static str,
    /// Time of the next attempt. Null if there will be none.
    #[schema(required)]
    pub next_attempt_at: Option<Timestamp>,
    /// Every attempt, oldest first.
    pub attempts: Vec<DeliveryAttempt>,
    /// Time of the creation.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
}

/// One HTTP request that tried to deliver an event.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryAttempt {
    /// Start of the request.
    pub started_at: Timestamp,
    /// Duration of the request, in milliseconds.
    pub duration_ms: i64,
    /// `delivered`: the answer was 2xx. `refused`: the answer had another status. `timeout`: no answer within five
    /// seconds. `unreachable`: no connection. `forbidden`: the address may not be called. `unreadable`: the server
    /// could not read the delivery.
    pub outcome: String,
    /// The HTTP status of the answer. Null if there was none.
    #[schema(required)]
    pub status_code: Option<i64>,
    /// Why there was no answer, such as `certificate_expired` or `name_not_resolved`. Null if there was one.
    #[schema(required, example = "certificate_expired")]
    pub cause: Option<&'static str>,
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
            cause: attempt.cause().map(|cause| cause.name()),
            response: attempt.response().to_owned(),
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

/// The start of a recovery.
#[derive(Debug, Clone, Copy, ToSchema)]
pub struct Recover {
    /// Deliveries of this time and later are sent again, unless the endpoint has accepted them.
    #[schema(value_type = Timestamp)]
    pub since: time::RealTime,
}

impl Recover {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        Ok(Self { since: one(body, "since", timestamp)?.unmoved() })
    }
}

/// The size of a recovery.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Recovered {
    /// Number of deliveries that are due now.
    pub deliveries: u64,
}

/// The range of deliveries to replay.
#[derive(Debug, Clone, ToSchema)]
pub struct Replay {
    /// The endpoint that receives the new deliveries. It may have another format.
    #[schema(value_type = String, example = "we_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub target_endpoint_id: EndpointId,
    /// Deliveries of this time and later are replayed.
    #[schema(value_type = Timestamp)]
    pub since: time::RealTime,
    /// The end of the range, at most 31 days after `since`. Deliveries of this time and later are not replayed.
    #[schema(value_type = Timestamp)]
    pub until: time::RealTime,
    /// Only these events: names (`loan.active`) or patterns (`loan.*`). Empty or absent: all.
    #[schema(value_type = Option<Vec<String>>, example = json!(["loan.*"]))]
    pub events: Vec<Pattern>,
    /// Continues after this delivery, the `last_delivery_id` of the answer before.
    #[schema(value_type = Option<String>, example = "dlv_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub starting_after: Option<DeliveryId>,
}

impl Replay {
    /// Reads the body. `names` are the events of the generation of the endpoint whose deliveries are replayed.
    pub fn read(body: &Value, names: &[&str]) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let target = fields.required("target_endpoint_id", id);
        let since = fields.required("since", timestamp);
        let until = fields.required("until", timestamp);
        let events = fields.list_or_empty("events", 50, |value| pattern(value, names));
        let starting_after = fields.optional("starting_after", id);
        let (target_endpoint_id, since, until) = fields.all((target, since, until))?;
        let (since, until) = (since.unmoved(), until.unmoved());
        Ok(Self { target_endpoint_id, since, until, events, starting_after })
    }
}

/// The result of a replay.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Replayed {
    /// Number of new deliveries to the target.
    pub deliveries: usize,
    /// Whether the range has more deliveries. Repeat the request with `starting_after`, the `last_delivery_id`.
    pub has_more: bool,
    /// The last delivery of the range that was read. Null if the range has none.
    #[schema(required, example = "dlv_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub last_delivery_id: Option<String>,
}
