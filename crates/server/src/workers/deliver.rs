//! Sends deliveries: leased in a short transaction, sent outside any, recorded in another.
//!
//! A slow or dead endpoint holds at most [`MOST_PER_ENDPOINT`] of the sender's places.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use domain::id::EndpointId;
use domain::time::Timestamp;
use domain::webhook::delivery::{Attempt, DeliveryInput, DeliveryState};
use domain::webhook::signature;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use store::random::Random;
use store::{StoreError, Wake};
use tokio::task::JoinSet;

use super::{rest_after, sleep_until};
use crate::app;
use crate::app::webhooks::{Assignment, AttemptResult};
use crate::clock::real_now;
use crate::outbound::{check_target, webhook_client};
use crate::state::AppState;

/// How many requests are under way at once: more than all fifty endpoints of a partner may hold.
const MOST_IN_FLIGHT: usize = 2_048;
/// How many of them go to one endpoint, give or take one lease.
const MOST_PER_ENDPOINT: usize = 16;
/// Longer than any request may take, with time to record it.
const LEASE: Duration = Duration::from_secs(30);
/// How much of an answer is kept.
const KEPT: usize = 20 * 1024;

/// Sends deliveries.
pub struct Sender {
    state: AppState,
    client: reqwest::Client,
}

/// Requests under way, counted by endpoint.
#[derive(Default)]
struct InFlight {
    requests: JoinSet<(EndpointId, Result<(), StoreError>)>,
    by_endpoint: HashMap<EndpointId, usize>,
}

impl InFlight {
    fn busy(&self) -> Vec<EndpointId> {
        let full = self.by_endpoint.iter().filter(|(_, count)| **count >= MOST_PER_ENDPOINT);
        full.map(|(endpoint, _)| *endpoint).collect()
    }

    fn ended(&mut self, endpoint: EndpointId) {
        if let Some(count) = self.by_endpoint.get_mut(&endpoint) {
            *count -= 1;
            if *count == 0 {
                self.by_endpoint.remove(&endpoint);
            }
        }
    }
}

impl Sender {
    /// A sender with a client of its own.
    pub fn new(state: AppState) -> anyhow::Result<Self> {
        let client = webhook_client(state.config.loopback)?;
        Ok(Self { state, client })
    }

    /// Sends whatever is due, for as long as the server runs.
    pub async fn run(self) {
        let mut in_flight = InFlight::default();
        loop {
            match self.fill(&mut in_flight).await {
                Ok(0) => self.wait(&mut in_flight).await,
                Ok(_more_may_be_due) => {}
                Err(error) => rest_after("deliver", &error).await,
            }
        }
    }

    /// Sends what is due now and waits for it; returns how much that was.
    pub async fn tick(&self) -> Result<usize, StoreError> {
        let mut in_flight = InFlight::default();
        let sent = self.fill(&mut in_flight).await?;
        while let Some(ended) = in_flight.requests.join_next().await {
            if let Ok((endpoint, recorded)) = ended {
                in_flight.ended(endpoint);
                recorded?;
            }
        }
        Ok(sent)
    }

    /// Leases as much as there are places for and begins to send it.
    async fn fill(&self, in_flight: &mut InFlight) -> Result<usize, StoreError> {
        while let Some(ended) = in_flight.requests.try_join_next() {
            note_end(in_flight, ended);
        }
        let places = MOST_IN_FLIGHT.saturating_sub(in_flight.requests.len()).min(MOST_PER_ENDPOINT);
        if places == 0 {
            return Ok(0);
        }
        let (now, busy) = (self.state.clock.now(), in_flight.busy());
        let lease = move |tx: &mut store::Tx<'_>| app::webhooks::lease(tx, now, LEASE, places, &busy);
        let assignments = self.state.store.write(lease).await?;
        let leased = assignments.len();
        for assignment in assignments {
            let endpoint = assignment.endpoint.id;
            *in_flight.by_endpoint.entry(endpoint).or_default() += 1;
            let (state, client) = (self.state.clone(), self.client.clone());
            in_flight.requests.spawn(async move { (endpoint, attempt(&state, &client, assignment).await) });
        }
        Ok(leased)
    }

    /// Waits for a request to end, for the bell, or for the next due time.
    async fn wait(&self, in_flight: &mut InFlight) {
        let busy = in_flight.busy();
        let due = self.state.store.read(move |tx| app::webhooks::next_due(tx, &busy)).await;
        // What is due now and was not leased waits for a place, which only an ended request gives.
        let (full, now) = (in_flight.requests.len() >= MOST_IN_FLIGHT, self.state.clock.now());
        let due = due.map(|due| due.filter(|due| !(full && *due <= now)));
        tokio::select! {
            Some(ended) = in_flight.requests.join_next() => note_end(in_flight, ended),
            () = sleep_until(&self.state, Some(Wake::Deliveries), due) => {}
        }
    }
}

fn note_end(
    in_flight: &mut InFlight,
    ended: Result<(EndpointId, Result<(), StoreError>), tokio::task::JoinError>,
) {
    match ended {
        Ok((endpoint, recorded)) => {
            in_flight.ended(endpoint);
            if let Err(error) = recorded {
                tracing::warn!(%error, "an attempt could not be recorded; its lease runs out and it is made again");
            }
        }
        Err(error) => tracing::error!(%error, "a delivery's task failed"),
    }
}

/// Makes one attempt and records it.
async fn attempt(
    state: &AppState,
    client: &reqwest::Client,
    assignment: Assignment,
) -> Result<(), StoreError> {
    let (started_at, started) = (state.clock.now(), Instant::now());
    // The URL was checked when it was saved, but what is allowed may have changed since.
    let sent = match check_target(&assignment.endpoint.url, state.config.loopback) {
        Ok(()) => send(client, &assignment, started_at).await.map_err(|error| Unsent::of(&error)),
        Err(_refused) => Err(Unsent::Forbidden),
    };
    let took = started.elapsed();
    let ended_at = state.clock.now();
    let result = result_of(sent, started_at, took, ended_at);
    metrics::counter!("dinie_webhook_attempts_total", "outcome" => result.attempt.outcome.clone())
        .increment(1);
    metrics::histogram!("dinie_webhook_attempt_seconds").record(took);
    let (number, outcome) = (attempts_made(assignment.delivery.state) + 1, result.attempt.outcome.clone());
    tracing::info!(
        delivery.id = %assignment.delivery.id, delivery.attempt = number, webhook.endpoint = %assignment.endpoint.id,
        outcome, "a webhook was attempted"
    );
    let delivery = assignment.delivery;
    let script =
        move |tx: &mut store::Tx<'_>| app::webhooks::record_attempt(tx, ended_at, &delivery, &result);
    state.store.write(script).await.map(drop)
}

fn attempts_made(state: DeliveryState) -> u16 {
    match state {
        DeliveryState::Pending { made, .. }
        | DeliveryState::Delivered { made }
        | DeliveryState::Failed { made } => made,
    }
}

/// Why there was no answer.
#[derive(Clone, Copy)]
enum Unsent {
    Timeout,
    Unreachable,
    Forbidden,
}

impl Unsent {
    fn of(error: &reqwest::Error) -> Self {
        if error.is_timeout() { Self::Timeout } else { Self::Unreachable }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Forbidden => "forbidden",
        }
    }
}

/// An answer, as far as it matters.
struct Answered {
    status: u16,
    retry_after: Option<Duration>,
    text: String,
}

async fn send(
    client: &reqwest::Client,
    assignment: &Assignment,
    now: Timestamp,
) -> Result<Answered, reqwest::Error> {
    let (delivery, endpoint) = (&assignment.delivery, &assignment.endpoint);
    // Receivers reject old timestamps, so the header carries the real time even where the clock was moved.
    let sent_at = real_now().seconds();
    let id = delivery.event.to_string();
    let secrets = endpoint.secrets.live(now);
    let mut response = client
        .post(&endpoint.url)
        .header(CONTENT_TYPE, "application/json")
        .header("webhook-id", &id)
        .header("webhook-timestamp", sent_at)
        .header("webhook-signature", signature::header(&secrets, &id, sent_at, &delivery.body))
        .body(delivery.body.clone())
        .send()
        .await?;
    let status = response.status().as_u16();
    let retry_after = retry_after(&response, real_now()).filter(|_| matches!(status, 429 | 503));
    let mut kept = Vec::new();
    // The status is the answer; a body that breaks off or drips too slowly is kept as far as it came.
    while kept.len() < KEPT
        && let Ok(Some(piece)) = response.chunk().await
    {
        kept.extend_from_slice(&piece[..piece.len().min(KEPT - kept.len())]);
    }
    Ok(Answered { status, retry_after, text: inert(&kept) })
}

/// `Retry-After` in seconds or as a date.
fn retry_after(response: &reqwest::Response, now: Timestamp) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(Timestamp::from_seconds(date.as_second()).since(now))
}

/// Text without NUL, which PostgreSQL does not store.
fn inert(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}")
}

fn result_of(
    sent: Result<Answered, Unsent>,
    started_at: Timestamp,
    took: Duration,
    ended_at: Timestamp,
) -> AttemptResult {
    let duration_ms = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
    let mut jitter = Random::open();
    let mut failed = |retry_after| DeliveryInput::AttemptFailed {
        at: ended_at,
        jitter: u16::from_be_bytes(jitter.bytes()),
        retry_after,
    };
    let attempt = |status, outcome: &str, answer| Attempt {
        started_at,
        duration_ms,
        status,
        outcome: outcome.to_owned(),
        answer,
    };
    match sent {
        Ok(Answered { status: status @ 200..=299, text, .. }) => AttemptResult {
            input: DeliveryInput::Succeeded,
            gone: false,
            attempt: attempt(Some(i64::from(status)), "delivered", text),
        },
        Ok(Answered { status, retry_after, text }) => AttemptResult {
            input: failed(retry_after),
            gone: status == 410,
            attempt: attempt(Some(i64::from(status)), "refused", text),
        },
        Err(unsent) => {
            let attempt = attempt(None, unsent.name(), String::new());
            AttemptResult { input: failed(None), gone: false, attempt }
        }
    }
}
