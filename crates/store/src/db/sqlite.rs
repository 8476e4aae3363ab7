//! SQLite: one writer thread with group commit, and a few connections that read on snapshots.
//!
//! The writer drains waiting scripts into one transaction, commits once with `synchronous=FULL`, and only then answers
//! any of them: a caller never hears of what a crash could undo.

mod readers;
mod statement;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Sender, bounded};
use rusqlite::Connection as Sqlite;
use rusqlite::config::DbConfig;

use self::readers::{Reader, Readers};
pub(super) use self::statement::SqliteTx;
use self::statement::store_error;
use self::writer::Writer;
use super::script::Script;
use super::{Mode, OpenError, Shared, StoreError, Tx, claim, enqueue, lineage};
use crate::random::Random;

/// How many scripts may wait; beyond it a caller is told at once.
const QUEUE: usize = 10_000;
/// Connections on which reads run where they are asked for: as many as threads may ask at once.
const INLINE_READERS: usize = 4;
/// Page caches, in KiB.
const WRITER_CACHE_KIB: i64 = 16_000;
const READER_CACHE_KIB: i64 = 2_000;
/// How many statements a connection keeps prepared.
const MOST_STATEMENTS: usize = 256;

pub(super) struct SqliteEngine {
    writes: Sender<Box<dyn Script>>,
    reads: Sender<Box<dyn Script>>,
    readers: Arc<Readers>,
    shared: Arc<Shared>,
    path: PathBuf,
}

fn engine_error(error: impl std::fmt::Display) -> OpenError {
    OpenError::Engine(error.to_string())
}

impl SqliteEngine {
    pub(super) fn open(path: &Path, shared: Arc<Shared>) -> Result<Self, OpenError> {
        claim::look(path)?;
        let mut writer = connect(path, WRITER_CACHE_KIB)?;
        // What is kept to undo a statement lies in memory. Readers sort in files, for a large list would fill the memory.
        writer.pragma_update(None, "temp_store", "memory").map_err(engine_error)?;
        // The migrations' transactions have no numbers of their own, so they follow one that has.
        writer::begin_numbered(&writer, &mut Random::open()).map_err(engine_error)?;
        statement::run(&writer, "commit").map_err(engine_error)?;
        crate::migrations::run_sqlite(&mut writer)?;
        let (writes, waiting) = bounded(QUEUE);
        let (reads, read_queue) = bounded::<Box<dyn Script>>(QUEUE);
        let reader = || connect(path, READER_CACHE_KIB).map(Reader::new);
        let (mut last, for_thread) = (reader()?, Arc::clone(&shared));
        let serve = move || {
            while let Ok(script) = read_queue.recv() {
                last.serve(script, &for_thread);
            }
        };
        spawn("sqlite-reader".into(), serve)?;
        let idle = (0..INLINE_READERS).map(|_| reader()).collect::<Result<_, _>>()?;
        let readers = Arc::new(Readers::new(idle));
        let writer = Writer::new(writer, Arc::clone(&shared), Arc::clone(&readers));
        spawn("sqlite-writer".into(), move || writer.serve(&waiting))?;
        Ok(Self { writes, reads, readers, shared, path: path.to_owned() })
    }

    /// Writes the log into the file and empties it.
    pub(super) fn close(&self) -> Result<(), StoreError> {
        self.readers.committed();
        let connection = connect(&self.path, READER_CACHE_KIB)
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
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
        self.readers.read_here(&self.shared, script)
    }
}

fn spawn(name: String, body: impl FnOnce() + Send + 'static) -> Result<(), OpenError> {
    thread::Builder::new().name(name).spawn(body).map(drop).map_err(engine_error)
}

fn connect(path: &Path, cache_kib: i64) -> Result<Sqlite, OpenError> {
    let connection = Sqlite::open(path).map_err(engine_error)?;
    connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(engine_error)?;
    lineage::begin(&connection, &mut Random::open()).map_err(engine_error)?;
    for (name, value) in [("journal_mode", "wal"), ("synchronous", "full"), ("foreign_keys", "on")] {
        connection.pragma_update(None, name, value).map_err(engine_error)?;
    }
    connection.pragma_update(None, "cache_size", -cache_kib).map_err(engine_error)?;
    // Plans depend on the text of a statement alone. Otherwise a statement whose plan could depend on a bound value (a
    // `limit`, the condition of a partial index) is prepared again at each use.
    let stable_plans = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true);
    if !stable_plans.map_err(engine_error)? {
        return Err(OpenError::Engine("SQLite does not keep its plans stable".into()));
    }
    connection.set_prepared_statement_cache_capacity(MOST_STATEMENTS);
    Ok(connection)
}
