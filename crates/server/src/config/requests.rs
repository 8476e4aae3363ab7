//! The request log: `[requests]`.

use std::num::NonZeroU32;
use std::time::Duration;

use serde::Deserialize;

use super::error::ConfigError;

/// The longest time that calls are kept, in days. They name people's addresses, and a longer log needs a purpose.
const MOST_DAYS: u32 = 365;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RequestsFile {
    log: Option<bool>,
    days: Option<NonZeroU32>,
    bodies_days: Option<NonZeroU32>,
    per_second: Option<NonZeroU32>,
}

/// Whether partners' calls are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logging {
    /// Every call.
    On,
    /// None. The log cannot be read either.
    Off,
}

/// The settings of the request log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestLogSettings {
    /// Whether calls are logged.
    pub logging: Logging,
    /// The time for which a call is kept.
    pub kept: Duration,
    /// The time for which the sandbox keeps bodies.
    pub bodies_kept: Duration,
    /// Most calls that wait for the worker, which writes them once a second.
    pub queue: usize,
}

/// So many calls a second take two processors a few hundredths of their time.
const QUEUE: usize = 4_000;
/// The most that a setting allows: calls wait in memory.
const MOST_A_SECOND: u32 = 100_000;

impl Default for RequestLogSettings {
    fn default() -> Self {
        Self { logging: Logging::On, kept: days(30), bodies_kept: days(7), queue: QUEUE }
    }
}

fn days(count: u32) -> Duration {
    Duration::from_hours(24 * u64::from(count))
}

impl RequestsFile {
    pub(super) fn or_default(&self) -> Result<RequestLogSettings, ConfigError> {
        let default = RequestLogSettings::default();
        let in_days = |given: Option<NonZeroU32>, default| match given.map(NonZeroU32::get) {
            Some(count) if count > MOST_DAYS => Err(ConfigError::RequestDays(MOST_DAYS)),
            Some(count) => Ok(days(count)),
            None => Ok(default),
        };
        Ok(RequestLogSettings {
            logging: match self.log {
                Some(false) => Logging::Off,
                Some(true) | None => default.logging,
            },
            kept: in_days(self.days, default.kept)?,
            bodies_kept: in_days(self.bodies_days, default.bodies_kept)?,
            queue: match self.per_second.map(NonZeroU32::get) {
                Some(count) if count > MOST_A_SECOND => {
                    return Err(ConfigError::RequestsPerSecond(MOST_A_SECOND));
                }
                Some(count) => usize::try_from(count).expect("a usize has at least 32 bits"),
                None => default.queue,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_of_the_log_are_limited() {
        let file = |days| RequestsFile { days: NonZeroU32::new(days), ..RequestsFile::default() };
        assert_eq!(file(90).or_default().unwrap().kept, Duration::from_hours(90 * 24));
        let error = file(366).or_default().unwrap_err().to_string();
        assert!(error.contains("requests.days") && error.contains("365"), "{error}");
        let file = RequestsFile { per_second: NonZeroU32::new(100_001), ..RequestsFile::default() };
        let error = file.or_default().unwrap_err().to_string();
        assert!(error.contains("requests.per_second") && error.contains("100000"), "{error}");
    }
}
