//! Migrations while nodes serve: who may run them, which locks they take, and how they continue after an
//! interruption.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use domain::time::RealTime;
use store::db::{DatabaseUrl, Deadlines};
use store::migrations::{
    self, Backfill, Contracting, Migration, Phase, Range, Report, Step, TREE, Tree, Unserved,
};
use store::seal::MasterKey;
use store::test_support::PostgresCluster;
use store::{OpenError, Store, StoreError, Tx, args};

use crate::aggregates::real;
use crate::{Bench, on_both};

/// An expansion with one step of each kind.
const EXPAND: Migration = Migration {
    name: "rank",
    phase: Phase::Expand,
    steps: &[
        Step::Sql("alter table partners add column rank bigint"),
        Step::Index { name: "partners_by_rank", on: "partners (rank, id)" },
        Step::Backfill(Backfill { name: "rank", some: rank_some }),
    ],
};

/// Raises the rank of two partners after `after` by one, so that a second visit would show.
fn rank_some(tx: &mut Tx<'_>, after: &str) -> Result<Option<String>, StoreError> {
    let sql = "select id from partners where id > $1 order by id limit 2";
    let ids: Vec<String> = tx.query(sql, args![*after], |row| row.get(0))?;
    for id in &ids {
        // A partner of this name interrupts the backfill.
        let sql = "select name from partners where id = $1 and name = 'stop'";
        if tx.query_opt(sql, args![*id], |row| row.get::<String>(0))?.is_some() {
            return Err(StoreError::Unavailable("interrupted".into()));
        }
        tx.execute_one("update partners set rank = coalesce(rank, 0) + 1 where id = $1", args![*id])?;
    }
    Ok(ids.last().cloned())
}

/// This program's migrations, followed by others.
fn extended(more: &[Migration]) -> Tree {
    Tree(Box::leak([TREE.0, more].concat().into_boxed_slice()))
}

fn contract(serves_from: i64) -> Migration {
    Migration {
        name: "rankless",
        phase: Phase::Contract { serves_from },
        steps: &[Step::Sql("drop index partners_by_rank; alter table partners drop column rank")],
    }
}

fn master() -> MasterKey {
    MasterKey::new([42; 32])
}

fn migrate(url: &DatabaseUrl, tree: Tree, contracting: Contracting) -> Result<Report, OpenError> {
    migrations::migrate(url, master(), tree, contracting)
}

/// Makes partners whose ids have the order of the list.
fn partners(bench: &Bench, names: &[&'static str]) {
    for (second, name) in (1..).zip(names.iter().copied()) {
        bench.write(move |tx| store::partners::insert(tx, name, real(second)).map(drop)).unwrap();
    }
}

fn ranks(bench: &Bench) -> Vec<Option<i64>> {
    bench.write(|tx| tx.query("select rank from partners order by id", &[], |row| row.get(0))).unwrap()
}

/// The version before and after [`EXPAND`].
fn versions() -> (i64, i64) {
    let Range { to, .. } = TREE.range();
    (to, to + 1)
}

#[test]
fn a_database_with_tables_of_another_version_is_refused() {
    let changed = "update schema_history set checksum = '1' where version = 1";
    let former = "create table refinery_schema_history (version bigint)";
    for history in [changed, former] {
        on_both(|bench| {
            bench.write(move |tx| tx.execute(history, &[])).unwrap();
            let refused = Store::open(&bench.url, master()).err().unwrap();
            assert!(matches!(refused, OpenError::Unserved(Unserved::Foreign)), "{refused}");
            assert!(migrate(&bench.url, TREE, Contracting::Runs).is_err());
        });
    }
}

#[test]
fn a_command_does_not_change_the_schema_and_names_the_next_step() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("none.db");
    let missing = DatabaseUrl::Sqlite(file.clone());
    let empty = PostgresCluster::shared().map(PostgresCluster::database);
    for url in std::iter::once(missing).chain(empty) {
        let refused = Store::open_as_it_is(&url, master(), TREE).err().unwrap();
        assert!(matches!(refused, OpenError::Unserved(Unserved::Empty)), "{refused}");
        assert!(refused.to_string().contains("dinie migrate"), "{refused}");
    }
    assert!(!file.exists());
    on_both(|bench| {
        let (version, needs) = versions();
        let refused = Store::open_as_it_is(&bench.url, master(), extended(&[EXPAND])).err().unwrap();
        let expected = Unserved::Behind { version, needs };
        assert!(matches!(&refused, OpenError::Unserved(found) if *found == expected), "{refused}");
        Store::open_as_it_is(&bench.url, master(), TREE).unwrap();
    });
}

#[test]
fn a_server_migrates_its_own_file_and_refuses_a_shared_database() {
    on_both(|bench| {
        let opened = Store::open_to_serve(&bench.url, master(), Deadlines::default(), extended(&[EXPAND]));
        match &bench.url {
            DatabaseUrl::Sqlite(_) => drop(opened.unwrap()),
            DatabaseUrl::Postgres(_) => {
                let refused = opened.err().unwrap();
                assert!(matches!(refused, OpenError::Unserved(Unserved::Behind { .. })), "{refused}");
            }
        }
    });
}

#[test]
fn an_older_node_serves_after_an_expansion_until_a_contraction() {
    on_both(|bench| {
        let (old, new) = versions();
        let tree = extended(&[EXPAND, contract(new)]);
        partners(bench, &["a", "b", "c"]);
        let report = migrate(&bench.url, tree, Contracting::Waits).unwrap();
        assert_eq!((report.before.version, report.after.version), (old, new));
        assert_eq!(report.held_back, Some((new + 1, new)));
        // The already open store continues, and the old program can open another one.
        partners(bench, &["d"]);
        let served = bench.second_node();
        assert_eq!(TREE.serves(served.write_blocking(migrations::schema).unwrap()), Ok(()));
        drop(Store::open_as_it_is(&bench.url, master(), tree).unwrap());

        migrate(&bench.url, tree, Contracting::Runs).unwrap();
        let ahead = Unserved::Ahead { needs: new, supports: old };
        assert_eq!(TREE.serves(served.write_blocking(migrations::schema).unwrap()), Err(ahead));
        assert!(Store::open_as_it_is(&bench.url, master(), TREE).is_err());
        drop(Store::open_as_it_is(&bench.url, master(), extended(&[EXPAND])).unwrap());
    });
}

#[test]
fn an_interrupted_migration_continues_from_the_last_step() {
    on_both(|bench| {
        let (_, new) = versions();
        let tree = extended(&[EXPAND]);
        partners(bench, &["a", "b", "c", "d", "stop", "f"]);
        assert!(migrate(&bench.url, tree, Contracting::Waits).is_err());
        let refused = Store::open_as_it_is(&bench.url, master(), tree).err().unwrap();
        let unfinished = Unserved::Unfinished { version: new };
        assert!(matches!(&refused, OpenError::Unserved(found) if *found == unfinished), "{refused}");
        assert_eq!(ranks(bench), [Some(1), Some(1), Some(1), Some(1), None, None]);
        bench.write(|tx| tx.execute_one("update partners set name = 'e' where name = 'stop'", &[])).unwrap();
        let report = migrate(&bench.url, tree, Contracting::Waits).unwrap();
        assert_eq!(report.after.version, new);
        assert_eq!(ranks(bench), [Some(1); 6]);
        // Another run changes nothing.
        migrate(&bench.url, tree, Contracting::Waits).unwrap();
        assert_eq!(ranks(bench), [Some(1); 6]);
    });
}

#[test]
fn an_index_with_an_interrupted_build_is_built_again() {
    let Some(bench) = Bench::postgres() else { return };
    let tree = extended(&[EXPAND]);
    partners(&bench, &["a", "a"]);
    let DatabaseUrl::Postgres(url) = &bench.url else { unreachable!("the bench is on PostgreSQL") };
    let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
    // A unique index over equal names fails and leaves an invalid index, as a lost connection would.
    let built = client.batch_execute("create unique index concurrently partners_by_rank on partners (name)");
    assert!(built.is_err());
    migrate(&bench.url, tree, Contracting::Waits).unwrap();
    let sql = "select pg_get_indexdef(indexrelid), indisvalid from pg_index \
               where indexrelid = 'partners_by_rank'::regclass";
    let row = client.query_one(sql, &[]).unwrap();
    assert!(row.get::<_, String>(0).ends_with("(rank, id)") && row.get::<_, bool>(1));
}

/// A long transaction holds a lock that the migration needs. Other transactions must not queue behind the migration.
#[test]
fn a_migration_that_waits_for_a_lock_delays_no_other_transaction() {
    let Some(bench) = Bench::postgres() else { return };
    let tree = extended(&[EXPAND]);
    let DatabaseUrl::Postgres(url) = &bench.url else { unreachable!("the bench is on PostgreSQL") };
    partners(&bench, &["a"]);
    let mut holder = postgres::Client::connect(url, postgres::NoTls).unwrap();
    holder.batch_execute("begin; select count(*) from partners").unwrap();
    let mut watch = postgres::Client::connect(url, postgres::NoTls).unwrap();
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let running = scope.spawn(|| {
            let report = migrate(&bench.url, tree, Contracting::Waits);
            ended.store(true, Ordering::SeqCst);
            report
        });
        // Two waits prove that the migration has requested the lock at least twice.
        let waiting = "select count(*) from pg_locks where relation = 'partners'::regclass and not granted";
        let (mut waits, mut was_waiting) = (0, false);
        while waits < 2 {
            let waits_now = watch.query_one(waiting, &[]).unwrap().get::<_, i64>(0) > 0;
            waits += usize::from(waits_now && !was_waiting);
            was_waiting = waits_now;
        }
        // Behind an `alter table` without a time limit, these writes would wait for the holder, and the holder for
        // them.
        partners(&bench, &["b", "c", "d", "e"]);
        assert!(!ended.load(Ordering::SeqCst));
        holder.batch_execute("commit").unwrap();
        assert_eq!(running.join().unwrap().unwrap().held_back, None);
    });
    assert_eq!(ranks(&bench), [Some(1); 5]);
}

#[test]
fn nodes_that_start_together_on_an_empty_database_migrate_one_after_another() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = DatabaseUrl::Sqlite(folder.path().join("new.db"));
    let server = PostgresCluster::shared().map(PostgresCluster::database);
    for url in std::iter::once(file).chain(server) {
        let (made, made_by) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..4 {
                let (url, made) = (&url, made.clone());
                scope.spawn(move || made.send(Store::open(url, master()).map(drop)).unwrap());
            }
        });
        drop(made);
        for opened in made_by {
            opened.unwrap();
        }
    }
}

/// Most rows that a writer adds during a backfill.
const MOST_BESIDE: usize = 100;

/// Two runs at once, while a writer works: each row is filled once, and no write fails.
#[test]
fn two_runs_at_once_fill_each_row_once_while_a_writer_works() {
    on_both(|bench| {
        let tree = extended(&[EXPAND]);
        partners(bench, &["a", "b", "c", "d", "e"]);
        let (stop, written) = (AtomicBool::new(false), AtomicUsize::new(0));
        thread::scope(|scope| {
            let runs: Vec<_> =
                (0..2).map(|_| scope.spawn(|| migrate(&bench.url, tree, Contracting::Waits))).collect();
            scope.spawn(|| {
                // The writer has a limit. Otherwise a writer faster than the backfill would never let it end.
                while !stop.load(Ordering::SeqCst) && written.load(Ordering::SeqCst) < MOST_BESIDE {
                    partners(bench, &["beside"]);
                    written.fetch_add(1, Ordering::SeqCst);
                }
            });
            let reports: Vec<_> = runs.into_iter().map(|run| run.join().unwrap()).collect();
            stop.store(true, Ordering::SeqCst);
            for report in reports {
                assert_eq!(report.unwrap().after.version, versions().1);
            }
        });
        let ranks = ranks(bench);
        assert_eq!(ranks.len(), 5 + written.load(Ordering::SeqCst));
        assert!(ranks.iter().filter(|rank| **rank == Some(1)).count() >= 5, "{ranks:?}");
        assert!(ranks.iter().all(|rank| rank.is_none_or(|rank| rank == 1)), "{ranks:?}");
    });
}

#[test]
fn a_role_without_rights_to_create_tables_can_serve() {
    let Some(cluster) = PostgresCluster::shared() else { return };
    let url = cluster.database();
    migrate(&url, TREE, Contracting::Waits).unwrap();
    let DatabaseUrl::Postgres(owner) = &url else { unreachable!("the database is on PostgreSQL") };
    let mut client = postgres::Client::connect(owner, postgres::NoTls).unwrap();
    let rights = "create role dinie_server login;
        grant usage on schema public to dinie_server;
        grant select, insert, update, delete on all tables in schema public to dinie_server;
        grant usage on all sequences in schema public to dinie_server";
    client.batch_execute(rights).unwrap();
    let serving = DatabaseUrl::Postgres(owner.replace("postgres@", "dinie_server@"));
    let store = Store::open(&serving, master()).unwrap();
    store.write_blocking(|tx| store::partners::insert(tx, "Mercado Exemplo", real(1))).unwrap();
    store
        .write_blocking(|tx| store::system_keys::add_signing_key(tx, RealTime::from_seconds(1)).map(drop))
        .unwrap();
    let made = store.write_blocking(|tx| tx.execute("create table t (id text)", &[]));
    assert!(made.is_err());
}
