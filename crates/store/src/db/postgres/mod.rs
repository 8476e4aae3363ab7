//! PostgreSQL: pools of threads, each with a session and its prepared statements.
//!
//! There are three pools, for look-ups, lists and writes, so that none of them waits behind another. One more session
//! serves writes that would only wait for each other. A worker of writes runs waiting scripts in one transaction. A
//! statement whose answer no script needs is sent together with the next one.
//!
//! Scripts run at `read committed`: every invariant rests on a compare-and-set or a unique key, so a stricter level would
//! only add aborts. A serialization failure (40001), a deadlock (40P01) or a lost compare-and-set runs the script again.
//!
//! A session that fails or stays silent is dropped. A script that surely did not commit runs again on a new session,
//! once. If the answer of a commit is lost, its outcome is unknown: the caller gets `Unavailable`, and its idempotency
//! key decides.
//!
//! Reasons: docs/decisions/0003.

pub(super) mod absent;
mod ahead;
mod args;
mod cancel;
mod classify;
mod databases;
mod distribution;
mod inserts;
mod lone;
mod password;
mod pool;
mod replica;
pub(super) mod session;
mod settings;
mod tls;
pub(super) mod transaction;

use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Sender, bounded};

use self::cancel::Canceller;
pub use self::databases::{drop_database, make_empty_database};
pub use self::distribution::Distribution;
pub(super) use self::distribution::{distribute, extension, is_distributed};
pub(super) use self::lone::session;
use self::pool::Worker;
use self::replica::Lists;
pub(super) use self::session::Session;
use self::settings::Settings;
pub(super) use self::transaction::PostgresTx;
use super::script::Script;
use crate::db::error::{OpenError, StoreError};
use crate::db::mode::{Durability, Lane, Mode, enqueue};
use crate::db::shared::Shared;

const QUEUE: usize = 10_000;

/// The queues of the pools.
pub(super) struct PostgresEngine {
    writes: Sender<Box<dyn Script>>,
    /// Writes that take turns on one row, on one session.
    numbered: Sender<Box<dyn Script>>,
    look_ups: Sender<Box<dyn Script>>,
    reads: Sender<Box<dyn Script>>,
    /// Lists from a replica, if there is one.
    lists: Option<Sender<Box<dyn Script>>>,
}

impl PostgresEngine {
    pub(super) fn open(url: &str, shared: &Arc<Shared>, durability: Durability) -> Result<Self, OpenError> {
        let settings = Arc::new(Settings::parse(url)?.with(durability));
        let start = Start { canceller: Canceller::start(&settings)?, settings, shared };
        let lists = start.settings.replica.as_ref().map(|replica| start.lists(replica)).transpose()?;
        Ok(Self {
            writes: start.pool(Mode::Write, start.settings.pools.writes)?,
            numbered: start.pool(Mode::Write, 1)?,
            look_ups: start.pool(Mode::Single, start.settings.pools.look_ups)?,
            reads: start.pool(Mode::Snapshot, start.settings.pools.reads)?,
            lists,
        })
    }

    pub(super) fn submit_write(&self, script: Box<dyn Script>, lane: Lane) -> Result<(), StoreError> {
        match lane {
            Lane::Common => enqueue(&self.writes, script),
            Lane::Numbered => enqueue(&self.numbered, script),
        }
    }

    pub(super) fn submit(&self, script: Box<dyn Script>, mode: Mode) -> Result<(), StoreError> {
        match mode {
            Mode::Write => enqueue(&self.writes, script),
            Mode::Single => enqueue(&self.look_ups, script),
            Mode::Snapshot => enqueue(&self.reads, script),
            Mode::List => enqueue(self.lists.as_ref().unwrap_or(&self.reads), script),
        }
    }

    /// The number of scripts that wait in each queue.
    pub(super) fn waiting(&self) -> Vec<(&'static str, usize)> {
        let lists = self.lists.as_ref().map_or(0, Sender::len);
        vec![
            (Mode::Write.pool(), self.writes.len() + self.numbered.len()),
            (Mode::Single.pool(), self.look_ups.len()),
            (Mode::Snapshot.pool(), self.reads.len() + lists),
        ]
    }
}

/// The common start of every pool.
struct Start<'a> {
    settings: Arc<Settings>,
    canceller: Canceller,
    shared: &'a Arc<Shared>,
}

impl Start<'_> {
    fn worker(&self, mode: Mode, settings: &Arc<Settings>, workers: usize) -> Result<Worker, OpenError> {
        Worker::new(mode, workers, settings, &self.canceller, self.shared)
    }

    fn pool(&self, mode: Mode, threads: usize) -> Result<Sender<Box<dyn Script>>, OpenError> {
        let (queue, scripts) = bounded::<Box<dyn Script>>(QUEUE);
        self.shared.measured.pool(mode.pool(), threads);
        for number in 0..threads {
            let (worker, scripts) = (self.worker(mode, &self.settings, threads)?, scripts.clone());
            spawn(format!("postgres-{}-{number}", mode.pool()), move || worker.serve(&scripts))?;
        }
        Ok(queue)
    }

    /// The pool that reads lists from a replica.
    fn lists(&self, replica: &Arc<Settings>) -> Result<Sender<Box<dyn Script>>, OpenError> {
        let (queue, scripts) = bounded::<Box<dyn Script>>(QUEUE);
        let threads = self.settings.pools.reads;
        self.shared.measured.pool(Mode::List.pool(), threads);
        for number in 0..threads {
            let primary = self.worker(Mode::Snapshot, &self.settings, threads)?;
            let replica = self.worker(Mode::Snapshot, replica, threads)?;
            let (lists, scripts) = (Lists { primary, replica, rests_until: None }, scripts.clone());
            spawn(format!("postgres-list-{number}"), move || lists.serve(&scripts))?;
        }
        Ok(queue)
    }
}

fn spawn(name: String, body: impl FnOnce() + Send + 'static) -> Result<(), OpenError> {
    let thread = thread::Builder::new().name(name).spawn(body);
    thread.map(drop).map_err(|error| OpenError::Engine(error.to_string()))
}
