//! Webhook endpoints.

use domain::change::Change;
use domain::time;
use domain::webhook::endpoint;
use domain::webhook::pattern::Pattern;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::event;
use super::note::{self, Note};
use super::scalar::Timestamp;
pub use crate::endpoint::{DisabledReason, EndpointStatus};
use crate::endpoint::{event_type, pattern, status, target};
use crate::problem::Problem;
use crate::read::{Fields, integer, one};

/// The endpoint to create.
#[derive(Debug, Clone, ToSchema)]
pub struct CreateEndpoint {
    /// The URL that receives deliveries: `https`, on port 443 or 1024 and above, with a public address. The sandbox
    /// also accepts `http` to the server's own machine.
    #[schema(example = "https://example.com/dinie")]
    pub url: String,
    /// Events to subscribe to: names (`loan.active`) or patterns (`loan.*`, `*`). Empty or absent: all.
    #[schema(value_type = Option<Vec<String>>, example = json!(["loan.*", "customer.active"]))]
    pub events: Vec<Pattern>,
    /// A note for people.
    #[schema(schema_with = note::given)]
    pub description: Option<String>,
}

impl CreateEndpoint {
    /// Reads the body. `allowed` gives the reason if a URL may not be called.
    pub fn read(body: &Value, allowed: impl Fn(&str) -> Result<(), String>) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let url = fields.required("url", |value| target(value, &allowed));
        let events = fields.list_or_empty("events", 50, |value| pattern(value, event::names()));
        let description = fields.optional("description", note::read).flatten();
        Ok(Self { url: fields.all(url)?, events, description })
    }
}

/// The fields to change. An absent field keeps its value.
#[derive(Debug, Clone, ToSchema)]
pub struct UpdateEndpoint {
    /// Another URL.
    #[schema(value_type = String, required = false)]
    pub url: Option<String>,
    /// Another list of names or patterns. Empty: all. Null changes nothing.
    #[schema(value_type = Option<Vec<String>>)]
    pub events: Option<Vec<Pattern>>,
    /// Another note for people.
    #[schema(schema_with = note::another, required = false)]
    pub description: Change<String>,
    /// `disabled`: events wait. `active`: the waiting events are delivered.
    #[schema(value_type = EndpointStatus, required = false)]
    pub status: Option<EndpointStatus>,
}

impl UpdateEndpoint {
    /// Reads the body. `names` are the events of the endpoint's generation. `allowed` gives the reason if a URL may not
    /// be called.
    pub fn read(
        body: &Value, names: &[&str], allowed: impl Fn(&str) -> Result<(), String>,
    ) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let update = Self {
            url: fields.change("url", |value| target(value, &allowed)),
            events: fields.list("events", 50, |value| pattern(value, names)),
            description: note::change(&mut fields),
            status: fields.change("status", status),
        };
        fields.finish()?;
        Ok(update)
    }
}

/// Validity of the present secret. The body may be absent.
#[derive(Debug, Clone, Copy, ToSchema)]
pub struct RotateSecret {
    /// Seconds during which both the present and the new secret sign deliveries. Absent: 3600.
    #[schema(minimum = 0, maximum = 86_400, value_type = Option<i64>)]
    pub expire_current_in: u64,
}

impl RotateSecret {
    const DEFAULT_S: u64 = 3_600;

    /// Reads the body. Without a body the default applies.
    pub fn read(body: Option<&Value>) -> Result<Self, Problem> {
        let Some(body) = body else { return Ok(Self { expire_current_in: Self::DEFAULT_S }) };
        let mut fields = Fields::of(body)?;
        let expire_current_in = fields.optional("expire_current_in", integer(0, 86_400));
        fields.finish()?;
        Ok(Self { expire_current_in: expire_current_in.unwrap_or(Self::DEFAULT_S) })
    }
}

/// The sample to send.
#[derive(Debug, Clone, ToSchema)]
pub struct SendTest {
    /// The name of an event of the endpoint's generation.
    #[schema(example = "loan.active")]
    pub r#type: String,
}

impl SendTest {
    /// Reads the body. `names` are the events of the endpoint's generation, empty if there is no such endpoint.
    pub fn read(body: &Value, names: &[&str]) -> Result<Self, Problem> {
        Ok(Self { r#type: one(body, "type", |value| event_type(value, names))? })
    }
}

/// A URL of the partner that receives events.
#[derive(Debug, Serialize, ToSchema)]
pub struct Endpoint {
    /// Identifies the endpoint in paths.
    #[schema(example = "we_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The URL that receives deliveries.
    url: String,
    /// The names or patterns of the subscribed events. Empty: all.
    events: Vec<String>,
    /// The partner's note.
    #[schema(schema_with = note::shown, required)]
    description: Note,
    /// Status of the endpoint.
    status: EndpointStatus,
    /// Reason why the endpoint is disabled. Null while it is active.
    #[schema(required)]
    disabled_reason: Option<DisabledReason>,
    /// The secret that signs deliveries. Only the answer that creates the endpoint has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// Time of the creation.
    created_at: Timestamp,
    /// Time of the last change.
    updated_at: Timestamp,
}

impl From<&endpoint::Endpoint> for Endpoint {
    fn from(endpoint: &endpoint::Endpoint) -> Self {
        Self {
            id: endpoint.id.to_string(),
            url: endpoint.url.clone(),
            events: endpoint.patterns.iter().map(ToString::to_string).collect(),
            description: note::of(endpoint.description.as_deref()),
            status: endpoint.state.into(),
            disabled_reason: DisabledReason::of(endpoint.state),
            secret: None,
            created_at: Timestamp(endpoint.created_at),
            updated_at: Timestamp(endpoint.updated_at),
        }
    }
}

impl Endpoint {
    /// Renders an endpoint with its secret, for the answer that creates the endpoint.
    pub fn with_secret(endpoint: &endpoint::Endpoint) -> Self {
        Self { secret: Some(endpoint.secrets.current.reveal()), ..endpoint.into() }
    }
}

/// The new signing secret of an endpoint.
#[derive(Debug, Serialize, ToSchema)]
pub struct RotatedSecret {
    /// The endpoint.
    id: String,
    /// The new secret. No later answer shows it.
    #[schema(example = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    secret: String,
    /// Until this time both the former and the new secret sign deliveries.
    previous_secret_expires_at: Timestamp,
}

impl RotatedSecret {
    /// Renders an endpoint whose secret was rotated at `real`.
    pub fn of(endpoint: &endpoint::Endpoint, real: time::RealTime) -> Self {
        let expires = endpoint.secrets.previous.as_ref().map_or(real, |(_, end)| *end);
        Self {
            id: endpoint.id.to_string(),
            secret: endpoint.secrets.current.reveal(),
            previous_secret_expires_at: Timestamp::real(expires),
        }
    }
}
