//! Statements that are sent early, before their scripts go on, so that scripts in one transaction wait together.
//!
//! Each statement whose answer a script needs costs a wait for the server. So each script of a transaction runs until
//! its first such statement, which is sent early. Once all answers are here, each script runs again from its beginning
//! with the known answers, until its next such statement. In the end each script runs once more and writes.
//!
//! A statement may be sent early if it depends on no row that another script of the transaction writes
//! ([`Tx::beside`]). It may also if a compare-and-set or a unique key checks its outcome before the commit. So the
//! scripts see what they would see in separate, concurrent transactions.
//!
//! [`Tx::beside`]: crate::Tx::beside

use std::future::Future;
use std::pin::Pin;

use tokio_postgres::{Error, Row};

use super::classify::Fault;
use super::session::{Limit, Session};
use crate::db::error::StoreError;
use crate::db::value::Arg;

/// An answer that has not arrived yet.
pub(super) type OnItsWay<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// Rows that have not arrived yet.
pub(super) type Rows = OnItsWay<Vec<Row>>;

/// The answer of a statement.
pub(super) enum Answered {
    /// The number of changed rows.
    Changed(u64),
    /// The returned rows.
    Rows(Vec<Row>),
}

impl From<u64> for Answered {
    fn from(rows: u64) -> Self {
        Self::Changed(rows)
    }
}

impl From<Vec<Row>> for Answered {
    fn from(rows: Vec<Row>) -> Self {
        Self::Rows(rows)
    }
}

/// A statement that was sent early.
struct Sent {
    sql: String,
    args: Vec<Arg<'static>>,
}

/// An early statement with its answer.
pub(super) struct Known {
    sent: Sent,
    answer: Answered,
}

/// An early statement whose answer has not arrived yet.
pub(super) struct EarlyStatement {
    sent: Sent,
    answer: OnItsWay<Answered>,
}

impl EarlyStatement {
    /// Sends a statement.
    pub(super) fn sent<T: Send + 'static>(sql: &str, args: Vec<Arg<'static>>, answer: OnItsWay<T>) -> Self
    where
        Answered: From<T>,
    {
        let answer = Session::sent_now(Box::pin(async move { answer.await.map(Answered::from) }));
        Self { sent: Sent { sql: sql.to_owned(), args }, answer }
    }

    /// Waits for its answer.
    pub(super) fn answered(self, session: &mut Session, limit: &Limit) -> Result<Known, Fault> {
        Ok(Known { sent: self.sent, answer: session.wait(limit, self.answer)? })
    }
}

/// The statements that may be sent early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    /// Those that are marked as independent of the other scripts.
    Beside,
    /// All: no script writes.
    Any,
}

/// The way in which a run goes on after the known answers.
#[derive(Default)]
enum Course {
    /// It sends each statement and waits for its answer.
    #[default]
    Waits,
    /// It sends its next statement, if that may be sent early, and ends there. Such a run only asks.
    Asks(Leave),
    /// It has ended.
    Ended(Option<EarlyStatement>),
}

/// The early statements of a script, in its order, and the way in which its run goes on after them.
#[derive(Default)]
pub(super) struct Ahead {
    known: Vec<Known>,
    /// The number of early statements that this run has used.
    used: usize,
    course: Course,
}

/// The handling of a statement whose answer the script needs.
pub(super) enum Next<'a> {
    /// Its answer is here.
    Known(&'a Answered),
    /// Another statement was sent in its place.
    Strayed,
    /// It is sent early, and the run ends.
    SentEarly,
    /// It is sent, and the script waits for the answer.
    Waits,
}

impl Ahead {
    /// A run with known answers.
    pub(super) fn with_answers(known: Vec<Known>) -> Self {
        Self { known, used: 0, course: Course::Waits }
    }

    /// From now on the run only asks.
    pub(super) fn asks(&mut self, leave: Leave) {
        self.course = Course::Asks(leave);
    }

    /// True for a run that only asks.
    pub(super) fn is_asking(&self) -> bool {
        !matches!(self.course, Course::Waits)
    }

    /// The handling of the next statement.
    pub(super) fn next(&mut self, sql: &str, args: &[Arg<'_>]) -> Next<'_> {
        let place = self.used;
        match (self.known.get(place), &self.course) {
            (Some(Known { sent, .. }), _) if sent.sql != sql || sent.args != args => Next::Strayed,
            (Some(Known { answer, .. }), _) => {
                self.used += 1;
                Next::Known(answer)
            }
            (None, Course::Waits) => Next::Waits,
            (None, Course::Asks(_) | Course::Ended(_)) => Next::SentEarly,
        }
    }

    /// Whether the statement may be sent early. If not, the run has ended.
    pub(super) fn may_leave(&mut self, beside: bool) -> bool {
        let may = match self.course {
            Course::Asks(leave) => beside || leave == Leave::Any,
            Course::Waits | Course::Ended(_) => false,
        };
        if !may {
            self.end();
        }
        may
    }

    /// Ends the run.
    pub(super) fn end(&mut self) {
        if let Course::Asks(_) = self.course {
            self.course = Course::Ended(None);
        }
    }

    /// Ends the run after it has sent a statement.
    pub(super) fn sent(&mut self, statement: EarlyStatement) {
        self.course = Course::Ended(Some(statement));
    }

    /// A run that only asks ends at its first write.
    pub(super) fn stop_before_write(&mut self) -> Result<(), StoreError> {
        if self.is_asking() {
            self.end();
            return Err(ended());
        }
        Ok(())
    }

    /// The known answers, and the statement that the run has sent.
    pub(super) fn take(&mut self) -> (Vec<Known>, Option<EarlyStatement>) {
        let Self { known, course, .. } = std::mem::take(self);
        match course {
            Course::Ended(statement) => (known, statement),
            Course::Waits | Course::Asks(_) => (known, None),
        }
    }

    /// True once the run has used all early statements.
    pub(super) fn is_settled(&self) -> bool {
        self.used == self.known.len()
    }
}

/// The error that ends a run that only asks.
pub(super) fn ended() -> StoreError {
    StoreError::Unavailable("the statement is under way".into())
}
