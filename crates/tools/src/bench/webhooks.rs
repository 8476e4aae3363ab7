//! `dinie bench webhooks`: from the committed change to the recorded answer.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use hyper::Method;
use serde::Serialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::caller::{Caller, registration};
use super::database::{Database, DatabaseAccess, Filling, Mix};
use super::load::{Measured, connect, exchange, micros};
use super::sink::{self, Sink};
use super::target::Target;
use crate::say;

/// Connections that make changes.
const WRITERS: u64 = 32;
/// Endpoints that subscribe to each event in the wide runs.
const MANY: usize = 10;
/// Changes of the idle run, made one by one.
const SINGLE: u64 = 400;
/// Pause between two changes of the idle run.
const PAUSE: Duration = Duration::from_millis(10);
/// Average number of deliveries of a filled customer.
const DELIVERIES_EACH: u64 = 4;
/// Pause after the database is filled.
const SETTLING: Duration = Duration::from_secs(60);
/// Longest duration of a run.
const PATIENCE: Duration = Duration::from_secs(600);

/// The plan of the measurement.
pub(super) struct Plan<'a> {
    /// An empty PostgreSQL database; `None` means SQLite.
    pub(super) database: Option<&'a str>,
    /// The access that fills the database and changes it while no server runs.
    pub(super) access: &'a Arc<dyn DatabaseAccess>,
    /// Changes of each run.
    pub(super) events: u64,
    /// Deliveries that are stored before the last two runs.
    pub(super) stored: u64,
}

/// One run.
#[derive(Debug, Serialize)]
struct Run {
    endpoints: usize,
    events: u64,
    deliveries_per_second: u64,
    events_per_second: u64,
    /// From the caller's answer to the arrival; `None` if all changes were committed before the server's start.
    p50_us: Option<u64>,
    p99_us: Option<u64>,
    lost: u64,
    repeated: u64,
}

/// The way in which a run makes its changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Feed {
    /// The changes are committed before the server starts, so the run measures only the webhooks.
    Committed,
    /// By the API, as fast as it accepts them during the run.
    Load,
    /// By the API, one after another, with pauses.
    Single,
}

/// The measured figures.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    database: &'static str,
    ten: Run,
    one: Run,
    ten_under_load: Run,
    one_under_load: Run,
    idle: Run,
    /// One endpoint of ten hangs. The figures are those of the other nine.
    hanging: Run,
    stored: u64,
    ten_of_many: Option<Run>,
    one_of_many: Option<Run>,
    peak_memory_mb: u64,
}

/// Measures a separate server, on a new SQLite file or on a new database of the named server.
pub(super) async fn measure(plan: &Plan<'_>) -> anyhow::Result<Report> {
    let folder = TempDir::new()?;
    let (target, caller) = Caller::of_new(folder.path(), plan.database).await?;
    let mut bench = Bench { access: plan.access, caller, next: 1, target };
    let idle = bench.run(Feed::Single, 1, None, SINGLE).await?;
    let one_under_load = bench.run(Feed::Load, 1, None, plan.events).await?;
    let ten_under_load = bench.run(Feed::Load, MANY, None, plan.events).await?;
    let hanging = bench.run(Feed::Load, MANY, Some(0), plan.events).await?;
    let peak_memory_mb = bench.target.peak_memory() / 1_000_000;
    let one = bench.run(Feed::Committed, 1, None, plan.events).await?;
    let ten = bench.run(Feed::Committed, MANY, None, plan.events).await?;
    let (mut ten_of_many, mut one_of_many) = (None, None);
    if plan.stored > 0 {
        bench.fill(plan.stored).await?;
        // After many writes the engine runs vacuum and checkpoints. They are not part of the measurement.
        tokio::time::sleep(SETTLING).await;
        one_of_many = Some(bench.run(Feed::Committed, 1, None, plan.events).await?);
        ten_of_many = Some(bench.run(Feed::Committed, MANY, None, plan.events).await?);
    }
    bench.target.stop().await?;
    Ok(Report {
        database: if plan.database.is_some() { "postgresql" } else { "sqlite" },
        ten,
        one,
        ten_under_load,
        one_under_load,
        idle,
        hanging,
        stored: plan.stored,
        ten_of_many,
        one_of_many,
        peak_memory_mb,
    })
}

/// A partner whose registrations are the changes, and the server under measurement.
struct Bench<'a> {
    access: &'a Arc<dyn DatabaseAccess>,
    caller: Caller,
    /// The number of the next registration.
    next: u64,
    target: Target,
}

impl Bench<'_> {
    /// Makes `events` changes for `endpoints` subscribed endpoints, and waits until the last answer is recorded.
    async fn run(
        &mut self, feed: Feed, endpoints: usize, hanging: Option<usize>, events: u64,
    ) -> anyhow::Result<Run> {
        let sink = Sink::start(hanging).await?;
        let mut ids = Vec::new();
        for number in 0..endpoints {
            ids.push(self.endpoint(&sink.url(number), "customer.created").await?);
        }
        let mut began = Instant::now();
        let committed = match feed {
            Feed::Committed => {
                let committed = self.before_the_start(events).await?;
                if let Some(first) = committed.values().min() {
                    began = *first;
                }
                committed
            }
            Feed::Load => self.at_full_load(events).await?,
            Feed::Single => self.one_by_one(events).await?,
        };
        let counted: Vec<usize> = (0..endpoints).filter(|path| Some(*path) != hanging).collect();
        let recorded = if hanging.is_some() { &[][..] } else { &ids[..] };
        let last = self.settled(&sink, &counted, events, recorded).await?;
        let mut run = measured(&sink, &counted, &committed, last.duration_since(began));
        if feed == Feed::Committed {
            (run.p50_us, run.p99_us) = (None, None);
        }
        for id in ids {
            self.caller.delete(&format!("/v3/webhooks/endpoints/{id}")).await?;
        }
        Ok(run)
    }

    /// The id of a new endpoint that subscribes to one kind of event.
    async fn endpoint(&self, url: &str, event: &str) -> anyhow::Result<String> {
        let body = json!({"url": url, "events": [event]});
        let endpoint = self.caller.call(Method::POST, "/v3/webhooks/endpoints", Some(&body)).await?;
        Ok(endpoint["id"].as_str().context("an endpoint has an id")?.to_owned())
    }

    /// Fills the database with complete customers until about `count` deliveries are stored. None of them goes to a
    /// measured endpoint.
    async fn fill(&mut self, count: u64) -> anyhow::Result<()> {
        let filling = Filling {
            data: self.target.data(),
            first: self.caller.partner()?,
            // These endpoints receive nothing more: their partners change nothing, and the first partner's endpoint
            // is deleted.
            url: "https://example.com".to_owned(),
            customers: u32::try_from(count.div_ceil(DELIVERIES_EACH))?,
            mix: Mix::Borrowers,
        };
        let work = move |database: &dyn Database| {
            let (_filled, endpoint) = database.fill(&filling)?;
            Ok(endpoint)
        };
        let endpoint = self.target.meanwhile(self.access, work).await?;
        self.caller.call_at(self.target.address);
        self.caller.delete(&format!("/v3/webhooks/endpoints/{endpoint}")).await
    }

    /// Commits changes while no server runs, and then starts the server.
    async fn before_the_start(&mut self, events: u64) -> anyhow::Result<HashMap<String, Instant>> {
        let (partner, numbers) = (self.caller.partner()?, self.next..self.next + events);
        self.next += events;
        let bodies: Vec<Value> = numbers.map(|number| registration(number, "manual")).collect();
        let work = move |database: &dyn Database| Ok((database.register(partner, &bodies)?, Instant::now()));
        let (ids, at) = self.target.meanwhile(self.access, work).await?;
        self.caller.call_at(self.target.address);
        Ok(ids.into_iter().map(|id| (id, at)).collect())
    }

    async fn one_by_one(&mut self, events: u64) -> anyhow::Result<HashMap<String, Instant>> {
        let mut connection = connect(self.target.address).await?;
        let mut committed = HashMap::new();
        for _ in 0..events {
            let body = registration(self.next, "manual").to_string();
            self.next += 1;
            let path = "/v3/customers";
            let answer =
                exchange(&mut connection, &self.caller.token, Method::POST, path, Some(body), 201).await?;
            let at = Instant::now();
            committed.insert(sink::subject(&answer).context("a customer has an id")?, at);
            tokio::time::sleep(PAUSE).await;
        }
        Ok(committed)
    }

    async fn at_full_load(&mut self, events: u64) -> anyhow::Result<HashMap<String, Instant>> {
        let (first, next) = (self.next, Arc::new(AtomicU64::new(self.next)));
        self.next += events;
        let mut tasks = Vec::new();
        for _ in 0..WRITERS {
            let (address, token, next) = (self.target.address, self.caller.token.clone(), Arc::clone(&next));
            tasks.push(tokio::spawn(async move {
                let mut connection = connect(address).await?;
                let mut committed = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= first + events {
                        return Ok::<_, anyhow::Error>(committed);
                    }
                    let body = Some(registration(number, "manual").to_string());
                    let path = "/v3/customers";
                    let answer = exchange(&mut connection, &token, Method::POST, path, body, 201).await?;
                    let at = Instant::now();
                    committed.push((sink::subject(&answer).context("a customer has an id")?, at));
                }
            }));
        }
        let mut committed = HashMap::new();
        for task in tasks {
            committed.extend(task.await??);
        }
        Ok(committed)
    }

    /// Waits until every path has received everything and the server has recorded every answer of these endpoints.
    /// Returns that moment. It lists the deliveries themselves, because the metrics are read only every few seconds.
    async fn settled(
        &self, sink: &Sink, paths: &[usize], events: u64, mut unrecorded: &[String],
    ) -> anyhow::Result<Instant> {
        let began = Instant::now();
        let expected = usize::try_from(events)? * paths.len();
        loop {
            ensure!(began.elapsed() < PATIENCE, "the deliveries did not all arrive in time");
            let arrived = sink.inbox().keys().filter(|(_, path)| paths.contains(path)).count();
            if arrived >= expected {
                let Some((endpoint, others)) = unrecorded.split_first() else { return Ok(Instant::now()) };
                let path = format!("/v3/webhooks/endpoints/{endpoint}/deliveries?status=pending&limit=1");
                let pending = self.caller.call(Method::GET, &path, None).await?;
                if pending["data"].as_array().is_some_and(Vec::is_empty) {
                    unrecorded = others;
                    continue;
                }
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

fn measured(sink: &Sink, paths: &[usize], committed: &HashMap<String, Instant>, took: Duration) -> Run {
    let inbox = sink.inbox();
    let (mut lags, mut lost, mut repeated) = (Vec::new(), 0, 0);
    for (subject, at) in committed {
        for path in paths {
            match inbox.get(&(subject.clone(), *path)) {
                Some((received, times)) => {
                    // A webhook can arrive before the caller of its change has the answer. Its latency is then zero.
                    let lag = received.saturating_duration_since(*at);
                    lags.push(micros(lag));
                    repeated += u64::from(times - 1);
                }
                None => lost += 1,
            }
        }
    }
    let events = committed.len() as u64;
    let Measured { rate, p50_us, p99_us } = Measured::of(lags, took);
    Run {
        endpoints: paths.len(),
        events,
        deliveries_per_second: rate,
        events_per_second: rate / (paths.len() as u64).max(1),
        p50_us: Some(p50_us),
        p99_us: Some(p99_us),
        lost,
        repeated,
    }
}

impl Report {
    /// Prints the table.
    pub(super) fn print(&self) {
        say(&format!(
            "\n  {:<34}{:>14}{:>10}{:>12}{:>12}{:>6}{:>9}   against its bar",
            self.database, "deliveries/s", "events/s", "p50", "p99", "lost", "repeated"
        ));
        let tenths = |micros: Option<u64>| {
            micros.map_or_else(String::new, |micros| format!("{}.{} ms", micros / 1_000, micros / 100 % 10))
        };
        let row = |name: &str, run: &Run, bar: &str| {
            say(&format!(
                "  {name:<34}{:>14}{:>10}{:>12}{:>12}{:>6}{:>9}   {bar}",
                run.deliveries_per_second,
                run.events_per_second,
                tenths(run.p50_us),
                tenths(run.p99_us),
                run.lost,
                run.repeated
            ));
        };
        let (ten, one) = if self.database == "sqlite" { (8_000, 3_500) } else { (5_000, 2_000) };
        row("ten endpoints an event", &self.ten, &format!("≥ {ten} deliveries/s"));
        row("one endpoint an event", &self.one, &format!("≥ {one} events/s"));
        row("ten, while the API makes them", &self.ten_under_load, "");
        row("one, while the API makes them", &self.one_under_load, "");
        row("idle, one event at a time", &self.idle, "p99 ≤ 50 ms");
        let fair = self.ten_under_load.deliveries_per_second * 9 / 10;
        let kept = self.hanging.deliveries_per_second * 100 / fair.max(1);
        row("nine beside one that hangs", &self.hanging, &format!("{kept} % of their rate (≥ 90 %)"));
        let slower = |before: &Run, after: &Run| {
            let ratio = before.deliveries_per_second * 100 / after.deliveries_per_second.max(1);
            format!("{}.{:02} times slower (≤ 1.5)", ratio / 100, ratio % 100)
        };
        if let (Some(ten), Some(one)) = (&self.ten_of_many, &self.one_of_many) {
            say(&format!("  with {} deliveries stored:", self.stored));
            row("  ten endpoints an event", ten, &slower(&self.ten, ten));
            row("  one endpoint an event", one, &slower(&self.one, one));
        }
        say(&format!("  {:<34}{:>11} MB", "peak resident memory", self.peak_memory_mb));
    }

    /// Fails if a delivery was lost.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let runs =
            [&self.ten, &self.one, &self.ten_under_load, &self.one_under_load, &self.idle, &self.hanging];
        let more = [&self.ten_of_many, &self.one_of_many];
        let lost: u64 = runs.into_iter().chain(more.into_iter().flatten()).map(|run| run.lost).sum();
        if lost > 0 {
            bail!("{lost} deliveries were lost");
        }
        Ok(())
    }
}
