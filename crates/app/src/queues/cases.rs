//! The cases of a queue, with what a list shows of them. The number of statements does not depend on their number.

use std::collections::HashMap;
use std::time::Duration;

use domain::calendar::last_business_day;
use domain::customer::CustomerFile;
use domain::id::{CustomerId, MailId, OperatorId, PartnerId};
use domain::page::Page;
use domain::queue::{Bucket, CaseSubject, Queue};
use domain::time::{Date, RealTime};
use store::cases::{Case, CaseFilter, CasePlace, Taken};
use store::mails::MailReport;
use store::overdue::{Overdue, OverdueFilter, OverduePlace};
use store::{Cursor, Failed, StoreError, Tx};

use super::debtors::{Dated, dated};
use super::marks::{Taker, others};
use super::place::Place;
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
}

/// A case as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseView {
    /// The case.
    pub case: Case,
    /// The name under which the customer does business; `None` without a customer or if its row is damaged.
    pub customer_name: Option<String>,
    /// The operator who has taken it.
    pub taker: Option<Taker>,
    /// The other operators who look at it now.
    pub looking: Vec<Taker>,
    /// Days until the end of the time to sign.
    pub days_left: Option<u32>,
    /// Days past the effective due date of the oldest unpaid installment.
    pub days_overdue: Option<u32>,
    /// The e-mail, if the subject is one.
    pub mail: Option<MailReport>,
    /// The place in the queue, for the cursor of the next page.
    pub place: Place,
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
    let page = completed(tx, page)?;
    let subjects: Vec<CaseSubject> = page.items.iter().map(|view| view.case.subject).collect();
    let mut looking = others(tx, real, wanted.me, &subjects)?;
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
    let filter = CaseFilter { partner: wanted.partner, taken: wanted.taken, before };
    let page = page_or_refused(store::cases::list(tx, wanted.queue, &filter, &cursor)?)?;
    let ahead = if wanted.queue == Queue::ContractsUnsigned { clock::moved(tx)? } else { HashMap::new() };
    let shown = |case: Case| {
        let now = ahead.get(&case.partner).map_or(real.unmoved(), |ahead| real.on_clock(*ahead));
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
        let filter = OverdueFilter { due_by: due_by(&dated, wanted.older_than), taken: wanted.taken };
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

impl CaseView {
    /// A case that has a row.
    pub(super) fn waiting(case: Case) -> Self {
        let place = Place::Waiting(CasePlace { since: case.since.micros(), subject: case.subject });
        Self::of(case, place)
    }

    /// An overdue loan.
    pub(super) fn overdue(loan: &Overdue, dated: &Dated) -> Self {
        let place = Place::Overdue(OverduePlace { due: loan.due, loan: loan.loan });
        let case = Case {
            partner: loan.partner,
            subject: CaseSubject::Loan(loan.loan),
            customer: Some(loan.customer),
            amount: Some(loan.unpaid),
            sign_by: None,
            since: dated.overdue_since(loan.due),
            assignee: loan.assignee,
        };
        Self { days_overdue: Some(dated.days_overdue(loan.due)), ..Self::of(case, place) }
    }

    fn of(case: Case, place: Place) -> Self {
        Self {
            case,
            customer_name: None,
            taker: None,
            looking: Vec::new(),
            days_left: None,
            days_overdue: None,
            mail: None,
            place,
        }
    }
}

/// Adds the names, and the e-mails of e-mail cases: one statement for each kind.
fn completed(tx: &mut Tx<'_>, page: Page<CaseView>) -> Result<Page<CaseView>, StoreError> {
    let cases = || page.items.iter().map(|view| &view.case);
    let customers: Vec<CustomerId> = cases().filter_map(|case| case.customer).collect();
    let operators: Vec<OperatorId> = cases().filter_map(|case| case.assignee).collect();
    let mails: Vec<MailId> = cases()
        .filter_map(|case| match case.subject {
            CaseSubject::Mail(id) => Some(id),
            CaseSubject::Customer(_) | CaseSubject::Loan(_) | CaseSubject::Proposal(_) => None,
        })
        .collect();
    let customers = store::customers::find_all(tx, None, &customers)?;
    let customers: HashMap<CustomerId, String> = customers.iter().filter_map(trade_name).collect();
    let operators = store::operators::names(tx, &operators)?;
    let mut mails = store::mails::these(tx, &mails)?;
    Ok(page.filter_map(|view| {
        let customer_name = view.case.customer.and_then(|id| customers.get(&id).cloned());
        let taker = |id| operators.get(&id).map(|name| Taker { id, name: name.clone() });
        let taker = view.case.assignee.and_then(taker);
        let mail = match view.case.subject {
            CaseSubject::Mail(id) => mails.remove(&id),
            CaseSubject::Customer(_) | CaseSubject::Loan(_) | CaseSubject::Proposal(_) => None,
        };
        Some(CaseView { customer_name, taker, mail, ..view })
    }))
}

/// A customer's id, with the name under which it does business.
fn trade_name(file: &CustomerFile) -> Option<(CustomerId, String)> {
    let name = file.customer.registration.known_as()?;
    Some((file.customer.id, name.to_string()))
}

/// One case with its names.
pub(super) fn completed_one(tx: &mut Tx<'_>, view: CaseView) -> Result<CaseView, StoreError> {
    let page = completed(tx, Page::whole(vec![view]))?;
    page.items.into_iter().next().ok_or(StoreError::NotFound)
}
