//! Customers, and the reviewer's word on their KYC.

use std::time::Duration;

use app::customers::CustomerFilter;
use app::kyc::review::ReviewRefused;
use app::{Failed, NotFound, Tx};
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use domain::customer::{CustomerFile, NotJudged};
use domain::id::{CustomerId, PartnerId};
use domain::kyc::{Judgement, Verdict};
use domain::tax_id::{Cnpj, Cpf};
use domain::time::Timestamp;
use wire::operator::List;
use wire::operator::customer::{Customer, CustomerStatus, DecideKyc, RefuseCustomer, STATES};

use super::caller::OperatorCaller;
use super::refusals::KycRefused;
use crate::http::documented::{OrderParam, PageParams};
use crate::http::extract::{JsonBody, OptionalJsonBody, PathId, Query, Repeatable};
use crate::http::idempotency::{self, Answer};
use crate::http::page::cursor;
use crate::http::problem::Rejection;
use crate::http::reading;
use crate::state::AppState;

/// List customers
///
/// Those of all partners, newest first. The filters can be combined; a review queue is `status=under_review`.
#[utoipa::path(
    get,
    path = "/customers",
    operation_id = "listCustomers",
    tag = "Customers",
    params(
        (
            "status" = Option<CustomerStatus>, Query,
            description = "Lists only customers of this status.",
            example = "under_review"
        ),
        (
            "partner_id" = Option<String>, Query,
            description = "Lists only what belongs to this partner.",
            pattern = "^ptr_[0-9a-f]{32}$",
            example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        ),
        (
            "cpf" = Option<String>, Query,
            description = "Lists only customers with this CPF, with or without punctuation.",
            pattern = r"^(\d{11}|\d{3}\.\d{3}\.\d{3}-\d{2})$",
            example = "123.456.789-09"
        ),
        (
            "cnpj" = Option<String>, Query,
            description = "Lists only customers with this CNPJ, with or without punctuation.",
            pattern = r"^([0-9A-Za-z]{12}\d{2}|[0-9A-Za-z]{2}\.[0-9A-Za-z]{3}\.[0-9A-Za-z]{3}/[0-9A-Za-z]{4}-\d{2})$",
            example = "12.345.678/0001-95"
        ),
        (
            "external_id" = Option<String>, Query,
            description = "Lists only customers with this `external_id`, the partner's own id.",
            example = "merchant-42"
        ),
        PageParams,
        OrderParam,
    ),
    responses((status = 200, description = "A page of customers with their KYC.", body = List<Customer>))
)]
pub(super) async fn list(
    State(state): State<AppState>,
    _caller: OperatorCaller,
    mut query: Query,
) -> Result<Json<List<Customer>>, Rejection> {
    let cursor = cursor(&mut query);
    let partner: Option<PartnerId> = query.id("partner_id");
    let filter = CustomerFilter {
        cpf: query.read("cpf", "is not a CPF", |text| Cpf::parse(text).ok()),
        cnpj: query.read("cnpj", "is not a CNPJ", |text| Cnpj::parse(text).ok()),
        external_id: query.text("external_id"),
        state: query.read("status", "is not a status of customers", |text| {
            STATES.into_iter().find(|state| state.name() == text)
        }),
        ..CustomerFilter::default()
    };
    query.finish()?;
    let page = reading::read(&state, move |tx| app::customers::list(tx, partner, &filter, &cursor)).await?;
    Ok(Json(List::of(page, |file| Customer::from(&file))))
}

/// Get a customer with its KYC
///
/// With every requirement, its evidence and the ids of the uploaded documents.
#[utoipa::path(
    get,
    path = "/customers/{customer_id}",
    operation_id = "getCustomer",
    tag = "Customers",
    params((
            "customer_id" = String, Path,
            description = "The customer's id.",
            pattern = "^cust_[0-9a-f]{32}$",
            example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        )),
    responses((status = 200, description = "The customer with its KYC.", body = Customer))
)]
pub(super) async fn show(
    State(state): State<AppState>,
    _caller: OperatorCaller,
    PathId(id): PathId<CustomerId>,
) -> Result<Json<Customer>, Rejection> {
    let real = state.clock.now();
    let find = move |tx: &mut Tx<'_>| -> Result<_, Failed<NotFound>> {
        let (partner, _) = app::directory::place(tx, real, &id)?;
        app::customers::find(tx, partner, id)
    };
    Ok(Json(Customer::from(&reading::read(&state, find).await?)))
}

/// Decide on KYC requirements
///
/// Each decision names the documents that it judges. If others are handed in now, nothing is decided (409
/// `invalid_state`). One rejection sends the customer back to KYC with the reasons. Once every mandatory requirement is accepted the
/// customer is active, and the offers of approved credit decisions are made.
#[utoipa::path(
    post,
    path = "/customers/{customer_id}/kyc-decisions",
    operation_id = "decideKyc",
    tag = "Customers",
    params((
            "customer_id" = String, Path,
            description = "The customer's id.",
            pattern = "^cust_[0-9a-f]{32}$",
            example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        )),
    request_body = DecideKyc,
    responses((status = 200, description = "The customer after the decisions.", body = Customer))
)]
pub(super) async fn decide_kyc(
    State(state): State<AppState>,
    caller: OperatorCaller,
    PathId(id): PathId<CustomerId>,
    request: Repeatable,
    body: JsonBody,
) -> Result<Response, Rejection> {
    let lifetime = state.config.lifetimes.offer;
    let decide = move |tx: &mut Tx<'_>, real, given: &DecideKyc| decide(tx, real, id, given, lifetime);
    let command = DecideKyc::read(&body.value);
    idempotency::run(&state, caller.holder(), request, &body.bytes, command, decide, |file, _now| {
        Answer::ok(&Customer::from(file))
    })
    .await
}

fn decide(
    tx: &mut Tx<'_>,
    real: Timestamp,
    id: CustomerId,
    given: &DecideKyc,
    lifetime: Duration,
) -> Result<CustomerFile, Failed<KycRefused>> {
    let (partner, now) = app::directory::place(tx, real, &id)?;
    let file =
        app::customers::find(tx, partner, id).map_err(|failed| failed.map_refused(KycRefused::from))?;
    let judgements = judgements(&file, given).map_err(Failed::Refused)?;
    app::kyc::review::decide(tx, partner, now, id, &judgements, lifetime).map_err(|failed| {
        failed.map_refused(|refused| match refused {
            ReviewRefused::NotJudged(NotJudged::OtherDocuments(key)) => judgements
                .iter()
                .position(|judgement| judgement.key == key)
                .map_or(KycRefused::Review(refused, file.customer.state), |index| {
                    KycRefused::OtherDocuments { index }
                }),
            other => KycRefused::Review(other, file.customer.state),
        })
    })
}

/// The decisions by the keys of the customer's requirements.
fn judgements(file: &CustomerFile, given: &DecideKyc) -> Result<Vec<Judgement>, KycRefused> {
    let mut judgements: Vec<Judgement> = Vec::with_capacity(given.decisions.len());
    for (index, decision) in given.decisions.iter().enumerate() {
        let key = decision.key(file).ok_or(KycRefused::Unknown { index })?;
        if judgements.iter().any(|known| known.key == key) {
            return Err(KycRefused::Twice { index });
        }
        let verdict = match (decision.verdict.as_str(), &decision.reason) {
            ("reject", Some(reason)) => Verdict::Reject { reason: reason.clone() },
            _accepted => Verdict::Accept,
        };
        judgements.push(Judgement { key, documents: decision.document_ids.clone(), verdict });
    }
    Ok(judgements)
}

/// Refuse a customer for good
///
/// The body may name the documents that were judged. If others are handed in now, nothing is decided (409
/// `invalid_state`).
#[utoipa::path(
    post,
    path = "/customers/{customer_id}/refuse",
    operation_id = "refuseCustomer",
    tag = "Customers",
    params((
            "customer_id" = String, Path,
            description = "The customer's id.",
            pattern = "^cust_[0-9a-f]{32}$",
            example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        )),
    request_body = Option<RefuseCustomer>,
    responses((status = 200, description = "The customer, denied.", body = Customer))
)]
pub(super) async fn refuse(
    State(state): State<AppState>,
    caller: OperatorCaller,
    PathId(id): PathId<CustomerId>,
    request: Repeatable,
    body: OptionalJsonBody,
) -> Result<Response, Rejection> {
    let refuse = move |tx: &mut Tx<'_>, real, given: &RefuseCustomer| -> Result<_, Failed<KycRefused>> {
        let (partner, now) = app::directory::place(tx, real, &id)?;
        let file =
            app::customers::find(tx, partner, id).map_err(|failed| failed.map_refused(KycRefused::from))?;
        app::kyc::review::refuse(tx, partner, now, id, given.document_ids.as_deref())
            .map_err(|failed| failed.map_refused(|refused| KycRefused::Review(refused, file.customer.state)))
    };
    let command = RefuseCustomer::read(body.value.as_ref());
    idempotency::run(&state, caller.holder(), request, &body.bytes, command, refuse, |file, _now| {
        Answer::ok(&Customer::from(file))
    })
    .await
}
