//! `dinie keys` beside servers: keys are replaced under load, a killed command goes on, and everything opens afterwards.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use domain::id::{PartnerId, ResourceId as _};
use domain::time::RealTime;
use serde_json::Value;
use store::db::DatabaseUrl;
use store::seal::{MasterKey, MasterKeys};
use store::{Store, Tx};
use tempfile::TempDir;

use crate::backup::{path_of, upload};
use crate::process::{Running, dinie, new_partner, start_with, stop, token};
use crate::support::TestApp;
use crate::vault::{look_up, register, said};

/// Two master keys, in files of the server's configuration.
struct Keys {
    folder: TempDir,
    /// The database's URL, as the commands take it.
    url: String,
    database: DatabaseUrl,
}

impl Keys {
    const OLD: [u8; 32] = [0x5a; 32];
    const NEW: [u8; 32] = [0x5b; 32];

    fn on(url: Option<String>) -> Self {
        let folder = TempDir::new().unwrap();
        for (name, digits) in [("old", "5a"), ("new", "5b"), ("other", "5c")] {
            fs::write(folder.path().join(name), digits.repeat(32)).unwrap();
        }
        let file = folder.path().join("data/dinie.db");
        let (url, database) = match url {
            Some(url) => (url.clone(), DatabaseUrl::Postgres(url)),
            None => (format!("sqlite:{}", file.display()), DatabaseUrl::Sqlite(file)),
        };
        Self { folder, url, database }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Arguments that name the database and these files with master keys.
    fn with<'a>(&'a self, command: &[&'a str], master: &'a str, previous: Option<&'a str>) -> Vec<&'a str> {
        let mut all = command.to_vec();
        all.extend(["--database", &self.url, "--master-key-file", master]);
        all.extend(previous.into_iter().flat_map(|file| ["--previous-master-key-file", file]));
        all
    }

    fn server(&self, master: &str, previous: Option<&str>) -> Running {
        start_with(self.path(), &self.with(&["--listen", "127.0.0.1:0"], master, previous))
    }

    /// Runs a command with both keys.
    fn said(&self, command: &[&str]) -> (bool, String) {
        said(self.path(), &self.with(command, "new", Some("old")))
    }

    /// The only master key opens everything.
    fn verify(&self, master: &str) {
        let (good, text) = said(self.path(), &self.with(&["verify"], master, None));
        assert!(good && text.contains("everything is whole"), "{text}");
    }

    fn store(&self) -> Store {
        Store::open(
            &self.database,
            MasterKeys::from(MasterKey::new(Self::NEW)).and(MasterKey::new(Self::OLD)),
        )
        .unwrap()
    }

    /// Makes data keys look as old as if the servers had had time to forget the former ones.
    fn let_time_pass(&self) {
        let keys = "update data_keys set created_at = created_at - 600000000";
        let begun = "update settings set value = cast(cast(value as bigint) - 600000000 as text) \
                     where name like 'data_keys_since%'";
        let age = move |tx: &mut Tx<'_>| tx.execute(keys, &[]).and_then(|_| tx.execute(begun, &[]));
        self.store().write_blocking(age).unwrap();
    }

    fn numbers(&self) -> Vec<i64> {
        let numbers = "select distinct number from data_keys order by number";
        self.store().write_blocking(move |tx| tx.fetch_all::<i64>(numbers, &[])).unwrap()
    }
}

/// Registers and reads customers at a server until `over`, with a file now and then. Returns the customers; every request
/// must succeed.
fn loaded(running: &Running, first: u32, over: &AtomicBool, done: &AtomicUsize) -> Vec<String> {
    let access = token(running);
    let mut customers: Vec<String> = Vec::new();
    while !over.load(Ordering::Acquire) {
        let number = first + u32::try_from(customers.len()).unwrap();
        let customer = register(running, &access, number);
        if customers.len().is_multiple_of(5) {
            upload(running, &access, &customer);
        }
        assert_eq!(look_up(running, &access, &customer), 200);
        if let Some(earlier) = customers.get(customers.len() / 2) {
            assert_eq!(look_up(running, &access, earlier), 200);
        }
        customers.push(customer);
        done.fetch_add(1, Ordering::AcqRel);
    }
    customers
}

/// Ends the load, also if a command fails.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Runs commands while each server has load. Returns the customers that were registered meanwhile, with numbers from `from`.
pub(crate) fn under_load(from: u32, servers: &[&Running], commands: impl FnOnce()) -> Vec<String> {
    let (over, done) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let (over, done) = (&over, &done);
        let end = End(over);
        let mut threads = Vec::new();
        for (first, server) in (from..).step_by(1_000_000).zip(servers.iter().copied()) {
            threads.push(scope.spawn(move || loaded(server, first, over, done)));
        }
        while done.load(Ordering::Acquire) < 2 * servers.len()
            && threads.iter().all(|thread| !thread.is_finished())
        {
            std::thread::sleep(Duration::from_millis(5));
        }
        commands();
        let reached = done.load(Ordering::Acquire) + 2 * servers.len();
        while done.load(Ordering::Acquire) < reached && threads.iter().all(|thread| !thread.is_finished()) {
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(end);
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// Starts a command and kills it at its first line of this step.
fn killed_at(keys: &Keys, command: &[&str], step: &str) {
    let mut child = dinie(keys.path())
        .args(keys.with(command, "new", Some("old")))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let is_step = |line: &String| serde_json::from_str::<Value>(line).is_ok_and(|line| line["step"] == step);
    assert!(lines.find(is_step).is_some(), "the command ended before {step}");
    child.kill().unwrap();
    child.wait().unwrap();
}

fn status(keys: &Keys) -> Value {
    let (good, text) = keys.said(&["keys", "status", "--json"]);
    assert!(good, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// Replaces all keys of a database while its servers have load.
fn keys_are_replaced_under_load(keys: &Keys, nodes: usize) {
    let first = keys.server("old", None);
    let credential = first.credential.clone();
    let (good, text) = keys.said(&["keys", "rotate-master", "--json"]);
    assert!(!good && text.contains("do not know the new master key"), "{text}");
    assert!(stop(first, "-TERM").0.success());
    let start = || {
        let mut server = keys.server("new", Some("old"));
        server.credential.clone_from(&credential);
        server
    };
    let servers: Vec<Running> = (0..nodes).map(|_| start()).collect();
    let all: Vec<&Running> = servers.iter().collect();
    let customers = under_load(300_000_000, &all, || {
        killed_at(keys, &["keys", "rotate-master", "--json"], "switched");
        let (good, text) = keys.said(&["keys", "rotate-master", "--json"]);
        assert!(good, "{text}");
        killed_at(keys, &["keys", "rotate-data", "--all", "--keep-old", "--json"], "sealed");
        let (good, text) = keys.said(&["keys", "rotate-data", "--all", "--keep-old"]);
        assert!(good && text.contains("0 new keys"), "{text}");
        assert_eq!(keys.numbers(), [1, 2]);
    });
    let found = status(keys);
    assert_eq!(found["servers"].as_array().unwrap().len(), nodes, "{found}");
    assert_eq!(found["master_keys"][0]["may_be_retired"], true, "{found}");
    let (good, text) = keys.said(&["audit", "check"]);
    assert!(good, "{text}");
    for server in servers {
        assert!(stop(server, "-TERM").0.success());
    }
    keys.let_time_pass();
    let (good, text) = keys.said(&["keys", "rotate-data", "--all"]);
    assert!(good, "{text}");
    assert_eq!(keys.numbers(), [2]);
    keys.verify("new");
    let mut alone = keys.server("new", None);
    alone.credential = credential;
    let access = token(&alone);
    assert!(customers.iter().all(|customer| look_up(&alone, &access, customer) == 200));
}

#[test]
fn keys_are_replaced_under_load_without_a_failed_request_on_sqlite() {
    keys_are_replaced_under_load(&Keys::on(None), 1);
}

#[tokio::test]
async fn keys_are_replaced_under_load_without_a_failed_request_on_two_nodes() {
    let Some(DatabaseUrl::Postgres(url)) = TestApp::postgres_database().await else { return };
    // The test's own look at the database starts a runtime.
    let replaced = move || keys_are_replaced_under_load(&Keys::on(Some(url)), 2);
    tokio::task::spawn_blocking(replaced).await.unwrap();
}

#[test]
fn the_keys_of_one_partner_are_replaced_with_its_files_and_those_of_others_stay() {
    let keys = Keys::on(None);
    let mut server = keys.server("new", None);
    let access = token(&server);
    let customer = register(&server, &access, 310_000_001);
    upload(&server, &access, &customer);
    let settings = format!("database = {:?}\nmaster_key_file = \"new\"\n", keys.url);
    fs::write(keys.path().join("dinie.toml"), settings).unwrap();
    let (partner, credential) = new_partner(keys.path());
    server.credential = Some(credential);
    let other = token(&server);
    let theirs = register(&server, &other, 310_000_002);
    upload(&server, &other, &theirs);
    let rotate = ["keys", "rotate-data", "--partner", &partner];
    let (good, text) = keys.said(&[&rotate[..], &["--keep-old"]].concat());
    assert!(good && text.contains("1 new keys") && text.contains("1 files sealed again"), "{text}");
    upload(&server, &other, &theirs);
    assert_eq!(look_up(&server, &other, &theirs), 200);
    keys.let_time_pass();
    let (good, text) = keys.said(&rotate);
    assert!(good && text.contains("1 old keys destroyed"), "{text}");
    assert_eq!(keys.numbers(), [1, 2], "the first partner has its first key");
    assert_eq!([look_up(&server, &access, &customer), look_up(&server, &other, &theirs)], [200, 200]);
    keys.verify("new");
    let unknown = PartnerId::new(RealTime::from_seconds(1), [7; 10]).to_string();
    let (good, text) = keys.said(&["keys", "rotate-data", "--partner", &unknown]);
    assert!(!good && text.contains("there is no partner"), "{text}");
}

#[test]
fn a_backup_from_the_middle_of_a_rotation_needs_both_master_keys() {
    let keys = Keys::on(None);
    let server = keys.server("new", Some("old"));
    let customer = register(&server, &token(&server), 320_000_001);
    assert!(stop(server, "-TERM").0.success());
    // The first configured key wraps in a new database, so the rotation goes the other way.
    let switched = keys.store().write_blocking(|tx| {
        let old = MasterKey::new(Keys::OLD).fingerprint();
        store::master_keys::announce(tx, &old, RealTime::from_seconds(1))?;
        store::master_keys::make_current(tx, &old)?;
        store::partners::insert(tx, "late", RealTime::from_seconds(2)).map(drop)
    });
    switched.unwrap();
    let backup = keys.path().join("backup");
    let (good, text) = keys.said(&["backup", "--to", path_of(&backup), "--json"]);
    assert!(good, "{text}");
    let manifest: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(manifest["master_keys"].as_array().unwrap().len(), 2);
    let elsewhere = Keys::on(None);
    let restore = ["restore", "--from", path_of(&backup)];
    let (good, text) = said(elsewhere.path(), &elsewhere.with(&restore, "new", None));
    assert!(!good && text.contains("is not configured"), "{text}");
    let (good, text) = elsewhere.said(&restore);
    assert!(good, "{text}");
    let (good, text) = elsewhere.said(&["verify"]);
    assert!(good, "{text}");
    fs::copy(keys.path().join("credential"), elsewhere.path().join("credential")).unwrap();
    let server = elsewhere.server("old", Some("new"));
    assert_eq!(look_up(&server, &token(&server), &customer), 200);
    assert_eq!(stop(server, "-TERM").0.code(), Some(0));
}

#[test]
fn a_rotation_to_a_former_or_to_the_same_key_is_refused() {
    let keys = Keys::on(None);
    assert!(stop(keys.server("old", None), "-TERM").0.success());
    let (good, text) = said(keys.path(), &keys.with(&["keys", "rotate-master"], "old", None));
    assert!(!good && text.contains("is the current one already"), "{text}");
    let to = |file| ["keys", "rotate-master", "--new-master-key-file", file];
    let (good, text) = said(keys.path(), &keys.with(&to("new"), "old", None));
    assert!(good, "{text}");
    let (good, text) = keys.said(&to("old"));
    assert!(!good && text.contains("was the database's master key before"), "{text}");
    let (good, text) = said(keys.path(), &keys.with(&["verify"], "other", None));
    assert!(!good && text.contains("needs the master key with the fingerprint"), "{text}");
    keys.verify("new");
}

#[test]
fn a_server_starts_with_enough_shares_of_its_master_key() {
    let keys = Keys::on(None);
    assert!(stop(keys.server("old", None), "-TERM").0.success());
    let shares = keys.path().join("shares");
    let split = ["keys", "split", "--shares", "3", "--threshold", "2", "--to", path_of(&shares)];
    let (good, text) = said(keys.path(), &keys.with(&split, "old", None));
    assert!(good && text.contains("2 of the 3 shares"), "{text}");
    let share = |number| path_of(&shares.join(format!("share-{number}"))).to_owned();
    let with = |files: &str| {
        ["--listen", "127.0.0.1:0", "--database", &keys.url, "--master-key-share-files", files]
            .map(str::to_owned)
    };
    let start = |files: &str| {
        let arguments = with(files);
        start_with(keys.path(), &arguments.each_ref().map(String::as_str))
    };
    let two = format!("{},{}", share(3), share(1));
    assert!(stop(start(&two), "-TERM").0.success());
    let (one, mut serve) = (share(2), vec!["serve".to_owned()]);
    serve.extend(with(&one));
    let (good, text) = said(keys.path(), &serve.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(!good && text.contains("1 of 2 shares") && !text.contains("dinie-share"), "{text}");
    // A new key that is in no file replaces the whole one.
    let fresh = keys.path().join("fresh");
    let split = ["keys", "split", "--new", "--shares", "2", "--threshold", "2", "--to", path_of(&fresh)];
    let (good, text) = said(keys.path(), &split);
    assert!(good, "{text}");
    let both = [1, 2].map(|number| path_of(&fresh.join(format!("share-{number}"))).to_owned()).join(",");
    let shared = ["--database", &keys.url, "--master-key-share-files", &both];
    let rotate = [&["keys", "rotate-master", "--previous-master-key-file", "old"][..], &shared].concat();
    let (good, text) = said(keys.path(), &rotate);
    assert!(good, "{text}");
    let (good, text) = said(keys.path(), &[&["verify"][..], &shared].concat());
    assert!(good, "{text}");
}
