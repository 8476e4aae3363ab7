//! Lanes: events of one resource go one after another through the same lane, and the lanes go side by side. So a receiver
//! that is slow with one resource delays few others.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinSet;

use super::feed::ListedEvent;
use super::forward::{Forwarded, Forwarder};
use crate::output::bad;
use crate::partner::iso;
use crate::{say, say_error};

/// Deliveries at once. A program on a laptop rarely serves more.
const LANES: usize = 16;
const LANES_U64: u64 = 16;
/// Events that wait in a lane. Beyond that the listener waits before it asks for more.
const WAITING: usize = 1_000;

/// The lanes of a listener. They end with it.
pub(super) struct Lanes {
    lanes: Vec<Sender<ListedEvent>>,
    _running: JoinSet<()>,
}

impl Lanes {
    pub(super) fn start(forwarder: &Arc<Forwarder>) -> Self {
        let mut running = JoinSet::new();
        let lanes = (0..LANES).map(|_| {
            let (give, take) = mpsc::channel(WAITING);
            running.spawn(run(take, Arc::clone(forwarder)));
            give
        });
        Self { lanes: lanes.collect(), _running: running }
    }

    /// Puts an event into the lane of its resource.
    pub(super) async fn give(&mut self, event: ListedEvent) -> anyhow::Result<()> {
        let mut hasher = DefaultHasher::new();
        event.resource().hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % LANES_U64).expect("the remainder is small");
        Ok(self.lanes[place].send(event).await?)
    }
}

async fn run(mut take: Receiver<ListedEvent>, forwarder: Arc<Forwarder>) {
    while let Some(event) = take.recv().await {
        let at = event.moment().map_or_else(|_| String::new(), iso);
        match forwarder.forward(&event).await {
            Ok(forwarded) => say(&line(&at, &event.r#type, &event.id, &forwarded)),
            Err(error) => say_error(&format!("{at}  {}  {}: {error:#}", event.r#type, event.id)),
        }
    }
}

fn line(at: &str, kind: &str, id: &str, forwarded: &Forwarded) -> String {
    let took = forwarded.took.as_millis();
    let line = format!("{at}  {kind:<24}  {id}  {:<11}  {took:>5} ms", forwarded.outcome);
    match forwarded.given_up_after {
        None => line,
        Some(attempts) => bad(&format!("{line}  given up after {attempts} attempts")),
    }
}
