//! The work of requests about all deliveries of an endpoint that stays outside their transaction, so that it is short.

use app::upkeep::steps::in_steps;
use app::{Tx, webhooks};
use domain::id::{EndpointId, PartnerId};
use domain::time::RealTime;
use domain::webhook::endpoint::{EndpointInput, EndpointUpdate};

use super::problem::{Rejection, of_store};
use crate::state::AppState;

/// Makes due what waits for an endpoint that a change is about to switch on, some rows at a time. If the request ends before
/// the change, the endpoint stays disabled and nothing is sent; the same request goes on where this one ended. Without a
/// command the request is wrong, which its run says.
pub async fn prepared(
    state: &AppState,
    tenant: PartnerId,
    id: EndpointId,
    command: Option<&EndpointUpdate>,
) -> Result<(), Rejection> {
    if command.and_then(|command| command.switch) != Some(EndpointInput::Enable) {
        return Ok(());
    }
    let real = state.clock.now();
    let step = move |tx: &mut Tx<'_>, rows| webhooks::prepare(tx, tenant, real, id, rows);
    in_steps(&state.store, step).await.map(drop).map_err(of_store)
}

/// How many deliveries a recovery brings, counted before it begins: none for an endpoint that is not there, which the
/// recovery itself says. Without a moment the request is wrong, which its run says.
pub async fn undelivered(
    state: &AppState,
    tenant: PartnerId,
    id: EndpointId,
    since: Option<RealTime>,
) -> Result<u64, Rejection> {
    let Some(since) = since else { return Ok(0) };
    let real = state.clock.now();
    let count = state.store.read(move |tx| webhooks::count_undelivered(tx, tenant, real, id, since)).await;
    count.map_err(of_store)
}
