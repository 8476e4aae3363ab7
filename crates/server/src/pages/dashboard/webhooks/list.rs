//! The list of endpoints.

use app::partners;
use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::TeamRole;

use crate::pages::endpoint_row::EndpointRow;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::people::desk::Desk;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::refused;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "dashboard/webhooks.html")]
struct ListPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    may_change: bool,
    rows: Vec<Row>,
}

struct Row {
    href: String,
    endpoint: EndpointRow,
}

/// Shows every endpoint, the oldest first. There are at most 50.
pub(in crate::pages::dashboard) async fn show(visit: Visit, desk: Desk, headers: HeaderMap) -> Response {
    let (now, id) = (visit.state.clock.now(), desk.partner.id);
    let sheet = match visit.state.store.list(move |tx| partners::sheet(tx, now, id)).await {
        Ok(sheet) => sheet,
        Err(failed) => return refused(&headers, failed),
    };
    let (t, around) = (visit.texts(), visit.around());
    let row = |endpoint: &partners::EndpointHealth| Row {
        href: format!("/dashboard/webhooks/{}", endpoint.id),
        endpoint: EndpointRow::of(endpoint, now, t),
    };
    let rows = sheet.endpoints.iter().map(row).collect();
    let (frame, path, may_change) = (visit.frame, visit.path, desk.role.includes(TeamRole::Developer));
    framed(StatusCode::OK, &ListPage { t, frame, path, around, may_change, rows })
}
