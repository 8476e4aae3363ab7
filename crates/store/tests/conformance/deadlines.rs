//! Long scripts: they end at their deadline, and when their callers leave.

use std::time::Duration;

use futures::future::join_all;
use store::db::Deadlines;
use store::seal::MasterKey;
use store::{Store, StoreError, Tx};

use crate::{Bench, now};

/// Counts to the given number of rounds, or without an end.
fn count(tx: &mut Tx<'_>, rounds: Option<i64>) -> Result<i64, StoreError> {
    let end = rounds.map_or_else(String::new, |rounds| format!("where x < {rounds}"));
    let sql =
        format!("with recursive n(x) as (select 1 union all select x + 1 from n {end}) select max(x) from n");
    tx.query_one(&sql, &[], |row| row.get(0))
}

fn endless(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    count(tx, None)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

fn bench_with(read: Duration, write: Duration) -> Bench {
    let mut bench = Bench::sqlite();
    bench.store = Store::open_with(&bench.url, MasterKey::new([42; 32]), Deadlines { read, write }).unwrap();
    bench
}

const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(3_600);

#[test]
fn a_read_ends_at_its_deadline() {
    let bench = bench_with(SHORT, LONG);
    let read = runtime().block_on(bench.store.read(endless));
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
}

#[test]
fn a_write_ends_at_its_deadline_and_no_other_write_fails() {
    let bench = bench_with(LONG, SHORT);
    let insert = |name: &'static str| {
        bench.store.write(move |tx| store::partners::insert(tx, name, now().unmoved()).map(drop))
    };
    let long = bench.store.write(|tx| {
        store::partners::insert(tx, "long", now().unmoved())?;
        endless(tx).map(drop)
    });
    // The deadline interrupts the statement that writes, which undoes the whole transaction.
    let writes = bench.store.write(|tx| {
        let sql = "insert into settings (name, value) \
                   with recursive n(x) as (select 1 union all select x + 1 from n) select 'n' || x, 'x' from n";
        tx.execute(sql, &[]).map(drop)
    });
    let all = futures::future::join4(insert("before"), long, writes, insert("after"));
    let (before, long, writes, after) = runtime().block_on(all);
    assert_eq!((before, after), (Ok(()), Ok(())));
    for ended in [long, writes] {
        assert!(matches!(ended, Err(StoreError::Unavailable(_))), "{ended:?}");
    }
    let names = bench
        .write(|tx| tx.query("select name from partners order by name", &[], |row| row.get::<String>(0)));
    assert_eq!(names.unwrap(), ["after", "before"]);
}

#[test]
fn a_script_ends_when_its_caller_leaves() {
    let bench = bench_with(LONG, LONG);
    runtime().block_on(async {
        let reads = join_all((0..4).map(|_| bench.store.read(endless)));
        let writes = bench.store.write(endless);
        // All these scripts run, or wait behind the running ones.
        let left = tokio::time::timeout(SHORT, futures::future::join(reads, writes)).await;
        assert!(left.is_err(), "{left:?}");
        // These scripts run only if the earlier ones have ended.
        let read = bench.store.read(|tx| count(tx, Some(100_000)));
        let write = bench.store.write(|tx| count(tx, Some(100_000)));
        assert_eq!(futures::future::join(read, write).await, (Ok(100_000), Ok(100_000)));
    });
}

#[test]
fn long_reads_delay_no_short_read_and_a_commands_read_has_no_deadline() {
    let bench = bench_with(LONG, LONG);
    let ended = std::cell::Cell::new(0);
    runtime().block_on(async {
        let long = join_all((0..6).map(|_| async {
            assert_eq!(bench.store.read(|tx| count(tx, Some(3_000_000))).await, Ok(3_000_000));
            ended.set(ended.get() + 1);
        }));
        let short = async {
            for _ in 0..100 {
                bench.store.look_up(store::partners::any).await.unwrap();
                bench.store.read(store::partners::any).await.unwrap();
            }
            assert_eq!(ended.get(), 0);
        };
        futures::future::join(long, short).await;
    });
    let impatient = bench_with(Duration::ZERO, LONG);
    let read = |rounds| impatient.store.read(move |tx| count(tx, Some(rounds)));
    runtime().block_on(async {
        assert!(read(1_000_000).await.is_err());
        assert_eq!(impatient.store.read_long(|tx| count(tx, Some(1_000_000))).await, Ok(1_000_000));
    });
}
