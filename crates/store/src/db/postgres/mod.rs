//! PostgreSQL: a pool of threads, each with a client and its prepared statements.
//!
//! Scripts run at `read committed`: every invariant rests on a compare-and-set or a unique key, so a
//! stricter level would only add aborts. A serialization failure (40001), a deadlock (40P01) or a lost
//! compare-and-set runs the script again.

mod classify;
mod databases;

use std::collections::HashMap;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use ::postgres::error::SqlState;
use ::postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use ::postgres::{Client, Config, NoTls, Statement};
use crossbeam_channel::{Receiver, Sender, bounded};

use self::classify::store_error;
pub use self::databases::{drop_database, make_empty_database};
use super::script::{Ran, Script};
use super::{Arg, Connection, LinkError, Mode, OpenError, Row, Shared, StoreError, Tx, Wake, enqueue};
use crate::random::Random;

const THREADS: usize = 8;
const QUEUE: usize = 10_000;
/// How often a script is run before its caller is told that the database is too busy.
const MOST_RUNS: u32 = 100;
/// How many statements a connection keeps prepared; lists of many lengths would otherwise never end.
const MOST_STATEMENTS: usize = 500;

pub(super) struct PostgresEngine {
    queue: Sender<(Box<dyn Script>, Mode)>,
}

impl PostgresEngine {
    pub(super) fn open(url: &str, shared: &Arc<Shared>) -> Result<Self, OpenError> {
        let engine_error = |error: &dyn std::fmt::Display| OpenError::Engine(error.to_string());
        let config = config(url)?;
        let (queue, scripts) = bounded(QUEUE);
        for number in 0..THREADS {
            let (config, scripts, shared) = (config.clone(), scripts.clone(), Arc::clone(shared));
            let body = move || Worker::new(config, shared).serve(&scripts);
            let thread = thread::Builder::new().name(format!("postgres-{number}"));
            thread.spawn(body).map_err(|e| engine_error(&e))?;
        }
        Ok(Self { queue })
    }

    pub(super) fn submit(&self, script: Box<dyn Script>, mode: Mode) -> Result<(), StoreError> {
        enqueue(&self.queue, (script, mode))
    }
}

fn config(url: &str) -> Result<Config, OpenError> {
    let mut config: Config = url.parse().map_err(|_| OpenError::Url)?;
    config.connect_timeout(Duration::from_secs(5));
    Ok(config)
}

/// A session outside the pool.
pub(super) fn session(url: &str) -> Result<Session, OpenError> {
    let client = config(url)?.connect(NoTls).map_err(|e| OpenError::Engine(e.to_string()))?;
    Ok(Session::new(client))
}

/// A thread of the pool.
struct Worker {
    config: Config,
    shared: Arc<Shared>,
    random: Random,
    session: Option<Session>,
}

/// How long a new session keeps its statements' plans, and how long an old one does: the time doubles. A plan that was
/// made while a table was all but empty may read all of it by the wrong index, and the server would keep it until it
/// next analyzes the table.
const PLAN_AGES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(64));

/// A connection and what is prepared on it.
pub(super) struct Session {
    client: Client,
    statements: HashMap<String, Statement>,
    planned_at: Instant,
    plan_age: Duration,
    /// Whether a statement failed for a cause that may be the session's.
    broken: bool,
}

impl Session {
    fn new(client: Client) -> Self {
        let (statements, planned_at) = (HashMap::new(), Instant::now());
        Self { client, statements, planned_at, plan_age: PLAN_AGES.0, broken: false }
    }

    /// Runs statements that return nothing.
    pub(super) fn script(&mut self, sql: &str) -> Result<(), LinkError> {
        self.client.batch_execute(sql).map_err(|error| match error.code() {
            Some(&SqlState::LOCK_NOT_AVAILABLE) => LinkError::Locked,
            _another => LinkError::Store(store_error(&error)),
        })
    }

    fn begin(&mut self, mode: Mode) -> Result<(), StoreError> {
        if self.planned_at.elapsed() > self.plan_age {
            self.statements.clear();
            self.planned_at = Instant::now();
            self.plan_age = (self.plan_age * 2).min(PLAN_AGES.1);
        }
        match begin(mode) {
            Some(begin) => self.client.batch_execute(begin).map_err(|e| store_error(&e)),
            None => Ok(()),
        }
    }
}

impl Worker {
    fn new(config: Config, shared: Arc<Shared>) -> Self {
        Self { config, shared, random: Random::open(), session: None }
    }

    fn serve(&mut self, scripts: &Receiver<(Box<dyn Script>, Mode)>) {
        while let Ok((mut script, mode)) = scripts.recv() {
            if script.caller().has_left() {
                continue;
            }
            match self.run_until_settled(script.as_mut(), mode) {
                Ok(wakes) => {
                    script.answer(Ok(()));
                    self.shared.wakes.ring(&wakes);
                }
                Err(error) => {
                    tracing::warn!(%error, "a script could not be committed");
                    script.answer(Err(error));
                }
            }
        }
    }

    /// Runs the script until it commits, fails for good, or has lost too many races.
    fn run_until_settled(&mut self, script: &mut dyn Script, mode: Mode) -> Result<Vec<Wake>, StoreError> {
        for run in 1..=MOST_RUNS {
            match self.run_once(script, mode) {
                Err(StoreError::Conflict) => self.wait_a_little(run),
                settled => return settled,
            }
        }
        Err(StoreError::Unavailable("the script lost too many races".into()))
    }

    fn run_once(&mut self, script: &mut dyn Script, mode: Mode) -> Result<Vec<Wake>, StoreError> {
        let mut session = self.begun(mode)?;
        let mut tx = Tx::new(
            Connection::Postgres(PostgresTx { session: &mut session }),
            &self.shared,
            &mut self.random,
        );
        let ran = script.run(&mut tx);
        let wakes = tx.into_wakes();
        let end = if ran == Ran::Good { "commit" } else { "rollback" };
        // A session whose transaction does not end cleanly is dropped with its connection.
        if mode != Mode::Single {
            session.client.batch_execute(end).map_err(|e| store_error(&e))?;
        }
        if !session.broken {
            self.session = Some(session);
        }
        match ran {
            Ran::Good => Ok(wakes),
            Ran::Failed => Ok(Vec::new()),
            Ran::Again => Err(StoreError::Conflict),
        }
    }

    /// A session on which the mode's transaction has begun. One that turns out to be dead (the server was
    /// restarted) is replaced: nothing has been run on it yet.
    fn begun(&mut self, mode: Mode) -> Result<Session, StoreError> {
        if let Some(mut session) = self.session.take()
            && !session.client.is_closed()
            && session.begin(mode).is_ok()
        {
            return Ok(session);
        }
        let mut session = self.connect()?;
        session.begin(mode)?;
        Ok(session)
    }

    fn connect(&self) -> Result<Session, StoreError> {
        let client = self.config.connect(NoTls).map_err(|e| store_error(&e))?;
        Ok(Session::new(client))
    }

    /// Up to `run` milliseconds, at random, so that two losers do not meet again.
    fn wait_a_little(&mut self, run: u32) {
        let [random] = self.random.bytes();
        thread::sleep(Duration::from_micros(u64::from(random) * u64::from(run.min(20)) * 4));
    }
}

/// How a transaction begins; a single statement is one by itself.
fn begin(mode: Mode) -> Option<&'static str> {
    match mode {
        Mode::Write => Some("begin"),
        Mode::Snapshot => Some("begin isolation level repeatable read read only"),
        Mode::Single => None,
    }
}

/// A transaction's hold on a session.
pub(super) struct PostgresTx<'a> {
    pub(super) session: &'a mut Session,
}

impl PostgresTx<'_> {
    pub(super) fn execute(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<u64, StoreError> {
        let statement = self.prepared(sql)?;
        let params: Vec<&(dyn ToSql + Sync)> = args.iter().map(|arg| arg as _).collect();
        let changed = self.session.client.execute(&statement, &params);
        changed.map_err(|error| self.failed(&error))
    }

    pub(super) fn query<T>(
        &mut self,
        sql: &str,
        args: &[Arg<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let statement = self.prepared(sql)?;
        let params: Vec<&(dyn ToSql + Sync)> = args.iter().map(|arg| arg as _).collect();
        let rows = self.session.client.query(&statement, &params);
        let rows = rows.map_err(|error| self.failed(&error))?;
        rows.iter().map(|row| read(&Row::Postgres(row))).collect()
    }

    /// The store's error. After one that may pass, the session is dropped.
    fn failed(&mut self, error: &::postgres::Error) -> StoreError {
        let error = store_error(error);
        self.session.broken |= matches!(error, StoreError::Unavailable(_));
        error
    }

    fn prepared(&mut self, sql: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.session.statements.get(sql) {
            return Ok(statement.clone());
        }
        if self.session.statements.len() >= MOST_STATEMENTS {
            self.session.statements.clear();
        }
        let statement = self.session.client.prepare(sql).map_err(|error| self.failed(&error))?;
        self.session.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

impl ToSql for Arg<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Arg::Null => Ok(IsNull::Yes),
            Arg::Int(int) => int.to_sql(ty, out),
            Arg::Text(text) => text.as_ref().to_sql(ty, out),
            Arg::Bool(bool) => bool.to_sql(ty, out),
            Arg::Bytes(bytes) => bytes.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BOOL, Type::BYTEA].contains(ty)
    }

    to_sql_checked!();
}
