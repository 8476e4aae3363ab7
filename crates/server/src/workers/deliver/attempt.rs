//! One attempt: the request, its answer, and their meaning for the delivery.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use app::database::Random;
use app::spans::{Begun, Named, Outcome, SpanKind};
use app::webhooks::deliveries::{AttemptResult, LeasedDelivery};
use domain::cause::SpanPlace;
use domain::id::ResourceId as _;
use domain::time::RealTime;
use domain::webhook::delivery::{Attempt, Cause, DeliveryInput};
use domain::webhook::signature;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};

use super::lanes::{Assignment, Pace};
use crate::clock::{Clock, real_now};
use crate::outbound::{WebhookClient, cause};

/// Most bytes of an answer that are kept.
const KEPT: usize = 20 * 1024;
/// Longest answer time of an endpoint that needs no more requests at once. Sixteen requests under way are 500 a
/// second.
const PROMPT: Duration = Duration::from_millis(30);
/// Longest answer time of an endpoint that may get more requests at once. A slower one gets fewer.
const QUICK: Duration = Duration::from_millis(500);

/// The result of an attempt.
pub(super) struct Made {
    pub(super) delivery: LeasedDelivery,
    /// `None` if this machine could not make the attempt. That says nothing about the endpoint, so nothing is
    /// recorded. The delivery is due again when its lease ends.
    pub(super) result: Option<AttemptResult>,
    pub(super) pace: Pace,
}

/// The delay before the next try if this machine has no descriptor for a delivery.
const AFTER_SHORTAGE: Duration = Duration::from_secs(1);
/// A request's time limit, and one second to record its result.
const ROOM_FOR_REQUEST: Duration = Duration::from_secs(6);

/// Makes one attempt. While this machine lacks the resources for a connection, it tries again as long as the lease
/// allows.
pub(super) async fn make(client: &WebhookClient, clock: &Clock, assignment: Assignment) -> Made {
    loop {
        let (started_at, started) = (clock.now(), Instant::now());
        let under_way = metrics::gauge!("dinie_webhook_requests_under_way");
        under_way.increment(1);
        let delivery = &assignment.delivery;
        let span = Begun::of(&delivery.cause, || {
            Named::new(SpanKind::Client, "POST webhook")
                .text("http.request.method", "POST")
                .text("dinie.delivery.id", delivery.id.to_string())
                .number("dinie.delivery.attempt", i64::from(delivery.made) + 1)
        });
        let sent = send(client, &assignment, started_at, span.as_ref().map(Begun::place)).await;
        under_way.decrement(1);
        end_span(span, &sent);
        let took = started.elapsed();
        if matches!(sent, Err(Cause::OwnShortage)) {
            tell_shortage(&assignment.delivery);
            tokio::time::sleep(AFTER_SHORTAGE).await;
            if clock.now().plus(ROOM_FOR_REQUEST) < assignment.delivery.leased_until {
                continue;
            }
            return Made { delivery: assignment.delivery, result: None, pace: Pace::Slow };
        }
        let delivery = assignment.delivery;
        let result = result_of(sent, started_at, took, clock.now());
        tell(&delivery, &result, took);
        let pace = match took {
            prompt if prompt < PROMPT => Pace::Prompt,
            quick if quick < QUICK => Pace::Quick,
            _slow => Pace::Slow,
        };
        return Made { delivery, result: Some(result), pace };
    }
}

/// Logs, at most once a second, that this machine lacks resources. The metric counts each time.
fn tell_shortage(delivery: &LeasedDelivery) {
    static LAST: Mutex<Option<Instant>> = Mutex::new(None);
    metrics::counter!("dinie_webhook_own_shortages_total").increment(1);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.is_none_or(|last| last.elapsed() >= AFTER_SHORTAGE) {
        *last = Some(Instant::now());
        tracing::error!(
            delivery.id = %delivery.id,
            "this machine has no descriptor, port or memory left for a webhook; no attempt is counted, and the server tries again"
        );
    }
}

fn tell(delivery: &LeasedDelivery, result: &AttemptResult, took: Duration) {
    let (number, outcome) = (delivery.made + 1, result.attempt.outcome.clone());
    metrics::counter!("dinie_webhook_attempts_total", "outcome" => outcome.clone()).increment(1);
    metrics::histogram!("dinie_webhook_attempt_seconds").record(took);
    if delivery.made == 0 {
        // An event's id contains its moment. In a sandbox with a moved clock it is in the future and means nothing.
        let happened_at = delivery.event.moment().unmoved();
        if result.attempt.started_at >= happened_at {
            let lag = result.attempt.started_at.since(happened_at);
            metrics::histogram!("dinie_webhook_first_attempt_lag_seconds").record(lag);
        }
    }
    let (id, endpoint) = (delivery.id, delivery.endpoint);
    if result.input == DeliveryInput::Succeeded {
        tracing::debug!(delivery.id = %id, delivery.attempt = number, webhook.endpoint = %endpoint, outcome, "a webhook was attempted");
    } else {
        tracing::info!(delivery.id = %id, delivery.attempt = number, webhook.endpoint = %endpoint, outcome, "a webhook was attempted");
    }
}

/// The word for the result of an attempt without an answer.
fn outcome(cause: Cause) -> &'static str {
    match cause {
        Cause::ConnectionTimedOut | Cause::AnswerTimedOut => "timeout",
        Cause::AddressForbidden => "forbidden",
        Cause::OwnShortage => "own_shortage",
        Cause::NameNotResolved
        | Cause::ConnectionRefused
        | Cause::ConnectionBroken
        | Cause::CertificateExpired(_)
        | Cause::CertificateNotYetValid
        | Cause::CertificateOfOtherHost
        | Cause::CertificateUntrusted
        | Cause::TlsFailed => "unreachable",
    }
}

/// The parts of an answer that are used.
struct Answered {
    status: u16,
    retry_after: Option<Duration>,
    text: String,
}

/// Ends the span of an attempt.
fn end_span(span: Option<Begun>, sent: &Result<Answered, Cause>) {
    let Some(span) = span else { return };
    match sent {
        Ok(Answered { status, .. }) => {
            let outcome = if matches!(status, 200..=299) { Outcome::Good } else { Outcome::Failed };
            span.end(outcome, |named| named.number("http.response.status_code", i64::from(*status)));
        }
        Err(why) => span.end(Outcome::Failed, |named| named.text("error.type", outcome(*why))),
    }
}

async fn send(
    client: &WebhookClient, assignment: &Assignment, now: RealTime, span: Option<SpanPlace>,
) -> Result<Answered, Cause> {
    let (delivery, endpoint) = (&assignment.delivery, &assignment.endpoint);
    // The URL was checked when it was saved, but the rules may have changed since.
    let request = client.post(&endpoint.url).map_err(|_refused| Cause::AddressForbidden)?;
    // Receivers reject old timestamps, so the header has the real time even if the clock was moved.
    let sent_at = real_now().seconds();
    let id = delivery.event.to_string();
    let secrets = endpoint.secrets.live(now);
    let request = request
        .header(CONTENT_TYPE, "application/json")
        .header("webhook-id", &id)
        .header("webhook-timestamp", sent_at)
        .header("webhook-signature", signature::header(&secrets, &id, sent_at, &delivery.body))
        .body(delivery.body.clone());
    let request = match span {
        Some(span) => request.header("traceparent", span.to_string()),
        None => request,
    };
    let mut response = request.send().await.map_err(|error| cause(&error))?;
    let status = response.status().as_u16();
    let retry_after = retry_after(&response, real_now()).filter(|_| matches!(status, 429 | 503));
    let mut kept = Vec::new();
    // The status is the answer. If the body breaks off or is too slow, the received part is kept.
    while kept.len() < KEPT
        && let Ok(Some(piece)) = response.chunk().await
    {
        kept.extend_from_slice(&piece[..piece.len().min(KEPT - kept.len())]);
    }
    Ok(Answered { status, retry_after, text: inert(&kept) })
}

/// `Retry-After` in seconds or as a date.
fn retry_after(response: &reqwest::Response, now: RealTime) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(RealTime::from_seconds(date.as_second()).since(now))
}

/// The text without NUL, because PostgreSQL does not store it.
fn inert(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}")
}

fn result_of(
    sent: Result<Answered, Cause>, started_at: RealTime, took: Duration, ended_at: RealTime,
) -> AttemptResult {
    let duration_ms = i64::try_from(took.as_millis()).expect("an attempt has a time limit");
    let failed = |retry_after| DeliveryInput::AttemptFailed {
        at: ended_at,
        jitter: u16::from_be_bytes(Random::open().bytes()),
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
        Err(cause) => {
            let attempt = attempt(None, outcome(cause), cause.to_string());
            AttemptResult { input: failed(None), gone: false, attempt }
        }
    }
}
