//! Reads the lifetimes of people's sessions in the console.

use std::num::NonZeroU32;
use std::time::Duration;

use domain::access::SessionLimits;
use serde::Deserialize;

use super::error::ConfigError;

/// The longest session in hours. A lost laptop must not stay signed in.
const MOST_HOURS: u32 = 24;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SessionsFile {
    idle_minutes: Option<NonZeroU32>,
    hours: Option<NonZeroU32>,
}

impl SessionsFile {
    pub(super) fn or_default(&self) -> Result<SessionLimits, ConfigError> {
        let default = SessionLimits::default();
        let minutes = |count: NonZeroU32| Duration::from_mins(count.get().into());
        let hours = |count: NonZeroU32| Duration::from_hours(count.get().into());
        let whole = self.hours.map_or(default.whole, hours);
        if whole > Duration::from_hours(MOST_HOURS.into()) {
            return Err(ConfigError::SessionHours(MOST_HOURS));
        }
        Ok(SessionLimits { idle: self.idle_minutes.map_or(default.idle, minutes), whole })
    }
}
