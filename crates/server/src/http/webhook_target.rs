//! Judges the URLs and the events of webhook endpoints, beyond the shape of their fields.

use app::Failed;
use domain::id::{EndpointId, PartnerId};
use domain::webhook::target::Loopback;
use wire::generations::event_names;
use wire::problem::{Code, Problem};

use super::problem::{Rejection, of_store};
use crate::outbound::{TargetRefused, check_resolved, check_target};
use crate::state::AppState;

/// Judges what the URL's host name resolves to, where there is a URL.
pub async fn resolved<T>(
    given: T,
    url: impl Fn(&T) -> Option<&str>,
    loopback: Loopback,
) -> Result<T, Problem> {
    if let Some(url) = url(&given) {
        let refused =
            |refused: TargetRefused| Problem::of_field("url", Code::InvalidUrl, refused.to_string());
        check_resolved(url, loopback).await.map_err(refused)?;
    }
    Ok(given)
}

/// Says why a URL may not be called.
pub fn allowed(loopback: Loopback) -> impl Fn(&str) -> Result<(), String> {
    move |url| check_target(url, loopback).map_err(|refused| refused.to_string())
}

/// The events that an endpoint can receive: those of the generation that made it, even if the other one changes it.
/// None for an endpoint that is not there, because the change itself reports that.
pub async fn names_for(
    state: &AppState,
    tenant: PartnerId,
    id: EndpointId,
) -> Result<&'static [&'static str], Rejection> {
    match state.store.look_up(move |tx| app::webhooks::find(tx, tenant, id)).await {
        Ok(endpoint) => Ok(event_names(endpoint.generation)),
        Err(Failed::Refused(app::NotFound)) => Ok(&[]),
        Err(Failed::Store(error)) => Err(of_store(error)),
    }
}
