//! The log by OTLP: the lines of the standard error stream, as OpenTelemetry's own types read them.

use std::path::{Path, PathBuf};

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::{LogRecord, SeverityNumber};
use tempfile::TempDir;

use crate::collector::{Collector, text};
use crate::process::{Running, exchange, start_logging, stop, token};
use crate::sink::until;
use crate::traces::{hex, post};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

/// Starts a server that sends its log, and returns it with the file that has its standard error stream.
fn start_sending(folder: &Path, endpoint: &str) -> (Running, PathBuf) {
    let (config, headers, log) = (folder.join("dinie.toml"), folder.join("headers"), folder.join("log"));
    std::fs::write(&headers, "x-collector-token: 5ec4e7\n").unwrap();
    let settings = format!(
        "otlp_endpoint = {endpoint:?}\nheaders_file = \"{}\"\nservice_name = \"loja\"\n",
        headers.display()
    );
    std::fs::write(&config, format!("[logs]\n{settings}[traces]\nsample_one_in = 1\n{settings}")).unwrap();
    let arguments = ["--listen", "127.0.0.1:0", "--config", config.to_str().unwrap()];
    (start_logging(folder, &arguments, "debug", std::fs::File::create(&log).unwrap()), log)
}

fn message(line: &LogRecord) -> String {
    text(line.body.clone().and_then(|any| any.value))
}

fn fact(line: &LogRecord, key: &str) -> Option<Value> {
    line.attributes.iter().find(|one| one.key == key).and_then(|one| one.value.clone()?.value)
}

/// The messages of the standard error stream, beginning with the server's address.
fn written(log: &Path) -> Vec<String> {
    let lines = std::fs::read_to_string(log).unwrap();
    let lines = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let messages = lines.map(|line| line["message"].as_str().unwrap().to_owned());
    messages.skip_while(|message| message != "the server listens").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_collector_has_each_line_of_the_log_with_the_ids_of_its_request_and_no_more() {
    let folder = TempDir::new().unwrap();
    let (collector, endpoint) = Collector::start().await;
    let (running, log) = start_sending(folder.path(), &endpoint);
    let token = token(&running);
    let caller = format!("x-request-id: story-1\r\ntraceparent: 00-{TRACE}-{CALLER}-00\r\n");
    let body = serde_json::json!({"cpf": "529.982.247-25", "cnpj": "11.222.333/0001-81",
        "name": "Zuleica Quixaba", "email": "zuleica@example.com", "phone": "+5511988887777"});
    assert_eq!(post(&running, "/v3/customers", &body, &caller, &token).0, 201);
    let is_told = |line: &LogRecord| fact(line, "request.id") == Some(Value::StringValue("story-1".into()));
    let of_request = || collector.lines().into_iter().find(is_told);
    let line = until(of_request, || format!("a line of the request among {:?}", collector.lines())).await;
    assert_eq!(message(&line), "a request was answered");
    assert_eq!((line.severity_number(), &*line.severity_text), (SeverityNumber::Debug, "DEBUG"));
    assert_eq!(fact(&line, "http.status"), Some(Value::IntValue(201)));
    assert_eq!(fact(&line, "http.route"), Some(Value::StringValue("/v3/customers".into())));
    assert!(line.time_unix_nano > 0 && line.time_unix_nano == line.observed_time_unix_nano);
    let span = collector.span("POST /v3/customers").await;
    assert_eq!((hex(&line.trace_id), hex(&line.span_id)), (TRACE.to_owned(), hex(&span.span_id)));
    assert!(stop(running, "-TERM").0.success());
    let sent: Vec<String> = collector.lines().iter().map(message).collect();
    let mut sent: Vec<String> =
        sent.into_iter().skip_while(|message| message != "the server listens").collect();
    let mut written = written(&log);
    assert!(written.contains(&"the server has stopped".to_owned()), "{written:?}");
    sent.sort_unstable();
    written.sort_unstable();
    assert_eq!(sent, written, "the collector has the lines of the standard error stream");
    let all = format!("{:?}", collector.lines());
    for secret in ["Zuleica", "zuleica@", "52998224725", "529.982", "88887777", "5ec4e7", &token] {
        assert!(!all.contains(secret), "{secret} is in a line");
    }
    assert!(collector.services.lock().unwrap().iter().all(|service| service == "loja"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_takes_no_lines_is_told_once_and_its_losses_are_counted() {
    let folder = TempDir::new().unwrap();
    let (collector, endpoint) = Collector::start().await;
    // Spans go there too, so more messages than one of lines are refused.
    collector.answers.lock().unwrap().extend([400; 6]);
    let (running, log) = start_sending(folder.path(), &endpoint);
    let again = "the collector takes items again";
    let lines_again = || {
        assert_eq!(exchange(&running, "GET", "/v3/openapi.json", "", "").0, 200);
        let of_lines = Some(Value::StringValue("log lines".into()));
        let is_it = |line: &LogRecord| message(line) == again && fact(line, "items") == of_lines;
        collector.lines().into_iter().find(is_it)
    };
    until(lines_again, || format!("{again} among {:?}", collector.lines())).await;
    let metrics = exchange(&running, "GET", "/metrics", "", "").1;
    let count = |name: &str| {
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|number| number.parse::<u64>().ok()).unwrap_or(0)
    };
    assert!(
        count("dinie_log_lines_dropped_total") > 0 && count("dinie_log_lines_sent_total") > 0,
        "{metrics}"
    );
    assert!(stop(running, "-TERM").0.success());
    let lines = std::fs::read_to_string(&log).unwrap();
    let told = |line: &&str| line.contains("the collector takes nothing") && line.contains("log lines");
    assert_eq!(lines.lines().filter(told).count(), 1, "{lines}");
}
