//! `dinie bench purge`: writes beside the purge of many old answers, and the space that it returns.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use domain::id::PartnerId;
use domain::time::Timestamp;
use hyper::Method;
use serde::Serialize;
use store::db::DatabaseUrl;
use store::idempotency::{StoredAnswer, claim, store_answer};
use store::seal::MasterKey;
use store::{Store, StoreError, Tx, args};
use tempfile::TempDir;

use super::caller::{Caller, registration};
use super::growth::Opened;
use super::load::{self, Ask, Measured};
use super::target::{MASTER_KEY, Target, database_of};
use crate::cli::say;
use crate::clock::real_now;

/// Connections that write.
const WRITERS: u64 = 16;
/// Time between two checks whether the purge has ended.
const TURN: Duration = Duration::from_millis(250);
/// The age of the keys: they have been free for long.
const AGE: Duration = Duration::from_secs(30 * 86_400);
/// How many keys one transaction makes.
const AT_ONCE: u64 = 2_000;
/// Bytes of an answer: those of a customer.
const ANSWER: usize = 1_000;

/// The figures.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    database: &'static str,
    keys: u64,
    /// From the start of the server until the last key was gone.
    purge_ms: u64,
    beside: Measured,
    alone: Measured,
    full_mb: i64,
    /// After the purge, which returns free pages on SQLite.
    left_mb: i64,
}

/// Measures a server on a new SQLite file or on a new database of the named server.
pub(super) async fn measure(database: Option<&str>, keys: u64, span: Duration) -> anyhow::Result<Report> {
    let folder = TempDir::new()?;
    let (mut target, mut caller) = Caller::of_new(folder.path(), database).await?;
    let load = Load { url: database_of(folder.path(), database)?, keys, span, next: Arc::new(1_000.into()) };
    let report = load.run(&mut target, &mut caller).await?;
    target.stop().await?;
    Ok(report)
}

/// Measures a server on a database that `dinie bench growth --fill` has filled.
pub(super) async fn measure_filled(folder: &Path, keys: u64, span: Duration) -> anyhow::Result<Report> {
    let mut opened = Opened::of(folder).await?;
    let url = database_of(folder, opened.database().as_deref())?;
    let load = Load { url, keys, span, next: Arc::new(opened.next().into()) };
    let report = load.run(&mut opened.target, &mut opened.caller).await?;
    opened.stop(load.next.load(Ordering::Relaxed)).await?;
    Ok(report)
}

/// The old answers that are purged, and the writes beside the purge.
struct Load {
    url: DatabaseUrl,
    keys: u64,
    span: Duration,
    /// The number of the next registration.
    next: Arc<AtomicU64>,
}

impl Load {
    async fn run(&self, target: &mut Target, caller: &mut Caller) -> anyhow::Result<Report> {
        let (partner, keys, url) = (caller.partner()?, self.keys, self.url.clone());
        target.meanwhile(move |store| fill(&store, partner, keys)).await?;
        let started = Instant::now();
        caller.call_at(target.address);
        let store =
            tokio::task::spawn_blocking(move || Store::open(&url, MasterKey::new(MASTER_KEY))).await??;
        let (full, ask) = (bytes(&store).await?, self.register());
        let mut latencies = Vec::new();
        while any_left(&store).await? {
            latencies.extend(write(target, caller, TURN, &ask).await?);
        }
        let purged = started.elapsed();
        let left = space_left(&store).await?;
        let alone = Measured::of(write(target, caller, self.span, &ask).await?, self.span);
        Ok(Report {
            database: store.engine_name(),
            keys,
            purge_ms: u64::try_from(purged.as_millis())?,
            beside: Measured::of(latencies, purged),
            alone,
            full_mb: full / 1_000_000,
            left_mb: left / 1_000_000,
        })
    }

    fn register(&self) -> Ask {
        let next = Arc::clone(&self.next);
        Arc::new(move |_| {
            let number = next.fetch_add(1, Ordering::Relaxed);
            (Method::POST, "/v3/customers".to_owned(), Some(registration(number, "manual").to_string()))
        })
    }
}

/// Latencies of registrations over a span, in microseconds.
async fn write(target: &Target, caller: &Caller, span: Duration, ask: &Ask) -> anyhow::Result<Vec<u64>> {
    let ask = Arc::clone(ask);
    Ok(load::turn(target.address, &caller.token, WRITERS, span, 201, ask).await?.0)
}

/// Makes keys that have been free for long.
fn fill(store: &Store, partner: PartnerId, keys: u64) -> anyhow::Result<()> {
    let made = real_now().minus(AGE);
    let answer = StoredAnswer { status: 201, location: None, body: vec![b'x'; ANSWER] };
    for first in (0..keys).step_by(usize::try_from(AT_ONCE)?) {
        let answer = answer.clone();
        let some = move |tx: &mut Tx<'_>| {
            for number in first..keys.min(first + AT_ONCE) {
                let key = format!("bench-{number}");
                claim(tx, partner.into(), &key, "bench", made, made)?;
                store_answer(tx, partner.into(), made, &key, &answer)?;
            }
            Ok::<_, StoreError>(())
        };
        store.write_blocking(some)?;
    }
    Ok(())
}

async fn any_left(store: &Store) -> Result<bool, StoreError> {
    let free: Timestamp = real_now().minus(AGE / 2);
    let left = move |tx: &mut Tx<'_>| {
        let sql = "select status from idempotency_keys where created_at < $1 limit 1";
        Ok::<_, StoreError>(tx.query_opt(sql, args![free], |_row| Ok(()))?.is_some())
    };
    store.read(left).await
}

async fn bytes(store: &Store) -> Result<i64, StoreError> {
    store.read(app_bytes).await
}

fn app_bytes(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.query_one(tx.dialect().database_bytes, &[], |row| row.get(0))
}

/// The bytes that the database takes once nothing more is returned.
async fn space_left(store: &Store) -> Result<i64, StoreError> {
    let mut left = bytes(store).await?;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = bytes(store).await?;
        if now == left {
            return Ok(left);
        }
        left = now;
    }
}

impl Report {
    /// Prints the figures.
    pub(super) fn print(&self) {
        let row = |name: &str, m: Measured, bar: &str| {
            say(&format!("  {name:<34}{:>9}/s{:>9} µs{:>9} µs   {bar}", m.rate, m.p50_us, m.p99_us));
        };
        say(&format!("  {:<34}{:>11}{:>12}{:>12}   against its bar", self.database, "rate", "p50", "p99"));
        row("POST /v3/customers beside a purge", self.beside, "p99 ≤ 20 ms");
        row("POST /v3/customers alone", self.alone, "");
        say(&format!("  {:<34}{:>9} ms   {} keys", "purge", self.purge_ms, self.keys));
        say(&format!("  {:<34}{:>9} MB   {} MB before", "database after it", self.left_mb, self.full_mb));
    }
}
