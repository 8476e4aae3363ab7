//! The SQLite file and the files beside it: their access, their log, and their state after a stop.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::inputs::registration;
use crate::process::{Running, dinie, exchange, start, stop, token};

/// Registers a customer. Returns its id.
pub(crate) fn register(running: &Running, token: &str, number: u32) -> String {
    let headers = format!("authorization: Bearer {token}\r\ncontent-type: application/json\r\n");
    let body = registration(number, "manual").to_string();
    let (status, body) = exchange(running, "POST", "/v3/customers", &headers, &body);
    assert_eq!(status, 201, "{body}");
    serde_json::from_str::<Value>(&body).unwrap()["id"].as_str().unwrap().to_owned()
}

/// The status of a request for a customer.
pub(crate) fn look_up(running: &Running, token: &str, id: &str) -> u16 {
    let headers = format!("authorization: Bearer {token}\r\n");
    exchange(running, "GET", &format!("/v3/customers/{id}"), &headers, "").0
}

/// Runs a command of the program to its end. Returns its success and its output.
pub(crate) fn said(folder: &Path, arguments: &[&str]) -> (bool, String) {
    ended_with(dinie(folder), arguments)
}

/// Runs a command with these arguments to its end. Returns its success and its output.
pub(crate) fn ended_with(mut command: Command, arguments: &[&str]) -> (bool, String) {
    let out = tempfile::NamedTempFile::new().unwrap();
    let to_file = || Stdio::from(fs::File::options().append(true).open(out.path()).unwrap());
    let mut child = command.args(arguments).stdout(to_file()).stderr(to_file()).spawn().unwrap();
    // A server that starts although it must not would run forever.
    let ends_by = Instant::now() + Duration::from_secs(300);
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if Instant::now() > ends_by => child.kill().unwrap(),
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    (status.success(), fs::read_to_string(out.path()).unwrap())
}

#[test]
fn no_second_server_starts_on_the_file_under_any_name() {
    let folder = TempDir::new().unwrap();
    let _first = start(folder.path());
    let database = folder.path().join("data/dinie.db");
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(&database, &link).unwrap();
    let by_link = format!("sqlite:{}", link.display());
    let key = fs::read_to_string(folder.path().join("data/master.key")).unwrap();
    let named = ["--database", &by_link, "--master-key", key.trim()];
    let (good, text) = said(folder.path(), &[&["serve", "--listen", "127.0.0.1:0"][..], &named].concat());
    assert!(!good && text.contains("another server is running on"), "{text}");
    // SQLite follows the symbolic link to the same log, so a command may use it.
    let (good, text) = said(folder.path(), &[&["partner", "create", "--name", "Loja"][..], &named].concat());
    assert!(good, "{text}");
    // A hard link would have a separate log.
    let hard = folder.path().join("hard.db");
    fs::hard_link(&database, &hard).unwrap();
    let by_link = format!("sqlite:{}", hard.display());
    let named = ["--database", &by_link, "--master-key", key.trim()];
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["partner", "create", "--name", "Loja"]] {
        let (good, text) = said(folder.path(), &[command, &named].concat());
        assert!(!good && text.contains("hard links"), "{text}");
    }
}

#[test]
fn a_stop_leaves_all_data_in_the_file_and_an_empty_log() {
    let folder = TempDir::new().unwrap();
    let running = start(folder.path());
    let access = token(&running);
    let ids: Vec<String> = (0..5).map(|number| register(&running, &access, 200_000_000 + number)).collect();
    let log = folder.path().join("data/dinie.db-wal");
    assert!(fs::metadata(&log).unwrap().len() > 0);
    let (status, _) = stop(running, "-TERM");
    assert!(status.success(), "{status}");
    assert_eq!(fs::metadata(&log).map_or(0, |left| left.len()), 0);
    // The file alone contains the whole database. The files are apart, and their store has the id that the database notes.
    let other = TempDir::new().unwrap();
    fs::create_dir_all(other.path().join("data/blobs")).unwrap();
    for name in ["data/dinie.db", "data/master.key", "data/blobs/store-id", "credential"] {
        fs::copy(folder.path().join(name), other.path().join(name)).unwrap();
    }
    let running = start(other.path());
    let access = token(&running);
    for id in ids {
        assert_eq!(look_up(&running, &access, &id), 200);
    }
}

#[test]
fn an_old_log_beside_a_restored_copy_is_refused_until_it_is_moved_away() {
    let folder = TempDir::new().unwrap();
    let database = folder.path().join("data/dinie.db");
    let (copy, log) = (folder.path().join("copy.db"), folder.path().join("data/dinie.db-wal"));
    let running = start(folder.path());
    let kept = register(&running, &token(&running), 210_000_000);
    stop(running, "-TERM");
    fs::copy(&database, &copy).unwrap();
    let running = start(folder.path());
    let access = token(&running);
    let lost: Vec<String> = (1..40).map(|number| register(&running, &access, 210_000_000 + number)).collect();
    stop(running, "-KILL");
    assert!(fs::metadata(&log).unwrap().len() > 0);
    // The log of a crash is accepted.
    let running = start(folder.path());
    assert_eq!(look_up(&running, &token(&running), &lost[38]), 200);
    // The file changes, so the copy was made of another state.
    stop(running, "-TERM");
    let running = start(folder.path());
    register(&running, &token(&running), 211_000_000);
    stop(running, "-KILL");

    fs::copy(&copy, &database).unwrap();
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["partner", "create", "--name", "Loja"]] {
        let (good, text) = said(folder.path(), command);
        assert!(!good && text.contains("is not the log of"), "{text}");
    }
    fs::rename(&log, folder.path().join("moved-away")).unwrap();
    let running = start(folder.path());
    let access = token(&running);
    assert_eq!(look_up(&running, &access, &kept), 200);
    assert_eq!(look_up(&running, &access, &lost[0]), 404);
}
