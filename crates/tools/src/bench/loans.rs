//! `dinie bench loans`: loans with their contracts, other writes beside them, two nodes, and the bytes of a loan in
//! the database.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use domain::id::LoanId;
use futures::StreamExt as _;
use hyper::Method;
use serde::Serialize;
use serde_json::Value;
use tempfile::TempDir;

use super::caller::{Caller, registration};
use super::database::{Database, DatabaseAccess};
use super::target::Target;
use crate::say;

/// Offers that are prepared at once.
const AT_ONCE: usize = 64;
const INSTALLMENTS: u16 = 24;
/// Callers that make loans at once.
const CALLERS: usize = 16;
/// Pause between two writes of the other writer.
const PAUSE: Duration = Duration::from_millis(5);
/// Complete loans that are weighed, and the installments of each.
const WEIGHED: u64 = 200;
const WEIGHED_INSTALLMENTS: u16 = 10;

/// The measured figures.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    database: &'static str,
    loans: usize,
    /// Loans made one after another.
    alone_p50_us: u128,
    alone_p99_us: u128,
    alone_longest_us: u128,
    /// Loans made sixteen at a time.
    together_per_second: u64,
    /// Customers registered while the loans are made.
    beside: usize,
    beside_p50_us: u128,
    beside_p99_us: u128,
    /// Loans made sixteen at a time, every second one on a second node; `None` on SQLite.
    two_nodes_per_second: Option<u64>,
    /// Rendering one document.
    document_p50_us: u128,
    document_bytes: usize,
    /// The database's growth by one complete loan, from its customer's registration until it is active. It includes
    /// indexes and events, but no deliveries.
    database_bytes_per_loan: i64,
}

/// Makes loans: a third one after another, a third sixteen at a time, a third on two nodes. Then weighs complete
/// ones.
pub(super) async fn measure(
    database: Option<&str>, access: &Arc<dyn DatabaseAccess>, loans: u32,
) -> anyhow::Result<Report> {
    let folder = TempDir::new()?;
    let (mut target, mut caller) = Caller::of_new(folder.path(), database).await?;
    let bodies = prepared(&caller, u64::from(loans.max(3))).await?;
    let third = bodies.len() / 3;
    let (alone, rest) = bodies.split_at(third);
    let (together, on_two) = rest.split_at(third);
    let mut took = Vec::with_capacity(alone.len());
    let mut made = Vec::with_capacity(bodies.len());
    for body in alone {
        let began = Instant::now();
        made.push(caller.call(Method::POST, "/v3/loans", Some(body)).await?);
        took.push(began.elapsed());
    }
    let took = Spread::of(took);
    let (together_per_second, beside) = {
        let (beside, node) = (std::sync::Mutex::new(Vec::new()), [&caller]);
        let rate = tokio::select! {
            rate = per_second(&node, together) => rate?,
            error = write_beside(&caller, &beside) => return Err(error),
        };
        (rate, Spread::of(beside.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)))
    };
    let two_nodes_per_second = match database {
        Some(_) => Some(on_two_nodes(folder.path(), database, &caller, on_two).await?),
        None => None,
    };
    let (partner, documents) = (caller.partner()?, documents(&made)?);
    let set = move |database: &dyn Database| database.set_documents(partner, &documents, 4);
    let (set, document_bytes) = target.meanwhile(access, set).await?;
    let document_p50_us = Spread::of(set).at(50);
    caller.call_at(target.address);
    let database_bytes_per_loan = weigh(&mut target, access, &mut caller).await?;
    target.stop().await?;
    Ok(Report {
        database: if database.is_some() { "postgresql" } else { "sqlite" },
        loans: bodies.len(),
        alone_p50_us: took.at(50),
        alone_p99_us: took.at(99),
        alone_longest_us: took.at(100),
        together_per_second,
        beside: beside.0.len(),
        beside_p50_us: beside.at(50),
        beside_p99_us: beside.at(99),
        two_nodes_per_second,
        document_p50_us,
        document_bytes,
        database_bytes_per_loan,
    })
}

/// Times, sorted.
struct Spread(Vec<Duration>);

impl Spread {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// A percentile of the times, in microseconds.
    fn at(&self, percent: usize) -> u128 {
        self.0.get(self.0.len() * percent / 100).or(self.0.last()).map_or(0, Duration::as_micros)
    }
}

/// Request bodies that make loans.
async fn prepared(caller: &Caller, loans: u64) -> anyhow::Result<Vec<Value>> {
    let prepared = futures::stream::iter(0..loans).map(|number| async move {
        let offer = caller.offer(&registration(number + 1, "range_offer+never_signs")).await?;
        caller.loan_request(&offer, INSTALLMENTS).await
    });
    let prepared: Vec<anyhow::Result<Value>> = prepared.buffer_unordered(AT_ONCE).collect().await;
    prepared.into_iter().collect()
}

/// Makes loans sixteen at a time, on each node in turn. Returns the loans a second.
async fn per_second(nodes: &[&Caller], bodies: &[Value]) -> anyhow::Result<u64> {
    let began = Instant::now();
    let made = futures::stream::iter(bodies.iter().zip(nodes.iter().cycle()))
        .map(|(body, node)| node.call(Method::POST, "/v3/loans", Some(body)));
    let made: Vec<anyhow::Result<Value>> = made.buffer_unordered(CALLERS).collect().await;
    let span = began.elapsed();
    made.into_iter().collect::<anyhow::Result<Vec<Value>>>()?;
    let rate = u128::try_from(bodies.len())? * 1_000_000 / span.as_micros().max(1);
    Ok(u64::try_from(rate)?)
}

/// Registers customers one after another until its future is dropped, and notes each duration. Returns only an error.
async fn write_beside(caller: &Caller, took: &std::sync::Mutex<Vec<Duration>>) -> anyhow::Error {
    for number in 500_000_000.. {
        let began = Instant::now();
        let body = registration(number, "manual");
        if let Err(error) = caller.call(Method::POST, "/v3/customers", Some(&body)).await {
            return error;
        }
        took.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(began.elapsed());
        tokio::time::sleep(PAUSE).await;
    }
    anyhow::anyhow!("there are no more customers")
}

/// Starts a second node on the database and makes loans on both.
async fn on_two_nodes(
    folder: &Path, database: Option<&str>, caller: &Caller, bodies: &[Value],
) -> anyhow::Result<u64> {
    let second = folder.join("second");
    std::fs::create_dir_all(&second)?;
    let node = Target::start(&second, database).await?;
    let mut other = caller.clone();
    other.call_at(node.address);
    let rate = per_second(&[caller, &other], bodies).await?;
    node.stop().await?;
    Ok(rate)
}

/// The loans whose documents are rendered.
fn documents(loans: &[Value]) -> anyhow::Result<Vec<LoanId>> {
    let id = |loan: &Value| {
        let id = loan["id"].as_str().context("a loan has an id")?;
        id.parse().map_err(|_| anyhow::anyhow!("a loan's id is unreadable"))
    };
    loans.iter().take(100).map(id).collect()
}

/// The database's growth by one complete loan.
async fn weigh(
    target: &mut Target, access: &Arc<dyn DatabaseAccess>, caller: &mut Caller,
) -> anyhow::Result<i64> {
    let bytes = |database: &dyn Database| database.bytes();
    let before = target.meanwhile(access, bytes).await?;
    caller.call_at(target.address);
    let made = futures::stream::iter(0..WEIGHED).map(|number| {
        let caller = caller.clone();
        async move {
            let registration = registration(600_000_000 + number, "range_offer");
            caller.active_loan(&registration, WEIGHED_INSTALLMENTS).await
        }
    });
    let made: Vec<anyhow::Result<String>> = made.buffer_unordered(AT_ONCE).collect().await;
    made.into_iter().collect::<anyhow::Result<Vec<String>>>()?;
    let after = target.meanwhile(access, bytes).await?;
    caller.call_at(target.address);
    Ok((after - before) / i64::try_from(WEIGHED)?)
}

impl Report {
    /// Prints the figures.
    pub(super) fn print(&self) {
        let ms = |micros: u128| format!("{}.{} ms", micros / 1_000, micros / 100 % 10);
        say(&format!("  {} loans of {INSTALLMENTS} installments, each with its contract", self.loans));
        say(&format!(
            "  one after another: p50 {}, p99 {}, longest {}   (≤ 150 ms)",
            ms(self.alone_p50_us),
            ms(self.alone_p99_us),
            ms(self.alone_longest_us)
        ));
        say(&format!("  sixteen at a time: {} a second", self.together_per_second));
        say(&format!(
            "  {} other writes beside them: p50 {}, p99 {}   (≤ 20 ms)",
            self.beside,
            ms(self.beside_p50_us),
            ms(self.beside_p99_us)
        ));
        if let Some(rate) = self.two_nodes_per_second {
            say(&format!("  sixteen at a time on two nodes: {rate} a second"));
        }
        say(&format!(
            "  a document: {} to set, {} bytes in its file",
            ms(self.document_p50_us),
            self.document_bytes
        ));
        say(&format!(
            "  a complete loan of {WEIGHED_INSTALLMENTS} installments, from its customer on: {} bytes in the database   \
             (≤ 40,000)",
            self.database_bytes_per_loan
        ));
    }
}
