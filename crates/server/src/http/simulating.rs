//! Simulates a loan under the request's key. The price is computed on a snapshot, and a short write stores it.

use std::sync::Arc;

use app::credit::offers::{self, SimulateOffer};
use axum::response::Response;
use domain::id::OfferId;
use domain::simulation::Simulation;
use wire::problem::Problem;

use super::call::PartnerWrite;
use super::extract::{JsonBody, PathId};
use super::idempotency::Answer;
use super::problem::Rejection;

/// Simulates and renders the outcome.
pub async fn run(
    call: PartnerWrite<PathId<OfferId>, JsonBody>, command: Result<SimulateOffer, Problem>,
    render: impl Fn(&Simulation) -> Answer + Send + 'static,
) -> Result<Response, Rejection> {
    let (state, tenant) = (&call.state, call.caller.tenant);
    let (now, book) = (state.now_of(tenant), state.lender.book.in_force());
    // The price is computed on a snapshot first. If it is refused, the write below finds and reports the refusal
    // again.
    let priced = match &command {
        Ok(command) => {
            let (command, book) = (*command, Arc::clone(&book));
            let price = move |tx: &mut app::Tx<'_>| offers::price(tx, tenant, now, &command, &book);
            state.store.look_up(price).await.ok()
        }
        Err(_reported_below) => None,
    };
    let simulate = move |tx: &mut app::Tx<'_>, now, command: &SimulateOffer| match &priced {
        Some(priced) => offers::keep(tx, now, priced, &book),
        None => offers::simulate(tx, tenant, now, command, &book),
    };
    call.run(command, simulate, move |simulation, _now| render(simulation)).await
}
