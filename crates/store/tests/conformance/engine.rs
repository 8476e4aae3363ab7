//! Transactions, conflicts, savepoints, panics and bells.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};

use domain::id::PartnerId;
use domain::time::Timestamp;
use store::db::DatabaseUrl;
use store::seal::MasterKey;
use store::{Failed, Store, StoreError, Tx, Wake, args};

use crate::aggregates::{at, on_both_with_partner, partner, real};
use crate::{Bench, on_both};

fn now() -> Timestamp {
    Timestamp::from_seconds(1_780_000_000)
}

fn version(tx: &mut Tx<'_>, id: PartnerId) -> Result<i64, StoreError> {
    tx.query_one("select version from partners where id = $1", args![id], |row| row.get(0))
}

#[test]
fn a_failed_script_writes_nothing() {
    on_both(|bench| {
        let failed = bench.write(|tx| {
            store::partners::insert(tx, "nobody", now().unmoved())?;
            Err::<(), _>(StoreError::NotFound)
        });
        assert_eq!(failed, Err(StoreError::NotFound));
        assert!(!bench.write(store::partners::any).unwrap());
    });
}

#[test]
fn a_panicking_script_is_undone_and_the_store_continues() {
    on_both(|bench| {
        let panicked = bench.write(|tx| -> Result<(), StoreError> {
            store::partners::insert(tx, "nobody", now().unmoved())?;
            panic!("a test's panic")
        });
        assert!(matches!(panicked, Err(StoreError::Defect(_))));
        assert!(!bench.write(store::partners::any).unwrap());
        partner(bench);
        assert!(bench.write(store::partners::any).unwrap());
    });
}

#[test]
fn a_savepoint_undoes_only_its_own_part() {
    on_both_with_partner(|bench, kept| {
        bench
            .write(move |tx| {
                store::partners::touch(tx, kept)?;
                let part = tx.savepoint(|tx| {
                    store::partners::touch(tx, kept)?;
                    store::partners::insert(tx, "undone", now().unmoved())?;
                    Err::<(), _>(Failed::Refused("no"))
                })?;
                assert_eq!(part, Err(Failed::Refused("no")));
                Ok(())
            })
            .unwrap();
        assert_eq!(bench.write(move |tx| version(tx, kept)).unwrap(), 2);
    });
}

#[test]
fn a_duplicate_inside_a_savepoint_does_not_break_the_transaction() {
    on_both_with_partner(|bench, id| {
        bench
            .write(move |tx| {
                let part = tx.savepoint(|tx| {
                    let sql = "insert into partners (id, name, version, created_at) \
                               select id, name, version, created_at from partners where id = $1";
                    tx.execute(sql, args![id])
                })?;
                assert_eq!(part, Err(StoreError::Duplicate));
                store::partners::touch(tx, id)
            })
            .unwrap();
    });
}

#[test]
fn many_writers_lose_no_update() {
    on_both_with_partner(|bench, id| {
        let (writers, each) = (8, 25);
        std::thread::scope(|scope| {
            for _ in 0..writers {
                scope.spawn(|| {
                    for _ in 0..each {
                        bench
                            .write(move |tx| {
                                let seen = version(tx, id)?;
                                let sql = "update partners set version = $2 where id = $1 and version = $3";
                                tx.execute_one(sql, args![id, seen + 1, seen])
                            })
                            .unwrap();
                    }
                });
            }
        });
        assert_eq!(bench.write(move |tx| version(tx, id)).unwrap(), 1 + writers * each);
    });
}

#[test]
fn a_script_that_loses_a_race_runs_again_on_postgresql() {
    let Some(bench) = Bench::postgres() else { return };
    let id = partner(&bench);
    let runs = Arc::new(AtomicUsize::new(0));
    let other = bench.second_node();
    let counted = Arc::clone(&runs);
    bench
        .write(move |tx| {
            let seen = version(tx, id)?;
            if counted.fetch_add(1, Ordering::SeqCst) == 0 {
                other.write_blocking(move |tx| store::partners::touch(tx, id))?;
            }
            tx.execute_one(
                "update partners set version = version + 1 where id = $1 and version = $2",
                args![id, seen],
            )
        })
        .unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert_eq!(bench.write(move |tx| version(tx, id)).unwrap(), 3);
}

#[test]
fn a_bell_rings_after_the_commit_and_not_after_an_undo() {
    on_both(|bench| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let rung = |wait_ms: u64| {
            runtime.block_on(async {
                let bell = bench.store.wakes().bell(Wake::Jobs).notified();
                tokio::time::timeout(std::time::Duration::from_millis(wait_ms), bell).await.is_ok()
            })
        };
        let id = partner(bench);
        let _refused = bench.write(move |tx| {
            store::jobs::insert(tx, id, now(), "kind", "subject", now())?;
            Err::<(), _>(StoreError::NotFound)
        });
        assert!(!rung(20));
        bench.write(move |tx| store::jobs::insert(tx, id, now(), "kind", "subject", now())).unwrap();
        assert!(rung(5_000));
    });
}

#[test]
fn readers_see_only_committed_rows() {
    let bench = Bench::sqlite();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (inserted, release) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    std::thread::scope(|scope| {
        let (inside, go) = (Arc::clone(&inserted), Arc::clone(&release));
        scope.spawn(|| {
            bench
                .write(move |tx| {
                    store::partners::insert(tx, "late", now().unmoved())?;
                    inside.wait();
                    go.wait();
                    Ok(())
                })
                .unwrap();
        });
        inserted.wait();
        assert!(!runtime.block_on(bench.store.read(store::partners::any)).unwrap());
        release.wait();
    });
    assert!(runtime.block_on(bench.store.read(store::partners::any)).unwrap());
}

#[test]
fn a_caller_reads_its_own_acknowledged_change() {
    on_both(|bench| {
        let rows: Vec<PartnerId> = (0..4).map(|_| partner(bench)).collect();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
        runtime.block_on(async {
            let tasks = rows.iter().map(|row| {
                let (store, row) = (bench.store.clone(), *row);
                tokio::spawn(async move {
                    for round in 2..60 {
                        store.write(move |tx| store::partners::touch(tx, row)).await.unwrap();
                        let seen = if round % 2 == 0 {
                            store.look_up(move |tx| version(tx, row)).await
                        } else {
                            store.read(move |tx| version(tx, row)).await
                        };
                        assert_eq!(seen.unwrap(), round);
                    }
                })
            });
            for task in tasks.collect::<Vec<_>>() {
                task.await.unwrap();
            }
        });
    });
}

#[test]
fn another_processs_write_is_soon_visible() {
    on_both(|bench| {
        let (id, other) = (partner(bench), bench.second_node());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let seen = || runtime.block_on(bench.store.look_up(move |tx| version(tx, id))).unwrap();
        assert_eq!(seen(), 1);
        other.write_blocking(move |tx| store::partners::touch(tx, id)).unwrap();
        while seen() == 1 {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        assert_eq!(seen(), 2);
    });
}

#[test]
fn idle_snapshots_do_not_keep_the_log_long() {
    let bench = Bench::sqlite();
    let id = partner(&bench);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let DatabaseUrl::Sqlite(path) = &bench.url else { unreachable!("the bench is on SQLite") };
    let log = path.with_extension("db-wal");
    let write = || bench.write(move |tx| store::partners::touch(tx, id)).unwrap();
    let mut longest = 0;
    for _ in 0..20 {
        runtime.block_on(bench.store.look_up(move |tx| version(tx, id))).unwrap();
        for _ in 0..200 {
            write();
        }
        longest = longest.max(std::fs::metadata(&log).unwrap().len());
    }
    // More than 4,000 pages of 4 KiB were written. Each commit also writes page 1.
    assert!(longest < 16_000_000, "the log grew to {longest} bytes");
}

#[test]
fn an_idle_log_shrinks() {
    let bench = Bench::sqlite();
    let DatabaseUrl::Sqlite(path) = &bench.url else { unreachable!("the bench is on SQLite") };
    let log = path.with_extension("db-wal");
    let name = "x".repeat(8_000_000);
    bench.write(move |tx| store::partners::insert(tx, &name, now().unmoved()).map(drop)).unwrap();
    assert!(std::fs::metadata(&log).unwrap().len() > 8_000_000);
    let size = || bench.store.log_size().unwrap();
    while size().file_bytes > 4_000_000 || size().used_bytes > 0 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

#[test]
fn a_row_that_another_process_made_is_found_at_once() {
    on_both(|bench| {
        let other = bench.second_node();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for _ in 0..20 {
            // The store still has a snapshot from before.
            runtime.block_on(bench.store.look_up(store::partners::any)).unwrap();
            let made = other
                .write_blocking(|tx| store::partners::insert(tx, "made beside", now().unmoved()))
                .unwrap()
                .id;
            let found = bench.store.look_up_newest(move |tx| store::partners::find(tx, made));
            assert!(runtime.block_on(found).unwrap().is_some());
        }
    });
}

#[test]
fn a_wrong_master_key_is_reported_and_opens_nothing() {
    on_both(|bench| {
        let error = Store::open(&bench.url, MasterKey::new([1; 32])).err().unwrap();
        assert!(error.to_string().contains("master key"), "{error}");
    });
}

#[test]
fn a_lost_database_is_unavailable_and_recovers_by_itself() {
    let Some(bench) = Bench::postgres() else { return };
    let id = partner(&bench);
    let DatabaseUrl::Postgres(url) = &bench.url else { return };
    // Another session ends all connections of the store, as a restart of the server would.
    let mut admin = postgres::Client::connect(url, postgres::NoTls).unwrap();
    admin
        .execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() \
             and datname = current_database()",
            &[],
        )
        .unwrap();
    let outcomes: Vec<_> = (0..20).map(|_| bench.write(move |tx| store::partners::touch(tx, id))).collect();
    let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    // The store notices a dead connection at the start of a transaction, before any statement runs on it.
    assert_eq!(failed, 0, "{outcomes:?}");
    // Only the acknowledged writes exist.
    let counted = bench.write(move |tx| version(tx, id)).unwrap();
    assert_eq!(counted, 1 + i64::try_from(outcomes.len() - failed).unwrap());
}

#[test]
fn a_full_disk_is_unavailable_and_recovers_by_itself() {
    let bench = Bench::sqlite();
    let id = partner(&bench);
    let big = "x".repeat(100_000);
    let limit = |pages: i64| {
        move |tx: &mut Tx<'_>| {
            let sql = format!("pragma max_page_count = {pages}");
            tx.query(&sql, &[], |row| row.get::<i64>(0)).map(drop)
        }
    };
    bench.write(limit(1)).unwrap();
    let refused = bench.write(move |tx| store::partners::insert(tx, &big, now().unmoved()).map(drop));
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    bench.write(limit(1_000_000)).unwrap();
    bench.write(move |tx| store::partners::touch(tx, id)).unwrap();
    assert_eq!(bench.write(move |tx| version(tx, id)).unwrap(), 2);
}

#[test]
fn the_database_reports_its_size_in_bytes() {
    on_both(|bench| {
        let bytes: i64 =
            bench.write(|tx| tx.query_one(tx.dialect().database_bytes, &[], |row| row.get(0))).unwrap();
        assert!(bytes > 100_000, "the tables alone take more than {bytes} bytes");
    });
}

#[test]
fn deleted_rows_free_their_space_in_small_steps() {
    let bench = Bench::sqlite();
    let DatabaseUrl::Sqlite(path) = bench.url.clone() else { unreachable!("the bench is on SQLite") };
    let ours = crate::aggregates::partner(&bench);
    for first in (0..8_000).step_by(1_000) {
        let claim = move |tx: &mut Tx<'_>| {
            for number in first..first + 1_000 {
                let (now, key) = (at(number), format!("key-{number}"));
                store::idempotency::claim(tx, ours.into(), &key, &"f".repeat(2_000), now.unmoved(), real(0))?;
            }
            Ok(())
        };
        bench.write(claim).unwrap();
    }
    let full = pages(&path);
    let purge = |rows| bench.write(move |tx| store::idempotency::purge(tx, real(7_990), rows)).unwrap();
    assert_eq!(purge(100), 100, "a step deletes no more than its limit");
    while purge(500) > 0 {}
    let step = || bench.write(|tx| tx.release_space(64)).unwrap();
    assert_eq!(step(), 64, "a step frees no more than its limit");
    while step() > 0 {}
    let left = pages(&path);
    assert!(full > 4_000 && left < full / 2, "{left} of {full} pages are left");
    let claims =
        bench.write(|tx| tx.query_one("select count(*) from idempotency_keys", &[], |row| row.get::<i64>(0)));
    assert_eq!(claims, Ok(10), "the other rows stay");
}

fn pages(path: &std::path::Path) -> i64 {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.query_row("pragma page_count", [], |row| row.get(0)).unwrap()
}
