//! One migration tree for both engines, run by `refinery`.

use refinery::error::Kind;
use refinery::{Migration, Runner};

use crate::OpenError;
use crate::db::{Dialect, row_count};

/// Every migration, oldest first; names in braces stand for fragments of the engine's [`Dialect`].
const TREE: &[(&str, &str)] = &[("V1__foundation", include_str!("../../../migrations/0001_foundation.sql"))];

fn runner(dialect: Dialect) -> Result<Runner, refinery::Error> {
    let fragments = [
        ("{blob}", dialect.blob),
        ("{arrival_column}", dialect.arrival_column),
        ("{arrival_key}", dialect.arrival_key),
    ];
    let migration = |(name, sql): &(&str, &str)| {
        let sql =
            fragments.iter().fold((*sql).to_owned(), |sql, (place, fragment)| sql.replace(place, fragment));
        Migration::unapplied(name, &sql)
    };
    let migrations: Vec<Migration> = TREE.iter().map(migration).collect::<Result<_, _>>()?;
    Ok(Runner::new(&migrations).set_abort_divergent(true))
}

/// Why the migrations did not run. A changed migration gets its own error, because the remedy is another one.
fn not_run(error: &refinery::Error) -> OpenError {
    match error.kind() {
        Kind::DivergentVersion(..) | Kind::MissingVersion(..) => OpenError::OtherTables,
        _another => OpenError::Engine(error.to_string()),
    }
}

pub(crate) fn run_sqlite(connection: &mut rusqlite::Connection) -> Result<(), OpenError> {
    runner(Dialect::SQLITE).and_then(|runner| runner.run(connection)).map(drop).map_err(|e| not_run(&e))
}

pub(crate) fn run_postgres(client: &mut postgres::Client) -> Result<(), OpenError> {
    let engine = |error: postgres::Error| OpenError::Engine(error.to_string());
    // Nodes that start together take turns; the lock ends with the session.
    client.batch_execute("select pg_advisory_lock(7105317)").map_err(engine)?;
    runner(Dialect::POSTGRES).and_then(|runner| runner.run(client)).map_err(|e| not_run(&e))?;
    client.batch_execute("select pg_advisory_unlock_all()").map_err(engine)
}

/// How many migrations this program knows.
pub fn known() -> i64 {
    row_count(TREE.len())
}

/// How many migrations the database has.
pub fn applied(tx: &mut crate::Tx<'_>) -> Result<i64, crate::StoreError> {
    tx.query_one("select count(*) from refinery_schema_history", &[], |row| row.get(0))
}
