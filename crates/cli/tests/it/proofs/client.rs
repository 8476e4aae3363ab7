//! A partner's side of the API that does not give up. Each change has an idempotency key and is repeated until it is
//! answered.

use std::sync::RwLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::node::{Address, Node};

/// Longest time for which one change is repeated: longer than all kills of the ordinary run on a busy machine.
const PATIENCE: Duration = Duration::from_secs(900);

pub(super) struct Client {
    http: tools::client::CommandClient,
    address: Address,
    credential: (String, String),
    token: RwLock<String>,
    unanswered: AtomicU64,
}

/// The body of a request.
enum Body<'a> {
    None,
    Json(&'a Value),
    File(&'a str),
}

impl Client {
    /// A client that has signed in at a node.
    pub(super) async fn new(node: &Node, credential: (String, String)) -> Self {
        Self::signed_in(node.address.clone(), credential).await
    }

    /// A client that has signed in at an address.
    pub(super) async fn signed_in(address: Address, credential: (String, String)) -> Self {
        let client = Self {
            http: tools::client::command_client().unwrap(),
            address,
            credential,
            token: RwLock::default(),
            unanswered: AtomicU64::new(0),
        };
        client.sign_in().await;
        client
    }

    /// The same partner at another node.
    pub(super) async fn at(&self, node: &Node) -> Self {
        Self::new(node, self.credential.clone()).await
    }

    /// Number of requests without an answer, or with an answer that requests a repetition.
    pub(super) fn unanswered(&self) -> u64 {
        self.unanswered.load(Ordering::Relaxed)
    }

    pub(super) async fn get(&self, path: &str) -> Value {
        self.insist(Method::GET, path, &Body::None, "").await
    }

    pub(super) async fn post(&self, path: &str, body: &Value, key: &str) -> Value {
        self.insist(Method::POST, path, &Body::Json(body), key).await
    }

    /// Submits a document.
    pub(super) async fn upload(&self, customer: &str, kind: &str, key: &str) -> Value {
        let path = format!("/v3/customers/{customer}/documents");
        self.insist(Method::POST, &path, &Body::File(kind), key).await
    }

    /// One of the node's counters; 0 if the node has not counted yet.
    pub(super) async fn counter(&self, line_begins: &str) -> u64 {
        let answer = self.http.get(self.url("/metrics")).send().await.unwrap().text().await.unwrap();
        let mut lines = answer.lines().filter_map(|line| line.strip_prefix(line_begins));
        lines.find_map(|value| value.trim().parse().ok()).unwrap_or(0)
    }

    /// The version of the schema that a ready node sees.
    pub(super) async fn schema_version(&self) -> i64 {
        let answer = self.http.get(self.url("/ready")).send().await.unwrap().text().await.unwrap();
        let ready: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(ready["status"], "ready", "{ready}");
        ready["schema"]["version"].as_i64().unwrap()
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address.read().unwrap())
    }

    async fn sign_in(&self) {
        let (id, secret) = &self.credential;
        let request = || {
            self.http
                .post(self.url("/v3/auth/token"))
                .basic_auth(id, Some(secret))
                .header("content-type", "application/x-www-form-urlencoded")
                .body("grant_type=client_credentials")
        };
        let (status, answer) = self.repeated("/v3/auth/token", request).await;
        assert_eq!(status, 200, "{answer}");
        answer["access_token"].as_str().unwrap().clone_into(&mut self.token.write().unwrap());
    }

    async fn insist(&self, method: Method, path: &str, body: &Body<'_>, key: &str) -> Value {
        let request = || {
            let token = self.token.read().unwrap().clone();
            let request = self.http.request(method.clone(), self.url(path)).bearer_auth(token);
            let name = if path.starts_with("/api/") { "x-idempotency-key" } else { "idempotency-key" };
            let request = if key.is_empty() { request } else { request.header(name, key) };
            with_body(request, body)
        };
        let (mut status, mut answer) = self.repeated(path, request).await;
        if status == 401 {
            self.sign_in().await;
            (status, answer) = self.repeated(path, request).await;
        }
        assert!((200..300).contains(&status), "{method} {path} was answered {status}: {answer}");
        answer
    }

    /// Sends until there is a complete and final answer.
    async fn repeated(&self, path: &str, request: impl Fn() -> RequestBuilder) -> (u16, Value) {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Ok(answer) = request().send().await {
                let status = answer.status().as_u16();
                if let (true, Ok(text)) = (status < 500, answer.text().await) {
                    return (status, serde_json::from_str(&text).unwrap_or_default());
                }
            }
            self.unanswered.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{path} was never answered");
    }
}

fn with_body(request: RequestBuilder, body: &Body<'_>) -> RequestBuilder {
    match body {
        Body::None => request,
        Body::Json(body) => request.header("content-type", "application/json").body(body.to_string()),
        Body::File(kind) => {
            let content = if *kind == "selfie" { crate::inputs::JPEG } else { crate::inputs::PDF };
            let file = reqwest::multipart::Part::bytes(content).file_name("upload");
            let form = reqwest::multipart::Form::new().text("type", (*kind).to_owned()).part("file", file);
            request.multipart(form)
        }
    }
}
