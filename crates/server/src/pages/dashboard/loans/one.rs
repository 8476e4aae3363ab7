//! One loan: its state, its figures, its installments with their Pix codes, its contract, and the links for its customer.

use app::directory::OnClock;
use app::loan_sheet::Sheet;
use app::portfolio::timeline::{Logged, of_loan};
use app::portfolio::{self, LoanSheet};
use app::{Failed, ListRefused};
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::id::LoanId;
use domain::loan::LoanSummary;

use crate::pages::answer::failure;
use crate::pages::dashboard::timeline::{Place, Timeline, logged};
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Step;
use crate::pages::kit::tab::Tab;
use crate::pages::loan::figures::{self, Figure};
use crate::pages::loan::{Chart, ScheduleRow, line, payment_page, schedule, signers};
use crate::pages::people::desk::Desk;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::{refused_list, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "dashboard/loan.html")]
struct LoanPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    id: String,
    name: String,
    customer: String,
    contract: String,
    badge: Badge,
    /// The days overdue, in words; empty if nothing is overdue.
    overdue: String,
    /// The reason of a failed loan; empty for others.
    failure: String,
    steps: Vec<Step>,
    figures: Vec<Figure>,
    chart: Chart,
    rows: Vec<ScheduleRow>,
    /// The copies of the contract and their addresses.
    copies: Vec<(&'static str, String)>,
    signers: Vec<(String, String)>,
    /// The page on which the applicant signs; empty if there is nothing to sign.
    signing_page: String,
    /// The page on which the customer pays; empty before the disbursement.
    payment_page: String,
    tabs: Vec<Tab>,
    /// The history, if it is in view.
    timeline: Option<Timeline>,
}

/// Shows a loan.
pub(in crate::pages::dashboard) async fn show(
    visit: Visit, desk: Desk, Path(id): Path<String>, Query(place): Query<Place>, headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse::<LoanId>() else { return unknown(&headers) };
    let tenant = match desk.tenant_of(&visit.state, OnClock::Loan(id)).await {
        Ok(tenant) => tenant,
        Err(rejection) => return failure(&rejection),
    };
    let (real, lender) = (visit.state.clock.now(), visit.state.lender.clone());
    let has_timeline = place.is_timeline();
    let logged =
        if has_timeline { logged(&visit, (desk.partner.id, tenant), id.to_string()).await } else { None };
    let has_calls = logged.is_some();
    // Without the log the rest of the history is there.
    let logged = logged.unwrap_or(Logged { calls: Vec::new(), visits: Vec::new() });
    let read = move |tx: &mut app::Tx<'_>| {
        let sheet = portfolio::loan(tx, tenant, real, id, &lender)?;
        let loan = &sheet.figures.statement.loan;
        let all = if has_timeline { Some(of_loan(tx, loan, &logged)?) } else { None };
        Ok::<_, Failed<ListRefused>>((sheet, all))
    };
    match visit.state.store.list(read).await {
        Ok((sheet, all)) => {
            let (t, own) = (visit.texts(), format!("/dashboard/loans/{id}"));
            let timeline = all.map(|all| Timeline::of(&all, &own, place.source(), has_calls, t));
            framed(StatusCode::OK, &LoanPage { timeline, ..LoanPage::of(visit, &sheet, &place) })
        }
        Err(failed) => refused_list(&headers, failed),
    }
}

impl LoanPage {
    fn of(visit: Visit, sheet: &LoanSheet, place: &Place) -> Self {
        let (t, around) = (visit.texts(), visit.around());
        let figures = &sheet.figures;
        let loan = &figures.statement.loan;
        Self {
            id: loan.id.to_string(),
            name: figures::name(figures, t),
            customer: format!("/dashboard/customers/{}", loan.customer),
            contract: figures::contract(loan),
            badge: Badge::of_loan(&loan.state, &t.badges),
            overdue: figures::overdue(figures, t),
            failure: figures::failure(loan),
            steps: line(figures, t),
            figures: figures::all(figures, t),
            chart: Chart::of(figures, t),
            rows: schedule(figures, t),
            copies: copies(sheet, t),
            signers: signers(loan, t),
            signing_page: signing_page(figures, &visit),
            payment_page: payment_page(figures, &visit),
            tabs: place.tabs(&format!("/dashboard/loans/{}", loan.id), t),
            timeline: None,
            path: visit.path,
            frame: visit.frame,
            around,
            t,
        }
    }

    /// Whether an installment has a Pix code.
    fn has_codes(&self) -> bool {
        self.rows.iter().any(|row| !row.code.is_empty())
    }
}

/// The copies of the contract, the signed one first.
fn copies(sheet: &LoanSheet, t: &Texts) -> Vec<(&'static str, String)> {
    let loan = &sheet.figures.statement.loan;
    let of = |copy: &str| format!("/dashboard/loans/{}/contract.pdf?copy={copy}", loan.id);
    let signed = sheet.has_signed_copy.then(|| (t.loan.signed_copy, of("signed")));
    let issued = loan.ccb_number.map(|_number| (t.loan.issued, of("issued")));
    signed.into_iter().chain(issued).collect()
}

/// The page on which the applicant signs; empty if there is nothing to sign.
fn signing_page(sheet: &Sheet, visit: &Visit) -> String {
    let summary = LoanSummary::from(&sheet.statement.loan);
    summary.open_link.map_or_else(String::new, |link| visit.state.lender.links.signing(&link))
}
