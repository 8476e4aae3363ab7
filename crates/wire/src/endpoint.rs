//! The parts of webhook endpoints that are the same in every generation.

use domain::spelling::resembled;
use domain::webhook::endpoint::{DisabledBy, EndpointState};
use domain::webhook::pattern::Pattern;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::problem::Code;
use crate::read::{Wrong, string, text};

/// Status of an endpoint. `active`: events are delivered. `disabled`: events wait until it is switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndpointStatus {
    /// Deliveries go out.
    Active,
    /// Deliveries wait.
    Disabled,
}

impl From<EndpointState> for EndpointStatus {
    fn from(state: EndpointState) -> Self {
        match state {
            EndpointState::Active => Self::Active,
            EndpointState::Disabled(_) => Self::Disabled,
        }
    }
}

/// Reason why an endpoint is disabled. `by_partner`: the partner switched it off. `failing`: every attempt failed for
/// five days. `gone`: it answered 410.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DisabledReason {
    /// The partner asked for it.
    ByPartner,
    /// Every attempt failed for five days.
    Failing,
    /// It answered 410.
    Gone,
}

impl DisabledReason {
    /// The reason, if the endpoint is disabled.
    pub fn of(state: EndpointState) -> Option<Self> {
        match state {
            EndpointState::Active => None,
            EndpointState::Disabled(DisabledBy::Partner) => Some(Self::ByPartner),
            EndpointState::Disabled(DisabledBy::Failure) => Some(Self::Failing),
            EndpointState::Disabled(DisabledBy::Gone) => Some(Self::Gone),
        }
    }
}

/// Reads the URL of an endpoint. `allowed` gives the reason if a URL may not be called.
pub(crate) fn target(value: &Value, allowed: impl Fn(&str) -> Result<(), String>) -> Result<String, Wrong> {
    let url = string(value)?;
    // The rules of texts hold for a URL too.
    let why = match text(2_048)(value) {
        Ok(_) => allowed(url),
        Err(wrong) => Err(wrong.detail),
    };
    why.map_err(|why| Wrong::new(Code::InvalidUrl, why))?;
    Ok(url.to_owned())
}

/// Reads a name or pattern of `names`, the events of the endpoint's generation.
pub(crate) fn pattern(value: &Value, names: &[&str]) -> Result<Pattern, Wrong> {
    let text = string(value)?;
    Pattern::parse(text, names).map_err(|error| {
        let meant = resembled(text, names.iter().copied());
        let detail = match meant {
            Some(meant) => format!("{error}; did you mean {meant}?"),
            None => error.to_string(),
        };
        Wrong::new(Code::InvalidEvent, detail)
    })
}

/// Reads the status that a PATCH sets.
pub(crate) fn status(value: &Value) -> Result<EndpointStatus, Wrong> {
    match value.as_str() {
        Some("active") => Ok(EndpointStatus::Active),
        Some("disabled") => Ok(EndpointStatus::Disabled),
        _other => Err(Wrong::format("must be active or disabled")),
    }
}

/// Reads one of `names`, the events of the endpoint's generation. Empty `names` mean that there is no such endpoint.
/// Then any name passes, and the caller answers that the endpoint is not found.
pub(crate) fn event_type(value: &Value, names: &[&str]) -> Result<String, Wrong> {
    let text = string(value)?;
    if names.is_empty() || names.contains(&text) {
        Ok(text.to_owned())
    } else {
        Err(Wrong::new(Code::InvalidEvent, "is not the name of an event that this endpoint can hear"))
    }
}
