//! The exit status of a failed command. Programs may rely on each number; docs/MANUAL.md lists them.

use std::process::ExitCode;

use server::config::ConfigError;
use tools::failure::Failure;

/// A configuration that cannot be used, or no database.
const CONFIGURATION: u8 = 3;

/// Any other failure.
const OTHER: u8 = 1;

/// The exit status of an error.
pub(crate) fn of(error: &anyhow::Error) -> ExitCode {
    let configuration = error.downcast_ref::<ConfigError>().map(|_any| CONFIGURATION);
    let known = configuration.or_else(|| error.downcast_ref::<Failure>().map(Failure::status));
    ExitCode::from(known.unwrap_or(OTHER))
}
