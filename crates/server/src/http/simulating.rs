//! Simulates a loan under the request's key: priced beside those who write, and kept by a writer.

use std::sync::Arc;

use axum::response::Response;
use domain::id::OfferId;
use domain::money::Cents;
use domain::simulation::Simulation;
use wire::problem::Problem;

use super::call::PartnerWrite;
use super::extract::{JsonBody, PathId};
use super::idempotency::Answer;
use super::problem::Rejection;

/// What is to be simulated.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// The offer.
    pub offer: OfferId,
    /// The amount requested.
    pub amount: Cents,
    /// The number of installments.
    pub installments: u16,
}

/// Simulates, and renders what came of it.
pub async fn run(
    call: PartnerWrite<PathId<OfferId>, JsonBody>,
    wanted: Result<Wanted, Problem>,
    render: impl Fn(&Simulation) -> Answer + Send + 'static,
) -> Result<Response, Rejection> {
    let (state, tenant) = (&call.state, call.caller.tenant);
    let (now, book) = (state.now_of(tenant), Arc::clone(&state.lender.book));
    // Priced on a snapshot first; a refusal is found again, and told, below.
    let priced = match &wanted {
        Ok(Wanted { offer, amount, installments }) => {
            let (offer, amount, count, book) = (*offer, *amount, *installments, Arc::clone(&book));
            let price = move |tx: &mut app::Tx<'_>| {
                app::credit::offers::price(tx, tenant, now, offer, amount, count, &book)
            };
            state.store.look_up(price).await.ok()
        }
        Err(_told_below) => None,
    };
    let simulate = move |tx: &mut app::Tx<'_>, now, wanted: &Wanted| {
        if let Some(priced) = &priced {
            app::credit::offers::keep(tx, now, priced, &book)
        } else {
            app::credit::offers::simulate(
                tx,
                tenant,
                now,
                wanted.offer,
                wanted.amount,
                wanted.installments,
                &book,
            )
        }
    };
    call.run(wanted, simulate, move |simulation, _now| render(simulation)).await
}
