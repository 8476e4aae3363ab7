//! `dinie verify`: checks that all stored data is readable and consistent.

use std::path::Path;

use anyhow::{Context as _, ensure};
use serde::Serialize;
use server::config::{Config, Flags};
use sha2::{Digest as _, Sha256};
use store::audit::{Head, Trail};
use store::blob::{BlobKey, Blobs};
use store::db::Looked;
use store::file_store::FileStore;
use store::seal::hex;
use store::verify::{NamedFile, SEALED, SealedColumn};
use store::{Store, StoreError};
use tools::say;

use super::backup;
use super::files::next_files;
use super::manifest::Manifest;
use super::place::{BLOBS, DATABASE, VerifyArgs, bar, folder, look_at, look_at_live, spinner};

/// Most places that a report names of each kind.
const NAMED: usize = 20;

#[derive(Debug, Default, Serialize)]
struct Report {
    whole: bool,
    checks: Vec<Check>,
}

/// One check: the number of its objects, and the errors that it found.
#[derive(Debug, Serialize)]
struct Check {
    name: String,
    looked_at: u64,
    wrong: u64,
    /// Some of the errors.
    examples: Vec<String>,
    /// The reason why the check did not run here, and the command that runs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    elsewhere: Option<&'static str>,
}

impl Check {
    fn of(name: impl Into<String>) -> Self {
        Self { name: name.into(), looked_at: 0, wrong: 0, examples: Vec::new(), elsewhere: None }
    }

    fn good(&mut self, more: u64) {
        self.looked_at += more;
    }

    fn wrong(&mut self, what: String) {
        self.looked_at += 1;
        self.wrong += 1;
        if self.examples.len() < NAMED {
            self.examples.push(what);
        }
    }

    /// Ends a check. An aborted check counts as an error, unless the database was only unavailable.
    fn ended(mut self, outcome: Result<(), StoreError>) -> anyhow::Result<Self> {
        match outcome {
            Ok(()) => Ok(self),
            Err(StoreError::Unavailable(why)) => anyhow::bail!("the database is unavailable: {why}"),
            Err(error) => {
                self.wrong(error.to_string());
                Ok(self)
            }
        }
    }

    fn line(&self) -> String {
        let Self { name, looked_at, wrong, examples, elsewhere } = self;
        if let Some(elsewhere) = elsewhere {
            return format!("{name:<34} {elsewhere}");
        }
        if *wrong == 0 {
            return format!("{name:<34} {looked_at:>12}  ok");
        }
        let mut line = format!("{name:<34} {looked_at:>12}  {wrong} WRONG");
        for example in examples {
            line.push_str("\n    ");
            line.push_str(example);
        }
        line
    }
}

pub(crate) async fn run(flags: &Flags, args: &VerifyArgs) -> anyhow::Result<()> {
    let config = match &args.backup {
        Some(_backup) => Config::load_existing(flags)?,
        None => Config::load_in_use(flags)?,
    };
    let mut report = Report::default();
    let looked = match &args.backup {
        None => Some((look_at_live(&config).await?, config.file_store.clone())),
        Some(named) => of_backup(&config, &folder(named)?, &mut report).await?,
    };
    if let Some((store, blobs)) = looked {
        report.checks.push(integrity(&store).await?);
        report.checks.push(keys(&store).await?);
        for column in SEALED {
            report.checks.push(opened(&store, column).await?);
        }
        report.checks.push(files(&store, blobs).await?);
        report.checks.push(ledger(&store).await?);
        report.checks.push(trail(&store, args.head.clone()).await?);
    }
    report.whole = report.checks.iter().all(|check| check.wrong == 0);
    if args.json {
        say(&serde_json::to_string_pretty(&report)?);
    } else {
        for check in &report.checks {
            say(&check.line());
        }
    }
    let wrong = report.checks.iter().filter(|check| check.wrong > 0).map(|check| check.name.as_str());
    let wrong: Vec<&str> = wrong.collect();
    ensure!(wrong.is_empty(), "not everything is whole: {}", wrong.join(", "));
    if !args.json {
        say("everything is whole");
    }
    Ok(())
}

/// Compares a backup with its manifest. A SQLite database of the backup is also opened.
async fn of_backup(
    config: &Config, folder: &Path, report: &mut Report,
) -> anyhow::Result<Option<(Store, FileStore)>> {
    let manifest = Manifest::read(folder, config)?;
    let mut sums = Check::of("sums of the backup's files");
    sums.good(manifest.files.count + 2);
    for damage in manifest.damage(folder) {
        sums.looked_at -= 1;
        sums.wrong(damage);
    }
    report.checks.push(sums);
    if manifest.engine != "sqlite" {
        let mut rest = Check::of("the dump's content");
        rest.elsewhere = Some("restore it with pg_restore, then run dinie verify on that database");
        report.checks.push(rest);
        return Ok(None);
    }
    let store = look_at(&folder.join(DATABASE), Looked::Copy, config).await?;
    let mut counts = Check::of("rows of each table");
    for (table, rows) in backup::rows(&store).await? {
        match manifest.rows.get(&table) {
            Some(expected) if *expected == rows => counts.good(1),
            expected => counts.wrong(format!("{table}: {rows}, and the manifest says {expected:?}")),
        }
    }
    report.checks.push(counts);
    Ok(Some((store, FileStore::Folder(folder.join(BLOBS)))))
}

async fn integrity(store: &Store) -> anyhow::Result<Check> {
    let mut check = Check::of("integrity of the engine");
    let watched = spinner("integrity of the engine");
    let engine = store.clone();
    let found = tokio::task::spawn_blocking(move || engine.integrity()).await?;
    watched.finish_and_clear();
    let outcome = found.map(|found| match found {
        None => check.elsewhere = Some("PostgreSQL's own: pg_amcheck \"$DINIE_DATABASE\""),
        Some(problems) if problems.is_empty() => check.good(1),
        Some(problems) => problems.into_iter().for_each(|problem| check.wrong(problem)),
    });
    check.ended(outcome)
}

async fn keys(store: &Store) -> anyhow::Result<Check> {
    let mut check = Check::of("keys under the master key");
    let outcome = store.read_long(store::verify::unwrap_keys).await.map(|(good, damaged)| {
        check.good(good);
        for key in damaged {
            check.wrong(key);
        }
    });
    check.ended(outcome)
}

async fn opened(store: &Store, column: &'static SealedColumn) -> anyhow::Result<Check> {
    let mut check = Check::of(format!("{}.{}", column.table, column.column));
    let progress = spinner(&check.name);
    let mut after = None;
    let outcome = loop {
        let place = after.clone();
        let page = match store.read_long(move |tx| store::verify::open_page(tx, column, place.as_ref())).await
        {
            Ok(page) => page,
            Err(error) => break Err(error),
        };
        check.good(page.good);
        for place in page.damaged {
            check.wrong(format!("{place} cannot be opened"));
        }
        progress.set_message(format!("{}: {}", check.name, check.looked_at));
        after = page.next;
        if after.is_none() {
            break Ok(());
        }
    };
    progress.finish_and_clear();
    check.ended(outcome)
}

/// A new database has no files, and its folder is made. If the folder of an old database is missing, each file is reported.
async fn files(store: &Store, place: FileStore) -> anyhow::Result<Check> {
    let mut check = Check::of("files");
    let named = place.to_string();
    let blobs = Blobs::open(place).with_context(|| named.clone())?;
    let known = store.read(app::database::known_file_store).await?;
    let id = blobs.store_id().await.with_context(|| named.clone())?;
    if let (Some(known), Some(id)) = (known, id)
        && known != id
    {
        check.wrong(format!("{named} is that of another database: its id is {id}, not {known}"));
    }
    let progress = bar(store.read_long(store::verify::count_files).await?, "files");
    let mut last = None;
    loop {
        let page = next_files(store, last.as_ref()).await?;
        let Some(end) = page.last().cloned() else { break };
        for file in page {
            match found(store, &blobs, &file).await? {
                None => check.good(1),
                Some(wrong) => check.wrong(wrong),
            }
            progress.inc(1);
        }
        last = Some(end);
    }
    progress.finish_and_clear();
    Ok(check)
}

/// The error of a file, or `None`.
async fn found(store: &Store, blobs: &Blobs, file: &NamedFile) -> anyhow::Result<Option<String>> {
    let named = file.clone();
    let key = match store.read(move |tx| BlobKey::of_file(tx, named.partner, &named.name)).await {
        Ok(key) => key,
        Err(error) => return Ok(Some(format!("{}: {error}", file.name))),
    };
    let wrong = match blobs.get(&key, &file.name).await {
        Ok(content) if hex(&Sha256::digest(&content)) == file.sha256 => return Ok(None),
        Ok(_other) => format!("{} has a content that differs from its row", file.name),
        Err(StoreError::NotFound) => format!("{} is missing", file.name),
        Err(StoreError::Corrupt(why)) => why,
        Err(other) => return Err(other.into()),
    };
    // A running server may have deleted the file and its row meanwhile.
    let (row, still) = (file.clone(), "the file's row");
    let named = store.read(move |tx| store::verify::is_named(tx, &row)).await.context(still)?;
    Ok(named.then_some(wrong))
}

async fn ledger(store: &Store) -> anyhow::Result<Check> {
    let mut check = Check::of("ledger");
    let watched = spinner("ledger");
    let outcome = app::ledger::check::whole(store).await.map(|found| {
        if found.is_right() {
            check.good(1);
        } else {
            check.wrong(format!(
                "the sum is {}, {} entries do not sum to zero, {} loans have a receivable that differs from their installments, \
                 {} days and {} months and years have wrong sums",
                found.sum(),
                found.unbalanced,
                found.adrift,
                found.wrong_days.len(),
                found.wrong_periods.len()
            ));
        }
    });
    watched.finish_and_clear();
    check.ended(outcome)
}

async fn trail(store: &Store, published: Option<Head>) -> anyhow::Result<Check> {
    let mut check = Check::of("audit trail");
    let script = move |tx: &mut store::Tx<'_>| match &published {
        Some(head) => app::people::trail::check_trail_against(tx, head),
        None => app::people::trail::check_trail(tx),
    };
    let outcome = store.read_long(script).await.map(|trail| match trail {
        Trail::Whole { entries } => check.good(u64::try_from(entries).expect("entries are counted from one")),
        Trail::BrokenAt(number) => check.wrong(format!("broken at entry {number}")),
        Trail::NotAsPublished(number) => check.wrong(format!("entry {number} is not as it was published")),
    });
    check.ended(outcome)
}
