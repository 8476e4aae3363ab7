//! Credit offers and simulations.

use app::Tx;
use app::credit::offers::{self, OfferFilter, SimulateOffer};
use app::directory::OnClock;
use axum::response::Response;
use domain::id::{CustomerId, OfferId};
use domain::offer::OfferStateKind;
use wire::problem::Code;

use super::dialect::List;
use super::dialect::offer::{Offer, OfferStatus};
use super::dialect::simulation::{CreateSimulation, Simulation};
use crate::http::call::{PartnerRead, PartnerWrite};
use crate::http::documented::{OrderParam, PageParams, codes};
use crate::http::extract::{JsonBody, PathId, Query};
use crate::http::idempotency::Answer;
use crate::http::json::Json;
use crate::http::on_clock;
use crate::http::page::cursor;
use crate::http::problem::Rejection;
use crate::http::simulating;

fn status(query: &mut Query) -> Option<OfferStateKind> {
    query.word("status", &OfferStateKind::NAMES, |text| text.parse().ok())
}

/// List the offers of a customer
///
/// Newest first. The lender makes an offer when the credit analysis has approved and the customer is active.
#[utoipa::path(
    get, path = "/customers/{customer_id}/credit-offers",
    operation_id = "listCustomerCreditOffers", tag = "Credit offers",
    params(
        ("status" = Option<OfferStatus>, Query, description = "Only offers in this status"),
        PageParams,
        OrderParam,
    ),
    responses((status = 200, description = "A page of the customer's offers.", body = List<Offer>))
)]
pub(super) async fn list_of_customer(
    call: PartnerRead<PathId<CustomerId>>, mut query: Query,
) -> Result<Json<List<Offer>>, Rejection> {
    let customer = call.id();
    let (status, cursor) = (status(&mut query), cursor(&mut query));
    query.finish()?;
    let list =
        move |tx: &mut Tx<'_>, tenant, at: &_| offers::list_of_customer(tx, tenant, customer, status, at);
    let page = call.page(cursor, list).await?;
    Ok(Json(List::of(page, |offer| Offer::from(&offer))))
}

/// List offers
///
/// Offers of all customers, newest first. The filters can be combined. In the sandbox, offers of the main clock, unless
/// `customer_id` or `clock_id` names another clock.
#[utoipa::path(
    get, path = "/credit-offers", operation_id = "listCreditOffers", tag = "Credit offers",
    params(
        ("customer_id" = Option<String>, Query, description = "Only this customer's offers"),
        ("status" = Option<OfferStatus>, Query, description = "Only offers in this status"),
        ("clock_id" = Option<String>, Query, description = on_clock::PARAMETER),
        PageParams,
        OrderParam,
    ),
    responses((status = 200, description = "A page of offers.", body = List<Offer>))
)]
pub(super) async fn list(call: PartnerRead, mut query: Query) -> Result<Json<List<Offer>>, Rejection> {
    let filter = OfferFilter { customer: query.id("customer_id"), state: status(&mut query) };
    let (cursor, clock) = (cursor(&mut query), query.id("clock_id"));
    query.finish()?;
    let call = match (clock, filter.customer) {
        (None, Some(customer)) => call.on_clock_of(OnClock::Customer(customer)).await?,
        (clock, _) => call.on_clock(clock).await?,
    };
    let list = move |tx: &mut Tx<'_>, tenant, at: &_| offers::list(tx, Some(tenant), &filter, at);
    let page = call.page(cursor, list).await?;
    Ok(Json(List::of(page, |offer| Offer::from(&offer))))
}

/// Get an offer
///
/// Shows its amounts, its rate and its permitted numbers of installments.
#[utoipa::path(
    get, path = "/credit-offers/{credit_offer_id}", operation_id = "getCreditOffer", tag = "Credit offers",
    responses((status = 200, description = "The offer.", body = Offer))
)]
pub(super) async fn show(call: PartnerRead<PathId<OfferId>>) -> Result<Json<Offer>, Rejection> {
    let offer = call.look_up(offers::find).await?;
    Ok(Json(Offer::from(&offer)))
}

/// Create a simulation
///
/// Prices a loan under the offer and stores the figures. Simulations are free. Only the newest one of an offer can
/// become a loan.
#[utoipa::path(
    post, path = "/credit-offers/{credit_offer_id}/simulations",
    operation_id = "createSimulation", tag = "Credit offers",
    extensions(("x-codes" = json!(codes(&[
        Code::OfferAlreadyAccepted,
        Code::OfferExpired,
        Code::AmountOutOfRange,
        Code::InstallmentsOutOfRange,
        Code::Unpriceable,
    ])))),
    request_body = CreateSimulation,
    responses((status = 201, description = "The simulation, priced and stored.", body = Simulation))
)]
pub(super) async fn simulate(call: PartnerWrite<PathId<OfferId>, JsonBody>) -> Result<Response, Rejection> {
    let offer = call.id();
    let command = CreateSimulation::read(&call.body.value).map(|given| SimulateOffer {
        offer,
        requested: given.requested_amount,
        installments: given.installment_count,
    });
    simulating::run(call, command, |simulation| Answer::created_here(&Simulation::from(simulation))).await
}
