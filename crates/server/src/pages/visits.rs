//! Notes visits of the pages that a borrower opens by a link. A note goes into the bounded queue of the request log, so
//! it never slows a page, and a failing log never fails one.

use axum::http::header::USER_AGENT;
use axum::http::{HeaderMap, Method};
use domain::id::PartnerId;
use domain::loan::Loan;
use domain::page_visit::{Device, PageVisit, VisitedPage};

use crate::state::AppState;

/// A request for a page: its method and its headers.
pub(in crate::pages) type Asked = (Method, HeaderMap);

/// Notes a visit of a page about a loan, which is in the history of its customer too.
pub(in crate::pages) fn of_loan(state: &AppState, asked: &Asked, loan: &Loan, page: VisitedPage) {
    note(state, asked, loan.partner, [loan.id.to_string(), loan.customer.to_string()], page);
}

/// Notes a visit of a page about these resources. A chat's preview sends `HEAD` only; it is not a person.
pub(in crate::pages) fn note(
    state: &AppState, (method, headers): &Asked, partner: PartnerId,
    subjects: impl IntoIterator<Item = String>, page: VisitedPage,
) {
    if *method == Method::HEAD {
        return;
    }
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    let device = agent.map_or(Device::Program, Device::of);
    let (at, on_clock) = (state.clock.now(), state.now_of(partner));
    for subject in subjects {
        state.request_log.note_visit(PageVisit { partner, subject, at, on_clock, page, device });
    }
}
