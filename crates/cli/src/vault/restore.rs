//! `dinie restore`: writes a backup to a place without data.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use server::config::{Config, Flags};
use server::private;
use store::blob::Blobs;
use store::db::{DatabaseUrl, Looked};
use store::file_store::FileStore;
use tools::say;

use super::files::{Summed, listed, summed, sync_folder};
use super::manifest::{LIST, Manifest};
use super::place::{BLOBS, DUMP, RestoreArgs, bar, companions, folder, look_at};

pub(crate) async fn run(flags: &Flags, args: &RestoreArgs) -> anyhow::Result<()> {
    let config = Config::load_existing(flags)?;
    let from = folder(&args.from)?;
    let manifest = Manifest::read(&from, &config)?;
    let is_sqlite = matches!(config.database, DatabaseUrl::Sqlite(_));
    ensure!(
        is_sqlite == (manifest.engine == "sqlite"),
        "the backup is of {}, and the configured database is of another engine",
        manifest.engine
    );
    refuse_database(&config.database)?;
    if let Some(damage) = manifest.damage(&from).first() {
        bail!("the backup is damaged: {damage}; `dinie verify --backup` lists everything");
    }
    private::data_folder(&config.data);
    let blobs = Blobs::open(config.file_store.clone()).with_context(|| config.file_store.to_string())?;
    ensure!(blobs.is_empty().await?, "{} already has files; first move them away", blobs.place());
    let placed = place(&config, &from, &manifest, &blobs).await;
    if placed.is_err() {
        take_away(&config.database, &from, &blobs).await;
    }
    placed?;
    match &config.database {
        DatabaseUrl::Sqlite(path) => say(&format!(
            "restored to {} as of {}, with {} files. Check it with `dinie verify`, then start the server.",
            path.display(),
            manifest.begun_at,
            manifest.files.count
        )),
        DatabaseUrl::Postgres(_) => say(&format!(
            "{} files are restored. Restore the database into an empty one with PostgreSQL's own tool, then check all \
             with `dinie verify`:\n  pg_restore --no-owner --exit-on-error --dbname=\"$DINIE_DATABASE\" {}",
            manifest.files.count,
            from.join(DUMP).display()
        )),
    }
    Ok(())
}

/// Refuses to overwrite a database. An old log beside a restored file would belong to another one.
fn refuse_database(database: &DatabaseUrl) -> anyhow::Result<()> {
    let DatabaseUrl::Sqlite(path) = database else { return Ok(()) };
    for found in std::iter::once(path.clone()).chain(companions(path)) {
        ensure!(
            !fs::exists(&found)?,
            "{} already exists; first move it away with all files of its name (-wal, -shm, -journal)",
            found.display()
        );
    }
    Ok(())
}

/// Writes the files first, and the database last.
async fn place(config: &Config, from: &Path, manifest: &Manifest, blobs: &Blobs) -> anyhow::Result<()> {
    let files = listed(&from.join(LIST))?;
    let progress = bar(files.len() as u64, "files");
    for (name, expected) in files {
        let source = from.join(BLOBS).join(&name);
        let read = tokio::task::spawn_blocking(move || fs::read(source)).await?;
        let sealed = read.with_context(|| format!("the file {name}"))?;
        ensure!(Summed::of(&sealed) == expected, "the file {name} changed during the restore");
        blobs.put_sealed(&name, sealed.into()).await.with_context(|| format!("the file {name}"))?;
        progress.inc(1);
    }
    progress.finish_and_clear();
    if let Some(id) = &manifest.files.store_id {
        blobs.identify(id).await?;
    }
    if let FileStore::Folder(folder) = blobs.place() {
        private::file_folder(folder)?;
    }
    let DatabaseUrl::Sqlite(path) = &config.database else { return Ok(()) };
    if let Some(folder) = path.parent().filter(|folder| *folder != Path::new("")) {
        fs::create_dir_all(folder)?;
    }
    let unfinished = unfinished(path);
    let (source, to) = (from.join(super::place::DATABASE), unfinished.clone());
    tokio::task::spawn_blocking(move || summed(&source, Some(&to))).await?.context("the database")?;
    // Open the database once: this proves that the key fits and that the tables are known.
    drop(look_at(&unfinished, Looked::Copy, config).await?);
    fs::rename(&unfinished, path)?;
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    sync_folder(folder)?;
    Ok(())
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".restoring");
    name.into()
}

/// Removes an incomplete restore.
async fn take_away(database: &DatabaseUrl, from: &Path, blobs: &Blobs) {
    if let DatabaseUrl::Sqlite(path) = database {
        let _not_made_yet: io::Result<()> = fs::remove_file(unfinished(path));
    }
    match blobs.place() {
        FileStore::Folder(folder) => {
            let _not_made_yet: io::Result<()> = fs::remove_dir_all(folder);
        }
        FileStore::Bucket(_) => {
            for (name, _) in listed(&from.join(LIST)).into_iter().flatten() {
                let _not_placed_yet = blobs.delete(&name).await;
            }
        }
    }
}
