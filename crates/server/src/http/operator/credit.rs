//! Credit decisions and offers.

use app::credit::offers::OfferFilter;
use app::credit::{Authority, Decide};
use app::people::proposals::decide_credit;
use app::{Failed, NotFound, Tx};
use axum::Json;
use axum::response::Response;
use domain::access::Permission;
use domain::credit::NewTerms;
use domain::id::{CustomerId, OfferId, PartnerId};
use domain::loan::iof::IofRegime;
use domain::offer::OfferStateKind;
use wire::operator::List;
use wire::operator::credit::{DecideCredit, Decision};
use wire::operator::offer::{Offer, OfferStatus};
use wire::operator::proposal::Proposal;
use wire::problem::Code;

use super::place::{OfCustomer, OfPartner, Place, Read, Write};
use super::proposals::{done_or_proposed, proposer};
use crate::http::documented::{OrderParam, PageParams, codes};
use crate::http::extract::{JsonBody, PathId, Query};
use crate::http::idempotency::Answer;
use crate::http::page::cursor;
use crate::http::problem::Rejection;

/// Record a credit decision
///
/// An approval makes its offer at once if the customer is active, otherwise when the customer becomes active. An
/// operator approves amounts up to the largest limit of its roles (`GET /operator/v1/roles`). An approval above it is
/// proposed to an operator whose limit is enough. In a sandbox that needs no second operator, it is refused.
#[utoipa::path(
    post, path = "/customers/{customer_id}/credit-decisions",
    operation_id = "createCreditDecision", tag = "Credit",
    extensions(
        ("x-permission" = json!(Permission::DecideCredit.name())),
        ("x-codes" = json!(codes(&[Code::AmountOutOfRange, Code::InvalidState])))
    ),
    request_body = DecideCredit,
    responses(
        (status = 201, description = "The recorded decision.", body = Decision),
        (status = 202, description = "The proposal that waits for a second operator.", body = Proposal),
    )
)]
pub(super) async fn decide(call: Write<PathId<CustomerId>, JsonBody>) -> Result<Response, Rejection> {
    let by = proposer(&call.state, call.caller);
    let authority = Authority {
        actor: call.caller.actor(),
        limits: call.caller.grants().limits,
        registry: call.state.registry,
        offer_lifetime: call.state.config.lifetimes.offer,
    };
    let id = call.id();
    let decide = move |tx: &mut Tx<'_>, place: Place, command: &Decide| {
        decide_credit(tx, place.partner, place.now, command, (&by, &authority))
    };
    let command = DecideCredit::read(&call.body.value).map(|given| decision_of(id, &given));
    let decided = |decision: &_| Answer::created_here(&Decision::from(decision));
    call.change(command, decide, move |outcome| done_or_proposed(outcome, decided, by.now)).await
}

/// The decision of a body that was read.
pub(crate) fn decision_of(customer: CustomerId, given: &DecideCredit) -> Decide {
    Decide {
        customer,
        offer: given.offer.as_ref().map(|offer| NewTerms {
            // The customer's regime replaces this one.
            terms: offer.terms(IofRegime::Company),
            simples_declared_on: offer.simples_declared_on,
        }),
        inputs: given.inputs.clone(),
        policy_version: given.policy_version.clone(),
        reasons: given.reasons.clone(),
        valid_days: given.valid_days,
        seen: None,
    }
}

/// List a customer's credit decisions
///
/// The newest 100 decisions, newest first, also those of the credit policy. The list has one page.
#[utoipa::path(
    get, path = "/customers/{customer_id}/credit-decisions",
    operation_id = "listCreditDecisions", tag = "Credit",
    extensions(("x-permission" = json!(Permission::ReadCredit.name()))),
    responses(
        (
            status = 200,
            description = "The customer's newest hundred decisions, newest first.",
            body = List<Decision>,
        ),
    )
)]
pub(super) async fn decisions(call: Read<PathId<CustomerId>>) -> Result<Json<List<Decision>>, Rejection> {
    let list = call.find(|tx, partner, id| -> Result<_, Failed<NotFound>> {
        Ok(app::credit::decisions(tx, partner, id)?)
    });
    Ok(Json(List::of(list.await?, |decision| Decision::from(&decision))))
}

/// List offers
///
/// Offers of all partners, newest first. The filters can be combined.
#[utoipa::path(
    get, path = "/credit-offers", operation_id = "listCreditOffers", tag = "Credit",
    extensions(("x-permission" = json!(Permission::ReadCredit.name()))),
    params(
        (
            "status" = Option<OfferStatus>, Query,
            description = "Lists only offers of this status.",
            example = "available"
        ),
        OfPartner,
        OfCustomer,
        PageParams,
        OrderParam,
    ),
    responses((status = 200, description = "A page of offers.", body = List<Offer>))
)]
pub(super) async fn offers(call: Read, mut query: Query) -> Result<Json<List<Offer>>, Rejection> {
    let cursor = cursor(&mut query);
    let partner: Option<PartnerId> = query.id("partner_id");
    let status = query.word("status", &OfferStateKind::NAMES, |text| text.parse().ok());
    let filter = OfferFilter { customer: query.id("customer_id"), state: status };
    query.finish()?;
    let list = move |tx: &mut Tx<'_>| app::credit::offers::list(tx, partner, &filter, &cursor);
    let page = call.state.store.read(list).await?;
    Ok(Json(List::of(page, |offer| Offer::from(&offer))))
}

/// Get an offer
///
/// With its terms and its status.
#[utoipa::path(
    get, path = "/credit-offers/{credit_offer_id}", operation_id = "getCreditOffer", tag = "Credit",
    extensions(("x-permission" = json!(Permission::ReadCredit.name()))),
    responses((status = 200, description = "The offer.", body = Offer))
)]
pub(super) async fn offer(call: Read<PathId<OfferId>>) -> Result<Json<Offer>, Rejection> {
    Ok(Json(Offer::from(&call.find(app::credit::offers::find).await?)))
}

/// Withdraw an open offer
///
/// The offer becomes `expired`, and the partner receives `credit_offer.expired`. An accepted offer cannot be withdrawn.
#[utoipa::path(
    post, path = "/credit-offers/{credit_offer_id}/withdraw",
    operation_id = "withdrawCreditOffer", tag = "Credit",
    extensions(("x-permission" = json!(Permission::WithdrawOffer.name())), ("x-codes" = json!(codes(&[Code::OfferAlreadyAccepted, Code::InvalidState])))),
    responses((status = 200, description = "The offer, expired.", body = Offer))
)]
pub(super) async fn withdraw(call: Write<PathId<OfferId>>) -> Result<Response, Rejection> {
    let withdraw = |tx: &mut Tx<'_>, at: Place, id| app::credit::offers::withdraw(tx, at.partner, at.now, id);
    call.step(withdraw, |offer| Answer::ok(&Offer::from(offer))).await
}
