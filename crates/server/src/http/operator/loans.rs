//! Loans: disbursement, installments and the ledger.

use std::sync::Arc;

use app::loans::LoanFilter;
use app::payments::WriteLoanOff;
use app::people::proposals::{self, OrderMoney, write_loan_off};
use app::{Failed, ListRefused, Tx};
use axum::Json;
use axum::response::Response;
use domain::access::Permission;
use domain::id::{InstallmentId, LoanId};
use domain::loan::{Failure, Loan as Lent, LoanStateKind};
use domain::page::Order;
use wire::operator::List;
use wire::operator::installment::Installment;
use wire::operator::ledger::{AccountAmount, JournalEntry, Ledger, LedgerOrder};
use wire::operator::loan::{FailDisbursement, Loan, LoanStatus, WriteOff};
use wire::operator::proposal::Proposal;
use wire::problem::Code;
use wire::text_scalar::{self, Money};

use super::place::{OfCustomer, OfPartner, Place, Read, Write};
use super::proposals::{done_or_proposed, proposer};
use crate::http::documented::{OrderParam, PageParams, codes};
use crate::http::extract::{JsonBody, PathId, Query};
use crate::http::idempotency::Answer;
use crate::http::page::{Paged, cursor};
use crate::http::problem::Rejection;

/// List loans
///
/// Loans of all partners, newest first. The filters can be combined. Loans that wait for disbursement are
/// `status=signed`.
#[utoipa::path(
    get, path = "/loans", operation_id = "listLoans", tag = "Loans",
    extensions(("x-permission" = json!(Permission::ReadLoans.name()))),
    params(
        (
            "status" = Option<LoanStatus>, Query,
            description = "Lists only loans of this status.",
            example = "signed"
        ),
        OfPartner,
        OfCustomer,
        PageParams,
        OrderParam,
    ),
    responses((status = 200, description = "A page of loans.", body = List<Loan>))
)]
pub(super) async fn list(call: Read, mut query: Query) -> Result<Json<List<Loan>>, Rejection> {
    let cursor = cursor(&mut query);
    let filter = LoanFilter {
        partner: query.id("partner_id"),
        customer: query.id("customer_id"),
        state: query.word("status", &LoanStateKind::NAMES, |text| text.parse().ok()),
    };
    query.finish()?;
    let page = call.state.store.read(move |tx| app::loans::list(tx, &filter, &cursor)).await?;
    Ok(Json(List::of(page, |loan| Loan::from(&loan))))
}

/// Get a loan
///
/// Shows its figures and its signers. After the disbursement is ordered, it also shows the destination of the money.
#[utoipa::path(
    get, path = "/loans/{loan_id}", operation_id = "getLoan", tag = "Loans",
    extensions(("x-permission" = json!(Permission::ReadLoans.name()))),
    responses((status = 200, description = "The loan.", body = Loan))
)]
pub(super) async fn show(call: Read<PathId<LoanId>>) -> Result<Json<Loan>, Rejection> {
    let id = call.id();
    let find = move |tx: &mut Tx<'_>| app::loans::find_of_any(tx, id);
    Ok(Json(Loan::from(&call.state.store.look_up(find).await?)))
}

/// List a loan's installments
///
/// In due-date order, with late charges as of now. A loan has no installments until its disbursement is confirmed.
#[utoipa::path(
    get, path = "/loans/{loan_id}/installments", operation_id = "listInstallments", tag = "Loans",
    extensions(("x-permission" = json!(Permission::ReadLoans.name()))),
    params(
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
    call: Read<PathId<LoanId>>, Paged(cursor): Paged<InstallmentId>,
) -> Result<Json<List<Installment>>, Rejection> {
    let id = call.id();
    let list = call.read(move |tx, Place { partner, now, .. }| -> Result<_, Failed<ListRefused>> {
        Ok((app::loans::installments(tx, partner, id, cursor.after, cursor.limit)?, now))
    });
    let (page, now) = list.await?;
    let book = &call.state.lender.book.in_force();
    Ok(Json(List::of(page, |installment| Installment::of(&installment, now, book))))
}

/// The answer to a step: the loan after it.
fn stepped(loan: &Lent) -> Answer {
    Answer::ok(&Loan::from(loan))
}

/// Order the disbursement
///
/// Only for a signed loan. The loan then shows the `destination` of the money and cannot be cancelled. With four eyes
/// the answer is 202 with a proposal, and the order follows when another operator approves it.
#[utoipa::path(
    post, path = "/loans/{loan_id}/disbursement", operation_id = "orderDisbursement", tag = "Loans",
    extensions(("x-permission" = json!(Permission::OrderDisbursement.name())), ("x-codes" = json!(codes(&[Code::InvalidState])))),
    responses(
        (status = 200, description = "The loan with the destination of its money.", body = Loan),
        (status = 202, description = "The proposal of the order, which waits for another operator.", body = Proposal),
    )
)]
pub(super) async fn order_disbursement(call: Write<PathId<LoanId>>) -> Result<Response, Rejection> {
    ordered(call, proposals::order_disbursement).await
}

/// Order the disbursement again
///
/// Only for a loan of status `error` whose disbursement was ordered before. The money goes to the customer's present
/// destination. The new order has a name of its own in files for the bank, so an answer to an order before changes
/// nothing. With four eyes the answer is 202 with a proposal, and the order follows when another operator approves it.
#[utoipa::path(
    post, path = "/loans/{loan_id}/disbursement/again", operation_id = "repeatDisbursement", tag = "Loans",
    extensions(("x-permission" = json!(Permission::OrderDisbursement.name())), ("x-codes" = json!(codes(&[Code::InvalidState])))),
    responses(
        (status = 200, description = "The loan, disbursing again.", body = Loan),
        (status = 202, description = "The proposal of the order, which waits for another operator.", body = Proposal),
    )
)]
pub(super) async fn repeat_disbursement(call: Write<PathId<LoanId>>) -> Result<Response, Rejection> {
    ordered(call, proposals::pay_again).await
}

async fn ordered(call: Write<PathId<LoanId>>, order: OrderMoney) -> Result<Response, Rejection> {
    let by = proposer(&call.state, call.caller);
    let order = move |tx: &mut Tx<'_>, at: Place, id| order(tx, at.partner, at.now, id, &by);
    call.step(order, move |outcome| done_or_proposed(outcome, stepped, by.now)).await
}

/// Confirm the disbursement
///
/// The customer has the money. The loan becomes `active` and gets its installments.
#[utoipa::path(
    post, path = "/loans/{loan_id}/disbursement/confirm", operation_id = "confirmDisbursement", tag = "Loans",
    extensions(("x-permission" = json!(Permission::SettleDisbursement.name())), ("x-codes" = json!(codes(&[Code::InvalidState])))),
    responses((status = 200, description = "The loan, active.", body = Loan))
)]
pub(super) async fn confirm_disbursement(call: Write<PathId<LoanId>>) -> Result<Response, Rejection> {
    let (actor, lender) = (call.caller.actor(), Arc::clone(&call.state.lender));
    let confirm = move |tx: &mut Tx<'_>, at: Place, id| {
        app::loans::confirm_disbursement(tx, at.partner, at.now, id, actor, &lender)
    };
    call.step(confirm, stepped).await
}

/// Fail the disbursement
///
/// The money did not reach the customer. The loan becomes `error`. Its disbursement can be ordered again, or the loan
/// cancelled.
#[utoipa::path(
    post, path = "/loans/{loan_id}/disbursement/fail", operation_id = "failDisbursement", tag = "Loans",
    extensions(("x-permission" = json!(Permission::SettleDisbursement.name())), ("x-codes" = json!(codes(&[Code::InvalidState])))),
    request_body = FailDisbursement,
    responses((status = 200, description = "The loan, in error.", body = Loan))
)]
pub(super) async fn fail_disbursement(call: Write<PathId<LoanId>, JsonBody>) -> Result<Response, Rejection> {
    let (id, command) = (call.id(), FailDisbursement::read(&call.body.value));
    let fail = move |tx: &mut Tx<'_>, at: Place, given: &FailDisbursement| {
        let failure = Failure { code: given.code.clone(), message: given.message.clone() };
        app::loans::fail_disbursement(tx, at.partner, at.now, id, failure)
    };
    call.change(command, fail, stepped).await
}

/// Write a loan off
///
/// Only an active loan that is more than 90 days overdue. The borrower still owes the money: in the books the unpaid
/// principal becomes a loss, and later payments are recoveries. With four eyes the answer is 202 with a proposal. Its
/// approver needs a `largest_waiver` of at least the unpaid principal.
#[utoipa::path(
    post, path = "/loans/{loan_id}/write-off", operation_id = "writeLoanOff", tag = "Loans",
    extensions(("x-permission" = json!(Permission::WriteOffLoan.name())), ("x-codes" = json!(codes(&[Code::InvalidState])))),
    request_body = WriteOff,
    responses(
        (status = 200, description = "The loan with its write-off.", body = Loan),
        (status = 202, description = "The proposal of the write-off, which waits for another operator.", body = Proposal),
    )
)]
pub(super) async fn write_off(call: Write<PathId<LoanId>, JsonBody>) -> Result<Response, Rejection> {
    let (by, lender) = (proposer(&call.state, call.caller), Arc::clone(&call.state.lender));
    let (loan, actor) = (call.id(), call.caller.actor());
    let limit = call.caller.grants().limits.largest_waiver;
    let command = WriteOff::read(&call.body.value).map(|WriteOff { reason }| WriteLoanOff {
        loan,
        reason,
        limit,
        actor,
    });
    let run = move |tx: &mut Tx<'_>, at: Place, command: &WriteLoanOff| {
        write_loan_off(tx, at.partner, at.now, command, (&by, &lender.book.in_force()))
    };
    call.change(command, run, move |outcome| done_or_proposed(outcome, stepped, by.now)).await
}

/// Cancel a loan
///
/// Only before the order is in a file for the bank, or after the bank returned the money. The offer becomes `available`
/// again if it is still valid.
#[utoipa::path(
    post, path = "/loans/{loan_id}/cancel", operation_id = "cancelLoan", tag = "Loans",
    extensions(("x-permission" = json!(Permission::CancelLoan.name())), ("x-codes" = json!(codes(&[Code::InvalidState])))),
    responses((status = 200, description = "The loan, cancelled.", body = Loan))
)]
pub(super) async fn cancel(call: Write<PathId<LoanId>>) -> Result<Response, Rejection> {
    call.step(|tx, at, id| app::loans::cancel(tx, at.partner, at.now, id), stepped).await
}

/// Write to the signers again
///
/// Sends the link again to each signer who has not signed. It goes to the signer's present address, for example after
/// an e-mail was returned or an address corrected.
#[utoipa::path(
    post, path = "/loans/{loan_id}/invitations", operation_id = "createInvitations", tag = "Loans",
    extensions(("x-permission" = json!(Permission::InviteSigners.name())), ("x-codes" = json!(codes(&[Code::InvalidState])))),
    responses((status = 200, description = "The loan. Its signers receive new e-mails.", body = Loan))
)]
pub(super) async fn invite_again(call: Write<PathId<LoanId>>) -> Result<Response, Rejection> {
    let lender = Arc::clone(&call.state.lender);
    let invite =
        move |tx: &mut Tx<'_>, at: Place, id| app::signing::invite_again(tx, at.partner, at.now, id, &lender);
    call.step(invite, stepped).await
}

/// Retrieve a loan's ledger
///
/// The balance of each account and the entries of the journal. The oldest entry comes first unless `order=desc`.
#[utoipa::path(
    get, path = "/loans/{loan_id}/ledger", operation_id = "getLedger", tag = "Loans",
    extensions(("x-permission" = json!(Permission::ReadLedger.name()))),
    params(
        (
            "order" = inline(Option<LedgerOrder>), Query,
            description = "asc (default) lists the oldest entry first, desc the newest.",
            example = "asc"
        ),
        PageParams,
    ),
    responses((status = 200, description = "The balances and a page of the journal.", body = Ledger))
)]
pub(super) async fn ledger(call: Read<PathId<LoanId>>, mut query: Query) -> Result<Json<Ledger>, Rejection> {
    let newest_first = query.text("order").is_some_and(|order| order == "desc");
    let mut cursor = cursor(&mut query);
    cursor.order = if newest_first { Order::Descending } else { Order::Ascending };
    query.finish()?;
    let id = call.id();
    let read = call.read(move |tx, Place { partner, .. }| -> Result<_, Failed<ListRefused>> {
        Ok((app::ledger::balances(tx, partner, id)?, app::ledger::running(tx, partner, id, &cursor)?))
    });
    let (balances, page) = read.await?;
    let entry = |app::ledger::Running { entry, principal_after }: app::ledger::Running| JournalEntry {
        id: entry.id.to_string(),
        cause: entry.cause.clone(),
        subject_id: entry.subject.clone(),
        actor: entry.actor.to_string(),
        entered_at: text_scalar::Timestamp(entry.entered_at),
        postings: entry.postings.iter().map(AccountAmount::from).collect(),
        principal_after: Money(principal_after),
    };
    Ok(Json(Ledger {
        balances: balances.iter().map(AccountAmount::from).collect(),
        has_more: page.has_more,
        data: wire::operator::items(page, entry),
    }))
}
