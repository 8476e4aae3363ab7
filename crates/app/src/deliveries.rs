//! The way of an event to its endpoints: fanned out, leased, attempted, recorded, dropped after its time.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bytes::Bytes;
use domain::event::Event;
use domain::id::{DeliveryId, EndpointId, EventId, PartnerId};
use domain::time::Timestamp;
use domain::webhook::delivery::{Attempt, DeliveryInput, DeliveryState};
use domain::webhook::endpoint::{Endpoint, EndpointInput, EndpointState, Generation};
use domain::webhook::pattern::hears;
use domain::webhook::retry::DISABLE_AFTER;
use store::deliveries::{LaneDue, LeasedDelivery, NewDelivery, Recorded, WaitingLanes};
use store::outbox::Feed;
use store::webhook_endpoints::{Health, Listener};
use store::{StoreError, Tx, row_count};

/// An event as one generation tells it: its name there and the body.
pub struct Rendered {
    /// The event's name in the generation.
    pub name: &'static str,
    /// The body.
    pub body: Bytes,
    /// Whether it is the same for every delivery of the event in this generation.
    pub shared: bool,
}

/// How many deliveries one fan-out makes for a partner: other writes wait for it on SQLite. A partner has fifty endpoints
/// at the most.
const MOST_DELIVERIES: i64 = 512;

/// What a fan-out is told from outside.
pub struct FanOut<'a> {
    /// Renders an event for a generation; `None` where the generation does not tell it.
    pub render: &'a dyn Fn(Generation, &Event, DeliveryId) -> Option<Rendered>,
    /// A generation's name for what the store calls by its own; `None` where the generation does not tell it.
    pub name_of: &'a dyn Fn(Generation, &str) -> Option<&'static str>,
    /// Whether the caller reads events of what the store calls by this name, though no endpoint hears them.
    pub wanted: &'a dyn Fn(&str) -> bool,
    /// How many deliveries the sender takes for an endpoint at once.
    pub room: &'a dyn Fn(EndpointId) -> usize,
    /// Until when those are leased.
    pub lease_end: Timestamp,
}

/// What became of waiting events.
#[derive(Debug, Default)]
pub struct FannedOut {
    /// The events that were opened: an endpoint hears them, or the caller wants them. Those that cannot be read are missing.
    pub events: Vec<Event>,
    /// How many there were in all.
    pub seen: usize,
    /// How many of the partners had their turn.
    pub served: usize,
    /// Whether another node is fanning out for one of them.
    pub elsewhere: bool,
    /// Leased for the sender from the beginning, each with its endpoint's version.
    pub handed: Vec<(LeasedDelivery, i64)>,
    /// Endpoints for which there is more, due now.
    pub more: Vec<(PartnerId, EndpointId)>,
}

/// Partners with waiting events, at most `limit` of those behind `after`.
pub fn waiting_partners(
    tx: &mut Tx<'_>,
    after: Option<PartnerId>,
    limit: usize,
) -> Result<Vec<PartnerId>, StoreError> {
    store::outbox::waiting_partners(tx, after, limit)
}

/// Turns waiting events of these partners, at most `limit`, into deliveries: one per endpoint that hears the event. It
/// also gives the events their places, so they are listed from now on.
///
/// Disabled endpoints get theirs too: they wait until the endpoint is switched on. An event is opened only if an endpoint
/// hears it or the caller wants it. One that does not read as one then ends here, as a failed delivery to each endpoint that
/// would have heard it.
pub fn fan_out(
    tx: &mut Tx<'_>,
    now: Timestamp,
    partners: &[PartnerId],
    limit: i64,
    with: &FanOut<'_>,
) -> Result<FannedOut, StoreError> {
    let mut done = FannedOut::default();
    for partner in partners {
        let left = limit - row_count(done.seen);
        if left <= 0 {
            break;
        }
        done.served += 1;
        match store::outbox::feed(tx, *partner)? {
            Some(feed) => fan_out_of(tx, now, feed, left, with, &mut done)?,
            None => done.elsewhere = true,
        }
    }
    Ok(done)
}

/// Fans out what waits in one partner's feed.
fn fan_out_of(
    tx: &mut Tx<'_>,
    now: Timestamp,
    mut feed: Feed,
    limit: i64,
    with: &FanOut<'_>,
    done: &mut FannedOut,
) -> Result<(), StoreError> {
    let partner = feed.partner;
    let mut share = Share::new(store::webhook_endpoints::listeners(tx, partner)?, with);
    let at_once = MOST_DELIVERIES / row_count(share.listeners.len()).max(1);
    let waiting = store::outbox::waiting(tx, partner, limit.min(at_once))?;
    if waiting.is_empty() {
        return Ok(());
    }
    done.seen += waiting.len();
    let made_at = feed.making(now);
    for waiting in &waiting {
        share.events.push((waiting.id, waiting.occurred_at));
        let heard = share.heard(&waiting.kind, with);
        if heard.is_empty() && !(with.wanted)(&waiting.kind) {
            continue;
        }
        let event = waiting.open(tx)?;
        share.tell(tx, made_at, waiting.id, &heard, event.as_ref().ok(), with);
        match event {
            Ok(event) => done.events.push(event),
            Err(error) => {
                tracing::error!(%error, event.id = %waiting.id, waiting.kind, "an event cannot be read; it is given up");
                metrics::counter!("dinie_webhook_unreadable_events_total").increment(1);
            }
        }
    }
    store::deliveries::insert_all(tx, partner, &share.deliveries, made_at, now)?;
    store::outbox::fanned_out(tx, feed, &share.events)?;
    done.more.extend(share.more().map(|endpoint| (partner, endpoint)));
    done.handed.extend(share.handed(partner));
    Ok(())
}

/// A partner's share of a fan-out.
struct Share {
    listeners: Vec<Lane>,
    /// The delivery that was fanned out, with its moments.
    events: Vec<(EventId, Timestamp)>,
    deliveries: Vec<NewDelivery>,
}

/// A listener, and how much of what it hears the sender still takes.
struct Lane {
    listener: Listener,
    room: usize,
    more: bool,
}

impl Share {
    fn new(listeners: Vec<Listener>, with: &FanOut<'_>) -> Self {
        let lane = |listener: Listener| {
            let room = if listener.active { (with.room)(listener.id) } else { 0 };
            Lane { listener, room, more: false }
        };
        let listeners = listeners.into_iter().map(lane).collect();
        Self { listeners, events: Vec::new(), deliveries: Vec::new() }
    }

    /// The places of the listeners that hear an event of this kind, each with the event's name in its generation.
    fn heard(&self, kind: &str, with: &FanOut<'_>) -> Vec<(usize, &'static str)> {
        let name = |(place, lane): (usize, &Lane)| {
            let name = (with.name_of)(lane.listener.generation, kind)?;
            hears(&lane.listener.patterns, name).then_some((place, name))
        };
        self.listeners.iter().enumerate().filter_map(name).collect()
    }

    /// Makes what an event becomes: a delivery to each endpoint that hears it, a failed one where it cannot be read.
    fn tell(
        &mut self,
        tx: &mut Tx<'_>,
        made_at: Timestamp,
        event: EventId,
        heard: &[(usize, &'static str)],
        read: Option<&Event>,
        with: &FanOut<'_>,
    ) {
        // Most events have several listeners of one generation.
        let mut shared: Option<(Generation, Bytes)> = None;
        for (place, name) in heard {
            let lane = &mut self.listeners[*place];
            let id = store::deliveries::ordered_id(tx, made_at, self.deliveries.len());
            let generation = lane.listener.generation;
            let body = match (&shared, read) {
                (Some((of, body)), Some(_)) if *of == generation => Some(body.clone()),
                (_, Some(event)) => {
                    let Some(rendered) = (with.render)(generation, event, id) else { continue };
                    if rendered.shared {
                        shared = Some((generation, rendered.body.clone()));
                    }
                    Some(rendered.body)
                }
                (_, None) => None,
            };
            let leased_until = (body.is_some() && lane.room > 0).then_some(with.lease_end);
            if body.is_some() {
                lane.more |= lane.room == 0 && lane.listener.active;
                lane.room -= usize::from(lane.room > 0);
            }
            let (endpoint, event_type) = (lane.listener.id, *name);
            self.deliveries.push(NewDelivery { id, endpoint, event, event_type, body, leased_until });
        }
    }

    fn more(&self) -> impl Iterator<Item = EndpointId> {
        self.listeners.iter().filter(|lane| lane.more).map(|lane| lane.listener.id)
    }

    fn handed(self, partner: PartnerId) -> impl Iterator<Item = (LeasedDelivery, i64)> {
        let versions: HashMap<EndpointId, i64> =
            self.listeners.iter().map(|lane| (lane.listener.id, lane.listener.version)).collect();
        self.deliveries.into_iter().filter_map(move |delivery| {
            let (Some(body), Some(leased_until)) = (delivery.body, delivery.leased_until) else {
                return None;
            };
            let version = versions.get(&delivery.endpoint)?;
            let leased = LeasedDelivery {
                partner,
                endpoint: delivery.endpoint,
                id: delivery.id,
                version: 1,
                event: delivery.event,
                made: 0,
                leased_until,
                body,
            };
            Some((leased, *version))
        })
    }
}

/// What waits for the sender: each active endpoint's lane, and when the first of it is due.
pub fn lanes(tx: &mut Tx<'_>) -> Result<Vec<LaneDue>, StoreError> {
    store::deliveries::lanes(tx)
}

/// Ends the leases of a server that is no more, where no other can hold any.
pub fn free_leases(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StoreError> {
    store::deliveries::free_leases(tx, now)
}

/// Gives up leases of what a server that stops has not attempted: another sends it at once.
pub fn give_back(tx: &mut Tx<'_>, now: Timestamp, leased: &[LeasedDelivery]) -> Result<(), StoreError> {
    store::deliveries::give_back(tx, leased, now)
}

/// A lane that has room in the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Whose lane it is.
    pub partner: PartnerId,
    /// Its endpoint.
    pub endpoint: EndpointId,
    /// How much may be leased.
    pub room: usize,
}

/// What a lane got.
#[derive(Debug)]
pub struct Refill {
    /// Which lane.
    pub lane: EndpointId,
    /// Its endpoint; `None` where it is no longer active, or gone.
    pub endpoint: Option<Arc<Endpoint>>,
    /// What was leased, oldest first.
    pub deliveries: Vec<LeasedDelivery>,
    /// When the next is due.
    pub due: Option<Timestamp>,
}

/// Leases what is due in a lane, until `lease_end`. What cannot be read ends as failed.
pub fn refill(
    tx: &mut Tx<'_>,
    now: Timestamp,
    lease_end: Timestamp,
    wanted: Wanted,
) -> Result<Refill, StoreError> {
    let Wanted { partner, endpoint: lane, room } = wanted;
    let found = match store::webhook_endpoints::find(tx, partner, lane) {
        Err(StoreError::Corrupt(reason)) => {
            tracing::error!(webhook.endpoint = %lane, reason, "an endpoint cannot be read; what is due for it is given up");
            let leased = store::deliveries::lease(tx, partner, lane, now, lease_end, room)?;
            let all: Vec<_> = leased.deliveries.into_iter().chain(leased.unreadable).collect();
            give_up(tx, now, &all)?;
            let due = store::deliveries::lane_due(tx, partner, lane)?;
            return Ok(Refill { lane, endpoint: None, deliveries: Vec::new(), due });
        }
        found => found?,
    };
    let Some(endpoint) = found.filter(|endpoint| endpoint.state == EndpointState::Active) else {
        return Ok(Refill { lane, endpoint: None, deliveries: Vec::new(), due: None });
    };
    let leased = match room {
        0 => store::deliveries::Leased::default(),
        room => store::deliveries::lease(tx, partner, lane, now, lease_end, room)?,
    };
    give_up(tx, now, &leased.unreadable)?;
    let due = store::deliveries::lane_due(tx, partner, lane)?;
    Ok(Refill { lane, endpoint: Some(Arc::new(endpoint)), deliveries: leased.deliveries, due })
}

/// Ends deliveries that cannot be sent, or whose attempts cannot be recorded.
pub fn give_up(tx: &mut Tx<'_>, now: Timestamp, unreadable: &[LeasedDelivery]) -> Result<(), StoreError> {
    let results = unreadable.iter().map(|delivery| {
        let attempt = Attempt {
            started_at: now,
            duration_ms: 0,
            status: None,
            outcome: "unreadable".to_owned(),
            answer: String::new(),
        };
        (delivery.clone(), AttemptResult { input: DeliveryInput::Unreadable, gone: false, attempt })
    });
    let results: Vec<_> = results.collect();
    record(tx, now, &results).map(drop)
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptResult {
    /// What the delivery's machine makes of it.
    pub input: DeliveryInput,
    /// Whether the endpoint said that it is gone for good.
    pub gone: bool,
    /// What the partner can read of it.
    pub attempt: Attempt,
}

/// What recording attempts led to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// The state of each delivery whose lease still stood, with its endpoint.
    pub states: Vec<(EndpointId, DeliveryState)>,
    /// Endpoints that have been disabled by what happened.
    pub closed: Vec<EndpointId>,
}

/// Records attempts and what they say of their endpoints. Where a lease had been lost, nothing changes.
pub fn record(
    tx: &mut Tx<'_>,
    now: Timestamp,
    results: &[(LeasedDelivery, AttemptResult)],
) -> Result<Settled, StoreError> {
    let mut recorded = Vec::with_capacity(results.len());
    for (delivery, result) in results {
        let pending = DeliveryState::Pending { made: delivery.made, due: now };
        let next =
            pending.step(result.input).map_err(|illegal| StoreError::Corrupt(illegal.to_string()))?.next;
        recorded.push(Recorded { delivery, next, attempt: &result.attempt });
    }
    let standing = store::deliveries::record_all(tx, &recorded, now)?;
    let mut settled = Settled::default();
    let mut by_endpoint: BTreeMap<(PartnerId, EndpointId), Vec<&AttemptResult>> = BTreeMap::new();
    for (recorded, (_, result)) in recorded.iter().zip(results) {
        let delivery = recorded.delivery;
        if standing.contains(&delivery.id) {
            settled.states.push((delivery.endpoint, recorded.next));
        }
        // What cannot be read says nothing of its endpoint.
        if standing.contains(&delivery.id) && result.input != DeliveryInput::Unreadable {
            by_endpoint.entry((delivery.partner, delivery.endpoint)).or_default().push(result);
        }
    }
    for ((partner, endpoint), results) in by_endpoint {
        if note_health(tx, now, partner, endpoint, &results)? {
            settled.closed.push(endpoint);
        }
    }
    Ok(settled)
}

/// Keeps track of how long every attempt has failed; returns whether that disabled the endpoint.
fn note_health(
    tx: &mut Tx<'_>,
    now: Timestamp,
    partner: PartnerId,
    endpoint: EndpointId,
    results: &[&AttemptResult],
) -> Result<bool, StoreError> {
    let Some(before) = store::webhook_endpoints::health(tx, partner, endpoint)? else { return Ok(false) };
    let after = results.iter().fold(before, |health, result| after_attempt(health, now, result));
    if after != before {
        store::webhook_endpoints::set_health(tx, partner, endpoint, after, now)?;
    }
    Ok(before.state == EndpointState::Active && after.state != EndpointState::Active)
}

fn after_attempt(health: Health, now: Timestamp, result: &AttemptResult) -> Health {
    let input = match (result.input, result.gone, health.failing_since) {
        (DeliveryInput::Succeeded, _, _) => return Health { failing_since: None, ..health },
        (_, true, _) => EndpointInput::WentAway,
        (_, false, None) => return Health { failing_since: Some(now), ..health },
        (_, false, Some(since)) if now.since(since) >= DISABLE_AFTER => EndpointInput::KeptFailing,
        (_, false, Some(_)) => return health,
    };
    // It may have been disabled meanwhile; then it stays as it is.
    let state = health.state.step(input).map_or(health.state, |disabled| disabled.next);
    Health { state, ..health }
}

/// What waits, for the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Events that wait for the fan-out.
    pub events: i64,
    /// Deliveries that are pending.
    pub deliveries: i64,
    /// When the oldest of them was made.
    pub oldest: Option<Timestamp>,
}

/// Events and deliveries that wait.
pub fn backlog(tx: &mut Tx<'_>) -> Result<Backlog, StoreError> {
    let events = store::outbox::count_waiting(tx)?;
    let (deliveries, oldest) = store::deliveries::pending(tx)?;
    Ok(Backlog { events, deliveries, oldest })
}

/// Some lanes in which deliveries wait, after the `last` one that was looked at.
pub fn waiting_lanes(
    tx: &mut Tx<'_>,
    last: Option<(PartnerId, EndpointId)>,
) -> Result<WaitingLanes, StoreError> {
    store::deliveries::waiting_lanes(tx, last, 100)
}

/// Gives up to `rows` deliveries of a deleted endpoint's lane up; returns how many.
pub fn empty_lane(
    tx: &mut Tx<'_>,
    now: Timestamp,
    (partner, endpoint): (PartnerId, EndpointId),
    rows: i64,
) -> Result<u64, StoreError> {
    store::deliveries::fail_some(tx, partner, endpoint, now, rows)
}

/// Some of the endpoints all of whose deliveries are to change.
pub fn changing_lanes(tx: &mut Tx<'_>) -> Result<Vec<(PartnerId, EndpointId)>, StoreError> {
    store::lane_changes::waiting(tx, 100)
}

/// Takes one step of such a change, of up to `rows` rows; returns how many it took.
pub fn change_lane(
    tx: &mut Tx<'_>,
    now: Timestamp,
    (partner, endpoint): (PartnerId, EndpointId),
    rows: i64,
) -> Result<u64, StoreError> {
    store::lane_changes::step(tx, partner, endpoint, now, rows)
}

/// Records of a partner that are dropped when their retention ends.
#[derive(Debug, Clone, Copy)]
pub enum Retained {
    /// Events.
    Events,
    /// Attempts of deliveries.
    Attempts,
    /// Deliveries to one endpoint, which may be deleted.
    Deliveries(EndpointId),
    /// Bodies of deliveries that are gone.
    Bodies,
}

/// Everything of a partner's that ends with its retention, in the order in which it is dropped.
pub fn retained(tx: &mut Tx<'_>, partner: PartnerId) -> Result<Vec<Retained>, StoreError> {
    let endpoints = store::deliveries::endpoints_of(tx, partner)?;
    let endpoints = endpoints.into_iter().map(Retained::Deliveries);
    let first = [Retained::Events, Retained::Attempts];
    Ok(first.into_iter().chain(endpoints).chain([Retained::Bodies]).collect())
}

/// Drops up to `rows` rows from before `cutoff`; returns how many.
pub fn purge(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    cutoff: Timestamp,
    retained: Retained,
    rows: i64,
) -> Result<u64, StoreError> {
    match retained {
        Retained::Events => store::outbox::purge(tx, partner, cutoff, rows),
        Retained::Attempts => store::deliveries::purge_attempts(tx, partner, cutoff, rows),
        Retained::Deliveries(endpoint) => store::deliveries::purge(tx, partner, endpoint, cutoff, rows),
        Retained::Bodies => store::deliveries::purge_bodies(tx, partner, cutoff, rows),
    }
}
