//! Credit decisions and offers.

use std::time::Duration;

use app::credit::RecordDecision;
use app::credit::offers::OfferFilter;
use app::customers::registry::CompanyRegistry;
use app::{Failed, NotFound, Tx};
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use domain::credit::{Decision as Decided, Outcome};
use domain::id::{CustomerId, OfferId, PartnerId};
use domain::time::Timestamp;
use wire::operator::List;
use wire::operator::credit::{DecideCredit, Decision, Offer, OfferStatus};

use super::caller::OperatorCaller;
use super::refusals::DecideRefused;
use crate::http::documented::{OrderParam, PageParams};
use crate::http::extract::{JsonBody, PathId, Query, Repeatable};
use crate::http::idempotency::{self, Answer};
use crate::http::page::cursor;
use crate::http::problem::Rejection;
use crate::http::reading;
use crate::state::AppState;

/// Record a credit decision
///
/// An approval makes its offer at once if the customer is active, otherwise when the customer becomes active.
#[utoipa::path(
    post,
    path = "/customers/{customer_id}/credit-decisions",
    operation_id = "createCreditDecision",
    tag = "Credit",
    params((
            "customer_id" = String, Path,
            description = "The customer's id.",
            pattern = "^cust_[0-9a-f]{32}$",
            example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        )),
    request_body = DecideCredit,
    responses((status = 201, description = "The recorded decision.", body = Decision))
)]
pub(super) async fn decide(
    State(state): State<AppState>,
    caller: OperatorCaller,
    PathId(id): PathId<CustomerId>,
    request: Repeatable,
    body: JsonBody,
) -> Result<Response, Rejection> {
    let (registry, lifetime) = (state.registry, state.config.lifetimes.offer);
    let decide = move |tx: &mut Tx<'_>, real, given: &DecideCredit| {
        decided(tx, real, id, given, caller, (registry, lifetime))
    };
    let command = DecideCredit::read(&body.value);
    idempotency::run(&state, caller.holder(), request, &body.bytes, command, decide, |decision, _now| {
        Answer::created_here(&Decision::from(decision))
    })
    .await
}

fn decided(
    tx: &mut Tx<'_>,
    real: Timestamp,
    id: CustomerId,
    given: &DecideCredit,
    caller: OperatorCaller,
    (registry, lifetime): (CompanyRegistry, Duration),
) -> Result<Decided, Failed<DecideRefused>> {
    let not_found = |failed: Failed<NotFound>| failed.map_refused(DecideRefused::from);
    let (partner, now) = app::directory::place(tx, real, &id)?;
    let file = app::customers::find(tx, partner, id).map_err(not_found)?;
    let regime = registry.regime(&file.customer);
    let mut inputs = given.inputs.clone();
    if let Some(declared) = given.offer.as_ref().and_then(|offer| offer.simples_declared_on) {
        if file.customer.registration.cnpj.is_none() {
            return Err(Failed::Refused(DecideRefused::NoCompany));
        }
        if declared > now.business_date() {
            return Err(Failed::Refused(DecideRefused::DeclaredLater));
        }
        inputs.push(("simples_declarado_em".to_owned(), declared.to_string()));
    }
    let command = RecordDecision {
        customer: id,
        outcome: given
            .offer
            .as_ref()
            .map_or(Outcome::Refused, |offer| Outcome::Approved(offer.terms(regime))),
        inputs,
        actor: caller.actor(),
        policy_version: given.policy_version.clone(),
        reasons: given.reasons.clone(),
        valid_days: given.valid_days,
    };
    app::credit::record_decision(tx, partner, now, &command, lifetime).map_err(not_found)
}

/// List a customer's credit decisions
///
/// The newest 100 decisions, newest first, those of the credit policy included. The list has one page.
#[utoipa::path(
    get,
    path = "/customers/{customer_id}/credit-decisions",
    operation_id = "listCreditDecisions",
    tag = "Credit",
    params((
            "customer_id" = String, Path,
            description = "The customer's id.",
            pattern = "^cust_[0-9a-f]{32}$",
            example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        )),
    responses(
        (
            status = 200,
            description = "The customer's newest hundred decisions, newest first.",
            body = List<Decision>,
        ),
    )
)]
pub(super) async fn decisions(
    State(state): State<AppState>,
    _caller: OperatorCaller,
    PathId(id): PathId<CustomerId>,
) -> Result<Json<List<Decision>>, Rejection> {
    let real = state.clock.now();
    let list = move |tx: &mut Tx<'_>| -> Result<_, Failed<NotFound>> {
        let (partner, _) = app::directory::place(tx, real, &id)?;
        Ok(app::credit::decisions(tx, partner, id)?)
    };
    Ok(Json(List::of(reading::read(&state, list).await?, |decision| Decision::from(&decision))))
}

/// List offers
///
/// Those of all partners, newest first. The filters can be combined.
#[utoipa::path(
    get,
    path = "/credit-offers",
    operation_id = "listCreditOffers",
    tag = "Credit",
    params(
        (
            "status" = Option<OfferStatus>, Query,
            description = "Lists only offers of this status.",
            example = "available"
        ),
        (
            "partner_id" = Option<String>, Query,
            description = "Lists only what belongs to this partner.",
            pattern = "^ptr_[0-9a-f]{32}$",
            example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        ),
        (
            "customer_id" = Option<String>, Query,
            description = "Lists only what belongs to this customer.",
            pattern = "^cust_[0-9a-f]{32}$",
            example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        ),
        PageParams,
        OrderParam,
    ),
    responses((status = 200, description = "A page of offers.", body = List<Offer>))
)]
pub(super) async fn offers(
    State(state): State<AppState>,
    _caller: OperatorCaller,
    mut query: Query,
) -> Result<Json<List<Offer>>, Rejection> {
    let cursor = cursor(&mut query);
    let partner: Option<PartnerId> = query.id("partner_id");
    let state_name = query.read("status", "must be available, accepted or expired", |text| {
        ["available", "accepted", "expired"].into_iter().find(|name| *name == text)
    });
    let filter = OfferFilter { customer: query.id("customer_id"), state: state_name };
    query.finish()?;
    let page =
        reading::read(&state, move |tx| app::credit::offers::list(tx, partner, &filter, &cursor)).await?;
    Ok(Json(List::of(page, |offer| Offer::from(&offer))))
}

/// Get an offer
///
/// With its terms and its status.
#[utoipa::path(
    get,
    path = "/credit-offers/{credit_offer_id}",
    operation_id = "getCreditOffer",
    tag = "Credit",
    params((
            "credit_offer_id" = String, Path,
            description = "The credit offer's id.",
            pattern = "^co_[0-9a-f]{32}$",
            example = "co_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        )),
    responses((status = 200, description = "The offer.", body = Offer))
)]
pub(super) async fn offer(
    State(state): State<AppState>,
    _caller: OperatorCaller,
    PathId(id): PathId<OfferId>,
) -> Result<Json<Offer>, Rejection> {
    let real = state.clock.now();
    let find = move |tx: &mut Tx<'_>| -> Result<_, Failed<NotFound>> {
        let (partner, _) = app::directory::place(tx, real, &id)?;
        app::credit::offers::find(tx, partner, id)
    };
    Ok(Json(Offer::from(&reading::read(&state, find).await?)))
}

/// Withdraw an open offer
///
/// The offer becomes `expired`, and the partner receives `credit_offer.expired`. An accepted offer cannot be withdrawn.
#[utoipa::path(
    post,
    path = "/credit-offers/{credit_offer_id}/withdraw",
    operation_id = "withdrawCreditOffer",
    tag = "Credit",
    params((
            "credit_offer_id" = String, Path,
            description = "The credit offer's id.",
            pattern = "^co_[0-9a-f]{32}$",
            example = "co_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        )),
    responses((status = 200, description = "The offer, expired.", body = Offer))
)]
pub(super) async fn withdraw(
    State(state): State<AppState>,
    caller: OperatorCaller,
    PathId(id): PathId<OfferId>,
    request: Repeatable,
) -> Result<Response, Rejection> {
    let withdraw = move |tx: &mut Tx<'_>, real, _nothing: &()| {
        let (partner, now) = app::directory::place(tx, real, &id)?;
        app::credit::offers::withdraw(tx, partner, now, id)
    };
    idempotency::run(&state, caller.holder(), request, b"", Ok(()), withdraw, |offer, _now| {
        Answer::ok(&Offer::from(offer))
    })
    .await
}
