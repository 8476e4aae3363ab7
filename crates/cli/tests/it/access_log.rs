//! The access log: a masked line for each request, in a file that may be renamed.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Running, exchange, start_with, stop, token};
use crate::sink::PATIENCE;

/// The lines of a log.
fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The line of a request, once it is written.
fn line_of(path: &Path, request: &str) -> Value {
    let began = Instant::now();
    loop {
        if let Some(line) = lines(path).into_iter().find(|line| line["request_id"] == request) {
            return line;
        }
        assert!(began.elapsed() < PATIENCE, "{request} is not in {}", path.display());
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn start_in(folder: &Path, place: &str) -> Running {
    let config = folder.join("dinie.toml");
    std::fs::write(&config, format!("access_log = {place:?}\n")).unwrap();
    start_with(folder, &["--listen", "127.0.0.1:0", "--config", config.to_str().unwrap()])
}

/// A request with this id. Returns its status.
fn ask(running: &Running, path: &str, id: &str, token: &str) -> u16 {
    let headers = format!("x-request-id: {id}\r\nauthorization: Bearer {token}\r\n");
    exchange(running, "GET", path, &headers, "").0
}

#[test]
fn each_request_has_a_line_without_secrets() {
    let folder = TempDir::new().unwrap();
    let log = folder.path().join("access.log");
    let running = start_in(folder.path(), log.to_str().unwrap());
    let token = token(&running);
    assert_eq!(ask(&running, "/v3/customers?cpf=52998224725&limit=1", "listed", &token), 200);
    assert_eq!(ask(&running, "/v3/customers/cust_secretpath", "unknown", &token), 404);
    assert_eq!(ask(&running, "/v3/customers", "forged", "5ec4e7"), 401);
    assert_eq!(ask(&running, "/sign/5ec4e7", "signing", "none"), 404);
    let line = line_of(&log, "listed");
    for (field, value) in [
        ("method", "GET"),
        ("route", "/v3/customers"),
        ("credential_id", &*running.credential.clone().unwrap().0),
        ("address", "127.0.0.1"),
    ] {
        assert_eq!(line[field], value, "{line}");
    }
    assert_eq!((&line["status"], &line["operator_id"]), (&200.into(), &Value::Null), "{line}");
    assert!(line["duration_us"].as_u64().unwrap() > 0 && line["bytes"].as_u64().unwrap() > 10, "{line}");
    assert_eq!(line["time"].as_str().unwrap().len(), "2026-01-15T12:00:00.000Z".len(), "{line}");
    assert_eq!(line_of(&log, "unknown")["route"], "/v3/customers/{customer_id}");
    assert_eq!(line_of(&log, "forged")["credential_id"], Value::Null);
    line_of(&log, "signing");
    let text = std::fs::read_to_string(&log).unwrap();
    for secret in ["52998224725", "secretpath", "5ec4e7", &token] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(stop(running, "-TERM").0.success());
}

#[test]
fn a_renamed_file_is_left_at_sighup_and_no_line_is_lost() {
    let folder = TempDir::new().unwrap();
    let (log, old) = (folder.path().join("access.log"), folder.path().join("access.log.1"));
    let running = start_in(folder.path(), log.to_str().unwrap());
    let hang_up = || {
        let pid = running.pid().to_string();
        assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    };
    ask(&running, "/health", "before", "none");
    line_of(&log, "before");
    std::fs::rename(&log, &old).unwrap();
    ask(&running, "/health", "renamed", "none");
    line_of(&old, "renamed");
    // A wrong configuration must not keep the old file open.
    std::fs::write(folder.path().join("dinie.toml"), "log = \"[\"\n").unwrap();
    hang_up();
    let began = Instant::now();
    while !log.exists() {
        assert!(began.elapsed() < PATIENCE, "the file was not opened again");
        std::thread::sleep(Duration::from_millis(10));
    }
    ask(&running, "/health", "after", "none");
    line_of(&log, "after");
    let ids = |path: &Path| -> Vec<String> {
        lines(path).iter().map(|line| line["request_id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((ids(&old), ids(&log)), (vec!["before".into(), "renamed".into()], vec!["after".into()]));
    ask(&running, "/health", "last", "none");
    assert!(stop(running, "-TERM").0.success());
    assert_eq!(ids(&log), ["after", "last"], "a server that stops writes its last lines");
}
