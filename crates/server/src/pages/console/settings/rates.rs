//! The rate table: every version of the taxes and of the late charges.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::loan::rates::{IofVersion, LateVersion};
use domain::time::Date;
use domain::written;

use super::tab::{Page, Tab, tabs};
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::people::frame::Around;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/settings/rates.html")]
struct RatesPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    tabs: Vec<Tab>,
    iof: Vec<IofRow>,
    late: Vec<LateRow>,
}

/// A version of the tax.
struct IofRow {
    since: String,
    in_force: bool,
    company: String,
    company_additional: String,
    reduced: String,
    reduced_additional: String,
    reduced_up_to: String,
}

/// A version of the late charges.
struct LateRow {
    since: String,
    in_force: bool,
    fine: String,
    monthly: String,
}

/// Shows the rate table.
pub(in crate::pages::console) async fn show(visit: Visit) -> Response {
    let (t, around) = (visit.texts(), visit.around());
    let book = &visit.state.lender.book.in_force();
    let today = visit.state.clock.now().unmoved().business_date();
    let iof = |version: &IofVersion| IofRow {
        since: written::date(version.since),
        in_force: book.iof_on(today) == Some(version),
        company: written::percent(version.company.daily),
        company_additional: written::percent(version.company.additional),
        reduced: written::percent(version.reduced.daily),
        reduced_additional: written::percent(version.reduced.additional),
        reduced_up_to: written::money(version.reduced_up_to),
    };
    let late_since = newest(book.late().iter().map(|version| version.since), today);
    let late = |version: &LateVersion| LateRow {
        since: written::date(version.since),
        in_force: late_since == Some(version.since),
        fine: written::percent(version.rates.fine),
        monthly: written::percent(version.rates.default_monthly),
    };
    let page = RatesPage {
        tabs: tabs(Page::Rates, &visit.visitor.grants, t),
        iof: book.iof().iter().rev().map(iof).collect(),
        late: book.late().iter().rev().map(late).collect(),
        path: visit.path,
        frame: visit.frame,
        around,
        t,
    };
    framed(StatusCode::OK, &page)
}

/// The newest date that has come.
fn newest(dates: impl Iterator<Item = Date>, today: Date) -> Option<Date> {
    dates.filter(|date| *date <= today).max()
}
