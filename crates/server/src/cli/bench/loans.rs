//! `dinie bench loans`: how long the request takes that makes a loan with its contract.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use hyper::Method;
use serde::Serialize;
use serde_json::Value;
use tempfile::TempDir;

use super::caller::{Caller, registration};
use crate::cli::say;

/// How many offers are prepared at once.
const AT_ONCE: usize = 64;
const INSTALLMENTS: u16 = 24;

/// What was measured.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    database: &'static str,
    loans: usize,
    /// One after another.
    alone_p50_us: u128,
    alone_p99_us: u128,
    alone_longest_us: u128,
    /// Sixteen at a time.
    together_per_second: u64,
}

/// Makes loans of 24 installments, half of them one after another and half sixteen at a time.
pub(super) async fn measure(database: Option<&str>, loans: u32) -> anyhow::Result<Report> {
    let folder = TempDir::new()?;
    let (target, caller) = Caller::of_new(folder.path(), database).await?;
    let prepared = futures::stream::iter(0..u64::from(loans.max(2))).map(|number| {
        let caller = caller.clone();
        async move {
            let offer = caller.offer(&registration(number + 1, "range_offer+never_signs")).await?;
            caller.loan_request(&offer, INSTALLMENTS).await
        }
    });
    let prepared: Vec<anyhow::Result<Value>> = prepared.buffer_unordered(AT_ONCE).collect().await;
    let bodies = prepared.into_iter().collect::<anyhow::Result<Vec<Value>>>()?;
    let (alone, together) = bodies.split_at(bodies.len() / 2);
    let mut took = Vec::with_capacity(alone.len());
    for body in alone {
        let began = Instant::now();
        caller.call(Method::POST, "/v3/loans", Some(body)).await?;
        took.push(began.elapsed());
    }
    took.sort_unstable();
    let began = Instant::now();
    let made = futures::stream::iter(together).map(|body| caller.call(Method::POST, "/v3/loans", Some(body)));
    let made: Vec<anyhow::Result<Value>> = made.buffer_unordered(16).collect().await;
    let span = began.elapsed();
    made.into_iter().collect::<anyhow::Result<Vec<Value>>>()?;
    target.stop().await?;
    let at =
        |percent: usize| took.get(took.len() * percent / 100).or(took.last()).map_or(0, Duration::as_micros);
    let per_second = u128::try_from(together.len())? * 1_000_000 / span.as_micros().max(1);
    Ok(Report {
        database: if database.is_some() { "postgresql" } else { "sqlite" },
        loans: bodies.len(),
        alone_p50_us: at(50),
        alone_p99_us: at(99),
        alone_longest_us: at(100),
        together_per_second: u64::try_from(per_second)?,
    })
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
    }
}
