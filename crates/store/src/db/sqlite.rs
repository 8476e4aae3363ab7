//! SQLite: one writer thread with group commit, and a few connections that read on snapshots.
//!
//! The writer drains up to [`BATCH`] waiting scripts into one transaction, each in a savepoint of its own,
//! commits once with `synchronous=FULL`, and only then answers any of them: a caller never hears of what
//! a crash could undo.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use rusqlite::types::{Null, ToSqlOutput, Value, ValueRef};
use rusqlite::{CachedStatement, Connection as Sqlite, ErrorCode, ToSql};

use super::script::{Ran, Script, run_caught};
use super::{Arg, Connection, Mode, OpenError, Row, Shared, StoreError, Tx, claim, enqueue, lineage};
use crate::random::Random;

/// How many scripts share a commit at the most.
const BATCH: usize = 256;
/// How many scripts may wait; beyond it a caller is told at once.
const QUEUE: usize = 10_000;
/// Connections on which reads run where they are asked for: as many as threads may ask at once.
const INLINE_READERS: usize = 4;
/// How old a kept snapshot may be, for what another process writes (a command beside the server).
const SNAPSHOT_AGE: Duration = Duration::from_millis(50);

pub(super) struct SqliteEngine {
    writes: Sender<Box<dyn Script>>,
    reads: Sender<Box<dyn Script>>,
    readers: Arc<Readers>,
    shared: Arc<Shared>,
    path: PathBuf,
}

/// The connections on which reads run where they are asked for.
///
/// Locking a snapshot and letting it go costs more than a look-up itself, so a connection keeps its
/// snapshot until the writer's next commit. The writer counts a commit before anybody is answered: who was
/// told of a change reads it.
#[derive(Default)]
struct Readers {
    commits: AtomicU64,
    idle: Mutex<Vec<Reader>>,
}

/// A connection that reads, with what a transaction on it needs.
struct Reader {
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

fn engine_error(error: impl std::fmt::Display) -> OpenError {
    OpenError::Engine(error.to_string())
}

impl SqliteEngine {
    pub(super) fn open(path: &Path, shared: Arc<Shared>) -> Result<Self, OpenError> {
        claim::look(path)?;
        let mut writer = connect(path, -16_000)?;
        // The migrations' transactions have no numbers of their own, so they follow one that has.
        begin_numbered(&writer, &mut Random::open()).map_err(engine_error)?;
        statement(&writer, "commit").map_err(engine_error)?;
        crate::migrations::run_sqlite(&mut writer)?;
        let (writes, waiting) = bounded(QUEUE);
        let (reads, read_queue) = bounded(QUEUE);
        let reader = || {
            let connection = connect(path, -2_000)?;
            Ok::<_, OpenError>(Reader { connection, random: Random::open(), snapshot: None })
        };
        let (mut last, for_thread) = (reader()?, Arc::clone(&shared));
        let serve = move || {
            while let Ok(script) = read_queue.recv() {
                last.serve(script, &for_thread);
            }
        };
        spawn("sqlite-reader".into(), serve)?;
        let idle = Mutex::new((0..INLINE_READERS).map(|_| reader()).collect::<Result<_, _>>()?);
        let readers = Arc::new(Readers { idle, ..Readers::default() });
        let (for_writer, to_refresh) = (Arc::clone(&shared), Arc::clone(&readers));
        spawn("sqlite-writer".into(), move || write_loop(&writer, &waiting, &for_writer, &to_refresh))?;
        Ok(Self { writes, reads, readers, shared, path: path.to_owned() })
    }

    /// Writes the log into the file and empties it.
    pub(super) fn close(&self) -> Result<(), StoreError> {
        self.readers.committed();
        let connection =
            connect(&self.path, -2_000).map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let truncate = "pragma wal_checkpoint(truncate)";
        let busy: bool = connection.query_row(truncate, [], |row| row.get(0)).map_err(store_error)?;
        if busy { Err(StoreError::Unavailable("another process reads the log".into())) } else { Ok(()) }
    }

    pub(super) fn submit(&self, script: Box<dyn Script>, mode: Mode) -> Result<(), StoreError> {
        match mode {
            Mode::Write => enqueue(&self.writes, script),
            Mode::Snapshot | Mode::Single => enqueue(&self.reads, script),
        }
    }

    /// Runs a read where it is asked for: a look-up is over sooner than a thread can be woken for it. `None`
    /// where every connection is busy; then it is for the reader thread.
    pub(super) fn read_here<T, E: From<StoreError>>(
        &self,
        script: &impl Fn(&mut Tx<'_>) -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        let mut reader = self.readers.idle().pop()?;
        let commits = self.readers.commits.load(Ordering::Acquire);
        let result = reader.run(commits, &self.shared, |tx| run_caught(script, tx));
        self.readers.idle().push(reader);
        Some(result.unwrap_or_else(|error| Err(error.into())))
    }
}

impl Readers {
    fn idle(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a commit and ends the snapshots that do not see it, so that none holds the log's pages. One
    /// that is in use is ended before its next use, or by the next commit.
    fn committed(&self) {
        self.commits.fetch_add(1, Ordering::Release);
        for reader in self.idle().iter_mut() {
            reader.end_snapshot();
        }
    }
}

fn spawn(name: String, body: impl FnOnce() + Send + 'static) -> Result<(), OpenError> {
    thread::Builder::new().name(name).spawn(body).map(drop).map_err(engine_error)
}

/// `cache` in the pragma's own unit: negative is KiB.
fn connect(path: &Path, cache: i64) -> Result<Sqlite, OpenError> {
    let connection = Sqlite::open(path).map_err(engine_error)?;
    connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(engine_error)?;
    lineage::begin(&connection, &mut Random::open()).map_err(engine_error)?;
    for (name, value) in [("journal_mode", "wal"), ("synchronous", "full"), ("foreign_keys", "on")] {
        connection.pragma_update(None, name, value).map_err(engine_error)?;
    }
    connection.pragma_update(None, "cache_size", cache).map_err(engine_error)?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(connection)
}

fn write_loop(connection: &Sqlite, queue: &Receiver<Box<dyn Script>>, shared: &Shared, readers: &Readers) {
    let mut random = Random::open();
    while let Ok(first) = queue.recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = queue.try_recv()
        {
            batch.push(next);
        }
        batch.retain(|script| !script.is_abandoned());
        run_batch(connection, batch, shared, readers, &mut random);
    }
}

/// Runs a batch in one transaction and answers every caller after the commit, or after its failure.
fn run_batch(
    connection: &Sqlite,
    mut batch: Vec<Box<dyn Script>>,
    shared: &Shared,
    readers: &Readers,
    random: &mut Random,
) {
    let mut wakes = Vec::new();
    let outcome = begin_numbered(connection, random).and_then(|()| {
        for script in &mut batch {
            run_in_savepoint(connection, script.as_mut(), shared, random, &mut wakes)?;
        }
        statement(connection, "commit")
    });
    if let Err(error) = &outcome {
        shared.note(error);
        tracing::warn!(%error, scripts = batch.len(), "a batch of writes could not be committed");
        if !connection.is_autocommit() {
            let _already_gone = statement(connection, "rollback");
        }
    }
    readers.committed();
    for script in batch {
        script.answer(outcome.clone());
    }
    if outcome.is_ok() {
        shared.wakes.ring(&wakes);
    }
}

/// Begins a transaction that writes. Its number shows later that the log is this file's own.
fn begin_numbered(connection: &Sqlite, random: &mut Random) -> Result<(), StoreError> {
    statement(connection, "begin immediate")?;
    lineage::mark(connection, random).map_err(store_error)
}

/// One script of a batch: what it did is undone where it fails, and the batch goes on. An error here means
/// that the whole transaction is lost (a full disk, an I/O error).
fn run_in_savepoint(
    connection: &Sqlite,
    script: &mut dyn Script,
    shared: &Shared,
    random: &mut Random,
    wakes: &mut Vec<super::Wake>,
) -> Result<(), StoreError> {
    statement(connection, "savepoint script")?;
    let mut tx = Tx::new(Connection::Sqlite(SqliteTx { connection }), shared, random);
    let ran = script.run(&mut tx);
    let rung = tx.into_wakes();
    if connection.is_autocommit() {
        return Err(StoreError::Unavailable("the engine gave the transaction up".into()));
    }
    match ran {
        Ran::Good => wakes.extend(rung),
        // One writer has nobody to lose a race to, so a conflict is told like any failure.
        Ran::Failed | Ran::Again => statement(connection, "rollback to script")?,
    }
    statement(connection, "release script")
}

impl Reader {
    /// Runs a script from the queue and answers its caller.
    fn serve(&mut self, mut script: Box<dyn Script>, shared: &Shared) {
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
            statement(&self.connection, "begin").inspect_err(|error| shared.note(error))?;
            self.snapshot = Some(Snapshot { commits, at: now });
        }
        let connection = &self.connection;
        let result =
            script(&mut Tx::new(Connection::Sqlite(SqliteTx { connection }), shared, &mut self.random));
        if connection.is_autocommit() {
            // The engine gave the transaction up, for an error that the script has been told.
            self.snapshot = None;
        }
        Ok(result)
    }

    fn end_snapshot(&mut self) {
        if self.snapshot.take().is_some() && statement(&self.connection, "commit").is_err() {
            let _already_gone = statement(&self.connection, "rollback");
        }
    }
}

fn statement(connection: &Sqlite, sql: &str) -> Result<(), StoreError> {
    connection.prepare_cached(sql).and_then(|mut s| s.raw_execute()).map(drop).map_err(store_error)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn store_error(error: rusqlite::Error) -> StoreError {
    let rusqlite::Error::SqliteFailure(cause, _) = &error else {
        return StoreError::Corrupt(error.to_string());
    };
    end_if_unsynced(cause.extended_code, &error);
    match (cause.code, cause.extended_code) {
        (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _)
        | (_, rusqlite::ffi::SQLITE_IOERR_CORRUPTFS) => StoreError::Damaged(error.to_string()),
        (
            ErrorCode::ConstraintViolation,
            rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY,
        ) => StoreError::Duplicate,
        (ErrorCode::ConstraintViolation | ErrorCode::Unknown, _) => StoreError::Corrupt(error.to_string()),
        _ => StoreError::Unavailable(error.to_string()),
    }
}

/// The exit status after the disk did not confirm a write (`EX_IOERR` of `sysexits.h`).
const EXIT_UNSYNCED: i32 = 74;

/// Ends the process if the disk did not confirm what was written. Linux then marks the pages in memory as clean although
/// they are not on the disk, so no later success of this process can be trusted. A new process reads what is there.
fn end_if_unsynced(code: i32, error: &rusqlite::Error) {
    if matches!(code, rusqlite::ffi::SQLITE_IOERR_FSYNC | rusqlite::ffi::SQLITE_IOERR_DIR_FSYNC) {
        tracing::error!(
            %error,
            "the disk did not confirm what was written to it; the process ends, because memory and disk may differ"
        );
        std::process::exit(EXIT_UNSYNCED);
    }
}

/// A transaction's hold on a connection.
pub(super) struct SqliteTx<'a> {
    connection: &'a Sqlite,
}

impl SqliteTx<'_> {
    pub(super) fn execute(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<u64, StoreError> {
        let mut statement = self.bound(sql, args)?;
        let changed = statement.raw_execute().map_err(store_error)?;
        Ok(u64::try_from(changed).expect("a usize has at most 64 bits"))
    }

    pub(super) fn query<T>(
        &mut self,
        sql: &str,
        args: &[Arg<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.bound(sql, args)?;
        let mut rows = statement.raw_query();
        let mut items = Vec::new();
        while let Some(row) = rows.next().map_err(store_error)? {
            items.push(read(&Row::Sqlite(row))?);
        }
        Ok(items)
    }

    /// Binds the n-th argument to `$n`, which is written `?n` here: SQLite would number `$n` by its first appearance
    /// and find each by a search through all names.
    fn bound(&self, sql: &str, args: &[Arg<'_>]) -> Result<CachedStatement<'_>, StoreError> {
        let mut statement = self.connection.prepare_cached(&sql.replace('$', "?")).map_err(store_error)?;
        let wanted = statement.parameter_count();
        let Some(args) = args.get(..wanted) else {
            return Err(StoreError::Corrupt(format!("{wanted} arguments are wanted by: {sql}")));
        };
        for (index, arg) in (1..).zip(args) {
            statement.raw_bind_parameter(index, arg).map_err(store_error)?;
        }
        Ok(statement)
    }
}

impl ToSql for Arg<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Arg::Null => ToSqlOutput::Owned(Value::from(Null)),
            Arg::Int(int) => ToSqlOutput::Borrowed(ValueRef::Integer(*int)),
            Arg::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Arg::Bool(bool) => ToSqlOutput::Borrowed(ValueRef::Integer(i64::from(*bool))),
            Arg::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}
