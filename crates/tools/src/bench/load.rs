//! Load: connections that stay open. Each sends its next request as soon as it has the answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::say;

/// Makes the n-th request of a load.
pub(super) type Ask = Arc<dyn Fn(u64) -> (Method, String, Option<String>) + Send + Sync>;

/// The figures of a load.
#[derive(Debug, Clone, Copy, Default, serde::Serialize)]
pub(super) struct Measured {
    /// Answers a second.
    pub(super) rate: u64,
    /// The median answer, in microseconds.
    pub(super) p50_us: u64,
    /// The 99th percentile, in microseconds.
    pub(super) p99_us: u64,
}

impl Measured {
    /// The figures of a list of latencies over a span.
    pub(super) fn of(mut latencies_us: Vec<u64>, span: Duration) -> Self {
        latencies_us.sort_unstable();
        let count = latencies_us.len();
        // If no request succeeded, the latencies are 0, as is the rate.
        let at = |part: usize| {
            let place = (count * part / 100).min(count.saturating_sub(1));
            latencies_us.get(place).map_or(0, |latency| *latency)
        };
        let rate = u128::from(count as u64) * 1_000 / span.as_millis().max(1);
        let rate = u64::try_from(rate).expect("a list in memory divided by milliseconds fits");
        Self { rate, p50_us: at(50), p99_us: at(99) }
    }

    /// Prints the figures as a row under [`print_head`].
    pub(super) fn print(self, name: &str, bar: &str) {
        let Self { rate, p50_us, p99_us } = self;
        say(&format!("  {name:<34}{rate:>9}/s{p50_us:>9} µs{p99_us:>9} µs   {bar}"));
    }
}

/// Prints the head of a table of measured loads.
pub(super) fn print_head(name: &str) {
    say(&format!("  {name:<34}{:>11}{:>12}{:>12}   against its bar", "rate", "p50", "p99"));
}

/// A measured span, in microseconds.
pub(super) fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).expect("no bench runs for centuries")
}

/// Turns in which loads are compared.
const TURNS: u32 = 10;

/// Sends requests over `connections` connections for `span`. Every answer must have `status`.
pub(super) async fn run(
    address: SocketAddr, token: &str, connections: u64, span: Duration, status: u16, ask: Ask,
) -> anyhow::Result<Measured> {
    let (latencies, took) = turn(address, token, connections, span, status, ask).await?;
    Ok(Measured::of(latencies, took))
}

/// A load and the server that receives it.
pub(super) struct Load {
    pub(super) address: SocketAddr,
    pub(super) token: String,
    pub(super) ask: Ask,
}

/// Runs loads in turns, each for `span` in all. A shared machine then slows all of them equally.
pub(super) async fn by_turns<const N: usize>(
    connections: u64, span: Duration, status: u16, loads: &[Load; N],
) -> anyhow::Result<[Measured; N]> {
    let mut sums = [const { (Vec::new(), Duration::ZERO) }; N];
    for _ in 0..TURNS {
        for (Load { address, token, ask }, (latencies, time)) in loads.iter().zip(&mut sums) {
            let ask = Arc::clone(ask);
            let (more, took) = turn(*address, token, connections, span / TURNS, status, ask).await?;
            latencies.extend(more);
            *time += took;
        }
    }
    Ok(sums.map(|(latencies, time)| Measured::of(latencies, time)))
}

/// The latencies of one load in microseconds, and its duration.
pub(super) async fn turn(
    address: SocketAddr, token: &str, connections: u64, span: Duration, status: u16, ask: Ask,
) -> anyhow::Result<(Vec<u64>, Duration)> {
    let requests = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (requests, ask, token) = (Arc::clone(&requests), Arc::clone(&ask), token.to_owned());
        tasks.push(tokio::spawn(async move {
            let mut connection = connect(address).await?;
            let mut latencies = Vec::new();
            while began.elapsed() < span {
                let (method, path, body) = ask(requests.fetch_add(1, Ordering::Relaxed));
                let started = Instant::now();
                exchange(&mut connection, &token, method, &path, body, status).await?;
                latencies.push(micros(started.elapsed()));
            }
            Ok::<_, anyhow::Error>(latencies)
        }));
    }
    gathered(tasks, began).await
}

/// The latencies of all callers, and the time until the last one has ended.
pub(super) async fn gathered(
    callers: Vec<JoinHandle<anyhow::Result<Vec<u64>>>>, began: Instant,
) -> anyhow::Result<(Vec<u64>, Duration)> {
    let mut latencies = Vec::new();
    for caller in callers {
        latencies.extend(caller.await??);
    }
    Ok((latencies, began.elapsed()))
}

/// A connection to the server.
pub(super) async fn connect(address: SocketAddr) -> anyhow::Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

/// Sends one request that must be answered with `status`. Returns the answer's body.
pub(super) async fn exchange(
    connection: &mut SendRequest<Full<Bytes>>, token: &str, method: Method, path: &str, body: Option<String>,
    status: u16,
) -> anyhow::Result<Bytes> {
    let mut request = Request::builder().method(method).uri(path).header("host", "bench");
    request = request.header("authorization", format!("Bearer {token}"));
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    let request = request.body(body.map_or_else(Full::default, Full::from))?;
    connection.ready().await.context("the connection ended")?;
    let answer = connection.send_request(request).await?;
    let given = answer.status().as_u16();
    let body = answer.into_body().collect().await?.to_bytes();
    ensure!(given == status, "{path} answered {given}: {}", String::from_utf8_lossy(&body));
    Ok(body)
}
