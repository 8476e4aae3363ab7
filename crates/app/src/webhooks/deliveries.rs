//! The deliveries of an event: fan-out, lease, attempts, records, and removal after the retention.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::id::{EndpointId, PartnerId};
use domain::time::RealTime;
use domain::webhook::delivery::{Attempt, DeliveryInput, DeliveryState};
use domain::webhook::endpoint::{AttemptOutcome, Endpoint, EndpointState};
pub use store::deliveries::{DeliveryFilter, LaneDue, LeasedDelivery};
use store::deliveries::{Recorded, WaitingLanes};
use store::{StoreError, Stored, Tx};

use super::health;
use crate::lender::Lender;

/// The lanes with work for the sender: those of active endpoints, with the time of the first due delivery.
pub fn lanes(tx: &mut Tx<'_>) -> Result<Vec<LaneDue>, StoreError> {
    store::deliveries::lanes(tx)
}

/// Ends the leases of a server that has stopped, if no other server can hold any.
pub fn free_leases(tx: &mut Tx<'_>, now: RealTime) -> Result<u64, StoreError> {
    store::deliveries::free_leases(tx, now)
}

/// Gives back the leases of deliveries that a stopping server has not attempted. Another server sends them at once.
pub fn give_back(tx: &mut Tx<'_>, now: RealTime, leased: &[LeasedDelivery]) -> Result<(), StoreError> {
    store::deliveries::give_back(tx, leased, now)
}

/// A lane with room in the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefillRequest {
    /// The partner of the lane.
    pub partner: PartnerId,
    /// The endpoint of the lane.
    pub endpoint: EndpointId,
    /// Most deliveries to lease.
    pub room: usize,
}

/// The leased deliveries of a lane.
#[derive(Debug)]
pub struct Refill {
    /// The lane, named by its endpoint.
    pub lane: EndpointId,
    /// The endpoint; `None` if it is no longer active or was deleted.
    pub endpoint: Option<Arc<Stored<Endpoint>>>,
    /// The leased deliveries, oldest first.
    pub deliveries: Vec<LeasedDelivery>,
    /// Time of the next due delivery.
    pub due: Option<RealTime>,
}

/// Leases the due deliveries of a lane until `lease_end`. An unreadable delivery ends as failed.
pub fn refill(
    tx: &mut Tx<'_>, now: RealTime, lease_end: RealTime, request: RefillRequest,
) -> Result<Refill, StoreError> {
    let RefillRequest { partner, endpoint: lane, room } = request;
    let found = match store::webhook_endpoints::find(tx, partner, lane) {
        Err(StoreError::Corrupt(reason)) => {
            tracing::error!(webhook.endpoint = %lane, reason, "an endpoint cannot be read; its due deliveries are given up");
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
    settle(tx, now, &results).map(drop)
}

/// The result of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptResult {
    /// The input of the delivery's state machine.
    pub input: DeliveryInput,
    /// Whether the endpoint answered that it is gone for good.
    pub gone: bool,
    /// The facts that the partner can read.
    pub attempt: Attempt,
}

/// The result of recording attempts.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// The state of each delivery whose lease was still valid, with its endpoint.
    pub states: Vec<(EndpointId, DeliveryState)>,
    /// Endpoints that these attempts disabled.
    pub closed: Vec<EndpointId>,
}

/// Records attempts and the health of their endpoints. If a lease was lost, nothing changes. The partner's team
/// receives a letter when an endpoint has failed for some time, and when it is disabled.
pub fn record(
    tx: &mut Tx<'_>, now: RealTime, results: &[(LeasedDelivery, AttemptResult)], lender: &Lender,
) -> Result<Settled, StoreError> {
    let (mut settled, by_endpoint) = settle(tx, now, results)?;
    for ((partner, endpoint), outcomes) in by_endpoint {
        if health::note(tx, now, (partner, endpoint), outcomes, lender)? {
            settled.closed.push(endpoint);
        }
    }
    Ok(settled)
}

/// The outcomes of the attempts by endpoint.
type ByEndpoint = BTreeMap<(PartnerId, EndpointId), Vec<AttemptOutcome>>;

/// Records attempts.
fn settle(
    tx: &mut Tx<'_>, now: RealTime, results: &[(LeasedDelivery, AttemptResult)],
) -> Result<(Settled, ByEndpoint), StoreError> {
    let step = |(delivery, result): &(LeasedDelivery, AttemptResult)| {
        let pending = DeliveryState::Pending { made: delivery.made, due: now };
        pending.step(result.input)
    };
    let steps = results.iter().map(step).collect::<Result<Vec<_>, _>>()?;
    let recorded = results.iter().zip(&steps);
    let recorded =
        recorded.map(|((delivery, result), step)| Recorded { delivery, step, attempt: &result.attempt });
    let recorded: Vec<_> = recorded.collect();
    let valid = store::deliveries::record_all(tx, &recorded, now)?;
    let mut settled = Settled::default();
    let mut by_endpoint = ByEndpoint::new();
    for (recorded, (_, result)) in recorded.iter().zip(results) {
        let delivery = recorded.delivery;
        if valid.contains(&delivery.id) {
            settled.states.push((delivery.endpoint, *recorded.step.next()));
        }
        // An unreadable delivery says nothing about its endpoint.
        if valid.contains(&delivery.id) && result.input != DeliveryInput::Unreadable {
            by_endpoint.entry((delivery.partner, delivery.endpoint)).or_default().push(outcome(result));
        }
    }
    Ok((settled, by_endpoint))
}

fn outcome(result: &AttemptResult) -> AttemptOutcome {
    match (result.input, result.gone) {
        (DeliveryInput::Succeeded, _) => AttemptOutcome::Accepted,
        (_, true) => AttemptOutcome::Gone,
        (_, false) => AttemptOutcome::Failed,
    }
}

/// The waiting events and deliveries, for the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Events that wait for the fan-out.
    pub events: i64,
    /// Deliveries that are pending.
    pub deliveries: i64,
    /// Creation time of the oldest pending delivery.
    pub oldest: Option<RealTime>,
}

/// Counts the waiting events and deliveries.
pub fn backlog(tx: &mut Tx<'_>) -> Result<Backlog, StoreError> {
    let events = store::outbox::count_waiting(tx)?;
    let (deliveries, oldest) = store::deliveries::pending(tx)?;
    Ok(Backlog { events, deliveries, oldest })
}

/// Some lanes with waiting deliveries, after the lane `last`.
pub fn waiting_lanes(
    tx: &mut Tx<'_>, last: Option<(PartnerId, EndpointId)>,
) -> Result<WaitingLanes, StoreError> {
    store::deliveries::waiting_lanes(tx, last, 100)
}

/// Gives up at most `rows` deliveries of a deleted endpoint's lane; returns their number.
pub fn empty_lane(
    tx: &mut Tx<'_>, now: RealTime, (partner, endpoint): (PartnerId, EndpointId), rows: i64,
) -> Result<u64, StoreError> {
    store::deliveries::fail_some(tx, partner, endpoint, now, rows)
}

/// Some of the endpoints whose whole lane is to change.
pub fn changing_lanes(tx: &mut Tx<'_>) -> Result<Vec<(PartnerId, EndpointId)>, StoreError> {
    store::lane_changes::waiting(tx, 100)
}

/// Takes one step of such a change, of up to `rows` rows; returns the number of rows.
pub fn change_lane(
    tx: &mut Tx<'_>, now: RealTime, (partner, endpoint): (PartnerId, EndpointId), rows: i64,
) -> Result<u64, StoreError> {
    store::lane_changes::step(tx, partner, endpoint, now, rows)
}

/// Rows of a partner that are dropped when their retention ends.
#[derive(Debug, Clone, Copy)]
pub enum Retained {
    /// Events.
    Events,
    /// Attempts of deliveries.
    Attempts,
    /// Deliveries to one endpoint, even if it is deleted.
    Deliveries(EndpointId),
    /// Bodies of deliveries that are gone.
    Bodies,
}

/// All rows of a partner with a retention, in the order in which they are dropped.
pub fn retained(tx: &mut Tx<'_>, partner: PartnerId) -> Result<Vec<Retained>, StoreError> {
    let endpoints = store::deliveries::endpoints_of(tx, partner)?;
    let endpoints = endpoints.into_iter().map(Retained::Deliveries);
    let first = [Retained::Events, Retained::Attempts];
    Ok(first.into_iter().chain(endpoints).chain([Retained::Bodies]).collect())
}

/// Drops up to `rows` rows from before `cutoff`; returns their number.
pub fn purge(
    tx: &mut Tx<'_>, partner: PartnerId, cutoff: RealTime, retained: Retained, rows: i64,
) -> Result<u64, StoreError> {
    match retained {
        Retained::Events => store::outbox::purge(tx, partner, cutoff, rows),
        Retained::Attempts => store::deliveries::purge_attempts(tx, partner, cutoff, rows),
        Retained::Deliveries(endpoint) => store::deliveries::purge(tx, partner, endpoint, cutoff, rows),
        Retained::Bodies => store::deliveries::purge_bodies(tx, partner, cutoff, rows),
    }
}
