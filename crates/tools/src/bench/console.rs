//! `dinie bench console`: every page of the console on a large portfolio.
//!
//! The database is filled by copies of histories, as for `dinie bench growth`. A person then signs in by a link and
//! opens each page that the server lists, for many customers, loans and searches.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde::Serialize;
use tempfile::TempDir;

use super::database::{DatabaseAccess, Filled, Mix};
use super::growth;
use super::load::{Measured, micros};
use super::samples::{Finder, Samples};
use super::target::Target;
use crate::client::{CommandClient, command_client};
use crate::say;

/// Requests of each page; `AT_MOST` may end them earlier.
const TIMES: usize = 300;
const AT_MOST: Duration = Duration::from_secs(5);
/// The bar of every page, in microseconds.
const MOST_P50: u64 = 50_000;
const MOST_P99: u64 = 150_000;
/// The bar of the filling.
const MOST_FILLING_MS: u128 = 600_000;
/// Pages that stay open.
const STREAMS: [&str; 1] = ["/console/live"];
/// Queries of a page that read more than the page itself, or other things.
const PARTS: [(&str, &[&str]); 1] =
    [("/console/customers/{id}", &["?tab=offers", "?tab=loans", "?tab=mails", "?tab=timeline"])];
const SEARCH: &str = "/console/search";
/// The parts that an open page loads anew.
const LIVE: &str = "/console/live/";

/// The plan of a measurement.
pub(super) struct Plan<'a> {
    /// A new PostgreSQL database; `None` means SQLite.
    pub(super) database: Option<&'a str>,
    /// The access that fills the database.
    pub(super) access: &'a Arc<dyn DatabaseAccess>,
    /// The number of customers, of which three of ten have a loan.
    pub(super) customers: u32,
    /// A folder that a filling has kept, instead of a new database.
    pub(super) filled: Option<PathBuf>,
}

/// The times of one page.
#[derive(Debug, Serialize)]
struct Page {
    name: String,
    times: Measured,
    /// Bytes of the largest answer, uncompressed.
    bytes: usize,
}

/// The measured figures.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    database: &'static str,
    customers: u32,
    /// `None` if the database was filled before.
    filled: Option<Filled>,
    /// Time until the index of searches was complete after the start.
    index_ms: u128,
    pages: Vec<Page>,
    /// Pages that a measurement has not opened, each with the reason.
    unopened: Vec<String>,
}

/// Fills a database and keeps it.
pub(super) async fn fill(folder: &Path, plan: &Plan<'_>) -> anyhow::Result<Filled> {
    growth::fill(folder, plan.access, (plan.customers, Mix::Prospects), plan.database).await
}

/// Measures a filled database, which is a new one unless the plan names one.
pub(super) async fn measure(plan: &Plan<'_>) -> anyhow::Result<Report> {
    if let Some(folder) = &plan.filled {
        return of_filled(folder, plan.access, None).await;
    }
    let folder = TempDir::new()?;
    let filled = fill(folder.path(), plan).await?;
    of_filled(folder.path(), plan.access, Some(filled)).await
}

async fn of_filled(
    folder: &Path, access: &Arc<dyn DatabaseAccess>, filled: Option<Filled>,
) -> anyhow::Result<Report> {
    let opened = growth::Opened::of(folder).await?;
    let database = if opened.database().is_some() { "postgresql" } else { "sqlite" };
    let (endpoint, customers) = opened.contents();
    let operator = opened.target.operator().await?;
    let mut finder = Finder::new(opened.target.address, &opened.caller.token, &operator).await?;
    let partner = opened.caller.partner()?.to_string();
    let samples = finder.samples(partner, endpoint.to_owned(), customers).await?;
    let began = Instant::now();
    finder.wait_for_search(&samples).await?;
    let index_ms = began.elapsed().as_millis();
    let places = Places::of(&mut finder, &samples, access.console_pages()).await?;
    let visitor = Visitor::enter(&opened.target).await?;
    let (mut pages, mut unopened) = (Vec::new(), Vec::new());
    unopened.extend(places.unseen.iter().map(|page| format!("{page}: the database has no example")));
    for (name, paths) in &places.seen {
        match visitor.status_of(&paths[0]).await? {
            200 => pages.push(visitor.times_of(name, paths, TIMES.max(paths.len()), AT_MOST).await?),
            other => unopened.push(format!("{name}: it answered {other}")),
        }
    }
    let next = opened.next();
    opened.stop(next).await?;
    Ok(Report { database, customers, filled, index_ms, pages, unopened })
}

/// The paths of each page.
struct Places {
    seen: BTreeMap<String, Vec<String>>,
    unseen: Vec<&'static str>,
}

impl Places {
    async fn of(
        finder: &mut Finder<'_>, samples: &Samples, pages: Vec<&'static str>,
    ) -> anyhow::Result<Self> {
        let (mut seen, mut unseen) = (BTreeMap::new(), Vec::new());
        for page in pages.into_iter().filter(|page| !STREAMS.contains(page)) {
            let paths = paths(finder, samples, page).await?;
            if paths.is_empty() {
                unseen.push(page);
                continue;
            }
            let parts = PARTS.iter().filter(|(of, _)| *of == page).flat_map(|(_, parts)| *parts);
            for part in parts {
                seen.insert(
                    format!("{page}{part}"),
                    paths.iter().map(|path| format!("{path}{part}")).collect(),
                );
            }
            seen.insert(page.to_owned(), paths);
        }
        for (name, words, letters) in [("NAME", 1, 32), ("NAMES", 2, 32), ("NAM", 1, 3)] {
            seen.insert(format!("{SEARCH}?q={name}"), samples.searches(SEARCH, words, letters));
        }
        for field in ["cpf", "cnpj", "external_id"] {
            let paths = samples.text_of(field).map(|text| format!("{SEARCH}?q={text}"));
            seen.insert(format!("{SEARCH}?q={}", field.to_uppercase()), paths.collect());
        }
        Ok(Self { seen, unseen })
    }
}

/// The paths of a page for all examples of its parameters; none if the database has no example of one.
async fn paths(
    finder: &mut Finder<'_>, samples: &Samples, page: &'static str,
) -> anyhow::Result<Vec<String>> {
    let (mut paths, mut rest) = (vec![String::new()], page);
    while let Some((between, after)) = rest.split_once('{') {
        let before = &page[..page.len() - after.len() - 1];
        let examples = examples(finder, samples, before).await?;
        let with_each = |path: &String| {
            let to_here = format!("{path}{between}");
            examples.iter().map(|example| format!("{to_here}{example}")).collect::<Vec<_>>()
        };
        paths = paths.iter().flat_map(with_each).collect();
        rest = after.split_once('}').context("a parameter ends")?.1;
    }
    Ok(paths.iter().map(|path| format!("{path}{rest}")).collect())
}

/// The examples of the parameter after `before`.
async fn examples(finder: &mut Finder<'_>, samples: &Samples, before: &str) -> anyhow::Result<Vec<String>> {
    Ok(match before.trim_start_matches("/console/") {
        "customers/" => samples.customer_ids().map(str::to_owned).collect(),
        "loans/" => samples.loans.clone(),
        "loans/{id}/ask/" => vec!["payment".to_owned()],
        "documents/" => samples.documents.clone(),
        "partners/" => vec![samples.partner.clone()],
        "payments/" => {
            let mut payments = Vec::new();
            for loan in samples.loans.iter().take(10) {
                payments
                    .extend(finder.operators(&format!("/operator/v1/loans/{loan}/payments"), "id").await?);
            }
            payments
        }
        "queues/" => finder.operators("/operator/v1/queues", "queue").await?,
        "proposals/" => finder.operators("/operator/v1/proposals", "id").await?,
        "people/" => finder.operators("/operator/v1/operators", "id").await?,
        "money/files/" => finder.operators("/operator/v1/bank-files", "id").await?,
        _unknown => bail!("the bench has no example after {before}: add it to bench/console.rs"),
    })
}

/// A person who has signed in.
struct Visitor {
    client: CommandClient,
    base: String,
    cookies: String,
}

impl Visitor {
    /// Signs in by a new link.
    async fn enter(target: &Target) -> anyhow::Result<Self> {
        let (client, base) = (command_client()?, format!("http://{}", target.address));
        let entered = client.post(format!("{base}{}", target.console_link().await?)).send().await?;
        let cookies =
            entered.headers().get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
        let cookies: Vec<&str> = cookies.filter_map(|cookie| cookie.split(';').next()).collect();
        ensure!(!cookies.is_empty(), "the link did not sign in: {}", entered.status());
        Ok(Self { cookies: cookies.join("; "), client, base })
    }

    /// Asks for a page, as its own script does if it is a part of a page.
    fn ask(&self, path: &str) -> reqwest::RequestBuilder {
        let request = self.client.get(format!("{}{path}", self.base)).header("cookie", &self.cookies);
        if path.starts_with(LIVE) { request.header("hx-request", "true") } else { request }
    }

    async fn status_of(&self, path: &str) -> anyhow::Result<u16> {
        Ok(self.ask(path).send().await?.status().as_u16())
    }

    /// The times of at most `times` requests for the paths in turn, which end after `at_most`.
    async fn times_of(
        &self, name: &str, paths: &[String], times: usize, at_most: Duration,
    ) -> anyhow::Result<Page> {
        let (began, mut took, mut bytes) = (Instant::now(), Vec::new(), 0);
        for path in paths.iter().cycle().take(times) {
            if took.len() >= 10 && began.elapsed() > at_most {
                break;
            }
            let started = Instant::now();
            let answer = self.ask(path).send().await?;
            ensure!(answer.status() == 200, "{path} answered {}", answer.status());
            bytes = bytes.max(answer.bytes().await?.len());
            took.push(micros(started.elapsed()));
        }
        Ok(Page { name: name.to_owned(), times: Measured::of(took, began.elapsed()), bytes })
    }
}

impl Report {
    /// Prints the figures.
    pub(super) fn print(&self) {
        let Self { database, customers, filled, index_ms, pages, unopened } = self;
        say(&format!("  {customers} customers, {database}"));
        if let Some(filled) = filled {
            let verdict = if filled.milliseconds <= MOST_FILLING_MS { "" } else { "   MISSED" };
            say(&format!("  {} (≤ {MOST_FILLING_MS} ms){verdict}", filled.summary()));
        }
        say(&format!("  the index of searches was complete {index_ms} ms after the start"));
        say(&format!("  {:>9}{:>9}{:>9}   (p50 ≤ 50 ms, p99 ≤ 150 ms)", "p50 ms", "p99 ms", "kB"));
        for Page { name, times, bytes } in pages {
            let ms = |micros: u64| format!("{}.{:02}", micros / 1_000, micros / 10 % 100);
            let verdict = if within(*times) { "" } else { "   MISSED" };
            say(&format!(
                "  {:>9}{:>9}{:>9}  {name}{verdict}",
                ms(times.p50_us),
                ms(times.p99_us),
                bytes / 1_000
            ));
        }
        let missed = pages.iter().filter(|page| !within(page.times)).count();
        say(&format!("  {missed} of {} miss the bar", pages.len()));
        for page in unopened {
            say(&format!("  not measured: {page}"));
        }
    }
}

fn within(times: Measured) -> bool {
    times.p50_us <= MOST_P50 && times.p99_us <= MOST_P99
}
