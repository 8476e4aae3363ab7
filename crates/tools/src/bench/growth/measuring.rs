//! `dinie bench growth`: fills a database with complete customers and measures whether its size slows the program.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use hyper::Method;
use serde::Serialize;
use tempfile::TempDir;

use super::super::caller::{Caller, registration};
use super::super::database::{Database, DatabaseAccess, Filled, Filling, Mix};
use super::super::load::{Measured, connect, exchange, micros};
use super::super::samples::{Asker, Finder, Samples, has_rows};
use super::super::sink::Sink;
use super::super::target::Target;
use super::queries::Query;
use crate::say;

/// Requests of each query; `AT_MOST` may end them earlier.
const TIMES: usize = 200;
const AT_MOST: Duration = Duration::from_secs(3);
/// Connections that register.
const WRITERS: u64 = 32;
/// The first registration of a load. The filled customers have other numbers.
pub(super) const FIRST: u64 = 100_000_000;
/// The bar of every query: its highest median, in microseconds.
const MOST_P50: u64 = 10_000;
const MOST_P99: u64 = 50_000;
/// Lowest median that counts, in microseconds. Below it a ratio says more about the machine than about the query.
const COUNTS_FROM: u64 = 1_000;

/// The plan of the measurement.
#[derive(Clone, Copy)]
pub(in super::super) struct Plan<'a> {
    /// A new PostgreSQL database; `None` means SQLite.
    pub(in super::super) database: Option<&'a str>,
    /// The access that fills the database.
    pub(in super::super) access: &'a Arc<dyn DatabaseAccess>,
    /// The two sizes at which every figure is measured.
    pub(in super::super) sizes: [u32; 2],
    /// The form of the run: with times, or only a check that everything works.
    pub(in super::super) form: Form,
}

/// The form of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Form {
    /// Measures every time.
    Long,
    /// Each query runs once, and the whole database is checked.
    Short,
}

/// The figures at one size.
#[derive(Debug, Serialize)]
pub(super) struct Size {
    customers: u32,
    filled: Filled,
    start_ms: u128,
    ledger_check_ms: u128,
    registrations_per_second: u64,
    times: Vec<Time>,
}

/// One query or queue.
#[derive(Debug, Serialize)]
struct Time {
    name: String,
    times: Measured,
    /// The number of its paths that answered a row; `None` for a queue.
    rows: Option<usize>,
}

/// The measured figures.
#[derive(Debug, Serialize)]
pub(in super::super) struct Report {
    pub(super) database: &'static str,
    pub(super) sizes: [Size; 2],
    #[serde(skip)]
    pub(super) form: Form,
}

/// Measures a separate server, on a new SQLite file or on a new database of the named server.
pub(in super::super) async fn measure(plan: Plan<'_>) -> anyhow::Result<Report> {
    let folder = TempDir::new()?;
    let (target, caller) = Caller::of_new(folder.path(), plan.database).await?;
    let sink = Sink::start(None).await?;
    let mut bench =
        Bench { form: plan.form, access: plan.access, target, caller, endpoint: None, next: FIRST };
    let (url, [small, large]) = (sink.url(0), plan.sizes);
    let sizes = [bench.at(small, &url).await?, bench.at(large, &url).await?];
    if plan.form == Form::Short {
        bench.target.succeeds(&["verify"]).await?;
        bench.target.succeeds(&["ledger", "check"]).await?;
    }
    bench.target.stop().await?;
    let database = if plan.database.is_some() { "postgresql" } else { "sqlite" };
    Ok(Report { database, sizes, form: plan.form })
}

pub(super) struct Bench<'a> {
    pub(super) form: Form,
    pub(super) access: &'a Arc<dyn DatabaseAccess>,
    pub(super) target: Target,
    pub(super) caller: Caller,
    /// The first partner's endpoint, after the database is filled.
    pub(super) endpoint: Option<String>,
    /// The number of the next registration.
    pub(super) next: u64,
}

impl Bench<'_> {
    /// Fills the database up to a size and measures there.
    async fn at(&mut self, customers: u32, url: &str) -> anyhow::Result<Size> {
        let filled = self.fill(customers, Mix::Borrowers, url).await?;
        let endpoint = self.endpoint()?;
        self.measure(&endpoint, customers, filled).await
    }

    /// Fills the database up to a size. The partners' endpoints are at `url`.
    pub(super) async fn fill(&mut self, customers: u32, mix: Mix, url: &str) -> anyhow::Result<Filled> {
        let (data, first) = (self.target.data(), self.caller.partner()?);
        let filling = Filling { data, first, url: url.to_owned(), customers, mix };
        let work = move |database: &dyn Database| database.fill(&filling);
        let (filled, endpoint) = self.target.meanwhile(self.access, work).await?;
        self.endpoint = Some(endpoint);
        Ok(filled)
    }

    /// The first partner's endpoint.
    pub(super) fn endpoint(&self) -> anyhow::Result<String> {
        self.endpoint.clone().context("the database is filled first")
    }

    /// Measures a database with `customers` filled customers.
    pub(super) async fn measure(
        &mut self, endpoint: &str, customers: u32, filled: Filled,
    ) -> anyhow::Result<Size> {
        let partner = self.caller.partner()?;
        let work = move |database: &dyn Database| -> anyhow::Result<_> {
            let queues = database.look_at_queues(partner)?;
            let began = Instant::now();
            database.check_ledger()?;
            let ledger_check_ms = began.elapsed().as_millis();
            database.close()?;
            Ok((queues, ledger_check_ms))
        };
        let (queues, ledger_check_ms) = self.target.meanwhile(self.access, work).await?;
        self.caller.call_at(self.target.address);
        let start_ms = self.target.start.as_millis();
        let operator = self.target.operator().await?;
        let mut finder = Finder::new(self.target.address, &self.caller.token, &operator).await?;
        let samples = finder.samples(partner.to_string(), endpoint.to_owned(), customers).await?;
        finder.wait_for_search(&samples).await?;
        let mut times = self.queries(&samples, &operator).await?;
        times.extend(queues.into_iter().map(|looks| Time {
            name: looks.name,
            times: Measured::of(looks.took_us, looks.span),
            rows: None,
        }));
        let registrations_per_second = self.register(customers).await?;
        Ok(Size { customers, filled, start_ms, ledger_check_ms, registrations_per_second, times })
    }

    async fn queries(&self, samples: &Samples, operator: &str) -> anyhow::Result<Vec<Time>> {
        let mut connection = connect(self.target.address).await?;
        let mut all = Vec::new();
        for query in samples.queries() {
            let Query { name, asker, paths } = query;
            ensure!(!paths.is_empty(), "no sample was found for {name}");
            let token = match asker {
                Asker::Partner => &self.caller.token,
                Asker::Operator => operator,
            };
            let (began, mut took, mut rows) = (Instant::now(), Vec::new(), 0);
            let times = match self.form {
                Form::Long => TIMES.max(paths.len()),
                Form::Short => paths.len(),
            };
            for (answered, path) in paths.iter().cycle().take(times).enumerate() {
                if answered >= 10 && began.elapsed() > AT_MOST {
                    break;
                }
                let started = Instant::now();
                let answer = exchange(&mut connection, token, Method::GET, path, None, 200).await;
                let answer = answer.with_context(|| name.clone())?;
                took.push(micros(started.elapsed()));
                rows += usize::from(answered < paths.len() && has_rows(&answer));
            }
            ensure!(rows > 0, "{name} answers no row");
            all.push(Time { name, times: Measured::of(took, began.elapsed()), rows: Some(rows) });
        }
        Ok(all)
    }

    /// Registrations a second at this size. It registers a tenth as many customers as there are, at most 10,000.
    async fn register(&mut self, customers: u32) -> anyhow::Result<u64> {
        let count = u64::from(customers / 10).clamp(20, 10_000);
        let next = Arc::new(AtomicU64::new(self.next));
        let end = self.next + count;
        self.next = end;
        let began = Instant::now();
        let mut tasks = Vec::new();
        for _ in 0..WRITERS {
            let (address, token, next) = (self.target.address, self.caller.token.clone(), Arc::clone(&next));
            tasks.push(tokio::spawn(async move {
                let mut connection = connect(address).await?;
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= end {
                        return Ok::<_, anyhow::Error>(());
                    }
                    let body = Some(registration(number, "manual").to_string());
                    exchange(&mut connection, &token, Method::POST, "/v3/customers", body, 201).await?;
                }
            }));
        }
        for task in tasks {
            task.await??;
        }
        Ok(u64::try_from(u128::from(count) * 1_000_000 / began.elapsed().as_micros().max(1))?)
    }
}

impl Report {
    /// Prints the figures.
    pub(in super::super) fn print(&self) {
        let [small, large] = &self.sizes;
        for Size { customers, filled, .. } in &self.sizes {
            say(&format!("  {customers} customers: {}", filled.summary()));
        }
        if self.form == Form::Short {
            let answered = large.times.iter().filter(|time| time.rows.is_some()).count();
            say(&format!(
                "  {answered} queries answered rows; `dinie verify` and `dinie ledger check` passed"
            ));
            return;
        }
        say(&format!("  {:<26}{:>12}{:>12}", "", small.customers, large.customers));
        say(&format!("  {:<26}{:>9} ms{:>9} ms", "start of the server", small.start_ms, large.start_ms));
        say(&format!(
            "  {:<26}{:>9} ms{:>9} ms",
            "ledger check", small.ledger_check_ms, large.ledger_check_ms
        ));
        let kept = large.registrations_per_second * 100 / small.registrations_per_second.max(1);
        say(&format!(
            "  {:<26}{:>10}/s{:>10}/s   {kept} % (≥ 80 %)",
            "registrations", small.registrations_per_second, large.registrations_per_second
        ));
        say(&format!(
            "  p50 ≤ 10 ms, p99 ≤ 50 ms, and ≤ 1.5 × the p50 of the small one, which counts from {} ms on",
            COUNTS_FROM / 1_000
        ));
        say(&format!("  {:>9}{:>9}{:>9}{:>9}{:>7}", "p50", "p99", "p50", "p99", "ratio"));
        for (before, after) in small.times.iter().zip(&large.times) {
            say(&row(before, after));
        }
        let missed = small.times.iter().zip(&large.times).filter(|(b, a)| !within(b.times, a.times)).count();
        say(&format!("  {} of {} miss the bar", missed, large.times.len()));
    }
}

fn row(before: &Time, after: &Time) -> String {
    let ms = |micros: u64| format!("{}.{:02}", micros / 1_000, micros / 10 % 100);
    let (b, a) = (before.times, after.times);
    let ratio = a.p50_us * 100 / b.p50_us.max(1);
    let verdict = if within(b, a) { "" } else { "   MISSED" };
    format!(
        "  {:>9}{:>9}{:>9}{:>9}{:>4}.{:02}  {}{verdict}",
        ms(b.p50_us),
        ms(b.p99_us),
        ms(a.p50_us),
        ms(a.p99_us),
        ratio / 100,
        ratio % 100,
        after.name
    )
}

/// Whether a query keeps to the bar.
fn within(small: Measured, large: Measured) -> bool {
    let as_quick = large.p50_us <= COUNTS_FROM || large.p50_us * 2 <= small.p50_us * 3;
    large.p50_us <= MOST_P50 && large.p99_us <= MOST_P99 && as_quick
}
