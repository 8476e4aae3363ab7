//! The way of an event to its endpoints: fanned out, leased, attempted, recorded, dropped after its time.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::id::{EndpointId, PartnerId};
use domain::time::RealTime;
use domain::webhook::delivery::{Attempt, DeliveryInput, DeliveryState};
use domain::webhook::endpoint::{AttemptOutcome, Endpoint, EndpointState};
pub use store::deliveries::{DeliveryFilter, LaneDue, LeasedDelivery};
use store::deliveries::{Recorded, WaitingLanes};
use store::{StoreError, Stored, Tx};

/// The work that waits for the sender: each active endpoint's lane, and the moment at which its first delivery is due.
pub fn lanes(tx: &mut Tx<'_>) -> Result<Vec<LaneDue>, StoreError> {
    store::deliveries::lanes(tx)
}

/// Ends the leases of a server that is no more, where no other can hold any.
pub fn free_leases(tx: &mut Tx<'_>, now: RealTime) -> Result<u64, StoreError> {
    store::deliveries::free_leases(tx, now)
}

/// Gives up leases of what a server that stops has not attempted: another sends it at once.
pub fn give_back(tx: &mut Tx<'_>, now: RealTime, leased: &[LeasedDelivery]) -> Result<(), StoreError> {
    store::deliveries::give_back(tx, leased, now)
}

/// A lane that has room in the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The partner of the lane.
    pub partner: PartnerId,
    /// Its endpoint.
    pub endpoint: EndpointId,
    /// How much may be leased.
    pub room: usize,
}

/// The deliveries that a lane received.
#[derive(Debug)]
pub struct Refill {
    /// Which lane.
    pub lane: EndpointId,
    /// Its endpoint; `None` where it is no longer active, or gone.
    pub endpoint: Option<Arc<Stored<Endpoint>>>,
    /// The leased deliveries, oldest first.
    pub deliveries: Vec<LeasedDelivery>,
    /// When the next is due.
    pub due: Option<RealTime>,
}

/// Leases what is due in a lane, until `lease_end`. What cannot be read ends as failed.
pub fn refill(
    tx: &mut Tx<'_>,
    now: RealTime,
    lease_end: RealTime,
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
pub fn give_up(tx: &mut Tx<'_>, now: RealTime, unreadable: &[LeasedDelivery]) -> Result<(), StoreError> {
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
    /// The input for the delivery's machine.
    pub input: DeliveryInput,
    /// Whether the endpoint said that it is gone for good.
    pub gone: bool,
    /// The part that the partner can read.
    pub attempt: Attempt,
}

/// The result of recording attempts.
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
    now: RealTime,
    results: &[(LeasedDelivery, AttemptResult)],
) -> Result<Settled, StoreError> {
    let step = |(delivery, result): &(LeasedDelivery, AttemptResult)| {
        let pending = DeliveryState::Pending { made: delivery.made, due: now };
        pending.step(result.input)
    };
    let steps = results.iter().map(step).collect::<Result<Vec<_>, _>>()?;
    let recorded = results.iter().zip(&steps);
    let recorded =
        recorded.map(|((delivery, result), step)| Recorded { delivery, step, attempt: &result.attempt });
    let recorded: Vec<_> = recorded.collect();
    let standing = store::deliveries::record_all(tx, &recorded, now)?;
    let mut settled = Settled::default();
    let mut by_endpoint: BTreeMap<(PartnerId, EndpointId), Vec<&AttemptResult>> = BTreeMap::new();
    for (recorded, (_, result)) in recorded.iter().zip(results) {
        let delivery = recorded.delivery;
        if standing.contains(&delivery.id) {
            settled.states.push((delivery.endpoint, *recorded.step.next()));
        }
        // An unreadable delivery says nothing about its endpoint.
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
    now: RealTime,
    partner: PartnerId,
    endpoint: EndpointId,
    results: &[&AttemptResult],
) -> Result<bool, StoreError> {
    let Some(before) = store::webhook_endpoints::health(tx, partner, endpoint)? else { return Ok(false) };
    let (known, was_active) = (*before, before.state == EndpointState::Active);
    let outcomes = results.iter().map(|result| outcome(result));
    let after = before.changed(|health| health.after(outcomes, now));
    let health = *after.value();
    if health != known {
        store::webhook_endpoints::save_health(tx, partner, endpoint, after, now.unmoved())?;
    }
    Ok(was_active && health.state != EndpointState::Active)
}

fn outcome(result: &AttemptResult) -> AttemptOutcome {
    match (result.input, result.gone) {
        (DeliveryInput::Succeeded, _) => AttemptOutcome::Taken,
        (_, true) => AttemptOutcome::Gone,
        (_, false) => AttemptOutcome::Failed,
    }
}

/// The waiting work, for the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Events that wait for the fan-out.
    pub events: i64,
    /// Deliveries that are pending.
    pub deliveries: i64,
    /// When the oldest of them was made.
    pub oldest: Option<RealTime>,
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
    now: RealTime,
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
    now: RealTime,
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
    cutoff: RealTime,
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
