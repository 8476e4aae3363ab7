//! The arguments of the three commands, and the functions that they share.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use store::audit::Head;
use store::db::{DatabaseUrl, Looked};
use store::{OpenError, Store};
use url::Url;

use server::config::Config;
use server::state::OpenFor;

pub(super) const DATABASE: &str = "dinie.db";

pub(super) const DUMP: &str = "database.dump";

pub(super) const BLOBS: &str = "blobs";

#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// Folder or file:// URL. It must be new or empty.
    #[arg(long, value_name = "DIR|URL")]
    pub(super) to: String,
    /// Print the manifest as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// Folder or file:// URL of a backup.
    #[arg(long, value_name = "DIR|URL")]
    pub(super) from: String,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Folder or file:// URL of a backup to verify instead of the database.
    #[arg(long, value_name = "DIR|URL")]
    pub(super) backup: Option<String>,
    /// A published head of the audit trail, NUMBER:HASH. The trail must still contain it.
    #[arg(long, value_name = "NUMBER:HASH")]
    pub(super) head: Option<Head>,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// The folder that an argument names.
pub(super) fn folder(named: &str) -> anyhow::Result<PathBuf> {
    match Url::parse(named) {
        Ok(url) if url.scheme() == "file" => {
            url.to_file_path().map_err(|()| anyhow::anyhow!("{named} does not name a folder of this machine"))
        }
        Ok(url) if named.contains("://") => bail!(
            "a backup is a folder, named by a path or a file:// URL; for {}:// copy the folder with the tool of that \
             store, manifest.json last",
            url.scheme()
        ),
        // A path. A single letter before a colon may be a drive.
        Ok(_) | Err(_) => Ok(PathBuf::from(named)),
    }
}

/// The files that SQLite keeps beside a database.
pub(super) fn companions(database: &Path) -> [PathBuf; 3] {
    ["-wal", "-shm", "-journal"].map(|suffix| {
        let mut name = database.as_os_str().to_owned();
        name.push(suffix);
        name.into()
    })
}

/// Opens a SQLite file for a check.
pub(super) async fn look_at(path: &Path, looked: Looked, config: &Config) -> anyhow::Result<Store> {
    let (file, key) = (path.to_owned(), config.master_keys.clone());
    let opened: Result<Store, OpenError> =
        tokio::task::spawn_blocking(move || Store::look_at(&file, looked, key)).await?;
    opened.with_context(|| format!("the database {}", path.display()))
}

/// Opens the configured database for a check.
pub(super) async fn look_at_live(config: &Config) -> anyhow::Result<Store> {
    match &config.database {
        DatabaseUrl::Sqlite(path) => look_at(path, Looked::InUse, config).await,
        DatabaseUrl::Postgres(_) => server::state::open_store(config, OpenFor::Command).await,
    }
}

/// A progress bar on a terminal. It prints nothing if the output goes to a program.
pub(super) fn bar(total: u64, what: &str) -> ProgressBar {
    let template = "{msg:<28} {wide_bar} {human_pos}/{human_len}  {eta}";
    let style = ProgressStyle::with_template(template).expect("the template is valid");
    ProgressBar::new(total).with_style(style).with_message(what.to_owned())
}

/// A spinner for a step of unknown length.
pub(super) fn spinner(what: &str) -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_message(what.to_owned());
    spinner.enable_steady_tick(std::time::Duration::from_millis(120));
    spinner
}
