//! The answers with a loan's page.

use app::loan_sheet::{Asked, Part, Sheet};
use app::{Failed, ListRefused, Tx};
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::id::LoanId;
use domain::time::Date;
use serde::Deserialize;

use super::sheet::LoanPage;
use crate::pages::kit::{framed, framing};
use crate::pages::loan::figures::Payoff;
use crate::pages::people::notice::{forbidden, refused_list, unknown};
use crate::pages::people::visit::Visit;

/// The part of the address that names the part in view.
#[derive(Debug, Default, Deserialize)]
pub(in crate::pages::console) struct Place {
    /// The part; the schedule if it is missing.
    #[serde(default)]
    tab: String,
    /// The last item before the page in view.
    after: Option<String>,
    /// The day of the payoff calculator.
    day: Option<String>,
}

/// Shows a loan.
pub(in crate::pages::console) async fn show(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, Query(place): Query<Place>,
) -> Response {
    let Ok(id) = id.parse::<LoanId>() else { return unknown(&headers) };
    page(visit, &headers, id, place, StatusCode::OK).await
}

/// A loan's page after a decision that was not made, because the loan has changed.
pub(super) async fn changed(visit: Visit, headers: &HeaderMap, id: LoanId) -> Response {
    page(visit, headers, id, Place::default(), StatusCode::CONFLICT).await
}

async fn page(visit: Visit, headers: &HeaderMap, id: LoanId, place: Place, status: StatusCode) -> Response {
    // An address with an unknown part shows the first one.
    let part = place.tab.parse().unwrap_or(Part::Schedule);
    if !visit.visitor.grants.allows(part.permission()) {
        return forbidden(headers);
    }
    let sheet = match read(&visit, id, part, place.after).await {
        Ok(sheet) => sheet,
        Err(failed) => return refused_list(headers, failed),
    };
    let payoff = match payoff(&visit, id, place.day.as_deref(), &sheet).await {
        Ok(payoff) => payoff,
        Err(failed) => return refused_list(headers, failed),
    };
    let page = LoanPage::of(visit, &sheet, part, payoff, status == StatusCode::CONFLICT);
    if part == Part::Contract { framing(status, &page) } else { framed(status, &page) }
}

/// Reads a loan's sheet with one part.
pub(super) async fn read(
    visit: &Visit, id: LoanId, part: Part, after: Option<String>,
) -> Result<Sheet, Failed<ListRefused>> {
    let (real, lender) = (visit.state.clock.now(), visit.state.lender.clone());
    let asked = Asked { part, after, may: visit.visitor.grants.permissions };
    let read = move |tx: &mut Tx<'_>| app::loan_sheet::sheet(tx, real, id, &asked, &lender);
    visit.state.store.list(read).await
}

/// The payoff on the day of the calculator; `None` if nobody asked.
async fn payoff(
    visit: &Visit, id: LoanId, day: Option<&str>, sheet: &Sheet,
) -> Result<Option<Payoff>, Failed<ListRefused>> {
    let Some(text) = day else { return Ok(None) };
    let Ok(day) = text.parse::<Date>() else { return Ok(Some(Payoff::none(text))) };
    let (partner, now, lender) = (sheet.statement.loan.partner, sheet.now, visit.state.lender.clone());
    let quote = move |tx: &mut Tx<'_>| {
        app::payments::payoff_quote(tx, partner, now, id, Some(day), &lender.book.in_force())
    };
    match visit.state.store.read(quote).await {
        Ok((day, payoff)) => Ok(Some(Payoff::of(text, day, &payoff))),
        Err(Failed::Refused(_not_on_this_day)) => Ok(Some(Payoff::none(text))),
        Err(Failed::Store(error)) => Err(Failed::Store(error)),
    }
}
