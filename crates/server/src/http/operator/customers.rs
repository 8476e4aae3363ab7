//! Customers, and the reviewer's decisions on their KYC.

use std::time::Duration;

use app::customers::CustomerFilter;
use app::customers::tags::{self, Tagged};
use app::kyc::review::ReviewRefused;
use app::{Failed, Tx};
use axum::Json;
use axum::response::Response;
use domain::access::Permission;
use domain::customer::{CustomerFile, CustomerState, InvalidTag, NotJudged, Tag};
use domain::id::{CustomerId, PartnerId};
use domain::kyc::{Judgement, Verdict};
use domain::tax_id::{Cnpj, Cpf};
use wire::operator::List;
use wire::operator::customer::{Customer, CustomerStatus};
use wire::operator::review::{DecideKyc, RefuseCustomer};
use wire::problem::Code;

use super::place::{OfPartner, Place, Read, Write};
use super::refusals::KycRefused;
use crate::http::documented::{OrderParam, PageParams, codes};
use crate::http::extract::{JsonBody, OptionalJsonBody, PathId, Query};
use crate::http::idempotency::Answer;
use crate::http::page::cursor;
use crate::http::problem::Rejection;

/// List customers
///
/// Customers of all partners, newest first. The filters can be combined. A review queue is `status=under_review`.
#[utoipa::path(
    get, path = "/customers", operation_id = "listCustomers", tag = "Customers",
    extensions(("x-permission" = json!(Permission::ReadCustomers.name()))),
    params(
        (
            "status" = Option<CustomerStatus>, Query,
            description = "Lists only customers of this status.",
            example = "under_review"
        ),
        OfPartner,
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
        (
            "tag" = Option<String>, Query,
            description = "Lists only customers with this tag, by their registration. Case and accents do not count.",
            min_length = 2,
            max_length = 30,
            example = "renda-a-conferir"
        ),
        PageParams,
        OrderParam,
    ),
    responses((status = 200, description = "A page of customers with their KYC.", body = List<Customer>))
)]
pub(super) async fn list(call: Read, mut query: Query) -> Result<Json<List<Customer>>, Rejection> {
    let cursor = cursor(&mut query);
    let partner: Option<PartnerId> = query.id("partner_id");
    let filter = CustomerFilter {
        cpf: query.read("cpf", "is not a CPF", |text| Cpf::parse(text).ok()),
        cnpj: query.read("cnpj", "is not a CNPJ", |text| Cnpj::parse(text).ok()),
        external_id: query.text("external_id"),
        state: query.word("status", &CustomerState::NAMES, |text| text.parse().ok()),
        ..CustomerFilter::default()
    };
    let tag = query.read("tag", &InvalidTag.to_string(), |text| Tag::parse(text).ok());
    query.finish()?;
    let list = move |tx: &mut Tx<'_>| tags::list(tx, partner, &filter, tag.as_ref(), &cursor);
    let page = call.state.store.read(list).await?;
    Ok(Json(List::of(page, |tagged| Customer::of(&tagged.file, &tagged.tags))))
}

/// Get a customer with its KYC
///
/// With every requirement, its evidence and the ids of the uploaded documents.
#[utoipa::path(
    get, path = "/customers/{customer_id}", operation_id = "getCustomer", tag = "Customers",
    extensions(("x-permission" = json!(Permission::ReadCustomers.name()))),
    responses((status = 200, description = "The customer with its KYC.", body = Customer))
)]
pub(super) async fn show(call: Read<PathId<CustomerId>>) -> Result<Json<Customer>, Rejection> {
    let tagged = call.find(tags::find).await?;
    Ok(Json(Customer::of(&tagged.file, &tagged.tags)))
}

/// The answer to a decision: the customer after it.
fn decided(tagged: &Tagged) -> Answer {
    Answer::ok(&Customer::of(&tagged.file, &tagged.tags))
}

/// Decide on KYC requirements
///
/// Each decision names the documents that it judges. If the customer has submitted others since, nothing is decided
/// (409 `invalid_state`). One rejection sends the customer back to KYC with the reasons. When every mandatory
/// requirement is accepted, the customer becomes active and the approved credit decisions make their offers.
#[utoipa::path(
    post, path = "/customers/{customer_id}/kyc-decisions", operation_id = "decideKyc", tag = "Customers",
    extensions(("x-permission" = json!(Permission::DecideKyc.name())), ("x-codes" = json!(codes(&[Code::InvalidEvidence, Code::InvalidState])))),
    request_body = DecideKyc,
    responses((status = 200, description = "The customer after the decisions.", body = Customer))
)]
pub(super) async fn decide_kyc(call: Write<PathId<CustomerId>, JsonBody>) -> Result<Response, Rejection> {
    let (id, lifetime) = (call.id(), call.state.config.lifetimes.offer);
    let decide = move |tx: &mut Tx<'_>, place, given: &DecideKyc| {
        let file = decide(tx, place, id, given, lifetime)?;
        Ok::<_, Failed<KycRefused>>(tags::with_tags(tx, file)?)
    };
    let command = DecideKyc::read(&call.body.value);
    call.change(command, decide, decided).await
}

fn decide(
    tx: &mut Tx<'_>, Place { partner, now, .. }: Place, id: CustomerId, given: &DecideKyc, lifetime: Duration,
) -> Result<CustomerFile, Failed<KycRefused>> {
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

/// The decisions, matched to the keys of the customer's requirements.
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

/// Refuse a customer permanently
///
/// The body may name the documents that were judged. If the customer has submitted others since, nothing is decided
/// (409 `invalid_state`).
#[utoipa::path(
    post, path = "/customers/{customer_id}/refuse", operation_id = "refuseCustomer", tag = "Customers",
    extensions(("x-permission" = json!(Permission::RefuseCustomer.name())), ("x-codes" = json!(codes(&[Code::InvalidState])))),
    request_body = Option<RefuseCustomer>,
    responses((status = 200, description = "The customer, denied.", body = Customer))
)]
pub(super) async fn refuse(call: Write<PathId<CustomerId>, OptionalJsonBody>) -> Result<Response, Rejection> {
    let (id, command) = (call.id(), RefuseCustomer::read(call.body.value.as_ref()));
    let refuse = move |tx: &mut Tx<'_>, Place { partner, now, .. }: Place, given: &RefuseCustomer| {
        let file =
            app::customers::find(tx, partner, id).map_err(|failed| failed.map_refused(KycRefused::from))?;
        let refused = app::kyc::review::refuse(tx, partner, now, id, given.document_ids.as_deref());
        let refused = refused.map_err(|failed| {
            failed.map_refused(|refused| KycRefused::Review(refused, file.customer.state))
        })?;
        Ok(tags::with_tags(tx, refused)?)
    };
    call.change(command, refuse, decided).await
}
