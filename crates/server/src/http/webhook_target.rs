//! Checks of webhook endpoints that need more than their form: URLs, and the events to subscribe to.

use app::Failed;
use domain::id::{EndpointId, PartnerId};
use domain::webhook::endpoint::Generation;
use domain::webhook::target::Loopback;
use wire::generations::event_names;
use wire::problem::{Code, Problem};

use super::problem::{Rejection, of_store};
use crate::outbound::{TargetRefused, check_resolved, check_target};
use crate::state::AppState;

/// Checks the addresses of the URL's host name, if there is a URL.
pub async fn resolved<T>(
    given: T, url: impl Fn(&T) -> Option<&str>, loopback: Loopback,
) -> Result<T, Problem> {
    if let Some(url) = url(&given) {
        let refused =
            |refused: TargetRefused| Problem::of_field("url", Code::InvalidUrl, refused.to_string());
        check_resolved(url, loopback).await.map_err(refused)?;
    }
    Ok(given)
}

/// A check that returns the reason for refusing a URL.
pub fn allowed(loopback: Loopback) -> impl Fn(&str) -> Result<(), String> {
    move |url| check_target(url, loopback).map_err(|refused| refused.to_string())
}

/// The events that an endpoint can subscribe to. They are those of the generation that created it, whichever
/// generation changes it. For an unknown endpoint they are the caller's, and the change itself reports that it is unknown.
pub async fn names_for(
    state: &AppState, tenant: PartnerId, id: EndpointId, caller: Generation,
) -> Result<&'static [&'static str], Rejection> {
    match state.store.look_up(move |tx| app::webhooks::find(tx, tenant, id)).await {
        Ok(endpoint) => Ok(event_names(endpoint.generation)),
        Err(Failed::Refused(app::NotFound)) => Ok(event_names(caller)),
        Err(Failed::Store(error)) => Err(of_store(error)),
    }
}
