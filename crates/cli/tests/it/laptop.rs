//! `dinie listen` and `dinie trigger` as whole processes, against a server in a separate process.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::event::EventKind;
use domain::webhook::endpoint::Generation;
use serde_json::{Value, json};

use crate::command_line::calling;
use crate::inputs::registration;
use crate::process::{Running, dinie, exchange, new_partner, start, start_at, stop, token};
use crate::sink::{Sink, until, verify};

/// A listener that has printed its secret.
struct Listener {
    child: Child,
    secret: String,
    said: Arc<Mutex<Vec<String>>>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

impl Listener {
    fn start(folder: &Path, running: &Running, args: &[&str]) -> Self {
        let mut command = calling(folder, running, &[&["listen"], args].concat());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let secret = lines.find_map(|line| line.trim().starts_with("whsec_").then(|| line.trim().to_owned()));
        let secret = secret.expect("the listener ended before it was ready");
        let said: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&said);
        std::thread::spawn(move || lines.for_each(|line| kept.lock().unwrap().push(line)));
        Self { child, secret, said }
    }

    /// Waits for an output line that contains all these words. Returns the line.
    async fn says(&self, words: &[&str]) -> String {
        let said = || self.said.lock().unwrap().clone();
        let says = |line: &String| words.iter().all(|word| line.contains(word));
        until(|| said().into_iter().find(says), || format!("{words:?} in {:?}", said())).await
    }

    /// Ends the listener as Ctrl-C does.
    fn interrupt(mut self) -> (std::process::ExitStatus, Vec<String>) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        let said = self.said.lock().unwrap().clone();
        (status, said)
    }
}

/// Posts as a caller with a fresh token, because the server's tokens may last only for seconds.
fn post(running: &Running, path: &str, body: &Value) -> Value {
    let headers = format!("authorization: Bearer {}\r\ncontent-type: application/json\r\n", token(running));
    let (status, body) = exchange(running, "POST", path, &headers, &body.to_string());
    assert_eq!(status, 201, "{body}");
    serde_json::from_str(&body).unwrap()
}

/// Waits until the server lists an event.
async fn first_event(running: &Running) {
    let listed = || {
        let headers = format!("authorization: Bearer {}\r\n", token(running));
        let (_, body) = exchange(running, "GET", "/v3/events", &headers, "");
        body.contains("customer.created").then_some(())
    };
    until(listed, || "the first event".into()).await;
}

fn register(running: &Running, number: u32) {
    post(running, "/v3/customers", &registration(100_000_000 + number, "manual"));
}

/// The bodies that a sink has received, by `webhook-id`.
fn bodies(sink: &Sink) -> BTreeMap<String, String> {
    let received = sink.received().into_iter();
    let id = |headers: &axum::http::HeaderMap| headers["webhook-id"].to_str().unwrap().to_owned();
    received.map(|one| (id(&one.headers), String::from_utf8(one.body).unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_misses_no_event_while_the_server_is_killed_and_its_tokens_expire() {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("dinie.toml"), "[lifetimes]\naccess_token_s = 3\n").unwrap();
    let running = start(folder.path());
    register(&running, 0);
    first_event(&running).await;
    let (local, endpoint) = (Sink::start().await, Sink::start().await);
    // The listener must forward the same bodies that the server's endpoint receives.
    post(&running, "/v3/webhooks/endpoints", &json!({"url": endpoint.url}));
    let listener = Listener::start(folder.path(), &running, &["--forward-to", &local.url]);
    for number in 1..=5 {
        register(&running, number);
    }
    until(|| (bodies(&local).len() == 5).then_some(()), || "five events".into()).await;

    let address = running.address.clone();
    register(&running, 6);
    stop(running, "-KILL");
    listener.says(&["does not answer"]).await;
    let running = start_at(folder.path(), &address);
    for number in 7..=12 {
        register(&running, number);
    }
    until(|| (bodies(&local).len() == 12).then_some(()), || format!("twelve: {:?}", bodies(&local))).await;
    listener.says(&["answers again"]).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    register(&running, 13);
    until(|| (bodies(&local).len() == 13).then_some(()), || "the last event, with a new token".into()).await;

    until(|| (bodies(&endpoint).len() == 13).then_some(()), || "the endpoint's webhooks".into()).await;
    assert_eq!(bodies(&local), bodies(&endpoint), "both received the same bytes");
    assert_eq!(local.received().len(), 13, "each once");
    for received in local.received() {
        verify(&received, &listener.secret).unwrap();
        assert!(received.headers["user-agent"].to_str().unwrap().starts_with("Dinie-Webhooks/3 (+"));
        assert_eq!(received.headers["content-type"], "application/json");
        let id = received.headers["webhook-id"].to_str().unwrap();
        listener.says(&["customer.created", id, "204", " ms"]).await;
    }
    let (status, said) = listener.interrupt();
    assert!(status.success(), "{status}: {said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_continues_after_the_local_program_refuses_an_event() {
    let folder = tempfile::TempDir::new().unwrap();
    let running = start(folder.path());
    let (local, endpoint) = (Sink::start().await, Sink::start().await);
    post(&running, "/api/v3/webhooks/endpoints", &json!({"url": endpoint.url}));
    let args = ["--forward-to", &local.url, "--generation", "sdk", "--events", "customer.created,loan.*"];
    let listener = Listener::start(folder.path(), &running, &args);
    // The first event is refused once and then accepted. The second is refused to the end; a redirect counts as a
    // refusal. The third is accepted at once.
    let answers = [503, 204, 500, 404, 302, 410];
    let location = || vec![("location", "http://127.0.0.1:1/")];
    local.answer_next(&answers.map(|status| (status, if status == 302 { location() } else { vec![] })));
    // Customers do not wait for each other, so each is registered after the outcome of the one before.
    for (number, outcome) in [(0, "204"), (1, "given up after 4 attempts"), (2, "204")] {
        register(&running, number);
        until(|| (bodies(&local).len() > number as usize).then_some(()), || "the next event".into()).await;
        listener.says(&["customer.created", outcome]).await;
    }
    listener.says(&["410", "given up after 4 attempts"]).await;
    until(|| (local.received().len() == 7).then_some(()), || "all attempts".into()).await;
    assert!(local.received().iter().all(|received| verify(received, &listener.secret).is_ok()));
    // Except for the delivery's own id, the body equals the endpoint's.
    until(|| (bodies(&endpoint).len() == 3).then_some(()), || "the endpoint's webhooks".into()).await;
    let without_delivery = |sink: &Sink| -> Vec<String> {
        let without = |body: &String| {
            let delivery: Value = serde_json::from_str(body).unwrap();
            let delivery = delivery["delivery_id"].as_str().unwrap().to_owned();
            assert!(delivery.starts_with("dlv_"));
            body.replace(&delivery, "")
        };
        bodies(sink).values().map(without).collect()
    };
    assert_eq!(without_delivery(&local), without_delivery(&endpoint));
    drop(running);
    assert!(listener.interrupt().0.success(), "Ctrl-C works also while the server is away");
}

#[test]
fn errors_of_listen_and_trigger_are_reported() {
    let folder = tempfile::TempDir::new().unwrap();
    let run = |args: &[&str]| {
        let output = dinie(folder.path()).args(args).output().unwrap();
        assert!(!output.status.success(), "{args:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let nobody = ["--url", "http://127.0.0.1:1", "--client-id", "dinie_ci_test_x", "--client-secret", "x"];
    let with = |args: &[&str]| run(&[args, &nobody[..]].concat());
    let said = with(&["trigger", "loan.eaten"]);
    assert!(wire::reference::event::names().iter().all(|name| said.contains(name)), "{said}");
    let said = with(&["trigger", "loan.signed", "--generation", "sdk"]);
    assert!(wire::sdk::event::names().iter().all(|name| said.contains(name)), "{said}");
    assert!(with(&["trigger"]).contains("loan.active"));
    assert!(with(&["trigger", "loan.active"]).contains("does not answer"));
    assert!(run(&["trigger", "loan.active"]).contains("--client-id and --client-secret are needed"));
    let live = ["--client-id", "dinie_ci_live_x", "--client-secret", "x"];
    assert!(run(&[&["trigger", "loan.active"], &live[..]].concat()).contains("sandbox"));
    let said = with(&["listen", "--forward-to", "localhost:9000", "--events", "loan.*,loan.eaten"]);
    assert!(said.contains("loan.eaten") && said.contains("loan.cancelled"), "{said}");
    assert!(with(&["listen", "--forward-to", "ftp://localhost/"]).contains("http://"));
    assert!(with(&["listen", "--forward-to", "localhost:9000"]).contains("does not answer"));
    assert!(run(&["listen", "--forward-to", "localhost:9000"]).contains("are needed"));
}

/// The kind of a generation's event.
fn kind_of(generation: &str, name: &str) -> EventKind {
    let generation_of_api = if generation == "sdk" { Generation::Sdk } else { Generation::Reference };
    wire::generations::event_kind(generation_of_api, name).unwrap()
}

#[test]
fn a_sample_of_an_event_goes_to_every_active_endpoint() {
    let folder = tempfile::TempDir::new().unwrap();
    let running = start(folder.path());
    let trigger =
        || calling(folder.path(), &running, &["trigger", "loan.signed", "--sample"]).output().unwrap();
    let refused = trigger();
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("no active endpoint"));
    post(&running, "/v3/webhooks/endpoints", &json!({"url": "http://127.0.0.1:9000/webhooks"}));
    let sent = trigger();
    assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
    let delivery: Value = serde_json::from_slice(&sent.stdout).unwrap();
    assert_eq!(delivery["event_type"], "loan.signed");
}

#[test]
fn every_event_of_each_generation_can_be_made_to_happen() {
    let folder = tempfile::TempDir::new().unwrap();
    let running = start(folder.path());
    let moves_the_clock =
        ["credit_offer.expired", "loan.payment_received", "loan.finished", "loan.cancelled"];
    let mut triggered = Vec::new();
    for (generation, names) in
        [("reference", wire::reference::event::names()), ("sdk", wire::sdk::event::names())]
    {
        let kind = |name: &str| kind_of(generation, name);
        for name in names.iter().filter(|name| tools::trigger::can_happen(kind(name))) {
            let mut command =
                calling(folder.path(), &running, &["trigger", name, "--generation", generation]);
            // Months pass for the whole partner, and the customers of the other events would not survive this. So
            // these events have a new partner each.
            if moves_the_clock.contains(name) {
                let (id, secret) = new_partner(folder.path()).1;
                command.env("DINIE_CLIENT_ID", id).env("DINIE_CLIENT_SECRET", secret);
            }
            let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            triggered.push((*name, generation, child));
        }
    }
    for (name, generation, child) in triggered {
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        assert!(status.success(), "{generation} {name}: {}", String::from_utf8_lossy(&stderr));
        let event: Value = serde_json::from_slice(&stdout).unwrap();
        assert_eq!(event["type"], name);
        assert!(event["id"].as_str().unwrap().starts_with("evt_"), "{event}");
        let made = String::from_utf8(stderr).unwrap();
        let subject = ["id", "customer_id"].map(|key| event["data"][key].as_str().unwrap_or("-").to_owned());
        assert!(subject.iter().any(|id| made.contains(id)), "{event} is not about {made}");
    }
}

/// A proxy that accepts connections, counts them and sends no useful answer.
fn counting_proxy() -> (String, Arc<Mutex<usize>>) {
    use std::io::Write as _;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count: Arc<Mutex<usize>> = Arc::default();
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            *counted.lock().unwrap() += 1;
            let _gone =
                connection.unwrap().write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
        }
    });
    (url, count)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_of_the_environment_receives_no_request_for_this_machine() {
    let folder = tempfile::TempDir::new().unwrap();
    let running = start(folder.path());
    let (proxy, count) = counting_proxy();
    let with_proxy = |mut command: Command| {
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            command.env(name, &proxy);
        }
        command
    };
    let run = |args: &[&str]| {
        let output = with_proxy(calling(folder.path(), &running, args)).output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    let (ok, said) = run(&["trigger", "customer.created"]);
    assert!(ok, "{said}");
    // The name leads to the same machine, and so does the URL of the demo's own server.
    let port = running.address.rsplit(':').next().unwrap().to_owned();
    let (ok, said) = run(&["trigger", "customer.created", "--url", &format!("http://localhost:{port}")]);
    assert!(ok, "{said}");
    let (ok, said) = run(&["demo"]);
    assert!(ok, "{said}");
    let local = Sink::start().await;
    let mut listen = with_proxy(calling(folder.path(), &running, &["listen", "--forward-to", &local.url]));
    let mut listening = listen.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(listening.stdout.take().unwrap()).lines().map_while(Result::ok);
    lines.find(|line| line.trim().starts_with("whsec_")).expect("it listens");
    register(&running, 77);
    until(|| (bodies(&local).len() == 1).then_some(()), || "the event".into()).await;
    listening.kill().unwrap();
    listening.wait().unwrap();
    assert_eq!(*count.lock().unwrap(), 0);
    // Requests to other machines use the proxy.
    let (ok, _) = run(&["trigger", "customer.created", "--url", "http://dinie.example.com"]);
    assert!(!ok && *count.lock().unwrap() > 0, "the proxy works");
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_the_secret_nor_a_signed_body_follows_a_redirect() {
    let folder = tempfile::TempDir::new().unwrap();
    let running = start(folder.path());
    let (local, elsewhere) = (Sink::start().await, Sink::start().await);
    // 307 requests a repetition with the same body.
    let target: &'static str = Box::leak(elsewhere.url.clone().into_boxed_str());
    let redirect = || (307, vec![("location", target)]);
    local.answer_next(&[redirect()]);
    let url = local.url.trim_end_matches("/hook").to_owned();
    let output =
        calling(folder.path(), &running, &["trigger", "customer.created", "--url", &url]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("307"), "{said}");
    assert_eq!(local.received().len(), 1);
    local.answer_next(&[redirect(), redirect()]);
    let listener = Listener::start(folder.path(), &running, &["--forward-to", &local.url]);
    register(&running, 78);
    listener.says(&["customer.created", "204"]).await;
    assert_eq!(
        local.received().len(),
        4,
        "two redirects count as failures, and the third attempt is accepted"
    );
    assert!(elsewhere.received().is_empty(), "no request followed a redirect");
}
