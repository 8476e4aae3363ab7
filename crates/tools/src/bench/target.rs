//! The server under measurement: this same program in a separate process.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use url::Url;

use super::database::{Database, DatabaseAccess, Place};
use crate::random::hex;

/// The server's master key. It can be public: the data is invented and soon deleted.
pub const MASTER_KEY: [u8; 32] = [7; 32];

/// A command of the program, by its words, with its data in a folder.
fn command(program: &Path, words: &[&str], folder: &Path, database: Option<&str>) -> Command {
    let mut command = Command::new(program);
    command.args(words);
    command.arg("--data").arg(folder.join("data")).arg("--config").arg(folder.join("bench.toml"));
    command.args(["--master-key", &hex(&MASTER_KEY)]);
    command.args(database.into_iter().flat_map(|url| ["--database", url]));
    command.env("RUST_LOG", "dinie=info,server::cli=info,warn").current_dir(folder);
    command
}

/// A server in a separate process.
pub(super) struct Target {
    child: Child,
    program: PathBuf,
    folder: PathBuf,
    database: Option<String>,
    /// The server's address.
    pub(super) address: SocketAddr,
    /// The first credential, if the start made one.
    pub(super) credential: Option<(String, String)>,
    /// From the start of the process to the first answered request.
    pub(super) start: Duration,
}

impl Target {
    /// Starts this program as a server with its data in a folder, and with limits that the load does not reach.
    pub(super) async fn start(folder: &Path, database: Option<&str>) -> anyhow::Result<Self> {
        Self::of_program(&std::env::current_exe()?, folder, database).await
    }

    /// [`Target::start`] on a new SQLite file, with more settings.
    pub(super) async fn start_with(folder: &Path, settings: &str) -> anyhow::Result<Self> {
        let mut target = Self::of_known(&std::env::current_exe()?, folder, None, settings).await?;
        target.credential = credential(&mut target.child).await;
        Ok(target)
    }

    /// Starts a program, this one or an older one, as [`Target::start`] does.
    pub(super) async fn of_program(
        program: &Path, folder: &Path, database: Option<&str>,
    ) -> anyhow::Result<Self> {
        let mut target = Self::of_known(program, folder, database, "").await?;
        target.credential = credential(&mut target.child).await;
        Ok(target)
    }

    /// Starts this program on a database that was filled before.
    pub(super) async fn of_filled(folder: &Path, database: Option<&str>) -> anyhow::Result<Self> {
        Self::of_known(&std::env::current_exe()?, folder, database, "").await
    }

    /// Starts a program on a database that is not new. It prints no credential, so this function does not wait for
    /// one.
    async fn of_known(
        program: &Path, folder: &Path, database: Option<&str>, settings: &str,
    ) -> anyhow::Result<Self> {
        let limits = "[limits]\nrequests_per_10s = 100000000\noperator_requests_per_10s = 100000000\n\
                      tokens_per_minute = 1000000\n";
        std::fs::write(folder.join("bench.toml"), format!("{limits}{settings}"))?;
        let mut command = command(program, &["serve"], folder, database);
        command.args(["--listen", "127.0.0.1:0"]).kill_on_drop(true);
        let began = Instant::now();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let address = listening(&mut child).await?;
        wait_until_ready(address).await?;
        let start = began.elapsed();
        let (program, folder) = (program.to_owned(), folder.to_owned());
        let database = database.map(str::to_owned);
        Ok(Self { child, program, folder, database, address, credential: None, start })
    }

    /// The token of a new operator.
    pub(super) async fn operator(&self) -> anyhow::Result<String> {
        let words = ["operator", "create", "--name", "bench", "--json"];
        let mut create = command(&self.program, &words, &self.folder, self.database.as_deref());
        let made = create.output().await?;
        ensure!(made.status.success(), "no operator was made: {}", String::from_utf8_lossy(&made.stderr));
        let made: Value = serde_json::from_slice(&made.stdout)?;
        Ok(made["token"].as_str().context("an operator has a token")?.to_owned())
    }

    /// The path of a new link that signs in to the console.
    pub(super) async fn console_link(&self) -> anyhow::Result<String> {
        let mut link = command(&self.program, &["console", "link"], &self.folder, self.database.as_deref());
        let made = link.output().await?;
        ensure!(made.status.success(), "no link was made: {}", String::from_utf8_lossy(&made.stderr));
        let said = String::from_utf8(made.stdout)?;
        let url = said.split_whitespace().find(|word| word.starts_with("http"));
        Ok(Url::parse(url.context("the command prints a link")?)?.path().to_owned())
    }

    /// The folder of the server's data.
    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Runs a command of the program on the server's data. The command must succeed.
    pub(super) async fn succeeds(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let mut command = command(&self.program, arguments, &self.folder, self.database.as_deref());
        let ended = command.output().await?;
        let said = String::from_utf8_lossy(&ended.stdout);
        let named = arguments.join(" ");
        ensure!(ended.status.success(), "{named} failed: {said}{}", String::from_utf8_lossy(&ended.stderr));
        Ok(())
    }

    /// Stops the server, runs a closure on its database, and starts the server again.
    pub(super) async fn meanwhile<T: Send + 'static>(
        &mut self, access: &Arc<dyn DatabaseAccess>,
        work: impl FnOnce(&dyn Database) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        self.child.kill().await?;
        let done = in_database(access, &self.folder, self.database.as_deref(), work).await?;
        *self = Self::of_known(&self.program, &self.folder, self.database.as_deref(), "").await?;
        Ok(done)
    }

    /// Peak memory of the process, in bytes (Linux; 0 on other systems).
    pub(super) fn peak_memory(&self) -> u64 {
        let status =
            self.child.id().and_then(|pid| std::fs::read_to_string(format!("/proc/{pid}/status")).ok());
        let kib = status.and_then(|status| {
            let line = status.lines().find(|line| line.starts_with("VmHWM:"))?.to_owned();
            line.split_whitespace().nth(1)?.parse::<u64>().ok()
        });
        kib.map_or(0, |kib| kib * 1_024)
    }

    /// Stops the server.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }
}

/// Runs a closure on the named database, or on the file of a server in a folder.
pub(super) async fn in_database<T: Send + 'static>(
    access: &Arc<dyn DatabaseAccess>, folder: &Path, database: Option<&str>,
    work: impl FnOnce(&dyn Database) -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    let (access, url) = (Arc::clone(access), database.map(str::to_owned));
    let file = folder.join("data").join("dinie.db");
    let work = move || {
        let opened = access.open(Place { file: &file, url: url.as_deref() })?;
        work(&*opened)
    };
    tokio::task::spawn_blocking(work).await?
}

async fn listening(child: &mut Child) -> anyhow::Result<SocketAddr> {
    let log = child.stderr.take().context("the server has a log")?;
    let mut lines = BufReader::new(log).lines();
    let mut said = Vec::new();
    while let Some(line) = lines.next_line().await? {
        let entry: Result<Value, _> = serde_json::from_str(&line);
        if let Ok(entry) = &entry
            && let Some(address) = entry["address"].as_str()
        {
            // Continue reading; otherwise the pipe fills and the server blocks.
            tokio::spawn(async move { while let Ok(Some(_line)) = lines.next_line().await {} });
            return Ok(address.parse()?);
        }
        said.push(line);
    }
    bail!("the server ended before it was ready: {}", said.join("; "))
}

async fn wait_until_ready(address: SocketAddr) -> anyhow::Result<()> {
    let client = crate::client::command_client()?;
    for _ in 0..500 {
        let answer = client.get(format!("http://{address}/ready")).send().await;
        if answer.is_ok_and(|answer| answer.status().is_success()) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    bail!("the server did not become ready")
}

/// The credential that a new sandbox prints.
async fn credential(child: &mut Child) -> Option<(String, String)> {
    let mut lines = BufReader::new(child.stdout.take()?).lines();
    let (mut id, mut secret) = (None, None);
    while secret.is_none()
        && let Ok(Ok(Some(line))) = tokio::time::timeout(Duration::from_secs(2), lines.next_line()).await
    {
        let value = |name: &str| line.trim().strip_prefix(name).map(|rest| rest.trim().to_owned());
        id = id.or_else(|| value("client_id"));
        secret = value("client_secret");
    }
    tokio::spawn(async move { while let Ok(Some(_line)) = lines.next_line().await {} });
    Some((id?, secret?))
}
