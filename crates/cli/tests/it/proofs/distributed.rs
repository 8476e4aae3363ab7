//! Tables distributed by partner over the machines of a PostgreSQL with Citus. A used database is distributed with
//! its rows and continues to serve. Every command works on it, and a later migration's tables are distributed too.
//!
//! Only `scripts/prove distributed` runs it. That script also runs the journeys and the feed on such databases.

use std::collections::BTreeSet;
use std::sync::Arc;

use store::db::DatabaseUrl;
use store::migrations::{self, Contracting, Migration, Phase, Step, TREE, Tree};
use store::seal::MasterKey;

use super::client::Client;
use super::feed::{borrow, register};
use super::node::{Node, Site};

/// Customers that exist before the tables are distributed.
const BEFORE: u32 = 20;

fn undistributed() -> DatabaseUrl {
    store::test_support::undistributed_database().expect("scripts/prove distributed names a cluster")
}

fn connect(url: &DatabaseUrl) -> postgres::Client {
    let DatabaseUrl::Postgres(url) = url else { unreachable!("a cluster has no files of SQLite") };
    postgres::Client::connect(url, postgres::NoTls).unwrap()
}

/// The first column of the rows.
fn texts(url: &DatabaseUrl, sql: &str) -> BTreeSet<String> {
    tokio::task::block_in_place(|| {
        connect(url).query(sql, &[]).unwrap().iter().map(|row| row.get::<_, String>(0)).collect()
    })
}

/// Every foreign key of the tables.
const KEYS: &str = "select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) \
    from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace";
/// Tables with a partner's column that are not distributed by it, and other tables without a copy on every machine.
const ASTRAY: &str = "select c.relname::text from pg_class c \
    left join citus_tables t on t.table_name = c.oid::regclass \
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition \
        and case when exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'partner_id') \
            then t.citus_table_type is distinct from 'distributed' or t.distribution_column <> 'partner_id' \
            else t.citus_table_type is distinct from 'reference' end";
/// The groups of tables whose rows are on the same machine.
const GROUPS: &str =
    "select distinct colocation_id::text from citus_tables where citus_table_type = 'distributed'";
/// Distributed tables whose rows are still also on the coordinator.
const LEFT: &str = "select logicalrelid::text from pg_dist_partition \
    where partmethod = 'h' and pg_relation_size(logicalrelid) > 0";

#[tokio::test(flavor = "multi_thread")]
async fn a_used_database_is_distributed_with_its_rows_and_continues_to_serve() {
    let database = tokio::task::block_in_place(undistributed);
    let site = Arc::new(Site::new(Some(database.clone())));
    let mut node = Node::start(&site);
    let client = Client::new(&node, site.credential()).await;
    for number in 0..BEFORE {
        register(&client, 100_000_000 + number).await;
    }
    borrow(&client, 200_000_000).await;
    node.kill();
    let keys = texts(&database, KEYS);

    let said = site.run(&["migrate", "--distribute"]);
    assert!(said.contains("tables are distributed by partner"), "{said}");
    assert_eq!(texts(&database, ASTRAY), BTreeSet::new());
    assert_eq!(texts(&database, GROUPS).len(), 1);
    assert_eq!(texts(&database, LEFT), BTreeSet::new());
    assert!(!keys.is_empty());
    assert_eq!(texts(&database, KEYS), keys);
    let said = site.run(&["migrate", "--distribute"]);
    assert!(said.contains("were distributed before"), "{said}");

    node.start_again();
    let client = Client::new(&node, site.credential()).await;
    let listed = client.get("/v3/customers?limit=100").await;
    assert_eq!(listed["data"].as_array().unwrap().len() as u64, u64::from(BEFORE) + 1);
    borrow(&client, 200_000_001).await;
    every_command_works(&site);
}

/// Commands that read or write the database while a server runs.
fn every_command_works(site: &Site) {
    let made = site.run(&["partner", "create", "--name", "Mercado Exemplo", "--json"]);
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    let partner = made["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    site.run(&["credential", "create", "--partner", &partner, "--name", "loja"]);
    site.run(&["operator", "create", "--name", "Ana"]);
    site.run(&["operator", "list"]);
    site.run(&["audit", "head"]);
    site.run(&["audit", "check"]);
    site.run(&["keys", "rotate"]);
    site.run(&["ledger", "check"]);
    site.run(&["verify"]);
    site.run(&["migrate", "--status"]);
}

/// The change of a later release: a partners' table with a key to another, a shared table, a column and an index.
const LATER: Migration = Migration {
    name: "notes",
    phase: Phase::Expand,
    steps: &[
        Step::Sql(
            "create table note_kinds (name text not null primary key);
             create table notes (
                partner_id text not null,
                id text not null,
                customer_id text not null,
                primary key (partner_id, id),
                foreign key (partner_id, customer_id) references customers (partner_id, id)
             );
             create index notes_by_customer on notes (partner_id, customer_id)",
        ),
        Step::Sql("alter table customers add column noted bigint not null default 0"),
        Step::Index { name: "customers_by_noted", on: "customers (partner_id, noted, id)" },
    ],
};

/// Removes a part of that change.
const REMOVED: Migration = Migration {
    name: "unnoted",
    phase: Phase::Contract { serves_from: 1 },
    steps: &[Step::Sql("drop index customers_by_noted; alter table customers drop column noted")],
};

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_of_a_later_migration_are_distributed_with_it() {
    let database = tokio::task::block_in_place(undistributed);
    let later = Tree(Box::leak([TREE.0, &[LATER]].concat().into_boxed_slice()));
    let key = || MasterKey::new([7; 32]);
    tokio::task::block_in_place(|| {
        migrations::distribute(&database, key(), TREE, Contracting::Waits).unwrap();
        let report = migrations::migrate(&database, key(), later, Contracting::Waits).unwrap();
        assert_eq!(report.after.version, TREE.range().to + 1);
    });
    assert_eq!(texts(&database, ASTRAY), BTreeSet::new());
    assert_eq!(texts(&database, GROUPS).len(), 1);
    let keys = texts(&database, KEYS);
    assert!(keys.iter().any(|key| key.starts_with("notes ")), "{keys:?}");
    let indexes = texts(&database, "select indexname::text from pg_indexes where schemaname = 'public'");
    for index in ["notes_by_customer", "customers_by_noted"] {
        assert!(indexes.contains(index), "{index}");
    }
    let last = Tree(Box::leak([later.0, &[REMOVED]].concat().into_boxed_slice()));
    let report = tokio::task::block_in_place(|| {
        migrations::migrate(&database, key(), last, Contracting::Runs).unwrap()
    });
    assert_eq!(report.after.version, TREE.range().to + 2);
}
