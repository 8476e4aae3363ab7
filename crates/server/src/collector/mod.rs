//! Spans of traces and lines of the log, which the server sends to collectors that speak OTLP (HTTP, Protocol Buffers).
//!
//! They wait in memory, and a task sends them. A collector that is slow or away delays nothing: what is beyond a limit is
//! dropped and counted. The log says once that a collector takes nothing, and once that it takes something again.
//!
//! Reasons: docs/decisions/0044.

pub(crate) mod otlp;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use metrics::Counter;
use prost::Message as _;
use tokio::sync::Notify;

use self::otlp::ExportResponse;
use crate::config::CollectorSettings;
use crate::outbound::CollectorClient;

/// Most items of one message.
const MOST_AT_ONCE: usize = 512;
/// Most items that wait: a few megabytes.
const MOST_WAITING: usize = 8_192;
/// Longest time that an item waits for others.
const EVERY: Duration = Duration::from_secs(1);
/// The pauses before a message is sent again.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];
/// Longest time for the last items of a server that stops.
const LAST: Duration = Duration::from_secs(3);

/// The names of what is sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names {
    /// Its name in the log.
    pub(crate) items: &'static str,
    /// The counter of what the collector has taken.
    pub(crate) sent: fn() -> Counter,
    /// The counter of what was lost.
    pub(crate) dropped: fn() -> Counter,
}

/// Items of one kind on their way to a collector.
pub(crate) struct Outbox<T> {
    settings: CollectorSettings,
    client: CollectorClient,
    names: Names,
    waiting: Mutex<Vec<T>>,
    many: Notify,
    /// Held while a message is under way, so that the end waits for it.
    sending: tokio::sync::Mutex<()>,
    is_away: AtomicBool,
    has_rejected: AtomicBool,
}

impl<T> Outbox<T> {
    pub(crate) fn new(settings: CollectorSettings, names: Names) -> anyhow::Result<Self> {
        Ok(Self {
            client: CollectorClient::new(&settings.headers)?,
            settings,
            names,
            waiting: Mutex::default(),
            many: Notify::new(),
            sending: tokio::sync::Mutex::default(),
            is_away: AtomicBool::new(false),
            has_rejected: AtomicBool::new(false),
        })
    }

    /// Takes an item. It is dropped if too many wait.
    pub(crate) fn take(&self, item: T) {
        let count = {
            let mut waiting = self.waiting();
            if waiting.len() < MOST_WAITING {
                waiting.push(item);
                Some(waiting.len())
            } else {
                None
            }
        };
        match count {
            None => self.dropped(1),
            Some(MOST_AT_ONCE..) => self.many.notify_one(),
            Some(_few) => {}
        }
    }

    /// Sends the items, some at a time. Never ends. `encode` makes the message of some items and the service's name.
    pub(crate) async fn run(&self, encode: impl Fn(Vec<T>, &str) -> Vec<u8>) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = self.many.notified() => {}
            }
            while self.send_some(&encode, &PAUSES).await {}
        }
    }

    /// Sends the last items of a server that stops.
    pub(crate) async fn end(&self, encode: impl Fn(Vec<T>, &str) -> Vec<u8>) {
        let sent = tokio::time::timeout(LAST, async { while self.send_some(&encode, &[]).await {} }).await;
        if sent.is_err() {
            tracing::warn!(items = self.names.items, "the collector did not take the last items in time");
        }
    }

    /// Sends a message of items. Returns whether more wait.
    async fn send_some(&self, encode: impl Fn(Vec<T>, &str) -> Vec<u8>, pauses: &[Duration]) -> bool {
        let _sending = self.sending.lock().await;
        let items: Vec<T> = {
            let mut waiting = self.waiting();
            let count = waiting.len().min(MOST_AT_ONCE);
            waiting.drain(..count).collect()
        };
        if items.is_empty() {
            return false;
        }
        let count = items.len();
        let body = encode(items, &self.settings.service);
        let mut pauses = pauses.iter();
        loop {
            match self.client.send(&self.settings.address, body.clone()).await {
                Ok(answer) => {
                    self.note(count, &answer);
                    return count == MOST_AT_ONCE;
                }
                Err(error) => {
                    let Some(pause) = pauses.next().filter(|_| error.is_temporary()) else {
                        self.dropped(count);
                        if !self.is_away.swap(true, Ordering::Relaxed) {
                            tracing::warn!(
                                %error, items = self.names.items,
                                "the collector takes nothing; until it does, items are dropped and counted"
                            );
                        }
                        return false;
                    };
                    tokio::time::sleep(*pause).await;
                }
            }
        }
    }

    /// Counts the items of a message, and those that the collector has rejected.
    fn note(&self, count: usize, answer: &[u8]) {
        if self.is_away.swap(false, Ordering::Relaxed) {
            tracing::info!(items = self.names.items, "the collector takes items again");
        }
        // An answer that cannot be read rejects nothing.
        let partial = ExportResponse::decode(answer).ok().and_then(|answer| answer.partial_success);
        let rejected = partial.as_ref().and_then(|partial| usize::try_from(partial.rejected).ok());
        let rejected = rejected.map_or(0, |rejected| rejected.min(count));
        (self.names.sent)().increment(number(count - rejected));
        let Some((partial, 1..)) = partial.map(|partial| (partial, rejected)) else { return };
        self.dropped(rejected);
        // Said once: a line about each message would itself be a line to send.
        if !self.has_rejected.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                why = partial.error_message,
                items = self.names.items,
                count = rejected,
                "the collector has rejected items; later ones are only counted"
            );
        }
    }

    fn dropped(&self, count: usize) {
        (self.names.dropped)().increment(number(count));
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).expect("a count of items fits")
}
