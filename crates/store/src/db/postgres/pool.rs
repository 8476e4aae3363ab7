//! A worker of a pool: takes scripts from the pool's queue and runs each until it has an outcome.
//!
//! A worker of writes runs waiting scripts in one transaction. If one of them fails, all are undone and each runs
//! alone. So a lost race costs the other scripts one run, never their commit.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use tokio::runtime::Runtime;

use super::ahead::{Known, Leave};
use super::cancel::Canceller;
use super::classify::Loss;
use super::session::{Limit, Session};
use super::settings::{Pooler, Settings};
use super::transaction::{Committed, Parts, PostgresTx};
use crate::db::error::{OpenError, StoreError};
use crate::db::measure::timed;
use crate::db::mode::Mode;
use crate::db::script::{Ran, Script};
use crate::db::shared::Shared;
use crate::db::tx::{Connection, Tx};
use crate::db::wakes::Wake;
use crate::random::Random;

/// Most runs of a script. Then its caller gets the error that the database is too busy.
const MOST_RUNS: u32 = 100;
/// Most scripts in one commit.
const MOST_TOGETHER: usize = 32;
/// Maximum wait of a shared transaction for a row. Two such transactions may wait for each other, and the server
/// detects that only after a second.
const LOCK_TIMEOUT: Duration = Duration::from_millis(100);

/// A thread of the pool.
pub(super) struct Worker {
    mode: Mode,
    /// The number of workers of its queue.
    workers: usize,
    settings: Arc<Settings>,
    canceller: Canceller,
    shared: Arc<Shared>,
    random: Random,
    runtime: Arc<Runtime>,
    session: Option<Session>,
    /// Most scripts in the next commit: halved by each failure, doubled by each success.
    together: usize,
}

/// The outcome of a run.
enum Ended {
    /// It is committed. These bells ring.
    Committed(Vec<Wake>),
    /// The script failed by itself and is undone. Its result has the reason.
    Failed,
    /// It lost a race and runs again.
    Again,
    /// A part failed that only a savepoint can undo.
    Spoiled,
    /// It surely did not commit. `again` says whether another session may succeed.
    Undone { error: StoreError, again: bool },
    /// Nobody knows whether it committed.
    Unknown(StoreError),
}

impl Worker {
    pub(super) fn new(
        mode: Mode, workers: usize, settings: &Arc<Settings>, canceller: &Canceller, shared: &Arc<Shared>,
    ) -> Result<Self, OpenError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Ok(Self {
            mode,
            workers,
            settings: Arc::clone(settings),
            canceller: canceller.clone(),
            shared: Arc::clone(shared),
            random: Random::open(),
            runtime: Arc::new(runtime.map_err(|error| OpenError::Engine(error.to_string()))?),
            session: None,
            together: MOST_TOGETHER,
        })
    }

    pub(super) fn serve(mut self, scripts: &Receiver<Box<dyn Script>>) {
        while let Ok(first) = scripts.recv() {
            let mut batch = vec![first];
            let most = self.share(scripts.len());
            while batch.len() < most
                && let Ok(next) = scripts.try_recv()
            {
                batch.push(next);
            }
            batch.retain(|script| !script.caller().has_left());
            let kind = self.mode.pool();
            let _busy = self.shared.measured.busy(kind);
            for script in &batch {
                self.shared.measured.begins(kind, script.asked());
            }
            if batch.len() > 1 {
                batch = match self.mode {
                    Mode::Write => self.serve_together(batch),
                    Mode::Single | Mode::Snapshot | Mode::List => self.look_up_together(batch),
                };
            }
            for script in batch {
                self.serve_one(script);
            }
        }
    }

    /// The number of scripts that a worker takes at once: its share of the waiting ones.
    fn share(&self, waiting: usize) -> usize {
        match self.mode {
            Mode::Write => self.together.min(1 + waiting.div_ceil(self.workers)),
            Mode::Single if self.settings.pooler == Pooler::Session => {
                MOST_TOGETHER.min(1 + waiting.div_ceil(self.workers))
            }
            Mode::Single | Mode::Snapshot | Mode::List => 1,
        }
    }

    /// Runs scripts in one transaction and answers them. Returns those that must run one by one.
    fn serve_together(&mut self, mut batch: Vec<Box<dyn Script>>) -> Vec<Box<dyn Script>> {
        let limit = shared_limit(&batch);
        let mut ended = self.run(&mut batch, &limit, Parts::Ahead, Some(LOCK_TIMEOUT));
        // One after another, they see the changes of those before them.
        if let Ended::Again = ended {
            ended = self.run(&mut batch, &limit, Parts::Together, Some(LOCK_TIMEOUT));
        }
        match ended {
            Ended::Committed(wakes) => {
                self.together = (self.together * 2).min(MOST_TOGETHER);
                for script in batch {
                    script.answer(Ok(()));
                }
                self.shared.wakes.ring(&wakes);
                Vec::new()
            }
            Ended::Unknown(error) => {
                tracing::warn!(%error, scripts = batch.len(), "the answer of a commit was lost");
                for script in batch {
                    script.answer(Err(error.clone()));
                }
                Vec::new()
            }
            Ended::Failed | Ended::Again | Ended::Spoiled | Ended::Undone { .. } => {
                self.together = (self.together / 2).max(1);
                batch
            }
        }
    }

    /// Reads, and returns the script if the server could not serve it.
    pub(super) fn serve_or_return(&mut self, mut script: Box<dyn Script>) -> Option<Box<dyn Script>> {
        let settled = self.run_until_settled(&mut script);
        let back = match settled {
            Ok(_wakes) => {
                script.answer(Ok(()));
                None
            }
            Err(error) => {
                tracing::info!(%error, "a list could not be read from the replica");
                Some(script)
            }
        };
        self.end_snapshot();
        back
    }

    /// The answer of a query of one number, outside any transaction.
    pub(super) fn number(&mut self, sql: &str, bound: Duration) -> Result<i64, StoreError> {
        let limit = Limit { until: Some(Instant::now() + bound), caller: None };
        let mut session = self.session()?;
        let mut tx = PostgresTx::new(&mut session, limit, Parts::Together);
        let found = tx.query(sql, &[], |row| row.get::<i64>(0));
        if tx.lost().is_none() {
            self.session = Some(session);
        }
        found?.pop().ok_or(StoreError::NotFound)
    }

    pub(super) fn serve_one(&mut self, mut script: Box<dyn Script>) {
        if script.caller().has_left() {
            return;
        }
        match self.run_until_settled(&mut script) {
            Ok(wakes) => {
                script.answer(Ok(()));
                self.shared.wakes.ring(&wakes);
            }
            Err(error) => {
                tracing::warn!(%error, "a script could not be committed");
                script.answer(Err(error));
            }
        }
        self.end_snapshot();
    }

    /// Runs the script until it commits, fails for good, or has lost too many races.
    fn run_until_settled(&mut self, script: &mut Box<dyn Script>) -> Result<Vec<Wake>, StoreError> {
        let caller = (self.mode != Mode::Write).then(|| script.caller().clone());
        let limit = Limit { until: script.deadline().map(|bound| Instant::now() + bound), caller };
        let (mut parts, mut lost) = (Parts::Together, false);
        for run in 1..=MOST_RUNS {
            match self.run(std::slice::from_mut(script), &limit, parts, None) {
                Ended::Committed(wakes) => return Ok(wakes),
                Ended::Failed => return Ok(Vec::new()),
                Ended::Spoiled => parts = Parts::Savepoints,
                Ended::Again => self.wait_a_little(run),
                Ended::Undone { again: true, error } if !lost => {
                    tracing::info!(%error, "a script runs again on a new session");
                    lost = true;
                }
                Ended::Undone { error, .. } | Ended::Unknown(error) => return Err(error),
            }
        }
        Err(StoreError::Unavailable("the script lost too many races".into()))
    }

    /// Sends the queries of several look-ups and then waits for their rows. A script runs until its query, and again
    /// from its beginning once the rows are here. Returns those that must run one by one.
    fn look_up_together(&mut self, batch: Vec<Box<dyn Script>>) -> Vec<Box<dyn Script>> {
        let Ok(mut session) = self.session() else { return batch };
        session.begin(self.mode, bound_of(&batch), None);
        let limit = shared_limit(&batch);
        let connection = PostgresTx::new(&mut session, limit, Parts::Together);
        let mut tx = Tx::new(Connection::Postgres(connection), &self.shared, &mut self.random);
        let (mut sent, mut back) = (Vec::new(), Vec::new());
        for mut script in batch {
            postgres_of(&mut tx).begin_asking(Vec::new(), Leave::Any);
            script.run(&mut tx);
            match postgres_of(&mut tx).end_asking() {
                (_none_yet, Some(statement)) => sent.push((script, statement)),
                (_none_yet, None) => back.push(script),
            }
        }
        for (mut script, statement) in sent {
            let postgres = postgres_of(&mut tx);
            // Alone, a script gets its own error, or a session that works.
            let answer = if postgres.lost().is_none() { postgres.answered(statement).ok() } else { None };
            let Some(known) = answer else {
                back.push(script);
                continue;
            };
            postgres.begin_script(vec![known]);
            script.run(&mut tx);
            let postgres = postgres_of(&mut tx);
            if postgres.lost().is_none() && !postgres.is_spoiled() {
                script.answer(Ok(()));
            } else {
                back.push(script);
            }
        }
        let lost = postgres_of(&mut tx).lost().cloned();
        drop(tx);
        match lost {
            None => self.session = Some(session),
            Some(_) => self.canceller.cancel(session.cancel_token()),
        }
        back
    }

    /// Runs scripts in one transaction.
    fn run(
        &mut self, scripts: &mut [Box<dyn Script>], limit: &Limit, parts: Parts,
        lock_timeout: Option<Duration>,
    ) -> Ended {
        let mut session = match self.session() {
            Ok(session) => session,
            Err(error) => return Ended::Undone { error, again: false },
        };
        session.begin(self.mode, bound_of(scripts), lock_timeout);
        let (ended, lost) = self.run_on(&mut session, scripts, limit, parts);
        match lost {
            None => self.session = Some(session),
            // The server may still work on its statement.
            Some(Loss { answered: false, .. }) => self.canceller.cancel(session.cancel_token()),
            Some(_the_server_has_answered) => {}
        }
        ended
    }

    fn run_on(
        &mut self, session: &mut Session, scripts: &mut [Box<dyn Script>], limit: &Limit, parts: Parts,
    ) -> (Ended, Option<Loss>) {
        let connection = PostgresTx::new(session, limit.clone(), parts);
        let mut tx = Tx::new(Connection::Postgres(connection), &self.shared, &mut self.random);
        let known = match parts {
            Parts::Ahead => ask_ahead(&mut tx, scripts),
            Parts::Together | Parts::Savepoints => Ok(scripts.iter().map(|_| Vec::new()).collect()),
        };
        let stopped = match known {
            Ok(known) => {
                let mut scripts = scripts.iter_mut().zip(known);
                scripts.find_map(|(script, known)| stopped_by(&mut tx, script, known))
            }
            Err(_it_is_noted) => Some(Ended::Failed),
        };
        let postgres = postgres_of(&mut tx);
        let ended = match (stopped, self.mode) {
            (_, _) if postgres.lost().is_some() => Ended::Failed,
            (Some(ended), Mode::Single) => ended,
            (Some(ended), Mode::Write | Mode::Snapshot | Mode::List) => {
                postgres.roll_back();
                ended
            }
            // Its answer is sent before its transaction ends.
            (None, Mode::Single | Mode::Snapshot | Mode::List) => Ended::Committed(Vec::new()),
            (None, Mode::Write) => match timed(|| postgres.commit()) {
                (Committed::Yes, took) => {
                    self.shared.measured.committed(scripts.len(), took);
                    Ended::Committed(Vec::new())
                }
                (Committed::No(StoreError::Conflict), _) => Ended::Again,
                (Committed::No(error), _) => Ended::Undone { error, again: false },
                (Committed::Unknown(error), _) => Ended::Unknown(error),
            },
        };
        let lost = postgres.lost().cloned();
        if let Ended::Undone { error, .. } = &ended {
            self.shared.note(error);
        }
        let ended = match (ended, &lost) {
            (Ended::Unknown(error), _) => Ended::Unknown(error),
            (_, Some(Loss { error, again, .. })) => Ended::Undone { error: error.clone(), again: *again },
            (Ended::Committed(_), None) => Ended::Committed(tx.into_wakes()),
            (ended, None) => ended,
        };
        (ended, lost)
    }

    /// A session that is open as far as can be seen. A dead session is replaced, because nothing was sent on it yet.
    fn session(&mut self) -> Result<Session, StoreError> {
        if let Some(mut session) = self.session.take()
            && session.is_open()
        {
            return Ok(session);
        }
        Session::connect(&self.runtime, &self.settings)
    }

    /// Ends the transaction of a read whose caller has been answered.
    fn end_snapshot(&mut self) {
        if self.mode == Mode::Snapshot
            && let Some(session) = &mut self.session
        {
            session.roll_back();
        }
    }

    /// Waits up to `run` milliseconds, at random, so that two losers do not meet again.
    fn wait_a_little(&mut self, run: u32) {
        let [random] = self.random.bytes();
        thread::sleep(Duration::from_micros(u64::from(random) * u64::from(run.min(20)) * 4));
    }
}

/// Runs scripts of one transaction until they write, and waits for all their answers at once. Returns the known answers
/// of each script.
fn ask_ahead(tx: &mut Tx<'_>, scripts: &mut [Box<dyn Script>]) -> Result<Vec<Vec<Known>>, StoreError> {
    let mut known: Vec<Vec<Known>> = scripts.iter().map(|_| Vec::new()).collect();
    let mut open: Vec<usize> = (0..scripts.len()).collect();
    while !open.is_empty() {
        let mut sent = Vec::new();
        for at in open {
            postgres_of(tx).begin_asking(std::mem::take(&mut known[at]), Leave::Beside);
            scripts[at].run(tx);
            let (so_far, statement) = postgres_of(tx).end_asking();
            known[at] = so_far;
            sent.extend(statement.map(|statement| (at, statement)));
        }
        open = Vec::with_capacity(sent.len());
        for (at, statement) in sent {
            known[at].push(postgres_of(tx).answered(statement)?);
            open.push(at);
        }
    }
    tx.forget_run();
    Ok(known)
}

/// Runs a script that may share its transaction. Returns an outcome only if the transaction ends with this script.
fn stopped_by(tx: &mut Tx<'_>, script: &mut Box<dyn Script>, known: Vec<Known>) -> Option<Ended> {
    let postgres = postgres_of(tx);
    postgres.begin_script(known);
    let before = postgres.written();
    let ran = script.run(tx);
    let postgres = postgres_of(tx);
    match ran {
        _any if postgres.lost().is_some() => Some(Ended::Failed),
        // The early statements belong to another run of the script.
        _any if postgres.is_spoiled() || !postgres.is_settled() => Some(Ended::Spoiled),
        Ran::Good => None,
        Ran::Again => Some(Ended::Again),
        // A script without writes has nothing to undo, and the others go on.
        Ran::Failed if postgres.written() == before && !postgres.has_failed() => None,
        Ran::Failed => Some(Ended::Failed),
    }
}

fn postgres_of<'t, 'a>(tx: &'t mut Tx<'a>) -> &'t mut PostgresTx<'a> {
    match &mut tx.connection {
        Connection::Postgres(postgres) => postgres,
        Connection::Sqlite(_) | Connection::Draft(..) => {
            unreachable!("a worker of PostgreSQL makes no other transaction")
        }
    }
}

/// The longest time limit of the scripts; `None` if one of them has no limit.
fn bound_of(scripts: &[Box<dyn Script>]) -> Option<Duration> {
    let bounds: Option<Vec<Duration>> = scripts.iter().map(|script| script.deadline()).collect();
    bounds.and_then(|bounds| bounds.into_iter().max())
}

/// The limit of scripts that run together. It does not end when a caller leaves.
fn shared_limit(scripts: &[Box<dyn Script>]) -> Limit {
    Limit { until: bound_of(scripts).map(|bound| Instant::now() + bound), caller: None }
}
