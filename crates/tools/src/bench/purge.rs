//! `dinie bench purge`: writes beside the purge of many old answers, and the space that the purge frees.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hyper::Method;
use serde::Serialize;
use tempfile::TempDir;

use super::caller::{Caller, registration};
use super::database::{Database, DatabaseAccess, Place};
use super::growth::Opened;
use super::load::{self, Ask, Measured};
use super::target::Target;
use crate::say;

/// Connections that write.
const WRITERS: u64 = 16;
/// Time between two checks whether the purge has ended.
const TURN: Duration = Duration::from_millis(250);
/// The figures.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    database: &'static str,
    keys: u64,
    /// From the start of the server until the last key was purged.
    purge_ms: u64,
    beside: Measured,
    alone: Measured,
    full_mb: i64,
    /// Size after the purge, which returns free pages on SQLite.
    left_mb: i64,
}

/// Measures a server on a new SQLite file or on a new database of the named server.
pub(super) async fn measure(
    database: Option<&str>, access: &Arc<dyn DatabaseAccess>, keys: u64, span: Duration,
) -> anyhow::Result<Report> {
    let folder = TempDir::new()?;
    let (mut target, mut caller) = Caller::of_new(folder.path(), database).await?;
    let (url, folder) = (database.map(str::to_owned), folder.path().to_owned());
    let load = Load { access, folder, url, keys, span, next: Arc::new(1_000.into()) };
    let report = load.run(&mut target, &mut caller).await?;
    target.stop().await?;
    Ok(report)
}

/// Measures a server on a database that `dinie bench growth --fill` has filled.
pub(super) async fn measure_filled(
    folder: &Path, access: &Arc<dyn DatabaseAccess>, keys: u64, span: Duration,
) -> anyhow::Result<Report> {
    let mut opened = Opened::of(folder).await?;
    let (url, folder) = (opened.database(), folder.to_owned());
    let load = Load { access, folder, url, keys, span, next: Arc::new(opened.next().into()) };
    let report = load.run(&mut opened.target, &mut opened.caller).await?;
    opened.stop(load.next.load(Ordering::Relaxed)).await?;
    Ok(report)
}

/// The old answers that are purged, and the writes beside the purge.
struct Load<'a> {
    access: &'a Arc<dyn DatabaseAccess>,
    /// The server's folder.
    folder: PathBuf,
    url: Option<String>,
    keys: u64,
    span: Duration,
    /// The number of the next registration.
    next: Arc<AtomicU64>,
}

impl Load<'_> {
    async fn run(&self, target: &mut Target, caller: &mut Caller) -> anyhow::Result<Report> {
        let (partner, keys) = (caller.partner()?, self.keys);
        let keep = move |database: &dyn Database| database.keep_old_answers(partner, keys);
        target.meanwhile(self.access, keep).await?;
        let started = Instant::now();
        caller.call_at(target.address);
        let database = self.opened().await?;
        let (full, ask) = (bytes(&database).await?, self.register());
        let mut latencies = Vec::new();
        while any_left(&database).await? {
            latencies.extend(write(target, caller, TURN, &ask).await?);
        }
        let purged = started.elapsed();
        let left = space_left(&database).await?;
        let alone = Measured::of(write(target, caller, self.span, &ask).await?, self.span);
        Ok(Report {
            database: database.engine(),
            keys,
            purge_ms: u64::try_from(purged.as_millis())?,
            beside: Measured::of(latencies, purged),
            alone,
            full_mb: full / 1_000_000,
            left_mb: left / 1_000_000,
        })
    }

    /// Opens the server's database while the server runs.
    async fn opened(&self) -> anyhow::Result<Arc<dyn Database>> {
        let (access, url) = (Arc::clone(self.access), self.url.clone());
        let file = self.folder.join("data").join("dinie.db");
        let open = move || access.open(Place { file: &file, url: url.as_deref() });
        Ok(tokio::task::spawn_blocking(open).await??.into())
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

async fn any_left(database: &Arc<dyn Database>) -> anyhow::Result<bool> {
    let database = Arc::clone(database);
    tokio::task::spawn_blocking(move || database.has_old_answers()).await?
}

async fn bytes(database: &Arc<dyn Database>) -> anyhow::Result<i64> {
    let database = Arc::clone(database);
    tokio::task::spawn_blocking(move || database.bytes()).await?
}

/// The bytes of the database once its size has stopped changing.
async fn space_left(database: &Arc<dyn Database>) -> anyhow::Result<i64> {
    let mut left = bytes(database).await?;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = bytes(database).await?;
        if now == left {
            return Ok(left);
        }
        left = now;
    }
}

impl Report {
    /// Prints the figures.
    pub(super) fn print(&self) {
        load::print_head(self.database);
        self.beside.print("POST /v3/customers beside a purge", "p99 ≤ 20 ms");
        self.alone.print("POST /v3/customers alone", "");
        say(&format!("  {:<34}{:>9} ms   {} keys", "purge", self.purge_ms, self.keys));
        say(&format!("  {:<34}{:>9} MB   {} MB before", "database after it", self.left_mb, self.full_mb));
    }
}
