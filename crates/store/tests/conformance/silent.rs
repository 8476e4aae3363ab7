//! A network between the store and PostgreSQL that delays, freezes, cuts, or loses the answer of a commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use domain::id::PartnerId;
use domain::time::Timestamp;
use store::db::{DatabaseUrl, Deadlines};
use store::seal::MasterKey;
use store::test_support::PostgresCluster;
use store::test_support::proxy::{Fault, Proxy};
use store::{Store, StoreError, Tx, args};

use crate::open;

/// Longest duration of a script here. Even a slow machine needs far less for an undisturbed one.
const BOUND: Duration = Duration::from_secs(2);

fn now() -> Timestamp {
    Timestamp::from_seconds(1_780_000_000)
}

/// A store behind a proxy, a store without it, and a partner.
struct Case {
    proxy: Proxy,
    store: Store,
    direct: Store,
    partner: PartnerId,
    runtime: tokio::runtime::Runtime,
}

impl Case {
    fn new() -> Option<Self> {
        let DatabaseUrl::Postgres(url) = PostgresCluster::shared()?.database() else { return None };
        let proxy = Proxy::before(&url);
        let place = proxy.url(&url);
        let direct = open(&DatabaseUrl::Postgres(url));
        let place = DatabaseUrl::Postgres(format!("{place}?connect_timeout=1"));
        let deadlines = Deadlines { read: BOUND, write: BOUND };
        let store = Store::open_with(&place, MasterKey::new([42; 32]), deadlines).unwrap();
        let partner =
            direct.write_blocking(|tx| store::partners::insert(tx, "Mercado Exemplo", now().unmoved()));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        Some(Self { proxy, store, direct, partner: partner.unwrap().id, runtime: runtime.unwrap() })
    }

    fn touch(&self) -> Result<(), StoreError> {
        let partner = self.partner;
        self.store.write_blocking(move |tx| store::partners::touch(tx, partner))
    }

    fn look_up(&self) -> Result<i64, StoreError> {
        let partner = self.partner;
        self.runtime.block_on(self.store.look_up(move |tx| version(tx, partner)))
    }

    fn read(&self) -> Result<i64, StoreError> {
        let partner = self.partner;
        self.runtime.block_on(self.store.read(move |tx| version(tx, partner)))
    }

    fn version(&self) -> i64 {
        let partner = self.partner;
        self.direct.write_blocking(move |tx| version(tx, partner)).unwrap()
    }

    /// Runs each kind of script so many times. None may fail.
    fn works(&self, times: usize) {
        for _ in 0..times {
            self.touch().unwrap();
            self.look_up().unwrap();
            self.read().unwrap();
        }
    }

    /// A case in which every session of every pool was used, with the version before the faults.
    fn warm() -> Option<(Self, i64)> {
        let case = Self::new()?;
        case.works(12);
        let before = case.version();
        Some((case, before))
    }
}

fn version(tx: &mut Tx<'_>, id: PartnerId) -> Result<i64, StoreError> {
    tx.query_one("select version from partners where id = $1", args![id], |row| row.get(0))
}

#[test]
fn after_a_cut_no_script_fails_and_none_has_its_effect_twice() {
    let Some((case, before)) = Case::warm() else { return };
    for _ in 0..3 {
        case.proxy.cut();
        case.works(12);
    }
    assert_eq!(case.version(), before + 36);
}

#[test]
fn silent_connections_delay_no_script_longer_than_the_bound() {
    let Some((case, before)) = Case::warm() else { return };
    case.proxy.freeze_open_connections();
    // The store gives up each session once its script has reached the bound. New sessions work.
    let mut done = 0;
    let began = Instant::now();
    for _ in 0..40 {
        match case.touch() {
            Ok(()) => done += 1,
            Err(StoreError::Unavailable(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
        let _either_way = (case.look_up(), case.read());
    }
    assert!(done > 0, "no write succeeded in {:?}", began.elapsed());
    case.works(12);
    assert_eq!(case.version(), before + done + 12);
}

#[test]
fn other_connections_serve_while_some_are_silent() {
    let Some((case, _)) = Case::warm() else { return };
    case.proxy.freeze_open_connections();
    // One write gets a silent session and waits for its bound. Meanwhile the other pools do the same, once each.
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| case.touch());
        while case.look_up().is_err() {}
        while case.read().is_err() {}
        assert!(matches!(waits.join().unwrap(), Err(StoreError::Unavailable(_))));
    });
}

#[test]
fn a_commit_whose_answer_is_lost_is_not_run_again() {
    let Some((case, before)) = Case::warm() else { return };
    case.proxy.set(Fault::DropAnswerOfCommit);
    let runs = Arc::new(AtomicUsize::new(0));
    let (counted, partner) = (Arc::clone(&runs), case.partner);
    let outcome = case.store.write_blocking(move |tx| {
        counted.fetch_add(1, Ordering::SeqCst);
        store::partners::touch(tx, partner)
    });
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    case.proxy.set(Fault::None);
    assert_eq!((runs.load(Ordering::SeqCst), case.version()), (1, before + 1));
    case.touch().unwrap();
    assert_eq!(case.version(), before + 2);
}

#[test]
fn a_slow_network_delays_scripts_and_loses_none() {
    let Some((case, before)) = Case::warm() else { return };
    case.proxy.set(Fault::Delay(Duration::from_millis(20)));
    case.works(5);
    assert_eq!(case.version(), before + 5);
}

#[test]
fn acknowledged_writes_survive_all_faults_of_connections() {
    let Some((case, before)) = Case::warm() else { return };
    let (acknowledged, unknown) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let writing = std::sync::atomic::AtomicBool::new(true);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while writing.load(Ordering::SeqCst) {
                    match case.touch() {
                        Ok(()) => acknowledged.fetch_add(1, Ordering::SeqCst),
                        Err(StoreError::Unavailable(_)) => unknown.fetch_add(1, Ordering::SeqCst),
                        Err(other) => panic!("{other:?}"),
                    };
                }
            });
        }
        // Each round waits for progress, so that the faults affect work under way.
        for round in 0..8 {
            let seen = acknowledged.load(Ordering::SeqCst);
            while acknowledged.load(Ordering::SeqCst) < seen + 30 {
                std::thread::yield_now();
            }
            match round % 4 {
                0 => case.proxy.cut(),
                1 => case.proxy.freeze_open_connections(),
                2 => case.proxy.set(Fault::DropAnswerOfCommit),
                _ => case.proxy.set(Fault::None),
            }
            if round % 4 == 2 {
                let lost = unknown.load(Ordering::SeqCst);
                while unknown.load(Ordering::SeqCst) == lost {
                    std::thread::yield_now();
                }
                case.proxy.set(Fault::None);
            }
        }
        writing.store(false, Ordering::SeqCst);
    });
    let kept = case.version() - before;
    let (sure, unsure) = (acknowledged.into_inner(), unknown.into_inner());
    assert!(usize::try_from(kept).unwrap() >= sure, "{sure} acknowledged, {kept} kept");
    assert!(usize::try_from(kept).unwrap() <= sure + unsure, "{kept} kept of {sure} and {unsure}");
}

#[test]
fn a_read_whose_caller_leaves_is_cancelled_at_the_server() {
    let Some(case) = Case::new() else { return };
    let sleeping = "select count(*) from pg_stat_activity where query like 'select pg_sleep(%' and state = 'active' \
                    and datname = current_database()";
    let count = || {
        case.direct.write_blocking(move |tx| tx.query_one(sleeping, &[], |row| row.get::<i64>(0))).unwrap()
    };
    case.runtime.block_on(async {
        let sleep = case.store.read(|tx| tx.query("select pg_sleep(60), 1", &[], |_row| Ok(())));
        tokio::select! {
            outcome = sleep => panic!("{outcome:?}"),
            () = async { while tokio::task::block_in_place(count) == 0 { tokio::task::yield_now().await; } } => {}
        }
    });
    while count() != 0 {
        std::thread::yield_now();
    }
    case.read().unwrap();
}

#[test]
fn the_server_ends_a_script_that_takes_too_long_and_its_session_can_be_used_again() {
    let Some(case) = Case::new() else { return };
    let slept = case.store.write_blocking(|tx| tx.execute("select pg_sleep(30)", &[]).map(drop));
    assert!(matches!(slept, Err(StoreError::Unavailable(_))), "{slept:?}");
    case.works(12);
}
