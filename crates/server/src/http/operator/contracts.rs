//! Contracts with the evidence of their signatures, and the means of payment.

use std::sync::Arc;

use app::contracts::{Copy, Document};
use app::{Failed, NotFound, Tx};
use axum::Json;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use domain::access::Permission;
use domain::id::LoanId;
use wire::operator::List;
use wire::operator::signature::{Collection, ContractCopy, DueInstallment, Signature};
use wire::problem::Problem;

use super::place::Read;
use crate::contract_files;
use crate::http::extract::{PathId, Query};
use crate::http::problem::{Rejection, of_store};

/// Read a loan's contract
///
/// The contract (CCB) as it was issued, or its signed copy. The signed copy ends with a page of signatures.
#[utoipa::path(
    get, path = "/loans/{loan_id}/contract", operation_id = "getContract", tag = "Loans",
    extensions(("x-permission" = json!(Permission::ReadContracts.name()))),
    params(
        (
            "copy" = inline(Option<ContractCopy>), Query,
            description = "`issued` (default) is the contract as the signers saw it. `signed` exists after the last \
                           signature.",
            example = "signed"
        ),
    ),
    responses((status = 200, description = "The contract, a PDF.", content_type = "application/pdf"))
)]
pub(super) async fn document(call: Read<PathId<LoanId>>, mut query: Query) -> Result<Response, Rejection> {
    let copy = query.read("copy", "is issued or signed", |text| match text {
        "issued" => Some(Copy::Issued),
        "signed" => Some(Copy::Signed),
        _other => None,
    });
    query.finish()?;
    let partner = call.read(|_tx, place| Ok::<_, Failed<NotFound>>(place.partner)).await?;
    let document = Document { partner, loan: call.id(), copy: copy.unwrap_or(Copy::Issued) };
    let file = contract_files::find(&call.state, document).await.map_err(of_store)?;
    let file = file.ok_or_else(Problem::not_found)?;
    let headers =
        [(CONTENT_TYPE, "application/pdf"), (CACHE_CONTROL, "no-store"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    Ok((headers, file.pdf).into_response())
}

/// List the evidence of a loan's signatures
///
/// One item for each signer who has signed, in the order of their signatures. The list has one page.
#[utoipa::path(
    get, path = "/loans/{loan_id}/signatures", operation_id = "listSignatures", tag = "Loans",
    extensions(("x-permission" = json!(Permission::ReadContracts.name()))),
    responses((status = 200, description = "The evidence of each signature.", body = List<Signature>))
)]
pub(super) async fn signatures(call: Read<PathId<LoanId>>) -> Result<Json<List<Signature>>, Rejection> {
    let list = call.find(|tx, partner, id| -> Result<_, Failed<NotFound>> {
        Ok(app::signing::listed_evidence(tx, partner, id)?)
    });
    Ok(Json(List::of(list.await?, |evidence| Signature::from(&evidence))))
}

/// Retrieve a loan's payment page and Pix codes
///
/// The link to the payment page. For each installment, the Pix code of the amount that is left to pay today.
#[utoipa::path(
    get, path = "/loans/{loan_id}/collection", operation_id = "getCollection", tag = "Payments",
    extensions(("x-permission" = json!(Permission::ReadLoans.name()))),
    responses((status = 200, description = "The payment page and the Pix codes.", body = Collection))
)]
pub(super) async fn collection(call: Read<PathId<LoanId>>) -> Result<Json<Collection>, Rejection> {
    let (id, state) = (call.id(), &call.state);
    let (real, lender) = (state.clock.now(), Arc::clone(&state.lender));
    let find = move |tx: &mut Tx<'_>| {
        let page = app::loans::page_token(tx, id);
        app::payments::collection::statement(tx, real, page, &lender).map(|statement| (page, statement))
    };
    let (page, statement) = state.store.read(find).await?;
    let due = |due: &app::payments::collection::Due| {
        let code = due.code.as_ref().map(|(_charge, code)| code.as_str().to_owned());
        DueInstallment::of(&due.installment, &due.summary, code)
    };
    Ok(Json(Collection {
        payment_url: state.lender.links.payment(page),
        installments: statement.dues.iter().map(due).collect(),
    }))
}
