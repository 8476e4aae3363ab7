//! `dinie bench operator`: calls of operators. The audit trail records each one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use hyper::Method;
use serde::Serialize;
use serde_json::json;
use tempfile::TempDir;

use super::caller::{Caller, registration};
use super::load::{self, Ask, Measured};
use super::target::Target;
use crate::clock::real_now;

/// Connections of reads, and of payments.
const READERS: u64 = 64;
const PAYERS: u64 = 64;
/// Loans that are paid. Payments of one loan wait for each other, so there are more loans than connections.
const LOANS: u64 = 512;
/// Loans that are prepared at once.
const AT_ONCE: usize = 64;

/// The plan of the measurement.
pub(super) struct Plan<'a> {
    /// A new database of another server.
    pub(super) database: Option<&'a str>,
    /// Another build of the program.
    pub(super) program: Option<PathBuf>,
    /// Duration of each load.
    pub(super) span: Duration,
}

/// The measured figures.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    database: &'static str,
    seconds: u64,
    reads: Measured,
    payments: Measured,
}

/// Measures a separate server, on a new SQLite file or on a new database of the named server.
pub(super) async fn measure(plan: &Plan<'_>) -> anyhow::Result<Report> {
    let folder = TempDir::new()?;
    let target = start(plan, folder.path()).await?;
    let caller = Caller::first_of(&target).await?;
    let loans = futures::stream::iter(0..LOANS).map(|number| {
        let caller = caller.clone();
        async move { caller.active_loan(&registration(number + 1, "bench"), 12).await }
    });
    let loans: Vec<anyhow::Result<String>> = loans.buffer_unordered(AT_ONCE).collect().await;
    let loans: Arc<[String]> = loans.into_iter().collect::<anyhow::Result<_>>()?;
    let token = target.operator().await?;
    let run =
        |connections, status, ask| load::run(target.address, &token, connections, plan.span, status, ask);
    let reads = run(READERS, 200, read(&loans)).await?;
    let payments = run(PAYERS, 201, pay(&loans)).await?;
    target.stop().await?;
    let database = if plan.database.is_some() { "postgresql" } else { "sqlite" };
    Ok(Report { database, seconds: plan.span.as_secs(), reads, payments })
}

async fn start(plan: &Plan<'_>, folder: &Path) -> anyhow::Result<Target> {
    match &plan.program {
        Some(program) => Target::of_program(program, folder, plan.database).await,
        None => Target::start(folder, plan.database).await,
    }
}

/// The loan of a request; requests go through the loans in turn.
fn at(loans: &Arc<[String]>, number: u64) -> String {
    let place = usize::try_from(number % LOANS).expect("a few hundred fit");
    format!("/operator/v1/loans/{}", loans[place])
}

fn read(loans: &Arc<[String]>) -> Ask {
    let loans = Arc::clone(loans);
    Arc::new(move |number| (Method::GET, at(&loans, number), None))
}

fn pay(loans: &Arc<[String]>) -> Ask {
    let (loans, today) = (Arc::clone(loans), real_now().unmoved().business_date().to_string());
    Arc::new(move |number| {
        let body = json!({"reference": format!("bench-{number}"), "amount": "0.01", "paid_on": today});
        (Method::POST, format!("{}/payments", at(&loans, number)), Some(body.to_string()))
    })
}

impl Report {
    /// Prints the figures.
    pub(super) fn print(&self) {
        load::print_head(self.database);
        self.reads.print("GET …/loans/{id}, audited", "≥ 5000/s");
        self.payments.print("POST …/loans/{id}/payments, audited", "≥ 1000/s");
    }
}
