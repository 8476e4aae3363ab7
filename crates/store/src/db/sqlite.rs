//! SQLite: one writer thread with group commit, connections that read snapshots, and a thread that keeps the log short.
//!
//! The writer takes waiting scripts into one transaction, commits once with `synchronous=FULL`, and only then answers
//! them. So a crash undoes no answered change.

mod gate;
mod log;
mod readers;
pub(super) mod statement;
mod statistics;
mod watch;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Sender, bounded};
use rusqlite::Connection as Sqlite;
use rusqlite::config::DbConfig;

pub use self::log::LogSize;
use self::log::{Checkpointer, Log};
use self::readers::{Reader, Readers};
pub(super) use self::statement::{Guard, SqliteTx, run, store_error};
use self::writer::Writer;
pub(super) use self::writer::begin_numbered;
use super::script::Script;
use super::{claim, lineage};
use crate::db::error::{OpenError, StoreError};
use crate::db::mode::{Durability, Mode, enqueue};
use crate::db::shared::Shared;
use crate::db::tx::Tx;
use crate::random::Random;

/// Most waiting scripts. Beyond it a caller gets an error at once.
const QUEUE: usize = 10_000;
/// Page caches, in KiB.
const WRITER_CACHE_KIB: i64 = 8_000;
const READER_CACHE_KIB: i64 = 1_000;
/// Most tries of a closing store to empty the log, and the pause between two tries.
const CLOSINGS: u32 = 20;
const BETWEEN_CLOSINGS: Duration = Duration::from_millis(50);
/// Most prepared statements of a connection.
const MOST_STATEMENTS: usize = 256;

/// The connections of an engine, and what a crash may undo.
pub(super) struct Profile {
    /// The setting `synchronous`.
    synchronous: &'static str,
    /// Connections for reads that run on the caller's thread: as many as threads may read at once.
    inline_readers: usize,
    /// Threads for long reads, each with a connection.
    pool: usize,
}

/// The profile of the database itself.
const DATABASE: Profile = Profile { synchronous: "full", inline_readers: 4, pool: 2 };
/// The profile of a file that may lose its last commits.
const UNSYNCED: Profile = Profile { synchronous: "off", inline_readers: 1, pool: 1 };

impl Profile {
    pub(super) fn of(durability: Durability) -> Self {
        match durability {
            Durability::Synced => DATABASE,
            Durability::Unsynced => UNSYNCED,
        }
    }

    /// A connection for this profile.
    fn connect(&self, path: &Path, cache_kib: i64) -> Result<Sqlite, OpenError> {
        let connection = connect(path, cache_kib)?;
        connection.pragma_update(None, "synchronous", self.synchronous).map_err(engine_error)?;
        Ok(connection)
    }
}

pub(super) struct SqliteEngine {
    writes: Sender<Box<dyn Script>>,
    reads: Sender<Box<dyn Script>>,
    readers: Arc<Readers>,
    log: Arc<Log>,
    shared: Arc<Shared>,
    path: PathBuf,
}

fn engine_error(error: impl std::fmt::Display) -> OpenError {
    OpenError::Engine(error.to_string())
}

impl SqliteEngine {
    pub(super) fn open(path: &Path, shared: Arc<Shared>, durability: Durability) -> Result<Self, OpenError> {
        claim::look(path)?;
        let profile = Profile::of(durability);
        let mut writer = profile.connect(path, WRITER_CACHE_KIB)?;
        statistics::write(&writer).map_err(engine_error)?;
        // The data to undo a statement are in memory. Readers sort in files, because a large list would fill the
        // memory.
        writer.pragma_update(None, "temp_store", "memory").map_err(engine_error)?;
        let (log, woken) = Log::of(path);
        log.follow(&mut writer).map_err(engine_error)?;
        writer
            .pragma_update(None, "journal_size_limit", log::KEPT_BYTES.cast_signed())
            .map_err(engine_error)?;
        let reader = || connect(path, READER_CACHE_KIB).and_then(|c| Reader::new(c).map_err(engine_error));
        let idle = (0..profile.inline_readers).map(|_| reader()).collect::<Result<_, _>>()?;
        let pool = (0..profile.pool).map(|_| reader()).collect::<Result<Vec<_>, _>>()?;
        shared.measured.pool("read", pool.len());
        shared.measured.pool("write", 1);
        let readers = Arc::new(Readers::new(idle, &pool));
        let (writes, waiting) = bounded(QUEUE);
        let (reads, read_queue) = bounded::<Box<dyn Script>>(QUEUE);
        for (number, mut reader) in pool.into_iter().enumerate() {
            let (queue, shared, readers) = (read_queue.clone(), Arc::clone(&shared), Arc::clone(&readers));
            spawn(format!("sqlite-reader-{number}"), move || {
                while let Ok(script) = queue.recv() {
                    readers.pool_gate().pass(|| reader.serve(script, &shared));
                }
            })?;
        }
        let checkpoints = profile.connect(path, READER_CACHE_KIB)?;
        let checkpointer = Checkpointer::new(checkpoints, Arc::clone(&log), Arc::clone(&readers));
        let (checkpointer, (alive, ended)) = (checkpointer.map_err(engine_error)?, bounded(0));
        spawn("sqlite-checkpoints".into(), move || checkpointer.serve(&woken, &ended))?;
        let writer = Writer::new(writer, &shared, &readers, &log).map_err(engine_error)?;
        spawn("sqlite-writer".into(), move || {
            writer.serve(&waiting);
            drop::<Sender<()>>(alive);
        })?;
        Ok(Self { writes, reads, readers, log, shared, path: path.to_owned() })
    }

    pub(super) fn log_size(&self) -> LogSize {
        self.log.size()
    }

    /// Ensures that no read uses a snapshot from before this moment.
    pub(super) fn forget_snapshots(&self) {
        self.readers.committed();
    }

    /// Writes the log into the file and empties it. The thread that keeps the log short may be doing the same, so there
    /// are several tries.
    pub(super) fn close(&self) -> Result<(), StoreError> {
        let connection = connect(&self.path, READER_CACHE_KIB)
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        connection.busy_timeout(BETWEEN_CLOSINGS).map_err(store_error)?;
        let truncate = "pragma wal_checkpoint(truncate)";
        self.readers.without_kept(|| {
            for _ in 0..CLOSINGS {
                let busy: bool = connection.query_row(truncate, [], |row| row.get(0)).map_err(store_error)?;
                if !busy {
                    return Ok(());
                }
                thread::sleep(BETWEEN_CLOSINGS);
            }
            Err(StoreError::Unavailable("another process reads the log".into()))
        })
    }

    /// The number of scripts that wait in each queue.
    pub(super) fn waiting(&self) -> Vec<(&'static str, usize)> {
        vec![(Mode::Write.pool(), self.writes.len()), (Mode::Snapshot.pool(), self.reads.len())]
    }

    pub(super) fn submit(&self, script: Box<dyn Script>, mode: Mode) -> Result<(), StoreError> {
        match mode {
            Mode::Write => enqueue(&self.writes, script),
            Mode::Snapshot | Mode::List | Mode::Single => enqueue(&self.reads, script),
        }
    }

    /// Runs a short read on the caller's thread. `None` if every connection is busy, or if the read is long: the pool
    /// then runs it.
    pub(super) fn read_here<T, E: From<StoreError>>(
        &self, script: &impl Fn(&mut Tx<'_>) -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        self.readers.read_here(&self.shared, script)
    }
}

fn spawn(name: String, body: impl FnOnce() + Send + 'static) -> Result<(), OpenError> {
    thread::Builder::new().name(name).spawn(body).map(drop).map_err(engine_error)
}

/// A connection outside the engine, for migrations. Their transactions have no separate numbers, so they follow a
/// transaction that has one.
pub(super) fn lone(path: &Path) -> Result<Sqlite, OpenError> {
    claim::look(path)?;
    let connection = connect(path, WRITER_CACHE_KIB)?;
    begin_numbered(&connection, &mut Random::open()).map_err(engine_error)?;
    statement::run(&connection, "commit").map_err(engine_error)?;
    Ok(connection)
}

/// A single statement or an open transaction on such a connection. A part of it is undone by a savepoint.
pub(super) fn on_lone(connection: &Sqlite) -> SqliteTx<'_> {
    SqliteTx::new(connection, Guard::Savepoints)
}

/// Runs statements that return nothing.
pub(super) fn script(connection: &Sqlite, sql: &str) -> Result<(), StoreError> {
    connection.execute_batch(sql).map_err(store_error)
}

fn connect(path: &Path, cache_kib: i64) -> Result<Sqlite, OpenError> {
    let connection = Sqlite::open(path).map_err(engine_error)?;
    connection.busy_timeout(Duration::from_secs(5)).map_err(engine_error)?;
    // Only a new file accepts it, before its first page is written. An old file would be locked and written for
    // nothing.
    let pages: i64 = connection.query_row("pragma page_count", [], |row| row.get(0)).map_err(engine_error)?;
    if pages == 0 {
        connection.pragma_update(None, "auto_vacuum", "incremental").map_err(engine_error)?;
    }
    lineage::begin(&connection, &mut Random::open()).map_err(engine_error)?;
    for (name, value) in [("journal_mode", "wal"), ("synchronous", "full"), ("foreign_keys", "on")] {
        connection.pragma_update(None, name, value).map_err(engine_error)?;
    }
    connection.pragma_update(None, "cache_size", -cache_kib).map_err(engine_error)?;
    // Plans depend only on the text of a statement. Otherwise a statement whose plan could depend on a bound value (a
    // `limit`, the condition of a partial index) is prepared again at each use.
    let stable_plans = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true);
    if !stable_plans.map_err(engine_error)? {
        return Err(OpenError::Engine("SQLite does not keep its plans stable".into()));
    }
    connection.set_prepared_statement_cache_capacity(MOST_STATEMENTS);
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn a_statement_stays_prepared_with_any_bound_values() {
        let folder = tempfile::TempDir::new().unwrap();
        let connection = connect(&folder.path().join("a.db"), READER_CACHE_KIB).unwrap();
        connection
            .execute_batch("create table t (a integer, s text); create index i on t (a) where s = 'open'")
            .unwrap();
        let sql = "select a from t where s = ?1 and a > ?2 order by a limit ?3";
        let mut statement = connection.prepare(sql).unwrap();
        for number in 1..20 {
            let mut rows = statement.query(("open", number, number)).unwrap();
            assert!(rows.next().unwrap().is_none());
        }
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }

    #[test]
    fn statistics_are_written_when_indexes_have_changed_and_their_log_belongs_to_the_file() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("a.db");
        let connection = connect(&path, READER_CACHE_KIB).unwrap();
        connection.execute_batch("create table settings (name text); create table loans (id text)").unwrap();
        let empty_log = || {
            connection.query_row("pragma wal_checkpoint(truncate)", [], |_row| Ok(())).unwrap();
            assert_eq!(log_bytes(&path), 0);
        };
        for index in ["id", "id, id", "id, id, id"] {
            connection.execute_batch(&format!("create index \"by {index}\" on loans ({index})")).unwrap();
            empty_log();
            statistics::write(&connection).unwrap();
            assert!(log_bytes(&path) > 0);
            let crashed = folder.path().join("crashed.db");
            std::fs::copy(&path, &crashed).unwrap();
            std::fs::copy(lineage::log_of(&path), lineage::log_of(&crashed)).unwrap();
            lineage::check(&crashed).unwrap();
            empty_log();
            statistics::write(&connection).unwrap();
            connect(&path, READER_CACHE_KIB).unwrap();
            assert_eq!(log_bytes(&path), 0, "nothing has changed, so nothing is written");
        }
        let rows: i64 =
            connection.query_row("select count(*) from sqlite_stat1", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 3);
    }

    fn log_bytes(path: &Path) -> u64 {
        std::fs::metadata(lineage::log_of(path)).unwrap().len()
    }

    #[test]
    fn the_library_is_built_with_the_flags_of_this_workspace() {
        // Cargo reads them from .cargo/config.toml. The library reports only one of them among its options.
        let connection = Sqlite::open_in_memory().unwrap();
        let mut options = connection.prepare("pragma compile_options").unwrap();
        let options: Vec<String> =
            options.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert!(options.contains(&"DEFAULT_MEMSTATUS=0".to_owned()), "{options:?}");
        assert!(!options.contains(&"ENABLE_API_ARMOR".to_owned()), "{options:?}");
    }
}
