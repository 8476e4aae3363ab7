//! The entries of an account on a day, and their export.

use app::Cursor;
use app::books::{self, DayFilter, Entered};
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::id::JournalEntryId;
use domain::ledger::LedgerAccount;
use domain::page::Limit;
use domain::written;
use serde::Deserialize;

use super::balance::Asked;
use crate::http::problem::of_store;
use crate::pages::addresses::joined;
use crate::pages::answer::{attachment, failure};
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Money;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::{refused_list, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/money/entries.html")]
struct EntriesPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    account: &'static str,
    about: String,
    back: String,
    rows: Vec<Row>,
    /// The number of entries that cannot be read.
    unreadable: usize,
    next: String,
    export: String,
}

struct Row {
    /// The ledger of the loan.
    href: String,
    time: String,
    cause: &'static str,
    customer: String,
    contract: String,
    debit: Option<Money>,
    credit: Option<Money>,
}

impl Row {
    fn of(entered: &Entered, account: LedgerAccount, t: &'static Texts) -> Self {
        let entry = &entered.entry;
        let posting = domain::ledger::Posting { account, amount: entry.postings.on(account) };
        let (debit, credit) = posting.sides();
        Self {
            href: format!("/console/loans/{}?tab=ledger", entry.loan),
            time: entry.entered_at.business_datetime().strftime("%H:%M:%S").to_string(),
            cause: (t.loan.cause)(&entry.cause),
            customer: entered.customer.clone().unwrap_or_else(|| t.customer.unnamed.to_owned()),
            contract: entered.contract.map_or_else(|| entry.loan.to_string(), |number| number.to_string()),
            debit: debit.map(Money),
            credit: credit.map(Money),
        }
    }
}

/// The place after which the list begins.
#[derive(Debug, Default, Deserialize)]
pub(in crate::pages::console) struct Place {
    after: Option<String>,
}

fn filter(visit: &Visit, asked: &Asked, account: LedgerAccount) -> DayFilter {
    DayFilter { day: asked.day(visit), account: Some(account), partner: asked.partner() }
}

/// Shows a page of the entries, newest first.
pub(in crate::pages::console) async fn show(
    visit: Visit, Path(account): Path<String>, Query(asked): Query<Asked>, Query(place): Query<Place>,
    headers: HeaderMap,
) -> Response {
    let Ok(account) = account.parse::<LedgerAccount>() else { return unknown(&headers) };
    let filter = filter(&visit, &asked, account);
    let after = place.after.and_then(|id| id.parse::<JournalEntryId>().ok());
    let cursor = Cursor { after, ..Cursor::first(Limit::DEFAULT) };
    let page = match visit.state.store.list(move |tx| books::entries_of_day(tx, &filter, &cursor)).await {
        Ok(page) => page,
        Err(failed) => return refused_list(&headers, failed),
    };
    let (t, around, day) = (visit.texts(), visit.around(), filter.day);
    let own = format!("/console/money/balance/{}", account.name());
    let last = page.items.last().filter(|_| page.has_more);
    let shown = EntriesPage {
        account: (t.loan.account)(account),
        about: (t.ledger.entries_about)(&written::date(day)),
        back: asked.href("/console/money/balance", Some(day)),
        rows: page.items.iter().map(|entered| Row::of(entered, account, t)).collect(),
        unreadable: page.unreadable.len(),
        next: last.map_or_else(String::new, |last| {
            joined(&asked.href(&own, Some(day)), &format!("after={}", last.entry.id))
        }),
        export: asked.href(&format!("{own}/export"), Some(day)),
        path: visit.path,
        frame: visit.frame,
        around,
        t,
    };
    framed(StatusCode::OK, &shown)
}

/// Downloads the postings of the account.
pub(in crate::pages::console) async fn export(
    visit: Visit, Path(account): Path<String>, Query(asked): Query<Asked>, headers: HeaderMap,
) -> Response {
    let Ok(account) = account.parse::<LedgerAccount>() else { return unknown(&headers) };
    let filter = filter(&visit, &asked, account);
    match books::entries_csv(&visit.state.store, filter).await {
        Ok(content) => {
            let name = format!("dinie-{}-{}.csv", account.name().replace('_', "-"), filter.day);
            attachment("text/csv; charset=utf-8", &name, content)
        }
        Err(error) => failure(&of_store(error)),
    }
}
