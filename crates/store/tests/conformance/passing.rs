//! Temporary errors of PostgreSQL: the caller gets `Unavailable`, and the store recovers by itself.

use domain::id::PartnerId;
use domain::time::RealTime;
use store::db::DatabaseUrl;
use store::test_support::PostgresCluster;
use store::{StoreError, args};

use crate::{Bench, open};

fn now() -> RealTime {
    RealTime::from_seconds(1_780_000_000)
}

/// A store on PostgreSQL with a partner, and a separate session.
struct Case {
    bench: Bench,
    partner: PartnerId,
    admin: postgres::Client,
}

impl Case {
    fn new() -> Option<Self> {
        let bench = Bench::postgres()?;
        let partner = bench.write(|tx| store::partners::insert(tx, "Mercado Exemplo", now())).unwrap().id;
        let DatabaseUrl::Postgres(url) = &bench.url else { unreachable!("the bench is on PostgreSQL") };
        let admin = postgres::Client::connect(url, postgres::NoTls).unwrap();
        Some(Self { bench, partner, admin })
    }

    fn touch(&self) -> Result<(), StoreError> {
        let partner = self.partner;
        self.bench.write(move |tx| store::partners::touch(tx, partner))
    }

    /// Changes a setting of the database, for every later session.
    fn set(&mut self, setting: &str) {
        let sql = format!(
            "do $$ begin execute format('alter database %I set {setting}', current_database()); end $$"
        );
        self.admin.batch_execute(&sql).unwrap();
        self.end_sessions();
    }

    /// Ends every other session, as a restart or an administrator does.
    fn end_sessions(&mut self) {
        let sql = "select pg_terminate_backend(pid) from pg_stat_activity \
                   where pid <> pg_backend_pid() and datname = current_database()";
        self.admin.execute(sql, &[]).unwrap();
    }

    /// Checks that every worker of the pool can write.
    fn serves_again(&self) {
        for _ in 0..20 {
            self.touch().unwrap();
        }
    }
}

#[track_caller]
fn passes(outcome: Result<(), StoreError>, code: &str) {
    match outcome {
        Err(StoreError::Unavailable(why)) => assert!(why.contains(code), "{why}"),
        other => panic!("{code} is {other:?}"),
    }
}

#[test]
fn a_read_only_database_is_unavailable_until_it_accepts_writes() {
    let Some(mut case) = Case::new() else { return };
    case.set("default_transaction_read_only = on");
    for _ in 0..20 {
        passes(case.touch(), "25006");
    }
    // Only new sessions may write, so the store must have dropped the read-only ones.
    let sql = "do $$ begin execute format('alter database %I reset default_transaction_read_only', \
               current_database()); end $$";
    case.admin.batch_execute("set default_transaction_read_only = off").unwrap();
    case.admin.batch_execute(sql).unwrap();
    case.serves_again();
}

#[test]
fn a_lock_that_is_not_granted_in_time_is_unavailable() {
    let Some(mut case) = Case::new() else { return };
    case.set("lock_timeout = 20");
    let mut lock = case.admin.transaction().unwrap();
    lock.execute("update partners set version = version", &[]).unwrap();
    let partner = case.partner;
    let refused = case.bench.write(move |tx| store::partners::touch(tx, partner));
    passes(refused, "55P03");
    lock.rollback().unwrap();
    case.serves_again();
}

#[test]
fn missing_rights_and_missing_tables_are_not_corruption() {
    let Some(case) = Case::new() else { return };
    for (sql, code) in [
        ("select * from no_such_table", "42P01"),
        ("select no_such_column from partners", "42703"),
        ("create extension no_such_extension", "0A000"),
        ("do $$ begin raise exception 'no'; end $$", "P0001"),
    ] {
        passes(case.bench.write(move |tx| tx.execute(sql, &[]).map(drop)), code);
    }
    case.serves_again();
}

#[test]
fn a_value_of_the_wrong_type_is_corrupt_and_not_in_the_message() {
    let Some(case) = Case::new() else { return };
    let read =
        case.bench.write(|tx| tx.execute("select ($1::text)::bigint", args!["12345678909x"]).map(drop));
    match read {
        Err(StoreError::Corrupt(why)) => {
            assert!(why.starts_with("22P02 ") && !why.contains("12345678909"), "{why}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn ended_sessions_and_lost_statements_fail_no_script() {
    let Some(mut case) = Case::new() else { return };
    let partner = case.partner;
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for round in 0..10 {
        match round % 2 {
            0 => case.end_sessions(),
            _ => case.bench.write(|tx| tx.execute("deallocate all", &[]).map(drop)).unwrap(),
        }
        for _ in 0..12 {
            case.touch().unwrap();
            runtime.block_on(case.bench.store.read(move |tx| store::partners::find(tx, partner))).unwrap();
            runtime.block_on(case.bench.store.look_up(move |tx| store::partners::find(tx, partner))).unwrap();
        }
    }
}

#[test]
fn a_changed_password_is_unavailable_until_it_is_correct_again() {
    let Some(cluster) = PostgresCluster::own() else { return };
    let url = cluster.database_of("dinie", "first");
    let bench = Bench { store: open(&url), url, _folder: None, _distributed: None };
    let partner = bench.write(|tx| store::partners::insert(tx, "Mercado Exemplo", now())).unwrap().id;
    let touch = || bench.write(move |tx| store::partners::touch(tx, partner));
    cluster.set_password("dinie", "second");
    cluster.restart_at_once();
    for _ in 0..12 {
        passes(touch(), "28P01");
    }
    cluster.set_password("dinie", "first");
    touch().unwrap();
}
