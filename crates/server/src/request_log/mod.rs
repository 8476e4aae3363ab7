//! The request log: calls of partners on their way into a store of their own.
//!
//! A request only puts a small record into a bounded queue. A worker writes the queue about once a second. If the queue
//! is full, or if the log's store fails, records are dropped and counted. So the log never slows a request, and a
//! failure of the log never fails one.
//!
//! Reasons: docs/decisions/0038.

mod entry;
mod failing;
mod visits;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use app::database::DatabaseUrl;
use app::request_log::{self, request_log_file};
use app::{Failed, Store, StoreError, Tx};
use domain::credential::Environment;
use domain::page_visit::PageVisit;
use tokio::sync::mpsc::{self, Receiver, Sender};
use wire::problem::{Code, Problem};

pub(crate) use self::entry::{Record, SentBody};
use self::failing::Failing;
use self::visits::Visits;
use crate::config::{Config, Logging, RequestLogSettings};
use crate::http::problem::{Refusal, Rejection};
use crate::private;

/// Most calls between two writings whose bodies are logged.
const MOST_WITH_BODIES: u32 = 100;
/// Most calls of one commit.
const AT_ONCE: usize = 500;

/// The request log of a server.
pub struct RequestLog {
    settings: RequestLogSettings,
    environment: Environment,
    database: Store,
    url: DatabaseUrl,
    records: Sender<Record>,
    waiting: Mutex<Receiver<Record>>,
    visits: Visits,
    /// Calls since the last writing whose bodies are logged, or would have been.
    with_bodies: AtomicU32,
    /// `None` if the log is off, or if its store could not be opened.
    store: RwLock<Option<Store>>,
    failing: Failing,
}

impl RequestLog {
    /// Opens the log beside the database. A log that cannot be opened never keeps the server from starting.
    pub async fn open(config: &Config, database: &Store) -> Self {
        let (records, waiting) = mpsc::channel(config.requests.queue);
        let log = Self {
            settings: config.requests,
            environment: config.environment,
            database: database.clone(),
            url: config.database.clone(),
            records,
            waiting: Mutex::new(waiting),
            visits: Visits::default(),
            with_bodies: AtomicU32::new(0),
            store: RwLock::new(None),
            failing: Failing::default(),
        };
        if log.settings.logging == Logging::On {
            let (database, url) = (log.database.clone(), log.url.clone());
            let open = move || {
                let (store, thrown_away) = request_log::open(&database, &url)?;
                if let Some(why) = thrown_away {
                    tracing::warn!(reason = %why, "the request log is thrown away and made anew");
                }
                Ok(store)
            };
            if let Err(error) = log.replace(open).await {
                log.failing.noted(&error);
            }
        }
        log
    }

    /// The settings.
    pub(crate) fn settings(&self) -> RequestLogSettings {
        self.settings
    }

    /// Whether calls are logged.
    pub(crate) fn is_on(&self) -> bool {
        self.settings.logging == Logging::On
    }

    /// Whether the bodies of another call are logged. It counts the call.
    pub(crate) fn takes_bodies(&self) -> bool {
        // More calls than that are a load test. Their bodies would cost more than everything else about them.
        self.is_on()
            && self.environment == Environment::Sandbox
            && self.with_bodies.fetch_add(1, Ordering::Relaxed) < MOST_WITH_BODIES
    }

    /// Whether the queue has room for another record. If it has none, the call counts as dropped.
    pub(crate) fn has_room(&self) -> bool {
        let room = self.records.capacity() > 0;
        if !room {
            dropped(1);
        }
        room
    }

    /// Hands a record to the worker. If too many wait, it is dropped.
    pub(crate) fn note(&self, record: Record) {
        if self.records.try_send(record).is_err() {
            dropped(1);
        }
    }

    /// The store, if there is one.
    pub(crate) fn store(&self) -> Option<Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads from the log. A log that is off or fails answers that it is unavailable.
    pub(crate) async fn read<T: Send + 'static, R: Refusal + Send + 'static>(
        &self, script: impl Fn(&mut Tx<'_>) -> Result<T, Failed<R>> + Send + 'static,
    ) -> Result<T, Rejection> {
        if !self.is_on() {
            return Err(Problem::new(Code::Unavailable, "this server keeps no request log").into());
        }
        let failed = || Problem::new(Code::Unavailable, "the request log does not answer now").retry_after(1);
        let store = self.store().ok_or_else(failed)?;
        match store.read(script).await {
            Ok(found) => Ok(found),
            Err(Failed::Refused(refused)) => Err(refused.problem().into()),
            Err(Failed::Store(error)) => {
                tracing::warn!(%error, "the request log could not be read");
                Err(failed().into())
            }
        }
    }

    /// Notes a visit of a borrower's page. If too many wait, it is dropped.
    pub(crate) fn note_visit(&self, visit: PageVisit) {
        if self.is_on() && !self.visits.put(visit) {
            dropped(1);
        }
    }

    async fn write_visits(&self) {
        let visits = self.visits.take();
        let Some(store) = self.store().filter(|_| !visits.is_empty()) else { return };
        let count = visits.len();
        // The next calls say why the log fails, and make it anew.
        if store.write(move |tx| request_log::enter_visits(tx, &visits)).await.is_err() {
            dropped(count);
        }
    }

    /// Writes the waiting records. Returns the number of written ones.
    pub async fn write_waiting(&self) -> usize {
        self.with_bodies.store(0, Ordering::Relaxed);
        let records: Vec<Record> = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            std::iter::from_fn(|| waiting.try_recv().ok()).collect()
        };
        self.write_visits().await;
        if records.is_empty() {
            return 0;
        }
        let entries = tokio::task::spawn_blocking(move || {
            records.into_iter().map(Record::into_entry).collect::<Vec<_>>()
        });
        let Ok(entries) = entries.await else { return 0 };
        let mut written = 0;
        for some in entries.chunks(AT_ONCE) {
            let some = Arc::new(some.to_vec());
            if self.write(&some).await {
                written += some.len();
            } else {
                dropped(some.len());
            }
        }
        written
    }

    /// Writes entries, in a new store if the present one is damaged or gone.
    async fn write(&self, entries: &Arc<Vec<request_log::Entry>>) -> bool {
        if let Some(why) = self.lost() {
            self.make_anew(why).await;
        }
        let Err(error) = self.try_write(entries).await else {
            self.failing.ended();
            return true;
        };
        let damaged = self.store().is_some_and(|store| store.damage().is_some());
        if damaged && matches!(self.url, DatabaseUrl::Sqlite(_)) {
            self.make_anew(&error.to_string()).await;
            return self.try_write(entries).await.is_ok();
        }
        self.failing.noted(&error.to_string());
        false
    }

    async fn try_write(&self, entries: &Arc<Vec<request_log::Entry>>) -> Result<(), StoreError> {
        let store = self.store().ok_or_else(|| StoreError::Unavailable("the log is not open".into()))?;
        let entries = Arc::clone(entries);
        store.write(move |tx| request_log::enter(tx, &entries)).await
    }

    /// The reason why there is nothing to write to: no store, or somebody has removed the log's file.
    fn lost(&self) -> Option<&'static str> {
        let is_there = match &self.url {
            DatabaseUrl::Sqlite(path) => request_log_file(path).exists(),
            DatabaseUrl::Postgres(_) => true,
        };
        match self.store() {
            None => Some("it is not open"),
            Some(_) if !is_there => Some("its file is gone"),
            Some(_) => None,
        }
    }

    /// Throws the log away and makes a new one.
    async fn make_anew(&self, why: &str) {
        tracing::warn!(reason = why, "the request log is thrown away and made anew");
        let (database, url) = (self.database.clone(), self.url.clone());
        if let Err(error) = self.replace(move || request_log::open_anew(&database, &url)).await {
            self.failing.noted(&error);
        }
    }

    /// Puts another store in the place of the present one.
    async fn replace(
        &self, open: impl FnOnce() -> Result<Store, app::OpenError> + Send + 'static,
    ) -> Result<(), String> {
        // The old connections end before their file is removed.
        self.put(None);
        let url = self.url.clone();
        let opened = tokio::task::spawn_blocking(move || {
            if let DatabaseUrl::Sqlite(path) = &url
                && let Err(error) = private::database_file(&request_log_file(path))
            {
                return Err(error.to_string());
            }
            open().map_err(|error| error.to_string())
        });
        self.put(Some(opened.await.map_err(|error| error.to_string())??));
        Ok(())
    }

    fn put(&self, store: Option<Store>) {
        *self.store.write().unwrap_or_else(PoisonError::into_inner) = store;
    }

    /// Writes the waiting records and ends the use of the log.
    pub async fn close(&self) {
        self.write_waiting().await;
        let Some(store) = self.store() else { return };
        let closed = tokio::task::spawn_blocking(move || store.close()).await;
        if !matches!(closed, Ok(Ok(()))) {
            tracing::warn!("the request log could not be emptied into its file; the next start does it");
        }
    }
}

/// Counts calls that are not logged.
fn dropped(calls: usize) {
    let calls = u64::try_from(calls).expect("a usize has at most 64 bits");
    metrics::counter!("dinie_request_log_dropped_total").increment(calls);
}
