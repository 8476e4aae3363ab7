//! A partner's events in the order of their commits, whatever the clocks show.

use std::sync::Barrier;

use domain::customer::CustomerEvent;
use domain::event::{DomainEvent, EventKind};
use domain::id::{EventId, PartnerId, ResourceId as _};
use domain::page::{Limit, Order};
use domain::time::Span;
use store::deliveries::FirstDelivery;
use store::outbox::{EventFilter, FannedOut, Waiting};
use store::{Cursor, StoreError, Tx};

use crate::aggregates::{at, customer, on_both_with_partner, partner, real};
use crate::{Bench, on_both};

const DAY: i64 = 86_400;

/// Appends an event of a new customer at this moment.
fn happened(tx: &mut Tx<'_>, partner: PartnerId, kind: CustomerEvent, second: i64) -> Result<(), StoreError> {
    let file = customer(tx, partner, 529_982_247, "Ana", second);
    store::outbox::append(tx, partner, at(second), vec![DomainEvent::Customer(kind, Box::new(file))])
}

fn happens(bench: &Bench, partner: PartnerId, kind: CustomerEvent, second: i64) {
    bench.write(move |tx| happened(tx, partner, kind, second)).unwrap();
}

/// Gives up to `limit` waiting events their places, as the fan-out does.
pub(crate) fn give_places(bench: &Bench, partner: PartnerId, limit: i64) {
    bench.write(move |tx| place(tx, partner, limit)).unwrap();
}

fn place(tx: &mut Tx<'_>, partner: PartnerId, limit: i64) -> Result<(), StoreError> {
    let feed = store::outbox::feed(tx, partner)?.unwrap();
    let waiting = store::outbox::waiting(tx, partner, limit)?;
    let events: Vec<_> = waiting.iter().map(placed).collect();
    store::outbox::fanned_out(tx, feed, &events)
}

/// A waiting event without deliveries.
fn placed(event: &Waiting) -> FannedOut {
    let first_delivery = FirstDelivery::of(event.occurred_at.unmoved(), 0);
    FannedOut { id: event.id, occurred_at: event.occurred_at, first_delivery }
}

/// The ids and seconds of a list after the event `after`.
fn listed(
    bench: &Bench, partner: PartnerId, filter: &EventFilter, after: Option<EventId>, order: Order,
) -> Vec<(EventId, i64)> {
    let (filter, cursor) = (filter.clone(), Cursor { after, limit: Limit::DEFAULT, order });
    let list = move |tx: &mut Tx<'_>| store::outbox::list(tx, partner, &filter, &cursor, real(-90 * DAY));
    let page = bench.write(list).unwrap().unwrap();
    let second = |event: &domain::event::Event| event.occurred_at.seconds() - at(0).seconds();
    page.items.iter().map(|event| (event.id, second(event))).collect()
}

fn ascending(bench: &Bench, partner: PartnerId, after: Option<EventId>) -> Vec<(EventId, i64)> {
    listed(bench, partner, &EventFilter::default(), after, Order::Ascending)
}

fn seconds(list: &[(EventId, i64)]) -> Vec<i64> {
    list.iter().map(|(_, second)| *second).collect()
}

#[test]
fn an_event_is_listed_once_it_has_its_place_and_later_places_come_after_it() {
    on_both(|bench| {
        let (ours, theirs) = (partner(bench), partner(bench));
        happens(bench, ours, CustomerEvent::Created, 100);
        happens(bench, theirs, CustomerEvent::Created, 1);
        assert!(ascending(bench, ours, None).is_empty(), "the event waits for the fan-out");
        give_places(bench, ours, 10);
        let first = ascending(bench, ours, None);
        assert_eq!(seconds(&first), [100]);
        // This event's request began earlier and its id is smaller, but it still comes later in the feed.
        happens(bench, ours, CustomerEvent::KycUpdated, 40);
        assert!(ascending(bench, ours, Some(first[0].0)).is_empty());
        give_places(bench, ours, 10);
        let next = ascending(bench, ours, Some(first[0].0));
        assert_eq!(seconds(&next), [40]);
        assert!(next[0].0 < first[0].0, "the ids follow the clock");
        assert_eq!(
            seconds(&listed(bench, ours, &EventFilter::default(), None, Order::Descending)),
            [40, 100]
        );
        assert_eq!(listed(bench, ours, &EventFilter::default(), Some(next[0].0), Order::Descending), first);
        assert!(ascending(bench, theirs, None).is_empty());
    });
}

#[test]
fn waiting_events_are_placed_in_the_order_of_their_commits_although_the_clock_steps_back() {
    on_both_with_partner(|bench, ours| {
        for (kind, second) in [
            (CustomerEvent::Created, 500),
            (CustomerEvent::UnderReview, 300),
            (CustomerEvent::Active, 301),
            (CustomerEvent::KycUpdated, 90_000),
            (CustomerEvent::Denied, 302),
        ] {
            happens(bench, ours, kind, second);
        }
        // The events get their places in several batches.
        for _ in 0..3 {
            give_places(bench, ours, 2);
        }
        let all = ascending(bench, ours, None);
        assert_eq!(seconds(&all), [500, 300, 301, 90_000, 302]);
        for (number, (id, _)) in all.iter().enumerate() {
            assert_eq!(ascending(bench, ours, Some(*id)), all[number + 1..]);
        }
    });
}

#[test]
fn filters_by_time_and_kind_are_exact_although_moments_are_out_of_order() {
    on_both_with_partner(|bench, ours| {
        let kinds = [CustomerEvent::Created, CustomerEvent::KycUpdated];
        let moments = [10, 20, 5_000, 30, 40, 4_000, 50, 6_000, 60];
        for (number, second) in moments.into_iter().enumerate() {
            happens(bench, ours, kinds[number % 2], second);
            give_places(bench, ours, 10);
        }
        for since in [None, Some(0), Some(20), Some(45), Some(4_500), Some(7_000)] {
            for until in [None, Some(0), Some(31), Some(60), Some(4_001), Some(6_000)] {
                for kind in [None, Some(EventKind::Customer(CustomerEvent::KycUpdated))] {
                    let filter = EventFilter {
                        kind,
                        excluded_kinds: vec![EventKind::Customer(CustomerEvent::Denied)],
                        happened: Span { since, until }.map(at),
                    };
                    let expected = moments.into_iter().enumerate().filter(|(number, second)| {
                        (kind.is_none() || number % 2 == 1)
                            && since.is_none_or(|since| *second >= since)
                            && until.is_none_or(|until| *second < until)
                    });
                    let mut expected: Vec<i64> = expected.map(|(_, second)| second).collect();
                    let listed_seconds = |order| seconds(&listed(bench, ours, &filter, None, order));
                    assert_eq!(listed_seconds(Order::Ascending), expected, "{filter:?}");
                    expected.reverse();
                    assert_eq!(listed_seconds(Order::Descending), expected, "{filter:?}");
                }
            }
        }
    });
}

#[test]
fn a_cursor_of_a_dropped_event_skips_no_later_event() {
    on_both_with_partner(|bench, ours| {
        // The clock was a day ahead at first, so the second event has an earlier moment.
        for second in [-100 * DAY, -101 * DAY, -50 * DAY, 0] {
            happens(bench, ours, CustomerEvent::Created, second);
        }
        give_places(bench, ours, 10);
        let page = |after: Option<EventId>, order| {
            let cursor = Cursor { after, limit: Limit::DEFAULT, order };
            let filter = EventFilter::default();
            let list =
                move |tx: &mut Tx<'_>| store::outbox::list(tx, ours, &filter, &cursor, real(-90 * DAY));
            let moments = |event: &domain::event::Event| (event.id, event.occurred_at);
            bench.write(list).unwrap().map(|page| page.items.iter().map(moments).collect::<Vec<_>>())
        };
        let all = page(None, Order::Ascending).unwrap();
        assert_eq!(all.len(), 4);
        assert_eq!(bench.write(move |tx| store::outbox::purge(tx, ours, real(-90 * DAY), 100)).unwrap(), 2);
        for (dropped, _) in &all[..2] {
            assert_eq!(page(Some(*dropped), Order::Ascending).unwrap(), all[2..]);
            assert_eq!(page(Some(*dropped), Order::Descending).unwrap(), []);
        }
        let young = EventId::new(at(1), [1; 10]);
        assert!(page(Some(young), Order::Ascending).is_err(), "no event of its age was dropped");
        // A waiting event cannot be a cursor.
        happens(bench, ours, CustomerEvent::Created, 5);
        let waiting = bench.write(move |tx| store::outbox::waiting(tx, ours, 1)).unwrap()[0].id;
        assert!(page(Some(waiting), Order::Ascending).is_err());
    });
}

#[test]
fn places_from_an_outdated_feed_are_a_conflict() {
    on_both_with_partner(|bench, ours| {
        happens(bench, ours, CustomerEvent::Created, 1);
        happens(bench, ours, CustomerEvent::Active, 2);
        let before = bench.write(move |tx| store::outbox::feed(tx, ours)).unwrap().unwrap();
        let waiting = bench.write(move |tx| store::outbox::waiting(tx, ours, 10)).unwrap();
        let [first, second] = [&waiting[0], &waiting[1]].map(placed);
        give_places(bench, ours, 1);
        // First another event than the placed one, then the same one.
        for late in [second, first] {
            let given = bench.write(move |tx| store::outbox::fanned_out(tx, before, &[late]));
            assert!(matches!(given, Err(StoreError::Conflict | StoreError::Unavailable(_))), "{given:?}");
        }
        assert_eq!(seconds(&ascending(bench, ours, None)), [1]);
        give_places(bench, ours, 10);
        assert_eq!(seconds(&ascending(bench, ours, None)), [1, 2]);
    });
}

#[test]
fn deliveries_are_made_in_the_order_of_their_commits_although_the_clock_steps_back() {
    on_both_with_partner(|bench, ours| {
        let made = |second: i64| {
            bench.write(move |tx| {
                let mut feed = store::outbox::feed(tx, ours)?.unwrap();
                let made_at = feed.making(real(second));
                let ids = [0, 1, 2].map(|place| store::deliveries::ordered_id(tx, made_at, place));
                store::outbox::end(tx, feed)?;
                Ok((made_at, ids))
            })
        };
        let moments = [100, 100, 50, 101, 99].map(|second| made(second).unwrap());
        assert!(moments.iter().flat_map(|(_, ids)| ids).is_sorted());
        assert_eq!(
            (moments[0].0, moments[3].0),
            (real(100), real(101)),
            "a moment in order equals the clock's"
        );
        // An outdated feed makes nothing.
        let before = bench.write(move |tx| store::outbox::feed(tx, ours)).unwrap().unwrap();
        made(200).unwrap();
        let mut late = before;
        late.making(real(150));
        let ended = bench.write(move |tx| store::outbox::end(tx, late));
        assert!(matches!(ended, Err(StoreError::Conflict | StoreError::Unavailable(_))), "{ended:?}");
    });
}

#[test]
fn partners_with_waiting_events_are_named_in_pages() {
    on_both(|bench| {
        let mut partners: Vec<PartnerId> = (0..5).map(|_| partner(bench)).collect();
        partners.sort_unstable();
        let named = |after: Option<PartnerId>, limit| {
            bench.write(move |tx| store::outbox::waiting_partners(tx, after, limit)).unwrap()
        };
        assert_eq!(named(None, 10), []);
        for number in [0, 1, 3, 4] {
            happens(bench, partners[number], CustomerEvent::Created, 1);
            happens(bench, partners[number], CustomerEvent::Active, 1);
        }
        give_places(bench, partners[1], 2);
        give_places(bench, partners[3], 1);
        assert_eq!(named(None, 10), [partners[0], partners[3], partners[4]]);
        assert_eq!(named(None, 2), [partners[0], partners[3]]);
        assert_eq!(named(Some(partners[2]), 2), [partners[3], partners[4]]);
        assert_eq!(named(Some(partners[4]), 2), []);
    });
}

/// A transaction with a smaller id commits after a larger id was listed. The test also holds a feed at one node and
/// asks for it at another.
#[test]
fn a_follower_misses_no_transaction_that_began_first_and_commits_last() {
    let Some(bench) = Bench::postgres() else { return };
    let (ours, other) = (partner(&bench), bench.second_node());
    let (appended, listed) = (Barrier::new(2), Barrier::new(2));
    let (appended, listed) = (std::sync::Arc::new(appended), std::sync::Arc::new(listed));
    std::thread::scope(|scope| {
        let (inside, go) = (appended.clone(), listed.clone());
        let slow = scope.spawn(move || {
            other.write_blocking(move |tx| {
                happened(tx, ours, CustomerEvent::Created, 1)?;
                inside.wait();
                go.wait();
                Ok::<_, StoreError>(())
            })
        });
        appended.wait();
        happens(&bench, ours, CustomerEvent::Created, 2);
        give_places(&bench, ours, 10);
        let seen = ascending(&bench, ours, None);
        assert_eq!(seconds(&seen), [2]);
        listed.wait();
        slow.join().unwrap().unwrap();
        give_places(&bench, ours, 10);
        assert_eq!(seconds(&ascending(&bench, ours, Some(seen[0].0))), [1]);
    });
    // While one node holds the feed, another does not wait for it.
    let other = bench.second_node();
    let found = bench.write(move |tx| {
        store::outbox::feed(tx, ours)?.unwrap();
        other.write_blocking(move |tx| store::outbox::feed(tx, ours))
    });
    assert_eq!(found.unwrap(), None);
}
