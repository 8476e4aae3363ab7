//! The plan of every statement, on both engines. No statement reads or sorts a whole table that grows.
//!
//! The statements are those of `statements.sql`, which the tests of the whole workspace ran. Those of each list's
//! filters, sort keys, orders and cursors are added. On PostgreSQL the tables have enough rows that an index is
//! cheaper. Its plans are generic, as for a statement that stays prepared.

mod lists;
mod postgres;
mod sqlite;

use std::collections::{BTreeSet, HashMap};

use crate::{Bench, STATEMENTS};

/// Tables that do not grow with customers, loans or time.
const SMALL: &[(&str, &str)] = &[
    ("settings", "one row a setting"),
    ("partners", "one row a partner; operators page through them"),
    ("feeds", "one row a partner"),
    ("search_feeds", "one row a partner"),
    ("master_keys", "one row a replaced master key"),
    ("system_keys", "one row a key; a new one a month"),
    ("nodes", "one row a running server"),
    ("data_keys", "one row a partner or operator, and some more while keys are replaced"),
    ("credentials", "a few rows a partner"),
    ("webhook_endpoints", "at most fifty rows a partner"),
    ("lane_changes", "at most one row an endpoint, while its deliveries change"),
    ("operators", "one row an operator"),
    ("policy_versions", "one row an uploaded policy; operators page through them"),
    ("saved_views", "at most fifty rows an operator"),
    ("bank_files", "a few files a day; operators page through them"),
    ("people", "one row a person"),
    ("challenges", "at most one row an open session; expired ones are purged"),
    ("entries", "a few links a person; expired ones are purged"),
    ("program_logins", "logins of ten minutes; expired ones are purged"),
    ("ccb_counters", "one row a year"),
    ("audit_head", "one row"),
    ("case_ends", "the cases that ended within a day"),
    ("case_visits", "one row for each open page of an operator, for half a minute"),
    ("schema_history", "one row a migration"),
    ("sqlite_master", "one row a table or index"),
    ("pg_index", "one row an index"),
    ("pg_inherits", "one row a part of a table"),
    ("pg_class", "one row a table or index"),
];

/// Columns with few rows for each value. The rows that such a column finds may be filtered and sorted.
const NARROW: &[&str] = &[
    "call_id",
    "begins",
    "id",
    "customer_id",
    "offer_id",
    "loan_id",
    "decision_id",
    "simulation_id",
    "subject_id",
    "event_id",
    "delivery_id",
    "entry_id",
    "blob_key",
    "file_id",
    "file",
    "key",
    "cpf_hash",
    "cnpj_hash",
    "external_id",
    "link_hash",
    "code_hash",
    "tag_hash",
    "page_hash",
    "address_hash",
    "reference_hash",
    "lookup_hash",
    "client_id",
    "assignee",
    "number",
    "ccb_number",
    "request_id",
    "secret_hash",
    "customer",
    "subject",
];

/// Statements that read more than a page, each with its reason.
const ACCEPTED: &[(&str, &str)] = &[
    (
        "select i.partner_id, i.loan_id, (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = \
         i.loan_id), i.due, (select cast(sum(interest + principal - paid_interest - paid_principal) as bigint) from \
         installments s where s.partner_id = i.partner_id and s.loan_id = i.loan_id and s.paid_at is null and s.due <= $3)",
        "the loans that a person has marked on a page, by their ids",
    ),
    (
        "select loan_id, entry_id, account, amount from journal_postings where partner_id = $1 and loan_id >",
        LEDGER_CHECK,
    ),
    ("select loan_id, cast(sum(principal - paid_principal) as bigint) from installments", LEDGER_CHECK),
    (
        "with wanted (of_event, first_id, last_id) as",
        "the deliveries of an event at an endpoint have ids of one moment, and it reads those alone",
    ),
    ("select partner_id, count(*) from customers where partner_id in", VOLUMES),
    ("select partner_id, count(*) from loans where partner_id in", VOLUMES),
    ("select count(*) from loans where state = $1", VOLUMES),
    ("select e.partner_id, cast(-sum(j.amount) as bigint) from partners", VOLUMES),
    ("select account, cast(sum(case when day < $3", SUMS),
    ("select cast(coalesce(sum(debit), 0) as bigint)", SUMS),
    ("select x.account, cast(sum(case when x.amount > 0", LEDGER_CHECK),
    (
        "select period, begins, account, debit, credit, debits, credits from journal_sums where partner_id = $1",
        "a check of the ledger reads the sums of one partner: a row for each account and day",
    ),
    (
        "select partner_id, loan_id, id, cause, subject, actor, entered_at, id from journal_entries \
         where id >= $1 and id < $2 and partner_id = $3",
        DAY,
    ),
    (
        "select number, at, day, operator_id, operation, status, request_id, fingerprint, state_before, state_after, \
         sealed, hash, number from audit_entries where number < $1 and number >= $2 and day = $3",
        DAY,
    ),
    ("select queue, count(*), min(since)", BACKLOG),
    ("select queue, (since - $1)", BACKLOG),
    ("select count(*), cast(coalesce(sum(amount), 0) as bigint) from cases where queue", BACKLOG),
    ("select cast(coalesce(sum(interest + principal - paid_interest", DAY),
    ("select case when oldest <=", BACKLOG),
    ("select count(*) from customers", VERIFIED),
    ("select count(*) from contracts where blob_key is not null", VERIFIED),
    ("select count(*) from kyc_documents where blob_key is not null", VERIFIED),
    ("select count(*) from events where place is null", BACKLOG),
    ("select count(*), min(created_at) from deliveries where state = 'pending'", BACKLOG),
    ("select cast(coalesce(sum(case when e.state = 'active' and e.failing_since is null", BACKLOG),
    (
        "update deliveries set version = version + 1, due_at = $1, leased_until = 0 where state = 'pending'",
        BACKLOG,
    ),
    ("select count(*) from deliveries where partner_id = $1 and endpoint_id = $2 and", ASKED_FOR),
    (
        "select partner_id, id, at, generation, request_id, method,",
        "a page of the request log compares at most 5,000 calls, those between two ids",
    ),
    (
        "select at, method, route, status, took, idempotency_key, replayed from request_calls",
        "the figures of a partner's calls read at most 5,000 of a week, by the key",
    ),
    (
        "select id, client_id, address_hash from request_calls",
        "the addresses of a key are counted over at most 5,000 calls of a month, by the key",
    ),
    ("delete from request_marks where partner_id", "it deletes all that it reads: a mark's oldest calls"),
    ("insert into blob_intents (partner_id, blob_key, created_at) select", WIPED),
    ("delete from events where partner_id = $1 and clock_id = $2", WIPED),
    ("delete from events where partner_id = $1 and place is null", WIPED),
    ("delete from proposals where of_partner = $1", WIPED),
];

/// Indexes that only accepted statements need, and one that lets only one proposal of a kind wait for a subject.
const FOR_ACCEPTED: &[&str] =
    &["journal_disbursements", "events_by_clock", "proposals_by_partner", "proposals_open"];

const LEDGER_CHECK: &str = "a step of a check reads the journal of two hundred loans, a range of ids";
const VOLUMES: &str =
    "it counts the rows of partners by an index, and a server does so at most once a minute for each";
const SUMS: &str =
    "it reads the sums of years, of 11 months and of 31 days, and the entries of the last second";
const DAY: &str = "it sums the rows of a day, by the index of moments";
const VERIFIED: &str = "a command counts the rows of a database or a backup";
const WIPED: &str = "a sandbox deletes everything of a clock in one transaction";
const BACKLOG: &str = "it counts or frees waiting rows, by their index";
const ASKED_FOR: &str = "a read tells a partner the number of deliveries of a recovery, counted by the indexes of undelivered ones";

/// Parts of texts that only one engine runs. The other engine has its own text for the same purpose.
const SQLITE_ALONE: &[&str] = &["rowid", "sqlite_master"];
const POSTGRES_ALONE: &[&str] = &[
    "for update",
    "order by arrival",
    "to_regclass",
    "pg_try_advisory_lock",
    "_partition(",
    "extract(epoch",
];

/// The statements of the lists and of `statements.sql`.
fn all() -> BTreeSet<String> {
    let lines = STATEMENTS.lines().filter(|line| !line.is_empty() && !line.starts_with("--"));
    let mut all: BTreeSet<String> = lines.map(|line| line.trim_end_matches(';').to_owned()).collect();
    all.extend(lists::statements());
    all
}

/// All statements, without those that only the other engine runs.
fn all_but(of_the_other: &[&str]) -> Vec<String> {
    all().into_iter().filter(|sql| !of_the_other.iter().any(|part| sql.contains(part))).collect()
}

/// The faults of a statement's plan; `None` for an accepted statement.
fn report(sql: &str, faults: &[String], plan: &str) -> Option<String> {
    let is_accepted = ACCEPTED.iter().any(|(beginning, _reason)| sql.starts_with(beginning));
    if faults.is_empty() || is_accepted || is_wipe(sql) {
        return None;
    }
    Some(format!("{sql}\n  {}\n{plan}", faults.join("\n  ")))
}

/// Whether the statement deletes all rows of one tenant: see [`WIPED`].
fn is_wipe(sql: &str) -> bool {
    sql.starts_with("delete from ") && sql.ends_with(" where partner_id = $1")
}

fn is_small(table: &str) -> bool {
    SMALL.iter().any(|(small, _reason)| *small == table)
}

fn is_narrow(column: &str) -> bool {
    NARROW.contains(&column)
}

/// One access of a plan to a table.
#[derive(Debug)]
struct Access {
    table: String,
    /// The columns that an index compares with one value.
    found_by: Vec<String>,
    /// The columns that are compared with one value only after the rows were read.
    left_out_by: Vec<String>,
    /// Whether reading can end after a number of rows.
    ends: bool,
}

impl Access {
    /// Whether the table does not grow, or few rows are found.
    fn is_bounded(&self) -> bool {
        is_small(&self.table) || self.found_by.iter().any(|column| is_narrow(column))
    }

    /// The reason why this access reads more rows as the table grows.
    fn fault(&self) -> Option<String> {
        if self.is_bounded() {
            return None;
        }
        if !self.ends {
            return Some(format!("reads all rows of {} for one {:?}", self.table, self.found_by));
        }
        let left_out = self.left_out_by.iter().filter(|column| !self.found_by.contains(column));
        let left_out: Vec<&String> = left_out.collect();
        (!left_out.is_empty())
            .then(|| format!("reads rows of {} and then filters them by {left_out:?}", self.table))
    }
}

fn assert_narrow(wide: &[String]) {
    assert!(wide.is_empty(), "{} statements:\n\n{}\n", wide.len(), wide.join("\n\n"));
}

#[test]
fn no_statement_reads_or_sorts_a_growing_table_on_sqlite() {
    let bench = Bench::sqlite();
    let plans = sqlite::Plans::of(&bench.url);
    assert_narrow(&all_but(POSTGRES_ALONE).iter().filter_map(|sql| plans.judged(sql)).collect::<Vec<_>>());
}

#[test]
fn no_statement_reads_or_sorts_a_growing_table_on_postgresql() {
    let Some(bench) = Bench::postgres() else { return };
    let mut plans = postgres::Plans::of(&bench.url);
    assert_narrow(&all_but(SQLITE_ALONE).iter().filter_map(|sql| plans.judged(sql)).collect::<Vec<_>>());
}

/// Indexes that the next test removes. Each serves a list, a look-up, a queue or a purge.
const DROPPED: &[&str] = &[
    "deliveries_by_type",
    "deliveries_failed",
    "customers_by_external_id",
    "loans_by_state",
    "payments_by_loan",
    "idempotency_keys_by_age",
];

#[test]
fn a_missing_index_is_found_on_postgresql() {
    let Some(bench) = Bench::postgres() else { return };
    let (mut plans, statements) = (postgres::Plans::of(&bench.url), all_but(SQLITE_ALONE));
    for index in DROPPED {
        assert!(!plans.wide_without(index, &statements).is_empty(), "{index}");
    }
}

/// Each index costs time at every write. Without any one of them a statement would be wide, so the tests above find
/// it.
#[test]
fn every_index_prevents_a_scan_or_a_sort() {
    let bench = Bench::sqlite();
    let needless = sqlite::Plans::of(&bench.url).needless(&all_but(POSTGRES_ALONE));
    let needless: Vec<_> =
        needless.into_iter().filter(|index| !FOR_ACCEPTED.contains(&index.as_str())).collect();
    assert_eq!(needless, [""; 0]);
}

/// Statements that must be reported. Without them the tests above might accept every plan.
const TOO_WIDE: &[&str] = &[
    "select id from loans",
    "select id from loans where sign_by < $1",
    "select id from loans where partner_id = $1 and sign_by > $2",
    "select id from loans where partner_id = $1 order by updated_at desc limit 10",
    "select id from customers where partner_id = $1 and legal_nature = $2 order by created_at, id limit 10",
    "select sum(amount) from journal_postings where partner_id = $1",
    "select count(*) from events where partner_id = $1",
    "delete from idempotency_keys where created_at < $1",
];

/// SQLite searches the index of due rows for rows of partners whose clock was moved.
const SEARCHES: &str = "select j.partner_id from partners p join jobs j on j.partner_id = p.id \
                        where p.clock_offset > 0 and j.due_at <= $1 + p.clock_offset order by j.due_at limit $2";

#[test]
fn a_wide_statement_is_found_on_both_engines() {
    let bench = Bench::sqlite();
    let plans = sqlite::Plans::of(&bench.url);
    for sql in TOO_WIDE.iter().chain([&SEARCHES]) {
        assert!(plans.judged(sql).is_some(), "SQLite: {sql}\n{}", plans.plan(sql).join("\n"));
    }
    let Some(bench) = Bench::postgres() else { return };
    let mut plans = postgres::Plans::of(&bench.url);
    for sql in TOO_WIDE {
        assert!(plans.judged(sql).is_some(), "PostgreSQL: {sql}");
    }
}

/// The columns of a table that a text compares with one value: `column = $1`, `column = 'text'`.
fn compared(sql: &str, table: &str) -> Vec<String> {
    let aliases = aliases(sql);
    // Each part of a union has its own conditions.
    let parts = sql.split(" union all ").filter(|part| part.contains(table));
    let conditions =
        parts.flat_map(|part| part.split(" where ").skip(1)).flat_map(|part| part.split(" and "));
    let column = |condition: &str| {
        let (left, right) = condition.split_once(" = ")?;
        let name = left.trim_start_matches('(').rsplit([' ', '(']).next()?;
        let (of, column) = name.split_once('.').map_or((table, name), |(alias, column)| (alias, column));
        let is_its_own = aliases.get(of).is_none_or(|of| of == table);
        (is_its_own && right.starts_with(['$', '\''])).then(|| column.to_owned())
    };
    conditions.filter_map(column).collect()
}

/// The tables of a text, by their aliases.
fn aliases(sql: &str) -> HashMap<String, String> {
    let words: Vec<&str> = sql.split([' ', ',', '(', ')']).filter(|word| !word.is_empty()).collect();
    let mut aliases = HashMap::new();
    for at in 0..words.len().saturating_sub(1) {
        if !["from", "join", "update", "into"].contains(&words[at]) {
            continue;
        }
        let table = words[at + 1];
        aliases.insert(table.to_owned(), table.to_owned());
        if let Some(alias) = words.get(at + 2)
            && alias.len() <= 2
            && *alias != "on"
        {
            aliases.insert((*alias).to_owned(), table.to_owned());
        }
    }
    aliases
}
