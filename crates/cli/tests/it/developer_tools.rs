//! `listen` with its kept secret and its order, `logs tail`, `events resend` and `webhooks verify`, as whole processes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command_line::calling;
use crate::inputs::registration;
use crate::process::{Running, exchange, start, token};
use crate::sink::{PATIENCE, Received, Sink, until, verify};
use crate::targets::tls_target;

/// A command that runs until the test ends.
struct Background(Child);

impl Drop for Background {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// Starts a command and returns the lines that it prints.
fn background(
    folder: &Path, running: &Running, arguments: &[&str],
) -> (Background, impl Iterator<Item = String> + use<>) {
    let mut child = calling(folder, running, arguments).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    (Background(child), lines)
}

fn printed(folder: &Path, running: &Running, arguments: &[&str]) -> (i32, String) {
    let output = calling(folder, running, arguments).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

fn register(running: &Running, number: u32) {
    let headers = format!("authorization: Bearer {}\r\ncontent-type: application/json\r\n", token(running));
    let body = registration(300_000_000 + number, "manual").to_string();
    assert_eq!(exchange(running, "POST", "/v3/customers", &headers, &body).0, 201);
}

/// The events of the partner, oldest first.
fn events(running: &Running) -> Vec<Value> {
    let headers = format!("authorization: Bearer {}\r\n", token(running));
    let (_, body) = exchange(running, "GET", "/v3/events?order=asc&limit=100", &headers, "");
    serde_json::from_str::<Value>(&body).unwrap()["data"].as_array().unwrap().clone()
}

fn id_of(received: &Received) -> String {
    received.headers["webhook-id"].to_str().unwrap().to_owned()
}

/// The ids of events in their order, for each resource.
fn by_resource(events: &[Value], ids: impl Iterator<Item = String>) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for id in ids {
        let event = events.iter().find(|event| event["id"] == *id).unwrap();
        found.entry(event["data"]["id"].as_str().unwrap().to_owned()).or_default().push(id);
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_keeps_its_secret_and_the_order_of_each_resource() {
    let folder = TempDir::new().unwrap();
    let running = start(folder.path());
    let (status, secret) = printed(folder.path(), &running, &["listen", "--print-secret"]);
    let secret = secret.trim().to_owned();
    assert!(status == 0 && secret.starts_with("whsec_"), "{secret}");
    assert_eq!(printed(folder.path(), &running, &["listen", "--print-secret"]).1.trim(), secret);
    let (_, other) = printed(folder.path(), &running, &["listen", "--print-secret", "--profile", "default"]);
    assert_eq!(other.trim(), secret);
    let local = Sink::start().await;
    let port = local.url.split(['/', ':']).find_map(|part| part.parse::<u16>().ok()).unwrap();
    let forward = format!("{port}/hook");
    let (_listener, mut lines) = background(folder.path(), &running, &["listen", "--forward-to", &forward]);
    assert!(lines.any(|line| line.trim() == secret));
    std::thread::spawn(move || lines.for_each(drop));
    let (status, said) = printed(folder.path(), &running, &["trigger", "loan.active"]);
    assert_eq!(status, 0, "{said}");
    assert_in_order(&said, &["\"id\"", "\"type\"", "\"data\""]);
    register(&running, 1);
    // The events go on while the list is read, so the list and the deliveries are read until they have the same ones.
    let the_same = || {
        let (all, got) = (events(&running), local.received());
        let known: BTreeSet<String> =
            all.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
        let heard: BTreeSet<String> = got.iter().map(id_of).collect();
        (all.len() > 10 && known == heard).then_some((all, got))
    };
    let (all, got) = until(the_same, || "every event at the listener".into()).await;
    let ids = |event: &Value| event["id"].as_str().unwrap().to_owned();
    let expected = by_resource(&all, all.iter().map(ids));
    assert_eq!(by_resource(&all, got.iter().map(id_of)), expected);
    assert!(got.iter().all(|received| verify(received, &secret).is_ok()));
}

/// The fields are printed in the order of the server, not of the alphabet.
fn assert_in_order(printed: &str, fields: &[&str]) {
    let places: Vec<usize> = fields
        .iter()
        .map(|field| printed.find(field).unwrap_or_else(|| panic!("{field}: {printed}")))
        .collect();
    assert!(places.is_sorted(), "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_can_begin_with_earlier_events() {
    let folder = TempDir::new().unwrap();
    let running = start(folder.path());
    register(&running, 1);
    register(&running, 2);
    until(|| (events(&running).len() == 2).then_some(()), || "two events".into()).await;
    let local = Sink::start().await;
    let arguments = ["listen", "--forward-to", &local.url, "--since", "1h"];
    let (_listener, lines) = background(folder.path(), &running, &arguments);
    std::thread::spawn(move || lines.for_each(drop));
    until(|| (local.received().len() == 2).then_some(()), || "both events".into()).await;
    let (status, said) =
        printed(folder.path(), &running, &["listen", "--forward-to", &local.url, "--since", "yesterday"]);
    assert!(status == 2 && said.contains("2h"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_resent_and_its_webhook_is_verified() {
    let folder = TempDir::new().unwrap();
    let running = start(folder.path());
    let endpoint = Sink::start().await;
    let headers = format!("authorization: Bearer {}\r\ncontent-type: application/json\r\n", token(&running));
    let body = json!({"url": endpoint.url}).to_string();
    let (_, made) = exchange(&running, "POST", "/v3/webhooks/endpoints", &headers, &body);
    let secret = serde_json::from_str::<Value>(&made).unwrap()["secret"].as_str().unwrap().to_owned();
    register(&running, 1);
    until(|| (endpoint.received().len() == 1).then_some(()), || "the webhook".into()).await;
    let id = id_of(&endpoint.received()[0]);
    let (status, said) = printed(folder.path(), &running, &["events", "resend", &id]);
    assert!(status == 0 && said.contains("customer.created"), "{said}");
    until(|| (endpoint.received().len() == 2).then_some(()), || "the webhook again".into()).await;
    assert_eq!(id_of(&endpoint.received()[1]), id);

    let received = &endpoint.received()[1];
    std::fs::write(folder.path().join("body"), &received.body).unwrap();
    let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let lines = names.map(|name| format!("{name}: {}\n", received.headers[name].to_str().unwrap()));
    std::fs::write(folder.path().join("headers"), lines.concat()).unwrap();
    let check = |body: &str, secret: &str| {
        let arguments =
            ["webhooks", "verify", "--body", body, "--headers-file", "headers", "--secret", secret];
        printed(folder.path(), &running, &arguments)
    };
    let (status, said) = check("body", &secret);
    assert_eq!(status, 0, "{said}");
    std::fs::write(folder.path().join("changed"), [&received.body[..], b"\n"].concat()).unwrap();
    let (status, said) = check("changed", &secret);
    assert!(status == 1 && said.contains("line breaks"), "{said}");
    let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let (status, said) = check("body", other);
    assert!(status == 1 && said.contains("another endpoint"), "{said}");
    let (status, said) = printed(folder.path(), &running, &["events", "resend", &id.replace('0', "1")]);
    assert_eq!(status, 6, "{said}");
}

#[test]
fn the_log_is_followed_without_the_requests_of_the_command() {
    let folder = TempDir::new().unwrap();
    let running = start(folder.path());
    register(&running, 1);
    let arguments = ["logs", "tail", "--status", "4xx", "--output", "json"];
    let (_tail, mut lines) = background(folder.path(), &running, &arguments);
    let headers = format!("authorization: Bearer {}\r\n", token(&running));
    let shown = std::thread::spawn(move || lines.next().unwrap());
    // The command may begin after a request, so requests are made until one is shown.
    let began = Instant::now();
    while !shown.is_finished() {
        assert!(began.elapsed() < PATIENCE, "no request is shown");
        exchange(&running, "GET", "/v3/loans/ln_00000000000000000000000000000000", &headers, "");
        std::thread::sleep(Duration::from_millis(500));
    }
    let entry: Value = serde_json::from_str(&shown.join().unwrap()).unwrap();
    assert_eq!((&entry["status_code"], &entry["method"]), (&json!(404), &json!("GET")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_with_its_own_certificate_needs_skip_verify() {
    let folder = TempDir::new().unwrap();
    let running = start(folder.path());
    let (port, _certificate, versions) = tls_target("localhost", &["http/1.1"]).await;
    let target = format!("https://localhost:{port}/");
    let (_strict, mut strict) = background(folder.path(), &running, &["listen", "--forward-to", &target]);
    let (_lax, mut lax) =
        background(folder.path(), &running, &["listen", "--forward-to", &target, "--skip-verify"]);
    let begun = |line: String| line.contains("Ctrl-C");
    assert!(strict.any(begun) && lax.any(begun));
    register(&running, 1);
    let accepted = lax.find(|line| line.contains("customer.created")).unwrap();
    assert!(accepted.contains("200"), "{accepted}");
    let refused = strict.find(|line| line.contains("customer.created")).unwrap();
    assert!(refused.contains("given up"), "{refused}");
    assert_eq!(versions.lock().unwrap().len(), 1);
}
