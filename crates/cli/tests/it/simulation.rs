//! The delivery engine under a seeded scheduler. Two nodes with their real lanes share one model of the store. Any
//! step may fail before or after it takes effect, any node may die, and the clock may move in between.
//!
//! A failing seed is printed and fails again: `SIMULATION_SEED=7 cargo test -p cli --test it simulation`. The number
//! of seeds is `SIMULATION_SEEDS`, by default ten thousand.

use std::collections::HashMap;
use std::time::Duration;

use app::webhooks::deliveries::Refill;
use domain::id::{DeliveryId, EndpointId, PartnerId, ResourceId as _};
use domain::time::RealTime;
use domain::webhook::delivery::{DeliveryInput, DeliveryState};
use domain::webhook::endpoint::EndpointState;
use domain::webhook::retry::MOST_ATTEMPTS;
use server::workers::deliver::lanes::{Lanes, MARGIN, MOST_IN_FLIGHT, Pace, WIDEST};

use crate::machine::number_from_environment;

use crate::simulation_model::{Answer, Dice, Flying, Model, Node, Row};

struct Run {
    model: Model,
    nodes: [Node; 2],
    dice: Dice,
    /// Whether any step may fail now.
    trouble: bool,
    /// Whether there is more work at once than a lane sends at once.
    crowded: bool,
    /// Whether nothing fails from the beginning. Then one node does everything at once and never needs to look.
    calm: bool,
}

impl Run {
    fn of(seed: u64) {
        let mut run = Self {
            model: Model::new(),
            nodes: [Node::default(), Node::default()],
            dice: Dice(seed),
            trouble: seed % 4 != 1,
            crowded: seed.is_multiple_of(100) || seed % 100 == 1,
            calm: seed % 4 == 1,
        };
        let steps = 40 + run.dice.below(160);
        for _ in 0..steps {
            run.step();
            run.check();
        }
        run.come_to_rest();
    }

    fn step(&mut self) {
        let node = if self.calm { 0 } else { self.dice.below(2) };
        match self.dice.below(14) {
            0 if self.crowded && self.model.made < 200 => (0..50).for_each(|_| self.model.happen()),
            0 | 1 if self.model.made < 20 => self.model.happen(),
            2 => self.fan_out(node),
            3 => self.refill(node),
            4 | 5 if self.crowded => (0..50).for_each(|_| self.begin(node)),
            4 | 5 => self.begin(node),
            6 | 7 => self.end(node),
            8 => self.record(node),
            9 if !self.calm => self.look(node),
            10 | 11 => self.receive_answer(node),
            12 if self.trouble => match self.dice.below(6) {
                0 => self.die(node),
                1 => {
                    let endpoint = self.dice.below(3);
                    self.model.switch(endpoint);
                    // The bell wakes the node that received the request. The other node finds the change when it
                    // looks.
                    self.nodes[node].look_wanted = true;
                }
                _ => self.tick(3_000),
            },
            // The step is so short that no lease comes near its end.
            _ if self.calm => self.tick(20),
            _ => self.tick(20_000),
        }
    }

    fn tick(&mut self, most_millis: usize) {
        let millis = self.dice.below(most_millis);
        self.model.now = self.model.now.plus(Duration::from_millis(u64::try_from(millis).unwrap()));
    }

    /// Whether a script fails before it takes effect.
    fn fails(&mut self) -> bool {
        self.trouble && self.dice.one_in(5)
    }

    /// The node dies and loses its memory. Its requests under way may still arrive.
    fn die(&mut self, node: usize) {
        let died = std::mem::take(&mut self.nodes[node]);
        for flying in died.flying {
            self.arrive(&flying);
        }
        self.nodes[node].look_wanted = true;
    }

    fn arrive(&mut self, flying: &Flying) {
        if flying.arrives {
            let delivery = &flying.assignment.delivery;
            let key = (delivery.event, delivery.endpoint);
            self.model.received.entry(key).or_default().push(delivery.body.clone());
        }
    }

    /// A script has committed. Its node may die before it receives the result; otherwise it receives it at a later
    /// step.
    fn committed(&mut self, node: usize, answer: Answer) {
        if self.fails() {
            self.die(node);
        } else {
            self.nodes[node].answers.push_back(answer);
        }
    }

    /// The node receives the result of one script. Results of different scripts come in any order.
    fn receive_answer(&mut self, node: usize) {
        let count = self.nodes[node].answers.len();
        if count == 0 {
            return;
        }
        let which = self.dice.below(count);
        let (now, partner) = (self.model.now, self.model.partner);
        let answer = self.nodes[node].answers.remove(which);
        let lanes = &mut self.nodes[node].lanes;
        match answer {
            Some(Answer::FannedOut(leased, more)) => {
                for (delivery, version) in leased {
                    lanes.add_leased(delivery, version);
                }
                for endpoint in more {
                    lanes.due_at(partner, endpoint, now);
                }
            }
            Some(Answer::Refilled(refills)) => refills.into_iter().for_each(|refill| lanes.refilled(refill)),
            Some(Answer::Recorded(due)) => {
                for (endpoint, due) in due {
                    lanes.due_at(partner, endpoint, due);
                }
            }
            Some(Answer::Looked(found)) => lanes.looked(&found),
            None => {}
        }
    }

    fn fan_out(&mut self, node: usize) {
        if self.fails() {
            return;
        }
        let lanes = &self.nodes[node].lanes;
        let (leased, more) = self.model.fan_out(|endpoint| lanes.room(endpoint));
        self.committed(node, Answer::FannedOut(leased, more));
    }

    fn refill(&mut self, node: usize) {
        let requests = self.nodes[node].lanes.refill_requests(self.model.now);
        if requests.is_empty() {
            return;
        }
        if self.fails() {
            let now = self.model.now;
            return self.nodes[node].lanes.refill_failed(&requests, now);
        }
        let refills: Vec<Refill> = requests.into_iter().map(|request| self.model.refill(request)).collect();
        self.committed(node, Answer::Refilled(refills));
    }

    fn begin(&mut self, node: usize) {
        let Some(assignment) = self.nodes[node].lanes.next(self.model.now) else { return };
        let (now, delivery) = (self.model.now, &assignment.delivery);
        assert!(delivery.leased_until >= now.plus(MARGIN), "the lease is longer than the attempt");
        for other in self.nodes.iter().flat_map(|node| &node.flying) {
            let other = &other.assignment.delivery;
            let both = other.id == delivery.id && other.leased_until > now;
            assert!(!both, "{} is leased twice", delivery.id);
        }
        let row = &self.model.rows[&delivery.id];
        assert_eq!(row.body, delivery.body, "the body is the same for every attempt");
        let trouble = self.trouble && self.dice.one_in(3);
        let arrives = !trouble || self.dice.one_in(2);
        self.nodes[node].flying.push(Flying { assignment, arrives, succeeds: !trouble });
    }

    fn end(&mut self, node: usize) {
        let count = self.nodes[node].flying.len();
        if count == 0 {
            return;
        }
        let which = self.dice.below(count);
        let flying = self.nodes[node].flying.swap_remove(which);
        self.arrive(&flying);
        let jitter = u16::try_from(self.dice.below(65_536)).unwrap();
        let input = if flying.succeeds {
            DeliveryInput::Succeeded
        } else {
            DeliveryInput::AttemptFailed { at: self.model.now, jitter, retry_after: None }
        };
        let pace = match (self.dice.one_in(4), self.dice.one_in(2)) {
            (true, _) => Pace::Slow,
            (false, true) => Pace::Prompt,
            (false, false) => Pace::Quick,
        };
        self.nodes[node].lanes.ended(flying.assignment.delivery.endpoint, pace);
        self.nodes[node].ended.push((flying.assignment.delivery, input));
    }

    fn record(&mut self, node: usize) {
        if self.fails() {
            return;
        }
        let batch = std::mem::take(&mut self.nodes[node].ended);
        let due = self.model.record(&batch);
        self.committed(node, Answer::Recorded(due));
    }

    fn look(&mut self, node: usize) {
        if self.fails() {
            return;
        }
        self.nodes[node].look_wanted = false;
        let found = self.model.look();
        self.committed(node, Answer::Looked(found));
    }

    fn check(&self) {
        for node in &self.nodes {
            assert!(node.lanes.in_flight() <= MOST_IN_FLIGHT);
            let mut by_lane: HashMap<EndpointId, usize> = HashMap::new();
            for flying in &node.flying {
                *by_lane.entry(flying.assignment.delivery.endpoint).or_default() += 1;
            }
            assert!(by_lane.values().all(|count| *count <= WIDEST), "a lane has a limit of requests");
        }
    }

    /// Failures end. Everything must arrive within the time of all attempts.
    fn come_to_rest(&mut self) {
        self.trouble = false;
        for number in 0..3 {
            if self.model.endpoints.values().nth(number).unwrap().state != EndpointState::Active {
                self.model.switch(number);
            }
        }
        for node in &mut self.nodes {
            node.look_wanted = true;
        }
        let mut rounds = 0;
        while self.model.rows.values().any(Model::is_pending) || !self.model.waiting.is_empty() {
            rounds += 1;
            assert!(rounds < 2_000, "the run does not come to rest: {:?}", self.stuck());
            let moment = self.model.now;
            for node in 0..if self.calm { 1 } else { 2 } {
                self.fan_out(node);
                // A node looks every thirty seconds, and on request. Without failures it never needs to.
                if !self.calm && (rounds % 4 == 0 || self.nodes[node].look_wanted) {
                    self.look(node);
                }
                self.refill(node);
                while !self.nodes[node].answers.is_empty() {
                    self.receive_answer(node);
                }
                for _ in 0..80 {
                    self.begin(node);
                }
                while !self.nodes[node].flying.is_empty() {
                    self.end(node);
                }
                self.record(node);
                self.check();
            }
            if self.calm {
                assert!(rounds < 200, "something due was forgotten: {:?}", self.stuck());
            } else if self.model.now == moment {
                let dues = self.model.rows.values().filter(|row| Model::is_pending(row)).map(|row| row.due);
                let next = dues.min().unwrap_or(moment).max(moment.plus(Duration::from_secs(8)));
                self.model.now = next.min(moment.plus(Duration::from_secs(3_600)));
            }
        }
        self.judge();
    }

    fn stuck(&self) -> Vec<(&DeliveryId, &Row)> {
        self.model.rows.iter().filter(|(_, row)| Model::is_pending(row)).take(3).collect()
    }

    fn judge(&self) {
        let model = &self.model;
        assert_eq!(
            model.rows.len(),
            model.fanned_out.len() * model.endpoints.len(),
            "each event has one delivery for each endpoint"
        );
        for (id, row) in &model.rows {
            let received = model.received.get(&(row.event, row.endpoint));
            assert!(
                received.into_iter().flatten().all(|body| *body == row.body),
                "{id}: all bodies are equal"
            );
            match row.state {
                DeliveryState::Delivered { .. } => {
                    assert!(received.is_some(), "{id} is delivered, so it was received");
                }
                DeliveryState::Failed { made } => {
                    assert_eq!(made, MOST_ATTEMPTS, "{id} failed after all attempts");
                }
                DeliveryState::Pending { .. } => unreachable!("no delivery is pending"),
            }
        }
        assert!(self.nodes.iter().all(|node| node.lanes.in_flight() == 0));
    }
}

#[test]
fn every_event_arrives_or_fails_visibly_whatever_fails_between_two_nodes() {
    if let Some(seed) = number_from_environment("SIMULATION_SEED") {
        return Run::of(seed);
    }
    for seed in 0..number_from_environment("SIMULATION_SEEDS").unwrap_or(10_000) {
        let run = std::panic::catch_unwind(|| Run::of(seed));
        assert!(run.is_ok(), "seed {seed} fails; SIMULATION_SEED={seed} repeats it");
    }
}

/// Many lanes with long backlogs, more than are refilled at once, do not delay the turn of another lane.
#[test]
fn lanes_are_refilled_in_turn() {
    let (now, partner) =
        (RealTime::from_seconds(1_780_000_000), PartnerId::new(RealTime::from_seconds(1), [0; 10]));
    let mut lanes = Lanes::default();
    let endpoint = |number: u8| EndpointId::new(now, [number; 10]);
    for number in 0..100 {
        // The longest backlog is due first.
        lanes.due_at(partner, endpoint(number), now.minus(Duration::from_secs(1_000 - u64::from(number))));
    }
    let newest = endpoint(99);
    let mut rounds = 0;
    loop {
        rounds += 1;
        assert!(rounds <= 100 / 16 + 1, "the newest lane gets no turn");
        let requests = lanes.refill_requests(now);
        if requests.iter().any(|request| request.endpoint == newest) {
            return;
        }
        // After each refill all these lanes have as many due deliveries again.
        lanes.refill_failed(&requests, now.minus(Duration::from_secs(2_000)));
    }
}
