//! Warns a partner of the sandbox that a tag in an e-mail address has no effect, because it may be mistyped.

use app::Tx;
use app::autopilot::steering::{self, TooLate, Unknown};
use axum::http::header::HeaderValue;
use axum::response::Response;
use domain::credential::Environment;
use domain::id::{CustomerId, PartnerId};
use domain::person::Email;

use super::problem::{Rejection, of_store};
use crate::state::AppState;

/// The header with warnings about an accepted request.
pub const WARNINGS: &str = "warnings";

/// The tags of a customer's new address that come too late for its loans. Ask before the address is stored.
pub async fn too_late(
    state: &AppState, tenant: PartnerId, customer: CustomerId, new: Option<&Email>,
) -> Result<Vec<TooLate>, Rejection> {
    let Some(new) = new.cloned().filter(|_| state.config.environment == Environment::Sandbox) else {
        return Ok(Vec::new());
    };
    let find = move |tx: &mut Tx<'_>| steering::too_late(tx, tenant, customer, &new);
    state.store.read(find).await.map_err(of_store)
}

/// The answer to a request with an e-mail address, with a warning for each tag that has no effect.
pub fn warned(
    state: &AppState, email: Option<&Email>, late: &[TooLate], answer: Result<Response, Rejection>,
) -> Result<Response, Rejection> {
    let mut response = answer?;
    let unknown = email.map_or_else(Vec::new, steering::unknown);
    if state.config.environment != Environment::Sandbox
        || !response.status().is_success()
        || (unknown.is_empty() && late.is_empty())
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
    let too_late = |TooLate { tag, loan }: &TooLate| {
        format!("tag \"{tag}\" comes too late for the loan {loan}: it is active already")
    };
    let warnings: Vec<String> = unknown.iter().map(warning).chain(late.iter().map(too_late)).collect();
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
