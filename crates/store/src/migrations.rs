//! One migration tree for both engines, run by `refinery`.

use refinery::{Migration, Report, Runner};

use crate::db::{Dialect, row_count};

/// Every migration, oldest first; `{blob}` stands for the engine's type of bytes.
const TREE: &[(&str, &str)] = &[
    ("V1__foundation", include_str!("../../../migrations/0001_foundation.sql")),
    ("V2__sdk_generation", include_str!("../../../migrations/0002_sdk_generation.sql")),
    ("V3__ledger", include_str!("../../../migrations/0003_ledger.sql")),
    ("V4__partner_clocks", include_str!("../../../migrations/0004_partner_clocks.sql")),
    ("V5__operator", include_str!("../../../migrations/0005_operator.sql")),
    ("V6__contracts", include_str!("../../../migrations/0006_contracts.sql")),
    ("V7__deliveries", include_str!("../../../migrations/0007_deliveries.sql")),
    ("V8__lanes", include_str!("../../../migrations/0008_lanes.sql")),
    ("V9__events_by_kind", include_str!("../../../migrations/0009_events_by_kind.sql")),
    ("V10__late_curves", include_str!("../../../migrations/0010_late_curves.sql")),
    ("V11__confirmed_destinations", include_str!("../../../migrations/0011_confirmed_destinations.sql")),
    ("V12__files", include_str!("../../../migrations/0012_files.sql")),
    ("V13__makers", include_str!("../../../migrations/0013_makers.sql")),
    ("V14__seals", include_str!("../../../migrations/0014_seals.sql")),
    ("V15__exposure", include_str!("../../../migrations/0015_exposure.sql")),
    ("V16__letters", include_str!("../../../migrations/0016_letters.sql")),
];

fn runner(dialect: Dialect) -> Result<Runner, refinery::Error> {
    let migration =
        |(name, sql): &(&str, &str)| Migration::unapplied(name, &sql.replace("{blob}", dialect.blob));
    let migrations: Vec<Migration> = TREE.iter().map(migration).collect::<Result<_, _>>()?;
    Ok(Runner::new(&migrations).set_abort_divergent(true))
}

pub(crate) fn run_sqlite(connection: &mut rusqlite::Connection) -> Result<Report, refinery::Error> {
    runner(Dialect::SQLITE)?.run(connection)
}

pub(crate) fn run_postgres(client: &mut postgres::Client) -> Result<Report, Box<dyn std::error::Error>> {
    // Nodes that start together take turns; the lock ends with the session.
    client.batch_execute("select pg_advisory_lock(7105317)")?;
    let report = runner(Dialect::POSTGRES)?.run(client)?;
    client.batch_execute("select pg_advisory_unlock_all()")?;
    Ok(report)
}

/// How many migrations this program knows.
pub fn known() -> i64 {
    row_count(TREE.len())
}

/// How many migrations the database has.
pub fn applied(tx: &mut crate::Tx<'_>) -> Result<i64, crate::StoreError> {
    tx.query_one("select count(*) from refinery_schema_history", &[], |row| row.get(0))
}
