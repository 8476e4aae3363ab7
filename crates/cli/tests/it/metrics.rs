//! The metrics: the catalogue, the code and the documents name the same ones, and `/metrics` explains each.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use server::measures::{Kind, MEASURES};
use server::workers;

use crate::support::TestApp;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn known() -> BTreeSet<&'static str> {
    MEASURES.iter().map(|measure| measure.name).collect()
}

/// The words of a text that begin like a metric of ours, without the ends that a histogram's series have.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let metrics = words.filter(|word| word.starts_with("dinie_") && word.len() > "dinie_".len());
    let whole = |word: &str| {
        let ends = ["_bucket", "_sum", "_count"];
        ends.iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word).to_owned()
    };
    metrics.map(whole).collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn the_code_records_exactly_the_metrics_of_the_catalogue() {
    let mut files = Vec::new();
    for part in ["app", "server", "store"] {
        sources(&Path::new(ROOT).join("crates").join(part).join("src"), &mut files);
    }
    let mut recorded = BTreeSet::new();
    for file in files.iter().filter(|file| !file.ends_with("server/src/measures.rs")) {
        let text = std::fs::read_to_string(file).unwrap();
        // The head of the trail is not in the recorder: its hash is a label.
        if file.ends_with("trail/head.rs") {
            recorded.extend(named(&text));
        }
        for (kind, name) in text.split("metrics::").filter_map(|rest| rest.split_once("!(")) {
            if ["counter", "gauge", "histogram"].contains(&kind) {
                recorded.extend(named(name.split('"').nth(1).unwrap()));
            }
        }
    }
    let known: BTreeSet<String> = known().into_iter().map(str::to_owned).collect();
    assert_eq!(recorded, known);
}

#[test]
fn the_document_has_the_catalogue() {
    let page = std::fs::read_to_string(format!("{ROOT}/docs/operations/metrics.md")).unwrap();
    let mut table = String::from("| metric | kind | labels | meaning |\n| --- | --- | --- | --- |\n");
    for measure in MEASURES {
        let kind = match measure.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let labels = if measure.labels.is_empty() { String::new() } else { format!("{} ", measure.labels) };
        writeln!(table, "| `{}` | {kind} | {labels}| {} |", measure.name, measure.help).unwrap();
    }
    assert!(page.contains(&table), "docs/operations/metrics.md lacks this table:\n{table}");
}

#[test]
fn alerts_and_boards_name_metrics_that_exist_and_every_alert_has_its_page() {
    let read = |path: &str| std::fs::read_to_string(format!("{ROOT}/packaging/{path}")).unwrap();
    let (rules, board) = (read("prometheus/dinie.rules.yml"), read("grafana/dinie.json"));
    let known = known();
    for text in [&rules, &board] {
        // A name with a colon is a recorded rule.
        for name in named(&text.replace("dinie:", "rule:")) {
            assert!(known.contains(name.as_str()), "no metric {name}");
        }
    }
    let runbook = std::fs::read_to_string(format!("{ROOT}/docs/operations/alerts.md")).unwrap();
    let alerts: Vec<&str> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(alerts.len() > 10, "{alerts:?}");
    for alert in alerts {
        assert!(runbook.contains(&format!("## {alert}\n")), "no page for {alert}");
        let link = format!("alerts.md#{}", alert.to_lowercase());
        assert!(rules.contains(&link), "{alert} has no link to its page");
    }
}

#[tokio::test]
async fn every_family_of_the_page_has_its_meaning_and_kind() {
    let (app, partner) = TestApp::with_partner().await;
    partner.loan(529_982_247, "").await;
    workers::gauges::tick(&app.state).await.unwrap();
    workers::lender::tick(&app.state).await.unwrap();
    workers::lender::count_loans(&app.state).await.unwrap();
    app.state.metrics.upkeep();
    let page = String::from_utf8(app.get("/metrics").await.expect(200).bytes).unwrap();
    let about = |what: &str| -> BTreeSet<String> {
        let lines = page.lines().filter_map(|line| line.strip_prefix(what));
        lines.filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
    };
    let (helped, typed) = (about("# HELP "), about("# TYPE "));
    assert_eq!(helped, typed);
    for name in ["dinie_build_info", "dinie_commit_seconds", "dinie_script_wait_seconds", "dinie_queue_cases"]
    {
        assert!(typed.contains(name), "{name} is missing: {page}");
    }
    assert!(typed.contains("process_resident_memory_bytes"), "{page}");
    assert!(page.contains(r#"dinie_http_request_seconds_bucket{method="POST",route="/v3/loans""#), "{page}");
    assert!(page.contains(r#"dinie_overdue_loans{bucket="90+"} 0"#), "{page}");
    for series in [
        r#"dinie_loans{state="active"}"#,
        r#"dinie_webhook_pending_of_endpoints{health="disabled"}"#,
        r#"dinie_database_threads{kind="write"}"#,
    ] {
        assert!(page.contains(series), "{series} is missing: {page}");
    }
}

#[tokio::test]
async fn each_loan_is_counted_in_its_state_and_each_delivery_in_the_health_of_its_endpoint() {
    let (app, partner) = TestApp::with_partner().await;
    let hook = serde_json::json!({"url": "https://example.com/", "events": ["loan.*"]});
    let endpoint = partner.post("/v3/webhooks/endpoints", &hook).await.expect(201);
    partner.loan(529_982_247, "").await;
    workers::fan_out::tick(&app.state).await.unwrap();
    let counted = app.state.store.list(app::measures::loans).await.unwrap();
    let all: i64 = counted.iter().map(|(_, loans)| loans).sum();
    assert_eq!((all, counted.len()), (1, domain::loan::LoanStateKind::ALL.len()), "{counted:?}");
    let now = app.state.clock.now();
    let pending = || app.state.store.list(move |tx: &mut app::Tx<'_>| app::measures::lender(tx, now));
    let before = pending().await.unwrap().pending;
    assert!(before.working > 0 && before.failing + before.disabled == 0, "{before:?}");
    let path = format!("/v3/webhooks/endpoints/{}", endpoint.id());
    partner.patch(&path, &serde_json::json!({"status": "disabled"})).await.expect(200);
    let after = pending().await.unwrap().pending;
    assert_eq!((after.disabled, after.working), (before.working, 0));
}
