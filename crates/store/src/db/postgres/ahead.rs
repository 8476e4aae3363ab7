//! Statements that leave ahead of their scripts, so that scripts which share a transaction wait together.
//!
//! Each statement whose answer a script needs costs a wait for the server. A script is run until its first such statement,
//! which is sent; then the next script is. Once all answers are here, each script runs again from its beginning, with the
//! answers that are known, until its next one. In the end each script runs once more and writes.
//!
//! Only statements leave that depend on no row which another script of the transaction writes ([`Tx::beside`]), or whose
//! outcome a compare-and-set or a unique key judges before the commit: the scripts then see what they would see in
//! transactions of their own beside each other.
//!
//! [`Tx::beside`]: crate::Tx::beside

use std::future::Future;
use std::pin::Pin;

use tokio_postgres::{Error, Row};

use super::classify::Fault;
use super::session::{Limit, Session};
use crate::db::error::StoreError;
use crate::db::value::Arg;

/// An answer that is still to come.
pub(super) type OnItsWay<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// Rows that are still to come.
pub(super) type Rows = OnItsWay<Vec<Row>>;

/// The answer of a statement.
pub(super) enum Answered {
    /// It changed so many rows.
    Changed(u64),
    /// It returned rows.
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

/// A statement that was sent ahead of its script.
struct Sent {
    sql: String,
    args: Vec<Arg<'static>>,
}

/// Such a statement with its answer.
pub(super) struct Known {
    sent: Sent,
    answer: Answered,
}

/// Such a statement whose answer is still to come.
pub(super) struct Question {
    sent: Sent,
    answer: OnItsWay<Answered>,
}

impl Question {
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

/// Which statements may leave ahead of their scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    /// Those that say that they are beside the other scripts.
    Beside,
    /// Any: no script writes.
    Any,
}

/// How a run of a script goes on behind the answers that are known.
#[derive(Default)]
enum Course {
    /// Its statements are sent and waited for.
    #[default]
    Waits,
    /// Its next statement is sent, if it may leave, and the run ends there.
    Asks(Leave),
    /// It has ended.
    Ended(Option<Question>),
}

/// The statements that were sent ahead of a script, in its order, and how it goes on behind them.
#[derive(Default)]
pub(super) struct Ahead {
    known: Vec<Known>,
    /// How many of them this run has asked for.
    asked: usize,
    course: Course,
}

/// The fate of a statement whose answer the script needs.
pub(super) enum Next<'a> {
    /// Its answer is here.
    Known(&'a Answered),
    /// Another one was sent in its place.
    Strayed,
    /// It may leave, and the run ends.
    Asked,
    /// It is sent and waited for.
    Waits,
}

impl Ahead {
    /// A run with the answers that are known.
    pub(super) fn knowing(known: Vec<Known>) -> Self {
        Self { known, asked: 0, course: Course::Waits }
    }

    /// From here on the run only asks.
    pub(super) fn asks(&mut self, leave: Leave) {
        self.course = Course::Asks(leave);
    }

    /// True for a run that only asks.
    pub(super) fn is_asking(&self) -> bool {
        !matches!(self.course, Course::Waits)
    }

    /// The fate of the next statement.
    pub(super) fn next(&mut self, sql: &str, args: &[Arg<'_>]) -> Next<'_> {
        let place = self.asked;
        match (self.known.get(place), &self.course) {
            (Some(Known { sent, .. }), _) if sent.sql != sql || sent.args != args => Next::Strayed,
            (Some(Known { answer, .. }), _) => {
                self.asked += 1;
                Next::Known(answer)
            }
            (None, Course::Waits) => Next::Waits,
            (None, Course::Asks(_) | Course::Ended(_)) => Next::Asked,
        }
    }

    /// True if the statement may leave; if not, the run has ended.
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

    /// Ends the run with a statement that was sent.
    pub(super) fn sent(&mut self, question: Question) {
        self.course = Course::Ended(Some(question));
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
    pub(super) fn take(&mut self) -> (Vec<Known>, Option<Question>) {
        let Self { known, course, .. } = std::mem::take(self);
        match course {
            Course::Ended(question) => (known, question),
            Course::Waits | Course::Asks(_) => (known, None),
        }
    }

    /// True once the run has asked for all that was sent ahead.
    pub(super) fn is_settled(&self) -> bool {
        self.asked == self.known.len()
    }
}

/// Ends a run that only asks.
pub(super) fn ended() -> StoreError {
    StoreError::Unavailable("the statement is under way".into())
}
