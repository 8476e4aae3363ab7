//! Loans and their installments.

use std::sync::Arc;

use app::directory::OnClock;
use app::{Cursor, Lane};
use axum::response::Response;
use domain::id::{InstallmentId, LoanId};
use wire::problem::Code;

use super::dialect::loan::{CreateLoan, Loan};
use super::dialect::transaction::Transaction;
use super::dialect::{BASE, List};
use crate::http::call::{PartnerRead, PartnerWrite};
use crate::http::documented::{PageParams, codes};
use crate::http::extract::{JsonBody, PathId};
use crate::http::idempotency::Answer;
use crate::http::json::Json;
use crate::http::page::Paged;
use crate::http::problem::Rejection;
use crate::http::refusals::LoanRefused;

/// Create a loan
///
/// Accepts the offer with its newest simulation. The contract is generated within the request, so the answer contains
/// the `signing_url`.
#[utoipa::path(
    post, path = "/loans", operation_id = "createLoan", tag = "Loans",
    extensions(("x-codes" = json!(codes(&[
        Code::ResourceNotFound,
        Code::OfferAlreadyAccepted,
        Code::KycIncomplete,
        Code::OfferExpired,
        Code::SimulationMismatch,
        Code::SimulationExpired,
    ])))),
    request_body = CreateLoan,
    responses((status = 201, description = "The loan, ready to be signed.", body = Loan))
)]
pub(super) async fn create(call: PartnerWrite<(), JsonBody>) -> Result<Response, Rejection> {
    let command = CreateLoan::read(&call.body.value).map(|given| {
        let (installments, installment) = given.installments();
        app::loans::CreateLoan {
            offer: given.credit_offer_id,
            simulation: given.simulation_id,
            installments,
            installment,
            first_due: given.first_due_date,
        }
    });
    let call = match &command {
        Ok(given) => call.on_clock_of(OnClock::Offer(given.offer)).await?,
        Err(_reported_below) => call,
    };
    let (tenant, lender) = (call.caller.tenant, Arc::clone(&call.state.lender));
    let signing_page = call.state.signing_page.clone();
    let create = move |tx: &mut app::Tx<'_>, now, command: &_| {
        let refused = |refused| LoanRefused { refused, repeated: CreateLoan::REPEATED };
        app::loans::create(tx, tenant, now, command, &lender).map_err(|failed| failed.map_refused(refused))
    };
    let call = PartnerWrite { request: call.request.in_lane(Lane::Numbered), ..call };
    call.run(command, create, move |loan, _now| {
        Answer::created(format!("{BASE}/loans/{}", loan.id), &Loan::of(&loan.into(), &signing_page))
    })
    .await
}

/// Get a loan
///
/// Shows its status and the figures of its contract.
#[utoipa::path(
    get, path = "/loans/{loan_id}", operation_id = "getLoan", tag = "Loans",
    responses((status = 200, description = "The loan.", body = Loan))
)]
pub(super) async fn show(call: PartnerRead<PathId<LoanId>>) -> Result<Json<Loan>, Rejection> {
    let loan = call.look_up(app::loans::summary).await?;
    Ok(Json(Loan::of(&loan, &call.state.signing_page)))
}

/// List the installments of a loan
///
/// In due-date order. They exist after the loan becomes active.
#[utoipa::path(
    get, path = "/loans/{loan_id}/transactions", operation_id = "listTransactions", tag = "Loans",
    params(PageParams),
    responses(
        (
            status = 200,
            description = "A page of the loan's installments, in due-date order.",
            body = List<Transaction>,
        ),
    )
)]
pub(super) async fn transactions(
    call: PartnerRead<PathId<LoanId>>, Paged(cursor): Paged<InstallmentId>,
) -> Result<Json<List<Transaction>>, Rejection> {
    let (state, id) = (&call.state, call.id());
    let now = state.now_of(call.caller.tenant);
    let list = move |tx: &mut app::Tx<'_>, tenant, at: &Cursor<InstallmentId>| {
        app::loans::installments(tx, tenant, id, at.after, at.limit)
    };
    let page = call.page(cursor, list).await?;
    let book = state.lender.book.in_force();
    Ok(Json(List::of(page, |transaction| Transaction::of(&transaction, now, &book))))
}
