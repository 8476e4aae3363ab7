//! Looking at a case: a short-lived mark, which the open page renews.

use domain::id::OperatorId;
use domain::queue::{CaseSubject, Queue};
use domain::time::RealTime;
use store::{Failed, Tx};

use super::assigning::waiting;
use super::marks::{MARK, Taker, others};
use crate::refused::NotFound;

/// Marks that an operator looks at a subject that waits in a queue. Returns the others who do.
pub fn look(
    tx: &mut Tx<'_>, now: RealTime, me: OperatorId, queue: Queue, subject: CaseSubject,
) -> Result<Vec<Taker>, Failed<NotFound>> {
    waiting(tx, now, queue, subject)?.ok_or(Failed::Refused(NotFound))?;
    store::case_visits::mark(tx, subject, me, now, now.minus(MARK))?;
    Ok(others(tx, now, me, &[subject])?.remove(&subject).unwrap_or_else(Vec::new))
}
