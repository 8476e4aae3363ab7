//! The partner's events, also those that no endpoint received: their list, and one of them as its webhooks send it.

use app::Cursor;
use app::webhooks::events::{self, EventFilter};
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::event::{Event, EventKind};
use domain::id::{DeliveryId, EventId, ResourceId as _};
use domain::page::Limit;
use domain::time::{RealTime, Span};
use domain::webhook::endpoint::Generation;
use serde::Deserialize;
use wire::generations::{event_kind, name_of, render};

use super::page_of::page_of_request;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Moment;
use crate::pages::people::desk::Desk;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::{refused, refused_list, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "dashboard/events.html")]
struct EventsPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    /// The chosen name; empty without one.
    chosen: String,
    names: Vec<&'static str>,
    rows: Vec<Row>,
    next: String,
}

struct Row {
    href: String,
    name: &'static str,
    resource: String,
    at: Moment,
}

#[derive(Template)]
#[template(path = "dashboard/event.html")]
struct EventPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    id: String,
    name: &'static str,
    resource: String,
    at: Moment,
    /// The request that caused it, and its page.
    request: Option<(String, String)>,
    /// The body in each generation that sends the event, with the generation's path.
    bodies: Vec<(&'static str, String)>,
}

/// The part of the address with the filter and the place.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    r#type: String,
    after: Option<String>,
}

/// The name of a kind of event: that of the public reference, or else that of the client libraries.
pub(super) fn name(kind: EventKind) -> Option<&'static str> {
    name_of(Generation::Reference, kind).or_else(|| name_of(Generation::Sdk, kind))
}

/// Shows a page of the events, the last recorded one first.
pub(super) async fn list(
    visit: Visit, desk: Desk, Query(asked): Query<Asked>, headers: HeaderMap,
) -> Response {
    let kind = event_kind(Generation::Reference, &asked.r#type)
        .or_else(|| event_kind(Generation::Sdk, &asked.r#type));
    let after = asked.after.as_ref().and_then(|id| id.parse().ok());
    let cursor = Cursor { after, ..Cursor::first(Limit::DEFAULT) };
    // Some kinds are sent by no generation.
    let excluded_kinds = EventKind::all().filter(|kind| name(*kind).is_none()).collect();
    let filter = EventFilter { kind, excluded_kinds, happened: Span::default() };
    let (id, kept_since) = (desk.partner.id, visit.state.kept_since());
    let read = move |tx: &mut app::Tx<'_>| events::list(tx, id, &filter, &cursor, kept_since);
    let page = match visit.state.store.list(read).await {
        Ok(page) => page,
        Err(failed) => return refused_list(&headers, failed),
    };
    let (t, around) = (visit.texts(), visit.around());
    let chosen = kind.map_or_else(String::new, |_known| asked.r#type.clone());
    let row = |event: &Event| {
        Some(Row {
            href: format!("/dashboard/events/{}", event.id),
            name: name(event.domain_event.kind())?,
            resource: event.domain_event.resource_id(),
            at: Moment::exactly(event.occurred_at),
        })
    };
    let last = page.items.last().filter(|_| page.has_more);
    let of_type = if chosen.is_empty() { String::new() } else { format!("type={chosen}&") };
    let page = EventsPage {
        t,
        frame: visit.frame,
        path: visit.path,
        around,
        names: names(),
        rows: page.items.iter().filter_map(row).collect(),
        next: last.map_or_else(String::new, |last| format!("/dashboard/events?{of_type}after={}", last.id)),
        chosen,
    };
    framed(StatusCode::OK, &page)
}

/// The names of all events in both generations, each once.
fn names() -> Vec<&'static str> {
    let generations = [Generation::Reference, Generation::Sdk];
    let names = generations.into_iter().flat_map(|generation| wire::generations::event_names(generation));
    let mut names: Vec<&'static str> = names.copied().collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Shows one event.
pub(super) async fn show(visit: Visit, desk: Desk, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let Ok(id) = id.parse::<EventId>() else { return unknown(&headers) };
    let tenant = desk.partner.id;
    let event = match visit.state.store.look_up(move |tx| events::find(tx, tenant, id)).await {
        Ok(event) => event,
        Err(failed) => return refused(&headers, failed),
    };
    let Some(name) = name(event.domain_event.kind()) else { return unknown(&headers) };
    // Bodies of the client libraries hold the id of their delivery, which is another one for each.
    let delivery = DeliveryId::new(RealTime::from_micros(0), [0; 10]);
    let body = |(generation, path): (Generation, &'static str)| {
        let sent = render(generation, &event, delivery, &visit.state.signing_page)?;
        let value: serde_json::Value = serde_json::from_slice(&sent.body).ok()?;
        Some((path, serde_json::to_string_pretty(&value).ok()?))
    };
    let bodies = [(Generation::Reference, "/v3"), (Generation::Sdk, "/api/v3")];
    let bodies = bodies.into_iter().filter_map(body).collect();
    let (t, around) = (visit.texts(), visit.around());
    let page = EventPage {
        t,
        frame: visit.frame,
        path: visit.path,
        around,
        id: event.id.to_string(),
        name,
        resource: event.domain_event.resource_id(),
        at: Moment::exactly(event.occurred_at),
        request: event.cause.request.as_ref().map(|id| (id.clone(), page_of_request(id))),
        bodies,
    };
    framed(StatusCode::OK, &page)
}
