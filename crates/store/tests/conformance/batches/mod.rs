//! Scripts that share a commit: a failed script loses only its own writes.

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

/// A script that waits at a gate, and the gate.
fn held() -> (Arc<Barrier>, Script) {
    let gate = Arc::new(Barrier::new(2));
    let (inside, entered) = (Arc::clone(&gate), AtomicBool::new(false));
    let waits = script(move |_tx| {
        // It waits only once, because it may share a batch with the others and run again with them.
        if !entered.swap(true, Ordering::SeqCst) {
            inside.wait();
        }
        Ok(())
    });
    (gate, waits)
}

/// Queues all scripts behind a held script, and then opens the gate.
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

/// Queues all scripts while the store's writer is held, so that they wait together. Returns their answers.
fn at_once(store: &Store, scripts: &[Script]) -> Vec<Result<(), StoreError>> {
    let (gate, held) = held();
    let all = scripts.iter().cloned().map(|script| store.write(move |tx| script(tx)));
    behind(&gate, store.write(move |tx| held(tx)), all)
}

/// A PostgreSQL store whose pools have one session each, so that waiting scripts are taken together.
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
fn a_script_that_fails_after_it_has_written_loses_only_its_own_writes() {
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
fn many_refusals_after_writes_run_each_script_about_once() {
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
    // The first batch runs twice. The later ones use its experience.
    assert!(runs.load(Ordering::SeqCst) <= (rounds + 1) * each, "{runs:?}");
}

#[test]
fn a_disk_that_fills_up_during_a_batch_loses_no_part_of_a_script() {
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
    // Exactly the scripts with an answer of success have a row.
    let mut told = told;
    told.sort();
    assert_eq!(names(&bench), told);
    // With enough room again, all scripts succeed.
    let again = at_once(&bench.store, &[insert("small"), big, insert("also small")]);
    assert!(again.iter().all(Result::is_ok), "{again:?}");
}

#[test]
fn a_script_that_breaks_a_unique_key_among_others_is_the_only_one_to_fail() {
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

#[test]
fn a_script_that_loses_a_race_among_others_runs_again_and_does_not_repeat_them() {
    let Some(bench) = Bench::postgres() else { return };
    let id: PartnerId = bench.write(|tx| store::partners::insert(tx, "first", now())).unwrap().id;
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let loses_twice = script(move |tx| {
        let before: i64 =
            tx.query_one("select version from partners where id = $1", args![id], |row| row.get(0))?;
        let read = if counted.fetch_add(1, Ordering::SeqCst) < 2 { before - 1 } else { before };
        // Its answer is checked before the common commit.
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
            // The statement of this one fails.
            3 => {
                tx.query_one("select 1 / (version - version) from partners where id = $1", args![id], |row| {
                    row.get(0)
                })
            }
            // This one finds no row.
            5 => tx.query_one("select name from partners where id = $1 and version = 0", args![id], |row| {
                row.get(0)
            }),
            // This one runs no statement.
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
fn contract_numbers_have_no_gaps_in_parallel_lanes_although_some_scripts_fail() {
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
fn rows_that_scripts_insert_together_belong_to_their_own_scripts() {
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
            "one that reads its own row",
            script(move |tx| {
                child(tx, "c", "old")?;
                assert!(count(tx)? > 0);
                Ok(())
            }),
        ),
        (
            "one that undoes a part",
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
    // The first three share their commit at once. Each runs until its first statement, and then once completely.
    assert_eq!(at_once(&store, &counted[..3]), [Ok(()), Ok(()), Ok(())]);
    assert_eq!(runs.load(Ordering::SeqCst), 6);
    assert_eq!(at_once(&store, &counted[3..]), [Ok(()), Err(StoreError::NotFound)]);
    let names = "select name from children order by name";
    let rows: Vec<String> = bench.write(move |tx| tx.query(names, args![], |row| row.get(0))).unwrap();
    assert_eq!(rows, ["a", "b", "c", "d"]);
    // Two of them insert the same row. One finds the other's row when it runs again.
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
fn a_limit_that_is_checked_by_a_count_holds_for_scripts_that_share_a_commit() {
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
            // One session only: on parallel sessions the scripts would need a row to lock.
            DatabaseUrl::Postgres(_) => at_once(&narrow(bench), &scripts),
        };
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3, "{answers:?}");
        let count = "select count(*) from places";
        assert_eq!(bench.write(move |tx| tx.query_one(count, args![], |row| row.get::<i64>(0))).unwrap(), 3);
    });
}

/// Two tables for counting scripts.
fn counters(bench: &Bench) {
    let tables = [
        "create table counters (name text primary key, version bigint not null)",
        "create table claims (name text primary key)",
        "insert into counters (name, version) values ('a', 0), ('b', 0)",
    ];
    bench.write(move |tx| tables.iter().try_for_each(|sql| tx.execute(sql, args![]).map(drop))).unwrap();
}

fn version(tx: &mut Tx<'_>, name: &'static str) -> Result<i64, StoreError> {
    tx.query_one("select version from counters where name = $1", args![*name], |row| row.get(0))
}

fn count_up(tx: &mut Tx<'_>, name: &'static str, version: i64) -> Result<(), StoreError> {
    let sql = "update counters set version = version + 1 where name = $1 and version = $2";
    tx.execute_one(sql, args![*name, version])
}

fn claim(tx: &mut Tx<'_>, name: &str) -> Result<u64, StoreError> {
    let sql = "insert into claims (name) values ($1) on conflict do nothing";
    tx.beside(|tx| tx.execute(sql, args![name]))
}

#[test]
fn scripts_that_share_a_commit_wait_together_and_each_write_once() {
    let Some(bench) = Bench::postgres() else { return };
    counters(&bench);
    let runs = Arc::new(AtomicUsize::new(0));
    let scripts: Vec<Script> = (0..6)
        .map(|number| {
            let runs = Arc::clone(&runs);
            script(move |tx| {
                runs.fetch_add(1, Ordering::SeqCst);
                // The name of the second script is already claimed by another one.
                if claim(tx, &format!("{}", number.max(1)))? == 0 {
                    return Ok(());
                }
                let seen = tx.beside(|tx| version(tx, "b"))?;
                // In the last run the script sees its own row and those of the earlier scripts.
                store::partners::insert(tx, &format!("{number}"), now())?;
                let names = "select count(*) from partners";
                assert!(tx.query_one(names, args![], |row| row.get::<i64>(0))? > 0);
                if number == 5 { count_up(tx, "b", seen) } else { Ok(()) }
            })
        })
        .collect();
    let answers = at_once(&narrow(&bench), &scripts);
    assert_eq!(answers, vec![Ok(()); 6]);
    assert_eq!(names(&bench), ["0", "2", "3", "4", "5"]);
    // Each script runs once until each of its two answers, once until the first write or the end, and once more. One
    // script only has a claim.
    assert_eq!(runs.load(Ordering::SeqCst), 5 * 4 + 3);
    assert_eq!(bench.write(|tx| version(tx, "b")), Ok(1));
}

#[test]
fn a_draft_of_a_script_that_shares_a_commit_is_written_only_in_its_last_run() {
    let Some(bench) = Bench::postgres() else { return };
    // The table has no key, so that a repeated row would show.
    bench.write(|tx| tx.execute("create table notes (name text)", args![])).unwrap();
    let drafted = |name: &'static str| {
        let insert = |tx: &mut Tx<'_>| tx.execute_later("insert into notes (name) values ($1)", args![*name]);
        let draft = bench.store.draft(insert).unwrap();
        script(move |tx| tx.run_draft(&draft))
    };
    let scripts = ["a", "b", "c", "d"].map(drafted);
    assert_eq!(at_once(&narrow(&bench), &scripts), [Ok(()), Ok(()), Ok(()), Ok(())]);
    let count = "select count(*) from notes";
    assert_eq!(bench.write(move |tx| tx.query_one(count, args![], |row| row.get::<i64>(0))), Ok(4));
}

#[test]
fn scripts_of_one_commit_that_read_the_same_row_each_change_it() {
    let Some(bench) = Bench::postgres() else { return };
    counters(&bench);
    let counts = |name: &'static str| {
        script(move |tx| {
            let seen = tx.beside(|tx| version(tx, name))?;
            count_up(tx, name, seen)
        })
    };
    let scripts: Vec<Script> =
        (0..12).map(|number| counts(if number % 3 == 0 { "a" } else { "b" })).collect();
    assert_eq!(at_once(&narrow(&bench), &scripts), vec![Ok(()); 12]);
    let versions = bench.write(|tx| Ok::<_, StoreError>((version(tx, "a")?, version(tx, "b")?)));
    assert_eq!(versions, Ok((4, 8)));
}

#[test]
fn a_script_with_different_statements_in_its_last_run_writes_the_last_ones() {
    let Some(bench) = Bench::postgres() else { return };
    counters(&bench);
    let run = Arc::new(AtomicUsize::new(0));
    let strays = script(move |tx| {
        let run = run.fetch_add(1, Ordering::SeqCst);
        if claim(tx, &format!("run {run}"))? == 1 {
            store::partners::insert(tx, "strayed", now()).map(drop)
        } else {
            Ok(())
        }
    });
    let answers = at_once(&narrow(&bench), &[insert("before"), strays, insert("behind")]);
    assert_eq!(answers, [Ok(()), Ok(()), Ok(())]);
    assert_eq!(names(&bench), ["before", "behind", "strayed"]);
    let claims: i64 =
        bench.write(|tx| tx.query_one("select count(*) from claims", args![], |row| row.get(0))).unwrap();
    assert_eq!(claims, 1);
}

#[test]
fn a_script_whose_early_statement_fails_is_the_only_one_to_fail() {
    let Some(bench) = Bench::postgres() else { return };
    counters(&bench);
    let fails = script(|tx| {
        let sql = "select 1 / version from counters where name = 'a'";
        let _none: i64 = tx.beside(|tx| tx.query_one(sql, args![], |row| row.get(0)))?;
        Ok(())
    });
    let answers = at_once(&narrow(&bench), &[insert("before"), fails, insert("behind")]);
    assert!(matches!(answers[1], Err(StoreError::Corrupt(_))), "{answers:?}");
    assert_eq!((&answers[0], &answers[2]), (&Ok(()), &Ok(())));
    assert_eq!(names(&bench), ["before", "behind"]);
}

/// Tables like the program's own. They have many columns and two indexes: the key's, and one that begins with the
/// partner and ends with the id. With few rows of so many columns, the planner prefers the second.
const FAMILY: [&str; 3] = [
    "create table parents (partner_id text, id bigint, state text, a text, b text, c text, d text, e text, f text, \
     g text, h text, i text, j text, primary key (partner_id, id))",
    "create index parents_by_state on parents (partner_id, state, id)",
    "create table children (partner_id text, id bigint, parent bigint, \
     foreign key (partner_id, parent) references parents (partner_id, id))",
];

#[test]
fn plans_for_an_almost_empty_table_do_not_stay_while_it_grows() {
    let Some(bench) = Bench::postgres() else { return };
    for sql in FAMILY {
        bench.write(|tx| tx.execute(sql, args![])).unwrap();
    }
    let store = narrow(&bench);
    let births = 600;
    for id in 1..=births {
        let born = store.write_blocking(move |tx| {
            let sql = "insert into parents (partner_id, id, state, a) values ($1, $2, $3, $4)";
            tx.execute(sql, args!["a", id, "b", "c".repeat(600)])?;
            tx.execute(
                "insert into children (partner_id, id, parent) values ($1, $2, $3)",
                args!["a", id, id],
            )
        });
        assert_eq!(born, Ok::<_, StoreError>(1));
    }
    // A session reports its counts when it ends.
    drop(store);
    let counts = "select cast(n_tup_ins as bigint), cast(coalesce(seq_tup_read, 0) as bigint), \
                  cast((select idx_scan from pg_stat_user_indexes where indexrelname = 'parents_pkey') as bigint) \
                  from pg_stat_user_tables where relname = 'parents'";
    let (read, by_key) = loop {
        let counts: (i64, i64, i64) = bench
            .write(|tx| tx.query_one(counts, args![], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))))
            .unwrap();
        if counts.0 == births {
            break (counts.1, counts.2);
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    assert!(by_key > births / 2, "{by_key} checks by the key, {read} rows read by scans");
}

#[test]
fn rows_of_a_list_are_looked_up_by_their_keys_in_a_table_without_statistics() {
    let Some(bench) = Bench::postgres() else { return };
    let waiting = [
        "create table waiting (partner_id text, id bigint, place bigint, primary key (partner_id, id)) \
         with (autovacuum_enabled = false)",
        "insert into waiting (partner_id, id) select 'a', number from generate_series(1, 20000) as number",
    ];
    for sql in waiting {
        bench.write(|tx| tx.execute(sql, args![])).unwrap();
    }
    let given = (1..=128).map(|id| format!("('a', {id}, {id})")).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "explain with given (of_partner, of_id, given_place) as (values {given}) \
         update waiting set place = given_place from given \
         where partner_id = of_partner || '' and id = of_id + 0 \
         and case when place is null then 1 else 0 end <> 0"
    );
    for parameters in [&[][..], &[("pooler", "transaction")]] {
        let url = parameters
            .iter()
            .fold(bench.url.clone(), |url, (name, value)| url.with_parameter(name, value).unwrap());
        let sql = sql.clone();
        let plan = open(&url).write_blocking(move |tx| {
            tx.query(&sql, args![], |row| row.get::<String>(0)).map(|lines| lines.join("\n"))
        });
        let plan = plan.map_err(|error: StoreError| error).unwrap();
        assert!(plan.contains("Index Cond: ((partner_id = ") && plan.contains("AND (id = "), "{plan}");
    }
}
