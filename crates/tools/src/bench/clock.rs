//! `dinie bench clock`: the duration of two years of many loans.

use std::time::{Duration, Instant};

use anyhow::ensure;
use futures::StreamExt as _;
use hyper::Method;
use serde::Serialize;
use serde_json::json;
use tempfile::TempDir;

use super::caller::{Caller, registration};
use crate::say;

/// Loans that are made at once.
const AT_ONCE: usize = 64;
/// Later than the last of 24 due dates.
const DAYS: u32 = 740;

/// The measured figures.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    database: &'static str,
    loans: u32,
    payments: u64,
    set_up_s: u64,
    advance_ms: u128,
}

/// Makes active loans of 24 installments, whose customers pay on time, and lets 24 months pass.
pub(super) async fn measure(database: Option<&str>, loans: u32) -> anyhow::Result<Report> {
    let folder = TempDir::new()?;
    let (target, caller) = Caller::of_new(folder.path(), database).await?;
    let began = Instant::now();
    let made = futures::stream::iter(0..u64::from(loans)).map(|number| {
        let caller = caller.clone();
        async move { caller.active_loan(&registration(number + 1, "range_offer+pays_on_time"), 24).await }
    });
    let made: Vec<anyhow::Result<String>> = made.buffer_unordered(AT_ONCE).collect().await;
    let ids = made.into_iter().collect::<anyhow::Result<Vec<String>>>()?;
    let set_up = began.elapsed();
    let began = Instant::now();
    caller.call(Method::POST, "/sandbox/clock/advance", Some(&json!({ "days": DAYS }))).await?;
    let advance = began.elapsed();
    for id in &ids {
        let loan = caller.call(Method::GET, &format!("/v3/loans/{id}"), None).await?;
        ensure!(loan["status"] == "finished", "the loan {id} is {}", loan["status"]);
    }
    target.stop().await?;
    Ok(Report {
        database: if database.is_some() { "postgresql" } else { "sqlite" },
        loans,
        payments: u64::from(loans) * 24,
        set_up_s: set_up.as_secs(),
        advance_ms: advance.as_millis(),
    })
}

impl Report {
    /// Prints the figures.
    pub(super) fn print(&self) {
        let Self { loans, payments, set_up_s, advance_ms, .. } = self;
        let advance = Duration::from_millis(u64::try_from(*advance_ms).expect("no bench runs for centuries"));
        say(&format!("  {loans} loans made active in {set_up_s} s"));
        say(&format!(
            "  24 months, {payments} payments, in {:.1} s   (1,000 loans: ≤ 60 s)",
            advance.as_secs_f64()
        ));
    }
}
