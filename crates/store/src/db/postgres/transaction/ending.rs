//! The end of a transaction: the remaining answers, the first failure, and the commit.

use super::{Committed, LAST, PostgresTx};
use crate::db::error::StoreError;
use crate::db::postgres::classify::{Fault, Loss};
use crate::db::postgres::session::Expect;

impl PostgresTx<'_> {
    /// Waits for the remaining answers. The first failure counts.
    pub(in crate::db::postgres) fn settle(&mut self) -> Result<(), StoreError> {
        let mut first = None;
        while let Some(later) = self.session.later.pop_front() {
            let error = match (self.session.wait(&self.limit, later.answer), later.expect) {
                (Err(fault), Expect::Ignored) if fault.is_an_answer() => continue,
                (Ok(_), Expect::Done | Expect::Ignored) | (Ok(1), Expect::One) => continue,
                (Ok(0), Expect::One) => StoreError::Conflict,
                (Ok(rows), Expect::One) => {
                    StoreError::Defect(format!("a single-row statement changed {rows} rows"))
                }
                // After a known failure, all later statements fail too.
                (Err(fault), _) if first.is_some() && fault.is_an_answer() => continue,
                // The script no longer checks for this duplicate, so it runs again and finds the other row.
                (Err(fault), _) => self.fail(later.number, &fault).duplicate_as_conflict(),
            };
            if first.is_none() {
                self.failed.get_or_insert((later.number, error.clone()));
                first = Some(error);
            }
            if self.lost.is_some() {
                self.session.later.clear();
            }
        }
        first.map_or(Ok(()), Err)
    }

    /// Notes a failure. If the session may be the cause, it ends.
    pub(super) fn fail(&mut self, number: u64, fault: &Fault) -> StoreError {
        if let Some((_, error)) = self.failed.as_ref().filter(|_| fault.is_an_echo()) {
            return error.clone();
        }
        let error = fault.store_error();
        if self.lost.is_none() {
            self.lost = fault.loss();
        }
        self.failed.get_or_insert((number, error.clone()));
        error
    }

    /// Commits. Statements that must change one row are checked before, because the server would commit anyway.
    pub(in crate::db::postgres) fn commit(&mut self) -> Committed {
        if let Err(error) = self.send_inserts() {
            return self.rolled_back(error);
        }
        if self.session.later.iter().any(|later| later.expect == Expect::One)
            && let Err(error) = self.settle()
        {
            return self.rolled_back(error);
        }
        if let Some((_, error)) = self.failed.clone() {
            return self.rolled_back(error);
        }
        self.session.commit();
        let Some(commit) = self.session.later.pop_back() else { unreachable!("it was just added") };
        let before = self.settle();
        match (before, &self.lost) {
            (Err(error), Some(Loss { answered: false, .. })) => Committed::Unknown(error),
            (before, _) => {
                let commit = self.session.wait(&self.limit, commit.answer);
                match (before, commit) {
                    // The server has rolled back instead of committing.
                    (Err(error), Ok(_)) => Committed::No(error),
                    (Ok(()), Ok(_)) => Committed::Yes,
                    (_, Err(fault)) if fault.is_an_answer() => Committed::No(self.fail(LAST, &fault)),
                    (_, Err(fault)) => Committed::Unknown(self.fail(LAST, &fault)),
                }
            }
        }
    }

    fn rolled_back(&mut self, error: StoreError) -> Committed {
        self.roll_back();
        Committed::No(error)
    }

    /// Undoes everything. Nobody waits for the answer.
    pub(in crate::db::postgres) fn roll_back(&mut self) {
        for later in &mut self.session.later {
            later.expect = Expect::Ignored;
        }
        self.session.roll_back();
    }
}
