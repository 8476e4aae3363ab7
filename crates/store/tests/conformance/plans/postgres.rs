//! Plans of PostgreSQL: generic plans over filled tables.

use std::collections::HashMap;

use postgres::{Client, NoTls, SimpleQueryMessage};
use serde_json::Value;
use store::db::DatabaseUrl;

use super::{Access, compared, is_small, report};

/// Rows of a table and the number of their partners: enough for the planner to choose between indexes.
fn rows(table: &str) -> (u32, u32) {
    match table {
        "events" | "deliveries" | "delivery_bodies" | "delivery_attempts" => (100_000, 10),
        small if is_small(small) => (50, 50),
        _other => (20_000, 100),
    }
}

/// With these settings a remaining sort or scan means that there is no index. Pruning is off so that every month of a
/// table is in its plan: an id that is null would prune all of them.
const PLANNER: &str = "set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_sort = off; \
                       set enable_partition_pruning = off; \
                       set enable_bitmapscan = off; set enable_hashjoin = off; set enable_mergejoin = off";

pub(super) struct Plans {
    client: Client,
    /// The predicates of partial indexes, by their names.
    partial: HashMap<String, String>,
}

impl Plans {
    /// Plans over a database whose tables are filled.
    pub(super) fn of(url: &DatabaseUrl) -> Self {
        let DatabaseUrl::Postgres(url) = url else { unreachable!("a server") };
        let mut client = Client::connect(url, NoTls).unwrap();
        client.batch_execute("set session_replication_role = replica; set synchronous_commit = off").unwrap();
        let sql = "select relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace \
                   where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition";
        let tables: Vec<String> = client.query(sql, &[]).unwrap().iter().map(|row| row.get(0)).collect();
        for table in tables.iter().filter(|table| *table != "schema_history") {
            fill(&mut client, table);
        }
        client.batch_execute("analyze").unwrap();
        client.batch_execute(PLANNER).unwrap();
        let sql = "select indexname::text, indexdef from pg_indexes where indexdef like '% WHERE %'";
        let partial = client.query(sql, &[]).unwrap();
        let partial = partial
            .iter()
            .map(|row| (row.get(0), row.get::<_, &str>(1).rsplit_once(" WHERE ").unwrap().1.to_owned()));
        let partial = partial.collect();
        Self { client, partial }
    }

    fn plan(&mut self, sql: &str) -> Value {
        let nulls = match places(sql) {
            0 => String::new(),
            places => format!("({})", vec!["null"; places].join(", ")),
        };
        let explain = format!("explain (format json) execute judged{nulls}");
        self.client
            .batch_execute(&format!("prepare judged as {sql}"))
            .unwrap_or_else(|e| unreachable!("{sql}: {e}"));
        let answer = self.client.simple_query(&explain).unwrap_or_else(|e| unreachable!("{sql}: {e}"));
        self.client.batch_execute("deallocate judged").unwrap();
        let text = answer.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0),
            _other => None,
        });
        serde_json::from_str(text.unwrap()).unwrap()
    }

    pub(super) fn judged(&mut self, sql: &str) -> Option<String> {
        let plan = self.plan(sql);
        let mut faults = Vec::new();
        let (mut judge, mut printed) =
            (Judge { sql, partial: &self.partial, faults: &mut faults }, String::new());
        judge.node(&plan[0]["Plan"], false);
        print(&plan[0]["Plan"], 0, &mut printed);
        report(sql, &faults, &printed)
    }

    /// The statements that are wide without an index.
    pub(super) fn wide_without(&mut self, index: &str, statements: &[String]) -> Vec<String> {
        self.client.batch_execute(&format!("begin; drop index {index}")).unwrap();
        let wide = statements.iter().filter_map(|sql| self.judged(sql)).collect();
        self.client.batch_execute("rollback").unwrap();
        wide
    }
}

/// The number of parameters of a text: the highest `$n`.
fn places(sql: &str) -> usize {
    let number = |rest: &str| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok();
    sql.split('$').skip(1).filter_map(number).max().unwrap_or(0)
}

/// Fills a table with rows of some partners, whatever its columns are.
fn fill(client: &mut Client, table: &str) {
    let (rows, partners) = rows(table);
    let sql = "select column_name::text, data_type::text from information_schema.columns \
               where table_schema = 'public' and table_name = $1 order by ordinal_position";
    let columns: Vec<(String, String)> =
        client.query(sql, &[&table]).unwrap().iter().map(|row| (row.get(0), row.get(1))).collect();
    let values: Vec<String> = columns.iter().map(|(name, kind)| value(table, partners, name, kind)).collect();
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let sql = format!(
        "insert into {table} ({}) select {} from generate_series(100, {}) n on conflict do nothing",
        names.join(", "),
        values.join(", "),
        99 + rows
    );
    client.batch_execute(&sql).unwrap_or_else(|error| unreachable!("{sql}: {error}"));
}

/// An SQL expression over `n` for a column's value.
fn value(table: &str, partners: u32, column: &str, kind: &str) -> String {
    let rare = |common: &str, others: &[&str]| {
        let others: Vec<String> = others.iter().map(|other| format!("'{other}'")).collect();
        let count = others.len();
        format!(
            "case when n % 100 = 0 then (array[{}])[1 + n / 100 % {count}] else '{common}' end",
            others.join(", ")
        )
    };
    match (column, kind) {
        // Every month has rows, and there are rows before and after all months.
        ("id", _) if table == "events" => id_of_months("evt_"),
        ("id", _) if table == "deliveries" || table == "delivery_bodies" => id_of_months("dlv_"),
        ("body_id", _) => id_of_months("dlv_"),
        ("delivery_id", _) if table == "delivery_attempts" => id_of_months("dlv_"),
        ("partner_id", _) => format!("'partner_' || n % {partners}"),
        ("endpoint_id", _) => "'endpoint_' || n % 3".to_owned(),
        ("kind" | "event_type", _) => "'kind_' || n % 19".to_owned(),
        ("state", _) => match table {
            "deliveries" => rare("delivered", &["pending", "failed"]),
            "offers" => "(array['accepted', 'available', 'expired'])[1 + n / 7 % 3]".to_owned(),
            "loans" => rare("active", &["contract_generated", "awaiting_signatures", "finished"]),
            "proposals" => rare("approved", &["proposed", "rejected", "expired"]),
            "mails" | "person_mails" => rare("sent", &["waiting", "kept", "failed"]),
            _other => rare("active", &["pending_kyc", "under_review", "denied"]),
        },
        ("queue", _) => "(array['kyc_to_review', 'overdue', 'disbursing'])[1 + n % 3]".to_owned(),
        ("copy", _) => "case when n % 2 = 0 then 'issued' else 'signed' end".to_owned(),
        ("account", _) => "'account_' || n % 10".to_owned(),
        ("loan_id", _) if table == "installments" => "'loan_' || n / 12".to_owned(),
        ("entry_id", _) => "'entry_' || n / 4".to_owned(),
        ("clock_offset", _) => "0".to_owned(),
        (_, "boolean") => "n % 1000 = 0".to_owned(),
        (_, "bytea") => r"'\x00'::bytea".to_owned(),
        (_, "bigint" | "integer") => "n".to_owned(),
        (name, _) => format!("'{name}_' || n"),
    }
}

/// An expression over `n` for an id: one every 150 s, beginning twenty days before the present month.
fn id_of_months(prefix: &str) -> String {
    format!(
        "'{prefix}' || lpad(to_hex(((extract(epoch from date_trunc('month', now() at time zone 'utc')) - 1728000) * 1000 \
         + n::bigint * 150000)::bigint), 12, '0') || lpad(n::text, 20, '0')"
    )
}

struct Judge<'a> {
    sql: &'a str,
    partial: &'a HashMap<String, String>,
    faults: &'a mut Vec<String>,
}

impl Judge<'_> {
    /// Checks a node and its children. `ends` means that the parent takes only a limited number of rows.
    fn node(&mut self, plan: &Value, ends: bool) {
        let kind = plan["Node Type"].as_str().unwrap();
        let ends = match kind {
            "Limit" => true,
            // These nodes read their whole input. An incremental sort does not: it orders rows with the same leading
            // sort key from the index, and ends as the index does.
            "Sort" | "Aggregate" | "Group" | "Hash" | "BitmapAnd" | "BitmapOr" => false,
            _other => ends,
        };
        if let Some(table) = plan["Relation Name"].as_str()
            && kind.ends_with("Scan")
        {
            self.access(partitioned(table), plan, ends);
        }
        for child in plan["Plans"].as_array().into_iter().flatten() {
            // A subplan runs completely, whatever its parent takes.
            let own = child["Parent Relationship"] == "InitPlan" || child["Parent Relationship"] == "SubPlan";
            self.node(child, ends && !own);
        }
    }

    fn access(&mut self, table: &str, plan: &Value, ends: bool) {
        let kind = plan["Node Type"].as_str().unwrap();
        let mut conditions = plan["Index Cond"].as_str().unwrap_or("").to_owned();
        for child in plan["Plans"].as_array().into_iter().flatten() {
            conditions += child["Index Cond"].as_str().unwrap_or("");
        }
        let predicate = plan["Index Name"].as_str().and_then(|index| self.partial.get(index));
        let left_out_by = if kind == "Seq Scan" {
            compared(self.sql, table)
        } else {
            equal(plan["Filter"].as_str().unwrap_or(""))
        };
        let access = Access {
            table: table.to_owned(),
            found_by: equal(&conditions),
            // A partial index already excludes rows by its predicate. A row lock checks the predicate again.
            left_out_by: left_out_by
                .into_iter()
                .filter(|column| !predicate.is_some_and(|kept| kept.contains(column.as_str())))
                .collect(),
            // The smallest value is found among few rows, or by the index's order. The planner knows which is
            // cheaper.
            ends: kind.starts_with("Index") && (ends || asks_for_smallest(self.sql)),
        };
        self.faults.extend(access.fault());
    }
}

fn asks_for_smallest(sql: &str) -> bool {
    sql.contains("min(") && !["sum(", "count(", " group by "].into_iter().any(|all| sql.contains(all))
}

/// The table of a part, such as `events` for `events_2026_01`.
fn partitioned(table: &str) -> &str {
    let is_part = |part: &str| part == "_rest" || part.starts_with("_2");
    ["events", "deliveries", "delivery_bodies", "delivery_attempts"]
        .into_iter()
        .find(|whole| table.strip_prefix(whole).is_some_and(is_part))
        .unwrap_or(table)
}

/// The columns that a condition compares with one value: `((partner_id = $1) AND (id < $2))`.
fn equal(condition: &str) -> Vec<String> {
    let terms = condition.split('(').filter_map(|term| term.split_once(" = "));
    terms.map(|(column, _)| column.trim_end_matches("::text").to_owned()).collect()
}

fn print(plan: &Value, depth: usize, to: &mut String) {
    let text = |key: &str| plan[key].as_str().map_or(String::new(), |value| format!(" {value}"));
    let line =
        [text("Node Type"), text("Relation Name"), text("Index Name"), text("Index Cond"), text("Filter")];
    *to += &"  ".repeat(depth);
    *to += &line.concat();
    to.push('\n');
    for child in plan["Plans"].as_array().into_iter().flatten() {
        print(child, depth + 1, to);
    }
}
