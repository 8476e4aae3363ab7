//! Payments of loans, their reversals, and the amount of an early payoff.

use std::sync::Arc;

use app::Tx;
use app::books::{self, PaymentFilter};
use app::payments::{Excess, RecordedPayment};
use axum::Json;
use axum::response::Response;
use domain::access::Permission;
use domain::id::{LoanId, PaymentId};
use domain::page::Page;
use domain::search::Query as Sought;
use wire::operator::List;
use wire::operator::payment::{PaymentShown, PayoffQuote, RecordPayment, Recorded};
use wire::operator::proposal::Proposal;
use wire::problem::Code;

use super::place::{OfPartner, Place, Read, Write};
use super::plain::csv;
use super::proposals::{done_or_proposed, proposer};
use crate::http::documented::{OrderParam, PageParams, codes};
use crate::http::extract::{JsonBody, PathId, Query};
use crate::http::idempotency::Answer;
use crate::http::page::{Paged, cursor};
use crate::http::problem::{Rejection, of_store};

pub(super) fn shown(recorded: &RecordedPayment) -> PaymentShown {
    let RecordedPayment { payment, loan, reference, recorded_by, recorded_at, reversed_at, .. } = recorded;
    let recorded = Recorded { by: *recorded_by, at: *recorded_at, reversed_at: *reversed_at };
    PaymentShown::of(payment, *loan, reference, recorded)
}

/// Record a payment
///
/// The payment covers the oldest open installment first, then the next ones. Within an installment it pays late
/// charges, then interest, then principal. The same reference means the same payment, with or without an idempotency
/// key. An amount above the debt by more than the configured limit needs `confirm_overpayment`.
#[utoipa::path(
    post, path = "/loans/{loan_id}/payments", operation_id = "createPayment", tag = "Payments",
    extensions(("x-permission" = json!(Permission::RecordPayment.name())), ("x-codes" = json!(codes(&[
        Code::AmountOutOfRange,
        Code::OverpaymentNotConfirmed,
        Code::InvalidState,
    ])))),
    request_body = RecordPayment,
    responses((status = 201, description = "The recorded payment.", body = PaymentShown))
)]
pub(super) async fn record(call: Write<PathId<LoanId>, JsonBody>) -> Result<Response, Rejection> {
    let (id, actor, lender) = (call.id(), call.caller.actor(), Arc::clone(&call.state.lender));
    let record = move |tx: &mut Tx<'_>, Place { partner, now, .. }: Place, given: &RecordPayment| {
        let command = app::payments::RecordPayment {
            loan: id,
            reference: given.reference.clone(),
            amount: given.amount,
            paid_at: app::payments::paid_at(given.paid_on, now),
            kind: given.kind,
            excess: if given.confirm_overpayment {
                Excess::Confirmed
            } else {
                Excess::UpTo(lender.overpayment_limit)
            },
            actor,
        };
        app::payments::record(tx, partner, now, &command, &lender.book.in_force())
    };
    let command = RecordPayment::read(&call.body.value);
    call.change(command, record, |recorded| Answer::created_here(&shown(recorded))).await
}

/// List a loan's payments
///
/// Newest first, also reversed ones.
#[utoipa::path(
    get, path = "/loans/{loan_id}/payments", operation_id = "listPayments", tag = "Payments",
    extensions(("x-permission" = json!(Permission::ReadLoans.name()))),
    params(PageParams, OrderParam),
    responses((status = 200, description = "A page of the loan's payments.", body = List<PaymentShown>))
)]
pub(super) async fn list(
    call: Read<PathId<LoanId>>, Paged(cursor): Paged<PaymentId>,
) -> Result<Json<List<PaymentShown>>, Rejection> {
    let list = call.find(move |tx, partner, id| app::payments::list(tx, partner, id, &cursor));
    Ok(Json(List::of(list.await?, |recorded| shown(&recorded))))
}

/// The longest reference, in characters.
const LONGEST_REFERENCE: usize = 100;

/// Find payments
///
/// Payments of all partners, the newest record first. With `reference` the list has all that the reference names: the
/// payments with this reference or end-to-end id, or the payments of the loan to which a Pix charge with this txid
/// belongs.
#[utoipa::path(
    get, path = "/payments", operation_id = "findPayments", tag = "Payments",
    extensions(("x-permission" = json!(Permission::ReadLoans.name()))),
    params(
        (
            "reference" = Option<String>, Query,
            description = "Reference or end-to-end id of a payment, or txid of a Pix charge. The list then has one page.",
            max_length = 100,
            example = "E12345678202603021201abcdef12345"
        ),
        (
            "date" = Option<String>, Query,
            description = "Lists only the payments that were recorded on this business date.",
            format = Date,
            example = "2026-03-02"
        ),
        OfPartner,
        PageParams,
        OrderParam,
    ),
    responses((status = 200, description = "A page of payments.", body = List<PaymentShown>))
)]
pub(super) async fn find(call: Read, mut query: Query) -> Result<Json<List<PaymentShown>>, Rejection> {
    let (cursor, filter) = (cursor(&mut query), filter(&mut query));
    let reference = query.read("reference", "must have 1 to 100 characters", |text| {
        Sought::parse(text).filter(|_| text.chars().count() <= LONGEST_REFERENCE)
    });
    query.finish()?;
    let (real, lender) = (call.state.clock.now(), Arc::clone(&call.state.lender));
    let find = move |tx: &mut Tx<'_>| match &reference {
        None => books::received(tx, &filter, &cursor),
        Some(text) => {
            let traced = books::trace(tx, real, text, &filter, &lender.book.in_force())?;
            Ok(Page::whole(traced.payments))
        }
    };
    let page = call.state.store.list(find).await?;
    Ok(Json(List::of(page, |received| shown(&received.recorded))))
}

/// The filter of a list of payments.
fn filter(query: &mut Query) -> PaymentFilter {
    PaymentFilter {
        day: query.read("date", "must be a date such as 2026-05-01", |text| text.parse().ok()),
        partner: query.id("partner_id"),
    }
}

/// Export payments
///
/// A line for each payment, the newest record first, at most 20,000.
#[utoipa::path(
    get, path = "/payments/export", operation_id = "exportPayments", tag = "Payments",
    extensions(("x-permission" = json!(Permission::ReadLoans.name()))),
    params(
        (
            "date" = Option<String>, Query,
            description = "Only the payments that were recorded on this business date.",
            format = Date,
            example = "2026-03-02"
        ),
        OfPartner,
    ),
    responses((status = 200, description = "The payments as CSV.", content_type = "text/csv", body = String,
        example = json!("recorded_at,payment_id,reference,amount,paid_on,kind,reversed_at,partner_id,loan_id,contract\n")))
)]
pub(super) async fn export(call: Read, mut query: Query) -> Result<Response, Rejection> {
    let filter = filter(&mut query);
    query.finish()?;
    Ok(csv(books::received_csv(&call.state.store, filter).await.map_err(of_store)?))
}

/// Retrieve a payment
///
/// Also a reversed one.
#[utoipa::path(
    get, path = "/payments/{payment_id}", operation_id = "getPayment", tag = "Payments",
    extensions(("x-permission" = json!(Permission::ReadLoans.name()))),
    responses((status = 200, description = "The payment.", body = PaymentShown))
)]
pub(super) async fn show(call: Read<PathId<PaymentId>>) -> Result<Json<PaymentShown>, Rejection> {
    let found = call.find(app::payments::find).await?;
    Ok(Json(shown(&found)))
}

/// Reverse a payment
///
/// For a Pix that the bank returned, or for an error. The other payments are applied again without it. A loan that it
/// had finished becomes `active` again. With four eyes the answer is 202 with a proposal, and the reversal follows when
/// another operator approves it.
#[utoipa::path(
    post, path = "/payments/{payment_id}/reverse", operation_id = "reversePayment", tag = "Payments",
    extensions(("x-permission" = json!(Permission::ReversePayment.name())), ("x-codes" = json!(codes(&[Code::InvalidState])))),
    responses(
        (status = 200, description = "The payment, reversed.", body = PaymentShown),
        (status = 202, description = "The proposal of the reversal, which waits for another operator.", body = Proposal),
    )
)]
pub(super) async fn reverse(call: Write<PathId<PaymentId>>) -> Result<Response, Rejection> {
    let (by, lender) = (proposer(&call.state, call.caller), Arc::clone(&call.state.lender));
    let reverse = move |tx: &mut Tx<'_>, at: Place, id| {
        app::people::proposals::reverse_payment(tx, at.partner, at.now, id, &by, &lender)
    };
    let reversed = |recorded: &RecordedPayment| Answer::ok(&shown(recorded));
    call.step(reverse, move |outcome| done_or_proposed(outcome, reversed, by.now)).await
}

/// Quote an early payoff
///
/// The amount that pays off the loan on a given day, if no other payment arrives before. It is the present value of
/// the open installments at the contract's rate.
#[utoipa::path(
    get, path = "/loans/{loan_id}/payoff-quote", operation_id = "getPayoffQuote", tag = "Payments",
    extensions(("x-permission" = json!(Permission::ReadLoans.name())), ("x-codes" = json!(codes(&[Code::InvalidState])))),
    params(
        (
            "date" = Option<String>, Query,
            description = "The business date of the payoff in São Paulo: today (default) or later, at most the last \
                           due date.",
            format = Date,
            example = "2026-12-15"
        ),
    ),
    responses((status = 200, description = "The amount of the payoff on that day.", body = PayoffQuote))
)]
pub(super) async fn payoff_quote(
    call: Read<PathId<LoanId>>, mut query: Query,
) -> Result<Json<PayoffQuote>, Rejection> {
    let (id, book) = (call.id(), call.state.lender.book.in_force());
    let day = query.read("date", "must be a date such as 2026-05-01", |text| text.parse().ok());
    query.finish()?;
    let quote = call.read(move |tx, Place { partner, now, .. }| {
        app::payments::payoff_quote(tx, partner, now, id, day, &book)
    });
    let (day, payoff) = quote.await?;
    Ok(Json(PayoffQuote::of(id, day, &payoff)))
}
