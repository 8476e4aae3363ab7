//! The connections that read on snapshots.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection as Sqlite;

use super::statement::{self, Guard, SqliteTx};
use crate::db::script::{Script, run_caught};
use crate::db::{Connection, Shared, StoreError, Tx};
use crate::random::Random;

/// How old a kept snapshot may be, for what another process writes (a command beside the server).
const SNAPSHOT_AGE: Duration = Duration::from_millis(50);

/// The connections on which reads run where they are asked for.
///
/// Locking a snapshot and letting it go costs more than a look-up itself, so a connection keeps its
/// snapshot until the writer's next commit. The writer counts a commit before anybody is answered: who was
/// told of a change reads it.
pub(super) struct Readers {
    commits: AtomicU64,
    idle: Mutex<Vec<Reader>>,
}

/// A connection that reads, with what a transaction on it needs.
pub(super) struct Reader {
    connection: Sqlite,
    random: Random,
    snapshot: Option<Snapshot>,
}

/// What a connection's open transaction sees: at least the first `commits` commits.
#[derive(Clone, Copy)]
struct Snapshot {
    commits: u64,
    at: Instant,
}

impl Readers {
    pub(super) fn new(idle: Vec<Reader>) -> Self {
        Self { commits: AtomicU64::new(0), idle: Mutex::new(idle) }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a read here. `None` if every connection is busy.
    pub(super) fn read_here<T, E: From<StoreError>>(
        &self,
        shared: &Shared,
        script: &impl Fn(&mut Tx<'_>) -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        let mut reader = self.idle().pop()?;
        let commits = self.commits.load(Ordering::Acquire);
        let result = reader.run(commits, shared, |tx| run_caught(script, tx));
        self.idle().push(reader);
        Some(result.unwrap_or_else(|error| Err(error.into())))
    }

    /// Counts a commit and ends the snapshots that do not see it, so that none holds the log's pages. One
    /// that is in use is ended before its next use, or by the next commit.
    pub(super) fn committed(&self) {
        self.commits.fetch_add(1, Ordering::Release);
        for reader in self.idle().iter_mut() {
            reader.end_snapshot();
        }
    }
}

impl Reader {
    pub(super) fn new(connection: Sqlite) -> Self {
        Self { connection, random: Random::open(), snapshot: None }
    }

    /// Runs a script from the queue and answers its caller.
    pub(super) fn serve(&mut self, mut script: Box<dyn Script>, shared: &Shared) {
        if script.is_abandoned() {
            return;
        }
        let outcome = self.run(0, shared, |tx| script.run(tx));
        // Nobody ends this connection's snapshot while it idles, so it keeps none.
        self.end_snapshot();
        script.answer(outcome.map(|_ran| ()));
    }

    /// Runs a read on a snapshot that sees at least the first `commits` commits.
    fn run<T>(
        &mut self,
        commits: u64,
        shared: &Shared,
        script: impl FnOnce(&mut Tx<'_>) -> T,
    ) -> Result<T, StoreError> {
        let now = Instant::now();
        let current = |kept: Snapshot| kept.commits == commits && now.duration_since(kept.at) < SNAPSHOT_AGE;
        if !self.snapshot.is_some_and(current) {
            self.end_snapshot();
            statement::run(&self.connection, "begin").inspect_err(|error| shared.note(error))?;
            self.snapshot = Some(Snapshot { commits, at: now });
        }
        let tx = SqliteTx::new(&self.connection, Guard::WholeBatch);
        let result = script(&mut Tx::new(Connection::Sqlite(tx), shared, &mut self.random));
        if self.connection.is_autocommit() {
            // The engine gave the transaction up, for an error that the script has been told.
            self.snapshot = None;
        }
        Ok(result)
    }

    fn end_snapshot(&mut self) {
        if self.snapshot.take().is_some() && statement::run(&self.connection, "commit").is_err() {
            let _already_gone = statement::run(&self.connection, "rollback");
        }
    }
}
