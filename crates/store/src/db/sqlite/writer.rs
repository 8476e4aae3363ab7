//! The only thread that writes: batches of waiting scripts, each batch one commit.
//!
//! A batch runs without savepoints, because SQLite copies every page that changes after a savepoint. A script that
//! fails before it has written leaves nothing to undo. If it fails after it has written, the batch is undone and runs
//! again with a savepoint for each script. So scripts may run more than once.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use rusqlite::Connection as Sqlite;

use super::log::Log;
use super::readers::Readers;
use super::statement::{self, Guard, SqliteTx, store_error};
use super::watch::{Limits, Stopped, Watch};
use crate::db::error::StoreError;
use crate::db::lineage;
use crate::db::measure::timed;
use crate::db::script::{Ran, Script};
use crate::db::shared::Shared;
use crate::db::tx::{Connection, Tx};
use crate::db::wakes::Wake;
use crate::random::Random;

/// Most scripts in one commit.
const MOST_SCRIPTS: usize = 256;
/// After this time a batch accepts no more scripts: those that have run wait for their commit.
const LONGEST_BATCH: Duration = Duration::from_millis(10);
/// Number of batches that run with savepoints after a batch that ran twice. Scripts that fail after they have written
/// often come together.
const CAREFUL_BATCHES: u32 = 64;

/// The writing connection and the data of its thread.
pub(super) struct Writer {
    connection: Sqlite,
    shared: Arc<Shared>,
    readers: Arc<Readers>,
    log: Arc<Log>,
    watch: Watch,
    random: Random,
    careful_batches: u32,
}

/// Scripts that share a commit.
#[derive(Default)]
struct Batch {
    scripts: Vec<Member>,
    wakes: Vec<Wake>,
}

/// A script of a batch.
struct Member {
    script: Box<dyn Script>,
    /// The reason why it was ended. Then it does not run again with its batch.
    stopped: Option<Stopped>,
}

/// The reason why a batch was not committed.
enum Lost {
    /// A script failed, or was ended, after it had written.
    Spoiled,
    /// The engine failed: a full disk, an I/O error.
    Engine(StoreError),
}

impl From<StoreError> for Lost {
    fn from(error: StoreError) -> Self {
        Self::Engine(error)
    }
}

/// Begins a transaction that writes. Its number shows later that the log belongs to this file.
pub(in crate::db) fn begin_numbered(connection: &Sqlite, random: &mut Random) -> Result<(), StoreError> {
    statement::run(connection, "begin immediate")?;
    lineage::mark(connection, random).map_err(store_error)
}

impl Writer {
    pub(super) fn new(
        mut connection: Sqlite, shared: &Arc<Shared>, readers: &Arc<Readers>, log: &Arc<Log>,
    ) -> rusqlite::Result<Self> {
        let watch = Watch::over(&mut connection)?;
        let (shared, readers, log) = (Arc::clone(shared), Arc::clone(readers), Arc::clone(log));
        Ok(Self { connection, shared, readers, log, watch, random: Random::open(), careful_batches: 0 })
    }

    /// Runs the queue until the store is closed.
    pub(super) fn serve(mut self, queue: &Receiver<Box<dyn Script>>) {
        let mut waiting = VecDeque::new();
        loop {
            if waiting.is_empty() {
                let Ok(first) = queue.recv() else { return };
                waiting.push_back(first);
            }
            waiting.extend(queue.try_iter().take(MOST_SCRIPTS.saturating_sub(waiting.len())));
            let _busy = self.shared.measured.busy("write");
            self.run_batch(&mut waiting);
        }
    }

    /// Runs a batch in one transaction and answers every caller after the commit, or after its failure.
    fn run_batch(&mut self, waiting: &mut VecDeque<Box<dyn Script>>) {
        let mut batch = Batch::default();
        let mut guard = if self.careful_batches > 0 { Guard::Savepoints } else { Guard::WholeBatch };
        self.careful_batches = self.careful_batches.saturating_sub(1);
        let outcome = loop {
            let log = Arc::clone(&self.log);
            match log.while_open(|| self.attempt(&mut batch, waiting, guard)) {
                Ok(()) => break Ok(()),
                Err(Lost::Spoiled) => {
                    guard = Guard::Savepoints;
                }
                Err(Lost::Engine(error)) => break Err(error),
            }
        };
        if let Err(error) = &outcome {
            self.shared.note(error);
            let scripts = batch.scripts.len();
            tracing::warn!(%error, scripts, "a batch of writes could not be committed");
        }
        self.readers.committed();
        for Member { script, stopped } in batch.scripts {
            script.answer(stopped.map_or_else(|| outcome.clone(), |why| Err(why.into())));
        }
        if outcome.is_ok() {
            self.shared.wakes.ring(&batch.wakes);
        }
    }

    /// Runs the batch's scripts again, then takes the waiting ones, and commits. If anything fails, nothing remains.
    fn attempt(
        &mut self, batch: &mut Batch, waiting: &mut VecDeque<Box<dyn Script>>, guard: Guard,
    ) -> Result<(), Lost> {
        // A completely copied log begins again with this transaction, if no snapshot is in the way.
        self.readers.release();
        let outcome = self.run_all(batch, waiting, guard);
        if outcome.is_err() && !self.connection.is_autocommit() {
            let _already_gone = statement::run(&self.connection, "rollback");
        }
        outcome
    }

    fn run_all(
        &mut self, batch: &mut Batch, waiting: &mut VecDeque<Box<dyn Script>>, guard: Guard,
    ) -> Result<(), Lost> {
        if let Err(error) = begin_numbered(&self.connection, &mut self.random) {
            // If no transaction can begin, every waiting caller gets the error.
            batch.scripts.extend(waiting.drain(..).map(|script| Member { script, stopped: None }));
            return Err(error.into());
        }
        batch.wakes.clear();
        for member in batch.scripts.iter_mut().filter(|member| member.stopped.is_none()) {
            self.run_script(member, guard, &mut batch.wakes)?;
        }
        let began = Instant::now();
        while began.elapsed() < LONGEST_BATCH
            && let Some(script) = waiting.pop_front()
        {
            if script.caller().has_left() {
                continue;
            }
            self.shared.measured.begins("write", script.asked());
            // It joins the batch before it runs, so that its caller is answered in every case.
            batch.scripts.push(Member { script, stopped: None });
            let member = batch.scripts.last_mut().expect("one was pushed just now");
            self.run_script(member, guard, &mut batch.wakes)?;
        }
        let (committed, took) = timed(|| statement::run(&self.connection, "commit"));
        committed?;
        self.shared.measured.committed(batch.scripts.len(), took);
        Ok(())
    }

    /// Runs one script of a batch. If it fails, the batch goes on without its effects, or is spoiled.
    fn run_script(&mut self, member: &mut Member, guard: Guard, wakes: &mut Vec<Wake>) -> Result<(), Lost> {
        let connection = &self.connection;
        let before = connection.total_changes();
        if guard == Guard::Savepoints {
            statement::run(connection, "savepoint script")?;
        }
        let now = Instant::now();
        self.watch.begin(now, Limits::of(now, member.script.deadline(), member.script.caller()));
        let tx = SqliteTx::new(connection, guard);
        let mut tx = Tx::new(Connection::Sqlite(tx), &self.shared, &mut self.random);
        let ran = member.script.run(&mut tx);
        let spoiled = tx.is_spoiled();
        let rung = tx.into_wakes();
        member.stopped = self.watch.end();
        if connection.is_autocommit() {
            // An interrupted statement that writes undoes the whole transaction.
            return Err(match member.stopped {
                Some(_) => Lost::Spoiled,
                None => StoreError::Unavailable("the engine gave the transaction up".into()).into(),
            });
        }
        // A single writer loses no race, so a conflict is an error like any other.
        let good = ran == Ran::Good && member.stopped.is_none() && !spoiled;
        let undone = guard == Guard::Savepoints || connection.total_changes() == before;
        if good {
            wakes.extend(rung);
        } else if connection.total_changes() != before {
            self.careful_batches = CAREFUL_BATCHES;
        }
        if spoiled || !(good || undone) {
            return Err(Lost::Spoiled);
        }
        if guard == Guard::Savepoints {
            if !good {
                statement::run(&self.connection, "rollback to script")?;
            }
            statement::run(&self.connection, "release script")?;
        }
        Ok(())
    }
}
