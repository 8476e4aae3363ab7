//! Ends a running script: at its deadline, beyond its budget, when its caller has left, or if it holds the log.
//!
//! SQLite calls the watch after every few hundred steps of its machine and interrupts the statement if the watch asks
//! for it.

use std::ffi::c_int;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection as Sqlite;

use crate::db::caller::Caller;
use crate::db::error::StoreError;

/// Steps between two checks of the watch: some ten microseconds.
const STEPS: c_int = 500;

/// The limits of a script.
#[derive(Debug, Default)]
pub(super) struct Limits {
    /// The time at which it must end.
    pub(super) until: Option<Instant>,
    /// Most checks of the watch.
    pub(super) looks: Option<u32>,
    /// The caller who waits for it.
    pub(super) caller: Option<Caller>,
}

impl Limits {
    /// The limits of a queued script that begins now.
    pub(super) fn of(now: Instant, deadline: Option<Duration>, caller: &Caller) -> Self {
        let until = deadline.and_then(|deadline| now.checked_add(deadline));
        Self { until, looks: None, caller: Some(caller.clone()) }
    }

    /// The number of checks in so many steps of SQLite's machine.
    pub(super) fn steps(steps: u32) -> u32 {
        steps / STEPS.unsigned_abs()
    }
}

/// The reason why a script was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stopped {
    Deadline,
    Budget,
    CallerLeft,
    HoldsLog,
}

impl From<Stopped> for StoreError {
    fn from(stopped: Stopped) -> Self {
        let why = match stopped {
            Stopped::Deadline => "the script reached its deadline",
            Stopped::Budget => "the script was longer than a look-up",
            Stopped::CallerLeft => "the caller of the script has left",
            Stopped::HoldsLog => "the script held the log for too long",
        };
        Self::Unavailable(why.into())
    }
}

/// The watch of one connection.
#[derive(Clone, Default)]
pub(super) struct Watch(Arc<Mutex<Option<Watched>>>);

/// The running script of the connection.
struct Watched {
    began: Instant,
    limits: Limits,
    looked: u32,
    stopped: Option<Stopped>,
}

impl Watched {
    fn look(&mut self) -> bool {
        self.looked = self.looked.saturating_add(1);
        if self.stopped.is_none() {
            self.stopped = self.limits.exceeded(self.looked);
        }
        self.stopped.is_some()
    }
}

impl Limits {
    fn exceeded(&self, looked: u32) -> Option<Stopped> {
        if self.looks.is_some_and(|most| looked > most) {
            return Some(Stopped::Budget);
        }
        if self.caller.as_ref().is_some_and(Caller::has_left) {
            return Some(Stopped::CallerLeft);
        }
        self.until.filter(|until| Instant::now() >= *until).map(|_over| Stopped::Deadline)
    }
}

impl Watch {
    /// Starts the watch of a connection.
    pub(super) fn over(connection: &mut Sqlite) -> rusqlite::Result<Self> {
        let watch = Self::default();
        let looks = watch.clone();
        let look = move || looks.watched().as_mut().is_some_and(Watched::look);
        connection.progress_handler(STEPS, Some(look))?;
        Ok(watch)
    }

    fn watched(&self) -> MutexGuard<'_, Option<Watched>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a script.
    pub(super) fn begin(&self, now: Instant, limits: Limits) {
        *self.watched() = Some(Watched { began: now, limits, looked: 0, stopped: None });
    }

    /// Ends the script. Returns the reason if the watch ended it.
    pub(super) fn end(&self) -> Option<Stopped> {
        self.watched().take().and_then(|watched| watched.stopped)
    }

    /// Whether a script runs.
    pub(super) fn is_at_work(&self) -> bool {
        self.watched().is_some()
    }

    /// Ends the script at the next check if it has been running for this long.
    pub(super) fn stop_if_older(&self, age: Duration) {
        if let Some(watched) = self.watched().as_mut()
            && watched.stopped.is_none()
            && watched.began.elapsed() > age
        {
            watched.stopped = Some(Stopped::HoldsLog);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDLESS: &str =
        "with recursive n(x) as (select 1 union all select x + 1 from n) select max(x) from n";

    fn stopped(limits: Limits) -> Option<Stopped> {
        let mut connection = Sqlite::open_in_memory().unwrap();
        let watch = Watch::over(&mut connection).unwrap();
        watch.begin(Instant::now(), limits);
        let run = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        assert!(run(ENDLESS).is_err());
        let stopped = watch.end();
        // The connection serves the next script.
        assert_eq!(run("select 1").unwrap(), 1);
        stopped
    }

    #[test]
    fn a_statement_ends_at_its_deadline() {
        let until = Instant::now() + Duration::from_millis(5);
        assert_eq!(stopped(Limits { until: Some(until), ..Limits::default() }), Some(Stopped::Deadline));
    }

    #[test]
    fn a_statement_ends_with_its_budget() {
        let looks = Some(Limits::steps(20_000));
        assert_eq!(stopped(Limits { looks, ..Limits::default() }), Some(Stopped::Budget));
    }

    #[test]
    fn a_statement_ends_when_its_caller_has_left() {
        let (pending, waiting) =
            crate::db::script::Pending::new(|_tx: &mut crate::Tx<'_>| Ok::<_, StoreError>(()), None);
        let caller = crate::db::script::Script::caller(&pending).clone();
        drop(waiting);
        assert_eq!(stopped(Limits { caller: Some(caller), ..Limits::default() }), Some(Stopped::CallerLeft));
    }
}
