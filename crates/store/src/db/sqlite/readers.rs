//! The connections that read snapshots: some for short reads on the callers' threads, some in threads of the pool.
//!
//! A read first runs on the caller's thread, because it takes less time than waking another thread. If it takes more
//! than a small budget of SQLite's steps or of time, it is undone and runs again in the pool. So the async threads
//! never wait for a long list, and quick reads never wait behind it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection as Sqlite;

use super::gate::Gate;
use super::statement::{self, Guard, SqliteTx};
use super::watch::{Limits, Stopped, Watch};
use crate::db::error::StoreError;
use crate::db::script::{Script, run_caught};
use crate::db::shared::Shared;
use crate::db::tx::{Connection, Tx};
use crate::kms;
use crate::random::Random;

/// Maximum age of an idle read snapshot. Another process, such as a command beside the server, may have written since.
const SNAPSHOT_AGE: Duration = Duration::from_millis(50);
/// Most steps of SQLite's machine for a read on the caller's thread: about a millisecond.
const SHORT_STEPS: u32 = 20_000;
/// Maximum time of such a read, for a slow disk.
const SHORT_TIME: Duration = Duration::from_millis(5);

/// All connections that read.
///
/// Opening and ending a snapshot costs more than a look-up, so a connection keeps its snapshot until the writer begins
/// its next batch. The writer counts a commit before it answers, so a caller with the answer of a change reads that
/// change.
pub(super) struct Readers {
    commits: AtomicU64,
    /// Whether connections may keep their snapshots. They may not while the log is being emptied.
    kept: AtomicBool,
    idle: Mutex<Vec<Reader>>,
    /// The watches of the pool's connections.
    pool: Vec<Watch>,
    pool_gate: Gate,
}

/// A reading connection with the shared parts of its transactions.
pub(super) struct Reader {
    connection: Sqlite,
    watch: Watch,
    random: Random,
    snapshot: Option<Snapshot>,
}

/// The snapshot of a connection's open transaction. It sees at least the first `commits` commits.
#[derive(Clone, Copy)]
struct Snapshot {
    commits: u64,
    at: Instant,
}

impl Readers {
    pub(super) fn new(idle: Vec<Reader>, pool: &[Reader]) -> Self {
        let pool = pool.iter().map(|reader| reader.watch.clone()).collect();
        Self {
            commits: AtomicU64::new(0),
            kept: AtomicBool::new(true),
            idle: Mutex::new(idle),
            pool,
            pool_gate: Gate::default(),
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a short read here. `None` if every connection is busy, or if the read is long: the pool then runs it.
    pub(super) fn read_here<T, E: From<StoreError>>(
        &self, shared: &Shared, script: &impl Fn(&mut Tx<'_>) -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        let mut reader = self.idle().pop()?;
        let (commits, now) = (self.commits.load(Ordering::Acquire), Instant::now());
        #[cfg(feature = "test-support")]
        let counted = shared.statements.load(Ordering::Relaxed);
        let limits =
            Limits { until: Some(now + SHORT_TIME), looks: Some(Limits::steps(SHORT_STEPS)), caller: None };
        // An async thread may wait for a token as little as for a long list.
        let ran =
            kms::without_waiting(|| reader.run((commits, now), limits, shared, |tx| run_caught(script, tx)));
        let mut idle = self.idle();
        // Checked under the lock: the thread that empties the log clears the flag before it ends the idle snapshots.
        if !self.kept.load(Ordering::Acquire) {
            reader.end_snapshot();
        }
        idle.push(reader);
        drop(idle);
        match ran {
            None | Some(Ok((_, Some(_)))) => {
                // The pool runs the script again and counts its statements.
                #[cfg(feature = "test-support")]
                shared.statements.store(counted, Ordering::Relaxed);
                None
            }
            Some(Ok((result, None))) => Some(result),
            Some(Err(error)) => Some(Err(error.into())),
        }
    }

    /// Counts a commit. No later read uses a snapshot from before it.
    pub(super) fn committed(&self) {
        self.commits.fetch_add(1, Ordering::Release);
    }

    /// Ends the snapshots of idle connections, so that they hold no pages of the log.
    pub(super) fn release(&self) {
        for reader in self.idle().iter_mut() {
            reader.end_snapshot();
        }
    }

    /// Runs `work` while no idle connection keeps a snapshot.
    pub(super) fn without_kept<T>(&self, work: impl FnOnce() -> T) -> T {
        self.kept.store(false, Ordering::Release);
        self.release();
        let done = work();
        self.kept.store(true, Ordering::Release);
        done
    }

    /// The gate through which the pool's scripts pass.
    pub(super) fn pool_gate(&self) -> &Gate {
        &self.pool_gate
    }

    /// Whether no script runs in the pool.
    pub(super) fn pool_is_idle(&self) -> bool {
        self.pool.iter().all(|watch| !watch.is_at_work())
    }

    /// Ends the pool's scripts that have been running for this long.
    pub(super) fn stop_older(&self, age: Duration) {
        for watch in &self.pool {
            watch.stop_if_older(age);
        }
    }
}

impl Reader {
    pub(super) fn new(mut connection: Sqlite) -> rusqlite::Result<Self> {
        let watch = Watch::over(&mut connection)?;
        Ok(Self { connection, watch, random: Random::open(), snapshot: None })
    }

    /// Runs a script from the queue and answers its caller.
    pub(super) fn serve(&mut self, mut script: Box<dyn Script>, shared: &Shared) {
        if script.caller().has_left() {
            return;
        }
        shared.measured.begins("read", script.asked());
        let _busy = shared.measured.busy("read");
        let now = Instant::now();
        let limits = Limits::of(now, script.deadline(), script.caller());
        let ran = self.run((0, now), limits, shared, |tx| script.run(tx));
        // Nobody else ends this connection's snapshot while it is idle, so it keeps none.
        self.end_snapshot();
        let outcome = ran.and_then(|(_ran, stopped)| stopped.map_or(Ok(()), |why| Err(why.into())));
        if let Err(error) = &outcome {
            tracing::warn!(%error, "a script that reads was ended");
        }
        script.answer(outcome);
    }

    /// Runs a read on a snapshot that sees at least the first `commits` commits. Also says whether the watch ended it.
    fn run<T>(
        &mut self, (commits, now): (u64, Instant), limits: Limits, shared: &Shared,
        script: impl FnOnce(&mut Tx<'_>) -> T,
    ) -> Result<(T, Option<Stopped>), StoreError> {
        let current = |kept: Snapshot| kept.commits == commits && now.duration_since(kept.at) < SNAPSHOT_AGE;
        if !self.snapshot.is_some_and(current) {
            self.end_snapshot();
            statement::run(&self.connection, "begin").inspect_err(|error| shared.note(error))?;
            self.snapshot = Some(Snapshot { commits, at: now });
        }
        self.watch.begin(now, limits);
        let tx = SqliteTx::new(&self.connection, Guard::WholeBatch);
        let result = script(&mut Tx::new(Connection::Sqlite(tx), shared, &mut self.random));
        let stopped = self.watch.end();
        if self.connection.is_autocommit() {
            // The engine ended the transaction by an error that the script received.
            self.snapshot = None;
        }
        Ok((result, stopped))
    }

    fn end_snapshot(&mut self) {
        if self.snapshot.take().is_some() && statement::run(&self.connection, "commit").is_err() {
            let _already_gone = statement::run(&self.connection, "rollback");
        }
    }
}
