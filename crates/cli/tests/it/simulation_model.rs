//! The model of the simulation: the committed state and two nodes.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use app::webhooks::deliveries::{Refill, RefillRequest};
use bytes::Bytes;
use domain::id::{DeliveryId, EndpointId, EventId, PartnerId, ResourceId as _};
use domain::time::RealTime;
use domain::webhook::delivery::{DeliveryInput, DeliveryState};
use domain::webhook::endpoint::{
    Endpoint, EndpointInput, EndpointState, EndpointUpdate, Generation, NewEndpoint,
};
use domain::webhook::signature::Secret;
use server::workers::deliver::LEASE;
use server::workers::deliver::lanes::{Assignment, Lanes};
use store::Stored;
use store::deliveries::{LaneDue, LeasedDelivery};

/// A small random number generator, the same on every machine: splitmix64.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    /// True with a probability of one in `in_all`.
    pub(crate) fn one_in(&mut self, in_all: usize) -> bool {
        self.below(in_all) == 0
    }
}

/// A row of the model store.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) endpoint: EndpointId,
    pub(crate) event: EventId,
    version: i64,
    pub(crate) state: DeliveryState,
    /// The row's moment in the lane: its due time or the end of its lease.
    pub(crate) due: RealTime,
    leased_until: RealTime,
    pub(crate) body: Bytes,
    /// Recorded attempts, independent of the row.
    recorded: u16,
}

/// The committed state.
pub(crate) struct Model {
    pub(crate) now: RealTime,
    pub(crate) partner: PartnerId,
    pub(crate) endpoints: BTreeMap<EndpointId, Stored<Endpoint>>,
    pub(crate) waiting: Vec<EventId>,
    pub(crate) fanned_out: BTreeSet<EventId>,
    pub(crate) rows: BTreeMap<DeliveryId, Row>,
    /// The bodies that arrived at the sinks, by event and endpoint.
    pub(crate) received: HashMap<(EventId, EndpointId), Vec<Bytes>>,
    pub(crate) made: u16,
}

/// One server.
#[derive(Default)]
pub(crate) struct Node {
    pub(crate) lanes: Lanes,
    pub(crate) flying: Vec<Flying>,
    pub(crate) ended: Vec<(LeasedDelivery, DeliveryInput)>,
    pub(crate) look_wanted: bool,
    /// Answers of committed scripts that the node has not received yet, in their order.
    pub(crate) answers: VecDeque<Answer>,
}

/// The answer of a committed script to its node.
pub(crate) enum Answer {
    FannedOut(Vec<(LeasedDelivery, i64)>, Vec<EndpointId>),
    Refilled(Vec<Refill>),
    Recorded(Vec<(EndpointId, RealTime)>),
    Looked(Vec<LaneDue>),
}

/// A request under way.
pub(crate) struct Flying {
    pub(crate) assignment: Assignment,
    pub(crate) arrives: bool,
    pub(crate) succeeds: bool,
}

impl Model {
    pub(crate) fn new() -> Self {
        let now = RealTime::from_seconds(1_780_000_000);
        let partner = PartnerId::new(now, [0; 10]);
        let endpoint = |number: u8| {
            let new = NewEndpoint {
                id: EndpointId::new(now, [number; 10]),
                partner,
                generation: Generation::Reference,
                url: "https://example.com/".into(),
                patterns: Vec::new(),
                description: None,
                secret: Secret::new([1; 32]),
            };
            Stored::new(1, Endpoint::create(new, now.unmoved()).into_value())
        };
        let endpoints = (1..=3).map(endpoint).map(|endpoint| (endpoint.id, endpoint)).collect();
        Self {
            now,
            partner,
            endpoints,
            waiting: Vec::new(),
            fanned_out: BTreeSet::new(),
            rows: BTreeMap::new(),
            received: HashMap::new(),
            made: 0,
        }
    }

    pub(crate) fn happen(&mut self) {
        self.made += 1;
        let [high, low] = self.made.to_be_bytes();
        self.waiting.push(EventId::new(self.now, [high, low, 0, 0, 0, 0, 0, 0, 0, 0]));
    }

    /// Has the effect of `app::webhooks::fan_out::fan_out`, and returns the deliveries that it returns.
    pub(crate) fn fan_out(
        &mut self, room: impl Fn(EndpointId) -> usize,
    ) -> (Vec<(LeasedDelivery, i64)>, Vec<EndpointId>) {
        let (mut leased_now, mut more) = (Vec::new(), Vec::new());
        let mut rooms: HashMap<EndpointId, usize> = HashMap::new();
        for event in std::mem::take(&mut self.waiting) {
            assert!(self.fanned_out.insert(event), "an event is fanned out once");
            for endpoint in self.endpoints.values() {
                let active = endpoint.state == EndpointState::Active;
                let room =
                    rooms.entry(endpoint.id).or_insert_with(|| if active { room(endpoint.id) } else { 0 });
                let leased = *room > 0;
                *room = room.saturating_sub(1);
                let place = u16::try_from(self.rows.len()).unwrap().to_be_bytes();
                let id = DeliveryId::new(self.now, [place[0], place[1], 0, 0, 0, 0, 0, 0, 0, 0]);
                let body = Bytes::from(format!("{event} for {}", endpoint.id));
                let due = if leased { self.now.plus(LEASE) } else { self.now };
                let leased_until = if leased { due } else { RealTime::from_seconds(0) };
                let row = Row {
                    endpoint: endpoint.id,
                    event,
                    version: 1,
                    state: DeliveryState::Pending { made: 0, due },
                    due,
                    leased_until,
                    body,
                    recorded: 0,
                };
                if leased {
                    leased_now.push((row.leased(self.partner, id), endpoint.version()));
                } else if active {
                    more.push(endpoint.id);
                }
                self.rows.insert(id, row);
            }
        }
        (leased_now, more)
    }

    pub(crate) fn is_pending(row: &Row) -> bool {
        matches!(row.state, DeliveryState::Pending { .. })
    }

    /// Has the effect of `app::webhooks::deliveries::refill`, and returns its answer.
    pub(crate) fn refill(&mut self, request: RefillRequest) -> Refill {
        let lane = request.endpoint;
        let endpoint = self.endpoints[&lane].clone();
        if endpoint.state != EndpointState::Active {
            return Refill { lane, endpoint: None, deliveries: Vec::new(), due: None };
        }
        let now = self.now;
        let due = self
            .rows
            .iter()
            .filter(|(_, row)| row.endpoint == lane && Self::is_pending(row) && row.due <= now);
        let mut due: Vec<(RealTime, DeliveryId)> = due.map(|(id, row)| (row.due, *id)).collect();
        due.sort_unstable();
        let mut deliveries = Vec::new();
        for (_, id) in due.into_iter().take(request.room) {
            let row = self.rows.get_mut(&id).unwrap();
            row.version += 1;
            (row.due, row.leased_until) = (now.plus(LEASE), now.plus(LEASE));
            deliveries.push(row.leased(self.partner, id));
        }
        deliveries.sort_unstable_by_key(|delivery| delivery.id);
        Refill { lane, endpoint: Some(Arc::new(endpoint)), deliveries, due: self.lane_due(lane) }
    }

    pub(crate) fn lane_due(&self, lane: EndpointId) -> Option<RealTime> {
        let rows = self.rows.values().filter(|row| row.endpoint == lane && Self::is_pending(row));
        rows.map(|row| row.due).min()
    }

    pub(crate) fn look(&self) -> Vec<LaneDue> {
        let active = self.endpoints.values().filter(|endpoint| endpoint.state == EndpointState::Active);
        let lane = |endpoint: &Stored<Endpoint>| {
            let due = self.lane_due(endpoint.id)?;
            Some(LaneDue { partner: self.partner, endpoint: endpoint.id, version: endpoint.version(), due })
        };
        active.filter_map(lane).collect()
    }

    /// Has the effect of `app::webhooks::deliveries::record`. Returns the next due time of each lane that has one.
    pub(crate) fn record(
        &mut self, results: &[(LeasedDelivery, DeliveryInput)],
    ) -> Vec<(EndpointId, RealTime)> {
        let mut due = Vec::new();
        for (delivery, input) in results {
            let row = self.rows.get_mut(&delivery.id).unwrap();
            if row.version != delivery.version {
                continue;
            }
            let before = DeliveryState::Pending { made: delivery.made, due: self.now };
            row.state = *before.step(*input).unwrap().next();
            row.version += 1;
            row.recorded += 1;
            row.leased_until = RealTime::from_seconds(0);
            if let DeliveryState::Pending { due: next, made } = row.state {
                assert_eq!(made, row.recorded, "an attempt counts once");
                row.due = next;
                due.push((row.endpoint, next));
            }
        }
        due
    }

    /// A partner disables or enables an endpoint.
    pub(crate) fn switch(&mut self, number: usize) {
        let endpoint = self.endpoints.values_mut().nth(number).unwrap();
        let input = match endpoint.state {
            EndpointState::Active => EndpointInput::Disable,
            EndpointState::Disabled(_) => EndpointInput::Enable,
        };
        let update = EndpointUpdate { switch: Some(input), ..EndpointUpdate::default() };
        let switched = Endpoint::clone(endpoint).update(&update, self.now.unmoved()).unwrap();
        *endpoint = Stored::new(endpoint.version() + 1, switched.into_value());
    }
}

impl Row {
    pub(crate) fn leased(&self, partner: PartnerId, id: DeliveryId) -> LeasedDelivery {
        let made = match self.state {
            DeliveryState::Pending { made, .. } => made,
            DeliveryState::Delivered { .. } | DeliveryState::Failed { .. } => {
                unreachable!("only pending deliveries are leased")
            }
        };
        LeasedDelivery {
            cause: domain::cause::Cause::default(),
            partner,
            endpoint: self.endpoint,
            id,
            version: self.version,
            event: self.event,
            made,
            leased_until: self.leased_until,
            body: self.body.clone(),
        }
    }
}
