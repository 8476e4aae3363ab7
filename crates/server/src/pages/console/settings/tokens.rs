//! The tokens of machines: who made each, what it may do, when it ends and when it was used.

use app::Cursor;
use app::people::operators::{self, Names};
use askama::Template;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::{Operator, OperatorKind, Permission};
use domain::credential::Maker;
use domain::page::Limit;
use domain::time::RealTime;

use super::super::people::{Place, by_maker, on_day};
use super::tab::{Page, Tab, tabs};
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Moment;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::refused_list;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/settings/tokens.html")]
struct TokensPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    tabs: Vec<Tab>,
    may_manage: bool,
    rows: Vec<TokenRow>,
    /// The address of the next page; empty if this is the last one.
    next: String,
}

struct TokenRow {
    href: String,
    name: String,
    roles: String,
    badge: Badge,
    maker: String,
    ends: Option<Moment>,
    used: Option<Moment>,
}

impl TokenRow {
    fn of(operator: &Operator, makers: &Names, now: RealTime, t: &Texts) -> Self {
        let maker = match &operator.created_by {
            Maker::Operator(id) => makers.get(id).cloned(),
            Maker::Credential(_) | Maker::CommandLine | Maker::Provider => None,
        };
        Self {
            href: format!("/console/people/{}", operator.id),
            name: operator.name.clone(),
            roles: operator.roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            badge: Badge::of_operator(operator.status_at(now), &t.badges),
            maker: by_maker(&operator.created_by, maker, t),
            ends: operator.expires_at.map(on_day),
            used: operator.last_used_at.map(|at| Moment::ago(at, now, t)),
        }
    }
}

/// Shows a page of the tokens, newest first.
pub(in crate::pages::console) async fn show(
    visit: Visit, headers: HeaderMap, Query(place): Query<Place>,
) -> Response {
    // An address with a wrong id shows the beginning.
    let after = place.after.and_then(|id| id.parse().ok());
    let cursor = Cursor { after, ..Cursor::first(Limit::DEFAULT) };
    let list =
        move |tx: &mut app::Tx<'_>| operators::list_with_makers(tx, Some(OperatorKind::Program), &cursor);
    let (page, makers) = match visit.state.store.list(list).await {
        Ok(found) => found,
        Err(failed) => return refused_list(&headers, failed),
    };
    let (t, around, now) = (visit.texts(), visit.around(), visit.state.clock.now());
    let last = page.items.last().filter(|_| page.has_more);
    let shown = TokensPage {
        tabs: tabs(Page::Tokens, &visit.visitor.grants, t),
        may_manage: visit.visitor.grants.allows(Permission::ManageOperators),
        next: last.map_or_else(String::new, |last| format!("/console/settings/tokens?after={}", last.id)),
        rows: page.items.iter().map(|operator| TokenRow::of(operator, &makers, now, t)).collect(),
        path: visit.path,
        frame: visit.frame,
        around,
        t,
    };
    framed(StatusCode::OK, &shown)
}
