//! The list of people and programs.

use std::collections::HashMap;

use app::Cursor;
use app::people::operators;
use askama::Template;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::{Operator, OperatorKind, Permission};
use domain::credential::Maker;
use domain::id::OperatorId;
use domain::page::Limit;
use domain::time::RealTime;
use serde::Deserialize;

use super::one::maker_of;
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Moment;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::refused_list;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/people.html")]
struct People {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    may_manage: bool,
    rows: Vec<Row>,
    /// The address of the next page; empty if this is the last one.
    next: String,
}

struct Row {
    id: String,
    name: String,
    kind: &'static str,
    roles: String,
    maker: String,
    badge: Badge,
    used: Option<Moment>,
}

impl Row {
    fn of(operator: &Operator, makers: &HashMap<OperatorId, String>, now: RealTime, t: &Texts) -> Self {
        let kind = match operator.kind {
            OperatorKind::Person => t.console.person,
            OperatorKind::Program => t.console.program,
            OperatorKind::Member => t.console.member,
        };
        let maker = match &operator.created_by {
            Maker::Operator(id) => makers.get(id).cloned(),
            Maker::Credential(_) | Maker::CommandLine | Maker::Provider => None,
        };
        Self {
            id: operator.id.to_string(),
            name: operator.name.clone(),
            kind,
            roles: operator.roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            maker: maker_of(operator, maker, t),
            badge: Badge::of_operator(operator.status_at(now), &t.badges),
            used: operator.last_used_at.map(|at| Moment::ago(at, now, t)),
        }
    }
}

/// The part of the address that names the page of the list.
#[derive(Debug, Default, Deserialize)]
pub(in crate::pages) struct Place {
    pub(in crate::pages) after: Option<String>,
}

/// Shows a page of the operators, newest first.
pub(in crate::pages::console) async fn show(
    visit: Visit, headers: HeaderMap, Query(place): Query<Place>,
) -> Response {
    let mut cursor = Cursor::first(Limit::DEFAULT);
    // An address with a wrong id shows the beginning.
    cursor.after = place.after.and_then(|id| id.parse().ok());
    let (page, makers) =
        match visit.state.store.list(move |tx| operators::list_with_makers(tx, None, &cursor)).await {
            Ok(found) => found,
            Err(failed) => return refused_list(&headers, failed),
        };
    let (t, around, now) = (visit.texts(), visit.around(), visit.state.clock.now());
    let last = page.items.last().filter(|_| page.has_more);
    let next = last.map_or_else(String::new, |last| format!("/console/people?after={}", last.id));
    let rows = page.items.iter().map(|operator| Row::of(operator, &makers, now, t)).collect();
    let may_manage = visit.visitor.grants.allows(Permission::ManageOperators);
    framed(
        StatusCode::OK,
        &People { t, frame: visit.frame, path: visit.path, around, may_manage, rows, next },
    )
}
