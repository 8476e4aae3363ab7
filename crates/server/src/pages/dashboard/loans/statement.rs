//! The statement of a loan, on a page to print and as CSV.

use app::Tx;
use app::directory::OnClock;
use app::portfolio::{LoanStatement, StatementLine, statement};
use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::id::LoanId;
use domain::money::Cents;
use domain::statement::LineKind;
use domain::written;

use crate::pages::answer::{attachment, failure};
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Money;
use crate::pages::loan::figures;
use crate::pages::people::desk::Desk;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::{refused_list, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "dashboard/statement.html")]
struct StatementPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    href: String,
    name: String,
    contract: String,
    /// The day of the figures.
    today: String,
    rows: Vec<Row>,
    balance: Money,
    /// The late charges to this day that are not paid.
    charges: Money,
    /// The amount that pays everything off today, if something is owed.
    payoff: Option<Money>,
    is_cut: bool,
}

struct Row {
    date: String,
    line: &'static str,
    /// A charge, or a payment.
    charge: Option<Money>,
    payment: Option<Money>,
    balance: Money,
}

async fn read(
    visit: &Visit, desk: &Desk, headers: &HeaderMap, id: LoanId,
) -> Result<LoanStatement, Box<Response>> {
    let tenant = desk.tenant_of(&visit.state, OnClock::Loan(id)).await;
    let tenant = tenant.map_err(|rejection| Box::new(failure(&rejection)))?;
    let (real, lender) = (visit.state.clock.now(), visit.state.lender.clone());
    let read = move |tx: &mut Tx<'_>| statement::of_loan(tx, tenant, real, id, &lender);
    visit.state.store.list(read).await.map_err(|failed| Box::new(refused_list(headers, failed)))
}

/// Shows the statement.
pub(in crate::pages::dashboard) async fn show(
    visit: Visit, desk: Desk, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse::<LoanId>() else { return unknown(&headers) };
    match read(&visit, &desk, &headers, id).await {
        Ok(statement) => framed(StatusCode::OK, &page(visit, &statement)),
        Err(refused) => *refused,
    }
}

/// Downloads the statement.
pub(in crate::pages::dashboard) async fn export(
    visit: Visit, desk: Desk, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse::<LoanId>() else { return unknown(&headers) };
    match read(&visit, &desk, &headers, id).await {
        Ok(statement) => attachment("text/csv; charset=utf-8", &format!("dinie-{id}.csv"), statement.csv()),
        Err(refused) => *refused,
    }
}

fn page(visit: Visit, statement: &LoanStatement) -> StatementPage {
    let (t, around, figures) = (visit.texts(), visit.around(), &statement.sheet.figures);
    let loan = &figures.statement.loan;
    StatementPage {
        href: format!("/dashboard/loans/{}", loan.id),
        name: figures::name(figures, t),
        contract: figures::contract(loan),
        today: written::date(figures.now.business_date()),
        rows: statement.lines.iter().map(|line| Row::of(line, t)).collect(),
        balance: Money(statement.balance()),
        charges: Money(figures.statement.overdue().charges),
        payoff: figures.statement.payoff.as_ref().map(|payoff| Money(payoff.amount)),
        is_cut: statement.is_cut,
        path: visit.path,
        frame: visit.frame,
        around,
        t,
    }
}

impl Row {
    fn of(line: &StatementLine, t: &'static Texts) -> Self {
        let (charge, payment) = if line.amount < Cents::ZERO {
            (None, Some(Money(-line.amount)))
        } else {
            (Some(Money(line.amount)), None)
        };
        Self {
            date: written::date(line.date),
            line: words(line, t),
            charge,
            payment,
            balance: Money(line.balance),
        }
    }
}

/// The line in words.
fn words(line: &StatementLine, t: &'static Texts) -> &'static str {
    let p = &t.portfolio;
    match line.kind {
        LineKind::PaidOut if line.cause == "disbursement" => p.line_disbursed,
        LineKind::PaidOut => p.line_reversed,
        LineKind::Fee => p.line_fee,
        LineKind::Iof => p.line_iof,
        LineKind::Interest => p.line_interest,
        LineKind::LateCharges => p.line_late_charges,
        LineKind::Recovered => p.line_recovered,
        LineKind::Discount => p.line_discount,
        LineKind::PaidIn => p.line_paid,
    }
}
