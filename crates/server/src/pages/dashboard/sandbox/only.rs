//! Requests that only a sandbox answers.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use domain::credential::Environment;

use crate::pages::people::notice::unknown;
use crate::state::AppState;

/// The address of the page.
pub(super) const HERE: &str = "/dashboard/sandbox";

/// A request that only a sandbox answers.
pub(in crate::pages::dashboard) struct SandboxOnly;

impl FromRequestParts<AppState> for SandboxOnly {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        match state.config.environment {
            Environment::Sandbox => Ok(Self),
            Environment::Production => Err(unknown(&parts.headers)),
        }
    }
}
