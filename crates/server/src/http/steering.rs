//! Warns a partner of the sandbox that a tag in an e-mail address has no effect, because it may be mistyped.

use app::autopilot::steering::{self, Unknown};
use axum::http::header::HeaderValue;
use axum::response::Response;
use domain::credential::Environment;
use domain::person::Email;

use super::problem::Rejection;
use crate::state::AppState;

/// The header with warnings about an accepted request.
pub const WARNINGS: &str = "warnings";

/// The answer to a request with an e-mail address, with a warning for each tag that has no effect.
pub fn warned(
    state: &AppState, email: Option<&Email>, answer: Result<Response, Rejection>,
) -> Result<Response, Rejection> {
    let mut response = answer?;
    let unknown = email.map_or_else(Vec::new, steering::unknown);
    if state.config.environment != Environment::Sandbox
        || !response.status().is_success()
        || unknown.is_empty()
    {
        return Ok(response);
    }
    for Unknown { tag, meant } in &unknown {
        tracing::info!(
            steering.tag = tag,
            steering.meant = meant,
            "a tag in an e-mail address has no effect"
        );
    }
    let warnings: Vec<String> = unknown.iter().map(warning).collect();
    let value = HeaderValue::from_str(&warnings.join(", ")).expect("the tags of an address are ASCII");
    response.headers_mut().insert(WARNINGS, value);
    Ok(response)
}

fn warning(Unknown { tag, meant }: &Unknown) -> String {
    match meant {
        Some(meant) => format!("unknown tag \"{tag}\"; did you mean \"{meant}\"?"),
        None => format!("unknown tag \"{tag}\""),
    }
}
