//! `dinie keys rotate-data`: new data keys, everything sealed again, the old keys destroyed.
//!
//! The progress is in the data, so a run after a kill reads what is done and seals the rest.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use app::people::trail::StateChange;
use bytes::Bytes;
use domain::time::RealTime;
use serde_json::{Value, json};
use server::clock::Clock;
use server::config::{Config, Flags};
use store::blob::Blobs;
use store::reseal::{self, BATCH, Holder, OldFile, SETTLE, Scope};
use store::verify::{NamedFile, SealedColumn};
use store::{Store, StoreError, Tx};
use tools::say;

use super::arguments::DataArgs;
use super::place::{nonce, note, opened};

/// Rows between two lines of progress.
const TOLD_EVERY: u64 = 10_000;
/// Most bytes of a file.
const MOST_BYTES: u64 = u64::MAX;

/// A run of the command.
struct Run {
    store: Store,
    blobs: Blobs,
    scope: Scope,
    json: bool,
    /// The owners of values that cannot be opened. Their old keys stay.
    damaged: Vec<Holder>,
    /// Number of values and files that were sealed again.
    sealed: u64,
}

pub(super) async fn run(flags: &Flags, args: &DataArgs) -> anyhow::Result<()> {
    let config = Config::load_in_use(flags)?;
    let store = opened(&config).await?;
    let blobs = Blobs::in_folder(&config.data.join("blobs"))?;
    let scope = args.partner.map_or(Scope::All, Scope::One);
    let mut run = Run { store, blobs, scope, json: args.json, damaged: Vec::new(), sealed: 0 };
    let newest = run.make_keys().await?;
    run.seal_everything().await?;
    if args.keep_old {
        run.tell(
            &json!({ "step": "kept" }),
            "the old keys stay; run this again without --keep-old to destroy them",
        );
        return Ok(());
    }
    if let Some(newest) = newest {
        run.settle(newest).await;
    }
    // Whatever was sealed under an old key since the first pass began, is found now.
    let cutoff = Clock::System.now().minus(SETTLE);
    run.seal_everything().await?;
    run.destroy(cutoff).await
}

impl Run {
    fn tell(&self, json: &Value, text: &str) {
        if self.json {
            say(&json.to_string());
        } else {
            say(text);
        }
    }

    /// The command, as the audit trail names it.
    fn operation(&self) -> String {
        match self.scope {
            Scope::All => "dinie keys rotate-data --all".to_owned(),
            Scope::One(partner) => format!("dinie keys rotate-data --partner {partner}"),
        }
    }

    /// Makes the new keys. Returns the time of the newest one.
    async fn make_keys(&self) -> anyhow::Result<Option<RealTime>> {
        let (scope, now, operation) = (self.scope, Clock::System.now(), self.operation());
        let begin = move |tx: &mut Tx<'_>| {
            let since = reseal::begin(tx, scope, now)?;
            if since == now {
                note(tx, now, &operation, None)?;
            }
            Ok::<_, StoreError>(since)
        };
        let since = self.store.write(begin).await?;
        let (mut after, mut newest, mut made, mut owners) = (None::<String>, None, 0, false);
        loop {
            let place = after.take();
            let make = move |tx: &mut Tx<'_>| reseal::make_keys(tx, scope, place.as_deref(), (since, now));
            let step = self.store.write(make).await?;
            made += step.changed;
            owners |= step.newest.is_some();
            newest = newest.max(step.newest);
            after = step.next;
            if after.is_none() {
                break;
            }
        }
        if let Scope::One(partner) = scope
            && !owners
        {
            self.store.write(move |tx| reseal::end(tx, scope)).await?;
            anyhow::bail!("there is no partner {partner}; `dinie partner list` shows them");
        }
        self.tell(&json!({ "step": "made", "keys": made }), &format!("{made} new keys"));
        Ok(newest)
    }

    async fn seal_everything(&mut self) -> anyhow::Result<()> {
        for column in reseal::columns(self.scope) {
            self.seal_column(column).await?;
        }
        self.seal_files().await
    }

    async fn seal_column(&mut self, of: &'static SealedColumn) -> anyhow::Result<()> {
        let (scope, name) = (self.scope, format!("{}.{}", of.table, of.column));
        let (mut after, mut read, mut sealed, mut told) = (None, 0, 0, 0);
        loop {
            let place = after.take();
            let page =
                self.store.read_long(move |tx| reseal::old_values(tx, of, scope, place.as_ref())).await?;
            read += page.read;
            for values in page.old.chunks(BATCH) {
                let (values, began) = (values.to_vec(), Instant::now());
                let done = self.store.write(move |tx| reseal::reseal(tx, of, &values)).await?;
                sealed += done.done;
                self.damaged.extend(done.damaged);
                // Servers write in the pauses.
                tokio::time::sleep(began.elapsed()).await;
            }
            after = page.next;
            if after.is_none() {
                break;
            }
            if read - told >= TOLD_EVERY && self.json {
                told = read;
                say(&json!({ "step": "sealing", "of": name, "read": read, "sealed": sealed }).to_string());
            }
        }
        self.sealed += sealed;
        let text = format!("{name:<34} {read:>12} read {sealed:>12} sealed again");
        self.tell(&json!({ "step": "sealed", "of": name, "read": read, "sealed": sealed }), &text);
        Ok(())
    }

    async fn seal_files(&mut self) -> anyhow::Result<()> {
        let (scope, mut last, mut sealed) = (self.scope, None::<NamedFile>, 0_u64);
        loop {
            let place = last.take();
            let page = self.store.read_long(move |tx| reseal::old_files(tx, scope, place.as_ref())).await?;
            for file in page.1 {
                sealed += u64::from(self.seal_file(file).await?);
            }
            last = page.0;
            if last.is_none() {
                break;
            }
        }
        self.sealed += sealed;
        self.tell(
            &json!({ "step": "sealed", "of": "files", "sealed": sealed }),
            &format!("{sealed} files sealed again"),
        );
        Ok(())
    }

    /// Writes a file again under the newest key and a new name. Returns whether its row names the new one.
    async fn seal_file(&mut self, file: OldFile) -> anyhow::Result<bool> {
        let (blobs, OldFile { file: named, new_name, key }) = (&self.blobs, &file);
        let is_right = |content: &[u8]| store::seal::sha256_hex(content) == named.sha256;
        // Rows of a synthetic history share files, so the new file may exist, with a row that names it.
        let announced = match blobs.get(key, new_name).await {
            Ok(content) if is_right(&content) => None,
            Ok(_) | Err(StoreError::NotFound | StoreError::Corrupt(_)) => {
                let content = match blobs.get(key, &named.name).await {
                    Ok(content) if is_right(&content) => content,
                    Ok(_) | Err(StoreError::NotFound | StoreError::Corrupt(_)) => {
                        self.lose(named).await?;
                        return Ok(false);
                    }
                    Err(other) => return Err(other.into()),
                };
                let (announced, now) = (file.clone(), Clock::System.now());
                let announce = move |tx: &mut Tx<'_>| reseal::announce_file(tx, &announced, now);
                let at = self.store.write(announce).await?;
                let source = futures::stream::iter([Ok::<_, std::convert::Infallible>(Bytes::from(content))]);
                let put = blobs.put(key, new_name, nonce(), source, MOST_BYTES).await;
                put.with_context(|| format!("the file {new_name}"))?;
                Some(at)
            }
            Err(other) => return Err(other.into()),
        };
        let (moved, now) = (file.clone(), Clock::System.now());
        Ok(self.store.write(move |tx| reseal::move_file(tx, &moved, announced, now)).await?)
    }

    /// Keeps the old key of a file that cannot be opened, unless the row has got another file meanwhile.
    async fn lose(&mut self, file: &NamedFile) -> anyhow::Result<()> {
        let row = file.clone();
        if self.store.read(move |tx| store::verify::is_named(tx, &row)).await? {
            tracing::warn!(file = file.name, "a file cannot be opened; the key of its partner stays");
            self.damaged.push(file.partner.into());
        }
        Ok(())
    }

    /// Waits until no process seals under a key from before `newest`.
    async fn settle(&self, newest: RealTime) {
        let over = newest.plus(SETTLE);
        loop {
            let now = Clock::System.now();
            if now >= over {
                return;
            }
            let rest = over.since(now);
            let text = format!("servers may use the old keys for {} more seconds", rest.as_secs());
            self.tell(&json!({ "step": "waiting", "seconds": rest.as_secs() }), &text);
            tokio::time::sleep(rest.min(Duration::from_secs(30))).await;
        }
    }

    async fn destroy(mut self, cutoff: RealTime) -> anyhow::Result<()> {
        self.damaged.sort_unstable_by_key(ToString::to_string);
        self.damaged.dedup();
        let (scope, mut after, mut destroyed) = (self.scope, None::<String>, 0);
        loop {
            let (place, except) = (after.take(), self.damaged.clone());
            let destroy =
                move |tx: &mut Tx<'_>| reseal::destroy_old(tx, scope, place.as_deref(), cutoff, &except);
            let step = self.store.write(destroy).await?;
            destroyed += step.changed;
            after = step.next;
            if after.is_none() {
                break;
            }
        }
        let (now, operation) = (Clock::System.now(), self.operation());
        let end = move |tx: &mut Tx<'_>| {
            reseal::end(tx, scope)?;
            let after = format!("{destroyed} old keys destroyed");
            note(tx, now, &operation, Some(StateChange { before: "begun".to_owned(), after }))
        };
        self.store.write(end).await?;
        self.tell(
            &json!({ "step": "done", "sealed": self.sealed, "destroyed": destroyed, "damaged": self.damaged.len() }),
            &format!("{} values and files sealed again; {destroyed} old keys destroyed", self.sealed),
        );
        let damaged: Vec<String> = self.damaged.iter().map(ToString::to_string).collect();
        ensure!(
            damaged.is_empty(),
            "values of {} cannot be opened, and their old keys stay; `dinie verify` names the rows",
            damaged.join(", ")
        );
        Ok(())
    }
}
