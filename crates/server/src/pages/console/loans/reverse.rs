//! The page that asks whether to reverse a payment, and the form that does it or proposes it.

use std::sync::Arc;

use app::loan_sheet::Part;
use app::payments::{RecordedPayment, ReverseRefused};
use app::people::proposals::{Outcome, ProposeRefused, reverse_payment};
use app::{Failed, Tx};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::FourEyes;
use domain::id::PaymentId;
use domain::written;

use super::super::question::Question;
use super::page::{changed, read};
use super::question::of_loan;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::kit::framed;
use crate::pages::loan::figures;
use crate::pages::people::notice::{refused_list, unknown};
use crate::pages::people::visit::Visit;

/// The payment of an address, or the answer to an address without one.
async fn payment(visit: &Visit, id: &str, headers: &HeaderMap) -> Result<RecordedPayment, Response> {
    let id = id.parse::<PaymentId>().map_err(|_no_id| unknown(headers))?;
    let real = visit.state.clock.now();
    let find = move |tx: &mut Tx<'_>| {
        let (partner, _now) = app::directory::place(tx, real, &id)?;
        app::payments::find(tx, partner, id)
    };
    visit.state.store.read(find).await.map_err(|failed: Failed<ReverseRefused>| match failed {
        Failed::Refused(_none) => unknown(headers),
        Failed::Store(error) => failure(&of_store(error)),
    })
}

/// Asks whether to reverse a payment.
pub(in crate::pages::console) async fn ask(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let recorded = match payment(&visit, &id, &headers).await {
        Ok(recorded) => recorded,
        Err(answer) => return answer,
    };
    if recorded.reversed_at.is_some() {
        return changed(visit, &headers, recorded.loan).await;
    }
    let sheet = match read(&visit, recorded.loan, Part::Schedule, None).await {
        Ok(sheet) => sheet,
        Err(failed) => return refused_list(&headers, failed),
    };
    let t = visit.texts();
    let (amount, name) = (written::money(recorded.payment.amount), figures::name(&sheet, t));
    let button = match visit.state.config.four_eyes {
        FourEyes::Required => t.asking.propose_reverse_button,
        FourEyes::Off => t.asking.reverse_button,
    };
    let question = Question {
        words: (t.asking.reverse)(&amount, &name),
        about: t.asking.reverse_about,
        action: format!("/console/payments/{}/reverse", recorded.payment.id),
        button: button(&amount),
    };
    let mut page = of_loan(visit, &sheet, question);
    page.is_danger = true;
    page.facts.truncate(2);
    page.facts.push((t.asking.paid_on, written::day_of(recorded.payment.paid_at)));
    page.facts.push((t.asking.reference, recorded.reference));
    framed(StatusCode::OK, &page)
}

/// Reverses a payment, or proposes it.
pub(in crate::pages::console) async fn reverse(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let recorded = match payment(&visit, &id, &headers).await {
        Ok(recorded) => recorded,
        Err(answer) => return answer,
    };
    let (id, by, lender) = (recorded.payment.id, visit.proposer(), Arc::clone(&visit.state.lender));
    let reverse = move |tx: &mut Tx<'_>| {
        let (partner, now) = app::directory::place(tx, by.now, &id)?;
        reverse_payment(tx, partner, now, id, &by, &lender)
    };
    let loan = recorded.loan;
    match visit.change(b"", reverse).await {
        Ok(Outcome::Done(_)) => see_other(&visit.kept(&format!("/console/loans/{loan}?tab=payments"))),
        Ok(Outcome::Proposed(proposal)) => {
            see_other(&visit.kept(&format!("/console/proposals/{}", proposal.id)))
        }
        Err(Failed::Refused(ProposeRefused::Proposed(proposal))) => {
            see_other(&visit.kept(&format!("/console/proposals/{proposal}")))
        }
        Err(Failed::Refused(ProposeRefused::UseCase(_changed))) => changed(visit, &headers, loan).await,
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
