//! The part of a request about all deliveries of an endpoint that runs before its transaction, so that the
//! transaction is short.

use app::upkeep::steps::in_steps;
use app::{Tx, webhooks};
use domain::id::{EndpointId, PartnerId};
use domain::time::RealTime;
use domain::webhook::endpoint::{EndpointInput, EndpointUpdate};

use super::problem::{Rejection, of_store};
use crate::state::AppState;

/// Makes the waiting deliveries of an endpoint due, some rows at a time, before a change enables the endpoint. If the
/// request ends before the change, the endpoint stays disabled and nothing is sent. A repeated request continues from
/// there. If `command` is an error, nothing is done here and the run reports it.
pub async fn prepared(
    state: &AppState, tenant: PartnerId, id: EndpointId, command: Option<&EndpointUpdate>,
) -> Result<(), Rejection> {
    if command.and_then(|command| command.switch) != Some(EndpointInput::Enable) {
        return Ok(());
    }
    let real = state.clock.now();
    let step = move |tx: &mut Tx<'_>, rows| webhooks::prepare(tx, tenant, real, id, rows);
    in_steps(&state.store, step).await.map(drop).map_err(of_store)
}

/// The number of deliveries that a recovery will make due, counted before it begins. It is zero for an unknown
/// endpoint, and the recovery itself reports that. If the moment is an error, the run reports it.
pub async fn undelivered(
    state: &AppState, tenant: PartnerId, id: EndpointId, since: Option<RealTime>,
) -> Result<u64, Rejection> {
    let Some(since) = since else { return Ok(0) };
    let real = state.clock.now();
    let count = state.store.read(move |tx| webhooks::count_undelivered(tx, tenant, real, id, since)).await;
    count.map_err(of_store)
}
