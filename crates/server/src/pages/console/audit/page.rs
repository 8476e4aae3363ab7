//! The page of the trail.

use std::collections::HashMap;
use std::time::Instant;

use app::people::operators;
use app::people::trail::{self, AuditEntry, AuditFilter, CallsOf, Trail};
use app::{Cursor, StoreError, Tx, first_page};
use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use domain::access::Operator;
use domain::id::OperatorId;
use domain::page::{Limit, Page};
use serde::Deserialize;

use super::rows::{Row, Shown};
use crate::http::problem::of_store;
use crate::pages::addresses::{joined, query_of};
use crate::pages::answer::failure;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::people::frame::Around;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// A number above every entry's.
const AFTER_ALL: i64 = i64::MAX;

#[derive(Template)]
#[template(path = "console/audit.html")]
struct AuditPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    rows: Vec<Row>,
    shown: Option<Shown>,
    people: Vec<(String, String, bool)>,
    request: String,
    date: String,
    has_filter: bool,
    export: String,
    next: String,
    proof: Option<Proof>,
}

/// The result of a check.
pub(super) struct Proof {
    pub(super) is_whole: bool,
    pub(super) words: String,
    pub(super) head: String,
}

/// The part of the address with the filters and the place.
#[derive(Debug, Default, Deserialize)]
pub(in crate::pages::console) struct Asked {
    #[serde(default)]
    operator: String,
    #[serde(default)]
    request: String,
    #[serde(default)]
    date: String,
    before: Option<i64>,
    entry: Option<i64>,
}

impl Asked {
    pub(super) fn filter(&self) -> AuditFilter {
        let of = match (self.request.trim(), self.operator.parse()) {
            ("", Ok(operator)) => CallsOf::Operator(operator),
            ("", Err(_nobody)) => CallsOf::All,
            (request, _) => CallsOf::Request(request.to_owned()),
        };
        // An address with a wrong day shows all days.
        AuditFilter { of, day: self.date.parse().ok() }
    }

    fn href(&self, before: Option<i64>, entry: Option<i64>) -> String {
        self.address("/console/audit", before, entry)
    }

    /// The address of the list with another place and another entry in view.
    fn address(&self, page: &str, before: Option<i64>, entry: Option<i64>) -> String {
        let own = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let operator = self.operator.parse::<OperatorId>().ok().map(|id| id.to_string());
        let plain = self.request.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
        let given = [
            ("operator", operator),
            ("request", own(&self.request).filter(|_| plain)),
            ("date", self.filter().day.map(|day| day.to_string())),
            ("before", before.map(|number| number.to_string())),
            ("entry", entry.map(|number| number.to_string())),
        ];
        joined(page, &query_of(given))
    }
}

/// The rows that the page reads.
struct Found {
    page: Page<AuditEntry>,
    names: HashMap<OperatorId, String>,
    operators: Vec<Operator>,
}

/// Shows a page of the trail, newest first.
pub(in crate::pages::console) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Response {
    page(visit, asked, None).await
}

/// Checks the whole chain, and shows the result above the entries.
pub(in crate::pages::console) async fn check(visit: Visit, Query(asked): Query<Asked>) -> Response {
    let proof = match proof(&visit).await {
        Ok(proof) => proof,
        Err(error) => return failure(&of_store(error)),
    };
    page(visit, asked, Some(proof)).await
}

/// Checks the whole chain.
pub(super) async fn proof(visit: &Visit) -> Result<Proof, StoreError> {
    let began = Instant::now();
    let check = |tx: &mut Tx<'_>| Ok::<_, StoreError>((trail::check_trail(tx)?, trail::trail_head(tx)?));
    let (found, head) = visit.state.store.read_long(check).await?;
    let (t, seconds) = (visit.texts(), format!("{:.1} s", began.elapsed().as_secs_f64()).replace('.', ","));
    let (is_whole, words) = match found {
        Trail::Whole { entries } => (true, (t.audit.whole_text)(entries, &seconds)),
        Trail::BrokenAt(number) | Trail::NotAsPublished(number) => (false, (t.audit.broken_text)(number)),
    };
    Ok(Proof { is_whole, words, head: head.to_string() })
}

async fn page(visit: Visit, asked: Asked, proof: Option<Proof>) -> Response {
    let found = match read(&visit, &asked).await {
        Ok(found) => found,
        Err(error) => return failure(&of_store(error)),
    };
    let (t, around) = (visit.texts(), visit.around());
    let entries = &found.page.items;
    let at = entries.iter().position(|entry| Some(entry.number) == asked.entry);
    let row =
        |entry: &AuditEntry| Row::of(entry, &found.names, asked.href(asked.before, Some(entry.number)), t);
    let shown = at.map(|at| Shown::of(entries, at, row(&entries[at]), t));
    let mark = |entry: &AuditEntry| Row { is_shown: Some(entry.number) == asked.entry, ..row(entry) };
    let last = entries.last().filter(|_| found.page.has_more);
    let person = |operator: &Operator| {
        let id = operator.id.to_string();
        let is_chosen = id == asked.operator;
        (id, operator.name.clone(), is_chosen)
    };
    let page = AuditPage {
        rows: entries.iter().map(mark).collect(),
        shown,
        people: found.operators.iter().map(person).collect(),
        has_filter: asked.filter() != AuditFilter { of: CallsOf::All, day: None },
        export: asked.address("/console/audit/export", None, None),
        date: asked.date.clone(),
        next: last.map_or_else(String::new, |last| asked.href(Some(last.number), None)),
        request: asked.request.clone(),
        proof,
        path: visit.path,
        frame: visit.frame,
        around,
        t,
    };
    framed(StatusCode::OK, &page)
}

async fn read(visit: &Visit, asked: &Asked) -> Result<Found, StoreError> {
    // Waits until every earlier request is in the list.
    crate::workers::audit::settle(&visit.state.store).await?;
    let (filter, before) = (asked.filter(), asked.before.unwrap_or(AFTER_ALL));
    let read = move |tx: &mut Tx<'_>| {
        let page = trail::trail(tx, &filter, before, Limit::DEFAULT)?;
        let names = trail::names(tx, &page.items)?;
        let operators = first_page(operators::list(tx, None, &Cursor::first(Limit::MOST)))?;
        Ok::<_, StoreError>(Found { page, names, operators: operators.items })
    };
    visit.state.store.read(read).await
}
