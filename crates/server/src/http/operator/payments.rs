//! Payments of loans, payments taken back, and what an early payoff costs.

use std::sync::Arc;

use app::payments::{Excess, QuoteRefused, RecordedPayment};
use app::{Failed, ListRefused, Tx};
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use domain::id::{LoanId, PaymentId};
use wire::operator::List;
use wire::operator::payment::{PaymentShown, PayoffQuote, RecordPayment};

use super::caller::OperatorCaller;
use crate::http::documented::{OrderParam, PageParams};
use crate::http::extract::{JsonBody, PathId, Query, Repeatable};
use crate::http::idempotency::{self, Answer};
use crate::http::page::cursor;
use crate::http::problem::Rejection;
use crate::http::reading;
use crate::state::AppState;

fn shown(recorded: &RecordedPayment) -> PaymentShown {
    let RecordedPayment { payment, loan, reference, recorded_by, recorded_at, reversed_at, .. } = recorded;
    PaymentShown::of(payment, *loan, reference, (*recorded_by, *recorded_at), *reversed_at)
}

/// Record a payment
///
/// The payment goes to the oldest open installment: late charges, then interest, then principal, then to the next one.
/// The same reference is the same payment, with or without an idempotency key.
/// An amount that exceeds what is owed by more than the configured limit needs `confirm_overpayment`.
#[utoipa::path(
    post,
    path = "/loans/{loan_id}/payments",
    operation_id = "createPayment",
    tag = "Payments",
    params((
            "loan_id" = String, Path,
            description = "The loan's id.",
            pattern = "^ln_[0-9a-f]{32}$",
            example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        )),
    request_body = RecordPayment,
    responses((status = 201, description = "The recorded payment.", body = PaymentShown))
)]
pub(super) async fn record(
    State(state): State<AppState>,
    caller: OperatorCaller,
    PathId(id): PathId<LoanId>,
    request: Repeatable,
    body: JsonBody,
) -> Result<Response, Rejection> {
    let (book, limit) = (Arc::clone(&state.lender.book), state.lender.overpayment_limit);
    let record = move |tx: &mut Tx<'_>, real, given: &RecordPayment| {
        let (partner, now) = app::directory::place(tx, real, &id)?;
        let command = app::payments::RecordPayment {
            loan: id,
            reference: given.reference.clone(),
            amount: given.amount,
            paid_at: given.paid_at(now),
            kind: given.kind,
            excess: if given.confirm_overpayment { Excess::Confirmed } else { Excess::UpTo(limit) },
            actor: caller.actor(),
        };
        app::payments::record(tx, partner, now, &command, &book)
    };
    let command = RecordPayment::read(&body.value);
    idempotency::run(&state, caller.holder(), request, &body.bytes, command, record, |recorded, _now| {
        Answer::created_here(&shown(recorded))
    })
    .await
}

/// List a loan's payments
///
/// Newest first, those that were reversed included.
#[utoipa::path(
    get,
    path = "/loans/{loan_id}/payments",
    operation_id = "listPayments",
    tag = "Payments",
    params(
        (
            "loan_id" = String, Path,
            description = "The loan's id.",
            pattern = "^ln_[0-9a-f]{32}$",
            example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        ),
        PageParams,
        OrderParam,
    ),
    responses((status = 200, description = "A page of the loan's payments.", body = List<PaymentShown>))
)]
pub(super) async fn list(
    State(state): State<AppState>,
    _caller: OperatorCaller,
    PathId(id): PathId<LoanId>,
    mut query: Query,
) -> Result<Json<List<PaymentShown>>, Rejection> {
    let (cursor, real) = (cursor(&mut query), state.clock.now());
    query.finish()?;
    let list = move |tx: &mut Tx<'_>| -> Result<_, Failed<ListRefused>> {
        let (partner, _) = app::directory::place(tx, real, &id)?;
        app::payments::list(tx, partner, id, &cursor)
    };
    let page = reading::read(&state, list).await?;
    Ok(Json(List::of(page, |recorded| shown(&recorded))))
}

/// Reverse a payment
///
/// For a Pix that the bank returned, or an error. The other payments are applied again without it. A loan that it had
/// finished becomes `active` again.
#[utoipa::path(
    post,
    path = "/payments/{payment_id}/reverse",
    operation_id = "reversePayment",
    tag = "Payments",
    params((
            "payment_id" = String, Path,
            description = "The payment's id.",
            pattern = "^pay_[0-9a-f]{32}$",
            example = "pay_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        )),
    responses((status = 200, description = "The payment, reversed.", body = PaymentShown))
)]
pub(super) async fn reverse(
    State(state): State<AppState>,
    caller: OperatorCaller,
    PathId(id): PathId<PaymentId>,
    request: Repeatable,
) -> Result<Response, Rejection> {
    let book = Arc::clone(&state.lender.book);
    let reverse = move |tx: &mut Tx<'_>, real, _nothing: &()| {
        let (partner, now) = app::directory::place(tx, real, &id)?;
        app::payments::reverse(tx, partner, now, id, caller.actor(), &book)
    };
    idempotency::run(&state, caller.holder(), request, b"", Ok(()), reverse, |recorded, _now| {
        Answer::ok(&shown(recorded))
    })
    .await
}

/// Quote an early payoff
///
/// The amount that pays everything off on a day: the present value of the open installments at the contract's rate, if
/// nothing else is paid before.
#[utoipa::path(
    get,
    path = "/loans/{loan_id}/payoff-quote",
    operation_id = "getPayoffQuote",
    tag = "Payments",
    params(
        (
            "loan_id" = String, Path,
            description = "The loan's id.",
            pattern = "^ln_[0-9a-f]{32}$",
            example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        ),
        (
            "date" = Option<String>, Query,
            description = "The business date of the payoff in São Paulo: today (default) or later, at most the last \
                           due date.",
            format = Date,
            example = "2026-12-15"
        ),
    ),
    responses((status = 200, description = "What the payoff costs on that day.", body = PayoffQuote))
)]
pub(super) async fn payoff_quote(
    State(state): State<AppState>,
    _caller: OperatorCaller,
    PathId(id): PathId<LoanId>,
    mut query: Query,
) -> Result<Json<PayoffQuote>, Rejection> {
    let (real, book) = (state.clock.now(), Arc::clone(&state.lender.book));
    let day = query.read("date", "must be a date such as 2026-05-01", |text| text.parse().ok());
    query.finish()?;
    let quote = move |tx: &mut Tx<'_>| -> Result<_, Failed<QuoteRefused>> {
        let (partner, now) = app::directory::place(tx, real, &id)?;
        app::payments::payoff_quote(tx, partner, now, id, day, &book)
    };
    let (day, payoff) = reading::read(&state, quote).await?;
    Ok(Json(PayoffQuote::of(id, day, &payoff)))
}
