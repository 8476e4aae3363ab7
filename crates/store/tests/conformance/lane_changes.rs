//! Changes of all deliveries of an endpoint. They run in steps of limited size, and a crash may follow each step.

use domain::id::{EndpointId, PartnerId};
use domain::webhook::delivery::{Attempt, DeliveryInput, DeliveryState};
use store::deliveries::{LeasedDelivery, NewDelivery, Recorded};
use store::{Store, StoreError, Tx};

use crate::aggregates::{at, delivery, endpoint, on_both_with_partner, partner, real};
use crate::{Bench, on_both};

/// Most rows of a step in these tests.
const ROWS: i64 = 10;
/// Deliveries of each kind in a lane.
const EACH: usize = 15;
/// Moments of a lane's deliveries: waiting ones are due at 500, and leases end at 600.
const WAITS_UNTIL: i64 = 500;
const LEASED_UNTIL: i64 = 600;

/// A lane with failed, waiting, due, leased and delivered deliveries, the kinds in turn.
struct Laden {
    partner: PartnerId,
    endpoint: EndpointId,
}

/// Records that deliveries have arrived.
fn arrive(tx: &mut Tx<'_>, in_flight: &[LeasedDelivery]) -> Result<(), StoreError> {
    let (started_at, outcome) = (real(2), "delivered".into());
    let attempt = Attempt { started_at, duration_ms: 1, status: Some(204), outcome, answer: String::new() };
    let step = DeliveryState::Pending { made: 0, due: real(1) }.step(DeliveryInput::Succeeded)?;
    let results: Vec<_> =
        in_flight.iter().map(|delivery| Recorded { delivery, step: &step, attempt: &attempt }).collect();
    assert_eq!(store::deliveries::record_all(tx, &results, real(3))?.len(), in_flight.len());
    Ok(())
}

impl Laden {
    fn new(bench: &Bench, partner: PartnerId) -> Self {
        let endpoint = bench
            .write(move |tx| {
                let made = endpoint(tx, partner);
                let made = store::webhook_endpoints::insert(tx, made)?;
                let mut in_flight = Vec::new();
                for place in 0..EACH {
                    in_flight.push(Self::put(tx, partner, made.id, place)?);
                }
                // These are delivered. Their leases last until that is recorded.
                arrive(tx, &in_flight)?;
                Ok(made.id)
            })
            .unwrap();
        Self { partner, endpoint }
    }

    /// Inserts one delivery of each kind. Returns the one that will be delivered.
    fn put(
        tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId, place: usize,
    ) -> Result<LeasedDelivery, store::StoreError> {
        let one = |tx: &mut Tx<'_>, kind: usize| delivery(tx, endpoint, place * 5 + kind);
        let failed = NewDelivery { body: None, ..one(tx, 0) };
        let waiting = NewDelivery { event_type: "loan.finished", ..one(tx, 1) };
        let due = one(tx, 2);
        let leased = NewDelivery { leased_until: Some(real(LEASED_UNTIL)), ..one(tx, 3) };
        let in_flight = NewDelivery { leased_until: Some(real(LEASED_UNTIL)), ..one(tx, 4) };
        let lease = LeasedDelivery {
            cause: domain::cause::Cause::default(),
            partner,
            endpoint,
            id: in_flight.id,
            version: 1,
            event: in_flight.event,
            made: 0,
            leased_until: real(LEASED_UNTIL),
            body: in_flight.body.clone().unwrap(),
        };
        store::deliveries::insert_all(tx, partner, &[failed, waiting], real(1), real(WAITS_UNTIL))?;
        store::deliveries::insert_all(tx, partner, &[due, leased, in_flight], real(1), real(1))?;
        Ok(lease)
    }

    fn step(&self, store: &Store, moment: i64) -> u64 {
        let (partner, endpoint) = (self.partner, self.endpoint);
        let step = move |tx: &mut Tx<'_>| {
            assert_eq!(store::lane_changes::waiting(tx, 10)?, [(partner, endpoint)]);
            store::lane_changes::step(tx, partner, endpoint, real(moment), ROWS)
        };
        store.write_blocking(step).unwrap()
    }

    /// The number of the lane's deliveries by state and version. Also the largest number of rows that changed at one
    /// moment, from moment 100 on.
    fn counts(&self, bench: &Bench) -> (Vec<(String, i64, i64)>, i64) {
        let (partner, endpoint) = (self.partner.to_string(), self.endpoint.to_string());
        let read = move |tx: &mut Tx<'_>| {
            let of = format!("from deliveries where partner_id = '{partner}' and endpoint_id = '{endpoint}'");
            let states = tx.query(
                &format!(
                    "select state, version, count(*) {of} group by state, version order by state, version"
                ),
                &[],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )?;
            let most = format!(
                "select coalesce(max(changed), 0) from (select count(*) as changed {of} and updated_at >= {} \
                 group by updated_at) as moments",
                at(100).micros()
            );
            Ok((states, tx.query_one(&most, &[], |row| row.get(0))?))
        };
        bench.write(read).unwrap()
    }

    fn recover(&self, bench: &Bench, since: i64) {
        let (partner, endpoint) = (self.partner, self.endpoint);
        bench.write(move |tx| store::lane_changes::recover(tx, partner, endpoint, real(since))).unwrap();
    }
}

fn state(name: &str, version: i64, count: usize) -> (String, i64, i64) {
    (name.to_owned(), version, i64::try_from(count).unwrap())
}

fn none_waits(bench: &Bench) {
    assert_eq!(bench.write(|tx| store::lane_changes::waiting(tx, 10)).unwrap(), []);
}

#[test]
fn a_recovery_runs_in_small_steps_and_continues_after_a_crash() {
    on_both(|bench| {
        let lane = Laden::new(bench, partner(bench));
        let (partner, endpoint) = (lane.partner, lane.endpoint);
        let count = move |since, now| {
            move |tx: &mut Tx<'_>| {
                store::lane_changes::count_undelivered(tx, partner, endpoint, real(since), real(now))
            }
        };
        assert_eq!(bench.write(count(0, 100)).unwrap(), 3 * EACH as u64, "leased deliveries are not counted");
        assert_eq!(bench.write(count(0, LEASED_UNTIL)).unwrap(), 4 * EACH as u64);
        assert_eq!(bench.write(count(2, 100)).unwrap(), 0);
        lane.recover(bench, 2);
        assert_eq!(lane.step(&bench.store, 100), 0, "no delivery is so new");
        none_waits(bench);
        lane.recover(bench, 0);
        // Each step may run in another process.
        let undelivered = 4 * EACH as u64;
        let (mut moment, mut in_flight) = (100, 0);
        while in_flight < undelivered {
            let node = bench.second_node();
            let went = lane.step(&node, moment);
            assert!(went <= ROWS.unsigned_abs());
            (moment, in_flight) = (moment + 1, in_flight + went);
        }
        assert_eq!(lane.step(&bench.store, moment), 0);
        none_waits(bench);
        let (states, most) = lane.counts(bench);
        // Due and leased deliveries have not changed. Each of the others has changed once.
        assert_eq!(
            states,
            [state("delivered", 2, EACH), state("pending", 1, 2 * EACH), state("pending", 2, 2 * EACH),]
        );
        assert!((1..=ROWS).contains(&most), "{most} rows in one transaction");
        let leased =
            bench.write(move |tx| store::deliveries::lease(tx, partner, endpoint, real(200), real(700), 100));
        assert_eq!(
            leased.unwrap().unreadable.len() + 2 * EACH,
            3 * EACH,
            "a missing body is found when the delivery is sent"
        );
    });
}

#[test]
fn a_second_recovery_request_continues_the_first_one() {
    on_both(|bench| {
        let lane = Laden::new(bench, partner(bench));
        lane.recover(bench, 0);
        assert_eq!((lane.step(&bench.store, 100), lane.step(&bench.store, 101)), (10, 10));
        // A later moment does not exclude deliveries of the first request.
        lane.recover(bench, 2);
        let mut steps = 0;
        while lane.step(&bench.store, 102 + steps) == 10 {
            steps += 1;
        }
        assert_eq!(steps, 4, "60 rows are left after two steps of 10");
        none_waits(bench);
        // Another request with the same moment begins again, and finds nothing to change.
        let before = lane.counts(bench);
        lane.recover(bench, 0);
        lane.step(&bench.store, 200);
        lane.recover(bench, 0);
        let mut steps = 1;
        while lane.step(&bench.store, 200 + steps) == 10 {
            steps += 1;
        }
        assert_eq!((steps, lane.counts(bench)), (7, before));
    });
}

#[test]
fn a_deleted_endpoints_deliveries_fail_in_small_steps_also_after_a_crash() {
    on_both_with_partner(|bench, ours| {
        let (lane, kept) = (Laden::new(bench, ours), Laden::new(bench, ours));
        let (partner, id) = (lane.partner, lane.endpoint);
        // A recovery under way ends with its endpoint.
        lane.recover(bench, 0);
        lane.step(&bench.store, 90);
        bench
            .write(move |tx| {
                let found = store::webhook_endpoints::find(tx, partner, id)?.unwrap();
                store::webhook_endpoints::delete(tx, &found)?;
                store::lane_changes::give_up(tx, partner, id)
            })
            .unwrap();
        let mut moment = 100;
        while lane.step(&bench.second_node(), moment) == 10 {
            moment += 1;
        }
        none_waits(bench);
        let (states, most) = lane.counts(bench);
        assert!(states.iter().all(|(state, ..)| state != "pending"), "{states:?}");
        assert!((1..=ROWS).contains(&most), "{most} rows in one transaction");
        assert!(
            kept.counts(bench).0.contains(&state("pending", 1, 3 * EACH)),
            "the other lane's deliveries still wait"
        );
        let again = bench.write(move |tx| store::lane_changes::give_up(tx, partner, id));
        again.unwrap();
        none_waits(bench);
    });
}

#[test]
fn deliveries_that_wait_for_an_endpoint_become_due_in_small_steps() {
    on_both(|bench| {
        let lane = Laden::new(bench, partner(bench));
        let (partner, endpoint) = (lane.partner, lane.endpoint);
        let resume = |moment| {
            let resume = move |tx: &mut Tx<'_>| {
                store::lane_changes::resume_some(tx, partner, endpoint, real(moment), ROWS)
            };
            bench.write(resume).unwrap()
        };
        assert_eq!([resume(100), resume(101), resume(102)], [10, 5, 0]);
        let (states, most) = lane.counts(bench);
        assert_eq!(
            states,
            [
                state("delivered", 2, EACH),
                state("failed", 1, EACH),
                state("pending", 1, 2 * EACH),
                state("pending", 2, EACH),
            ]
        );
        assert_eq!(most, ROWS);
    });
}

/// A late answer is recorded while another node changes the lane. The step waits for the row and then leaves it as
/// recorded.
#[test]
fn a_delivery_that_arrives_during_a_step_stays_delivered() {
    let Some(bench) = Bench::postgres() else { return };
    for deleted in [false, true] {
        let ours = partner(&bench);
        let in_flight = bench.write(move |tx| {
            let new = endpoint(tx, ours);
            let made = new.value().clone();
            if !deleted {
                store::webhook_endpoints::insert(tx, new)?;
            }
            let one = NewDelivery { leased_until: Some(real(10)), ..delivery(tx, made.id, 0) };
            store::deliveries::insert_all(tx, ours, std::slice::from_ref(&one), real(1), real(1))?;
            if deleted {
                store::lane_changes::give_up(tx, ours, made.id)?;
            } else {
                store::lane_changes::recover(tx, ours, made.id, real(0))?;
            }
            Ok(LeasedDelivery {
                cause: domain::cause::Cause::default(),
                partner: ours,
                endpoint: made.id,
                id: one.id,
                version: 1,
                event: one.event,
                made: 0,
                leased_until: real(10),
                body: "{}".into(),
            })
        });
        let in_flight = in_flight.unwrap();
        let (endpoint, id) = (in_flight.endpoint, in_flight.id);
        let other = bench.second_node();
        std::thread::scope(|scope| {
            let (recorded, is_recorded) = std::sync::mpsc::channel();
            let step = scope.spawn(move || {
                is_recorded.recv().unwrap();
                let step =
                    move |tx: &mut Tx<'_>| store::lane_changes::step(tx, ours, endpoint, real(100), ROWS);
                other.write_blocking(step).unwrap()
            });
            let record = move |tx: &mut Tx<'_>| {
                arrive(tx, std::slice::from_ref(&in_flight))?;
                recorded.send(()).unwrap();
                let waits = "select count(*) from pg_locks where not granted and database = \
                             (select oid from pg_database where datname = current_database()) \
                             or locktype = 'transactionid' and not granted";
                while tx.query_one(waits, &[], |row| row.get::<i64>(0))? == 0 {
                    std::thread::yield_now();
                }
                Ok::<_, store::StoreError>(())
            };
            bench.store.write_blocking(record).unwrap();
            step.join().unwrap();
        });
        let found = bench.write(move |tx| store::deliveries::find(tx, ours, endpoint, id)).unwrap().unwrap();
        assert_eq!(found.state, DeliveryState::Delivered { made: 1 }, "deleted: {deleted}");
    }
}
