//! Sends one event to the local program, as an endpoint would receive it.

use std::time::{Duration, Instant};

use crate::random::Random;
use domain::id::{DeliveryId, ResourceId as _};
use domain::webhook::signature::{self, Secret};
use serde::Serialize;
use serde_json::value::RawValue;
use url::Url;
use wire::WEBHOOK_AGENT;

use super::feed::ListedEvent;
use crate::client::{Certificates, CommandClient, client_with};
use crate::clock::real_now;

/// Pauses after failed attempts. They are short, because somebody is watching.
const PAUSES: [Duration; 3] = [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

/// Posts events, signed with the secret of a profile.
pub(super) struct Forwarder {
    client: CommandClient,
    target: Url,
    secret: Secret,
}

/// The outcome of forwarding an event.
pub(super) struct Forwarded {
    /// The last answer's status, or the reason why there was none.
    pub(super) outcome: String,
    /// Duration of the last attempt.
    pub(super) took: Duration,
    /// The number of attempts, if none succeeded.
    pub(super) given_up_after: Option<usize>,
}

/// The body of a webhook, with its fields in the order of the API.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    r#type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<&'a RawValue>,
    timestamp: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery_id: Option<String>,
    data: &'a RawValue,
}

impl Forwarder {
    pub(super) fn new(target: Url, secret: Secret, certificates: Certificates) -> anyhow::Result<Self> {
        Ok(Self { client: client_with(certificates)?, target, secret })
    }

    pub(super) fn target(&self) -> &Url {
        &self.target
    }

    /// The secret that the local program verifies with.
    pub(super) fn secret(&self) -> String {
        self.secret.reveal()
    }

    /// Posts an event, and retries a few times if the program does not accept it.
    pub(super) async fn forward(&self, event: &ListedEvent) -> anyhow::Result<Forwarded> {
        let body = body(event)?;
        let mut pauses = PAUSES.iter();
        loop {
            let began = Instant::now();
            let sent = self.attempt(&event.id, &body).await;
            let took = began.elapsed();
            let (outcome, accepted) = match sent {
                Ok(status) => (status.to_string(), (200..300).contains(&status)),
                Err(why) => (why.to_owned(), false),
            };
            if accepted {
                return Ok(Forwarded { outcome, took, given_up_after: None });
            }
            match pauses.next() {
                Some(pause) => tokio::time::sleep(*pause).await,
                None => return Ok(Forwarded { outcome, took, given_up_after: Some(PAUSES.len() + 1) }),
            }
        }
    }

    /// One attempt. Returns the answer's status, or the reason why there is no valid answer.
    async fn attempt(&self, id: &str, body: &[u8]) -> Result<u16, &'static str> {
        let at = real_now().seconds();
        let request = self
            .client
            .post(&self.target)
            .timeout(Duration::from_secs(5))
            .header("user-agent", WEBHOOK_AGENT)
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", at)
            .header("webhook-signature", signature::header(&[&self.secret], id, at, body))
            .body(body.to_vec());
        match request.send().await {
            Ok(answer) => Ok(answer.status().as_u16()),
            Err(error) if error.is_timeout() => Err("timeout"),
            Err(_unreachable) => Err("unreachable"),
        }
    }
}

/// The body that an endpoint of the generation would receive, byte for byte except the delivery's id.
fn body(event: &ListedEvent) -> anyhow::Result<Vec<u8>> {
    // Only the generation that names its version repeats the id in the body.
    let whole = event.api_version.is_some();
    let delivery = || DeliveryId::new(real_now(), Random::open().bytes()).to_string();
    Ok(serde_json::to_vec(&Body {
        id: whole.then_some(&event.id),
        r#type: &event.r#type,
        api_version: event.api_version.as_deref(),
        created_at: event.created_at.as_deref(),
        timestamp: event.timestamp(),
        delivery_id: whole.then(delivery),
        data: &event.data,
    })?)
}
