//! Plans of SQLite: `explain query plan`.

use std::collections::{HashMap, HashSet};

use rusqlite::Connection;
use store::db::DatabaseUrl;

use super::{Access, aliases, compared, is_small, report};

/// The tables and indexes of the database and of the request log.
const SCHEMA: &str = "(select type, name, tbl_name, sql from sqlite_master \
                      union all select type, name, tbl_name, sql from requests.sqlite_master)";

pub(super) struct Plans {
    connection: Connection,
    /// The predicates of partial indexes, by their names.
    partial: HashMap<String, String>,
    /// Tables whose rows are in the order of their primary key.
    in_key: HashSet<String>,
}

impl Plans {
    pub(super) fn of(url: &DatabaseUrl) -> Self {
        let DatabaseUrl::Sqlite(path) = url else { unreachable!("the bench is on SQLite") };
        let connection = Connection::open(path).unwrap();
        // The request log's tables are in a file of their own.
        let requests = store::db::request_log_file(path);
        drop(crate::open(url).open_request_log(url).unwrap());
        connection.execute("attach database ?1 as requests", [requests.to_str().unwrap()]).unwrap();
        let sql = "where type = 'index' and sql like '% where %'";
        let mut indexes = connection.prepare(&format!("select name, sql from {SCHEMA} {sql}")).unwrap();
        let partial = indexes.query_map([], |row| {
            let sql: String = row.get(1)?;
            Ok((row.get(0)?, sql.split(" where ").nth(1).unwrap().to_owned()))
        });
        let partial = partial.unwrap().collect::<Result<_, _>>().unwrap();
        drop(indexes);
        let sql = "where type = 'table' and sql like '%without rowid'";
        let mut tables = connection.prepare(&format!("select name from {SCHEMA} {sql}")).unwrap();
        let in_key = tables.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
        drop(tables);
        Self { connection, partial, in_key }
    }

    pub(super) fn plan(&self, sql: &str) -> Vec<String> {
        let sql = format!("explain query plan {}", sql.replace('$', "?"));
        let mut statement = self.connection.prepare(&sql).unwrap_or_else(|e| unreachable!("{sql}: {e}"));
        let rows = statement.raw_query().mapped(|row| row.get(3));
        rows.collect::<Result<_, _>>().unwrap()
    }

    pub(super) fn judged(&self, sql: &str) -> Option<String> {
        let plan = self.plan(sql);
        let aliases = aliases(sql);
        let accesses: Vec<Access> = plan.iter().filter_map(|step| self.access(step, sql, &aliases)).collect();
        let mut faults: Vec<String> = accesses.iter().filter_map(Access::fault).collect();
        // Few rows share the whole sort key except its last term.
        let sorts =
            |step: &String| step.starts_with("USE TEMP B-TREE") && !step.ends_with("LAST TERM OF ORDER BY");
        let sorts = plan.iter().any(sorts);
        if sorts && !accesses.iter().all(Access::is_bounded) {
            faults.push("sorts the rows that it reads".to_owned());
        }
        report(sql, &faults, &plan.join("\n"))
    }

    /// Indexes of growing tables that no statement needs: each statement that uses one stays narrow without it.
    pub(super) fn needless(&self, statements: &[String]) -> Vec<String> {
        let sql = "where type = 'index' and sql is not null order by name";
        let mut indexes =
            self.connection.prepare(&format!("select name, tbl_name from {SCHEMA} {sql}")).unwrap();
        let indexes = indexes.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let indexes = indexes.collect::<Result<Vec<(String, String)>, _>>().unwrap();
        let plans: Vec<String> = statements.iter().map(|sql| self.plan(sql).join(" ")).collect();
        let is_needed = |index: &str| {
            let uses = |plan: &str| plan.split(' ').any(|word| word == index);
            self.connection.execute_batch(&format!("begin; drop index {index}")).unwrap();
            let mut users = statements.iter().zip(&plans).filter(|(_, plan)| uses(plan));
            let is_needed = users.any(|(sql, _)| self.judged(sql).is_some());
            self.connection.execute_batch("rollback").unwrap();
            is_needed
        };
        let growing = indexes.into_iter().filter(|(_, table)| !is_small(table)).map(|(index, _)| index);
        growing.filter(|index| !is_needed(index)).collect()
    }

    /// Parses `SEARCH c USING INDEX customers_by_age (partner_id=? AND created_at<?)` or `SCAN customers`.
    fn access(&self, step: &str, sql: &str, aliases: &HashMap<String, String>) -> Option<Access> {
        let rest = step.strip_prefix("SEARCH ").or_else(|| step.strip_prefix("SCAN "))?;
        let name = rest.split(' ').next()?;
        let table = aliases.get(name)?.clone();
        // A `with` of the statement itself is as large as the tables that it reads.
        if is_small(&table) || sql.starts_with(&format!("with {table} ")) {
            return None;
        }
        let index = rest.split("INDEX ").nth(1).and_then(|rest| rest.split(' ').next());
        let found = rest
            .split_once(" (")
            .and_then(|(_, found)| found.rsplit_once(')'))
            .map_or("", |(found, _)| found);
        // `ANY(partner_id)` is a look-up for each partner.
        let found = if found.contains("ANY(") { "" } else { found };
        let found_by = found.trim_end_matches(')').split(" AND ").filter_map(|term| term.strip_suffix("=?"));
        let found_by: Vec<String> =
            found_by.map(|term| if term == "rowid" { "id" } else { term }.to_owned()).collect();
        let predicate = index.and_then(|index| self.partial.get(index)).map_or("", String::as_str);
        let left_out_by =
            compared(sql, &table).into_iter().filter(|column| !predicate.contains(column.as_str()));
        // An index is read in order, so reading ends when a statement needs no more rows. If another table decides
        // which of its rows count, the search may read it to its end.
        let searches = step.starts_with("SCAN ") && sql.contains(" join ");
        let asks = !searches && [" limit ", "min(", "max("].into_iter().any(|end| sql.contains(end));
        let in_order = index.is_some() || rest.contains("USING PRIMARY KEY") || self.in_key.contains(&table);
        Some(Access { table, found_by, left_out_by: left_out_by.collect(), ends: asks && in_order })
    }
}
