//! Sends deliveries. They are leased in a short transaction, sent outside any, and recorded many at a time in
//! another.
//!
//! The fan-out leases as many new deliveries as the sender has room for, and passes them on in memory. So the usual
//! event needs no query. The others are leased from the store, lane by lane: those without room, retries, and those
//! of a stopped node. Commits and due times wake the sender for them.

mod attempt;
pub mod lanes;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::webhooks::deliveries::{AttemptResult, LaneDue, LeasedDelivery, Refill, RefillRequest, Settled};
use app::webhooks::fan_out::FannedOut;
use app::{StoreError, Tx, Wake};
use domain::cause::SpanPlace;
use domain::id::EndpointId;
use domain::time::RealTime;
use domain::webhook::delivery::DeliveryState;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::Instrument as _;

use self::attempt::Made;
use self::lanes::Lanes;
use super::rest::{AFTER_FAILURE, LONGEST_SLEEP};
use crate::outbound::WebhookClient;
use crate::state::AppState;

/// Length of a lease. It covers the wait in a lane, the request, and the time to record it.
pub const LEASE: Duration = Duration::from_secs(30);
/// Longest time that a stopping sender waits for requests under way and their records.
const DRAIN: Duration = Duration::from_secs(7);
/// Most attempts that are recorded in one transaction.
const MOST_RECORDED: usize = 512;
/// Most ended attempts that may wait for their record. Beyond that no attempt is begun.
const MOST_UNRECORDED: usize = 1_024;

/// The place where the fan-out passes deliveries to the sender.
#[derive(Debug, Clone, Default)]
pub struct Desk(Arc<DeskInner>);

#[derive(Debug, Default)]
struct DeskInner {
    lanes: Mutex<Lanes>,
    enqueued: Notify,
}

impl Desk {
    fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.0.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of deliveries that the sender accepts for an endpoint.
    pub fn room(&self, endpoint: EndpointId) -> usize {
        self.lanes().room(endpoint)
    }

    /// Passes on the deliveries that a committed fan-out has leased, and notes the lanes with more in the store.
    pub fn enqueue(&self, done: &mut FannedOut, now: RealTime) {
        if done.leased.is_empty() && done.more.is_empty() {
            return;
        }
        let mut lanes = self.lanes();
        for (delivery, version) in done.leased.drain(..) {
            lanes.add_leased(delivery, version);
        }
        for (partner, endpoint) in done.more.drain(..) {
            lanes.due_at(partner, endpoint, now);
        }
        drop(lanes);
        self.0.enqueued.notify_one();
    }
}

/// Sends deliveries.
pub struct Sender {
    state: AppState,
    client: Arc<WebhookClient>,
    desk: Desk,
}

/// A delivery and the result of its attempt.
type Ended = (LeasedDelivery, AttemptResult);

/// The sender's unfinished work besides its lanes.
#[derive(Default)]
struct Work {
    requests: JoinSet<Made>,
    /// Ended attempts that are not recorded yet.
    unrecorded: Vec<Ended>,
    /// Running scripts, at most one of each kind.
    scripts: JoinSet<Done>,
    under_way: HashSet<Kind>,
    look_wanted: bool,
    /// The time until which the sender leaves the store alone after a failure.
    resting_until: Option<Instant>,
}

impl Work {
    fn is_done(&self) -> bool {
        self.requests.is_empty() && self.unrecorded.is_empty() && self.scripts.is_empty()
    }
}

/// The kinds of scripts that the sender runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Record,
    Refill,
    Look,
}

/// A script that has ended.
enum Done {
    Recorded(Arc<Vec<Ended>>, Result<Settled, StoreError>),
    Refilled(Vec<RefillRequest>, Result<Vec<Refill>, StoreError>),
    Looked(Result<Vec<LaneDue>, StoreError>),
}

impl Sender {
    /// A sender with its own client.
    pub fn new(state: AppState, desk: Desk) -> anyhow::Result<Self> {
        let client = Arc::new(WebhookClient::new(state.config.loopback)?);
        Ok(Self { state, client, desk })
    }

    /// Sends due deliveries until `stop` turns true. Then requests under way end and are recorded, and waiting
    /// deliveries are given back.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut work = Work { look_wanted: true, ..Work::default() };
        let mut next_look = Instant::now() + LONGEST_SLEEP;
        let mut gone_by = None;
        loop {
            if *stop.borrow() {
                let gone_by = *gone_by.get_or_insert_with(|| Instant::now() + DRAIN);
                self.give_back().await;
                if work.is_done() || Instant::now() >= gone_by {
                    return;
                }
            } else {
                self.begin_requests(&mut work);
            }
            self.begin_scripts(&mut work, gone_by.is_some());
            let wake_at = self.wake_at(&work).min(gone_by.unwrap_or(next_look));
            tokio::select! {
                Some(made) = work.requests.join_next() => {
                    self.note_made(&mut work, made);
                    while let Some(made) = work.requests.try_join_next() {
                        self.note_made(&mut work, made);
                    }
                }
                Some(done) = work.scripts.join_next() => self.note_done(&mut work, done),
                () = self.desk.0.enqueued.notified() => {}
                () = self.state.store.wakes().bell(Wake::Deliveries).notified() => work.look_wanted = true,
                () = tokio::time::sleep_until(wake_at) => {}
                Ok(()) = stop.changed() => {}
            }
            if Instant::now() >= next_look {
                work.look_wanted = true;
                next_look = Instant::now() + LONGEST_SLEEP;
            }
        }
    }

    async fn give_back(&self) {
        let waiting = self.desk.lanes().emptied();
        if waiting.is_empty() {
            return;
        }
        let now = self.state.clock.now();
        let script = move |tx: &mut Tx<'_>| app::webhooks::deliveries::give_back(tx, now, &waiting);
        if let Err(error) = self.state.store.write(script).await {
            tracing::warn!(%error, "leases could not be given back; they expire");
        }
    }

    /// Sends the deliveries that are due now and waits for them. Returns their number.
    pub async fn tick(&self) -> Result<usize, StoreError> {
        let mut sent = 0;
        let found = look(&self.state).await?;
        self.desk.lanes().looked(&found);
        loop {
            let now = self.state.clock.now();
            let requests = self.desk.lanes().refill_requests(now);
            if !requests.is_empty() {
                for refill in refill(&self.state, requests).await? {
                    self.desk.lanes().refilled(refill);
                }
            }
            let mut work = Work::default();
            self.begin_requests(&mut work);
            if work.requests.is_empty() {
                return Ok(sent);
            }
            while let Some(made) = work.requests.join_next().await {
                self.note_made(&mut work, made);
            }
            let ended = Arc::new(work.unrecorded);
            sent += ended.len();
            let settled = record(&self.state, &ended).await?;
            self.note_settled(&ended, settled);
        }
    }

    /// Ends the leases of the former server. An SQLite file serves only one server, so no other holder exists.
    pub async fn free_leases(&self) {
        if !self.state.store.serves_alone() {
            return;
        }
        let now = self.state.clock.now();
        if let Err(error) =
            self.state.store.write(move |tx| app::webhooks::deliveries::free_leases(tx, now)).await
        {
            tracing::warn!(%error, "the leases of the former server could not be ended; they expire");
        }
    }

    fn begin_requests(&self, work: &mut Work) {
        let now = self.state.clock.now();
        while work.unrecorded.len() < MOST_UNRECORDED {
            let Some(assignment) = self.desk.lanes().next(now) else { return };
            let (client, clock) = (Arc::clone(&self.client), self.state.clock.clone());
            let cause = &assignment.delivery.cause;
            let span = tracing::error_span!(
                "delivery",
                request.id = cause.request.as_deref(),
                trace.id = cause.span.map(SpanPlace::trace_hex),
                span.id = cause.span.map(SpanPlace::span_hex)
            );
            let made = async move { attempt::make(&client, &clock, assignment).await };
            work.requests.spawn(made.instrument(span));
        }
    }

    fn begin_scripts(&self, work: &mut Work, stopping: bool) {
        if work.resting_until.is_some_and(|until| Instant::now() < until) {
            return;
        }
        work.resting_until = None;
        if !work.under_way.contains(&Kind::Record) && !work.unrecorded.is_empty() {
            let rest = work.unrecorded.split_off(work.unrecorded.len().min(MOST_RECORDED));
            let batch = Arc::new(std::mem::replace(&mut work.unrecorded, rest));
            let state = self.state.clone();
            work.under_way.insert(Kind::Record);
            work.scripts.spawn(async move {
                let settled = record(&state, &batch).await;
                Done::Recorded(batch, settled)
            });
        }
        if stopping {
            return;
        }
        if !work.under_way.contains(&Kind::Look) && std::mem::take(&mut work.look_wanted) {
            let state = self.state.clone();
            work.under_way.insert(Kind::Look);
            work.scripts.spawn(async move { Done::Looked(look(&state).await) });
        }
        if !work.under_way.contains(&Kind::Refill) {
            let requests = self.desk.lanes().refill_requests(self.state.clock.now());
            if !requests.is_empty() {
                let state = self.state.clone();
                work.under_way.insert(Kind::Refill);
                work.scripts.spawn(async move {
                    let refills = refill(&state, requests.clone()).await;
                    Done::Refilled(requests, refills)
                });
            }
        }
    }

    fn note_made(&self, work: &mut Work, made: Result<Made, tokio::task::JoinError>) {
        match made {
            Ok(Made { delivery, result, pace }) => {
                let mut lanes = self.desk.lanes();
                lanes.ended(delivery.endpoint, pace);
                match result {
                    Some(result) => work.unrecorded.push((delivery, result)),
                    None => lanes.due_at(delivery.partner, delivery.endpoint, delivery.leased_until),
                }
            }
            // Nothing in an attempt panics. If it did, its place in the lane would be lost until the next start.
            Err(error) => tracing::error!(%error, "a delivery's task failed; its lease expires"),
        }
    }

    fn note_done(&self, work: &mut Work, done: Result<Done, tokio::task::JoinError>) {
        match done {
            Ok(Done::Recorded(batch, settled)) => {
                work.under_way.remove(&Kind::Record);
                match settled {
                    Ok(settled) => self.note_settled(&batch, settled),
                    Err(error) => {
                        rest(work, "record", &error);
                        work.unrecorded.extend(Arc::unwrap_or_clone(batch));
                    }
                }
            }
            Ok(Done::Refilled(requests, refills)) => {
                work.under_way.remove(&Kind::Refill);
                match refills {
                    Ok(refills) => refills.into_iter().for_each(|refill| self.desk.lanes().refilled(refill)),
                    Err(error) => {
                        rest(work, "refill", &error);
                        self.desk.lanes().refill_failed(&requests, self.state.clock.now());
                    }
                }
            }
            Ok(Done::Looked(found)) => {
                work.under_way.remove(&Kind::Look);
                match found {
                    Ok(found) => self.desk.lanes().looked(&found),
                    Err(error) => {
                        rest(work, "look", &error);
                        work.look_wanted = true;
                    }
                }
            }
            Err(error) => tracing::error!(%error, "a script's task failed"),
        }
    }

    fn note_settled(&self, batch: &[Ended], settled: Settled) {
        let mut lanes = self.desk.lanes();
        let partners = batch.iter().map(|(delivery, _)| (delivery.endpoint, delivery.partner));
        let partners: HashMap<_, _> = partners.collect();
        for (endpoint, state) in settled.states {
            if let (DeliveryState::Pending { due, .. }, Some(partner)) = (state, partners.get(&endpoint)) {
                lanes.due_at(*partner, endpoint, due);
            }
        }
        for endpoint in settled.closed {
            lanes.close(endpoint);
        }
    }

    /// The next time to begin work, as far as this process knows.
    fn wake_at(&self, work: &Work) -> Instant {
        let now = Instant::now();
        if let Some(until) = work.resting_until {
            return until;
        }
        let due = if work.under_way.contains(&Kind::Refill) { None } else { self.desk.lanes().next_due() };
        let longest = due.map_or(LONGEST_SLEEP, |due| due.since(self.state.clock.now()).min(LONGEST_SLEEP));
        // `wanted` was just offered all times up to now. A time one moment ahead still needs a wait.
        now + longest.max(Duration::from_millis(1))
    }
}

fn rest(work: &mut Work, step: &'static str, error: &StoreError) {
    tracing::warn!(step, %error, "the sender could not reach the store; it tries again");
    work.resting_until = Some(Instant::now() + AFTER_FAILURE);
}

async fn look(state: &AppState) -> Result<Vec<LaneDue>, StoreError> {
    state.store.read(app::webhooks::deliveries::lanes).await
}

async fn refill(state: &AppState, requests: Vec<RefillRequest>) -> Result<Vec<Refill>, StoreError> {
    let now = state.clock.now();
    let script = move |tx: &mut Tx<'_>| {
        let refill =
            |request: &RefillRequest| app::webhooks::deliveries::refill(tx, now, now.plus(LEASE), *request);
        requests.iter().map(refill).collect::<Result<Vec<Refill>, StoreError>>()
    };
    state.store.write(script).await
}

/// Records attempts. If one of them cannot be recorded, it is logged and its delivery fails. The others are not
/// delayed.
async fn record(state: &AppState, batch: &Arc<Vec<Ended>>) -> Result<Settled, StoreError> {
    let (now, all, lender) = (state.clock.now(), Arc::clone(batch), state.lender.clone());
    let script = move |tx: &mut Tx<'_>| app::webhooks::deliveries::record(tx, now, &all, &lender);
    let corrupt = match state.store.write(script).await {
        Err(StoreError::Corrupt(reason) | StoreError::Defect(reason)) => reason,
        settled => return settled,
    };
    tracing::error!(reason = corrupt, attempts = batch.len(), "attempts could not be recorded together");
    let mut settled = Settled::default();
    for (delivery, result) in batch.iter() {
        let one = [(delivery.clone(), result.clone())];
        let lender = state.lender.clone();
        let script = move |tx: &mut Tx<'_>| app::webhooks::deliveries::record(tx, now, &one, &lender);
        let recorded = state.store.write(script).await;
        let recorded = match recorded {
            Err(StoreError::Corrupt(reason) | StoreError::Defect(reason)) => {
                tracing::error!(delivery.id = %delivery.id, reason, "an attempt cannot be recorded; its delivery is given up");
                let one = [delivery.clone()];
                state
                    .store
                    .write(move |tx| app::webhooks::deliveries::give_up(tx, now, &one))
                    .await
                    .map(|()| Settled::default())
            }
            recorded => recorded,
        }?;
        settled.states.extend(recorded.states);
        settled.closed.extend(recorded.closed);
    }
    Ok(settled)
}
