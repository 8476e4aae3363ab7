//! A session of the server, its prepared statements, and the answers that have not arrived yet.
//!
//! The connection makes progress only while somebody waits for an answer. Requests are sent and answered in order, so
//! once an answer is here, all earlier ones are.

use std::collections::{HashMap, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio_postgres::error::SqlState;
use tokio_postgres::{CancelToken, Client, Config, Error, Statement};

use super::classify::{Fault, store_error};
use super::settings::{Pooler, Settings};
use crate::db::caller::Caller;
use crate::db::error::{LinkError, StoreError};
use crate::db::mode::{Durability, Mode};

/// Most prepared statements of a session. Lists of many lengths would otherwise prepare texts without end.
const MOST_STATEMENTS: usize = 500;
/// Maximum age of plans in a new session and in an old one; the time doubles. A plan for an almost empty table may read
/// all of it by the wrong index. The server would keep this plan until it next analyzes the table. The same is true for
/// its checks of foreign keys.
const PLAN_AGES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(64));
/// Number of uses of a statement after which a session plans it again. The number doubles each time, because a table in
/// a new database may have grown as fast. With few rows the planner cannot tell indexes apart.
const FIRST_USES: u64 = 64;
/// Planner settings for statements of writes, which look up a few rows by their keys. Without statistics of a table,
/// the planner may expect few rows of a partner and read them all for each row of a list.
const BY_KEYS: [&str; 3] = ["enable_hashjoin = off", "enable_mergejoin = off", "enable_material = off"];
/// Pause between two checks whether the caller is still there.
const LOOK: Duration = Duration::from_millis(100);

/// Maximum wait of a script for the server.
#[derive(Clone)]
pub(super) struct Limit {
    /// `None` if there is no deadline.
    pub(super) until: Option<Instant>,
    /// The caller, who may leave; `None` if the work goes on without one.
    pub(super) caller: Option<Caller>,
}

impl Limit {
    fn reached(&self) -> Option<Fault> {
        if self.caller.as_ref().is_some_and(Caller::has_left) {
            return Some(Fault::Stopped("its caller has left"));
        }
        self.until
            .is_some_and(|until| Instant::now() >= until)
            .then_some(Fault::Stopped("the database did not answer in time"))
    }
}

type Driver = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;
pub(super) type Answer = Pin<Box<dyn Future<Output = Result<u64, Error>> + Send>>;

/// A statement whose answer has not arrived yet.
pub(super) struct Later {
    pub(super) answer: Answer,
    pub(super) expect: Expect,
    /// Its number among the statements of the session.
    pub(super) number: u64,
}

/// The answer that such a statement must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::db) enum Expect {
    /// No error.
    Done,
    /// One row. No row means that another transaction came first.
    One,
    /// Any answer: the statement's effect is undone.
    Ignored,
}

/// A prepared statement.
struct Prepared {
    statement: Statement,
    /// The number of its uses.
    uses: u64,
    /// The number of uses after which its plan is too old.
    until: u64,
}

/// A connection and its prepared statements.
pub(in crate::db) struct Session {
    pub(super) client: Arc<Client>,
    runtime: Arc<Runtime>,
    /// `None` once the connection has ended.
    driver: Option<Driver>,
    pooler: Pooler,
    durability: Durability,
    statements: HashMap<String, Prepared>,
    planned_at: Instant,
    plan_age: Duration,
    /// Whether the next transaction plans again, because plans are old or a statement was used often.
    outgrown: bool,
    pub(super) later: VecDeque<Later>,
    sent: u64,
    /// Whether a transaction is open.
    begun: bool,
    /// Maximum time of a statement on the server.
    bound: Option<Duration>,
    /// Whether its statements are planned with [`BY_KEYS`].
    by_keys: bool,
}

impl Session {
    /// Connects to the first host that accepts the session.
    pub(super) fn connect(runtime: &Arc<Runtime>, settings: &Settings) -> Result<Self, StoreError> {
        let mut refused = StoreError::Unavailable("the database URL names no host".into());
        for host in &settings.hosts {
            match runtime.block_on(connected(host, settings)) {
                Ok((client, driver)) => {
                    return Ok(Self {
                        client: Arc::new(client),
                        runtime: Arc::clone(runtime),
                        driver: Some(driver),
                        pooler: settings.pooler,
                        durability: settings.durability,
                        statements: HashMap::new(),
                        planned_at: Instant::now(),
                        plan_age: PLAN_AGES.0,
                        outgrown: false,
                        later: VecDeque::new(),
                        sent: 0,
                        begun: false,
                        bound: None,
                        by_keys: false,
                    });
                }
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }

    /// Limits the server's work for a session whose client is gone. A pooler in transaction mode would pass the
    /// settings to other clients, so there each transaction has them.
    fn bound(&mut self, bound: Option<Duration>) {
        if self.pooler == Pooler::Session && self.bound != bound {
            self.frame(bounds("set", bound), Expect::Done);
            self.bound = bound;
        }
    }

    /// Runs statements that return nothing, and waits for their end.
    pub(in crate::db) fn script(&mut self, sql: &str) -> Result<(), LinkError> {
        let client = Arc::clone(&self.client);
        let done = self.wait(&Limit { until: None, caller: None }, async { client.batch_execute(sql).await });
        done.map_err(|fault| match &fault {
            Fault::Server(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => LinkError::Locked,
            Fault::Server(_) | Fault::Stopped(_) => LinkError::Store(fault.store_error()),
        })
    }

    /// Begins a transaction. The request is sent with the first statement.
    pub(super) fn begin(&mut self, mode: Mode, bound: Option<Duration>, lock_timeout: Option<Duration>) {
        self.bound(bound);
        if self.planned_at.elapsed() > self.plan_age {
            self.planned_at = Instant::now();
            self.plan_age = (self.plan_age * 2).min(PLAN_AGES.1);
            self.outgrown = true;
        }
        if self.outgrown {
            self.plan_anew();
        }
        if mode == Mode::Write && self.pooler == Pooler::Session && !self.by_keys {
            self.frame(by_keys("set"), Expect::Done);
            self.by_keys = true;
        }
        let mut begin = match mode {
            Mode::Single => return,
            Mode::Write => "begin".to_owned(),
            Mode::Snapshot | Mode::List => "begin isolation level repeatable read read only".to_owned(),
        };
        if self.pooler == Pooler::Transaction {
            begin = format!("{begin}; {}", bounds("set local", bound));
            if mode == Mode::Write {
                begin = format!("{begin}; {}", by_keys("set local"));
            }
        }
        if mode == Mode::Write && self.durability == Durability::Unsynced {
            begin.push_str("; set local synchronous_commit = off");
        }
        if let Some(timeout) = lock_timeout {
            begin = format!("{begin}; set local lock_timeout = {}", timeout.as_millis());
        }
        self.frame(begin, Expect::Done);
        self.begun = true;
    }

    /// Ends the transaction. `commit` is sent with the queued statements.
    pub(super) fn commit(&mut self) {
        self.frame("commit", Expect::Done);
        self.begun = false;
    }

    /// Undoes the transaction, if there is one. Nobody waits for the answer.
    pub(super) fn roll_back(&mut self) {
        if self.begun {
            self.frame("rollback", Expect::Ignored);
            self.begun = false;
            self.flush();
        }
    }

    /// Queues a statement without arguments. It is sent with the next one whose answer is waited for.
    pub(super) fn frame(&mut self, sql: impl Into<String>, expect: Expect) {
        let (client, sql) = (Arc::clone(&self.client), sql.into());
        self.send_later(expect, Box::pin(async move { client.batch_execute(&sql).await.map(|()| 0) }));
    }

    /// Sends a statement and keeps its answer for later.
    pub(super) fn send_later(&mut self, expect: Expect, answer: Answer) {
        let (answer, number) = (Self::sent_now(answer), self.next_number());
        self.later.push_back(Later { answer, expect, number });
    }

    /// A request whose message is in the connection's queue. The first poll puts it there. The answer cannot be here
    /// yet, except an error.
    pub(super) fn sent_now<T: Send + 'static>(
        mut answer: Pin<Box<dyn Future<Output = T> + Send>>,
    ) -> Pin<Box<dyn Future<Output = T> + Send>> {
        match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => answer,
            Poll::Ready(settled) => Box::pin(std::future::ready(settled)),
        }
    }

    /// The number of the next statement.
    pub(super) fn next_number(&mut self) -> u64 {
        self.sent += 1;
        self.sent
    }

    /// The number of the last sent statement.
    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    /// Whether every statement is prepared by name.
    pub(super) fn prepares(&self) -> bool {
        self.pooler == Pooler::Session
    }

    /// Makes the server plan each statement and each check of a foreign key again at its next use. Prepared statements
    /// stay.
    fn plan_anew(&mut self) {
        self.frame("discard plans", Expect::Done);
        self.outgrown = false;
        for prepared in self.statements.values_mut() {
            prepared.until = prepared.uses.saturating_mul(2).max(FIRST_USES);
        }
    }

    /// A statement's prepared form, if there is one.
    pub(super) fn known(&mut self, sql: &str) -> Option<Statement> {
        let prepared = self.statements.get_mut(sql)?;
        prepared.uses += 1;
        self.outgrown |= prepared.uses >= prepared.until;
        Some(prepared.statement.clone())
    }

    /// Keeps a prepared statement.
    pub(super) fn learn(&mut self, sql: &str, statement: &Statement) {
        if self.statements.len() >= MOST_STATEMENTS {
            self.statements.clear();
        }
        let prepared = Prepared { statement: statement.clone(), uses: 1, until: FIRST_USES };
        self.statements.insert(sql.to_owned(), prepared);
    }

    /// The request that cancels the session's running statement.
    pub(super) fn cancel_token(&self) -> CancelToken {
        self.client.cancel_token()
    }

    /// Waits for an answer.
    pub(super) fn wait<T>(
        &mut self, limit: &Limit, answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Fault> {
        let Self { runtime, driver, .. } = self;
        let mut answer = pin!(answer);
        let mut driven = pin!(poll_fn(|cx| {
            if let Poll::Ready(answered) = answer.as_mut().poll(cx) {
                return Poll::Ready(answered);
            }
            drive(driver, cx);
            answer.as_mut().poll(cx)
        }));
        loop {
            if let Some(fault) = limit.reached() {
                return Err(fault);
            }
            let look = Instant::now() + LOOK;
            let look = tokio::time::Instant::from_std(limit.until.map_or(look, |until| until.min(look)));
            match runtime.block_on(async { tokio::time::timeout_at(look, driven.as_mut()).await }) {
                Ok(answered) => return answered.map_err(Fault::Server),
                Err(_elapsed) => {}
            }
        }
    }

    /// Sends the queued messages.
    fn flush(&mut self) {
        let Self { runtime, driver, .. } = self;
        runtime.block_on(poll_fn(|cx| {
            drive(driver, cx);
            Poll::Ready(())
        }));
    }

    /// Whether the connection is open, as far as can be seen without a request.
    pub(super) fn is_open(&mut self) -> bool {
        let Self { runtime, driver, .. } = self;
        // One yield lets the runtime see arrived bytes.
        runtime.block_on(async {
            tokio::task::yield_now().await;
            poll_fn(|cx| {
                drive(driver, cx);
                Poll::Ready(())
            })
            .await;
        });
        self.driver.is_some() && !self.client.is_closed()
    }
}

fn drive(driver: &mut Option<Driver>, cx: &mut Context<'_>) {
    if let Some(running) = driver
        && let Poll::Ready(ended) = running.as_mut().poll(cx)
    {
        if let Err(error) = ended {
            tracing::debug!(error = %store_error(&error), "a connection to the database ended");
        }
        *driver = None;
    }
}

fn by_keys(set: &str) -> String {
    BY_KEYS.map(|setting| format!("{set} {setting}")).join("; ")
}

/// Zero means no limit.
fn bounds(set: &str, bound: Option<Duration>) -> String {
    let milliseconds = bound.map_or(0, |bound| bound.as_millis().max(1));
    format!(
        "{set} statement_timeout = {milliseconds}; {set} idle_in_transaction_session_timeout = {milliseconds}"
    )
}

/// A session on one host. The whole handshake has a time limit.
async fn connected(host: &Config, settings: &Settings) -> Result<(Client, Driver), StoreError> {
    let mut config = host.clone();
    if let Some(password) = &settings.password {
        config.password(password.of(host).map_err(StoreError::Unavailable)?);
    }
    let connected =
        tokio::time::timeout(Settings::connect_bound(host), config.connect(settings.tls.clone())).await;
    let connected = connected.map_err(|_elapsed| {
        StoreError::Unavailable("the database did not accept a session in time".into())
    })?;
    let (client, connection) = connected.map_err(|error| store_error(&error))?;
    Ok((client, Box::pin(connection)))
}
