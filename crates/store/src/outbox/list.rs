//! A partner's events in the order of their places.

use domain::event::{Event, EventKind};
use domain::id::{EventId, PartnerId, ResourceId as _};
use domain::page::{Order, Page};
use domain::time::{RealTime, Span, Timestamp};

use super::row::EventRow;
use crate::db::{Arg, ToArg as _};
use crate::listing::text::{Comparison, Condition, Role, Statement, Test};
use crate::listing::{Cursor, Gone, MILLISECOND, Marked, UnknownCursor, opened_page};
use crate::table::Projection as _;
use crate::{StoreError, Tx, args};

/// The filter of a list of events.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Only those of this kind.
    pub kind: Option<EventKind>,
    /// None of these kinds, which the partner's generation does not have.
    pub excluded_kinds: Vec<EventKind>,
    /// Only those that happened in this time.
    pub happened: Span<Timestamp>,
}

/// A page of a partner's events in the order of their places. Events that wait for the fan-out are not listed yet.
///
/// An unreadable row is marked and hides no other row. An event from before `kept_since` may have been dropped
/// meanwhile. Its id is still a valid cursor: the list continues from its moment. Events whose order differs from their
/// moments around it may come once more.
pub fn list(
    tx: &mut Tx<'_>, partner: PartnerId, filter: &EventFilter, cursor: &Cursor<EventId>, kept_since: RealTime,
) -> Result<Result<Page<Event>, UnknownCursor>, StoreError> {
    let mut conditions = vec![
        Condition::equal(EventRow::partner_id.name(), partner.to_arg()),
        Condition::new(Role::Filters, Test::Text("place is not null".into())),
    ];
    let mut having = |test| conditions.push(Condition::new(Role::Filters, test));
    if let Some(id) = cursor.after {
        let gone = Gone::of(cursor, |id| id.moment() < kept_since.unmoved());
        let (comparison, place) = match (place_of(tx, partner, id)?, gone, cursor.order) {
            (Some(place), _, Order::Ascending) => (Comparison::More, place),
            (Some(place), _, Order::Descending) => (Comparison::Less, place),
            (None, Gone::Never | Gone::Named(_), _) => return Ok(Err(UnknownCursor)),
            (None, Gone::Possible(moment), Order::Ascending) => (Comparison::AtLeast, moment.micros()),
            (None, Gone::Possible(moment), Order::Descending) => {
                (Comparison::Less, first_place_after(tx, partner, moment.plus(MILLISECOND))?)
            }
        };
        having(Test::Compared("place", comparison, Arg::Int(place)));
    }
    if let Some(kind) = filter.kind {
        having(Test::Compared("kind", Comparison::Equal, kind.name().to_arg()));
    }
    if !filter.excluded_kinds.is_empty() {
        having(Test::NotIn(
            "kind",
            filter.excluded_kinds.iter().map(|kind| Arg::Text(kind.name().into())).collect(),
        ));
    }
    if let Some(since) = filter.happened.since {
        // No place is before the moment of its event.
        having(Test::Compared("place", Comparison::AtLeast, Arg::Int(since.micros())));
        having(Test::Compared("occurred_at", Comparison::AtLeast, Arg::Int(since.micros())));
    }
    if let Some(until) = filter.happened.until {
        having(Test::Compared("place", Comparison::Less, Arg::Int(first_place_after(tx, partner, until)?)));
        having(Test::Compared("occurred_at", Comparison::Less, Arg::Int(until.micros())));
    }
    page(tx, &conditions, cursor).map(Ok)
}

fn page(
    tx: &mut Tx<'_>, conditions: &[Condition<'_>], cursor: &Cursor<EventId>,
) -> Result<Page<Event>, StoreError> {
    let direction = match cursor.order {
        Order::Ascending => "asc",
        Order::Descending => "desc",
    };
    let limit = cursor.limit.get();
    let Statement { sql, args } = Statement::of(format!("select {}, id from events", EventRow::list()))
        .filter(conditions)
        .text(&format!(" order by place {direction} limit {}", limit + 1));
    let rows: Vec<Marked<EventRow>> = tx.fetch_all(&sql, &args)?;
    opened_page(tx, rows, limit, |row, tx| row.open(tx))
}

/// The place of a partner's event; `None` if there is no such event, or it waits for the fan-out.
fn place_of(tx: &mut Tx<'_>, partner: PartnerId, id: EventId) -> Result<Option<i64>, StoreError> {
    let sql = "select place from events where partner_id = $1 and id = $2 and place is not null";
    tx.fetch_opt(sql, args![partner, id])
}

/// A place after those of all events from before a moment.
fn first_place_after(tx: &mut Tx<'_>, partner: PartnerId, moment: Timestamp) -> Result<i64, StoreError> {
    let sql = "select spread from feeds where partner_id = $1";
    let spread: i64 = tx.fetch_one(sql, args![partner])?;
    Ok(moment.micros().saturating_add(spread))
}
