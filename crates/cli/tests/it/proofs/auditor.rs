//! The auditor: a process that is never killed. Clients report acknowledged changes to it, and webhooks arrive at it.
//! Each fact is on the disk before the auditor answers. The judge reads only the auditor's file.
//!
//! The process is this test binary again. A file tells it to be the auditor.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::{Json, Path as At, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::simulation_model::Dice;

/// A fact that the auditor keeps. Its moments are microseconds since the auditor's start.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub(super) enum Fact {
    /// A client knows of an event: its name in the reference, and its subject.
    Acknowledged { event: String, subject: String, at: u64 },
    /// A webhook was received.
    Received(Arrival),
    /// A note for the judge.
    Noted { what: String, at: u64 },
}

/// One attempt as it arrived.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Arrival {
    pub(super) endpoint: String,
    pub(super) webhook: String,
    /// The SHA-256 of the attempt's body.
    pub(super) digest: String,
    /// Whether the attempt's signature was valid.
    pub(super) verified: bool,
    pub(super) answered: u16,
    pub(super) began: u64,
    pub(super) ended: u64,
}

/// The behaviour of the auditor as a receiver of webhooks.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Manner {
    /// One in this many webhooks is refused; 0 means none.
    pub(super) fails_one_in: usize,
    /// Each answer takes between half of this time and all of it.
    pub(super) slowest_ms: usize,
}

/// The file that makes a process the auditor. It contains the seed of its refusals.
const ROLE: &str = "auditor.seed";
const FACTS: &str = "facts";
const INTRODUCTION: &str = "the auditor listens at ";

/// The auditor's process, seen from outside.
pub(super) struct Auditor {
    child: Child,
    address: String,
    folder: PathBuf,
    http: tools::client::CommandClient,
}

impl Drop for Auditor {
    fn drop(&mut self) {
        let _it_may_be_dead = self.child.kill();
        let _reaped = self.child.wait();
    }
}

impl Auditor {
    pub(super) fn start(folder: &Path, seed: u64) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join(ROLE), seed.to_string()).unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "proofs::auditor::the_auditor_keeps_what_it_receives", "--nocapture"])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.find_map(|line| Some(line.split_once(INTRODUCTION)?.1.to_owned()));
        let address = address.expect("the auditor ended before it was ready");
        std::thread::spawn(move || lines.for_each(drop));
        let http = tools::client::command_client().unwrap();
        Self { child, address, folder: folder.to_owned(), http }
    }

    /// The URL for an endpoint's webhooks.
    pub(super) fn hook(&self, endpoint: &str) -> String {
        format!("http://{}/hooks/{endpoint}", self.address)
    }

    /// Reports a fact. Returns when the fact is on the disk.
    pub(super) async fn tell(&self, fact: &Fact) {
        self.post("facts", serde_json::to_string(fact).unwrap()).await;
    }

    pub(super) async fn learn_secret(&self, endpoint: &str, secret: &str) {
        self.post(&format!("secrets/{endpoint}"), serde_json::to_string(secret).unwrap()).await;
    }

    pub(super) async fn behave(&self, manner: Manner) {
        self.post("manner", serde_json::to_string(&manner).unwrap()).await;
    }

    /// All kept facts, in order.
    pub(super) fn facts(&self) -> Vec<Fact> {
        let text = std::fs::read_to_string(self.folder.join(FACTS)).unwrap();
        // A partly written line is not a fact yet.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    async fn post(&self, path: &str, body: String) {
        let request = self.http.post(format!("http://{}/{path}", self.address));
        let answer = request.header("content-type", "application/json").body(body).send().await.unwrap();
        assert_eq!(answer.status(), 204);
    }
}

/// A fact, and the caller that waits until it is kept.
type Kept = (Fact, oneshot::Sender<()>);

/// State that the auditor's requests share.
struct Desk {
    began: Instant,
    facts: mpsc::Sender<Kept>,
    secrets: Mutex<HashMap<String, String>>,
    manner: Mutex<Manner>,
    dice: Mutex<Dice>,
}

/// In a folder with the file of its role, this test is the auditor's process. Otherwise it tests the auditor from
/// outside.
#[tokio::test(flavor = "multi_thread")]
async fn the_auditor_keeps_what_it_receives() {
    match std::fs::read_to_string(ROLE) {
        Ok(seed) => serve(seed.parse().unwrap()).await,
        Err(_no_role) => tried().await,
    }
}

async fn tried() {
    let folder = tempfile::TempDir::new().unwrap();
    let auditor = Auditor::start(folder.path(), 7);
    let fact = Fact::Acknowledged { event: "loan.active".into(), subject: "ln_1".into(), at: 0 };
    auditor.tell(&fact).await;
    assert!(matches!(&auditor.facts()[..], [Fact::Acknowledged { subject, .. }] if subject == "ln_1"));
    let secret = domain::webhook::signature::Secret::new([7; 32]);
    auditor.learn_secret("reference", &secret.reveal()).await;
    let at = server::clock::real_now().seconds();
    for (body, answered) in [("{}", true), ("{ }", false)] {
        let signed = domain::webhook::signature::header(&[&secret], "evt_1", at, b"{}");
        let request = auditor.http.post(auditor.hook("reference")).header("webhook-id", "evt_1");
        let request = request.header("webhook-timestamp", at).header("webhook-signature", signed);
        assert_eq!(request.body(body).send().await.unwrap().status(), 204);
        let facts = auditor.facts();
        assert!(matches!(facts.last(), Some(Fact::Received(arrival)) if arrival.verified == answered));
    }
    auditor.behave(Manner { fails_one_in: 1, slowest_ms: 0 }).await;
    let refused = auditor.http.post(auditor.hook("reference")).body("{}").send().await.unwrap();
    assert!(!refused.status().is_success());
}

async fn serve(seed: u64) {
    let (facts, kept) = mpsc::channel();
    std::thread::spawn(move || keep(&kept));
    let desk = Arc::new(Desk {
        began: Instant::now(),
        facts,
        secrets: Mutex::default(),
        manner: Mutex::default(),
        dice: Mutex::new(Dice(seed)),
    });
    let routes = axum::Router::new()
        .route("/facts", post(take_fact))
        .route("/secrets/{endpoint}", post(take_secret))
        .route("/manner", post(take_manner))
        .route("/hooks/{endpoint}", post(take_webhook))
        .with_state(desk);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("\n{INTRODUCTION}{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    // The auditor ends with its parent process, however the parent ends.
    let ended = || std::io::stdin().read_to_end(&mut Vec::new());
    tokio::task::spawn_blocking(ended).await.unwrap().unwrap();
}

/// Writes facts to the file, all waiting ones together. Answers for them when they are on the disk.
fn keep(facts: &mpsc::Receiver<Kept>) {
    let mut file = File::options().create(true).append(true).open(FACTS).unwrap();
    while let Ok(first) = facts.recv() {
        let all: Vec<Kept> = std::iter::once(first).chain(facts.try_iter()).collect();
        let line = |(fact, _): &Kept| serde_json::to_string(fact).unwrap() + "\n";
        file.write_all(all.iter().map(line).collect::<String>().as_bytes()).unwrap();
        file.sync_data().unwrap();
        for (_, waits) in all {
            let _gone = waits.send(());
        }
    }
}

impl Desk {
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap()
    }

    async fn keep(&self, fact: Fact) {
        let (waits, kept) = oneshot::channel();
        self.facts.send((fact, waits)).unwrap();
        kept.await.unwrap();
    }

    async fn receive(&self, endpoint: String, headers: &HeaderMap, body: &[u8]) -> StatusCode {
        let began = self.now();
        let secret = self.secrets.lock().unwrap().get(&endpoint).cloned();
        let verified = secret.is_some_and(|secret| {
            let webhook = standardwebhooks::Webhook::new(&secret).unwrap();
            webhook.verify(body, headers).is_ok()
        });
        let (wait, answered) = self.plan();
        tokio::time::sleep(wait).await;
        let webhook = headers.get("webhook-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
        let arrival = Arrival {
            endpoint,
            webhook: webhook.to_owned(),
            digest: store::seal::sha256_hex(body),
            verified,
            answered: answered.as_u16(),
            began,
            ended: self.now(),
        };
        self.keep(Fact::Received(arrival)).await;
        answered
    }

    /// The delay and the status of the next answer.
    fn plan(&self) -> (Duration, StatusCode) {
        let (manner, mut dice) = (*self.manner.lock().unwrap(), self.dice.lock().unwrap());
        let half = manner.slowest_ms / 2;
        let wait = half + dice.below(half + 1);
        let fails = manner.fails_one_in > 0 && dice.one_in(manner.fails_one_in);
        let failures =
            [StatusCode::INTERNAL_SERVER_ERROR, StatusCode::SERVICE_UNAVAILABLE, StatusCode::FOUND];
        let answered = if fails { failures[dice.below(3)] } else { StatusCode::NO_CONTENT };
        (Duration::from_millis(wait as u64), answered)
    }
}

async fn take_fact(State(desk): State<Arc<Desk>>, Json(mut fact): Json<Fact>) -> StatusCode {
    if let Fact::Acknowledged { at, .. } | Fact::Noted { at, .. } = &mut fact {
        *at = desk.now();
    }
    desk.keep(fact).await;
    StatusCode::NO_CONTENT
}

async fn take_secret(
    State(desk): State<Arc<Desk>>, At(endpoint): At<String>, Json(secret): Json<String>,
) -> StatusCode {
    desk.secrets.lock().unwrap().insert(endpoint, secret);
    StatusCode::NO_CONTENT
}

async fn take_manner(State(desk): State<Arc<Desk>>, Json(manner): Json<Manner>) -> StatusCode {
    *desk.manner.lock().unwrap() = manner;
    StatusCode::NO_CONTENT
}

async fn take_webhook(
    State(desk): State<Arc<Desk>>, At(endpoint): At<String>, headers: HeaderMap, body: Bytes,
) -> StatusCode {
    // A separate task keeps the arrival even if its sender dies before the answer.
    tokio::spawn(async move { desk.receive(endpoint, &headers, &body).await }).await.unwrap()
}
