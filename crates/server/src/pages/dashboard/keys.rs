//! The partner's keys: its credentials, at their addresses in the dashboard.

use app::Cursor;
use app::partners::credentials;
use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::TeamRole;
use domain::credential::ClientId;
use domain::page::Limit;

use crate::pages::console::people::Place;
use crate::pages::credentials::{self as pages, CredentialRow, Shelf};
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::people::desk::Desk;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::refused_list;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "dashboard/keys.html")]
struct KeysPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    may_change: bool,
    rows: Vec<CredentialRow>,
    /// The address of the next page; empty if this is the last one.
    next: String,
}

/// The page of the list.
const LIST: &str = "/dashboard/keys";

/// The place of the keys in the dashboard.
fn shelf(visit: &Visit, desk: Desk) -> Shelf {
    Shelf {
        above: vec![(LIST.to_owned(), visit.texts().dashboard.keys.to_owned())],
        list: LIST.to_owned(),
        form: format!("{LIST}/new"),
        each: LIST.to_owned(),
        may_change: desk.role.includes(TeamRole::Developer),
        may_see_calls: true,
        calls: "/dashboard/requests",
        partner: desk.partner,
    }
}

/// Shows a page of the keys, newest first.
pub(super) async fn list(
    visit: Visit, desk: Desk, headers: HeaderMap, Query(place): Query<Place>,
) -> Response {
    let shelf = shelf(&visit, desk);
    let after = place.after.and_then(|id| id.parse().ok());
    let (id, cursor) = (shelf.partner.id, Cursor::<ClientId> { after, ..Cursor::first(Limit::DEFAULT) });
    let page = match visit.state.store.list(move |tx| credentials::list(tx, id, &cursor)).await {
        Ok(page) => page,
        Err(failed) => return refused_list(&headers, failed),
    };
    let (t, around, now) = (visit.texts(), visit.around(), visit.state.clock.now());
    let last = page.items.last().filter(|_| page.has_more);
    let page = KeysPage {
        t,
        frame: visit.frame,
        path: visit.path,
        around,
        may_change: shelf.may_change,
        next: last.map_or_else(String::new, |last| format!("{}?after={}", shelf.list, last.client_id)),
        rows: page.items.iter().map(|one| CredentialRow::of(&shelf, one, now, t)).collect(),
    };
    framed(StatusCode::OK, &page)
}

/// Shows the empty form of a new key.
pub(super) async fn show_form(visit: Visit, desk: Desk) -> Response {
    let shelf = shelf(&visit, desk);
    pages::show_form(visit, shelf)
}

/// Makes a key and shows its secret.
pub(super) async fn create(visit: Visit, desk: Desk, headers: HeaderMap, body: Bytes) -> Response {
    let shelf = shelf(&visit, desk);
    pages::create(visit, shelf, headers, body).await
}

/// Shows one key.
pub(super) async fn show(
    visit: Visit, desk: Desk, Path(client): Path<String>, headers: HeaderMap,
) -> Response {
    let shelf = shelf(&visit, desk);
    pages::show(visit, shelf, client, headers).await
}

/// Replaces a key.
pub(super) async fn replace(
    visit: Visit, desk: Desk, Path(client): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    let shelf = shelf(&visit, desk);
    pages::replace(visit, shelf, client, headers, body).await
}

/// Revokes a key.
pub(super) async fn revoke(
    visit: Visit, desk: Desk, Path(client): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    let shelf = shelf(&visit, desk);
    pages::revoke(visit, shelf, client, headers, body).await
}
