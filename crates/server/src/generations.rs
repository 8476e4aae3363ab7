//! The wire generations: the one place that knows them all.
//!
//! Deleting a generation is deleting its folder in `wire`, its handlers with their route table in `http`, and
//! its lines here.

use app::webhooks::fan_out::Rendered;
use axum::Router;
use domain::event::{Event, EventKind};
use domain::id::DeliveryId;
use domain::links::Links;
use domain::webhook::endpoint::Generation;

use crate::http::{documented, reference, sdk};
use crate::state::AppState;

/// The routes of every generation, each with its OpenAPI document.
pub fn routes(state: &AppState) -> Router<AppState> {
    let (reference, _) = reference::routes(state).split_for_parts();
    let (sdk, _) = sdk::routes(state).split_for_parts();
    Router::new()
        .merge(reference)
        .merge(documented::shown("/v3/openapi.json", reference::document))
        .merge(sdk)
        .merge(documented::shown("/api/v3/openapi.json", sdk::document))
}

/// What problem types begin with on a path; on the server's own paths, as in the reference.
pub fn problem_type_base(path: &str) -> &'static str {
    if path.starts_with("/api/v3") {
        wire::sdk::PROBLEM_TYPE_BASE
    } else {
        wire::reference::PROBLEM_TYPE_BASE
    }
}

/// The events that an endpoint of a generation can hear.
pub fn event_names(generation: Generation) -> &'static [&'static str] {
    match generation {
        Generation::Reference => wire::reference::event::NAMES,
        Generation::Sdk => wire::sdk::event::NAMES,
    }
}

/// A generation's name for an event of the store's `kind`; `None` where it does not tell it.
pub fn event_name(generation: Generation, kind: &str) -> Option<&'static str> {
    EventKind::parse(kind).and_then(|kind| name_of(generation, kind))
}

/// A generation's name for a kind of event; `None` where it does not tell it.
pub fn name_of(generation: Generation, kind: EventKind) -> Option<&'static str> {
    match generation {
        Generation::Reference => wire::reference::event::name(kind),
        Generation::Sdk => wire::sdk::event::name(kind),
    }
}

/// The kind of event that a generation's name stands for.
pub fn event_kind(generation: Generation, name: &str) -> Option<EventKind> {
    EventKind::ALL.into_iter().find(|kind| name_of(generation, *kind) == Some(name))
}

/// The body of a delivery in its endpoint's generation; `None` where that one does not tell the event.
pub fn render(
    generation: Generation,
    event: &Event,
    delivery: DeliveryId,
    links: &Links,
) -> Option<Rendered> {
    let name = name_of(generation, event.happening.kind())?;
    let (body, shared) = match generation {
        Generation::Reference => (wire::reference::event::render(event, links)?, true),
        // Its bodies name their deliveries.
        Generation::Sdk => (wire::sdk::event::render(event, delivery, links)?, false),
    };
    Some(Rendered { name, body: body.into(), shared })
}
