//! The query of a list of events, in both generations.

use app::Cursor;
use app::webhooks::events::EventFilter;
use domain::event::EventKind;
use domain::id::EventId;
use domain::time::Timestamp;

use super::extract::Query;
use super::page::{cursor, span};

/// An event's name in a generation; `None` if the generation does not have it.
type Name = fn(EventKind) -> Option<&'static str>;

/// Filter and page of a query. `name` gives the generation's names, and `moment` reads its moments.
pub fn read(
    query: &mut Query, name: Name, moment: impl Fn(&str) -> Option<Timestamp>,
) -> (EventFilter, Cursor<EventId>) {
    let cursor = cursor(query);
    let filter = EventFilter {
        kind: query.read("type", "is not the name of an event", |text| {
            EventKind::all().find(|kind| name(*kind) == Some(text))
        }),
        excluded_kinds: EventKind::all().filter(|kind| name(*kind).is_none()).collect(),
        happened: span(query, moment),
    };
    (filter, cursor)
}
