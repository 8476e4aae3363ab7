//! Statements on a connection: it binds arguments, reads rows and classifies errors.

use rusqlite::types::{Null, ToSqlOutput, Value, ValueRef};
use rusqlite::{CachedStatement, Connection as Sqlite, ErrorCode, ToSql};

use crate::db::error::StoreError;
use crate::db::part::Part;
use crate::db::value::{Arg, Row};

/// The way in which the writer undoes one script of a shared transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::db) enum Guard {
    /// Not alone: if a script fails after it has written, the whole batch is undone and runs again with savepoints.
    WholeBatch,
    /// By a savepoint for each script and for each part of a script.
    Savepoints,
}

/// Most unused pages that stay in the file. New rows use them again.
const KEPT_FREE: i64 = 1_000;

/// A transaction on a connection.
pub(in crate::db) struct SqliteTx<'a> {
    connection: &'a Sqlite,
    guard: Guard,
    spoiled: bool,
}

/// Runs a statement without arguments and rows.
pub(in crate::db) fn run(connection: &Sqlite, sql: &str) -> Result<(), StoreError> {
    connection.prepare_cached(sql).and_then(|mut s| s.raw_execute()).map(drop).map_err(store_error)
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes the error by value")]
pub(in crate::db) fn store_error(error: rusqlite::Error) -> StoreError {
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
        (ErrorCode::ConstraintViolation | ErrorCode::Unknown, _) => StoreError::Defect(error.to_string()),
        _ => StoreError::Unavailable(error.to_string()),
    }
}

/// The exit status after the disk did not confirm a write (`EX_IOERR` of `sysexits.h`).
const EXIT_UNSYNCED: i32 = 74;

/// Ends the process if the disk did not confirm a write. Linux then marks the pages in memory as clean although they
/// are not on the disk. So no later success of this process can be trusted. A new process reads the disk.
fn end_if_unsynced(code: i32, error: &rusqlite::Error) {
    if matches!(code, rusqlite::ffi::SQLITE_IOERR_FSYNC | rusqlite::ffi::SQLITE_IOERR_DIR_FSYNC) {
        tracing::error!(
            %error,
            "the disk did not confirm what was written to it; the process ends, because memory and disk may differ"
        );
        std::process::exit(EXIT_UNSYNCED);
    }
}

impl<'a> SqliteTx<'a> {
    pub(in crate::db) fn new(connection: &'a Sqlite, guard: Guard) -> Self {
        Self { connection, guard, spoiled: false }
    }

    /// Whether a part of the script failed after it had written and is not undone.
    pub(in crate::db) fn is_spoiled(&self) -> bool {
        self.spoiled
    }

    pub(in crate::db) fn begin_part(&mut self) -> Result<Part, StoreError> {
        match self.guard {
            Guard::WholeBatch => Ok(Part::Changes(self.connection.total_changes())),
            Guard::Savepoints => run(self.connection, "savepoint part").map(|()| Part::Savepoint),
        }
    }

    pub(in crate::db) fn keep_part(&mut self, part: Part) -> Result<(), StoreError> {
        match part {
            Part::Changes(_) => Ok(()),
            Part::Savepoint => run(self.connection, "release part"),
            Part::Sent(_) => unreachable!("SQLite begins no such part"),
        }
    }

    /// Undoes a part. Without a savepoint this is possible only if the part has written nothing. Otherwise the batch
    /// runs again.
    pub(in crate::db) fn undo_part(&mut self, part: Part) -> Result<(), StoreError> {
        match part {
            Part::Changes(before) if before == self.connection.total_changes() => Ok(()),
            Part::Changes(_) => {
                self.spoiled = true;
                Err(StoreError::Unavailable("the batch runs again with savepoints".into()))
            }
            Part::Savepoint => {
                run(self.connection, "rollback to part").and_then(|()| run(self.connection, "release part"))
            }
            Part::Sent(_) => unreachable!("SQLite begins no such part"),
        }
    }

    pub(in crate::db) fn execute(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<u64, StoreError> {
        let mut statement = self.bound(sql, args)?;
        let changed = statement.raw_execute().map_err(store_error)?;
        Ok(u64::try_from(changed).expect("a usize has at most 64 bits"))
    }

    /// Runs a statement with each of these lists of arguments.
    pub(in crate::db) fn execute_each(&mut self, sql: &str, runs: &[Vec<Arg<'_>>]) -> Result<(), StoreError> {
        let mut statement = self.prepared(sql)?;
        for args in runs {
            bind(&mut statement, sql, args)?;
            statement.raw_execute().map_err(store_error)?;
        }
        Ok(())
    }

    pub(in crate::db) fn query<T>(
        &mut self, sql: &str, args: &[Arg<'_>], mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.bound(sql, args)?;
        let mut rows = statement.raw_query();
        let mut items = Vec::new();
        while let Some(row) = rows.next().map_err(store_error)? {
            items.push(read(&Row::Sqlite(row))?);
        }
        Ok(items)
    }

    /// Returns unused pages beyond [`KEPT_FREE`] to the file system, at most `pages`.
    pub(in crate::db) fn release_space(&mut self, pages: i64) -> Result<u64, StoreError> {
        let free = self.query("pragma freelist_count", &[], |row| row.get::<i64>(0))?.pop();
        let released = free.map_or(0, |free| (free - KEPT_FREE).clamp(0, pages));
        if released > 0 {
            self.query(&format!("pragma incremental_vacuum({released})"), &[], |_page| Ok(()))?;
        }
        Ok(released.unsigned_abs())
    }

    /// Sets the size of the connection's page cache.
    pub(in crate::db) fn keep_pages(&mut self, kib: u32) -> Result<(), StoreError> {
        self.query(&format!("pragma cache_size = -{kib}"), &[], |_row| Ok(())).map(drop)
    }

    fn bound(&self, sql: &str, args: &[Arg<'_>]) -> Result<CachedStatement<'_>, StoreError> {
        let mut statement = self.prepared(sql)?;
        bind(&mut statement, sql, args)?;
        Ok(statement)
    }

    /// The n-th argument is `$n`, which becomes `?n` here. SQLite would number `$n` by its first appearance and search
    /// all names for each.
    fn prepared(&self, sql: &str) -> Result<CachedStatement<'_>, StoreError> {
        self.connection.prepare_cached(&sql.replace('$', "?")).map_err(store_error)
    }
}

fn bind(statement: &mut CachedStatement<'_>, sql: &str, args: &[Arg<'_>]) -> Result<(), StoreError> {
    let wanted = statement.parameter_count();
    if args.len() != wanted {
        let given = args.len();
        return Err(StoreError::Defect(format!("{given} arguments for the {wanted} places of: {sql}")));
    }
    for (index, arg) in (1..).zip(args) {
        statement.raw_bind_parameter(index, arg).map_err(store_error)?;
    }
    Ok(())
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
