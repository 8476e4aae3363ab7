//! The list of endpoints, each with the figures of its last attempts.

use app::partners::{self, EndpointHealth};
use app::webhooks::{self, EndpointFigures, MOST_IN_LIST};
use app::{Failed, NotFound, Tx};
use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::TeamRole;

use super::day::{SPAN, Shown};
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
    figures: Shown,
}

/// Shows every endpoint, the oldest first. There are at most 50.
pub(in crate::pages::dashboard) async fn show(visit: Visit, desk: Desk, headers: HeaderMap) -> Response {
    let (now, id) = (visit.state.clock.now(), desk.partner.id);
    let read = move |tx: &mut Tx<'_>| {
        let sheet = partners::sheet(tx, now, id)?;
        let figures = |one: &EndpointHealth| webhooks::figures(tx, id, one.id, now.minus(SPAN), MOST_IN_LIST);
        let figures = sheet.endpoints.iter().map(figures).collect::<Result<Vec<_>, _>>()?;
        Ok::<_, Failed<NotFound>>((sheet, figures))
    };
    let (sheet, figures) = match visit.state.store.list(read).await {
        Ok(found) => found,
        Err(failed) => return refused(&headers, failed),
    };
    let (t, around) = (visit.texts(), visit.around());
    let row = |(endpoint, figures): (&EndpointHealth, &EndpointFigures)| Row {
        href: format!("/dashboard/webhooks/{}", endpoint.id),
        endpoint: EndpointRow::of(endpoint, now, t),
        figures: Shown::of(figures, t),
    };
    let rows = sheet.endpoints.iter().zip(&figures).map(row).collect();
    let (frame, path, may_change) = (visit.frame, visit.path, desk.role.includes(TeamRole::Developer));
    framed(StatusCode::OK, &ListPage { t, frame, path, around, may_change, rows })
}
