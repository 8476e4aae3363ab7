//! Every statement of the store concerns one partner, or it is on a short list with its reason. On tables distributed
//! by partner, the listed statements ask every machine.

use std::collections::BTreeSet;

use crate::STATEMENTS;

/// Tables that do not belong to one partner: small tables, or rows that are found alone.
const SHARED: &[(&str, &str)] = &[
    ("settings", "facts about the database itself"),
    ("master_keys", "keys of the whole database"),
    ("system_keys", "keys of the whole database"),
    ("nodes", "the servers of the whole database"),
    ("partners", "the partners themselves"),
    ("operators", "operators work for all partners"),
    ("people", "people work for all partners"),
    ("entries", "people work for all partners"),
    ("person_mails", "people work for all partners"),
    ("program_logins", "a login belongs to no partner until a person confirms it"),
    ("challenges", "people work for all partners"),
    ("sessions", "people work for all partners"),
    ("proposals", "one queue of all operators"),
    ("cases", "one queue of all operators"),
    ("saved_views", "an operator works for all partners"),
    ("bank_files", "one account pays for all partners"),
    ("policy_versions", "one policy decides for all partners"),
    ("search_codes", "one index of all operators' searches"),
    ("case_ends", "the movements of all operators' queues, for a day"),
    ("case_visits", "who looks at what now: a few rows for seconds"),
    ("audit_", "one trail of all operators"),
    ("exposure_turns", "decisions on one person wait for each other over all partners"),
    ("ccb_counters", "one number a year for all contracts"),
    ("schema_history", "the migrations"),
];

const LONE_ID: &str = "an id or a secret without its partner, found by an index";
const OPERATORS: &str = "operators see all partners";
const LOOK: &str = "a read without locks names the partners with due work; the statement that takes the work concerns one partner";
const EXPOSURE: &str = "one person's debt is summed over all partners";
const MAINTENANCE: &str = "deletion or repair by age, a few rows at a time or while no partner waits for it";
const COUNT: &str = "a figure for the metrics";
const COMMAND: &str = "a command that checks everything";
const CATALOG: &str = "a migration reads the database's catalog";

/// Statements over all partners: the file, a part of the text, and the reason.
const GLOBAL: &[(&str, &str, &str)] = &[
    ("bank_account_changes.rs", "where link_hash = $1", LONE_ID),
    ("bank_accounts.rs", "where partner_id in (", OPERATORS),
    ("customer_tags.rs", "where partner_id in (", OPERATORS),
    ("customer_tags.rs", "where t.tag_hash = $1", OPERATORS),
    ("kyc.rs", "where sha256 in (", OPERATORS),
    ("credentials.rs", "where client_id = $1", LONE_ID),
    ("directory.rs", " = $1", LONE_ID),
    ("journal_sums.rs", "select partner_id from journal_waiting where partner_id > $1", LOOK),
    ("journal_sums.rs", "from partners p cross join journal_sums s", OPERATORS),
    ("journal_sums.rs", "select min(id) from journal_entries", COMMAND),
    ("journal_sums.rs", "from journal_entries e join journal_postings x", COMMAND),
    ("erasing.rs", "from events where subject = $1", LONE_ID),
    ("erasures.rs", "where erased_at is null and due_at <= $1", LOOK),
    ("erasures.rs", "from partners p join erasures e", LOOK),
    ("kyc.rs", "where code_hash = $1", LONE_ID),
    ("kyc.rs", "where page_hash = $1", LONE_ID),
    ("signing.rs", "where link_hash = $1", LONE_ID),
    ("mails.rs", "where address_hash = $1", LONE_ID),
    ("webhook_endpoints.rs", "where id = $1 and partner_id <> $2", LONE_ID),
    ("listing/mod.rs", "select ", OPERATORS),
    ("search/codes.rs", " cross join search_codes ", OPERATORS),
    ("search/codes.rs", "from search_codes where code = $1 limit", OPERATORS),
    ("search/exact.rs", "x.id = $1", LONE_ID),
    ("search/exact.rs", "where client_id = $1", LONE_ID),
    ("search/exact.rs", "where ccb_year = $1 and ccb_number = $2", LONE_ID),
    ("search/feed.rs", "from feeds f left join search_feeds s", LOOK),
    ("customers.rs", "where id in (", LONE_ID),
    ("exposure.rs", "where c.", EXPOSURE),
    ("outbox/history.rs", "from events where subject in (", LONE_ID),
    ("outbox/mod.rs", "select partner_id from events where place is null and partner_id > $1", LOOK),
    ("jobs.rs", "select partner_id from jobs where due_at <= $1", LOOK),
    ("jobs.rs", "select partner_id, due from ( select f.partner_id", LOOK),
    ("jobs.rs", "select min(due)", LOOK),
    ("mails.rs", "select partner_id from mails where state = 'waiting' and due_at <= $1", LOOK),
    ("mails.rs", "select min(due_at) from mails", LOOK),
    ("deliveries/lanes.rs", "from webhook_endpoints e where e.state = 'active'", LOOK),
    ("lane_changes.rs", "select partner_id, endpoint_id from lane_changes", LOOK),
    ("contracts.rs", "where blob_key is null", LOOK),
    ("loans.rs", "from loans where id = $1", LONE_ID),
    ("loans.rs", "select partner_id, id from loans where state", LOOK),
    ("loans.rs", "select min(due)", LOOK),
    ("loans.rs", "select l.partner_id, l.id from partners p join loans l", LOOK),
    ("loans.rs", "from loans where state = 'disbursing'", OPERATORS),
    ("loans.rs", "from loans where id in (", OPERATORS),
    ("loans.rs", "where ccb_year = $1 and ccb_number = $2", LONE_ID),
    ("bank_files.rs", "from bank_orders where file_id = $1", OPERATORS),
    ("policies.rs", "from credit_decisions where decided_by = 'policy'", OPERATORS),
    ("offers.rs", "select partner_id, id from offers where state", LOOK),
    ("offers.rs", "select min(due)", LOOK),
    ("offers.rs", "select o.partner_id, o.id from partners p join offers o", LOOK),
    ("deliveries/lanes.rs", "set version = version + 1, due_at = $1, leased_until = 0", MAINTENANCE),
    ("deliveries/lanes.rs", "(partner_id, endpoint_id) > ($1, $2)", MAINTENANCE),
    ("idempotency.rs", "select partner_id, key from idempotency_keys where created_at < $1", MAINTENANCE),
    ("mails.rs", "select partner_id, id, state from mails where created_at < $1", MAINTENANCE),
    ("kyc.rs", "from blob_intents where created_at < $1", MAINTENANCE),
    ("kyc.rs", "from kyc_documents where replaced_at < $1", MAINTENANCE),
    ("outbox/mod.rs", "select count(*) from events", COUNT),
    ("deliveries/lanes.rs", "select count(*), min(created_at) from deliveries", COUNT),
    ("migrations/run.rs", "to_regclass($1)", CATALOG),
    ("migrations/run.rs", "from sqlite_master", CATALOG),
    ("migrations/run.rs", "pg_try_advisory_lock", CATALOG),
    ("months.rs", "from pg_inherits", CATALOG),
    ("months.rs", "extract(epoch from now())", CATALOG),
    ("months.rs", "make_partition", MAINTENANCE),
    ("months.rs", "drop_partition", MAINTENANCE),
    ("verify.rs", "select ", COMMAND),
    ("named_files.rs", "select ", COMMAND),
    ("master_keys.rs", "from data_keys", COMMAND),
    ("rewrap.rs", "from data_keys where master_key = $1", COMMAND),
    ("reseal.rs", "from data_keys", COMMAND),
    ("overdue.rs", "where paid_at is null and due = $1", OPERATORS),
    ("volumes.rs", "group by", OPERATORS),
    ("volumes.rs", "select count(*) from loans where state = $1", COUNT),
    ("deliveries/lanes.rs", "select cast(coalesce(sum(case when e.state = 'active'", COUNT),
    ("webhook_endpoints.rs", "failing_since is not null", OPERATORS),
    ("case_visits.rs", "from case_visits v join operators o", OPERATORS),
    ("overdue.rs", "i.partner_id not in (select id from partners where clock_offset > 0)", OPERATORS),
    ("mails.rs", "from mails where id in ($1)", OPERATORS),
    ("request_log/search.rs", "from request_calls where request_id = $1 limit", OPERATORS),
    ("request_log/search.rs", "from request_calls where id in (", OPERATORS),
    ("request_log/search.rs", "from request_calls where id < $1", OPERATORS),
    ("request_log/purge.rs", "from request_calls where id < $1", MAINTENANCE),
    ("request_log/purge.rs", "from request_bodies where id < $1", MAINTENANCE),
    ("request_log/visits.rs", "from page_visits where id < $1", MAINTENANCE),
];

/// Whether a statement concerns the rows of one partner.
fn is_of_one_partner(sql: &str) -> bool {
    let named = ["partner_id = $", "partner_id = of_partner"].iter().any(|part| sql.contains(part));
    let inserted = sql.starts_with("insert into")
        && sql.split(" values ").next().is_some_and(|head| head.contains("(partner_id,"));
    named || inserted
}

/// The first table that a statement names.
fn table(sql: &str) -> &str {
    let words: Vec<&str> = sql.split_whitespace().collect();
    let of = |keyword: &str| words.iter().position(|word| *word == keyword).map(|at| words[at + 1]);
    of("into").or_else(|| of("from")).or_else(|| of("update")).unwrap_or_default()
}

fn is_shared(sql: &str) -> bool {
    SHARED.iter().any(|(name, _)| table(sql).starts_with(name)) && !sql.contains(" join ")
}

/// The statements with their files.
pub(crate) fn statements() -> Vec<(&'static str, &'static str)> {
    let (mut file, mut all) = ("", Vec::new());
    for line in STATEMENTS.lines() {
        match line.strip_prefix("-- ") {
            Some(name) => file = name,
            None if line.is_empty() => {}
            None => all.push((file, line.trim_end_matches(';'))),
        }
    }
    all
}

#[test]
fn every_statement_concerns_one_partner_or_is_listed_with_its_reason() {
    let (mut unlisted, mut used) = (Vec::new(), BTreeSet::new());
    for (file, sql) in statements() {
        if is_of_one_partner(sql) || is_shared(sql) {
            continue;
        }
        let found = GLOBAL.iter().position(|(of, part, _)| *of == file && sql.contains(part));
        match found {
            Some(number) => drop(used.insert(number)),
            None => unlisted.push(format!("{file}: {sql}")),
        }
    }
    let stale = GLOBAL.iter().enumerate().filter(|(number, _)| !used.contains(number));
    let stale: Vec<_> = stale.map(|(_, (file, part, _))| format!("{file}: {part}")).collect();
    assert!(unlisted.is_empty(), "over all partners, but not on the list:\n{}", unlisted.join("\n"));
    assert!(stale.is_empty(), "on the list, but no longer run:\n{}", stale.join("\n"));
}

/// Rows of several partners may be on several machines, and no single statement can lock rows on several machines.
#[test]
fn every_statement_that_locks_rows_concerns_one_partner() {
    let locking = statements().into_iter().filter(|(_, sql)| sql.contains(" for update") && !is_shared(sql));
    let locking: Vec<_> = locking.collect();
    assert!(locking.len() >= 4, "{locking:?}");
    for (file, sql) in locking {
        assert!(sql.contains("partner_id = $1"), "{file}: {sql}");
    }
}
