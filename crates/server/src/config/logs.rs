//! The log for a collector that speaks OTLP: `[logs]`.

use std::path::PathBuf;

use serde::Deserialize;

use super::collector::{CollectorSettings, Given};
use super::error::ConfigError;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LogsFile {
    otlp_endpoint: Option<String>,
    headers_file: Option<PathBuf>,
    service_name: Option<String>,
}

impl LogsFile {
    /// The collector; `None` if the log goes only to the standard error stream.
    pub(super) fn settings(&self) -> Result<Option<CollectorSettings>, ConfigError> {
        let given = Given {
            table: "logs",
            path: ["v1", "logs"],
            endpoint: self.otlp_endpoint.as_deref(),
            headers_file: self.headers_file.as_deref(),
            service_name: self.service_name.as_deref(),
        };
        given.settings()
    }
}
