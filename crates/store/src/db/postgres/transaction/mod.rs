//! A transaction on a session: the statements whose answers are still to come, and the meaning of a failure.

mod ending;

use std::future::Future;
use std::sync::Arc;

use futures::TryStreamExt as _;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Error, Statement};

use super::ahead::{self, Ahead, Answered, EarlyStatement, Known, Leave, Next, OnItsWay, Rows};
use super::classify::{Fault, Loss};
use super::inserts::Inserts;
use super::session::{Answer, Expect, Limit, Session};
use crate::db::error::StoreError;
use crate::db::value::{Arg, Row};

/// The undoing of a part of a script that fails while the rest goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parts {
    /// Impossible: if a failed part has written, the whole transaction runs again, with savepoints.
    Together,
    /// Impossible too, and statements are sent early.
    Ahead,
    /// By a savepoint for each part.
    Savepoints,
}

/// The beginning of a part of a script.
#[derive(Debug, Clone, Copy)]
pub(in crate::db) struct Begun {
    number: u64,
    written: u64,
}

/// A transaction, from its begin to its end. Several scripts may share it.
pub(in crate::db) struct PostgresTx<'a> {
    session: &'a mut Session,
    limit: Limit,
    parts: Parts,
    /// The first failure that is not undone, with the number of its statement.
    failed: Option<(u64, StoreError)>,
    lost: Option<Loss>,
    written: u64,
    spoiled: bool,
    ahead: Ahead,
    /// Inserted rows that are not sent yet.
    inserts: Inserts,
    /// Whether statements are independent of other scripts' rows.
    beside: bool,
    /// Whether each answer is waited for at once.
    at_once: bool,
}

/// The number of the commit, which comes after every other statement.
const LAST: u64 = u64::MAX;

/// The outcome of a commit.
#[derive(Debug)]
pub(super) enum Committed {
    /// It is done.
    Yes,
    /// It surely did not happen.
    No(StoreError),
    /// Its answer was lost.
    Unknown(StoreError),
}

impl<'a> PostgresTx<'a> {
    pub(super) fn new(session: &'a mut Session, limit: Limit, parts: Parts) -> Self {
        let (failed, lost, ahead) = (None, None, Ahead::default());
        let (inserts, beside, at_once) = (Inserts::default(), false, false);
        Self {
            session,
            limit,
            parts,
            failed,
            lost,
            written: 0,
            spoiled: false,
            ahead,
            inserts,
            beside,
            at_once,
        }
    }

    /// A transaction that a link has begun, or a single statement. Each answer is waited for.
    pub(in crate::db) fn on_link(session: &'a mut Session) -> Self {
        let limit = Limit { until: None, caller: None };
        Self { at_once: true, ..Self::new(session, limit, Parts::Savepoints) }
    }

    /// Begins a run of a script that only asks. It ends at its first statement without a known answer, which is sent if
    /// it may be sent early. The script writes nothing in such a run.
    pub(super) fn begin_asking(&mut self, known: Vec<Known>, leave: Leave) {
        self.begin_script(known);
        self.ahead.asks(leave);
    }

    /// Ends such a run. Returns the known answers and the sent statement.
    pub(super) fn end_asking(&mut self) -> (Vec<Known>, Option<EarlyStatement>) {
        self.ahead.take()
    }

    /// Waits for the answer of an early statement.
    pub(super) fn answered(&mut self, statement: EarlyStatement) -> Result<Known, StoreError> {
        let number = self.session.next_number();
        let answered = statement.answered(self.session, &self.limit);
        answered.map_err(|fault| self.fail(number, &fault))
    }

    /// True once the script has used all early statements.
    pub(super) fn is_settled(&self) -> bool {
        self.ahead.is_settled()
    }

    /// The loss of the session; `None` if the session works.
    pub(super) fn lost(&self) -> Option<&Loss> {
        self.lost.as_ref()
    }

    /// Whether a statement failed and nothing has undone it. A commit would then commit nothing.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// Whether a part failed that cannot be undone alone.
    pub(in crate::db) fn is_spoiled(&self) -> bool {
        self.spoiled
    }

    /// The number of sent statements that may have changed something.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Begins the next script of the transaction, with the answers of its early statements.
    pub(super) fn begin_script(&mut self, known: Vec<Known>) {
        self.ahead = Ahead::with_answers(known);
        self.spoiled = false;
        self.inserts.begin_script();
        // The previous script may have panicked.
        self.beside = false;
    }

    /// Sets whether the next statements are independent of rows that other scripts of the transaction have inserted.
    /// Returns the previous setting.
    pub(in crate::db) fn set_beside(&mut self, beside: bool) -> bool {
        std::mem::replace(&mut self.beside, beside)
    }

    /// Sends the inserted rows before a statement that may depend on them.
    fn send_inserts_before(&mut self) -> Result<(), StoreError> {
        if self.beside { self.send_own_inserts() } else { self.send_inserts() }
    }

    /// Sends the inserted rows before a statement that is independent of other scripts' rows.
    fn send_own_inserts(&mut self) -> Result<(), StoreError> {
        if self.inserts.has_own() { self.send_inserts() } else { Ok(()) }
    }

    /// Sends the inserted rows, in one statement for each table.
    fn send_inserts(&mut self) -> Result<(), StoreError> {
        for (sql, args) in self.inserts.take() {
            self.send(&sql, args, Expect::Done)?;
        }
        Ok(())
    }

    pub(in crate::db) fn execute(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<u64, StoreError> {
        self.written += 1;
        match self.ahead.next(sql, args) {
            Next::Known(Answered::Changed(rows)) => return Ok(*rows),
            Next::Known(Answered::Rows(_)) | Next::Strayed => return Err(self.strayed()),
            Next::SentEarly => return Err(self.ask_ahead(sql, args, Self::changed)),
            Next::Waits => {}
        }
        self.send_inserts_before()?;
        let client = Arc::clone(&self.session.client);
        if !self.session.prepares() {
            let typed = typed(args);
            return self.ask(async { client.execute_typed(sql, &typed).await });
        }
        let statement = self.prepared(sql)?;
        let params = params(args);
        self.ask(async { client.execute(&statement, &params).await })
    }

    /// Sends a statement whose answer the script does not wait for. A failure shows at a later statement or at the
    /// commit.
    pub(in crate::db) fn execute_later(
        &mut self, sql: &str, args: &[Arg<'_>], expect: Expect,
    ) -> Result<(), StoreError> {
        if self.at_once {
            return match (self.execute(sql, args)?, expect) {
                (0, Expect::One) => Err(StoreError::Conflict),
                _done => Ok(()),
            };
        }
        self.begin_write()?;
        match expect {
            // It changes a row by its key, and only the script that inserted an unsent row knows its key.
            Expect::One => self.send_own_inserts()?,
            Expect::Done | Expect::Ignored => self.send_inserts_before()?,
        }
        self.send(sql, kept(args), expect)
    }

    /// [`execute_later`](Self::execute_later) of a statement with each of these lists of arguments.
    pub(in crate::db) fn execute_each(&mut self, sql: &str, runs: &[Vec<Arg<'_>>]) -> Result<(), StoreError> {
        runs.iter().try_for_each(|args| self.execute_later(sql, args, Expect::Done))
    }

    /// [`execute_later`](Self::execute_later) of a statement that concerns no inserted row. It may be sent before the
    /// inserted rows.
    pub(in crate::db) fn execute_apart(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<(), StoreError> {
        if self.at_once {
            return self.execute(sql, args).map(drop);
        }
        self.begin_write()?;
        self.send(sql, kept(args), Expect::Done)
    }

    /// Inserts rows, each with its columns, without waiting for an answer.
    pub(in crate::db) fn insert_rows<'v>(
        &mut self, head: &str, rows: &[impl AsRef<[Arg<'v>]>],
    ) -> Result<(), StoreError> {
        for row in rows {
            self.begin_write()?;
            self.inserts.add(head, kept(row.as_ref()));
        }
        if self.at_once {
            for (sql, args) in self.inserts.take() {
                self.execute(&sql, &args)?;
            }
        }
        Ok(())
    }

    /// Counts a write. A run of a script that only asks ends here.
    fn begin_write(&mut self) -> Result<(), StoreError> {
        self.written += 1;
        self.ahead.stop_before_write()
    }

    fn send(&mut self, sql: &str, kept: Vec<Arg<'static>>, expect: Expect) -> Result<(), StoreError> {
        let answer = self.changed(sql, kept)?;
        self.session.send_later(expect, answer);
        Ok(())
    }

    /// Sends a statement that returns the number of changed rows.
    fn changed(&mut self, sql: &str, kept: Vec<Arg<'static>>) -> Result<Answer, StoreError> {
        let client = Arc::clone(&self.session.client);
        if self.session.prepares() {
            let statement = self.prepared(sql)?;
            return Ok(Box::pin(async move { client.execute_raw(&statement, kept).await }));
        }
        let sql = sql.to_owned();
        Ok(Box::pin(async move { client.execute_typed(&sql, &typed(&kept)).await }))
    }

    /// Sends a statement that returns rows.
    fn rows(&mut self, sql: &str, kept: Vec<Arg<'static>>) -> Result<Rows, StoreError> {
        let client = Arc::clone(&self.session.client);
        if self.session.prepares() {
            let statement = self.prepared(sql)?;
            return Ok(Box::pin(async move {
                client.query_raw(&statement, kept).await?.try_collect::<Vec<_>>().await
            }));
        }
        let sql = sql.to_owned();
        Ok(Box::pin(async move { client.query_typed(&sql, &typed(&kept)).await }))
    }

    /// Counts the next query as a write.
    pub(in crate::db) fn count_write(&mut self) {
        self.written += 1;
    }

    pub(in crate::db) fn query<T>(
        &mut self, sql: &str, args: &[Arg<'_>], mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        match self.ahead.next(sql, args) {
            Next::Known(Answered::Rows(rows)) => {
                return rows.iter().map(|row| read(&Row::Postgres(row))).collect();
            }
            Next::Known(Answered::Changed(_)) | Next::Strayed => return Err(self.strayed()),
            Next::SentEarly => return Err(self.ask_ahead(sql, args, Self::rows)),
            Next::Waits => {}
        }
        self.send_inserts_before()?;
        let client = Arc::clone(&self.session.client);
        let rows = if self.session.prepares() {
            let statement = self.prepared(sql)?;
            let params = params(args);
            self.ask(async { client.query(&statement, &params).await })?
        } else {
            let typed = typed(args);
            self.ask(async { client.query_typed(sql, &typed).await })?
        };
        rows.iter().map(|row| read(&Row::Postgres(row))).collect()
    }

    /// Sends a statement early, if that is allowed. The error ends this run of the script.
    fn ask_ahead<T: Send + 'static>(
        &mut self, sql: &str, args: &[Arg<'_>],
        made: impl FnOnce(&mut Self, &str, Vec<Arg<'static>>) -> Result<OnItsWay<T>, StoreError>,
    ) -> StoreError
    where
        Answered: From<T>,
    {
        if !self.ahead.may_leave(self.beside) {
            return ahead::ended();
        }
        let statement =
            made(self, sql, kept(args)).map(|answer| EarlyStatement::sent(sql, kept(args), answer));
        match statement {
            Ok(statement) => self.ahead.sent(statement),
            Err(error) => {
                self.ahead.end();
                return error;
            }
        }
        ahead::ended()
    }

    /// The script has sent another statement than before, so it runs alone.
    fn strayed(&mut self) -> StoreError {
        self.spoiled = true;
        StoreError::Conflict
    }

    fn prepared(&mut self, sql: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.session.known(sql) {
            return Ok(statement);
        }
        let client = Arc::clone(&self.session.client);
        let statement = self.ask(async { client.prepare(sql).await })?;
        self.session.learn(sql, &statement);
        Ok(statement)
    }

    /// Waits for an answer and for all earlier ones. If an earlier one is a failure, it is the cause of later failures.
    fn ask<T>(&mut self, request: impl Future<Output = Result<T, Error>>) -> Result<T, StoreError> {
        let number = self.session.next_number();
        let answer = self.session.wait(&self.limit, request);
        if !matches!(answer, Err(Fault::Stopped(_))) {
            self.settle()?;
        }
        answer.map_err(|fault| self.fail(number, &fault))
    }

    pub(in crate::db) fn begin_part(&mut self) -> Result<Begun, StoreError> {
        if self.parts == Parts::Savepoints {
            self.send_inserts()?;
            self.session.frame("savepoint part", Expect::Done);
        }
        Ok(Begun { number: self.session.sent(), written: self.written })
    }

    pub(in crate::db) fn keep_part(&mut self) -> Result<(), StoreError> {
        if self.parts == Parts::Savepoints {
            self.send_inserts()?;
            self.session.frame("release savepoint part", Expect::Done);
        }
        Ok(())
    }

    /// Undoes a part. If that is impossible, the error makes the whole transaction run again.
    pub(in crate::db) fn undo_part(&mut self, part: Begun) -> Result<(), StoreError> {
        if self.ahead.is_asking() {
            return Ok(());
        }
        let inside = |number: u64| number > part.number;
        if self.parts != Parts::Savepoints {
            let failed = self.failed.as_ref().is_some_and(|(number, _)| inside(*number));
            if self.written == part.written && !failed {
                return Ok(());
            }
            self.spoiled = true;
            return Err(StoreError::Conflict);
        }
        for later in self.session.later.iter_mut().filter(|later| inside(later.number)) {
            later.expect = Expect::Ignored;
        }
        // Rows from before the part were sent when it began.
        self.inserts = Inserts::default();
        self.failed.take_if(|(number, _)| inside(*number));
        self.session.frame("rollback to savepoint part; release savepoint part", Expect::Done);
        Ok(())
    }
}

fn params<'a>(args: &'a [Arg<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    args.iter().map(|arg| arg as &(dyn ToSql + Sync)).collect()
}

fn kept(args: &[Arg<'_>]) -> Vec<Arg<'static>> {
    args.iter().map(Arg::kept).collect()
}

fn typed<'a>(args: &'a [Arg<'_>]) -> Vec<(&'a (dyn ToSql + Sync), Type)> {
    args.iter().map(|arg| (arg as &(dyn ToSql + Sync), arg.wire_type())).collect()
}
