//! Drafts: statements that are made outside a transaction, for a filler of databases.

use domain::customer::CustomerEvent;
use domain::event::DomainEvent;
use domain::id::PartnerId;
use domain::page::{Limit, Order};
use domain::webhook::delivery::{Attempt, DeliveryState};
use store::deliveries::{DeliveryFilter, SyntheticDelivery};
use store::outbox::EventFilter;
use store::{Cursor, Draft, StoreError, Tx};

use crate::Bench;
use crate::aggregates::{at, customer, delivery, inserted, on_both_with_partner, real};
use crate::months::lane;

/// Makes a draft, and runs it in a script.
fn drafted(bench: &Bench, make: impl FnOnce(&mut Tx<'_>) -> Result<(), StoreError>) {
    let draft: Draft = bench.store.draft(make).unwrap();
    bench.write(move |tx| tx.run_draft(&draft)).unwrap();
}

/// The seconds of a partner's events, in their order.
fn seconds(bench: &Bench, partner: PartnerId) -> Vec<i64> {
    let cursor = Cursor { after: None, limit: Limit::MOST, order: Order::Ascending };
    let list = move |tx: &mut Tx<'_>| {
        store::outbox::list(tx, partner, &EventFilter::default(), &cursor, real(-1_000_000))
    };
    let page = bench.write(list).unwrap().unwrap();
    page.items.iter().map(|event| event.occurred_at.seconds() - at(0).seconds()).collect()
}

#[test]
fn a_draft_writes_the_same_rows_as_its_functions() {
    on_both_with_partner(|bench, ours| {
        // A draft seals with a key that was already loaded.
        inserted(bench, ours, 111_444_777, "Rui", 1);
        let mut file = None;
        drafted(bench, |tx| {
            let made = customer(tx, ours, 529_982_247, "Ana", 1);
            store::customers::insert_without_events(tx, &made)?;
            file = Some(made);
            Ok(())
        });
        let file = file.unwrap();
        let id = file.customer.id;
        assert_eq!(
            bench.write(move |tx| store::customers::find(tx, ours, id)).unwrap().as_deref(),
            Some(&file)
        );
    });
}

#[test]
fn a_draft_reads_no_row() {
    on_both_with_partner(|bench, ours| {
        let read = |tx: &mut Tx<'_>| {
            let id = tx.new_id(at(1));
            store::customers::exists(tx, ours, id).map(drop)
        };
        assert!(matches!(bench.store.draft(read), Err(StoreError::Unavailable(_))));
        let compared = |tx: &mut Tx<'_>| tx.execute_one("update partners set version = 2", &[]);
        assert!(matches!(bench.store.draft(compared), Err(StoreError::Unavailable(_))));
    });
}

/// Filled events get their places by their moments, in whatever order they are written. Later events come after them.
#[test]
fn filled_past_events_are_listed_in_their_order_and_before_new_ones() {
    on_both_with_partner(|bench, ours| {
        let lane = lane(bench, ours);
        for second in [500, 100, 300] {
            drafted(bench, |tx| {
                let file = customer(tx, ours, 529_982_247, "Ana", second);
                let happened = vec![
                    DomainEvent::Customer(CustomerEvent::Created, Box::new(file.clone())),
                    DomainEvent::Customer(CustomerEvent::KycUpdated, Box::new(file)),
                ];
                let ids = store::outbox::append_synthetic(tx, ours, at(second), happened)?;
                let past = |(place, event)| SyntheticDelivery {
                    delivery: store::deliveries::NewDelivery { event, ..delivery(tx, lane, place) },
                    state: DeliveryState::Delivered { made: 1 },
                    attempt: Attempt {
                        started_at: real(second),
                        duration_ms: 3,
                        status: Some(204),
                        outcome: "delivered".into(),
                        answer: String::new(),
                    },
                };
                let past: Vec<SyntheticDelivery> = ids.into_iter().enumerate().map(past).collect();
                store::deliveries::insert_synthetic(tx, ours, &past)
            });
        }
        bench.write(move |tx| store::outbox::synthetic_until(tx, ours, real(1_000))).unwrap();
        assert_eq!(seconds(bench, ours), [100, 100, 300, 300, 500, 500]);
        assert_eq!(bench.write(store::outbox::count_waiting).unwrap(), 0);
        // The clock is behind the end of the past.
        let late = move |tx: &mut Tx<'_>| {
            let file = customer(tx, ours, 529_982_247, "Ana", 900);
            store::outbox::append(
                tx,
                ours,
                at(900),
                vec![DomainEvent::Customer(CustomerEvent::Active, Box::new(file))],
            )
        };
        bench.write(late).unwrap();
        crate::feed::give_places(bench, ours, 10);
        assert_eq!(seconds(bench, ours), [100, 100, 300, 300, 500, 500, 900]);

        let cursor = Cursor::first(Limit::MOST);
        let listed = move |tx: &mut Tx<'_>| {
            store::deliveries::list(tx, ours, lane, &DeliveryFilter::default(), &cursor, real(-1_000_000))
        };
        let page = bench.write(listed).unwrap().unwrap();
        assert_eq!(page.items.len(), 6);
        assert!(page.items.iter().all(|delivery| delivery.state == DeliveryState::Delivered { made: 1 }));
        let (first, none) = (page.items[0].id, bench.write(store::deliveries::pending).unwrap());
        assert_eq!(none, (0, None));
        let attempts = bench.write(move |tx| store::deliveries::attempts(tx, ours, &[first])).unwrap();
        assert_eq!(attempts[&first].as_ref().unwrap().len(), 1);
    });
}
