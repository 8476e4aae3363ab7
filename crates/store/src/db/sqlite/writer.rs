//! The one thread that writes: batches of waiting scripts, each batch one commit.
//!
//! A batch runs without savepoints, because SQLite copies every page that changes after one. A script that fails
//! without having written leaves nothing to undo. If it fails after it has written, the batch is undone and runs again
//! with a savepoint for each script: scripts may run more than once.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use rusqlite::Connection as Sqlite;

use super::readers::Readers;
use super::statement::{self, Guard, SqliteTx, store_error};
use crate::db::script::{Ran, Script};
use crate::db::{Connection, Shared, StoreError, Tx, Wake, lineage};
use crate::random::Random;

/// How many scripts share a commit at the most.
const MOST_SCRIPTS: usize = 256;
/// After this time a batch takes no further script: those that have run wait for their commit.
const LONGEST_BATCH: Duration = Duration::from_millis(10);
/// After a batch that ran twice, this many batches run with savepoints from the beginning: scripts that fail after
/// they have written come in crowds.
const CAREFUL_BATCHES: u32 = 64;

/// The writing connection and what its thread needs.
pub(super) struct Writer {
    connection: Sqlite,
    shared: Arc<Shared>,
    readers: Arc<Readers>,
    random: Random,
    careful_batches: u32,
}

/// Scripts that share a commit.
#[derive(Default)]
struct Batch {
    scripts: Vec<Box<dyn Script>>,
    wakes: Vec<Wake>,
}

/// Why a batch was not committed.
enum Lost {
    /// A script failed after it had written.
    Spoiled,
    /// The engine failed: a full disk, an I/O error.
    Engine(StoreError),
}

impl From<StoreError> for Lost {
    fn from(error: StoreError) -> Self {
        Self::Engine(error)
    }
}

/// Begins a transaction that writes. Its number shows later that the log is this file's own.
pub(super) fn begin_numbered(connection: &Sqlite, random: &mut Random) -> Result<(), StoreError> {
    statement::run(connection, "begin immediate")?;
    lineage::mark(connection, random).map_err(store_error)
}

impl Writer {
    pub(super) fn new(connection: Sqlite, shared: Arc<Shared>, readers: Arc<Readers>) -> Self {
        Self { connection, shared, readers, random: Random::open(), careful_batches: 0 }
    }

    /// Runs what is queued until the store is closed.
    pub(super) fn serve(mut self, queue: &Receiver<Box<dyn Script>>) {
        let mut waiting = VecDeque::new();
        loop {
            if waiting.is_empty() {
                let Ok(first) = queue.recv() else { return };
                waiting.push_back(first);
            }
            waiting.extend(queue.try_iter().take(MOST_SCRIPTS.saturating_sub(waiting.len())));
            self.run_batch(&mut waiting);
        }
    }

    /// Runs a batch in one transaction and answers every caller after the commit, or after its failure.
    fn run_batch(&mut self, waiting: &mut VecDeque<Box<dyn Script>>) {
        let mut batch = Batch::default();
        let mut guard = if self.careful_batches > 0 { Guard::Savepoints } else { Guard::WholeBatch };
        self.careful_batches = self.careful_batches.saturating_sub(1);
        let outcome = loop {
            match self.attempt(&mut batch, waiting, guard) {
                Ok(()) => break Ok(()),
                Err(Lost::Spoiled) => {
                    self.roll_back();
                    guard = Guard::Savepoints;
                }
                Err(Lost::Engine(error)) => {
                    self.roll_back();
                    break Err(error);
                }
            }
        };
        if let Err(error) = &outcome {
            self.shared.note(error);
            let scripts = batch.scripts.len();
            tracing::warn!(%error, scripts, "a batch of writes could not be committed");
        }
        self.readers.committed();
        for script in batch.scripts {
            script.answer(outcome.clone());
        }
        if outcome.is_ok() {
            self.shared.wakes.ring(&batch.wakes);
        }
    }

    /// Runs the batch's scripts again, then takes those that wait, and commits.
    fn attempt(
        &mut self,
        batch: &mut Batch,
        waiting: &mut VecDeque<Box<dyn Script>>,
        guard: Guard,
    ) -> Result<(), Lost> {
        begin_numbered(&self.connection, &mut self.random)?;
        batch.wakes.clear();
        for script in &mut batch.scripts {
            self.run_script(script.as_mut(), guard, &mut batch.wakes)?;
        }
        let began = Instant::now();
        while began.elapsed() < LONGEST_BATCH
            && let Some(script) = waiting.pop_front()
        {
            if script.is_abandoned() {
                continue;
            }
            // In the batch before it runs: whatever becomes of the batch, its caller is answered.
            batch.scripts.push(script);
            let script = batch.scripts.last_mut().expect("one was pushed just now");
            self.run_script(script.as_mut(), guard, &mut batch.wakes)?;
        }
        Ok(statement::run(&self.connection, "commit")?)
    }

    /// One script of a batch. If it fails, the batch goes on without its effects, or is spoiled.
    fn run_script(
        &mut self,
        script: &mut dyn Script,
        guard: Guard,
        wakes: &mut Vec<Wake>,
    ) -> Result<(), Lost> {
        let connection = &self.connection;
        let before = connection.total_changes();
        if guard == Guard::Savepoints {
            statement::run(connection, "savepoint script")?;
        }
        let tx = SqliteTx::new(connection, guard);
        let mut tx = Tx::new(Connection::Sqlite(tx), &self.shared, &mut self.random);
        let ran = script.run(&mut tx);
        let spoiled = tx.is_spoiled();
        let rung = tx.into_wakes();
        if connection.is_autocommit() {
            return Err(StoreError::Unavailable("the engine gave the transaction up".into()).into());
        }
        // One writer has nobody to lose a race to, so a conflict is told like any failure.
        let wrote = connection.total_changes() != before;
        match (ran, guard) {
            _ if spoiled => return self.spoil(),
            (Ran::Good, _) => wakes.extend(rung),
            (Ran::Failed | Ran::Again, Guard::WholeBatch) if wrote => return self.spoil(),
            (Ran::Failed | Ran::Again, Guard::WholeBatch) => {}
            (Ran::Failed | Ran::Again, Guard::Savepoints) => {
                statement::run(connection, "rollback to script")?;
                if wrote {
                    self.careful_batches = CAREFUL_BATCHES;
                }
            }
        }
        if guard == Guard::Savepoints {
            statement::run(&self.connection, "release script")?;
        }
        Ok(())
    }

    fn spoil(&mut self) -> Result<(), Lost> {
        self.careful_batches = CAREFUL_BATCHES;
        Err(Lost::Spoiled)
    }

    fn roll_back(&self) {
        if !self.connection.is_autocommit() {
            let _already_gone = statement::run(&self.connection, "rollback");
        }
    }
}
