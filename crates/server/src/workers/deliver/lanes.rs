//! The lanes of the sender: one per endpoint, each with a limited number of requests under way and a short queue.
//! They are served in turn. Nothing here waits, reads a clock or draws a random number, so a simulation can drive it.
//!
//! The deliveries in a lane are leased in the store. The others remain in the store, and the lane knows the next due
//! time.
//!
//! Reasons: docs/decisions/0010.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use app::Stored;
use app::webhooks::deliveries::{LaneDue, LeasedDelivery, Refill, RefillRequest};
use domain::id::{EndpointId, PartnerId};
use domain::time::RealTime;
use domain::webhook::endpoint::Endpoint;

/// Most requests under way in all lanes.
pub const MOST_IN_FLIGHT: usize = 2_048;
/// Most requests under way in one lane. A lane reaches it if its endpoint answers quickly, but not at once.
pub const WIDEST: usize = 32;
/// Fewest requests under way that a slow endpoint still gets.
pub const NARROWEST: usize = 4;
/// First number of requests under way in a lane. An endpoint that answers at once keeps it.
const FIRST: usize = 16;
/// Most deliveries that a lane leases in addition to its requests under way, unless it is slow.
const AHEAD: usize = 256;
/// Most deliveries in the queues of all lanes.
const MOST_QUEUED: usize = 4_096;
/// Most lanes that are refilled in one transaction.
const MOST_REFILLS: usize = 16;
/// Shortest rest of a lease at the start of an attempt: five seconds for the request, and time to record it.
pub const MARGIN: Duration = Duration::from_secs(8);

/// A delivery to send now.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The delivery.
    pub delivery: LeasedDelivery,
    /// The endpoint, with its URL and its signing secrets.
    pub endpoint: Arc<Stored<Endpoint>>,
}

/// The speed of an endpoint's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// So quickly that more requests at once would gain nothing. Each request under way holds a connection.
    Prompt,
    /// Quickly enough for more requests at once.
    Quick,
    /// So slowly that it gets fewer requests at once.
    Slow,
}

/// Every lane with work.
#[derive(Debug, Default)]
pub struct Lanes {
    by_endpoint: HashMap<EndpointId, Lane>,
    /// Lanes that could send, in the order of their turns.
    turns: VecDeque<EndpointId>,
    /// The next due time of each lane in the store.
    dues: BTreeSet<(RealTime, EndpointId)>,
    /// Lanes whose endpoint must be read before they send.
    unread: HashSet<EndpointId>,
    in_flight: usize,
    queued: usize,
    /// The number of refills so far.
    refills: u64,
}

#[derive(Debug)]
struct Lane {
    partner: PartnerId,
    endpoint: Option<Arc<Stored<Endpoint>>>,
    /// The newest known version of the endpoint. An older version is not used.
    newest: i64,
    queue: VecDeque<LeasedDelivery>,
    in_flight: usize,
    window: usize,
    due: Option<RealTime>,
    refilling: bool,
    /// The number of its last refill.
    last_refill: u64,
    in_turn: bool,
}

impl Lane {
    fn of(partner: PartnerId) -> Self {
        Self {
            partner,
            endpoint: None,
            newest: 0,
            queue: VecDeque::new(),
            in_flight: 0,
            window: FIRST,
            due: None,
            refilling: false,
            last_refill: 0,
            in_turn: false,
        }
    }

    /// The deliveries to lease in addition. A narrow lane leases none, because its queue would outlast the leases.
    fn ahead(&self) -> usize {
        if self.window < FIRST { 0 } else { AHEAD }
    }

    fn room(&self) -> usize {
        (self.window + self.ahead()).saturating_sub(self.in_flight + self.queue.len())
    }

    fn note_version(&mut self, version: i64) {
        self.newest = self.newest.max(version);
        self.endpoint.take_if(|endpoint| endpoint.version() < version);
    }

    fn can_send(&self) -> bool {
        !self.queue.is_empty() && self.in_flight < self.window && self.endpoint.is_some()
    }

    fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.in_flight == 0 && self.due.is_none() && !self.refilling
    }

    /// Whether the lane needs enough for a query. Not every free place does.
    fn needs_refill(&self) -> bool {
        !self.refilling && self.queue.len() <= self.ahead() / 2 && self.room() > 0
    }
}

impl Lanes {
    /// The free places of a lane.
    pub fn room(&self, endpoint: EndpointId) -> usize {
        let room = self.by_endpoint.get(&endpoint).map_or(FIRST + AHEAD, Lane::room);
        room.min(MOST_QUEUED.saturating_sub(self.queued))
    }

    /// The number of requests under way.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Whether a lane may be refilled. If all queues are full, it must wait for a request to end.
    fn may_refill(&self, endpoint: EndpointId) -> bool {
        self.queued < MOST_QUEUED && self.by_endpoint.get(&endpoint).is_some_and(Lane::needs_refill)
    }

    fn lane(&mut self, partner: PartnerId, endpoint: EndpointId) -> &mut Lane {
        self.by_endpoint.entry(endpoint).or_insert_with(|| Lane::of(partner))
    }

    /// Adds a delivery that is already leased, for an endpoint of this version.
    pub fn add_leased(&mut self, delivery: LeasedDelivery, version: i64) {
        let id = delivery.endpoint;
        self.queued += 1;
        let lane = self.lane(delivery.partner, id);
        lane.queue.push_back(delivery);
        lane.note_version(version);
        if lane.endpoint.is_none() {
            self.unread.insert(id);
        }
        self.offer_turn(id);
    }

    /// Notes that a lane has something due in the store at this moment.
    pub fn due_at(&mut self, partner: PartnerId, endpoint: EndpointId, due: RealTime) {
        let lane = self.lane(partner, endpoint);
        if lane.due.is_none_or(|before| due < before) {
            let before = lane.due.replace(due);
            if let Some(before) = before {
                self.dues.remove(&(before, endpoint));
            }
            self.dues.insert((due, endpoint));
        }
    }

    fn forget_due(&mut self, endpoint: EndpointId) {
        if let Some(due) = self.by_endpoint.get_mut(&endpoint).and_then(|lane| lane.due.take()) {
            self.dues.remove(&(due, endpoint));
        }
    }

    /// Adds the result of a look at the store. A changed endpoint is read again before its lane sends.
    pub fn looked(&mut self, found: &[LaneDue]) {
        let versions: HashMap<EndpointId, i64> =
            found.iter().map(|lane| (lane.endpoint, lane.version)).collect();
        for (id, lane) in &mut self.by_endpoint {
            match versions.get(id) {
                Some(version) => lane.note_version(*version),
                // The endpoint may have been disabled or deleted.
                None => lane.endpoint = None,
            }
            if lane.endpoint.is_none() && !lane.queue.is_empty() {
                self.unread.insert(*id);
            }
        }
        for lane in found {
            self.due_at(lane.partner, lane.endpoint, lane.due);
        }
        self.by_endpoint.retain(|_, lane| !lane.is_idle() || lane.endpoint.is_some());
    }

    /// Lanes to refill, some at a time, in turn. A lane with a long backlog is named again only after the others. A
    /// lane is not named again until its refill has come ([`refilled`](Self::refilled)) or
    /// [failed](Self::refill_failed).
    pub fn refill_requests(&mut self, now: RealTime) -> Vec<RefillRequest> {
        let due = self.dues.iter().take_while(|(due, _)| *due <= now).map(|(_, endpoint)| *endpoint);
        let due = due.filter(|endpoint| self.may_refill(*endpoint));
        let lane = |endpoint: EndpointId| self.by_endpoint.get(&endpoint);
        let unread = self.unread.iter().copied();
        let unread = unread.filter(|endpoint| lane(*endpoint).is_some_and(|lane| !lane.refilling));
        let chosen: HashSet<EndpointId> = unread.chain(due).collect();
        let mut chosen: Vec<EndpointId> = chosen.into_iter().collect();
        chosen.sort_unstable_by_key(|endpoint| lane(*endpoint).map(|lane| (lane.last_refill, *endpoint)));
        chosen.truncate(MOST_REFILLS);
        let mut requests = Vec::with_capacity(chosen.len());
        for endpoint in chosen {
            let room = self.room(endpoint);
            if let Some(lane) = self.by_endpoint.get_mut(&endpoint) {
                self.refills += 1;
                lane.last_refill = self.refills;
                lane.refilling = true;
                let is_due = lane.due.is_some_and(|due| due <= now);
                let room = if is_due { room } else { 0 };
                requests.push(RefillRequest { partner: lane.partner, endpoint, room });
                // From here on the refill decides. Anything that falls due after it has read is noted again.
                self.forget_due(endpoint);
            }
        }
        requests
    }

    /// Adds the deliveries of a refill to their lane.
    pub fn refilled(&mut self, refill: Refill) {
        let Refill { lane: id, endpoint, deliveries, due } = refill;
        let Some(lane) = self.by_endpoint.get_mut(&id) else { return };
        let partner = lane.partner;
        lane.refilling = false;
        if let Some(endpoint) = endpoint {
            self.queued += deliveries.len();
            lane.queue.extend(deliveries);
            // An endpoint that has changed since the read is read once more.
            if endpoint.version() >= lane.newest {
                lane.newest = endpoint.version();
                lane.endpoint = Some(endpoint);
                self.unread.remove(&id);
            }
            self.offer_turn(id);
        } else {
            self.close(id);
        }
        if let Some(due) = due {
            self.due_at(partner, id, due);
        }
    }

    /// Takes lanes back that could not be refilled. Their deliveries are still due.
    pub fn refill_failed(&mut self, requests: &[RefillRequest], now: RealTime) {
        for RefillRequest { partner, endpoint, .. } in requests {
            self.due_at(*partner, *endpoint, now);
            if let Some(lane) = self.by_endpoint.get_mut(endpoint) {
                lane.refilling = false;
            }
        }
    }

    /// Empties a lane whose endpoint receives nothing any longer. Its leased deliveries wait in the store.
    pub fn close(&mut self, endpoint: EndpointId) {
        if let Some(lane) = self.by_endpoint.get_mut(&endpoint) {
            self.queued -= lane.queue.len();
            lane.queue.clear();
            lane.endpoint = None;
        }
        self.unread.remove(&endpoint);
        self.forget_due(endpoint);
    }

    /// Removes everything from the queues, for a server that stops.
    pub fn emptied(&mut self) -> Vec<LeasedDelivery> {
        self.queued = 0;
        self.by_endpoint.values_mut().flat_map(|lane| std::mem::take(&mut lane.queue)).collect()
    }

    /// The next delivery to send, from the lane whose turn it is. If its lease is too short for the attempt, it is
    /// left in the store for the next lease.
    pub fn next(&mut self, now: RealTime) -> Option<Assignment> {
        while self.in_flight < MOST_IN_FLIGHT {
            let id = self.turns.pop_front()?;
            let Some(lane) = self.by_endpoint.get_mut(&id) else { continue };
            lane.in_turn = false;
            if !lane.can_send() {
                continue;
            }
            let (Some(delivery), Some(endpoint)) = (lane.queue.pop_front(), lane.endpoint.clone()) else {
                continue;
            };
            self.queued -= 1;
            let partner = lane.partner;
            if delivery.leased_until < now.plus(MARGIN) {
                self.due_at(partner, id, delivery.leased_until);
                self.offer_turn(id);
                continue;
            }
            lane.in_flight += 1;
            self.in_flight += 1;
            self.offer_turn(id);
            return Some(Assignment { delivery, endpoint });
        }
        None
    }

    fn offer_turn(&mut self, endpoint: EndpointId) {
        if let Some(lane) = self.by_endpoint.get_mut(&endpoint)
            && lane.can_send()
            && !lane.in_turn
        {
            lane.in_turn = true;
            self.turns.push_back(endpoint);
        }
    }

    /// Notes that a request has ended.
    pub fn ended(&mut self, endpoint: EndpointId, pace: Pace) {
        let Some(lane) = self.by_endpoint.get_mut(&endpoint) else { return };
        lane.in_flight -= 1;
        self.in_flight -= 1;
        lane.window = match pace {
            Pace::Prompt if lane.window < FIRST => lane.window + 1,
            Pace::Prompt if lane.window > FIRST => lane.window - 1,
            Pace::Prompt => FIRST,
            Pace::Quick => (lane.window + 1).min(WIDEST),
            Pace::Slow => (lane.window / 2).max(NARROWEST),
        };
        self.offer_turn(endpoint);
    }

    /// The next due time of a lane that has room for a refill.
    pub fn next_due(&self) -> Option<RealTime> {
        let mut dues = self.dues.iter();
        dues.find(|(_, endpoint)| self.may_refill(*endpoint)).map(|(due, _)| *due)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use domain::id::{DeliveryId, EventId, ResourceId as _};
    use domain::webhook::endpoint::{Generation, NewEndpoint};
    use domain::webhook::signature::Secret;

    use super::*;

    const NOW: RealTime = RealTime::from_seconds(1_767_225_600);

    /// A test lane with one endpoint, for its window after a number of answers at one pace.
    struct Bench {
        lanes: Lanes,
        partner: PartnerId,
        endpoint: EndpointId,
    }

    impl Bench {
        fn new() -> Self {
            let (partner, endpoint) = (PartnerId::new(NOW, [1; 10]), EndpointId::new(NOW, [2; 10]));
            let mut bench = Self { lanes: Lanes::default(), partner, endpoint };
            bench.lanes.due_at(partner, endpoint, NOW);
            let requests = bench.lanes.refill_requests(NOW);
            assert_eq!(requests.len(), 1);
            let new = NewEndpoint {
                id: endpoint,
                partner,
                generation: Generation::Reference,
                url: "https://example.com/".into(),
                patterns: Vec::new(),
                secret: Secret::new([3; 32]),
                description: None,
            };
            let read = Endpoint::create(new, NOW.unmoved()).into_value();
            let read = Stored::new(1, read);
            let refill =
                Refill { lane: endpoint, endpoint: Some(Arc::new(read)), deliveries: Vec::new(), due: None };
            bench.lanes.refilled(refill);
            bench
        }

        fn window_after(&mut self, answers: usize, pace: Pace) -> usize {
            for _ in 0..answers {
                self.fill();
                self.lanes.ended(self.endpoint, pace);
            }
            self.fill();
            self.lanes.in_flight()
        }

        /// Sends until the lane's window is full.
        fn fill(&mut self) {
            loop {
                let delivery = LeasedDelivery {
                    cause: domain::cause::Cause::default(),
                    partner: self.partner,
                    endpoint: self.endpoint,
                    id: DeliveryId::new(NOW, [4; 10]),
                    version: 1,
                    event: EventId::new(NOW, [5; 10]),
                    made: 0,
                    leased_until: NOW.plus(Duration::from_secs(30)),
                    body: Bytes::new(),
                };
                if self.lanes.queued == 0 {
                    self.lanes.add_leased(delivery, 1);
                }
                if self.lanes.next(NOW).is_none() {
                    return;
                }
            }
        }
    }

    #[test]
    fn an_endpoint_gets_more_requests_at_once_only_if_it_does_not_answer_at_once() {
        let mut bench = Bench::new();
        assert_eq!(bench.window_after(100, Pace::Prompt), FIRST);
        assert_eq!(bench.window_after(100, Pace::Quick), WIDEST);
        assert_eq!(bench.window_after(100, Pace::Prompt), FIRST);
    }

    #[test]
    fn a_slow_endpoint_that_recovers_returns_to_the_first_window() {
        let mut bench = Bench::new();
        let slow = |bench: &mut Bench| {
            for _ in 0..2 {
                bench.fill();
                bench.lanes.ended(bench.endpoint, Pace::Slow);
            }
        };
        slow(&mut bench);
        assert_eq!(bench.lanes.by_endpoint[&bench.endpoint].window, NARROWEST);
        bench.window_after(100, Pace::Prompt);
        assert_eq!(bench.lanes.by_endpoint[&bench.endpoint].window, FIRST);
    }
}
