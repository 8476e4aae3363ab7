//! The list of partners.

use app::Cursor;
use app::partners::{self, Listed};
use askama::Template;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::Permission;
use domain::id::PartnerId;
use domain::page::Limit;

use super::super::people::Place;
use super::rows::PartnerRow;
use crate::http::partner_volumes::volumes_of;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::refused_list;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/partners.html")]
struct PartnersPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    may_create: bool,
    rows: Vec<PartnerRow>,
    /// The address of the next page; empty if this is the last one.
    next: String,
}

/// Shows a page of the partners, newest first.
pub(in crate::pages::console) async fn show(
    visit: Visit, headers: HeaderMap, Query(place): Query<Place>,
) -> Response {
    // An address with a wrong id shows the beginning.
    let after = place.after.and_then(|id| id.parse().ok());
    let cursor = Cursor { after, ..Cursor::first(Limit::DEFAULT) };
    let page = match visit.state.store.list(move |tx| partners::listed(tx, &cursor)).await {
        Ok(page) => page,
        Err(failed) => return refused_list(&headers, failed),
    };
    let ids: Vec<PartnerId> = page.items.iter().map(|listed| listed.partner.id).collect();
    let volumes = match volumes_of(&visit.state, &ids).await {
        Ok(volumes) => volumes,
        Err(error) => return failure(&of_store(error)),
    };
    let (t, around, now) = (visit.texts(), visit.around(), visit.state.clock.now());
    let last = page.items.last().filter(|_| page.has_more);
    let next = last.map_or_else(String::new, |last| format!("/console/partners?after={}", last.partner.id));
    let row = |listed: &Listed| PartnerRow::of(listed, &volumes, now, t);
    let rows = page.items.iter().filter_map(row).collect();
    let may_create = visit.visitor.grants.allows(Permission::CreatePartner);
    framed(
        StatusCode::OK,
        &PartnersPage { t, frame: visit.frame, path: visit.path, around, may_create, rows, next },
    )
}
