//! The payments of all loans: the newest ones, those of a day, and those that a text from the bank names.
//!
//! The text is in the address and not in the audit trail, because a reference may name its payer.

use std::sync::Arc;

use app::books::{self, PaymentFilter, Received, Traced, TracedInstallment};
use app::{Cursor, Failed, ListRefused, Tx};
use askama::Template;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::Permission;
use domain::id::PaymentId;
use domain::page::{Limit, Page};
use domain::search::Query as Sought;
use domain::time::Date;
use domain::written;
use serde::Deserialize;

use super::tabs::{At, Tab, tabs};
use crate::http::problem::of_store;
use crate::pages::addresses::{joined, query_of};
use crate::pages::answer::{attachment, failure};
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::{Moment, Money};
use crate::pages::people::frame::Around;
use crate::pages::people::notice::refused_list;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/money/payments.html")]
struct PaymentsPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    tabs: Vec<Tab>,
    text: String,
    date: String,
    has_filter: bool,
    installment: Option<InstallmentRow>,
    rows: Vec<Row>,
    unreadable: usize,
    next: String,
    export: String,
}

/// The installment of a Pix charge.
struct InstallmentRow {
    href: String,
    title: String,
    about: String,
    badge: Badge,
    left: Money,
}

struct Row {
    href: String,
    customer: String,
    contract: String,
    reference: String,
    amount: Money,
    paid_on: String,
    recorded: Moment,
    is_reversed: bool,
    /// The form that reverses it; empty if the person may not, or if it is reversed.
    reverse: String,
}

impl Row {
    fn of(received: &Received, may_reverse: bool, t: &'static Texts) -> Self {
        let Received { recorded, contract, customer } = received;
        let payment = &recorded.payment;
        let is_reversed = recorded.reversed_at.is_some();
        let href = format!("/console/payments/{}", payment.id);
        Self {
            customer: customer.clone().unwrap_or_else(|| t.customer.unnamed.to_owned()),
            contract: contract.map_or_else(|| recorded.loan.to_string(), |number| number.to_string()),
            reference: recorded.reference.clone(),
            amount: Money(payment.amount),
            paid_on: written::day_of(payment.paid_at),
            recorded: Moment::new(recorded.recorded_at, &written::day_of(recorded.recorded_at)),
            reverse: if may_reverse && !is_reversed { format!("{href}/reverse") } else { String::new() },
            href,
            is_reversed,
        }
    }
}

impl InstallmentRow {
    fn of(found: &TracedInstallment, t: &'static Texts) -> Self {
        let TracedInstallment { installment, summary, contract, customer } = found;
        let position = &installment.position;
        let names = [customer.clone(), contract.map(|number| number.to_string())];
        Self {
            href: format!("/console/loans/{}", installment.loan),
            title: (t.payments.installment)(position.number, &written::date(position.due)),
            about: names.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            badge: Badge::of_installment(summary.status, &t.badges),
            left: Money(summary.amount_remaining),
        }
    }
}

/// The part of the address with the text, the day and the place.
#[derive(Debug, Default, Deserialize)]
pub(in crate::pages::console) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    date: String,
    after: Option<String>,
}

impl Asked {
    fn day(&self) -> Option<Date> {
        // An address with a wrong day shows all days.
        self.date.parse().ok()
    }

    fn filter(&self) -> PaymentFilter {
        PaymentFilter { day: self.day(), partner: None }
    }

    /// An address with the same day.
    fn href(&self, page: &str, after: Option<PaymentId>) -> String {
        let given =
            [("date", self.day().map(|day| day.to_string())), ("after", after.map(|id| id.to_string()))];
        joined(page, &query_of(given))
    }
}

/// A page of the list, and the installment that the text names.
struct Found {
    page: Page<Received>,
    installment: Option<TracedInstallment>,
}

async fn find(visit: &Visit, asked: &Asked) -> Result<Found, Failed<ListRefused>> {
    let (filter, real, lender) = (asked.filter(), visit.state.clock.now(), Arc::clone(&visit.state.lender));
    let after = asked.after.as_ref().and_then(|id| id.parse().ok());
    let (text, cursor) = (Sought::parse(&asked.q), Cursor { after, ..Cursor::first(Limit::DEFAULT) });
    let find = move |tx: &mut Tx<'_>| match &text {
        None => {
            let page = books::received(tx, &filter, &cursor)?;
            Ok(Found { page, installment: None })
        }
        Some(text) => {
            let Traced { installment, payments } =
                books::trace(tx, real, text, &filter, &lender.book.in_force())?;
            Ok(Found { page: Page::whole(payments), installment })
        }
    };
    visit.state.store.list(find).await
}

/// Shows the payments.
pub(in crate::pages::console) async fn show(
    visit: Visit, headers: HeaderMap, Query(asked): Query<Asked>,
) -> Response {
    let Found { page, installment } = match find(&visit, &asked).await {
        Ok(found) => found,
        Err(failed) => return refused_list(&headers, failed),
    };
    let (t, around) = (visit.texts(), visit.around());
    let may_reverse = visit.visitor.grants.allows(Permission::ReversePayment);
    let last = page.items.last().filter(|_| page.has_more);
    let shown = PaymentsPage {
        tabs: tabs(At::Payments, &visit.visitor.grants, t),
        has_filter: asked.day().is_some() || !asked.q.trim().is_empty(),
        installment: installment.map(|found| InstallmentRow::of(&found, t)),
        rows: page.items.iter().map(|received| Row::of(received, may_reverse, t)).collect(),
        unreadable: page.unreadable.len(),
        next: last.map_or_else(String::new, |last| {
            asked.href("/console/money/payments", Some(last.recorded.payment.id))
        }),
        export: asked.href("/console/money/payments/export", None),
        text: asked.q,
        date: asked.date,
        path: visit.path,
        frame: visit.frame,
        around,
        t,
    };
    framed(StatusCode::OK, &shown)
}

/// Downloads the payments of the day, or the newest ones.
pub(in crate::pages::console) async fn export(visit: Visit, Query(asked): Query<Asked>) -> Response {
    match books::received_csv(&visit.state.store, asked.filter()).await {
        Ok(content) => attachment("text/csv; charset=utf-8", "dinie-payments.csv", content),
        Err(error) => failure(&of_store(error)),
    }
}
