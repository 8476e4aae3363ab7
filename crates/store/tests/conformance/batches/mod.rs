//! Scripts that share a commit: one that fails loses itself alone.

mod ahead;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};

use domain::id::PartnerId;
use domain::time::RealTime;
use futures::future::join_all;
use store::db::DatabaseUrl;
use store::{Lane, Store, StoreError, Tx, args};

use crate::{Bench, on_both, open};

fn now() -> RealTime {
    RealTime::from_seconds(1_780_000_000)
}

type Script = Arc<dyn Fn(&mut Tx<'_>) -> Result<(), StoreError> + Send + Sync>;

fn script(body: impl Fn(&mut Tx<'_>) -> Result<(), StoreError> + Send + Sync + 'static) -> Script {
    Arc::new(body)
}

/// A script that counts its runs.
fn counted(runs: &Arc<AtomicUsize>, body: fn(&mut Tx<'_>) -> Result<(), StoreError>) -> Script {
    let runs = Arc::clone(runs);
    script(move |tx| {
        runs.fetch_add(1, Ordering::SeqCst);
        body(tx)
    })
}

/// A script that waits at a gate, and the gate.
fn held() -> (Arc<Barrier>, Script) {
    let gate = Arc::new(Barrier::new(2));
    let (inside, entered) = (Arc::clone(&gate), AtomicBool::new(false));
    let waits = script(move |_tx| {
        // Only once: it may share a batch with the others, and run again with them.
        if !entered.swap(true, Ordering::SeqCst) {
            inside.wait();
        }
        Ok(())
    });
    (gate, waits)
}

/// Hands everything to the store behind a script that is held, and then opens its gate.
fn behind<T>(
    gate: &Barrier, held: impl Future<Output = Result<(), StoreError>>,
    all: impl IntoIterator<Item = impl Future<Output = T>>,
) -> Vec<T> {
    let release = async { gate.wait() };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    // The futures are polled in this order: all scripts are queued before the gate opens.
    let (_held, answers, _) = runtime.block_on(futures::future::join3(held, join_all(all), release));
    answers
}

/// Hands all scripts to the store while its writer is held, so that they wait together, and returns their answers.
fn at_once(store: &Store, scripts: &[Script]) -> Vec<Result<(), StoreError>> {
    let (gate, held) = held();
    let all = scripts.iter().cloned().map(|script| store.write(move |tx| script(tx)));
    behind(&gate, store.write(move |tx| held(tx)), all)
}

/// A store of PostgreSQL whose pools have a session each: what waits is taken together.
fn narrow(bench: &Bench) -> Store {
    let pools = ["write_connections", "look_up_connections"];
    let url = pools.iter().fold(bench.url.clone(), |url, pool| url.with_parameter(pool, "1").unwrap());
    open(&url)
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
        assert!(matches!(answers[3], Err(StoreError::Defect(_))), "{answers:?}");
        assert_eq!(names(bench), ["before", "between", "last", "went on"]);
    });
}

#[test]
fn scripts_that_are_refused_before_they_write_do_not_make_the_others_run_again() {
    let bench = Bench::sqlite();
    let runs = Arc::new(AtomicUsize::new(0));
    let writes = || counted(&runs, |tx| store::partners::insert(tx, "written", now()).map(drop));
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
        counted(&runs, |tx| {
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
    let expected: Vec<String> = ["small", "also small"]
        .into_iter()
        .zip([&answers[0], &answers[2]])
        .filter(|(_, a)| a.is_ok())
        .map(|(name, _)| name.to_owned())
        .collect();
    assert!(matches!(answers[1], Err(StoreError::Unavailable(_))), "{answers:?}");
    // Each script that was acknowledged has a row, and no other has.
    let mut expected = expected;
    expected.sort();
    assert_eq!(names(&bench), expected);
    // With room again, everything goes.
    let again = at_once(&bench.store, &[insert("small"), big, insert("also small")]);
    assert!(again.iter().all(Result::is_ok), "{again:?}");
}

#[test]
fn only_the_script_of_a_batch_that_breaks_a_unique_key_gets_the_error() {
    on_both(|bench| {
        let id: PartnerId = bench.write(|tx| store::partners::insert(tx, "first", now())).unwrap().id;
        let twice = script(move |tx| {
            store::partners::touch(tx, id)?;
            let sql = "insert into partners (id, name, version, created_at) \
                       select id, name, version, created_at from partners where id = $1";
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

#[test]
fn a_script_that_loses_a_race_in_a_crowd_runs_again_and_costs_the_others_nothing() {
    let Some(bench) = Bench::postgres() else { return };
    let id: PartnerId = bench.write(|tx| store::partners::insert(tx, "first", now())).unwrap().id;
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let loses_twice = script(move |tx| {
        let before: i64 =
            tx.query_one("select version from partners where id = $1", args![id], |row| row.get(0))?;
        let read = if counted.fetch_add(1, Ordering::SeqCst) < 2 { before - 1 } else { before };
        // Its answer is looked at before the commit of all.
        let sql = "update partners set version = version + 1 where id = $1 and version = $2";
        tx.execute_one(sql, args![id, read])?;
        store::partners::insert(tx, "loser", now()).map(drop)
    });
    let answers = at_once(&narrow(&bench), &[insert("before"), loses_twice, insert("behind")]);
    assert_eq!(answers, [Ok(()), Ok(()), Ok(())]);
    assert_eq!(names(&bench), ["before", "behind", "first", "loser"]);
    assert_eq!(runs.load(Ordering::SeqCst), 3);
}

#[test]
fn look_ups_that_wait_together_each_get_their_own_rows() {
    let Some(bench) = Bench::postgres() else { return };
    let store = narrow(&bench);
    let named = |number: usize| format!("partner {number}");
    let ids: Vec<PartnerId> = (0..40)
        .map(|number| bench.write(move |tx| store::partners::insert(tx, &named(number), now())).unwrap().id)
        .collect();
    let (gate, held) = held();
    let look_ups = ids.iter().enumerate().map(|(number, id)| {
        let id = *id;
        store.look_up(move |tx| match number % 8 {
            // Its statement fails.
            3 => {
                tx.query_one("select 1 / (version - version) from partners where id = $1", args![id], |row| {
                    row.get(0)
                })
            }
            // It finds nothing.
            5 => tx.query_one("select name from partners where id = $1 and version = 0", args![id], |row| {
                row.get(0)
            }),
            // It asks nothing.
            7 => Ok(String::new()),
            _its_name => tx.query_one("select name from partners where id = $1", args![id], |row| row.get(0)),
        })
    });
    let answers: Vec<Result<String, StoreError>> = behind(&gate, store.look_up(move |tx| held(tx)), look_ups);
    for (number, answer) in answers.into_iter().enumerate() {
        match number % 8 {
            3 => assert!(matches!(answer, Err(StoreError::Corrupt(_))), "{number}: {answer:?}"),
            5 => assert_eq!(answer, Err(StoreError::NotFound), "{number}"),
            7 => assert_eq!(answer, Ok(String::new()), "{number}"),
            _its_name => assert_eq!(answer, Ok(named(number)), "{number}"),
        }
    }
}

#[test]
fn contract_numbers_have_no_gaps_in_lanes_beside_each_other_while_others_fail() {
    on_both(|bench| {
        let all = (0..60).map(|number| {
            let lane = if number % 2 == 0 { Lane::Numbered } else { Lane::Common };
            bench.store.write_in(lane, move |tx| {
                let taken = store::loans::next_ccb_number(tx, 2026)?;
                if number % 5 == 0 { Err(StoreError::NotFound) } else { Ok(taken.number) }
            })
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let answers = runtime.block_on(join_all(all));
        let failed = answers.iter().filter(|answer| **answer == Err(StoreError::NotFound)).count();
        let mut taken: Vec<u32> = answers.into_iter().filter_map(Result::ok).collect();
        taken.sort_unstable();
        assert_eq!((failed, taken), (12, (1..=48).collect()));
        let next = bench.write(|tx| store::loans::next_ccb_number(tx, 2026)).unwrap();
        assert_eq!(next.number, 49);
    });
}

#[test]
fn rows_that_scripts_insert_together_are_each_scripts_own() {
    let Some(bench) = Bench::postgres() else { return };
    let tables = [
        "create table parents (name text primary key)",
        "create table children (name text primary key, parent text not null references parents (name))",
    ];
    bench.write(move |tx| tables.iter().try_for_each(|sql| tx.execute(sql, args![]).map(drop))).unwrap();
    let parent = |tx: &mut Tx<'_>, name: &'static str| {
        tx.insert_rows("insert into parents (name)", &[args![*name].to_vec()])
    };
    let child = |tx: &mut Tx<'_>, name: &'static str, parent: &'static str| {
        tx.insert_rows("insert into children (name, parent)", &[args![*name, *parent].to_vec()])
    };
    let count =
        |tx: &mut Tx<'_>| tx.query_one("select count(*) from children", args![], |row| row.get::<i64>(0));
    bench.write(move |tx| parent(tx, "old")).unwrap();
    let runs = Arc::new(AtomicUsize::new(0));
    let scripts: [(&str, Script); 5] = [
        ("a child alone", script(move |tx| child(tx, "a", "old"))),
        ("a parent and its child", script(move |tx| parent(tx, "new").and_then(|()| child(tx, "b", "new")))),
        (
            "one that asks for its own row",
            script(move |tx| {
                child(tx, "c", "old")?;
                assert!(count(tx)? > 0);
                Ok(())
            }),
        ),
        (
            "one that takes a part back",
            script(move |tx| {
                let part = tx.savepoint(|tx| {
                    child(tx, "taken back", "old")?;
                    Err::<(), _>(StoreError::NotFound)
                })?;
                assert_eq!(part, Err(StoreError::NotFound));
                child(tx, "d", "old")
            }),
        ),
        ("one that fails", script(move |tx| child(tx, "lost", "old").and(Err(StoreError::NotFound)))),
    ];
    let counted: Vec<Script> = scripts
        .iter()
        .map(|(_, body)| {
            let (runs, body) = (Arc::clone(&runs), Arc::clone(body));
            script(move |tx| {
                runs.fetch_add(1, Ordering::SeqCst);
                body(tx)
            })
        })
        .collect();
    let store = narrow(&bench);
    // The first three share their commit at once: each runs until its first statement, and then as a whole.
    assert_eq!(at_once(&store, &counted[..3]), [Ok(()), Ok(()), Ok(())]);
    assert_eq!(runs.load(Ordering::SeqCst), 6);
    assert_eq!(at_once(&store, &counted[3..]), [Ok(()), Err(StoreError::NotFound)]);
    let names = "select name from children order by name";
    let rows: Vec<String> = bench.write(move |tx| tx.query(names, args![], |row| row.get(0))).unwrap();
    assert_eq!(rows, ["a", "b", "c", "d"]);
    // Two of a crowd insert the same: one of them finds the other's row when it runs again.
    let same = || {
        script(move |tx| {
            let known = "select name from parents where name = 'same'";
            match tx.beside(|tx| tx.query_opt(known, args![], |row| row.get::<String>(0)))? {
                Some(_the_others) => Ok(()),
                None => parent(tx, "same"),
            }
        })
    };
    assert_eq!(at_once(&store, &[same(), insert("beside"), same()]), [Ok(()), Ok(()), Ok(())]);
    assert_eq!(self::names(&bench), ["beside"]);
}

#[test]
fn a_limit_that_is_checked_by_a_count_holds_among_scripts_that_share_a_commit() {
    on_both(|bench| {
        let table = "create table places (name text primary key)";
        bench.write(move |tx| tx.execute(table, args![]).map(drop)).unwrap();
        let takes_one_of_three = |name: String| {
            script(move |tx| {
                let taken: i64 = tx.query_one("select count(*) from places", args![], |row| row.get(0))?;
                if taken >= 3 {
                    return Err(StoreError::NotFound);
                }
                tx.insert_rows("insert into places (name)", &[args![name].to_vec()])
            })
        };
        let scripts: Vec<Script> = (0..8).map(|number| takes_one_of_three(format!("{number}"))).collect();
        let answers = match bench.url {
            DatabaseUrl::Sqlite(_) => at_once(&bench.store, &scripts),
            // On one session: beside each other they would need a row on which they take turns.
            DatabaseUrl::Postgres(_) => at_once(&narrow(bench), &scripts),
        };
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3, "{answers:?}");
        let count = "select count(*) from places";
        assert_eq!(bench.write(move |tx| tx.query_one(count, args![], |row| row.get::<i64>(0))).unwrap(), 3);
    });
}
