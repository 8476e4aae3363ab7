//! The write-ahead log: its length, and the thread that copies it into the file and empties it.
//!
//! SQLite would do that within a commit, while every writer waits, and could not empty the log while a snapshot is
//! open. Here the writer only reports the length of the log. The thread copies while others read and write (*passive*).
//! If the log is still long, the writer pauses between two batches, the rest is copied, and the log begins again.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use rusqlite::Connection as Sqlite;

use super::gate::Gate;
use super::readers::Readers;
use super::statement::store_error;
use crate::db::error::StoreError;
use crate::db::lineage;

/// The usual size of SQLite's pages.
const PAGE_BYTES: u64 = 4_096;
/// From this length on, 4 MB, the log is copied.
const COPIED_FROM: u64 = 1_000;
/// From this length on, 10 MB, the writer pauses so that the log can begin again, and readers have less time than their
/// deadline.
const EMPTIED_FROM: u64 = 2_500;
/// Maximum time of a reader while the log is that long.
const READERS_TIME: Duration = Duration::from_secs(1);
/// Maximum wait for the end of the writer's batch. Its scripts have deadlines.
const WRITERS_TIME: Duration = Duration::from_secs(60);
/// The size of the log's file after the log begins again.
pub(super) const KEPT_BYTES: u64 = 4_000_000;
/// Pause between two checks of the log, unless the writer asks for one.
const EVERY: Duration = Duration::from_secs(1);
/// First and longest rest of the thread while a reader keeps it from emptying the log. The time doubles.
const REST: Duration = Duration::from_millis(100);
const LONGEST_REST: Duration = Duration::from_secs(2);
/// Maximum pause of the writer for running short reads.
const PAUSE: Duration = Duration::from_millis(10);

/// The length of SQLite's write-ahead log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogSize {
    /// The bytes that readers may need.
    pub used_bytes: u64,
    /// The bytes of its file.
    pub file_bytes: u64,
    /// Time since the log was last copied into the file as a whole.
    pub copied_ago: Duration,
}

/// The state of the log that the writer and the thread share.
pub(super) struct Log {
    path: PathBuf,
    pages: AtomicU64,
    commits: AtomicU64,
    copied_at: Mutex<Instant>,
    bell: Sender<()>,
    gate: Gate,
}

impl Log {
    /// The log of a file, and the channel that wakes the thread that empties it.
    pub(super) fn of(path: &Path) -> (Arc<Self>, Receiver<()>) {
        let (bell, woken) = bounded(1);
        let log = Self {
            path: lineage::log_of(path),
            pages: AtomicU64::new(0),
            commits: AtomicU64::new(0),
            copied_at: Mutex::new(Instant::now()),
            bell,
            gate: Gate::default(),
        };
        (Arc::new(log), woken)
    }

    /// Follows the commits of a connection, instead of SQLite's own checkpoints.
    pub(super) fn follow(self: &Arc<Self>, connection: &mut Sqlite) -> rusqlite::Result<()> {
        let log = Arc::downgrade(self);
        let committed = move |_: &mut rusqlite::hooks::Wal, pages| {
            if let (Some(log), Ok(pages)) = (log.upgrade(), u64::try_from(pages)) {
                log.committed(pages);
            }
            Ok(())
        };
        connection.wal_hook(Some(committed))
    }

    fn committed(&self, pages: u64) {
        self.pages.store(pages, Ordering::Relaxed);
        self.commits.fetch_add(1, Ordering::Relaxed);
        if pages >= COPIED_FROM {
            // A full channel has woken the thread already. Without a thread the store is being closed.
            let _rung_already = self.bell.try_send(());
        }
    }

    pub(super) fn size(&self) -> LogSize {
        LogSize {
            used_bytes: self.pages.load(Ordering::Relaxed) * PAGE_BYTES,
            file_bytes: self.file_bytes(),
            copied_ago: self.copied_at().elapsed(),
        }
    }

    /// A missing file has no bytes.
    fn file_bytes(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |file| file.len())
    }

    fn copied_at(&self) -> MutexGuard<'_, Instant> {
        self.copied_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a batch of the writer. It waits while the log is being emptied.
    pub(super) fn while_open<T>(&self, batch: impl FnOnce() -> T) -> T {
        self.gate.pass(batch)
    }
}

/// The thread that copies the log into the file and empties it.
pub(super) struct Checkpointer {
    connection: Sqlite,
    log: Arc<Log>,
    readers: Arc<Readers>,
    seen_commits: u64,
}

/// The result of a checkpoint.
#[derive(Debug, Clone, Copy)]
struct Checkpoint {
    /// Whether a reader or writer kept it from its end.
    busy: bool,
    /// Whether all pages of the log are in the file.
    whole: bool,
}

impl Checkpointer {
    pub(super) fn new(connection: Sqlite, log: Arc<Log>, readers: Arc<Readers>) -> Result<Self, StoreError> {
        connection.busy_timeout(PAUSE).map_err(store_error)?;
        Ok(Self { connection, log, readers, seen_commits: 0 })
    }

    /// Works until the writer ends.
    pub(super) fn serve(mut self, woken: &Receiver<()>, ended: &Receiver<()>) {
        let mut rest = REST;
        loop {
            crossbeam_channel::select! {
                recv(ended) -> _ => return,
                recv(woken) -> _ => {}
                default(EVERY) => {}
            }
            let done = self.tick().unwrap_or_else(|error| {
                tracing::warn!(%error, "the log could not be copied into the database; it is tried again");
                false
            });
            if done {
                rest = REST;
            } else if ended.recv_timeout(rest) == Err(RecvTimeoutError::Disconnected) {
                return;
            } else {
                rest = (rest * 2).min(LONGEST_REST);
            }
        }
    }

    /// Copies the pages that can be copied, and empties a log that is long or at rest. False if a reader is in the way.
    fn tick(&mut self) -> Result<bool, StoreError> {
        let commits = self.log.commits.load(Ordering::Relaxed);
        let at_rest = std::mem::replace(&mut self.seen_commits, commits) == commits;
        if self.log.pages.load(Ordering::Relaxed) > 0 {
            self.readers.release();
            let copied = self.checkpoint("passive")?;
            if copied.whole {
                *self.log.copied_at() = Instant::now();
            }
        } else {
            *self.log.copied_at() = Instant::now();
        }
        if self.log.pages.load(Ordering::Relaxed) >= EMPTIED_FROM {
            return self.empty("restart");
        }
        let shrinks = at_rest && self.log.file_bytes() > KEPT_BYTES;
        // Nothing is urgent, so no reader is ended.
        Ok(!shrinks || self.readers.pool_is_idle() && self.empty("truncate")?)
    }

    /// Lets the log begin again. False if a reader is in the way.
    fn empty(&self, mode: &'static str) -> Result<bool, StoreError> {
        let begin_anew = || {
            let done = self.readers.without_kept(|| self.checkpoint(mode))?;
            if !done.busy {
                self.log.pages.store(0, Ordering::Relaxed);
                *self.log.copied_at() = Instant::now();
            }
            Ok(!done.busy)
        };
        let between_batches = || self.log.gate.closed(WRITERS_TIME, || (), begin_anew);
        let (patience, hurry) = (READERS_TIME + PAUSE * 10, || self.readers.stop_older(READERS_TIME));
        let emptied = self.readers.pool_gate().closed(patience, hurry, between_batches);
        emptied.flatten().unwrap_or(Ok(false))
    }

    fn checkpoint(&self, mode: &'static str) -> Result<Checkpoint, StoreError> {
        let sql = format!("pragma wal_checkpoint({mode})");
        let mut statement = self.connection.prepare_cached(&sql).map_err(store_error)?;
        let read = |row: &rusqlite::Row<'_>| {
            let (pages, copied): (i64, i64) = (row.get(1)?, row.get(2)?);
            Ok(Checkpoint { busy: row.get(0)?, whole: pages == copied })
        };
        statement.query_row([], read).map_err(store_error)
    }
}
