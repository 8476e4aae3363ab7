//! The forms that take a loan a step further. Each runs the use case that the operator API runs.

use std::sync::Arc;

use app::loan_sheet::{LoanAction, Part};
use app::loans::StepRefused;
use app::payments::{WriteLoanOff, WriteOffRefused};
use app::people::proposals::{OrderMoney, Outcome, ProposeRefused, write_loan_off};
use app::{Failed, Tx};
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::actor::Actor;
use domain::id::{LoanId, PartnerId};
use domain::loan::{Failure, Loan};
use domain::time::Timestamp;
use serde_json::json;
use wire::operator::loan::{FailDisbursement, WriteOff};

use super::super::proposals;
use super::ask::asked;
use super::page::{changed, read};
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::people::notice::{refused_list, unknown};
use crate::pages::people::visit::Visit;

/// Runs a step and shows the loan after it.
async fn step(
    visit: Visit, headers: &HeaderMap, (id, form): (&str, &[u8]),
    step: impl Fn(&mut Tx<'_>, PartnerId, Timestamp, LoanId) -> Result<Loan, Failed<StepRefused>> + Send + 'static,
) -> Response {
    let Ok(id) = id.parse::<LoanId>() else { return unknown(headers) };
    let real = visit.state.clock.now();
    let placed = move |tx: &mut Tx<'_>| {
        let (partner, now) = app::directory::place(tx, real, &id)?;
        step(tx, partner, now, id)
    };
    match visit.change(form, placed).await {
        Ok(_loan) => see_other(&visit.kept(&format!("/console/loans/{id}"))),
        Err(Failed::Refused(StepRefused::NotFound)) => unknown(headers),
        Err(Failed::Refused(StepRefused::InvalidState | StepRefused::NotASigner)) => {
            changed(visit, headers, id).await
        }
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// Orders the disbursement, or proposes it.
pub(in crate::pages::console) async fn order(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    ordered(visit, &headers, &id, app::people::proposals::order_disbursement).await
}

/// Orders the disbursement again that the bank returned, or proposes it.
pub(in crate::pages::console) async fn pay_again(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    ordered(visit, &headers, &id, app::people::proposals::pay_again).await
}

async fn ordered(visit: Visit, headers: &HeaderMap, id: &str, order: OrderMoney) -> Response {
    let Ok(id) = id.parse::<LoanId>() else { return unknown(headers) };
    let by = visit.proposer();
    let run = move |tx: &mut Tx<'_>| {
        let (partner, now) = app::directory::place(tx, by.now, &id)?;
        order(tx, partner, now, id, &by)
    };
    match visit.change(b"", run).await {
        Ok(Outcome::Done(_) | Outcome::Proposed(_)) => {
            see_other(&visit.kept(&format!("/console/loans/{id}")))
        }
        Err(Failed::Refused(ProposeRefused::Proposed(proposal))) => {
            see_other(&visit.kept(&format!("/console/proposals/{proposal}")))
        }
        Err(Failed::Refused(ProposeRefused::UseCase(StepRefused::NotFound))) => unknown(headers),
        Err(Failed::Refused(ProposeRefused::UseCase(_changed))) => changed(visit, headers, id).await,
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// Confirms the disbursement.
pub(in crate::pages::console) async fn confirm(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let (actor, lender) = (Actor::Operator(visit.visitor.operator.id), Arc::clone(&visit.state.lender));
    let confirm = move |tx: &mut Tx<'_>, partner, now, id| {
        app::loans::confirm_disbursement(tx, partner, now, id, actor, &lender)
    };
    step(visit, &headers, (&id, b""), confirm).await
}

/// Records that the bank returned the money.
pub(in crate::pages::console) async fn fail(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    let message = match Form::read(&body) {
        Ok(form) => form.line("reason"),
        Err(rejection) => return failure(&rejection),
    };
    // The rules of the operator API.
    let Ok(FailDisbursement { code, message }) = FailDisbursement::read(&json!({ "message": message }))
    else {
        return reason_missing(visit, &headers, &id, LoanAction::FailDisbursement).await;
    };
    let failure = Failure { code, message };
    let fail = move |tx: &mut Tx<'_>, partner, now, id| {
        app::loans::fail_disbursement(tx, partner, now, id, failure.clone())
    };
    step(visit, &headers, (&id, &body), fail).await
}

async fn reason_missing(visit: Visit, headers: &HeaderMap, id: &str, action: LoanAction) -> Response {
    let Ok(id) = id.parse::<LoanId>() else { return unknown(headers) };
    match read(&visit, id, Part::Schedule, None).await {
        Ok(sheet) => {
            let error = visit.texts().asking.reason_missing;
            asked(visit, headers, &sheet, (action, StatusCode::UNPROCESSABLE_ENTITY), error)
        }
        Err(failed) => refused_list(headers, failed),
    }
}

/// Cancels a loan.
pub(in crate::pages::console) async fn cancel(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    step(visit, &headers, (&id, b""), app::loans::cancel).await
}

/// Writes to the signers again.
pub(in crate::pages::console) async fn invite(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let lender = Arc::clone(&visit.state.lender);
    let invite =
        move |tx: &mut Tx<'_>, partner, now, id| app::signing::invite_again(tx, partner, now, id, &lender);
    step(visit, &headers, (&id, b""), invite).await
}

/// Writes a loan off, or proposes it.
pub(in crate::pages::console) async fn write_off(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    let Ok(loan) = id.parse::<LoanId>() else { return unknown(&headers) };
    let reason = match Form::read(&body) {
        Ok(form) => form.line("reason"),
        Err(rejection) => return failure(&rejection),
    };
    // The rules of the operator API.
    let Ok(WriteOff { reason }) = WriteOff::read(&json!({ "reason": reason })) else {
        return reason_missing(visit, &headers, &id, LoanAction::WriteOff).await;
    };
    let (by, lender) = (visit.proposer(), Arc::clone(&visit.state.lender));
    let limit = visit.visitor.grants.limits.largest_waiver;
    let command = WriteLoanOff { loan, reason, limit, actor: Actor::Operator(by.operator) };
    let run = move |tx: &mut Tx<'_>| {
        let (partner, now) = app::directory::place(tx, by.now, &loan)?;
        write_loan_off(tx, partner, now, &command, (&by, &lender.book.in_force()))
    };
    match visit.change(&body, run).await {
        Ok(Outcome::Done(_)) => see_other(&visit.kept(&format!("/console/loans/{loan}"))),
        Ok(Outcome::Proposed(proposal)) => see_other(&visit.kept(&proposals::address(proposal.id))),
        Err(Failed::Refused(ProposeRefused::Proposed(id))) => see_other(&visit.kept(&proposals::address(id))),
        Err(Failed::Refused(ProposeRefused::UseCase(WriteOffRefused::NotFound))) => unknown(&headers),
        Err(Failed::Refused(ProposeRefused::UseCase(_changed))) => changed(visit, &headers, loan).await,
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
