//! Pools of sessions, and lists from a replica.

use domain::id::PartnerId;
use domain::time::RealTime;
use store::test_support::PostgresCluster;
use store::{Store, StoreError, Tx, args};

use crate::{Bench, open};

fn now() -> RealTime {
    RealTime::from_seconds(1_780_000_000)
}

fn partner(store: &Store) -> PartnerId {
    store.write_blocking(|tx| store::partners::insert(tx, "Mercado Exemplo", now())).unwrap().id
}

fn version(tx: &mut Tx<'_>, id: PartnerId) -> Result<i64, StoreError> {
    tx.query_one("select version from partners where id = $1", args![id], |row| row.get(0))
}

/// A version, and whether it was read from a replica.
fn version_and_source(tx: &mut Tx<'_>, id: PartnerId) -> Result<(i64, bool), StoreError> {
    let replica = tx.query_one("select pg_is_in_recovery()", &[], |row| row.get(0))?;
    Ok((version(tx, id)?, replica))
}

#[test]
fn look_ups_and_writes_do_not_wait_for_lists() {
    let Some(bench) = Bench::postgres() else { return };
    let id = partner(&bench.store);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sleep = |tx: &mut Tx<'_>| tx.query("select pg_sleep(600), 1", &[], |_row| Ok(()));
    runtime.block_on(async {
        // There are more lists than sessions of the pool, so the last ones wait in its queue.
        let lists = futures::future::join_all((0..20).map(|_| bench.store.list(sleep)));
        let others = async {
            for round in 1..=20 {
                bench.store.write(move |tx| store::partners::touch(tx, id)).await.unwrap();
                let seen = bench.store.look_up(move |tx| version(tx, id)).await.unwrap();
                assert_eq!(seen, 1 + round);
            }
        };
        tokio::select! {
            ended = lists => panic!("{ended:?}"),
            () = others => {}
        }
    });
}

#[test]
fn lists_come_from_the_replica_and_contain_all_committed_rows() {
    let Some(cluster) = PostgresCluster::own() else { return };
    let replica = cluster.replica();
    let database = cluster.database();
    let url = database.clone().with_parameter("read_database", &replica.url_here(&database)).unwrap();
    // The second node writes the rows that the first one lists.
    let (node, other) = (open(&url), open(&database));
    let id = partner(&other);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let list = || runtime.block_on(node.list(move |tx| version_and_source(tx, id))).unwrap();
    let (mut expected, mut from_replica) = (1, 0);
    for _ in 0..50 {
        other.write_blocking(move |tx| store::partners::touch(tx, id)).unwrap();
        expected += 1;
        let (seen, replica) = list();
        assert_eq!(seen, expected);
        from_replica += i64::from(replica);
    }
    assert!(from_replica > 0, "every list came from the primary");

    // A list does not wait for a replica that has stopped replaying.
    let mut admin = postgres::Client::connect(&replica.url_here(&database), postgres::NoTls).unwrap();
    admin.batch_execute("select pg_wal_replay_pause()").unwrap();
    other.write_blocking(move |tx| store::partners::touch(tx, id)).unwrap();
    assert_eq!(list(), (expected + 1, false));
    admin.batch_execute("select pg_wal_replay_resume()").unwrap();
    while !list().1 {}

    replica.stop();
    for _ in 0..5 {
        assert_eq!(list(), (expected + 1, false));
    }
}
