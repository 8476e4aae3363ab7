//! A disk that fails while the program runs: full, read-only, broken, torn by a power cut, unconfirmed, damaged.
//!
//! `tests/faults/shim.c` is loaded between the program and the system. Every test writes under load during the fault,
//! and afterwards looks up each acknowledged customer.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;

use serde_json::Value;
use store::Store;
use store::db::DatabaseUrl;
use tempfile::TempDir;

use crate::inputs::registration;
use crate::process::{Running, dinie, ended, exchange, start, start_watched, stop, token};
use crate::support::master_key_of;
use crate::vault::{look_up, said};

/// The library that makes the disk fail, compiled once. `None` if the system cannot load it.
fn shim() -> Option<&'static Path> {
    static SHIM: OnceLock<PathBuf> = OnceLock::new();
    if !cfg!(target_os = "linux") {
        #[expect(clippy::disallowed_methods, reason = "the environment says whether a part may be skipped")]
        let ci = std::env::var_os("CI").is_some_and(|ci| ci == "true");
        assert!(!ci, "CI must run everything, but the faults under SQLite need Linux");
        println!("*** NOT RUN: the faults under SQLite need Linux (LD_PRELOAD)");
        return None;
    }
    Some(SHIM.get_or_init(|| {
        let library =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("faults-{}.so", std::process::id()));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/shim.c");
        let mut compiler = Command::new("cc");
        compiler
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&library)
            .arg(source)
            .args(["-ldl", "-lpthread"]);
        assert!(compiler.status().unwrap().success(), "the tests need a C compiler");
        library
    }))
}

/// A server on a disk that fails on command.
struct Faulty {
    folder: TempDir,
    shim: &'static Path,
}

impl Faulty {
    fn new() -> Option<Self> {
        Some(Self { shim: shim()?, folder: TempDir::new().unwrap() })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn start(&self) -> Running {
        self.fails("");
        let mut command = dinie(self.path());
        command.env("LD_PRELOAD", self.shim).env("DINIE_FAULTS", self.path().join("faults"));
        let log = File::options().create(true).append(true).open(self.path().join("log")).unwrap();
        start_watched(command, self.path(), &["--listen", "127.0.0.1:0"], log)
    }

    /// Puts load on a server and stops it. The disk fails when the log is copied into the file. Returns the exit
    /// status and the acknowledged customers.
    fn fails_at_a_checkpoint(&self, rules: &str) -> (ExitStatus, Vec<String>) {
        let running = self.start();
        let access = token(&running);
        let load = Load::on(&running, &access);
        load.goes_on(60);
        let (mut acknowledged, _) = load.end();
        self.fails(rules);
        // The log may already be copied completely. One more write leaves something to copy, at the stop or before.
        if let Some((201, body)) = try_register(&running.address, &access, 392_000_000) {
            acknowledged.push(id_of(&body));
        }
        (stop(running, "-TERM").0, acknowledged)
    }

    /// A server that clients keep busy, on a disk that works so far.
    fn under_load() -> Option<(Self, Running, Load)> {
        let faulty = Self::new()?;
        let running = faulty.start();
        let load = Load::on(&running, &token(&running));
        load.goes_on(40);
        Some((faulty, running, load))
    }

    /// Sets the faults of the disk. Without rules the disk works again.
    fn fails(&self, rules: &str) {
        let new = self.path().join("faults.new");
        fs::write(&new, rules).unwrap();
        fs::rename(new, self.path().join("faults")).unwrap();
    }

    fn log(&self) -> String {
        fs::read_to_string(self.path().join("log")).unwrap()
    }

    /// Checks that every acknowledged customer exists and that the whole database is valid.
    fn is_whole(&self, acknowledged: &[String]) {
        self.fails("");
        let running = start(self.path());
        let access = token(&running);
        for id in acknowledged {
            assert_eq!(look_up(&running, &access, id), 200, "{id} was acknowledged but is lost");
        }
        assert!(stop(running, "-TERM").0.success());
        let (good, text) = said(self.path(), &["verify"]);
        assert!(good, "{text}");
    }
}

/// Clients that register customers until the load is ended.
pub(crate) struct Load {
    enough: Arc<AtomicBool>,
    acknowledged: Arc<Mutex<Vec<String>>>,
    /// Answers with another status than 201.
    refused: Arc<Mutex<Vec<(u16, String)>>>,
    clients: Vec<JoinHandle<()>>,
}

impl Load {
    pub(crate) fn on(running: &Running, access: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(400_000_000);
        let load = Self {
            enough: Arc::default(),
            acknowledged: Arc::default(),
            refused: Arc::default(),
            clients: Vec::new(),
        };
        let clients = (0..4).map(|_| {
            let (address, access) = (running.address.clone(), access.to_owned());
            let (enough, acknowledged, refused) =
                (Arc::clone(&load.enough), Arc::clone(&load.acknowledged), Arc::clone(&load.refused));
            std::thread::spawn(move || {
                while !enough.load(Ordering::Relaxed) {
                    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
                    match try_register(&address, &access, number) {
                        Some((201, body)) => acknowledged.lock().unwrap().push(id_of(&body)),
                        Some(other) => refused.lock().unwrap().push(other),
                        // The server died before it answered.
                        None => {}
                    }
                }
            })
        });
        Self { clients: clients.collect(), ..load }
    }

    /// Waits until `more` additional customers are acknowledged.
    pub(crate) fn goes_on(&self, more: usize) {
        let before = self.acknowledged.lock().unwrap().len();
        self.until(|| self.acknowledged.lock().unwrap().len() >= before + more);
    }

    /// The customers acknowledged so far.
    pub(crate) fn acknowledged(&self) -> Vec<String> {
        self.acknowledged.lock().unwrap().clone()
    }

    /// Waits until `more` additional requests are refused.
    fn is_refused(&self, more: usize) {
        let before = self.refused.lock().unwrap().len();
        self.until(|| self.refused.lock().unwrap().len() >= before + more);
    }

    fn until(&self, done: impl Fn() -> bool) {
        for _ in 0..12_000 {
            if done() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("refused: {:?}", self.refused.lock().unwrap().last());
    }

    /// Ends the clients. Returns the acknowledged customers and the refusals.
    pub(crate) fn end(self) -> (Vec<String>, Vec<(u16, String)>) {
        self.enough.store(true, Ordering::Relaxed);
        for client in self.clients {
            client.join().unwrap();
        }
        let acknowledged = std::mem::take(&mut *self.acknowledged.lock().unwrap());
        let refused = std::mem::take(&mut *self.refused.lock().unwrap());
        (acknowledged, refused)
    }
}

fn id_of(body: &str) -> String {
    serde_json::from_str::<Value>(body).unwrap()["id"].as_str().unwrap().to_owned()
}

/// Registers a customer; `None` if there was no complete answer.
fn try_register(address: &str, access: &str, number: u32) -> Option<(u16, String)> {
    let body = registration(number, "manual").to_string();
    let mut connection = TcpStream::connect(address).ok()?;
    let request = format!(
        "POST /v3/customers HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {access}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

/// During the fault, writes are refused with 503 and no write is lost. Afterwards the same process works again.
fn refuses_and_recovers(rules: &str) {
    let Some((faulty, running, load)) = Faulty::under_load() else { return };
    faulty.fails(rules);
    load.is_refused(20);
    assert_eq!(exchange(&running, "GET", "/health", "", "").0, 200);
    faulty.fails("");
    load.goes_on(40);
    let (acknowledged, refused) = load.end();
    for (status, body) in refused {
        assert!(status == 503 && body.contains("unavailable"), "{status} {body}\n{}", faulty.log());
    }
    assert_eq!(exchange(&running, "GET", "/ready", "", "").0, 200);
    assert!(stop(running, "-TERM").0.success());
    faulty.is_whole(&acknowledged);
}

#[test]
fn a_full_disk_refuses_writes_and_loses_no_acknowledged_write() {
    refuses_and_recovers("write -wal ENOSPC");
}

#[test]
fn a_read_only_disk_refuses_writes_and_loses_no_acknowledged_write() {
    refuses_and_recovers("write -wal EROFS\nwrite dinie.db EROFS");
}

#[test]
fn a_disk_that_fails_some_writes_refuses_them_and_loses_no_acknowledged_write() {
    refuses_and_recovers("write -wal EIO 3 200");
}

#[test]
fn unreadable_sectors_are_damage_and_lose_no_acknowledged_write() {
    let Some((faulty, running, load)) = Faulty::under_load() else { return };
    assert_eq!(exchange(&running, "GET", "/ready", "", "").0, 200);
    faulty.fails("read -wal EIO\nread dinie.db EIO\nwrite -wal EIO 5");
    load.is_refused(20);
    load.until(|| exchange(&running, "GET", "/ready", "", "").0 == 503);
    faulty.fails("");
    let (acknowledged, refused) = load.end();
    for (status, body) in refused {
        assert!(matches!(status, 500 | 503), "{status} {body}");
    }
    // The server stays not ready although the disk works again, because a person must check it.
    assert_eq!(exchange(&running, "GET", "/ready", "", "").0, 503);
    stop(running, "-TERM");
    assert!(faulty.log().contains("the database is damaged; this server is no longer ready"));
    faulty.is_whole(&acknowledged);
}

/// The fault ends the process. The next process finds every acknowledged customer.
fn ends_by(rules: &str, how: impl FnOnce(ExitStatus, &str)) {
    let Some((faulty, running, load)) = Faulty::under_load() else { return };
    faulty.fails(rules);
    let status = ended(running);
    let (acknowledged, _) = load.end();
    how(status, &faulty.log());
    faulty.is_whole(&acknowledged);
}

#[test]
fn an_unconfirmed_commit_ends_the_process_with_its_own_exit_status() {
    ends_by("sync -wal EIO 7 1", |status, log| {
        assert_eq!(status.code(), Some(74), "{status}");
        assert!(log.contains("the disk did not confirm what was written"), "{log}");
    });
}

#[test]
fn a_power_cut_during_a_commit_loses_no_acknowledged_write() {
    for skip in [10, 33] {
        ends_by(&format!("write -wal TEAR {skip}"), |status, _| assert!(status.code().is_none(), "{status}"));
    }
}

#[test]
fn a_power_cut_during_a_checkpoint_loses_no_acknowledged_write() {
    for rules in ["write dinie.db TEAR 3", "sync dinie.db DIE", "truncate -wal DIE"] {
        let Some(faulty) = Faulty::new() else { return };
        let (status, acknowledged) = faulty.fails_at_a_checkpoint(rules);
        assert!(status.code().is_none(), "{rules}: {status}");
        faulty.is_whole(&acknowledged);
    }
}

#[test]
fn an_unconfirmed_checkpoint_ends_the_process_and_loses_no_acknowledged_write() {
    let Some(faulty) = Faulty::new() else { return };
    let (status, acknowledged) = faulty.fails_at_a_checkpoint("sync dinie.db EIO");
    assert_eq!(status.code(), Some(74));
    faulty.is_whole(&acknowledged);
}

#[test]
fn a_lack_of_descriptors_counts_no_attempt_against_an_endpoint() {
    let Some(faulty) = Faulty::new() else { return };
    let running = faulty.start();
    let access = token(&running);
    let receiver = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", receiver.local_addr().unwrap());
    let headers = format!("authorization: Bearer {access}\r\ncontent-type: application/json\r\n");
    let body = serde_json::json!({"url": url, "events": ["customer.created"]}).to_string();
    let (status, made) = exchange(&running, "POST", "/v3/webhooks/endpoints", &headers, &body);
    assert_eq!(status, 201, "{made}");
    faulty.fails("socket tcp EMFILE 0 2");
    assert_eq!(try_register(&running.address, &access, 391_000_000).unwrap().0, 201);
    let (mut come, _) = receiver.accept().unwrap();
    assert!(come.read(&mut [0; 16_384]).unwrap() > 0);
    come.write_all(b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n").unwrap();
    assert!(stop(running, "-TERM").0.success());
    drop(come);
    let running = faulty.start();
    let path = format!("/v3/webhooks/endpoints/{}/deliveries", id_of(&made));
    let (_, listed) = exchange(&running, "GET", &path, &headers, "");
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed["data"][0]["status"], "delivered", "{listed}\n{}", faulty.log());
    assert_eq!(listed["data"][0]["attempts"].as_array().unwrap().len(), 1, "{listed}\n{}", faulty.log());
    assert!(faulty.log().contains("no descriptor, port or memory left for a webhook"));
}

#[test]
fn a_damaged_page_is_logged_and_the_server_is_no_longer_ready() {
    let folder = TempDir::new().unwrap();
    let running = start(folder.path());
    let access = token(&running);
    let id = id_of(&try_register(&running.address, &access, 390_000_000).unwrap().1);
    assert!(stop(running, "-TERM").0.success());
    let path = folder.path().join("data/dinie.db");
    let root = {
        let store = Store::open(&DatabaseUrl::Sqlite(path.clone()), master_key_of(folder.path())).unwrap();
        let root = store.write_blocking(|tx| {
            let sql = "select rootpage from sqlite_schema where type = 'table' and name = 'customers'";
            tx.query_one(sql, &[], |row| row.get::<i64>(0))
        });
        store.close().unwrap();
        root.unwrap()
    };
    let mut file = File::options().write(true).open(&path).unwrap();
    file.seek(SeekFrom::Start(u64::try_from(root - 1).unwrap() * 4096)).unwrap();
    file.write_all(&[0xff; 4096]).unwrap();
    drop(file);

    let log = folder.path().join("log");
    let running = start_watched(
        dinie(folder.path()),
        folder.path(),
        &["--listen", "127.0.0.1:0"],
        File::create(&log).unwrap(),
    );
    let headers = format!("authorization: Bearer {}\r\n", token(&running));
    let (status, body) = exchange(&running, "GET", &format!("/v3/customers/{id}"), &headers, "");
    assert!(status == 500 && body.contains("internal_error"), "{status} {body}");
    assert_eq!(try_register(&running.address, &token(&running), 390_000_001).unwrap().0, 500);
    assert_eq!(exchange(&running, "GET", "/ready", "", "").0, 503);
    assert_eq!(exchange(&running, "GET", "/health", "", "").0, 200);
    stop(running, "-TERM");
    let log = fs::read_to_string(&log).unwrap();
    assert!(log.contains("the database is damaged; this server is no longer ready"), "{log}");
    let (good, text) = said(folder.path(), &["verify"]);
    assert!(!good && text.contains("integrity"), "{text}");
}
