//! Loans with their contracts, made by sixteen callers, alone and beside other writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hyper::Method;
use serde_json::Value;

use super::super::load::{Ask, Measured, connect, exchange, gathered, micros};
use super::side::Side;

const INSTALLMENTS: u16 = 24;
/// Callers that make loans.
const CALLERS: usize = 16;
/// Callers that register customers at the same time.
const BESIDE: usize = 8;
/// Turns in which the programs make their loans.
const TURNS: usize = 4;

/// The measured figures.
#[derive(Debug, Clone, Copy)]
pub(super) struct Loans {
    /// Loans without other calls.
    pub(super) alone: Measured,
    /// Registrations while loans are made.
    pub(super) other_writes: Measured,
}

/// Makes half of the loans alone and half beside registrations.
pub(super) async fn by_turns(sides: &[Side; 2], loans: u32) -> anyhow::Result<[Loans; 2]> {
    let mut prepared = Vec::new();
    for side in sides {
        let bodies = side.loan_requests(loans, INSTALLMENTS).await?;
        prepared.push(bodies.iter().map(Value::to_string).collect::<Vec<_>>());
    }
    let mut sums = [const { [const { (Vec::new(), Duration::ZERO) }; 2] }; 2];
    for turn in 0..TURNS {
        for ((side, bodies), [alone, beside]) in sides.iter().zip(&prepared).zip(&mut sums) {
            let part = bodies.chunks(bodies.len().div_ceil(TURNS)).nth(turn).map_or(&[][..], |part| part);
            let (first, second) = part.split_at(part.len() / 2);
            add(alone, make(side, first).await?);
            add(beside, register_beside(side, second).await?);
        }
    }
    let of = |(latencies, time): (Vec<u64>, Duration)| Measured::of(latencies, time);
    Ok(sums.map(|[alone, beside]| Loans { alone: of(alone), other_writes: of(beside) }))
}

type Latencies = (Vec<u64>, Duration);

fn add(sum: &mut Latencies, more: Latencies) {
    sum.0.extend(more.0);
    sum.1 += more.1;
}

/// Makes loans with sixteen callers. Returns the latencies.
async fn make(side: &Side, bodies: &[String]) -> anyhow::Result<Latencies> {
    let (bodies, next) = (Arc::new(bodies.to_vec()), Arc::new(AtomicUsize::new(0)));
    let began = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..CALLERS {
        let (bodies, next, load) = (Arc::clone(&bodies), Arc::clone(&next), side.load(no_ask()));
        tasks.push(tokio::spawn(async move {
            let mut connection = connect(load.address).await?;
            let mut latencies = Vec::new();
            while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)).cloned() {
                let began = Instant::now();
                exchange(&mut connection, &load.token, Method::POST, "/v3/loans", Some(body), 201).await?;
                latencies.push(micros(began.elapsed()));
            }
            Ok::<_, anyhow::Error>(latencies)
        }));
    }
    gathered(tasks, began).await
}

/// Registers customers while loans are made. Returns the latencies of the registrations.
async fn register_beside(side: &Side, bodies: &[String]) -> anyhow::Result<Latencies> {
    let (began, ended) = (Instant::now(), Arc::new(AtomicBool::new(false)));
    let mut tasks = Vec::new();
    for _ in 0..BESIDE {
        let (ended, load) = (Arc::clone(&ended), side.load(side.register()));
        tasks.push(tokio::spawn(async move {
            let mut connection = connect(load.address).await?;
            let mut latencies = Vec::new();
            while !ended.load(Ordering::Relaxed) {
                let (method, path, body) = (load.ask)(0);
                let began = Instant::now();
                exchange(&mut connection, &load.token, method, &path, body, 201).await?;
                latencies.push(micros(began.elapsed()));
            }
            Ok::<_, anyhow::Error>(latencies)
        }));
    }
    let made = make(side, bodies).await;
    ended.store(true, Ordering::Relaxed);
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    made?;
    Ok((latencies, began.elapsed()))
}

/// A load without requests: the bodies of the loans are prepared.
fn no_ask() -> Ask {
    Arc::new(|_| (Method::POST, "/v3/loans".to_owned(), None))
}
