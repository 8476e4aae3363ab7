//! Taking a case, giving it to another operator, and releasing it.

use domain::access::{Operator, OperatorStatus, Roles};
use domain::id::{LoanId, OperatorId};
use domain::queue::{CaseSubject, Queue};
use domain::time::RealTime;
use store::cases::Case;
use store::{Failed, StoreError, Tx};

use super::completing::completed_one;
use super::debtors::dated;
use super::marks::Taker;
use super::view::CaseView;

/// An assignment of a case.
#[derive(Debug, Clone, Copy)]
pub struct Assign {
    /// The queue.
    pub queue: Queue,
    /// The subject of the case.
    pub subject: CaseSubject,
    /// The operator who takes it; `None` releases it.
    pub to: Option<OperatorId>,
    /// The operator who has it, as far as the caller knows; the outer `None` accepts everybody.
    pub expected: Option<Option<OperatorId>>,
}

/// The reason why a case was not assigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssignRefused {
    /// The subject does not wait in the queue.
    NotFound,
    /// Another operator has it, or nobody has.
    Taken(Option<Taker>),
    /// The operator does not exist, or has ended.
    NoSuchOperator,
    /// No role of the operator lets it see the queue.
    CannotSee,
}

/// Assigns a case: compare and set. Of two operators who take it at once, the second one learns who has it.
pub fn assign(
    tx: &mut Tx<'_>, now: RealTime, command: &Assign, roles: &Roles,
) -> Result<CaseView, Failed<AssignRefused>> {
    let Assign { queue, subject, to, expected } = *command;
    let view = waiting(tx, now, queue, subject)?.ok_or(Failed::Refused(AssignRefused::NotFound))?;
    if expected.is_some_and(|expected| expected != view.case.assignee) {
        return Err(Failed::Refused(AssignRefused::Taken(view.taker)));
    }
    if let Some(operator) = to {
        check_taker(tx, now, queue, operator, roles)?;
    }
    match queue {
        Queue::Overdue => store::cases::assign_overdue(tx, &view.case, to)?,
        _has_a_row => store::cases::assign(tx, queue, &view.case, to)?,
    }
    Ok(completed_one(tx, CaseView { case: Case { assignee: to, ..view.case.clone() }, ..view })?)
}

/// Assigns several cases. A refused one changes nothing and hinders no other.
pub fn assign_all(
    tx: &mut Tx<'_>, now: RealTime, commands: &[Assign], roles: &Roles,
) -> Result<Vec<Result<CaseView, AssignRefused>>, StoreError> {
    let one = |command: &Assign| match assign(tx, now, command, roles) {
        Ok(view) => Ok(Ok(view)),
        Err(Failed::Refused(refused)) => Ok(Err(refused)),
        Err(Failed::Store(error)) => Err(error),
    };
    commands.iter().map(one).collect()
}

/// Refuses an operator who cannot work on the queue.
fn check_taker(
    tx: &mut Tx<'_>, now: RealTime, queue: Queue, operator: OperatorId, roles: &Roles,
) -> Result<(), Failed<AssignRefused>> {
    let found = store::operators::find(tx, operator)?;
    let found: Option<Operator> = found.map(store::Stored::into_value);
    let active = found.filter(|operator| operator.status_at(now) == OperatorStatus::Active);
    let operator = active.ok_or(Failed::Refused(AssignRefused::NoSuchOperator))?;
    if roles.grants(&operator.roles).allows(queue.permission()) {
        Ok(())
    } else {
        Err(Failed::Refused(AssignRefused::CannotSee))
    }
}

/// The case of a subject that waits in a queue now.
pub(super) fn waiting(
    tx: &mut Tx<'_>, now: RealTime, queue: Queue, subject: CaseSubject,
) -> Result<Option<CaseView>, StoreError> {
    let row = store::cases::find(tx, queue, subject)?;
    let found = match (queue, subject) {
        (Queue::Overdue, CaseSubject::Loan(loan)) => {
            overdue(tx, now, loan, row.and_then(|case| case.assignee))?
        }
        _has_a_row => row.map(CaseView::waiting),
    };
    found.map(|view| completed_one(tx, view)).transpose()
}

fn overdue(
    tx: &mut Tx<'_>, now: RealTime, loan: LoanId, taken: Option<OperatorId>,
) -> Result<Option<CaseView>, StoreError> {
    let Some(partner) = store::directory::owner(tx, &loan)? else { return Ok(None) };
    for dated in dated(tx, now, Some(partner))? {
        if let Some(found) = store::overdue::find(tx, dated.debtors, loan)? {
            let found = store::overdue::Overdue { assignee: taken, ..found };
            return Ok(Some(CaseView::overdue(&found, &dated)));
        }
    }
    Ok(None)
}
