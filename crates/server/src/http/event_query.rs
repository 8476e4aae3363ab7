//! The query of a list of events, in both generations.

use app::Cursor;
use app::webhooks::events::EventFilter;
use domain::event::EventKind;
use domain::id::EventId;
use domain::spelling::resembled;
use domain::time::Timestamp;

use super::extract::Query;
use super::page::{cursor, span};

/// An event's name in a generation; `None` if the generation does not have it.
type Name = fn(EventKind) -> Option<&'static str>;

/// Filter and page of a query. `name` gives the generation's names, and `moment` reads its moments.
pub fn read(
    query: &mut Query, name: Name, moment: impl Fn(&str) -> Result<Timestamp, String>,
) -> (EventFilter, Cursor<EventId>) {
    let cursor = cursor(query);
    let filter = EventFilter {
        kind: query.checked("type", |text| {
            let found = EventKind::all().find(|kind| name(*kind) == Some(text));
            found.ok_or_else(|| unknown_event(text, EventKind::all().filter_map(name)))
        }),
        excluded_kinds: EventKind::all().filter(|kind| name(*kind).is_none()).collect(),
        happened: span(query, moment),
    };
    (filter, cursor)
}

/// The detail for a text that is not the name of an event of these.
pub fn unknown_event<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    match resembled(text, names) {
        Some(meant) => format!("is not the name of an event; did you mean {meant}?"),
        None => "is not the name of an event".to_owned(),
    }
}
