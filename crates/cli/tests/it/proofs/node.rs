//! Servers that are killed: real processes of the program.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::{Arc, RwLock};

use serde_json::Value;
use server::config::RateLimits;
use store::db::DatabaseUrl;
use tempfile::TempDir;

use crate::process::dinie;

/// A node's address. It changes with each start.
pub(super) type Address = Arc<RwLock<String>>;

/// State that a proof's nodes share: the folder of their files and their database.
pub(super) struct Site {
    pub(super) folder: TempDir,
    database: String,
    key: String,
}

impl Site {
    /// A new site, on a SQLite file if no database is given.
    pub(super) fn new(database: Option<DatabaseUrl>) -> Self {
        let folder = TempDir::new().unwrap();
        let limits = "[limits]\nrequests_per_10s = 100000000\ntokens_per_minute = 1000000\n";
        std::fs::write(folder.path().join("dinie.toml"), limits).unwrap();
        let database = match database {
            Some(DatabaseUrl::Postgres(url)) => url,
            Some(DatabaseUrl::Sqlite(path)) => format!("sqlite:{}", path.display()),
            None => format!("sqlite:{}", folder.path().join("proof.db").display()),
        };
        Self { folder, database, key: "07".repeat(32) }
    }

    fn command(&self, args: &[&str]) -> std::process::Command {
        let mut command = dinie(self.folder.path());
        command.args(args).args(["--database", &self.database, "--master-key", &self.key]);
        command.args(["--public-url", "http://127.0.0.1:9"]).env("RUST_LOG", "dinie=info,warn");
        command
    }

    /// The rate limits of the nodes.
    pub(super) fn limits() -> RateLimits {
        RateLimits { requests_per_10s: 100_000_000, tokens_per_minute: 1_000_000, ..RateLimits::default() }
    }

    /// The credential that the first start printed.
    pub(super) fn credential(&self) -> (String, String) {
        let said = std::fs::read_to_string(self.folder.path().join("said")).unwrap();
        let value = |name: &str| {
            let mut lines = said.lines();
            lines.find_map(|line| line.trim().strip_prefix(name)).expect("a credential").trim().to_owned()
        };
        (value("client_id"), value("client_secret"))
    }

    /// Checks that the trial balance is zero and that each loan's receivable equals its unpaid installments.
    pub(super) fn check_ledger(&self) {
        self.run(&["ledger", "check"]);
    }

    /// Runs a command to its end. Returns its output.
    pub(super) fn run(&self, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

/// A server in a separate process.
pub(super) struct Node {
    site: Arc<Site>,
    child: Child,
    pub(super) address: Address,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Node {
    /// Starts a node and waits until it listens.
    pub(super) fn start(site: &Arc<Site>) -> Self {
        let address = Address::default();
        let child = start(site, &address);
        Self { site: Arc::clone(site), child, address }
    }

    /// Kills the node with SIGKILL.
    pub(super) fn kill(&mut self) {
        let _it_may_be_dead = self.child.kill();
        self.child.wait().unwrap();
    }

    /// Starts the node again after a kill.
    pub(super) fn start_again(&mut self) {
        self.child = start(&self.site, &self.address);
    }

    pub(super) fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

fn start(site: &Site, address: &Address) -> Child {
    let kept = |name: &str| {
        let path = site.folder.path().join(name);
        File::options().create(true).append(true).open(path).unwrap()
    };
    let mut command = site.command(&["serve", "--listen", "127.0.0.1:0"]);
    let mut child = command.stdout(kept("said")).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut all = String::new();
    loop {
        let from = all.len();
        assert!(log.read_line(&mut all).unwrap() > 0, "the server ended before it was ready: {all}");
        let entry: Value = serde_json::from_str(&all[from..]).unwrap_or_default();
        if let Some(listening) = entry["address"].as_str() {
            listening.clone_into(&mut address.write().unwrap());
            break;
        }
    }
    // The log must be read; otherwise the pipe fills and the server blocks.
    let mut file = kept("log");
    std::thread::spawn(move || std::io::copy(&mut log, &mut file));
    child
}
