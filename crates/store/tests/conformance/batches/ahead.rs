//! Scripts of one commit whose statements leave ahead of them, and the plans of their look-ups.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use store::{StoreError, Tx, args};

use super::{Script, at_once, insert, names, narrow, now, script};
use crate::{Bench, open};

/// Two tables that scripts count in, and the number in one of them.
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
                // Another one has the name of the second.
                if claim(tx, &format!("{}", number.max(1)))? == 0 {
                    return Ok(());
                }
                let seen = tx.beside(|tx| version(tx, "b"))?;
                // In the last run its own row is seen, and those of the scripts before.
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
    // One run until each of the two answers and one until the first write, or the end, and one more; one has only a claim.
    assert_eq!(runs.load(Ordering::SeqCst), 5 * 4 + 3);
    assert_eq!(bench.write(|tx| version(tx, "b")), Ok(1));
}

#[test]
fn a_draft_of_a_script_that_shares_a_commit_is_written_in_its_last_run_alone() {
    let Some(bench) = Bench::postgres() else { return };
    // Without a key, so that a row may come twice.
    bench.write(|tx| tx.execute("create table drafted (name text)", args![])).unwrap();
    let drafted = |name: &'static str| {
        let insert = |tx: &mut Tx<'_>| tx.insert_rows("insert into drafted (name)", &[args![*name].to_vec()]);
        let draft = bench.store.draft(insert).unwrap();
        script(move |tx| tx.run_draft(&draft))
    };
    let scripts = ["a", "b", "c", "d"].map(drafted);
    assert_eq!(at_once(&narrow(&bench), &scripts), [Ok(()), Ok(()), Ok(()), Ok(())]);
    let count = "select count(*) from drafted";
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
fn a_script_that_asks_for_something_else_in_its_last_run_writes_what_it_asked_for_last() {
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
fn a_script_whose_statement_fails_ahead_of_it_fails_alone() {
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

/// As in the foundation: many columns, and the key's index beside one that begins with the partner and ends with the id. With
/// few rows of so many columns, the planner takes the second.
const FAMILY: [&str; 3] = [
    "create table parents (partner_id text, id bigint, state text, a text, b text, c text, d text, e text, f text, \
     g text, h text, i text, j text, primary key (partner_id, id))",
    "create index parents_by_state on parents (partner_id, state, id)",
    "create table children (partner_id text, id bigint, parent bigint, \
     foreign key (partner_id, parent) references parents (partner_id, id))",
];

#[test]
fn plans_for_an_all_but_empty_table_do_not_stay_while_it_grows() {
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
    // A session tells its counts when it ends.
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
    // A plan that stayed would read every parent before for each child: 180,000 rows.
    assert!(read < births * births / 8, "{by_key} checks by the key, {read} rows read one after another");
}

#[test]
fn a_list_of_rows_is_looked_up_by_their_keys_while_a_table_has_no_statistics() {
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
