//! Credit offers and simulations.

use app::Cursor;
use app::credit::offers::OfferFilter;
use axum::extract::State;
use axum::response::Response;
use domain::id::{CustomerId, OfferId};

use super::dialect::List;
use super::dialect::offer::{Offer, OfferStatus};
use super::dialect::simulation::{CreateSimulation, Simulation};
use crate::http::auth::PartnerCaller;
use crate::http::documented::{OrderParam, PageParams};
use crate::http::extract::{JsonBody, PathId, Query, Repeatable};
use crate::http::idempotency::Answer;
use crate::http::json::Json;
use crate::http::page::cursor;
use crate::http::problem::Rejection;
use crate::http::reading;
use crate::http::simulating::{self, Wanted};
use crate::state::AppState;

fn status(query: &mut Query) -> Option<&'static str> {
    query.read("status", "is not a status of offers", OfferStatus::parse)
}

/// List the offers of a customer
///
/// Newest first. Offers appear by themselves, once the credit analysis has approved and the customer is active.
#[utoipa::path(
    get,
    path = "/customers/{customer_id}/credit-offers",
    operation_id = "listCustomerCreditOffers",
    tag = "Credit offers",
    params(
        ("customer_id" = String, Path),
        ("status" = Option<OfferStatus>, Query, description = "Only offers in this status"),
        PageParams,
        OrderParam,
    ),
    responses((status = 200, description = "A page of the customer's offers.", body = List<Offer>))
)]
pub(super) async fn list_of_customer(
    State(state): State<AppState>,
    caller: PartnerCaller,
    PathId(customer): PathId<CustomerId>,
    mut query: Query,
) -> Result<Json<List<Offer>>, Rejection> {
    let (status, cursor) = (status(&mut query), cursor(&mut query));
    query.finish()?;
    let list = move |tx: &mut app::Tx<'_>, at: &Cursor<OfferId>| {
        app::credit::offers::list_of_customer(tx, caller.tenant, customer, status, at)
    };
    let page = reading::page(&state, cursor, list).await?;
    Ok(Json(List::of(page, |offer| Offer::from(&offer))))
}

/// List offers
///
/// Those of all customers, newest first. The filters can be combined.
#[utoipa::path(
    get,
    path = "/credit-offers",
    operation_id = "listCreditOffers",
    tag = "Credit offers",
    params(
        ("customer_id" = Option<String>, Query, description = "Only this customer's offers"),
        ("status" = Option<OfferStatus>, Query, description = "Only offers in this status"),
        PageParams,
        OrderParam,
    ),
    responses((status = 200, description = "A page of offers.", body = List<Offer>))
)]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: PartnerCaller,
    mut query: Query,
) -> Result<Json<List<Offer>>, Rejection> {
    let filter = OfferFilter { customer: query.id("customer_id"), state: status(&mut query) };
    let cursor = cursor(&mut query);
    query.finish()?;
    let page = reading::page(&state, cursor, move |tx, at| {
        app::credit::offers::list(tx, Some(caller.tenant), &filter, at)
    })
    .await?;
    Ok(Json(List::of(page, |offer| Offer::from(&offer))))
}

/// Get an offer
///
/// With its amounts, its rate and the numbers of installments that it allows.
#[utoipa::path(
    get,
    path = "/credit-offers/{credit_offer_id}",
    operation_id = "getCreditOffer",
    tag = "Credit offers",
    params(("credit_offer_id" = String, Path)),
    responses((status = 200, description = "The offer.", body = Offer))
)]
pub(super) async fn show(
    State(state): State<AppState>,
    caller: PartnerCaller,
    PathId(id): PathId<OfferId>,
) -> Result<Json<Offer>, Rejection> {
    let offer = reading::look_up(&state, move |tx| app::credit::offers::find(tx, caller.tenant, id)).await?;
    Ok(Json(Offer::from(&offer)))
}

/// Create a simulation
///
/// Prices a loan under the offer and stores the figures. Simulations are free. Only the newest one of an offer can
/// become a loan.
#[utoipa::path(
    post,
    path = "/credit-offers/{credit_offer_id}/simulations",
    operation_id = "createSimulation",
    tag = "Credit offers",
    params(("credit_offer_id" = String, Path)),
    request_body = CreateSimulation,
    responses((status = 201, description = "The simulation, priced and stored.", body = Simulation))
)]
pub(super) async fn simulate(
    State(state): State<AppState>,
    caller: PartnerCaller,
    PathId(offer): PathId<OfferId>,
    request: Repeatable,
    body: JsonBody,
) -> Result<Response, Rejection> {
    let wanted = CreateSimulation::read(&body.value).map(|given| Wanted {
        offer,
        amount: given.requested_amount,
        installments: given.installment_count,
    });
    simulating::run(&state, caller.tenant, request, &body.bytes, wanted, |simulation| {
        Answer::created_here(&Simulation::from(simulation))
    })
    .await
}
