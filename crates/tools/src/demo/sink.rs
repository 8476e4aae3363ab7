//! The demo's receiver of webhooks.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::bail;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::webhook::signature::{self, Secret};
use serde_json::Value;

/// A received webhook.
#[derive(Clone)]
pub(super) struct Received {
    id: String,
    timestamp: i64,
    signature: String,
    bytes: Bytes,
    /// The body.
    pub(super) body: Value,
}

impl Received {
    /// Whether this webhook is signed with the secret that the API returned.
    pub(super) fn is_signed_with(&self, secret: &str) -> bool {
        let bytes = secret.strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok());
        let key: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.try_into().ok());
        let Some(secret) = key.map(Secret::new) else { return false };
        let expected = signature::header(&[&secret], &self.id, self.timestamp, &self.bytes);
        self.signature.split(' ').any(|entry| entry == expected)
    }

    /// The event's name.
    pub(super) fn kind(&self) -> Option<&str> {
        self.body["type"].as_str()
    }
}

type Inbox = Arc<Mutex<Vec<Received>>>;

/// A receiver on a free port of this machine.
pub(super) struct Sink {
    /// The receiver's URL.
    pub(super) url: String,
    inbox: Inbox,
}

impl Sink {
    pub(super) async fn start() -> anyhow::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/webhooks", listener.local_addr()?);
        let inbox = Inbox::default();
        let routes = Router::new().fallback(receive).with_state(Arc::clone(&inbox));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Self { url, inbox })
    }

    /// Waits until every expected event has come. An error names the missing ones.
    pub(super) async fn wait_for(
        &self, expected: &[&str], patience: Duration,
    ) -> anyhow::Result<Vec<Received>> {
        let began = Instant::now();
        loop {
            let received = self.inbox.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let mut missing: Vec<&str> = expected.to_vec();
            for event in &received {
                if let Some(place) = missing.iter().position(|name| Some(*name) == event.kind()) {
                    missing.swap_remove(place);
                }
            }
            if missing.is_empty() {
                return Ok(received);
            }
            if began.elapsed() > patience {
                bail!("no webhook came for {}", missing.join(", "));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// A webhook with all its headers; `None` if a header is missing.
fn read(headers: &HeaderMap, bytes: Bytes) -> Option<Received> {
    let header = |name: &str| headers.get(name)?.to_str().ok();
    Some(Received {
        id: header("webhook-id")?.to_owned(),
        timestamp: header("webhook-timestamp")?.parse().ok()?,
        signature: header("webhook-signature")?.to_owned(),
        body: serde_json::from_slice(&bytes).ok()?,
        bytes,
    })
}

async fn receive(State(inbox): State<Inbox>, headers: HeaderMap, bytes: Bytes) -> StatusCode {
    let Some(received) = read(&headers, bytes) else { return StatusCode::BAD_REQUEST };
    inbox.lock().unwrap_or_else(PoisonError::into_inner).push(received);
    StatusCode::NO_CONTENT
}
