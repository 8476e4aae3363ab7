//! Statistics for SQLite's planner, as of large tables.
//!
//! Without statistics the planner expects ten rows for one value of any column. So it may read all of a partner's rows
//! in the order of a list instead of the few that match a filter. Statistics of the present rows would change plans as
//! the tables grow. So the table of statistics describes a large database, by the columns of each index.

use rusqlite::{Connection, Result};

use super::statement::{run, store_error};
use super::writer::begin_numbered;
use crate::db::error::StoreError;
use crate::random::Random;

/// Rows of a growing table.
const LARGE: u64 = 1_000_000;
/// Rows of a queue: a partial index holds the waiting rows.
const QUEUE: u64 = 1_000;
/// Rows of a table that does not grow with customers, loans or time.
const SMALL: u64 = 50;

const SMALL_TABLES: [&str; 12] = [
    "settings",
    "partners",
    "feeds",
    "system_keys",
    "credentials",
    "webhook_endpoints",
    "lane_changes",
    "operators",
    "ccb_counters",
    "audit_head",
    "case_visits",
    "schema_history",
];

/// The number of a column's values in a growing table.
fn values(column: &str) -> u64 {
    match column {
        "copy" => 2,
        "state" | "endpoint_id" => 5,
        "partner_id" | "queue" => 10,
        "kind" | "event_type" | "account" => 20,
        "customer_id" | "offer_id" | "loan_id" | "entry_id" | "delivery_id" => LARGE / 5,
        _id_hash_or_moment => LARGE,
    }
}

/// An index: its table, its name, whether it is partial, and its columns.
type Index = (String, String, bool, Vec<String>);

/// Writes the statistics of every index, if the file does not have them yet. Connections that are opened later use
/// them.
pub(super) fn write(connection: &Connection) -> std::result::Result<(), StoreError> {
    let wanted = indexes(connection).map_err(store_error)?.into_iter().map(statistics).collect::<Vec<_>>();
    if wanted.is_empty() || wanted == read(connection).map_err(store_error)? {
        return Ok(());
    }
    begin_numbered(connection, &mut Random::open())?;
    replace(connection, &wanted).map_err(store_error)?;
    run(connection, "commit")?;
    connection.execute_batch("analyze sqlite_schema").map_err(store_error)
}

fn replace(connection: &Connection, wanted: &[(String, String, String)]) -> Result<()> {
    // The first statement makes the table; SQLite has no other way to make it. A small table is read quickly.
    let small = "select name from sqlite_master where type = 'table' and name in ('settings', 'schema_history') \
                 order by name desc limit 1";
    let small: String = connection.query_row(small, [], |row| row.get(0))?;
    connection.execute_batch(&format!("analyze {small}; delete from sqlite_stat1"))?;
    for (table, index, rows) in wanted {
        let sql = "insert into sqlite_stat1 (tbl, idx, stat) values (?1, ?2, ?3)";
        connection.execute(sql, [table, index, rows])?;
    }
    Ok(())
}

/// The statistics that the file has.
fn read(connection: &Connection) -> Result<Vec<(String, String, String)>> {
    let there = "select count(*) from sqlite_master where name = 'sqlite_stat1'";
    if connection.query_row(there, [], |row| row.get::<_, i64>(0))? == 0 {
        return Ok(Vec::new());
    }
    let mut rows = connection.prepare("select tbl, idx, stat from sqlite_stat1 order by tbl, idx")?;
    rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
}

fn indexes(connection: &Connection) -> Result<Vec<Index>> {
    let sql = "select m.name, l.name, l.partial, (select group_concat(name, ' ') from pragma_index_info(l.name)) \
               from sqlite_master m join pragma_index_list(m.name) l \
               where m.type = 'table' and m.name not like 'sqlite_%' order by m.name, l.name";
    let mut rows = connection.prepare(sql)?;
    let index = |row: &rusqlite::Row<'_>| {
        let columns: String = row.get(3)?;
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, columns.split(' ').map(str::to_owned).collect()))
    };
    rows.query_map([], index)?.collect()
}

/// The number of rows of an index, then the number of rows with equal first columns, with equal first two, and so on.
fn statistics((table, index, partial, columns): Index) -> (String, String, String) {
    let all = match (SMALL_TABLES.contains(&table.as_str()), partial) {
        (true, _) => SMALL,
        (false, true) => QUEUE,
        (false, false) => LARGE,
    };
    let shared = columns.iter().scan(all, |left, column| {
        *left = (*left / values(column)).max(1);
        Some(left.to_string())
    });
    let shared: Vec<String> = shared.collect();
    let rows = format!("{all} {}", shared.join(" "));
    (table, index, rows)
}
