//! `dinie bench compare`: an older program and a newer one side by side in one run, by turns, on new databases.
//!
//! This program is the load on servers of both. What happens below the API, bare inserts and the draining of webhooks that
//! were committed before the start, each program measures itself, by its own `bench`.

mod databases;
mod itself;
mod loans;
mod report;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::StreamExt as _;
use hyper::Method;
use serde_json::Value;
use tempfile::TempDir;

use self::databases::Databases;
use self::itself::Itself;
use self::loans::Loans;
pub(super) use self::report::Report;
use super::api::{READERS, WRITERS, get, simulate};
use super::caller::{Caller, registration};
use super::load::{self, Ask, Load, Measured};
use super::target::Target;
use super::workshop::Workshop;

/// How many customers the page lists that is measured.
const PAGE: u64 = 25;
/// How many customers are prepared at once.
const AT_ONCE: usize = 64;

/// What is compared, and how much of it.
pub(super) struct Plan<'a> {
    pub(super) old: &'a Path,
    pub(super) new: &'a Path,
    /// A database of PostgreSQL beside which empty ones are made; SQLite without it.
    pub(super) database: Option<&'a str>,
    /// Who makes empty databases.
    pub(super) workshop: &'a std::sync::Arc<dyn Workshop>,
    /// How long each load runs against each program.
    pub(super) span: Duration,
    /// How many changes each run of webhooks makes.
    pub(super) events: u64,
    /// How many loans each program makes.
    pub(super) loans: u32,
}

/// The same of the old program and of the new one.
#[derive(Debug, Clone, Copy)]
struct Both<T> {
    old: T,
    new: T,
}

impl<T> Both<T> {
    fn of([old, new]: [T; 2]) -> Self {
        Self { old, new }
    }
}

/// Everything measured.
struct Figures {
    health: Both<Measured>,
    loan: Both<Measured>,
    customers_page: Both<Measured>,
    installments_page: Both<Measured>,
    customers: Both<Measured>,
    simulations: Both<Measured>,
    loans: Both<Loans>,
    itself: Both<Itself>,
}

/// Compares the programs.
pub(super) async fn measure(plan: &Plan<'_>) -> anyhow::Result<Report> {
    let mut databases = Databases::beside(plan.database, plan.workshop)?;
    let figures = figures(plan, &mut databases).await;
    databases.drop_all().await?;
    Ok(Report::of(plan, &figures?))
}

async fn figures(plan: &Plan<'_>, databases: &mut Databases) -> anyhow::Result<Figures> {
    let sides = [Side::start(plan.old, databases).await?, Side::start(plan.new, databases).await?];
    let reads = |path: fn(&Side) -> String| {
        let loads = sides.each_ref().map(|side| side.load(get(path(side))));
        async move { load::by_turns(READERS, plan.span, 200, &loads).await.map(Both::of) }
    };
    let health = reads(|_| "/health".to_owned()).await?;
    let loan = reads(|side| format!("/v3/loans/{}", side.loan)).await?;
    let customers_page = reads(|_| format!("/v3/customers?limit={PAGE}")).await?;
    let installments_page = reads(|side| format!("/v3/loans/{}/transactions?limit=12", side.loan)).await?;
    let writes = |ask: fn(&Side) -> Ask| {
        let loads = sides.each_ref().map(|side| side.load(ask(side)));
        async move { load::by_turns(WRITERS, plan.span, 201, &loads).await.map(Both::of) }
    };
    let customers = writes(|side| side.register()).await?;
    let simulations = writes(|side| simulate(&side.offer)).await?;
    let loans = Both::of(loans::by_turns(&sides, plan.loans).await?);
    for side in sides {
        side.target.stop().await?;
    }
    let itself = Both::of(itself::by_turns([plan.old, plan.new], plan, databases).await?);
    Ok(Figures { health, loan, customers_page, installments_page, customers, simulations, loans, itself })
}

/// A server of one of the programs, with a partner, its customers, an offer and a loan.
struct Side {
    target: Target,
    caller: Caller,
    offer: String,
    loan: String,
    /// The number of the next registration.
    next: Arc<AtomicU64>,
    _folder: TempDir,
}

impl Side {
    async fn start(program: &Path, databases: &mut Databases) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let target = Target::of_program(program, folder.path(), databases.make().await?.as_deref()).await?;
        let caller = Caller::first_of(&target).await?;
        let offer = caller.offer(&registration(1, "bench")).await?;
        let loan = caller.active_loan(&registration(2, "bench"), 12).await?;
        for number in 0..PAGE {
            let body = registration(number + 10, "manual");
            caller.call(Method::POST, "/v3/customers", Some(&body)).await?;
        }
        let next = Arc::new(AtomicU64::new(1_000));
        Ok(Self { target, caller, offer, loan, next, _folder: folder })
    }

    fn load(&self, ask: Ask) -> Load {
        Load { address: self.target.address, token: self.caller.token.clone(), ask }
    }

    /// Registers another customer each time.
    fn register(&self) -> Ask {
        let next = Arc::clone(&self.next);
        Arc::new(move |_| {
            let body = registration(next.fetch_add(1, Ordering::Relaxed), "manual");
            (Method::POST, "/v3/customers".to_owned(), Some(body.to_string()))
        })
    }

    /// The bodies of requests that make so many loans.
    async fn loan_requests(&self, count: u32, installments: u16) -> anyhow::Result<Vec<Value>> {
        let prepared = futures::stream::iter(0..count).map(|_| async move {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let offer = self.caller.offer(&registration(number, "range_offer+never_signs")).await?;
            self.caller.loan_request(&offer, installments).await
        });
        let prepared: Vec<anyhow::Result<Value>> = prepared.buffer_unordered(AT_ONCE).collect().await;
        prepared.into_iter().collect()
    }
}

/// This program, where no other one is named as the new one.
pub(super) fn this_program() -> anyhow::Result<PathBuf> {
    Ok(std::env::current_exe()?)
}
