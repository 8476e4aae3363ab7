//! `dinie bench api`: each figure as the ratio that the design names.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hyper::Method;
use serde::Serialize;
use tempfile::TempDir;

use super::asks::{READERS, WRITERS, get, simulate};
use super::caller::{Caller, registration};
use super::database::{DatabaseAccess, Place};
use super::load::{self, Ask, Load, Measured};
use super::request_log::{self, Cost};
use crate::say;

/// The measured figures of one run.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    database: &'static str,
    seconds: u64,
    health: Measured,
    loan: Measured,
    loan_to_health_percent: u64,
    /// The database of the bare inserts.
    bare_database: &'static str,
    bare_inserts: Measured,
    customers: Measured,
    customers_to_bare_percent: u64,
    simulations: Measured,
    /// The cost of the request log. It is measured with SQLite.
    request_log: Option<Cost>,
    start_ms: u64,
    peak_memory_mb: u64,
}

/// Measures a separate server, on a new SQLite file or on a new database of the named server.
pub(super) async fn measure(
    database: Option<&str>, access: &Arc<dyn DatabaseAccess>, span: Duration,
) -> anyhow::Result<Report> {
    let folder = TempDir::new()?;
    let (target, caller) = Caller::of_new(folder.path(), database).await?;
    let offer = caller.offer(&registration(1, "bench")).await?;
    let loan = caller.active_loan(&registration(2, "bench"), 12).await?;

    let loads =
        |connections, status, ask| load::run(target.address, &caller.token, connections, span, status, ask);
    let reads = [get("/health".to_owned()), get(format!("/v3/loans/{loan}"))];
    let reads = reads.map(|ask| Load { address: target.address, token: caller.token.clone(), ask });
    let [health, read] = load::by_turns(READERS, span, 200, &reads).await?;
    let simulations = loads(WRITERS, 201, simulate(&offer)).await?;
    let customers = loads(WRITERS, 201, register()).await?;
    let peak_memory_mb = target.peak_memory() / 1_000_000;
    let start_ms = u64::try_from(target.start.as_millis())?;
    target.stop().await?;
    let bare_inserts = bare(access, folder.path(), database, span).await?;
    let request_log = match database {
        None => Some(request_log::measure(span).await?),
        Some(_postgresql) => None,
    };

    let engine = if database.is_some() { "postgresql" } else { "sqlite" };
    let percent = |part: Measured, whole: Measured| part.rate * 100 / whole.rate.max(1);
    Ok(Report {
        database: engine,
        bare_database: engine,
        seconds: span.as_secs(),
        loan_to_health_percent: percent(read, health),
        customers_to_bare_percent: percent(customers, bare_inserts),
        health,
        loan: read,
        bare_inserts,
        customers,
        simulations,
        request_log,
        start_ms,
        peak_memory_mb,
    })
}

/// The bare insert loop, to which the API is compared. It inserts into a file in the folder, or into the named
/// database, which still holds the rows of the measured server.
async fn bare(
    access: &Arc<dyn DatabaseAccess>, folder: &Path, database: Option<&str>, span: Duration,
) -> anyhow::Result<Measured> {
    let (access, url, file) = (Arc::clone(access), database.map(str::to_owned), folder.join("bare.db"));
    let insert = move || {
        let place = Place { file: &file, url: url.as_deref() };
        access.open(place)?.insert_bare(WRITERS, span)
    };
    let (latencies, span) = tokio::task::spawn_blocking(insert).await??;
    Ok(Measured::of(latencies, span))
}

fn register() -> Ask {
    Arc::new(|number| {
        (Method::POST, "/v3/customers".to_owned(), Some(registration(number + 1_000, "manual").to_string()))
    })
}

impl Report {
    /// Prints the table.
    pub(super) fn print(&self) {
        say("");
        load::print_head("");
        self.health.print("GET /health", "");
        let to_health = self.loan_to_health_percent;
        self.loan.print("GET /v3/loans/{id}", &format!("{to_health} % of /health (≥ 40 %)"));
        self.bare_inserts.print("bare inserts", "");
        let to_bare = self.customers_to_bare_percent;
        self.customers.print("POST /v3/customers, durable", &format!("{to_bare} % of bare (≥ 30 %)"));
        self.simulations.print("POST …/simulations, 12", "≥ 5000/s");
        if let Some(cost) = self.request_log {
            cost.print();
        }
        say(&format!("  {:<34}{:>9} MB   ≤ 100 MB", "peak resident memory", self.peak_memory_mb));
        say(&format!("  {:<34}{:>9} ms   ≤ 200 ms", "start to first answer", self.start_ms));
    }
}
