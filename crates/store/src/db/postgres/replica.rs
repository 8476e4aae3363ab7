//! Lists from a replica. A list sees everything that was committed before it began. The primary reports its log
//! position, and the list waits until the replica has replayed that. If the wait is too long, or the replica fails, the
//! list is read from the primary.

use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::pool::Worker;
use crate::db::error::StoreError;
use crate::db::script::Script;

/// Maximum wait of a list for the replica.
const CATCH_UP: Duration = Duration::from_millis(100);
/// Pause between two checks of the replica's position.
const LOOK: Duration = Duration::from_millis(1);
/// Maximum time for a server to report its log position.
const SILENCE: Duration = Duration::from_secs(1);
/// Pause before a failed replica is asked again.
const REST: Duration = Duration::from_secs(5);

/// The log position up to which the log holds every answered commit.
const WRITTEN: &str = "select (pg_current_wal_flush_lsn() - '0/0')::bigint";
/// A server that replays no log is no replica.
const REPLAYED: &str = "select coalesce((pg_last_wal_replay_lsn() - '0/0')::bigint, -1)";

/// A thread that reads lists, with a session of the primary and one of the replica.
pub(super) struct Lists {
    pub(super) primary: Worker,
    pub(super) replica: Worker,
    pub(super) rests_until: Option<Instant>,
}

impl Lists {
    pub(super) fn serve(mut self, scripts: &Receiver<Box<dyn Script>>) {
        while let Ok(script) = scripts.recv() {
            if script.caller().has_left() {
                continue;
            }
            match self.read_from_replica(script) {
                None => {}
                Some(script) => self.primary.serve_one(script),
            }
        }
    }

    /// Reads from the replica, or returns the script.
    fn read_from_replica(&mut self, script: Box<dyn Script>) -> Option<Box<dyn Script>> {
        if self.rests_until.is_some_and(|until| Instant::now() < until) {
            return Some(script);
        }
        let Ok(written) = self.primary.number(WRITTEN, SILENCE) else { return Some(script) };
        match self.catches_up(written) {
            Ok(true) => self.replica.serve_or_return(script),
            Ok(false) => Some(script),
            Err(error) => {
                tracing::warn!(%error, "the replica does not answer; lists are read from the primary");
                self.rests_until = Some(Instant::now() + REST);
                Some(script)
            }
        }
    }

    /// Whether the replica replays the log up to this position in time.
    fn catches_up(&mut self, written: i64) -> Result<bool, StoreError> {
        let until = Instant::now() + CATCH_UP;
        loop {
            match self.replica.number(REPLAYED, SILENCE)? {
                replayed if replayed >= written => return Ok(true),
                -1 => return Ok(false),
                _behind if Instant::now() >= until => return Ok(false),
                _behind => std::thread::sleep(LOOK),
            }
        }
    }
}
