//! Filled databases that are kept: filled at one time, and measured later, when the machine is quiet.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use hyper::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::caller::Caller;
use super::super::database::{DatabaseAccess, Filled, Mix};
use super::super::sink::Sink;
use super::super::target::Target;
use super::measuring::{Bench, FIRST, Form, Report, Size};

/// A filled database, as the file in its folder describes it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Saved {
    /// The URL of a PostgreSQL database; `None` for the SQLite file in the folder.
    database: Option<String>,
    /// The credential of the first partner.
    credential: (String, String),
    /// The first partner's endpoint.
    endpoint: String,
    customers: u32,
    filled: Filled,
    /// The number of the next registration.
    next: u64,
}

impl Saved {
    fn path(folder: &Path) -> PathBuf {
        folder.join("filled.json")
    }

    fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = Self::path(folder);
        let text =
            std::fs::read(&path).with_context(|| format!("{} has no filled database", folder.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is unreadable", path.display()))
    }

    /// Writes the file, readable only by its owner: it holds a credential, and a URL may hold a password.
    fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(Self::path(folder))?;
        Ok(file.write_all(&serde_json::to_vec_pretty(self)?)?)
    }
}

/// Fills a database up to `customers` and keeps it, in a folder or on a server with its files in the folder.
pub(in super::super) async fn fill(
    folder: &Path, access: &Arc<dyn DatabaseAccess>, (customers, mix): (u32, Mix), database: Option<&str>,
) -> anyhow::Result<Filled> {
    std::fs::create_dir_all(folder)?;
    let folder = folder.canonicalize()?;
    ensure!(std::fs::read_dir(&folder)?.next().is_none(), "{} is not empty", folder.display());
    let (target, caller) = Caller::of_new(&folder, database).await?;
    let credential = target.credential.clone().context("the database is not new")?;
    let mut bench = Bench { form: Form::Long, access, target, caller, endpoint: None, next: FIRST };
    // Each measurement registers its own receiver.
    let filled = bench.fill(customers, mix, "http://127.0.0.1:1").await?;
    let endpoint = bench.endpoint()?;
    bench.target.stop().await?;
    let database = database.map(str::to_owned);
    Saved { database, credential, endpoint, customers, filled, next: FIRST }.write(&folder)?;
    Ok(filled)
}

/// Measures two kept databases, the smaller one first.
pub(in super::super) async fn measure(
    small: &Path, large: &Path, access: &Arc<dyn DatabaseAccess>,
) -> anyhow::Result<Report> {
    let database = if Saved::read(large)?.database.is_some() { "postgresql" } else { "sqlite" };
    let sizes = [one(small, access).await?, one(large, access).await?];
    Ok(Report { database, sizes, form: Form::Long })
}

/// A server on a kept database.
pub(in super::super) struct Opened {
    folder: PathBuf,
    saved: Saved,
    pub(in super::super) target: Target,
    /// The first partner.
    pub(in super::super) caller: Caller,
}

impl Opened {
    pub(in super::super) async fn of(folder: &Path) -> anyhow::Result<Self> {
        let folder = folder.canonicalize().with_context(|| format!("{} does not exist", folder.display()))?;
        let saved = Saved::read(&folder)?;
        let target = Target::of_filled(&folder, saved.database.as_deref()).await?;
        let (id, secret) = &saved.credential;
        let caller = Caller::sign_in(&target, id, secret).await?;
        Ok(Self { folder, saved, target, caller })
    }

    /// The URL of the database; `None` with SQLite.
    pub(in super::super) fn database(&self) -> Option<String> {
        self.saved.database.clone()
    }

    /// Its first partner's endpoint, and the number of its filled customers.
    pub(in super::super) fn contents(&self) -> (&str, u32) {
        (&self.saved.endpoint, self.saved.customers)
    }

    /// The number of the next registration.
    pub(in super::super) fn next(&self) -> u64 {
        self.saved.next
    }

    /// Stops the server. The next load begins with registration `next`.
    pub(in super::super) async fn stop(mut self, next: u64) -> anyhow::Result<()> {
        self.target.stop().await?;
        self.saved.next = next;
        self.saved.write(&self.folder)
    }
}

async fn one(folder: &Path, access: &Arc<dyn DatabaseAccess>) -> anyhow::Result<Size> {
    let Opened { folder, saved, target, caller } = Opened::of(folder).await?;
    let sink = Sink::start(None).await?;
    let here = format!("/v3/webhooks/endpoints/{}", saved.endpoint);
    caller.call(Method::PATCH, &here, Some(&json!({ "url": sink.url(0) }))).await?;
    let mut bench = Bench { form: Form::Long, access, target, caller, endpoint: None, next: saved.next };
    let size = bench.measure(&saved.endpoint, saved.customers, saved.filled).await?;
    let Bench { target, caller, next, .. } = bench;
    Opened { folder, saved, target, caller }.stop(next).await?;
    Ok(size)
}
