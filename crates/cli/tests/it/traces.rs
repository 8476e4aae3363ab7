//! Traces: one trace from a request to its letter, as OpenTelemetry's own types read it.

use std::collections::HashMap;
use std::path::Path;

use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use tempfile::TempDir;

use crate::collector::{Collector, names, text};
use crate::inputs::registration;
use crate::mail::Server;
use crate::process::{Running, exchange, start_with, stop, token};
use crate::sink::{Sink, until};

fn fact(span: &Span, key: &str) -> String {
    let found = span.attributes.iter().find(|attribute| attribute.key == key);
    text(
        found.unwrap_or_else(|| panic!("{} has no {key}", span.name)).value.clone().and_then(|any| any.value),
    )
}

/// Starts a server that records every trace.
fn start_traced(folder: &Path, endpoint: &str, more: &[&str]) -> Running {
    let (config, headers) = (folder.join("dinie.toml"), folder.join("headers"));
    std::fs::write(&headers, "x-collector-token: 5ec4e7\n").unwrap();
    let headers = headers.to_str().unwrap();
    let text = format!(
        "[traces]\notlp_endpoint = {endpoint:?}\nheaders_file = {headers:?}\nsample_one_in = 1\n\
         service_name = \"loja\"\n"
    );
    std::fs::write(&config, text).unwrap();
    start_with(folder, &[&["--listen", "127.0.0.1:0", "--config", config.to_str().unwrap()], more].concat())
}

pub(crate) fn post(
    running: &Running, path: &str, body: &serde_json::Value, more: &str, token: &str,
) -> (u16, String) {
    let headers = format!("authorization: Bearer {token}\r\ncontent-type: application/json\r\n{more}");
    exchange(running, "POST", path, &headers, &body.to_string())
}

/// A trace that a caller began.
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_leads_from_a_request_through_webhooks_and_jobs_to_a_letter() {
    let folder = TempDir::new().unwrap();
    let ((collector, endpoint), sink) = (Collector::start().await, Sink::start().await);
    let (_mails, mail) = Server::start(0).await;
    collector.answers.lock().unwrap().push(503);
    let smtp = ["--smtp-url", mail.url.expose(), "--mail-from", "credito@example.com"];
    let running = start_traced(folder.path(), &endpoint, &smtp);
    let token = token(&running);
    let hook = serde_json::json!({"url": sink.url, "events": ["customer.created", "loan.*"]});
    let (status, body) = post(&running, "/v3/webhooks/endpoints", &hook, "", &token);
    assert_eq!(status, 201, "{body}");
    let caller = format!("x-request-id: story-1\r\ntraceparent: 00-{TRACE}-{CALLER}-00\r\n");
    let body = registration(529_982_247, "sends_files+takes_loan");
    let (status, body) = post(&running, "/v3/customers", &body, &caller, &token);
    assert_eq!(status, 201, "{body}");
    collector.span("send letter").await;
    let received = until(|| sink.received().into_iter().next(), || "a webhook".to_owned()).await;
    until(
        || collector.spans().into_iter().find(|span| span.name == "POST webhook"),
        || "the attempt".to_owned(),
    )
    .await;
    assert!(stop(running, "-TERM").0.success());
    let spans: Vec<Span> =
        collector.spans().into_iter().filter(|span| hex(&span.trace_id) == TRACE).collect();
    let by_id: HashMap<String, &Span> = spans.iter().map(|span| (hex(&span.span_id), span)).collect();
    assert_eq!(by_id.len(), spans.len(), "each span is sent once");
    let roots: Vec<&Span> = spans.iter().filter(|span| hex(&span.parent_span_id) == CALLER).collect();
    assert_eq!(names(&roots.into_iter().cloned().collect::<Vec<_>>()), ["POST /v3/customers"]);
    for span in &spans {
        assert_eq!(fact(span, "request.id"), "story-1", "{}", span.name);
        let parent = hex(&span.parent_span_id);
        assert!(parent == CALLER || by_id.contains_key(&parent), "{} has a parent", span.name);
        assert!(span.start_time_unix_nano <= span.end_time_unix_nano && span.flags == 1);
    }
    let way = |span: &Span| {
        let mut way = vec![span.name.clone()];
        let mut at = span;
        while let Some(parent) = by_id.get(&hex(&at.parent_span_id)) {
            way.push(parent.name.clone());
            at = parent;
        }
        way
    };
    let first = spans.iter().find(|span| span.name == "POST webhook").unwrap();
    assert_eq!(
        way(first),
        ["POST webhook", "fan-out", "event customer_created", "script", "POST /v3/customers"]
    );
    let letter = way(spans.iter().find(|span| span.name == "send letter").unwrap());
    assert_eq!((&*letter[1], letter.last().unwrap()), ("letter", &"POST /v3/customers".to_owned()));
    assert!(letter.contains(&"job take_loan".to_owned()), "{letter:?}");
    let sent = received.headers["traceparent"].to_str().unwrap().to_owned();
    let attempts: Vec<String> = spans
        .iter()
        .filter(|span| span.name == "POST webhook" && span.kind() == SpanKind::Client)
        .map(|span| format!("00-{TRACE}-{}-01", hex(&span.span_id)))
        .collect();
    assert!(attempts.contains(&sent), "{sent} is among {attempts:?}");
    assert!(collector.services.lock().unwrap().iter().all(|service| service == "loja"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_delays_nothing_and_a_failed_attempt_is_an_error() {
    let folder = TempDir::new().unwrap();
    let (collector, endpoint) = Collector::start().await;
    let sink = Sink::start().await;
    sink.answer_next(&[(500, vec![])]);
    let running = start_traced(folder.path(), &endpoint, &[]);
    let token = token(&running);
    post(&running, "/v3/webhooks/endpoints", &serde_json::json!({"url": sink.url}), "", &token);
    // A collector refuses for good what it cannot read.
    collector.answers.lock().unwrap().push(400);
    let body = registration(529_982_247, "manual");
    assert_eq!(post(&running, "/v3/customers", &body, "", &token).0, 201);
    let failed = || collector.spans().into_iter().find(|span| span.name == "POST webhook");
    let lost = || exchange(&running, "GET", "/metrics", "", "").1;
    let is_counted =
        |text: &String| text.lines().any(|line| line.starts_with("dinie_trace_spans_dropped_total "));
    until(|| Some(lost()).filter(is_counted), || "a dropped span".to_owned()).await;
    if let Some(span) = failed() {
        assert_eq!(span.status.unwrap().code, 2);
    }
    assert!(!collector.spans().iter().any(|span| span.name.ends_with("/metrics")), "probes are not recorded");
    assert!(stop(running, "-TERM").0.success());
}

/// Small letters, as in a header.
pub(crate) fn hex(bytes: &[u8]) -> String {
    app::database::hex(bytes)
}
