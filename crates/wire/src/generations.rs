//! The partners' generations: the names, bodies and problem types of each.
//!
//! To delete a generation, delete its folder here, its handlers with their route table in the server, and its lines in
//! this file.

use domain::event::{Event, EventKind};
use domain::id::DeliveryId;
use domain::webhook::endpoint::Generation;

use crate::SigningPage;
use crate::event_schema::Sent;
use crate::{reference, sdk};

/// The prefix of problem types on a path. The server's own paths have the reference's prefix.
pub fn problem_type_base(path: &str) -> &'static str {
    if path.starts_with("/api/v3") { sdk::PROBLEM_TYPE_BASE } else { reference::PROBLEM_TYPE_BASE }
}

/// The names of the events that an endpoint of a generation can subscribe to.
pub fn event_names(generation: Generation) -> &'static [&'static str] {
    match generation {
        Generation::Reference => reference::event::names(),
        Generation::Sdk => sdk::event::names(),
    }
}

/// A generation's name for an event of the stored `kind`; `None` if the generation does not send it.
pub fn event_name(generation: Generation, kind: &str) -> Option<&'static str> {
    kind.parse().ok().and_then(|kind| name_of(generation, kind))
}

/// The event that a generation sends for a kind; `None` if it sends none.
pub fn sent(generation: Generation, kind: EventKind) -> Option<Sent> {
    match generation {
        Generation::Reference => reference::event::sent(kind),
        Generation::Sdk => sdk::event::sent(kind),
    }
}

/// All events that a generation sends.
pub fn all_sent(generation: Generation) -> impl Iterator<Item = Sent> {
    EventKind::all().filter_map(move |kind| sent(generation, kind))
}

/// A generation's name for a kind of event; `None` if the generation does not send it.
pub fn name_of(generation: Generation, kind: EventKind) -> Option<&'static str> {
    sent(generation, kind).map(|sent| sent.name)
}

/// The kind of event that has this name in a generation.
pub fn event_kind(generation: Generation, name: &str) -> Option<EventKind> {
    EventKind::all().find(|kind| name_of(generation, *kind) == Some(name))
}

/// An event in the form of a generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventBody {
    /// The event's name in the generation.
    pub name: &'static str,
    /// The body of its deliveries.
    pub body: Vec<u8>,
    /// Whether all deliveries of the generation have this body.
    pub shared: bool,
}

/// The body of a delivery in its endpoint's generation; `None` if the generation does not send the event.
pub fn render(
    generation: Generation, event: &Event, delivery: DeliveryId, signing_page: &SigningPage,
) -> Option<EventBody> {
    let name = name_of(generation, event.domain_event.kind())?;
    let (body, shared) = match generation {
        Generation::Reference => (reference::event::render(event, signing_page)?, true),
        // Each body contains the id of its delivery.
        Generation::Sdk => (sdk::event::render(event, delivery, signing_page)?, false),
    };
    Some(EventBody { name, body, shared })
}
