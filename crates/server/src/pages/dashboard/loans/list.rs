//! The list of loans, newest first, with a filter by state.

use app::loan_sheet::Listed;
use app::loans::LoanFilter;
use app::{Cursor, Tx};
use askama::Template;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::loan::LoanStateKind;
use domain::page::Limit;
use domain::written;
use serde::Deserialize;

use crate::pages::addresses::{joined, query_of};
use crate::pages::dashboard::sandbox::{chosen, tenant_of};
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Money;
use crate::pages::kit::tab::Tab;
use crate::pages::loan::figures;
use crate::pages::people::desk::Desk;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::refused_list;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "dashboard/loans.html")]
struct LoansPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    states: Vec<Tab>,
    rows: Vec<Row>,
    next: String,
}

struct Row {
    href: String,
    contract: String,
    customer: String,
    badge: Badge,
    amount: Money,
    made_at: String,
}

impl Row {
    fn of(listed: &Listed, t: &'static Texts) -> Self {
        let loan = &listed.loan;
        Self {
            href: format!("/dashboard/loans/{}", loan.id),
            contract: figures::contract(loan),
            customer: listed.customer.clone().unwrap_or_else(|| t.customer.unnamed.to_owned()),
            badge: Badge::of_loan(&loan.state, &t.badges),
            amount: Money(loan.quote.requested),
            made_at: written::day_of(loan.created_at),
        }
    }
}

/// The part of the address with the filter and the place.
#[derive(Debug, Default, Deserialize)]
pub(in crate::pages::dashboard) struct Asked {
    #[serde(default)]
    status: String,
    after: Option<String>,
    /// The id of a clock; empty for the main clock.
    #[serde(default)]
    clock: String,
}

/// The address of the list.
fn href(state: Option<LoanStateKind>, after: Option<String>, clock: &str) -> String {
    let clock = Some(clock.to_owned()).filter(|clock| !clock.is_empty());
    let given = [("status", state.map(|state| state.name().to_owned())), ("after", after), ("clock", clock)];
    joined("/dashboard/loans", &query_of(given))
}

/// Shows a page of the loans.
pub(in crate::pages::dashboard) async fn show(
    visit: Visit, desk: Desk, headers: HeaderMap, Query(asked): Query<Asked>,
) -> Response {
    // An address with an unknown state shows all states.
    let state = asked.status.parse().ok();
    let clock = match chosen(&visit, &desk, &asked.clock, &headers).await {
        Ok(clock) => clock,
        Err(answer) => return answer,
    };
    let partner = Some(tenant_of(&desk, clock.as_ref()));
    let filter = LoanFilter { partner, customer: None, state };
    let after = asked.after.as_ref().and_then(|id| id.parse().ok());
    let cursor = Cursor { after, ..Cursor::first(Limit::DEFAULT) };
    let read = move |tx: &mut Tx<'_>| app::loan_sheet::list(tx, &filter, &cursor);
    let page = match visit.state.store.list(read).await {
        Ok(page) => page,
        Err(failed) => return refused_list(&headers, failed),
    };
    let (t, around) = (visit.texts(), visit.around());
    let last = page.items.last().filter(|_| page.has_more);
    let words = (t.loan.all_states, t.loan.of_state);
    let shown = LoansPage {
        t,
        frame: visit.frame,
        path: visit.path,
        around,
        states: Tab::of_states(LoanStateKind::ALL, state, words, |of| href(of, None, &asked.clock)),
        next: last.map_or_else(String::new, |last| href(state, Some(last.loan.id.to_string()), &asked.clock)),
        rows: page.items.iter().map(|listed| Row::of(listed, t)).collect(),
    };
    framed(StatusCode::OK, &shown)
}
