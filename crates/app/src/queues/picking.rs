//! The next case for an operator, and the operators to whom a case can be given.

use domain::access::{Operator, OperatorStatus, Roles};
use domain::page::{Limit, Order};
use domain::queue::Queue;
use domain::time::RealTime;
use store::cases::Taken;
use store::{Cursor, Failed, StoreError, Tx};

use super::cases::{Wanted, list};
use super::marks::Taker;
use super::place::Place;
use super::view::CaseView;
use crate::refused::ListRefused;

/// The next case after a place, or else the first one: a case that nobody else has taken or looks at. So two operators
/// who go through one queue do not meet.
pub fn next(
    tx: &mut Tx<'_>, real: RealTime, wanted: &Wanted, after: Option<Place>,
) -> Result<Option<CaseView>, StoreError> {
    let found = free(tx, real, wanted, after)?;
    if found.is_some() || after.is_none() {
        return Ok(found);
    }
    let first = free(tx, real, wanted, None)?;
    // The only case left may be the one at which the operator looks.
    Ok(first.filter(|view| Some(view.place) != after))
}

/// The first free case after a place.
fn free(
    tx: &mut Tx<'_>, real: RealTime, wanted: &Wanted, after: Option<Place>,
) -> Result<Option<CaseView>, StoreError> {
    let mut cursor = Cursor { after, limit: Limit::MOST, order: Order::Ascending };
    loop {
        let page = match list(tx, real, wanted, &cursor) {
            Ok(page) => page,
            Err(Failed::Refused(ListRefused::InvalidCursor | ListRefused::NotFound)) => return Ok(None),
            Err(Failed::Store(error)) => return Err(error),
        };
        let last = page.items.last().map(|view| view.place).filter(|_| page.has_more);
        // Who asks for one operator's cases gets them, whoever that is.
        let is_named = matches!(wanted.taken, Taken::By(_));
        let is_free = |view: &CaseView| {
            let taken_by_another = view.case.assignee.is_some_and(|operator| operator != wanted.me);
            view.looking.is_empty() && (is_named || !taken_by_another)
        };
        match (page.items.into_iter().find(is_free), last) {
            (Some(view), _) => return Ok(Some(view)),
            (None, Some(last)) => cursor.after = Some(last),
            (None, None) => return Ok(None),
        }
    }
}

/// The operators who can see a queue, so that a case of it can be given to them. At most a hundred, the newest first.
pub fn takers(tx: &mut Tx<'_>, now: RealTime, queue: Queue, roles: &Roles) -> Result<Vec<Taker>, StoreError> {
    // A first page has no cursor that could be unknown.
    let page = store::operators::list(tx, None, &Cursor::first(Limit::MOST))?
        .unwrap_or_else(|_unknown| domain::page::Page::empty(false));
    let can_see = |operator: &Operator| {
        operator.status_at(now) == OperatorStatus::Active
            && roles.grants(&operator.roles).allows(queue.permission())
    };
    let able = page.items.into_iter().filter(can_see);
    Ok(able.map(|operator| Taker { id: operator.id, name: operator.name.clone() }).collect())
}
