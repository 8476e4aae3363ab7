//! `dinie backup`: works while a server runs. Its duration depends only on the size of the data.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use domain::time::Timestamp;
use server::clock::Clock;
use server::config::{Config, Flags};
use store::Store;
use store::blob::Blobs;
use store::db::{DatabaseUrl, Looked};
use tools::say;

use super::files::{Gathering, sync_folder};
use super::manifest::{Files, LIST, Manifest, Part};
use super::place::{BLOBS, BackupArgs, DATABASE, DUMP, bar, folder, look_at, look_at_live, spinner};

pub(crate) async fn run(flags: &Flags, args: &BackupArgs) -> anyhow::Result<()> {
    let config = Config::load_in_use(flags)?;
    let folder = folder(&args.to)?;
    let is_new = prepare(&folder, &config.database)?;
    match make(&config, &folder).await {
        Ok(manifest) if args.json => say(&manifest.to_json()),
        Ok(manifest) => say(&format!(
            "the backup is in {}: {} bytes of database, {} files of {} bytes, begun {}\nThe master key is not in it.",
            folder.display(),
            manifest.database.bytes,
            manifest.files.count,
            manifest.files.bytes,
            manifest.begun_at
        )),
        Err(error) => {
            discard(&folder, is_new);
            return Err(error);
        }
    }
    Ok(())
}

/// Makes the folder, or checks that it is empty. Returns whether it is new. With PostgreSQL, `pg_dump` has already
/// written its dump into the folder.
fn prepare(folder: &Path, database: &DatabaseUrl) -> anyhow::Result<bool> {
    let mut names = match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(folder).with_context(|| format!("the folder {}", folder.display()))?;
            Vec::new()
        }
        Err(error) => return Err(error).with_context(|| format!("the folder {}", folder.display())),
    };
    let is_new = names.is_empty();
    if matches!(database, DatabaseUrl::Postgres(_)) {
        let dump = folder.join(DUMP);
        if !names.iter().any(|name| name == DUMP) {
            if is_new {
                fs::remove_dir(folder)?;
            }
            bail!(
                "the database is PostgreSQL's: dump it first, and then run this command. It adds the files and the \
                 manifest:\n  mkdir -p {} && pg_dump --format=custom --file={} \"$DINIE_DATABASE\"",
                folder.display(),
                dump.display()
            );
        }
        names.retain(|name| name != DUMP);
    }
    ensure!(
        names.is_empty(),
        "the folder {} is not empty; a backup needs a new or an empty one",
        folder.display()
    );
    Ok(is_new)
}

/// Removes an incomplete backup.
fn discard(folder: &Path, is_new: bool) {
    for name in [DATABASE, "dinie.db-journal", LIST, "manifest.json.new"] {
        let _not_made_yet = fs::remove_file(folder.join(name));
    }
    let _not_made_yet = fs::remove_dir_all(folder.join(BLOBS));
    if is_new {
        let _somebody_put_a_file_there = fs::remove_dir(folder);
    }
}

async fn make(config: &Config, folder: &Path) -> anyhow::Result<Manifest> {
    let live = look_at_live(config).await?;
    let blobs = Blobs::open(config.file_store.clone()).with_context(|| config.file_store.to_string())?;
    let mut files = Gathering::new(blobs.clone(), folder.join(BLOBS));
    fs::create_dir(folder.join(BLOBS))?;
    // The server may delete a replaced file during the backup. So this pass copies the present files before the copy
    // of the database begins.
    let watched = spinner("files, before the database");
    files.ahead(&live).await?;
    watched.finish_and_clear();
    let begun_at = Clock::System.now();
    let (copy, name) = match &config.database {
        DatabaseUrl::Sqlite(path) => {
            copy_database(path, &folder.join(DATABASE)).await?;
            (look_at(&folder.join(DATABASE), Looked::Copy, config).await?, DATABASE)
        }
        DatabaseUrl::Postgres(_) => (live, DUMP),
    };
    let watched = spinner("files, after the database");
    let list = folder.join(LIST);
    let (count, bytes) = files.complete(&copy, &list).await?;
    watched.finish_and_clear();
    let wrapping = copy.read(store::master_keys::counts).await?;
    let mut master_keys: Vec<String> = wrapping.into_iter().map(|(fingerprint, _)| fingerprint).collect();
    master_keys.sort_unstable();
    let manifest = Manifest {
        form: Manifest::FORM,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        begun_at: written(begun_at.unmoved()),
        ended_at: written(Clock::System.now().unmoved()),
        environment: config.environment.name().to_owned(),
        engine: copy.engine_name().to_owned(),
        schema_version: copy.read(store::migrations::schema).await?.version,
        master_keys,
        database: Part::of(folder, name)?,
        files: Files { count, bytes, list: Part::of(folder, LIST)?, store_id: blobs.store_id().await? },
        rows: rows(&copy).await?,
        audit_head: copy.read(app::people::trail::trail_head).await?.to_string(),
    };
    sync_folder(folder)?;
    manifest.write(folder)?;
    Ok(manifest)
}

async fn copy_database(from: &Path, to: &Path) -> anyhow::Result<()> {
    let (from, to) = (from.to_owned(), to.to_owned());
    let copy = move || {
        let progress = bar(0, "pages of the database");
        let outcome = store::db::copy_sqlite(&from, &to, &mut |done, all| {
            progress.set_length(all);
            progress.set_position(done);
        });
        progress.finish_and_clear();
        outcome
    };
    Ok(tokio::task::spawn_blocking(copy).await??)
}

fn written(at: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.micros()).expect("a timestamp lies within the calendar").to_string()
}

pub(super) async fn rows(store: &Store) -> anyhow::Result<BTreeMap<String, i64>> {
    let mut rows = BTreeMap::new();
    for table in store::verify::tables() {
        rows.insert(table.to_owned(), store.read_long(move |tx| store::verify::count(tx, table)).await?);
    }
    Ok(rows)
}
