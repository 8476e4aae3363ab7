//! Cases: what waits for an operator, and who has taken it.
//!
//! Each row is a subject in a queue. The modules of customers, loans, decisions, proposals and e-mails write the row in
//! the transaction in which their subject begins to wait, and delete it when the subject stops waiting. So a queue is
//! counted without reading the subjects that do not wait, and an assignment ends with its row. The queue of overdue
//! loans depends on the day ([`crate::overdue`]). It has rows here only for assigned loans.
//!
//! Reasons: docs/decisions/0027.

use domain::id::{CustomerId, LoanId, OperatorId, PartnerId};
use domain::loan::Loan;
use domain::money::Cents;
use domain::page::Page;
use domain::queue::{CaseSubject, Queue, ServiceLevels};
use domain::time::{RealTime, Timestamp};

use crate::case_ends::{self, Ending, Moment};
use crate::db::{ToArg, among};
use crate::listing::{Cursor, Gone, Listing, UnknownCursor};
use crate::table::table;
use crate::{StoreError, Tx, args};

table! {
    /// A case as it is stored.
    struct CaseRow in "cases" by (subject_id, queue) {
        partner_id: Option<PartnerId>,
        subject_id: CaseSubject,
        queue: Queue,
        customer_id: Option<CustomerId>,
        amount: Option<Cents>,
        sign_by: Option<Timestamp>,
        since: RealTime,
        assignee: Option<OperatorId>,
    }
}

/// A case that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The partner of the subject; `None` for the lender's own operators.
    pub partner: Option<PartnerId>,
    /// The subject.
    pub subject: CaseSubject,
    /// The customer, if the subject has one.
    pub customer: Option<CustomerId>,
    /// The amount that the decision is about.
    pub amount: Option<Cents>,
    /// The end of the time to sign, by the partner's clock.
    pub sign_by: Option<Timestamp>,
    /// The time since which it waits.
    pub since: RealTime,
    /// The operator who has taken it.
    pub assignee: Option<OperatorId>,
}

impl CaseRow {
    fn read(self) -> Case {
        Case {
            partner: self.partner_id,
            subject: self.subject_id,
            customer: self.customer_id,
            amount: self.amount,
            sign_by: self.sign_by,
            since: self.since,
            assignee: self.assignee,
        }
    }
}

/// A subject that begins to wait.
pub(crate) struct Entering {
    pub(crate) partner: Option<PartnerId>,
    pub(crate) queue: Queue,
    pub(crate) subject: CaseSubject,
    pub(crate) customer: Option<CustomerId>,
    pub(crate) amount: Option<Cents>,
    pub(crate) sign_by: Option<Timestamp>,
    pub(crate) at: Moment,
}

impl Entering {
    /// A loan that begins to wait, if its state lets it wait in a queue.
    pub(crate) fn of_loan(loan: &Loan) -> Option<Self> {
        let queue = Queue::of_loan(loan.state.kind())?;
        Some(Self {
            partner: Some(loan.partner),
            queue,
            subject: CaseSubject::Loan(loan.id),
            customer: Some(loan.customer),
            amount: Some(loan.quote.net),
            sign_by: (queue == Queue::ContractsUnsigned).then_some(loan.sign_by),
            at: Moment::OnClock(loan.updated_at),
        })
    }

    /// A customer that begins to wait.
    pub(crate) fn of_customer(partner: PartnerId, customer: CustomerId, queue: Queue, at: Timestamp) -> Self {
        Self {
            partner: Some(partner),
            queue,
            subject: CaseSubject::Customer(customer),
            customer: Some(customer),
            amount: None,
            sign_by: None,
            at: Moment::OnClock(at),
        }
    }
}

/// Adds a case. One that waits there already keeps its time and its assignee.
pub(crate) fn enter(tx: &mut Tx<'_>, case: &Entering) -> Result<(), StoreError> {
    let Entering { partner, queue, subject, customer, amount, sign_by, at } = case;
    let (since, at) = at.sql(7);
    let sql = format!(
        "insert into cases (partner_id, subject_id, queue, customer_id, amount, sign_by, since) \
         values ($1, $2, $3, $4, $5, $6, {since}) on conflict (subject_id, queue) do nothing"
    );
    tx.execute_later(&sql, args![*partner, *subject, *queue, *customer, *amount, *sign_by, at])
}

/// Ends the case of a subject in one queue, if it waits there.
pub(crate) fn leave(
    tx: &mut Tx<'_>, partner: PartnerId, subject: CaseSubject, queue: Queue, at: Moment,
) -> Result<(), StoreError> {
    case_ends::note(tx, &partner, &subject, Ending::In(queue), at)?;
    let sql = "delete from cases where partner_id = $1 and subject_id = $2 and queue = $3";
    tx.execute_later(sql, args![partner, subject, queue])
}

/// Ends the case of a subject that belongs to no partner.
pub(crate) fn leave_lenders(
    tx: &mut Tx<'_>, subject: CaseSubject, queue: Queue, at: RealTime,
) -> Result<(), StoreError> {
    case_ends::note_lenders(tx, subject, queue, at)?;
    tx.execute_later("delete from cases where subject_id = $1 and queue = $2", args![subject, queue])
}

/// Ends all cases of a subject.
pub(crate) fn leave_all(
    tx: &mut Tx<'_>, partner: &impl ToArg, subject: &impl ToArg, at: Moment,
) -> Result<(), StoreError> {
    case_ends::note(tx, partner, subject, Ending::AllBut(Queue::Overdue), at)?;
    let sql = "delete from cases where partner_id = $1 and subject_id = $2";
    tx.execute_later(sql, args![*partner, *subject])
}

/// Ends all cases of a subject but that of the queue in which it waits from now on.
pub(crate) fn move_to(tx: &mut Tx<'_>, partner: PartnerId, case: &Entering) -> Result<(), StoreError> {
    case_ends::note(tx, &partner, &case.subject, Ending::AllBut(case.queue), case.at)?;
    let sql = "delete from cases where partner_id = $1 and subject_id = $2 and queue <> $3";
    tx.execute_later(sql, args![partner, case.subject, case.queue])?;
    enter(tx, case)
}

/// Ends the assignment of a loan that is no longer overdue. Other overdue loans have no row, so this is no departure.
pub fn end_overdue(tx: &mut Tx<'_>, partner: PartnerId, loan: LoanId) -> Result<(), StoreError> {
    let sql = "delete from cases where partner_id = $1 and subject_id = $2 and queue = $3";
    tx.execute_later(sql, args![partner, CaseSubject::Loan(loan), Queue::Overdue])
}

/// The figures of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// The queue.
    pub queue: Queue,
    /// The number of cases.
    pub count: i64,
    /// The time since which the oldest one waits.
    pub oldest: RealTime,
    /// The number of cases that wait longer than the service level.
    pub late: i64,
    /// The number of cases that the operator has taken.
    pub mine: i64,
}

/// The figures of every queue with rows. Those of overdue loans count the assigned ones alone.
pub fn waiting(
    tx: &mut Tx<'_>, now: RealTime, me: OperatorId, levels: &ServiceLevels,
) -> Result<Vec<Waiting>, StoreError> {
    let (mut args, mut cutoffs) = (vec![me.to_arg()], Vec::new());
    let cutoff = |queue| levels.get(queue).map(|level| now.minus(level));
    let levelled: Vec<(Queue, RealTime)> =
        Queue::ALL.into_iter().filter_map(|queue| Some((queue, cutoff(queue)?))).collect();
    for (queue, cutoff) in &levelled {
        args.push(cutoff.to_arg());
        cutoffs.push(format!("when '{}' then cast(${} as bigint)", queue.name(), args.len()));
    }
    let sql = format!(
        "select queue, count(*), min(since), count(case when since < case queue {} end then 1 end), \
         count(case when assignee = $1 then 1 end) from cases group by queue",
        cutoffs.join(" ")
    );
    let figures: Vec<(Queue, i64, RealTime, i64, i64)> = tx.fetch_all(&sql, &args)?;
    let figures = figures.into_iter();
    Ok(figures
        .map(|(queue, count, oldest, late, mine)| Waiting { queue, count, oldest, late, mine })
        .collect())
}

/// The number of cases in a queue, and the sum of their amounts.
pub fn total(tx: &mut Tx<'_>, queue: Queue) -> Result<(i64, Cents), StoreError> {
    let sql = "select count(*), cast(coalesce(sum(amount), 0) as bigint) from cases where queue = $1";
    tx.fetch_one(sql, args![queue])
}

/// The assignee of the cases in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Taken {
    /// All cases.
    #[default]
    ByAnybody,
    /// Those that nobody has taken.
    ByNobody,
    /// Those of one operator.
    By(OperatorId),
}

/// The filter of a list of cases.
#[derive(Debug, Clone, Copy, Default)]
pub struct CaseFilter {
    /// Only this partner's.
    pub partner: Option<PartnerId>,
    /// Only cases that somebody or nobody has taken.
    pub taken: Taken,
    /// Only cases that wait since before this time.
    pub before: Option<RealTime>,
    /// Only cases of at least this amount.
    pub least: Option<Cents>,
}

/// A place in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CasePlace {
    /// The time since which the case waits, in microseconds.
    pub since: i64,
    /// The subject.
    pub subject: CaseSubject,
}

/// A page of a queue, the longest waiting cases first. The case of the cursor may have left the queue.
pub fn list(
    tx: &mut Tx<'_>, queue: Queue, filter: &CaseFilter, cursor: &Cursor<CasePlace>,
) -> Result<Result<Page<Case>, UnknownCursor>, StoreError> {
    let gone = cursor.after.map_or(Gone::Never, |place| Gone::Named(place.since));
    let cursor =
        Cursor { after: cursor.after.map(|place| place.subject), limit: cursor.limit, order: cursor.order };
    let listing = Listing::by(CaseRow::since, CaseRow::subject_id)
        .whose_cursor_may_be(gone)
        .within(CaseRow::queue, Some(&queue));
    let taker = match &filter.taken {
        Taken::By(operator) => Some(operator),
        Taken::ByAnybody | Taken::ByNobody => None,
    };
    let listing = listing
        .found_by(CaseRow::assignee, taker)
        .having(CaseRow::partner_id, filter.partner.as_ref())
        .before(CaseRow::since, filter.before.as_ref())
        .from(CaseRow::amount, filter.least.as_ref());
    let listing = if filter.taken == Taken::ByNobody { listing.meeting("assignee is null") } else { listing };
    listing.page(tx, &cursor, |row: CaseRow, _tx| Ok(row.read()))
}

/// The case of a subject in a queue.
pub fn find(tx: &mut Tx<'_>, queue: Queue, subject: CaseSubject) -> Result<Option<Case>, StoreError> {
    Ok(tx.find("where subject_id = $1 and queue = $2", args![subject, queue])?.map(CaseRow::read))
}

/// The cases of these subjects in a queue.
pub fn these(tx: &mut Tx<'_>, queue: Queue, subjects: &[CaseSubject]) -> Result<Vec<Case>, StoreError> {
    let (these, mut args) = among(subjects, 1);
    args.push(queue.to_arg());
    let rest = format!("where subject_id {these} and queue = ${}", args.len());
    Ok(tx.find_all::<CaseRow>(&rest, &args)?.into_iter().map(CaseRow::read).collect())
}

/// Assigns a case, if its assignee has not changed since it was read: compare and set.
pub fn assign(tx: &mut Tx<'_>, queue: Queue, case: &Case, to: Option<OperatorId>) -> Result<(), StoreError> {
    let before = case.assignee.map_or_else(String::new, |operator| operator.to_string());
    let sql = "update cases set assignee = $4 \
               where subject_id = $1 and queue = $2 and coalesce(assignee, '') = $3";
    tx.execute_one(sql, args![case.subject, queue, before, to])
}

/// Assigns the case of an overdue loan. It has a row only while it is assigned.
pub fn assign_overdue(tx: &mut Tx<'_>, case: &Case, to: Option<OperatorId>) -> Result<(), StoreError> {
    let queue = Queue::Overdue;
    let Case { partner, subject, customer, amount, sign_by, since, .. } = case.clone();
    match (case.assignee, to) {
        (None, None) => Ok(()),
        (None, Some(operator)) => tx.insert(&CaseRow {
            partner_id: partner,
            subject_id: subject,
            queue,
            customer_id: customer,
            amount,
            sign_by,
            since,
            assignee: Some(operator),
        }),
        (Some(_), Some(_)) => assign(tx, queue, case, to),
        (Some(before), None) => {
            let sql = "delete from cases where subject_id = $1 and queue = $2 and assignee = $3";
            tx.execute_one(sql, args![subject, queue, before])
        }
    }
}
