//! The trial balance of a day, with a link from each account to its entries, and its export.

use app::{Cursor, StoreError, Tx, books, first_page, partners};
use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::PartnerId;
use domain::page::{Limit, Order};
use domain::time::Date;
use domain::trial_balance::{AccountDay, TrialBalance};
use domain::written;
use serde::Deserialize;

use super::tabs::{At, Tab, tabs};
use crate::http::problem::of_store;
use crate::pages::addresses::{joined, query_of};
use crate::pages::answer::{attachment, failure};
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Money;
use crate::pages::people::frame::Around;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/money/balance.html")]
struct BalancePage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    tabs: Vec<Tab>,
    about: String,
    date: String,
    earlier: String,
    later: String,
    partners: Vec<Choice>,
    rows: Vec<Row>,
    moved: (Money, Money),
    closing: (Money, Money),
    is_balanced: bool,
    unreadable: usize,
    export: String,
}

/// A partner in the filter.
struct Choice {
    id: String,
    name: String,
    is_chosen: bool,
}

struct Row {
    href: String,
    account: &'static str,
    opening: Money,
    debit: Option<Money>,
    credit: Option<Money>,
    closing: Money,
    /// The number of postings of the day in words.
    postings: String,
}

impl Row {
    fn of(day: &AccountDay, asked: &Asked, t: &Texts) -> Self {
        let moved = &day.moved;
        let side = |count: i64, amount| (count > 0).then_some(Money(amount));
        Self {
            href: asked.href(&format!("/console/money/balance/{}", day.account.name()), asked.date()),
            account: (t.loan.account)(day.account),
            opening: Money(day.opening),
            debit: side(moved.debits, moved.debit),
            credit: side(moved.credits, moved.credit),
            closing: Money(day.closing()),
            postings: (t.ledger.postings)(moved.debits + moved.credits),
        }
    }
}

/// The part of the address with the day and the partner.
#[derive(Debug, Default, Deserialize)]
pub(in crate::pages::console) struct Asked {
    #[serde(default)]
    date: String,
    #[serde(default)]
    partner_id: String,
}

impl Asked {
    /// The day; `None` if the address names none.
    fn date(&self) -> Option<Date> {
        self.date.parse().ok()
    }

    pub(super) fn day(&self, visit: &Visit) -> Date {
        // An address without a day, or with a wrong one, is about today.
        self.date().unwrap_or_else(|| visit.state.clock.now().unmoved().business_date())
    }

    pub(super) fn partner(&self) -> Option<PartnerId> {
        self.partner_id.parse().ok()
    }

    /// The address of a page about a day and the same partner.
    pub(super) fn href(&self, page: &str, day: Option<Date>) -> String {
        let given = [
            ("date", day.map(|day| day.to_string())),
            ("partner_id", self.partner().map(|id| id.to_string())),
        ];
        joined(page, &query_of(given))
    }
}

/// Shows the trial balance of a day.
pub(in crate::pages::console) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Response {
    let (day, partner) = (asked.day(&visit), asked.partner());
    let read = move |tx: &mut Tx<'_>| {
        let all = Cursor { after: None, limit: Limit::MOST, order: Order::Ascending };
        let partners = first_page(partners::list(tx, &all))?;
        Ok::<_, StoreError>((books::trial_balance(tx, day, partner)?, partners.items))
    };
    match visit.state.store.list(read).await {
        Ok((balance, partners)) => {
            framed(StatusCode::OK, &BalancePage::of(visit, &asked, &balance, &partners))
        }
        Err(error) => failure(&of_store(error)),
    }
}

impl BalancePage {
    fn of(visit: Visit, asked: &Asked, balance: &TrialBalance, partners: &[partners::Partner]) -> Self {
        let (t, around, day) = (visit.texts(), visit.around(), balance.day);
        let page = "/console/money/balance";
        let choice = |partner: &partners::Partner| Choice {
            id: partner.id.to_string(),
            name: partner.name.clone(),
            is_chosen: asked.partner() == Some(partner.id),
        };
        let beside = |day: Result<Date, jiff::Error>| {
            // No day follows the last one of the calendar, and none precedes the first one.
            day.map_or_else(|_| String::new(), |day| asked.href(page, Some(day)))
        };
        let pair = |(one, other)| (Money(one), Money(other));
        let asked_day = Asked { date: day.to_string(), partner_id: asked.partner_id.clone() };
        Self {
            tabs: tabs(At::Balance, &visit.visitor.grants, t),
            about: (t.ledger.about)(&written::date(day)),
            date: day.to_string(),
            earlier: beside(day.yesterday()),
            later: beside(day.tomorrow()),
            partners: partners.iter().map(choice).collect(),
            rows: balance.accounts.iter().map(|day| Row::of(day, &asked_day, t)).collect(),
            moved: pair(balance.moved()),
            closing: pair(balance.closing()),
            is_balanced: balance.is_balanced(),
            unreadable: balance.unreadable,
            export: asked.href("/console/money/balance/export", Some(day)),
            path: visit.path,
            frame: visit.frame,
            around,
            t,
        }
    }
}

/// Downloads the trial balance of a day.
pub(in crate::pages::console) async fn export(visit: Visit, Query(asked): Query<Asked>) -> Response {
    let (day, partner) = (asked.day(&visit), asked.partner());
    let read = move |tx: &mut Tx<'_>| books::trial_balance(tx, day, partner);
    match visit.state.store.list(read).await {
        Ok(balance) => {
            let name = format!("dinie-trial-balance-{day}.csv");
            attachment("text/csv; charset=utf-8", &name, books::balance_csv(&balance))
        }
        Err(error) => failure(&of_store(error)),
    }
}
