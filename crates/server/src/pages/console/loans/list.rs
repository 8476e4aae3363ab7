//! The list of loans of all partners, with filters in the address.

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
use crate::pages::loan::figures;

use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Money;
use crate::pages::kit::tab::Tab;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::refused_list;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/loans.html")]
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
    partner: String,
    badge: Badge,
    amount: Money,
    made_at: String,
}

impl Row {
    fn of(listed: &Listed, t: &'static Texts) -> Self {
        let loan = &listed.loan;
        let partner = listed.partner.clone();
        Self {
            href: format!("/console/loans/{}", loan.id),
            contract: figures::contract(loan),
            customer: listed.customer.clone().unwrap_or_else(|| t.customer.unnamed.to_owned()),
            partner: partner.unwrap_or_else(|| loan.partner.to_string()),
            badge: Badge::of_loan(&loan.state, &t.badges),
            amount: Money(loan.quote.net),
            made_at: written::day_of(loan.created_at),
        }
    }
}

/// The part of the address with the filters and the place.
#[derive(Debug, Default, Deserialize)]
pub(in crate::pages::console) struct Asked {
    #[serde(default)]
    status: String,
    #[serde(default)]
    partner: String,
    after: Option<String>,
}

impl Asked {
    fn state(&self) -> Option<LoanStateKind> {
        // An address with an unknown state shows all states.
        self.status.parse().ok()
    }

    /// The address of the list with another state and another place.
    fn href(&self, state: Option<LoanStateKind>, after: Option<String>) -> String {
        let given = [
            ("status", state.map(|state| state.name().to_owned())),
            ("partner", self.partner.parse::<domain::id::PartnerId>().ok().map(|id| id.to_string())),
            ("after", after),
        ];
        joined("/console/loans", &query_of(given))
    }
}

/// Shows a page of the loans, newest first.
pub(in crate::pages::console) async fn show(
    visit: Visit, headers: HeaderMap, Query(asked): Query<Asked>,
) -> Response {
    let filter = LoanFilter { partner: asked.partner.parse().ok(), customer: None, state: asked.state() };
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
    let states = Tab::of_states(LoanStateKind::ALL, asked.state(), words, |state| asked.href(state, None));
    let shown = LoansPage {
        t,
        frame: visit.frame,
        path: visit.path,
        around,
        states,
        next: last.map_or_else(String::new, |last| asked.href(asked.state(), Some(last.loan.id.to_string()))),
        rows: page.items.iter().map(|listed| Row::of(listed, t)).collect(),
    };
    framed(StatusCode::OK, &shown)
}
