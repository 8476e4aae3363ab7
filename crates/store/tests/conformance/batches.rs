//! Scripts that share a commit: one that fails loses itself alone.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};

use domain::id::PartnerId;
use domain::time::Timestamp;
use futures::future::join_all;
use store::{Store, StoreError, Tx, args};

use crate::{Bench, on_both};

fn now() -> Timestamp {
    Timestamp::from_seconds(1_780_000_000)
}

type Script = Arc<dyn Fn(&mut Tx<'_>) -> Result<(), StoreError> + Send + Sync>;

fn script(body: impl Fn(&mut Tx<'_>) -> Result<(), StoreError> + Send + Sync + 'static) -> Script {
    Arc::new(body)
}

/// Hands all scripts to the store while its writer is held, so that they wait together, and returns their answers.
fn at_once(store: &Store, scripts: &[Script]) -> Vec<Result<(), StoreError>> {
    let gate = Arc::new(Barrier::new(2));
    let (inside, entered) = (Arc::clone(&gate), AtomicBool::new(false));
    let held = store.write(move |_tx| {
        // Only once: it may share a batch with the others, and run again with them.
        if !entered.swap(true, Ordering::SeqCst) {
            inside.wait();
        }
        Ok::<_, StoreError>(())
    });
    let all = join_all(scripts.iter().cloned().map(|script| store.write(move |tx| script(tx))));
    let release = async { gate.wait() };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    // The futures are polled in this order: all scripts are queued before the gate opens.
    let (_held, answers, _) = runtime.block_on(futures::future::join3(held, all, release));
    answers
}

fn insert(name: &'static str) -> Script {
    script(move |tx| store::partners::insert(tx, name, now()).map(drop))
}

fn names(bench: &Bench) -> Vec<String> {
    bench.write(|tx| tx.query("select name from partners order by name", &[], |row| row.get(0))).unwrap()
}

#[test]
fn a_script_that_fails_after_it_has_written_loses_itself_alone() {
    on_both(|bench| {
        let fails = script(|tx| {
            store::partners::insert(tx, "refused", now())?;
            Err(StoreError::NotFound)
        });
        let panics = script(|tx| {
            store::partners::insert(tx, "panicked", now())?;
            panic!("a test's panic")
        });
        let goes_on = script(|tx| {
            let part = tx.savepoint(|tx| {
                store::partners::insert(tx, "undone part", now())?;
                Err::<(), _>(StoreError::NotFound)
            })?;
            assert_eq!(part, Err(StoreError::NotFound));
            store::partners::insert(tx, "went on", now()).map(drop)
        });
        let scripts = [insert("before"), fails, insert("between"), panics, goes_on, insert("last")];
        let answers = at_once(&bench.store, &scripts);
        let good: Vec<bool> = answers.iter().map(Result::is_ok).collect();
        assert_eq!(good, [true, false, true, false, true, true], "{answers:?}");
        assert_eq!(answers[1], Err(StoreError::NotFound));
        assert!(matches!(answers[3], Err(StoreError::Unavailable(_))), "{answers:?}");
        assert_eq!(names(bench), ["before", "between", "last", "went on"]);
    });
}

#[test]
fn scripts_that_are_refused_before_they_write_do_not_make_the_others_run_again() {
    let bench = Bench::sqlite();
    let runs = Arc::new(AtomicUsize::new(0));
    let writes = || {
        let runs = Arc::clone(&runs);
        script(move |tx| {
            runs.fetch_add(1, Ordering::SeqCst);
            store::partners::insert(tx, "written", now()).map(drop)
        })
    };
    let refused = script(|tx| {
        assert!(store::partners::any(tx)?);
        tx.savepoint(|_tx| Err::<(), _>(StoreError::NotFound))?
    });
    let answers = at_once(&bench.store, &[writes(), refused, writes()]);
    assert_eq!(answers, [Ok(()), Err(StoreError::NotFound), Ok(())]);
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}

#[test]
fn a_crowd_of_refusals_after_writing_runs_each_script_about_once() {
    let bench = Bench::sqlite();
    let runs = Arc::new(AtomicUsize::new(0));
    let refused = || {
        let runs = Arc::clone(&runs);
        script(move |tx| {
            runs.fetch_add(1, Ordering::SeqCst);
            store::partners::insert(tx, "refused", now())?;
            Err(StoreError::NotFound)
        })
    };
    let (rounds, each) = (20, 4);
    for _ in 0..rounds {
        let scripts: Vec<Script> = (0..each).flat_map(|_| [insert("written"), refused()]).collect();
        at_once(&bench.store, &scripts);
    }
    assert_eq!(names(&bench).len(), rounds * each);
    // The first batch runs twice; those that follow know better.
    assert!(runs.load(Ordering::SeqCst) <= (rounds + 1) * each, "{runs:?}");
}

#[test]
fn a_disk_that_fills_up_in_mid_batch_loses_no_half_of_a_script() {
    let bench = Bench::sqlite();
    let limit = |pages: i64| {
        let sql = format!("pragma max_page_count = {pages}");
        bench.write(move |tx| tx.query(&sql, &[], |row| row.get::<i64>(0)).map(drop)).unwrap();
    };
    let big = script(|tx| {
        store::partners::insert(tx, "beginning", now())?;
        store::partners::insert(tx, &"x".repeat(1_000_000), now()).map(drop)
    });
    limit(1);
    let answers = at_once(&bench.store, &[insert("small"), big.clone(), insert("also small")]);
    limit(1_000_000);
    let told: Vec<String> = ["small", "also small"]
        .into_iter()
        .zip([&answers[0], &answers[2]])
        .filter(|(_, a)| a.is_ok())
        .map(|(name, _)| name.to_owned())
        .collect();
    assert!(matches!(answers[1], Err(StoreError::Unavailable(_))), "{answers:?}");
    // Whoever was told of success has a row, and nobody else.
    let mut told = told;
    told.sort();
    assert_eq!(names(&bench), told);
    // With room again, everything goes.
    let again = at_once(&bench.store, &[insert("small"), big, insert("also small")]);
    assert!(again.iter().all(Result::is_ok), "{again:?}");
}

#[test]
fn a_script_that_fails_by_a_unique_key_in_a_crowd_is_told_so_alone() {
    on_both(|bench| {
        let id: PartnerId = bench.write(|tx| store::partners::insert(tx, "first", now())).unwrap().id;
        let twice = script(move |tx| {
            store::partners::touch(tx, id)?;
            let sql = "insert into partners (id, name, data_key, version, created_at) \
                       select id, name, data_key, version, created_at from partners where id = $1";
            tx.execute(sql, args![id]).map(drop)
        });
        let touch = script(move |tx| store::partners::touch(tx, id));
        let answers = at_once(&bench.store, &[touch.clone(), twice, touch]);
        assert_eq!(answers, [Ok(()), Err(StoreError::Duplicate), Ok(())]);
        let version = bench.write(move |tx| {
            tx.query_one("select version from partners where id = $1", args![id], |row| row.get::<i64>(0))
        });
        assert_eq!(version.unwrap(), 3);
    });
}
