//! Reads an SQLite file without changing it, and copies it while a server writes.
//!
//! The connection only reads, and each script has a separate transaction. No snapshot outlives a script, so the server
//! can empty its log.

use std::fs::File;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection as Sqlite, OpenFlags};

use super::script::Script;
use super::sqlite::{Guard, SqliteTx, run, store_error};
use super::{claim, lineage};
use crate::db::error::{OpenError, StoreError};
use crate::db::shared::Shared;
use crate::db::tx::{Connection, Tx};
use crate::random::Random;

/// Pages copied between two calls of the progress function.
const STEP: i32 = 1_024;
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection that only reads.
pub(super) struct Looker(Mutex<(Sqlite, Random)>);

/// The kind of file that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looked {
    /// The database of a server, which may be running.
    InUse,
    /// A copy that nobody writes.
    Copy,
}

impl Looker {
    pub(super) fn open(path: &Path, looked: Looked) -> Result<Self, OpenError> {
        Ok(Self(Mutex::new((read_only(path, looked)?, Random::open()))))
    }

    /// Runs a script at once and answers its caller.
    pub(super) fn run(&self, mut script: Box<dyn Script>, shared: &Shared) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (connection, random) = &mut *held;
        let connection = &*connection;
        let ran = run(connection, "begin").and_then(|()| {
            let _its_caller_learns_the_result = script.run(&mut Tx::new(
                Connection::Sqlite(SqliteTx::new(connection, Guard::WholeBatch)),
                shared,
                random,
            ));
            if connection.is_autocommit() { Ok(()) } else { run(connection, "rollback") }
        });
        script.answer(ran);
    }

    /// The report of SQLite's own check of every page, index and foreign key; empty if all is well.
    pub(super) fn integrity(&self) -> Result<Vec<String>, StoreError> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lines_of = |sql: &str, read: fn(&rusqlite::Row<'_>) -> rusqlite::Result<String>| {
            let mut statement = held.0.prepare(sql)?;
            statement.query_map([], read)?.collect::<rusqlite::Result<Vec<String>>>()
        };
        let mut found = match lines_of("pragma integrity_check(20)", |row| row.get(0)) {
            Ok(found) => found,
            Err(error) => match store_error(error) {
                StoreError::Damaged(what) => vec![what],
                other => return Err(other),
            },
        };
        found.retain(|line| line != "ok");
        if found.is_empty() {
            let orphan = |row: &rusqlite::Row<'_>| {
                Ok(format!(
                    "a row of {} refers to a missing row of {}",
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(2)?
                ))
            };
            found.extend(
                lines_of("pragma foreign_key_check", orphan).map_err(store_error)?.into_iter().take(20),
            );
        }
        Ok(found)
    }
}

fn read_only(path: &Path, looked: Looked) -> Result<Sqlite, OpenError> {
    if !path.is_file() {
        return Err(OpenError::Engine(format!("{} does not exist", path.display())));
    }
    match looked {
        Looked::InUse => claim::look(path)?,
        Looked::Copy => lineage::check(path)?,
    }
    let engine = |error: rusqlite::Error| OpenError::Engine(error.to_string());
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Sqlite::open_with_flags(path, flags).map_err(engine)?;
    connection.busy_timeout(PATIENCE).map_err(engine)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Copies an SQLite file page by page, as it is at this moment, while other processes write it.
///
/// The copy is one snapshot. SQLite's backup begins again at each commit of another process, but not within a read
/// transaction. Meanwhile the log grows by the new writes. The copy gets another number, so that no log of the original
/// fits it, and it needs no log.
pub fn copy_sqlite(from: &Path, to: &Path, watch: &mut dyn FnMut(u64, u64)) -> Result<(), OpenError> {
    let engine = |error: rusqlite::Error| OpenError::Engine(error.to_string());
    let source = read_only(from, Looked::InUse)?;
    source.execute_batch("begin").map_err(engine)?;
    source.query_row("select count(*) from sqlite_schema", [], |_row| Ok(())).map_err(engine)?;
    let mut copy = Sqlite::open(to).map_err(engine)?;
    // An unfinished copy is never used, so it needs neither journal nor sync before its end.
    for (name, value) in [("synchronous", "off"), ("journal_mode", "off")] {
        copy.pragma_update(None, name, value).map_err(engine)?;
    }
    {
        let backup = Backup::new(&source, &mut copy).map_err(engine)?;
        loop {
            let step = backup.step(STEP).map_err(engine)?;
            let progress = backup.progress();
            let count = |pages: i32| u64::try_from(pages).expect("SQLite counts pages from zero");
            watch(count(progress.pagecount - progress.remaining), count(progress.pagecount));
            match step {
                StepResult::Done => break,
                StepResult::More => {}
                _busy_or_locked => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }
    copy.pragma_update(None, "journal_mode", "delete").map_err(engine)?;
    lineage::renew(&copy, &mut Random::open()).map_err(engine)?;
    copy.close().map_err(|(_connection, error)| engine(error))?;
    let synced = File::open(to).and_then(|file| file.sync_all());
    synced.map_err(|error| OpenError::Engine(format!("{}: {error}", to.display())))
}
