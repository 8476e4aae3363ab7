//! Events, deliveries, claims and credentials under races.

use std::time::Duration;

use domain::credential::{ClientId, Credential, CredentialState, CredentialTerms, Environment, Scope};
use domain::customer::CustomerEvent;
use domain::event::DomainEvent;
use domain::webhook::delivery::{Attempt, DeliveryInput, DeliveryState};
use domain::webhook::endpoint::EndpointInput;
use store::deliveries::NewDelivery;
use store::idempotency::{Claim, StoredAnswer};
use store::outbox::Waiting;
use store::{StoreError, Tx};

use super::{at, delivery, endpoint, inserted, on_both_with_partner, real, switched};

#[test]
fn events_wait_in_order_until_they_are_fanned_out() {
    on_both_with_partner(|bench, ours| {
        let file = inserted(bench, ours, 529_982_247, "Ana", 1);
        let kinds = [
            CustomerEvent::Created,
            CustomerEvent::KycUpdated,
            CustomerEvent::UnderReview,
            CustomerEvent::Active,
        ];
        let domain_events: Vec<_> =
            kinds.iter().map(|kind| DomainEvent::Customer(*kind, Box::new(file.clone()))).collect();
        let expected = domain_events.clone();
        bench.write(move |tx| store::outbox::append(tx, ours, at(7), domain_events.clone())).unwrap();
        let waiting = || bench.write(move |tx| store::outbox::waiting(tx, ours, 10)).unwrap();
        let opened = |waiting: Waiting| bench.write(move |tx| waiting.open(tx)).unwrap();
        let read: Vec<_> = waiting().into_iter().map(|waiting| opened(waiting).unwrap()).collect();
        assert_eq!(read.iter().map(|event| event.domain_event.clone()).collect::<Vec<_>>(), expected);
        assert!(read.iter().all(|event| event.occurred_at == at(7)));
        crate::feed::give_places(bench, ours, 2);
        assert_eq!(bench.write(store::outbox::count_waiting).unwrap(), 2);
        // A damaged row is reported apart and does not hold up the others.
        let damaged = read[2].id;
        let damage = move |tx: &mut Tx<'_>| {
            let sql = "update events set sealed = $3 where partner_id = $1 and id = $2";
            tx.execute_one(sql, store::args![ours, damaged, vec![7_u8; 40]])
        };
        bench.write(damage).unwrap();
        let [third, fourth] = waiting().try_into().unwrap();
        assert_eq!((third.id, third.kind.as_str()), (damaged, "customer_under_review"));
        let third = opened(third);
        assert!(matches!(third, Err(StoreError::Corrupt(_))), "{third:?}");
        assert_eq!(opened(fourth).as_ref(), Ok(&read[3]));
    });
}

#[test]
fn a_lost_lease_records_nothing() {
    on_both_with_partner(|bench, ours| {
        let made = bench
            .write(move |tx| {
                let made = endpoint(tx, ours);
                let made = store::webhook_endpoints::insert(tx, made)?;
                let one = [delivery(tx, made.id, 0)];
                store::deliveries::insert_all(tx, ours, &one, real(1), real(1))?;
                Ok(made)
            })
            .unwrap();
        let id = made.id;
        assert_eq!(bench.write(move |tx| store::webhook_endpoints::find(tx, ours, id)).unwrap(), Some(made));

        let lease = |second| {
            let lease = move |tx: &mut Tx<'_>| {
                store::deliveries::lease(tx, ours, id, real(second), real(second + 30), 10)
            };
            bench.write(lease).unwrap().deliveries
        };
        let first = lease(1).pop().unwrap();
        assert_eq!(*first.body, *b"{}");
        assert_eq!(lease(2), [], "leased to somebody");
        let due = move |tx: &mut Tx<'_>| store::deliveries::lane_due(tx, ours, id);
        assert_eq!(bench.write(due).unwrap(), Some(real(31)), "at the lease's end");
        let second = lease(31).pop().unwrap();
        let attempt = Attempt {
            started_at: real(1),
            duration_ms: 3,
            status: Some(200),
            outcome: "delivered".into(),
            answer: String::new(),
        };
        let record = |leased: store::deliveries::LeasedDelivery| {
            let attempt = attempt.clone();
            let script = move |tx: &mut Tx<'_>| {
                let step = DeliveryState::Pending { made: 0, due: real(1) }.step(DeliveryInput::Succeeded)?;
                let recorded =
                    store::deliveries::Recorded { delivery: &leased, step: &step, attempt: &attempt };
                store::deliveries::record_all(tx, &[recorded], real(32))
            };
            bench.write(script).unwrap().len()
        };
        assert_eq!(record(first), 0, "its lease was lost");
        assert_eq!(record(second.clone()), 1);
        assert_eq!(record(second), 0, "once");
        assert_eq!(bench.write(store::deliveries::pending).unwrap(), (0, None));
    });
}

/// Many at once: the statements for them are cut where they would grow too long, in the order of making.
#[test]
fn many_deliveries_are_made_leased_and_recorded_at_once() {
    on_both_with_partner(|bench, ours| {
        let made = bench.write(move |tx| {
            let made = endpoint(tx, ours);
            let made = store::webhook_endpoints::insert(tx, made)?;
            let many: Vec<NewDelivery> = (0..777).map(|place| delivery(tx, made.id, place)).collect();
            store::deliveries::insert_all(tx, ours, &many, real(1), real(1))?;
            Ok((made.id, many.into_iter().map(|delivery| delivery.id).collect::<Vec<_>>()))
        });
        let (lane, ids) = made.unwrap();
        let leased =
            bench.write(move |tx| store::deliveries::lease(tx, ours, lane, real(2), real(32), 700)).unwrap();
        let leased = leased.deliveries;
        assert!(leased.iter().map(|delivery| delivery.id).eq(ids.iter().copied().take(700)));
        let due = bench.write(store::deliveries::lanes).unwrap();
        assert_eq!(due.iter().find(|found| found.endpoint == lane).map(|found| found.due), Some(real(1)));
        let recorded = bench.write(move |tx| {
            let attempt = |n: i64, status| Attempt {
                started_at: real(n),
                duration_ms: n,
                status,
                outcome: if status.is_some() { "refused" } else { "timeout" }.into(),
                answer: "x".repeat(usize::try_from(n % 3).unwrap()),
            };
            let attempts: Vec<Attempt> = (0..700).map(|n| attempt(n, (n % 2 == 0).then_some(500))).collect();
            let pending = DeliveryState::Pending { made: 0, due: real(1) };
            let later = Some(Duration::from_secs(8));
            let inputs = [
                DeliveryInput::Succeeded,
                DeliveryInput::Unreadable,
                DeliveryInput::AttemptFailed { at: real(82), jitter: 0, retry_after: later },
            ];
            let steps: Vec<_> = inputs.into_iter().map(|input| pending.step(input).unwrap()).collect();
            let results = leased.iter().zip(&attempts).enumerate();
            let results: Vec<_> = results
                .map(|(n, (delivery, attempt))| store::deliveries::Recorded {
                    delivery,
                    step: &steps[n % 3],
                    attempt,
                })
                .collect();
            store::deliveries::record_all(tx, &results, real(3))
        });
        assert_eq!(recorded.unwrap().len(), 700);
        let (sixth, fifth) = (ids[5], ids[4]);
        let (found, attempts) = bench
            .write(move |tx| {
                let found = [sixth, fifth].map(|id| store::deliveries::find(tx, ours, lane, id));
                let attempts = store::deliveries::attempts(tx, ours, &[sixth])?.remove(&sixth);
                Ok((found, attempts.unwrap()?))
            })
            .unwrap();
        let states = found.map(|found| found.unwrap().unwrap().state);
        assert_eq!(
            states,
            [DeliveryState::Pending { made: 1, due: real(90) }, DeliveryState::Failed { made: 1 }]
        );
        assert_eq!((attempts[0].status, attempts[0].answer.as_str()), (None, "xx"));
        assert_eq!(bench.write(store::deliveries::pending).unwrap().0, 77 + 233);
    });
}

#[test]
fn deliveries_to_a_deleted_endpoint_are_given_up_some_at_a_time() {
    on_both_with_partner(|bench, ours| {
        bench
            .write(move |tx| {
                let (kept, deleted) = (endpoint(tx, ours), endpoint(tx, ours).into_value());
                let kept = store::webhook_endpoints::insert(tx, kept)?;
                let many: Vec<NewDelivery> = (0..5).map(|place| delivery(tx, deleted.id, place)).collect();
                let one = delivery(tx, kept.id, 5);
                store::deliveries::insert_all(tx, ours, &[many, vec![one]].concat(), real(1), real(1))?;
                let (mut orphaned, mut looks, mut last) = (Vec::new(), 0, None);
                loop {
                    let lanes = store::deliveries::waiting_lanes(tx, last, 1)?;
                    orphaned.extend(lanes.orphaned);
                    (looks, last) = (looks + 1, lanes.last);
                    if last.is_none() {
                        break;
                    }
                }
                assert_eq!((orphaned, looks), (vec![(ours, deleted.id)], 3));
                let fail = |tx: &mut Tx<'_>| store::deliveries::fail_some(tx, ours, deleted.id, real(2), 2);
                assert_eq!([fail(tx)?, fail(tx)?, fail(tx)?, fail(tx)?], [2, 2, 1, 0]);
                assert_eq!(store::deliveries::waiting_lanes(tx, None, 10)?.orphaned, []);
                assert_eq!(store::deliveries::pending(tx)?.0, 1, "the other endpoint's waits on");
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn deliveries_of_a_disabled_endpoint_wait() {
    on_both_with_partner(|bench, ours| {
        bench
            .write(move |tx| {
                let made = endpoint(tx, ours)
                    .then(|made| Ok::<_, StoreError>(switched(made, EndpointInput::WentAway)))?;
                let made = store::webhook_endpoints::insert(tx, made)?;
                let waiting = [delivery(tx, made.id, 0), delivery(tx, made.id, 1)];
                store::deliveries::insert_all(tx, ours, &waiting, real(1), real(1))?;
                let id = made.id;
                let lanes = |tx: &mut Tx<'_>| {
                    let found = store::deliveries::lanes(tx)?;
                    let ours = found.into_iter().find(|lane| lane.endpoint == id);
                    Ok::<_, StoreError>(ours.map(|lane| lane.due))
                };
                assert_eq!(lanes(tx)?, None);
                let enabled =
                    made.change(|made| Ok::<_, StoreError>(switched(made, EndpointInput::Enable)))?;
                let made = store::webhook_endpoints::save(tx, enabled)?;
                assert_eq!(lanes(tx)?, Some(real(1)));
                let leased = store::deliveries::lease(tx, ours, made.id, real(2), real(9), 1)?;
                assert_eq!(leased.deliveries[0].id, waiting[0].id, "oldest first");
                store::deliveries::lease(tx, ours, made.id, real(2), real(9), 10)?;
                assert_eq!(lanes(tx)?, Some(real(9)));
                assert_eq!(store::deliveries::free_leases(tx, real(3))?, 2);
                assert_eq!(lanes(tx)?, Some(real(3)));
                assert_eq!(store::deliveries::fail_some(tx, ours, made.id, real(3), 9)?, 2);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn one_of_fifty_parallel_claims_wins_and_the_others_read_its_answer() {
    on_both_with_partner(|bench, ours| {
        let answer =
            |n: u16| StoredAnswer { status: 201, location: Some("/x".into()), body: n.to_be_bytes().into() };
        let claims: Vec<Claim> = std::thread::scope(|scope| {
            let one = |n: u16| {
                scope.spawn(move || {
                    bench
                        .write(move |tx| {
                            let claim = store::idempotency::claim(
                                tx,
                                ours.into(),
                                "key",
                                "print",
                                real(1),
                                real(-9),
                            )?;
                            if claim == Claim::Ours {
                                store::idempotency::store_answer(
                                    tx,
                                    ours.into(),
                                    real(1),
                                    "key",
                                    &answer(n),
                                )?;
                            }
                            Ok(claim)
                        })
                        .unwrap()
                })
            };
            let threads: Vec<_> = (0..50).map(one).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(claims.iter().filter(|claim| **claim == Claim::Ours).count(), 1);
        let mut answers: Vec<_> = claims.iter().filter(|claim| **claim != Claim::Ours).collect();
        answers.dedup();
        assert_eq!(answers.len(), 1);
        let free_again = bench
            .write(move |tx| store::idempotency::claim(tx, ours.into(), "key", "other", real(100), real(50)));
        assert_eq!(free_again, Ok(Claim::Ours));
    });
}

#[test]
fn credentials_are_found_by_client_and_counted_while_they_work() {
    on_both_with_partner(|bench, ours| {
        bench
            .write(move |tx| {
                let client = ClientId::new(Environment::Sandbox, real(1), tx.random_bytes());
                let terms = CredentialTerms {
                    name: "checkout".into(),
                    scope: Scope::Partner,
                    expires_at: Some(real(10)),
                    created_by: None,
                };
                let created = Credential::create(client, ours, terms, real(1));
                let made = store::credentials::insert(tx, created, "hash")?;
                let found = store::credentials::find_by_client(tx, made.client_id)?;
                let (credential, hash) = found.expect("it was made");
                assert_eq!((&*credential, hash.as_str()), (&made, "hash"));
                assert_eq!(store::credentials::count_active(tx, ours, real(9))?, 1);
                assert_eq!(store::credentials::count_active(tx, ours, real(10))?, 0);
                let revoked = credential.change(|credential| credential.revoke(real(2)))?;
                let credential = store::credentials::save(tx, revoked)?;
                assert_eq!(credential.state, CredentialState::Revoked);
                assert_eq!(store::credentials::find(tx, ours, credential.client_id)?, Some(credential));
                Ok(())
            })
            .unwrap();
    });
}
