//! Loans: disbursement, installments, the ledger.

use std::sync::Arc;

use app::loans::{LoanFilter, StepRefused};
use app::{Failed, ListRefused, Tx};
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use domain::id::{LoanId, PartnerId};
use domain::loan::{Failure, Loan as Lent};
use domain::page::Order;
use domain::time::Timestamp;
use wire::operator::List;
use wire::operator::loan::{
    AccountAmount, FailDisbursement, Installment, JournalEntry, Ledger, LedgerOrder, Loan, LoanStatus, STATES,
};
use wire::problem::Problem;
use wire::text_scalar;

use super::caller::OperatorCaller;
use crate::http::documented::{OrderParam, PageParams};
use crate::http::extract::{JsonBody, PathId, Query, Repeatable};
use crate::http::idempotency::{self, Answer};
use crate::http::page::cursor;
use crate::http::problem::Rejection;
use crate::http::reading;
use crate::state::AppState;

/// List loans
///
/// Those of all partners, newest first. The filters can be combined; loans to be paid out are `status=signed`.
#[utoipa::path(
    get,
    path = "/loans",
    operation_id = "listLoans",
    tag = "Loans",
    params(
        (
            "status" = Option<LoanStatus>, Query,
            description = "Lists only loans of this status.",
            example = "signed"
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
    responses((status = 200, description = "A page of loans.", body = List<Loan>))
)]
pub(super) async fn list(
    State(state): State<AppState>,
    _caller: OperatorCaller,
    mut query: Query,
) -> Result<Json<List<Loan>>, Rejection> {
    let cursor = cursor(&mut query);
    let filter = LoanFilter {
        partner: query.id("partner_id"),
        customer: query.id("customer_id"),
        state: query
            .read("status", "is not a status of loans", |text| STATES.into_iter().find(|name| *name == text)),
    };
    query.finish()?;
    let page = reading::read(&state, move |tx| app::loans::list(tx, &filter, &cursor)).await?;
    Ok(Json(List::of(page, |loan| Loan::from(&loan))))
}

/// Get a loan
///
/// With its figures, its signers and, once it is ordered, the destination of the money.
#[utoipa::path(
    get,
    path = "/loans/{loan_id}",
    operation_id = "getLoan",
    tag = "Loans",
    params((
            "loan_id" = String, Path,
            description = "The loan's id.",
            pattern = "^ln_[0-9a-f]{32}$",
            example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        )),
    responses((status = 200, description = "The loan.", body = Loan))
)]
pub(super) async fn show(
    State(state): State<AppState>,
    _caller: OperatorCaller,
    PathId(id): PathId<LoanId>,
) -> Result<Json<Loan>, Rejection> {
    let find = move |tx: &mut Tx<'_>| app::loans::find_of_any(tx, id);
    Ok(Json(Loan::from(&reading::look_up(&state, find).await?)))
}

/// List a loan's installments
///
/// In the order of due dates, with late charges as of now. A loan has no installments until its disbursement is confirmed.
#[utoipa::path(
    get,
    path = "/loans/{loan_id}/installments",
    operation_id = "listInstallments",
    tag = "Loans",
    params(
        (
            "loan_id" = String, Path,
            description = "The loan's id.",
            pattern = "^ln_[0-9a-f]{32}$",
            example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        ),
        PageParams,
    ),
    responses(
        (
            status = 200,
            description = "A page of the loan's installments, in due-date order.",
            body = List<Installment>,
        ),
    )
)]
pub(super) async fn installments(
    State(state): State<AppState>,
    _caller: OperatorCaller,
    PathId(id): PathId<LoanId>,
    mut query: Query,
) -> Result<Json<List<Installment>>, Rejection> {
    let (cursor, real) = (cursor(&mut query), state.clock.now());
    query.finish()?;
    let list = move |tx: &mut Tx<'_>| -> Result<_, Failed<ListRefused>> {
        let (partner, now) = app::directory::place(tx, real, &id)?;
        Ok((app::loans::transactions(tx, partner, id, cursor.after, cursor.limit)?, now))
    };
    let (page, now) = reading::read(&state, list).await?;
    Ok(Json(List::of(page, |installment| Installment::of(&installment, now, &state.lender.book))))
}

/// Takes a loan one step on.
async fn step<C: Send + 'static>(
    state: &AppState,
    caller: OperatorCaller,
    id: LoanId,
    request: Repeatable,
    body: &[u8],
    command: Result<C, Problem>,
    advance: impl Fn(&mut Tx<'_>, PartnerId, Timestamp, &C) -> Result<Lent, Failed<StepRefused>> + Send + 'static,
) -> Result<Response, Rejection> {
    let step = move |tx: &mut Tx<'_>, real, command: &C| {
        let (partner, now) = app::directory::place(tx, real, &id)?;
        advance(tx, partner, now, command)
    };
    idempotency::run(state, caller.holder(), request, body, command, step, |loan, _now| {
        Answer::ok(&Loan::from(loan))
    })
    .await
}

/// Order the disbursement
///
/// For a signed loan. From now on `destination` says where the money is to be sent, and the loan cannot be cancelled.
#[utoipa::path(
    post,
    path = "/loans/{loan_id}/disbursement",
    operation_id = "orderDisbursement",
    tag = "Loans",
    params((
            "loan_id" = String, Path,
            description = "The loan's id.",
            pattern = "^ln_[0-9a-f]{32}$",
            example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        )),
    responses((status = 200, description = "The loan with the destination of its money.", body = Loan))
)]
pub(super) async fn order_disbursement(
    State(state): State<AppState>,
    caller: OperatorCaller,
    PathId(id): PathId<LoanId>,
    request: Repeatable,
) -> Result<Response, Rejection> {
    step(&state, caller, id, request, b"", Ok(()), move |tx, partner, now, (): &()| {
        app::loans::start_disbursement(tx, partner, now, id)
    })
    .await
}

/// Confirm the disbursement
///
/// The customer has the money. The loan becomes `active` and gets its installments.
#[utoipa::path(
    post,
    path = "/loans/{loan_id}/disbursement/confirm",
    operation_id = "confirmDisbursement",
    tag = "Loans",
    params((
            "loan_id" = String, Path,
            description = "The loan's id.",
            pattern = "^ln_[0-9a-f]{32}$",
            example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        )),
    responses((status = 200, description = "The loan, active.", body = Loan))
)]
pub(super) async fn confirm_disbursement(
    State(state): State<AppState>,
    caller: OperatorCaller,
    PathId(id): PathId<LoanId>,
    request: Repeatable,
) -> Result<Response, Rejection> {
    let lender = Arc::clone(&state.lender);
    step(&state, caller, id, request, b"", Ok(()), move |tx, partner, now, (): &()| {
        app::loans::confirm_disbursement(tx, partner, now, id, caller.actor(), &lender)
    })
    .await
}

/// Fail the disbursement
///
/// The money did not reach the customer. The loan becomes `error`.
#[utoipa::path(
    post,
    path = "/loans/{loan_id}/disbursement/fail",
    operation_id = "failDisbursement",
    tag = "Loans",
    params((
            "loan_id" = String, Path,
            description = "The loan's id.",
            pattern = "^ln_[0-9a-f]{32}$",
            example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        )),
    request_body = FailDisbursement,
    responses((status = 200, description = "The loan, ended in error.", body = Loan))
)]
pub(super) async fn fail_disbursement(
    State(state): State<AppState>,
    caller: OperatorCaller,
    PathId(id): PathId<LoanId>,
    request: Repeatable,
    body: JsonBody,
) -> Result<Response, Rejection> {
    let command = FailDisbursement::read(&body.value);
    step(&state, caller, id, request, &body.bytes, command, move |tx, partner, now, given| {
        let failure = Failure { code: given.code.clone(), message: given.message.clone() };
        app::loans::fail_disbursement(tx, partner, now, id, failure)
    })
    .await
}

/// Cancel a loan
///
/// Only before the disbursement is ordered. The offer becomes `available` again if it is still valid.
#[utoipa::path(
    post,
    path = "/loans/{loan_id}/cancel",
    operation_id = "cancelLoan",
    tag = "Loans",
    params((
            "loan_id" = String, Path,
            description = "The loan's id.",
            pattern = "^ln_[0-9a-f]{32}$",
            example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        )),
    responses((status = 200, description = "The loan, cancelled.", body = Loan))
)]
pub(super) async fn cancel(
    State(state): State<AppState>,
    caller: OperatorCaller,
    PathId(id): PathId<LoanId>,
    request: Repeatable,
) -> Result<Response, Rejection> {
    step(&state, caller, id, request, b"", Ok(()), move |tx, partner, now, (): &()| {
        app::loans::cancel(tx, partner, now, id)
    })
    .await
}

/// Write to the signers again
///
/// Sends the link again to each signer who has not signed, at the present address, because a letter came back or an
/// address was corrected.
#[utoipa::path(
    post,
    path = "/loans/{loan_id}/invitations",
    operation_id = "createInvitations",
    tag = "Loans",
    params((
            "loan_id" = String, Path,
            description = "The loan's id.",
            pattern = "^ln_[0-9a-f]{32}$",
            example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        )),
    responses((status = 200, description = "The loan, whose signers get new e-mails.", body = Loan))
)]
pub(super) async fn invite_again(
    State(state): State<AppState>,
    caller: OperatorCaller,
    PathId(id): PathId<LoanId>,
    request: Repeatable,
) -> Result<Response, Rejection> {
    let lender = Arc::clone(&state.lender);
    step(&state, caller, id, request, b"", Ok(()), move |tx, partner, now, (): &()| {
        app::signing::invite_again(tx, partner, now, id, &lender)
    })
    .await
}

/// Retrieve a loan's ledger
///
/// The balance of each account and the entries of the journal, oldest first unless `order=desc`.
#[utoipa::path(
    get,
    path = "/loans/{loan_id}/ledger",
    operation_id = "getLedger",
    tag = "Loans",
    params(
        (
            "loan_id" = String, Path,
            description = "The loan's id.",
            pattern = "^ln_[0-9a-f]{32}$",
            example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        ),
        (
            "order" = inline(Option<LedgerOrder>), Query,
            description = "asc (default) lists the oldest entry first, desc the newest.",
            example = "asc"
        ),
        PageParams,
    ),
    responses((status = 200, description = "The balances and a page of the journal.", body = Ledger))
)]
pub(super) async fn ledger(
    State(state): State<AppState>,
    _caller: OperatorCaller,
    PathId(id): PathId<LoanId>,
    mut query: Query,
) -> Result<Json<Ledger>, Rejection> {
    let newest_first = query.text("order").is_some_and(|order| order == "desc");
    let mut cursor = cursor(&mut query);
    cursor.order = if newest_first { Order::Descending } else { Order::Ascending };
    query.finish()?;
    let real = state.clock.now();
    let read = move |tx: &mut Tx<'_>| -> Result<_, Failed<ListRefused>> {
        let (partner, _) = app::directory::place(tx, real, &id)?;
        Ok((app::ledger::balances(tx, partner, id)?, app::ledger::of_loan(tx, partner, id, &cursor)?))
    };
    let (balances, page) = reading::read(&state, read).await?;
    let entry = |entry: &app::ledger::JournalEntry| JournalEntry {
        id: entry.id.to_string(),
        cause: entry.cause.clone(),
        subject_id: entry.subject.clone(),
        actor: entry.actor.to_string(),
        entered_at: text_scalar::Timestamp(entry.entered_at),
        postings: entry.postings.iter().map(AccountAmount::from).collect(),
    };
    Ok(Json(Ledger {
        balances: balances.iter().map(AccountAmount::from).collect(),
        has_more: page.has_more,
        data: wire::operator::items(page, |found| entry(&found)),
    }))
}
