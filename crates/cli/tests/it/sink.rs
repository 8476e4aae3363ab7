//! A program that receives webhooks, and the check of their signatures.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::support::{Partner, TestApp};

/// Much longer than needed, for a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Waits for what another process sends.
pub(crate) async fn until<T>(found: impl Fn() -> Option<T>, what: impl Fn() -> String) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "{} did not come", what());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A receiver of webhooks on this machine.
pub(crate) struct Sink {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

/// A status and some headers.
type Planned = (u16, Vec<(&'static str, &'static str)>);

#[derive(Default)]
struct Shared {
    received: Mutex<Vec<Received>>,
    answers: Mutex<VecDeque<Planned>>,
}

#[derive(Clone)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Sink {
    pub(crate) async fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let routes = Router::new().fallback(receive).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { url, shared }
    }

    /// Forgets the planned answers.
    pub(crate) fn answer_as_usual(&self) {
        self.shared.answers.lock().unwrap().clear();
    }

    /// Plans the answers to the next requests. After them every answer is 204.
    pub(crate) fn answer_next(&self, answers: &[Planned]) {
        self.shared.answers.lock().unwrap().extend(answers.iter().cloned());
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// Every body. An independent library has verified its signature.
    pub(crate) fn verified(&self, secret: &str) -> Vec<Value> {
        let verify = |received: &Received| {
            verify(received, secret).unwrap();
            serde_json::from_slice(&received.body).unwrap()
        };
        self.received().iter().map(verify).collect()
    }
}

impl TestApp {
    /// An app with a partner and its endpoint, which receives every event.
    pub(crate) async fn with_endpoint() -> (Self, Partner, Sink, Answer) {
        let (app, partner) = Self::with_partner().await;
        let sink = Sink::start().await;
        let endpoint = partner.endpoint(&sink).await;
        (app, partner, sink, endpoint)
    }
}

impl Partner {
    /// A new endpoint of `/v3`, which receives every event.
    pub(crate) async fn endpoint(&self, sink: &Sink) -> Answer {
        self.post("/v3/webhooks/endpoints", &json!({"url": sink.url})).await.expect(201)
    }

    /// A new endpoint of `/v3` that subscribes to these events.
    pub(crate) async fn endpoint_for(&self, sink: &Sink, events: &[&str]) -> Answer {
        let body = json!({"url": sink.url, "events": events});
        self.post("/v3/webhooks/endpoints", &body).await.expect(201)
    }
}

pub(crate) fn verify(received: &Received, secret: &str) -> Result<(), standardwebhooks::WebhookError> {
    let webhook = standardwebhooks::Webhook::new(secret)?;
    let mut headers = HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let value = received.headers.get(name).unwrap().to_str().unwrap();
        headers.insert(name, value.parse().unwrap());
    }
    webhook.verify(&received.body, &headers)
}

async fn receive(
    State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes,
) -> (StatusCode, HeaderMap) {
    shared.received.lock().unwrap().push(Received { headers, body: body.to_vec() });
    let (status, extra) = shared.answers.lock().unwrap().pop_front().unwrap_or((204, Vec::new()));
    let mut headers = HeaderMap::new();
    for (name, value) in extra {
        headers.insert(name, value.parse().unwrap());
    }
    (StatusCode::from_u16(status).unwrap(), headers)
}
