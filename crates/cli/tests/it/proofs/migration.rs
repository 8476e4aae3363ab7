//! A release beside the previous one. Two nodes share a database, one of this program and one of the next program.
//! The migration between them runs while both have work. Nothing is lost, and no request is refused.

use std::sync::Arc;

use server::clock::Clock;
use server::config::Config;
use server::serve::Server;
use store::db::DatabaseUrl;
use store::migrations::{self, Backfill, Contracting, Migration, Phase, Step, TREE, Tree};
use store::seal::MasterKey;
use store::{Store, StoreError, Tx, args};
use tokio::sync::watch;

use super::Scene;
use super::client::Client;
use super::load::Workload;
use super::node::{Address, Site};
use crate::support::TestApp;

/// The change of the next program: a column with an index, and a value for each customer.
const NEXT: Migration = Migration {
    name: "markets",
    phase: Phase::Expand,
    steps: &[
        Step::Sql("alter table customers add column market text"),
        Step::Index { name: "customers_by_market", on: "customers (partner_id, market, id)" },
        Step::Backfill(Backfill { name: "markets", some: some_markets }),
    ],
};

/// Fills one customer at a time, so that the backfill lasts while the nodes work.
fn some_markets(tx: &mut Tx<'_>, after: &str) -> Result<Option<String>, StoreError> {
    let (partner, id) = after.split_once(' ').unwrap_or(("", ""));
    let sql = "select partner_id, id from customers where (partner_id, id) > ($1, $2) \
               order by partner_id, id limit 1";
    let next =
        tx.query_opt(sql, args![*partner, *id], |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)))?;
    let Some((partner, id)) = next else { return Ok(None) };
    let sql = "update customers set market = 'br' where partner_id = $1 and id = $2";
    tx.execute_one(sql, args![partner, id])?;
    Ok(Some(format!("{partner} {id}")))
}

fn next() -> Tree {
    Tree(Box::leak([TREE.0, &[NEXT]].concat().into_boxed_slice()))
}

/// A node of the next program, in this process.
async fn next_node(site: &Site, database: DatabaseUrl) -> (Address, watch::Sender<bool>) {
    let folder = site.folder.path().join("data");
    let config = Config {
        database,
        master_keys: MasterKey::new([7; 32]).into(),
        public_url: Some("http://127.0.0.1:9".into()),
        limits: Site::limits(),
        tree: next(),
        ..Config::temporary(&folder).unwrap()
    };
    let server = Server::open(config, Clock::System).await.unwrap();
    let address = Address::default();
    *address.write().unwrap() = server.address().to_string();
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(server.run(stopped));
    (address, stop)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_versions_serve_one_database_during_its_migration() {
    let Some(database) = TestApp::postgres_database().await else { return };
    let scene = Scene::set(Some(database.clone()), 0).await;
    let work = scene.work(1, 4);
    scene.work_until(|books| books.acknowledged_count("customer.created") > 100).await;
    let before = scene.acknowledged_customers();

    let url = database.clone();
    let run = move || migrations::migrate(&url, MasterKey::new([7; 32]), next(), Contracting::Waits);
    let report = tokio::task::spawn_blocking(run).await.unwrap().unwrap();
    let beside = scene.acknowledged_customers() - before;
    assert_eq!(report.after.version, report.before.version + 1);
    assert!(beside > 0, "the old node had work while the database was migrated");

    let (address, stop) = next_node(&scene.site, database.clone()).await;
    let newer = Arc::new(Client::signed_in(address, scene.site.credential()).await);
    let mut more = Workload::default();
    for number in 0..4 {
        more.add_registrar(&newer, &scene.auditor, 300 + number);
    }
    let enough = scene.acknowledged_customers() + 100;
    scene
        .work_until(|books| {
            books.acknowledged_count("customer.created") > enough
                && books.acknowledged_count("loan.active") > 0
        })
        .await;
    for client in [&*scene.client, &*newer] {
        assert_eq!(client.schema_version().await, report.after.version);
    }
    more.end().await;
    work.end().await;
    assert_eq!((scene.client.unanswered(), newer.unanswered()), (0, 0), "no request was refused");
    scene.recover_all().await;
    let report = scene.judge().await;
    println!("a migration between two versions, {beside} customers made beside it: {report}");
    stop.send(true).unwrap();
    let filled = tokio::task::block_in_place(|| filled(&database));
    assert!(filled >= before, "each earlier customer has its market");
}

/// Number of customers with a market, provided that the index that finds them is valid.
fn filled(database: &DatabaseUrl) -> usize {
    let count = |tx: &mut Tx<'_>| {
        let sql = "select count(*) from customers where market = 'br' and exists ( \
                   select 1 from pg_index where indexrelid = 'customers_by_market'::regclass and indisvalid)";
        tx.query_one(sql, &[], |row| row.get::<i64>(0))
    };
    let store = Store::open_as_it_is(database, MasterKey::new([7; 32]), next()).unwrap();
    usize::try_from(store.write_blocking(count).unwrap()).unwrap()
}
