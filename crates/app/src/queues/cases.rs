//! The cases of a queue, with what a list shows of them. The number of statements does not depend on their number.

use std::collections::HashMap;
use std::time::Duration;

use domain::calendar::last_business_day;
use domain::id::{LoanId, OperatorId, PartnerId};
use domain::money::Cents;
use domain::page::Page;
use domain::queue::{Bucket, CaseSubject, Queue};
use domain::time::{Date, RealTime};
use store::cases::{Case, CaseFilter, Taken};
use store::overdue::OverdueFilter;
use store::{Cursor, Failed, StoreError, Tx};

use super::completing::completed;
use super::debtors::{Dated, dated};
use super::marks::others;
use super::place::Place;
use super::view::CaseView;
use crate::clock;
use crate::refused::{ListRefused, page_or_refused};

/// The cases that a list should have.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// The queue.
    pub queue: Queue,
    /// The operator who looks.
    pub me: OperatorId,
    /// Only this partner's.
    pub partner: Option<PartnerId>,
    /// Only cases that somebody or nobody has taken.
    pub taken: Taken,
    /// Only cases that wait longer than this.
    pub older_than: Option<Duration>,
    /// Only cases of at least this amount.
    pub least: Option<Cents>,
}

/// A page of a queue, the longest waiting cases first.
pub fn list(
    tx: &mut Tx<'_>, real: RealTime, wanted: &Wanted, cursor: &Cursor<Place>,
) -> Result<Page<CaseView>, Failed<ListRefused>> {
    let page = if wanted.queue == Queue::Overdue {
        overdue(tx, real, wanted, cursor)?
    } else {
        waiting(tx, real, wanted, cursor)?
    };
    Ok(seen_by(tx, real, wanted.me, page)?)
}

/// The cases of these subjects that wait in a queue, in the order of their age.
pub fn these(
    tx: &mut Tx<'_>, real: RealTime, me: OperatorId, queue: Queue, subjects: &[CaseSubject],
) -> Result<Vec<CaseView>, StoreError> {
    let mut found = Vec::new();
    if queue == Queue::Overdue {
        let loans: Vec<LoanId> = subjects.iter().filter_map(|subject| subject.loan()).collect();
        for dated in dated(tx, real, None)? {
            let overdue = store::overdue::these(tx, dated.debtors, &loans)?;
            found.extend(overdue.iter().map(|loan| CaseView::overdue(loan, &dated)));
        }
    } else {
        found.extend(store::cases::these(tx, queue, subjects)?.into_iter().map(CaseView::waiting));
    }
    found.sort_by_key(|view| view.case.since);
    Ok(seen_by(tx, real, me, Page::whole(found))?.items)
}

/// Adds the names, and the others who look.
fn seen_by(
    tx: &mut Tx<'_>, real: RealTime, me: OperatorId, page: Page<CaseView>,
) -> Result<Page<CaseView>, StoreError> {
    let page = completed(tx, page)?;
    let subjects: Vec<CaseSubject> = page.items.iter().map(|view| view.case.subject).collect();
    let mut looking = others(tx, real, me, &subjects)?;
    Ok(page.filter_map(|view| {
        let looking = looking.remove(&view.case.subject).unwrap_or_else(Vec::new);
        Some(CaseView { looking, ..view })
    }))
}

/// A cursor of places of another kind; an unknown cursor if a place is of neither.
fn at<T>(
    cursor: &Cursor<Place>, place: impl FnOnce(Place) -> Option<T>,
) -> Result<Cursor<T>, Failed<ListRefused>> {
    let unknown = Failed::Refused(ListRefused::InvalidCursor);
    let after = cursor.after.map(|after| place(after).ok_or(unknown)).transpose()?;
    Ok(Cursor { after, limit: cursor.limit, order: domain::page::Order::Ascending })
}

fn waiting(
    tx: &mut Tx<'_>, real: RealTime, wanted: &Wanted, cursor: &Cursor<Place>,
) -> Result<Page<CaseView>, Failed<ListRefused>> {
    let cursor = at(cursor, |place| match place {
        Place::Waiting(place) => Some(place),
        Place::Overdue(_) => None,
    })?;
    let before = wanted.older_than.map(|span| real.minus(span));
    let filter = CaseFilter { partner: wanted.partner, taken: wanted.taken, before, least: wanted.least };
    let page = page_or_refused(store::cases::list(tx, wanted.queue, &filter, &cursor)?)?;
    let ahead = if wanted.queue == Queue::ContractsUnsigned { clock::moved(tx)? } else { HashMap::new() };
    let shown = |case: Case| {
        let now = case
            .partner
            .and_then(|partner| ahead.get(&partner))
            .map_or(real.unmoved(), |ahead| real.on_clock(*ahead));
        let days_left = case.sign_by.map(|end| days_of(end.since(now)));
        CaseView { days_left, ..CaseView::waiting(case) }
    };
    Ok(page.filter_map(|case| Some(shown(case))))
}

/// Whole days, rounded down.
fn days_of(span: Duration) -> u32 {
    u32::try_from(span.as_secs() / 86_400).expect("the calendar has fewer days")
}

/// Overdue loans. In the sandbox, partners with moved clocks have lists of their own, which are merged.
fn overdue(
    tx: &mut Tx<'_>, real: RealTime, wanted: &Wanted, cursor: &Cursor<Place>,
) -> Result<Page<CaseView>, Failed<ListRefused>> {
    let cursor = at(cursor, |place| match place {
        Place::Overdue(place) => Some(place),
        Place::Waiting(_) => None,
    })?;
    let (mut found, mut has_more) = (Vec::new(), false);
    for dated in dated(tx, real, wanted.partner)? {
        let filter = OverdueFilter {
            due_by: due_by(&dated, wanted.older_than),
            taken: wanted.taken,
            least: wanted.least,
        };
        let page = store::overdue::list(tx, dated.debtors, &filter, &cursor)?;
        has_more |= page.has_more;
        found.extend(page.items.into_iter().map(|loan| (loan, dated)));
    }
    found.sort_by_key(|(loan, _)| (loan.due, loan.loan));
    has_more |= found.len() > cursor.limit.get();
    found.truncate(cursor.limit.get());
    let items = found.into_iter().map(|(loan, dated)| CaseView::overdue(&loan, &dated)).collect();
    Ok(Page { items, unreadable: Vec::new(), has_more })
}

/// The latest due date of a loan that is overdue for longer than some time.
fn due_by(dated: &Dated, older_than: Option<Duration>) -> Date {
    let (today, first) = (dated.debtors.today(), Bucket::UpTo15.latest_due(dated.debtors.today()));
    older_than.map_or(first, |span| {
        let days = i64::from(days_of(span)) + 1;
        last_business_day(today.saturating_sub(jiff::Span::new().days(days))).min(first)
    })
}
