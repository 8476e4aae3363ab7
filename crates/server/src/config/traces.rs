//! Traces for a collector that speaks OTLP: `[traces]`.

use std::num::NonZeroU32;
use std::path::PathBuf;

use serde::Deserialize;

use super::collector::{CollectorSettings, Given};
use super::error::ConfigError;

/// One trace of so many is recorded, if nothing else is set.
const ONE_IN: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TracesFile {
    otlp_endpoint: Option<String>,
    headers_file: Option<PathBuf>,
    sample_one_in: Option<NonZeroU32>,
    service_name: Option<String>,
}

/// Where traces go and how many are recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceSettings {
    /// The collector of the spans.
    pub collector: CollectorSettings,
    /// One trace of so many is recorded.
    pub one_in: NonZeroU32,
}

impl TracesFile {
    /// The settings; `None` if no traces are recorded.
    pub(super) fn settings(&self) -> Result<Option<TraceSettings>, ConfigError> {
        let given = Given {
            table: "traces",
            path: ["v1", "traces"],
            endpoint: self.otlp_endpoint.as_deref(),
            headers_file: self.headers_file.as_deref(),
            service_name: self.service_name.as_deref(),
        };
        let one_in = self.sample_one_in.unwrap_or(ONE_IN);
        Ok(given.settings()?.map(|collector| TraceSettings { collector, one_in }))
    }
}
