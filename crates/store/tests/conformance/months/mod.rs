//! Tables in months, on PostgreSQL: which month has a row, what is dropped as a whole and what stays, and who may do it.

mod locks;

use std::collections::BTreeSet;
use std::time::Duration;

use domain::customer::CustomerEvent;
use domain::event::DomainEvent;
use domain::id::{DeliveryId, EndpointId, EventId, PartnerId};
use domain::page::{Limit, Order};
use domain::time::Timestamp;
use domain::webhook::delivery::{Attempt, DeliveryState};
use store::deliveries::{DeliveryFilter, NewDelivery, SyntheticDelivery};
use store::migrations::{self, Contracting, TREE};
use store::months::{self, Outcome, Part};
use store::outbox::EventFilter;
use store::seal::MasterKey;
use store::{Cursor, Store, Tx};

use crate::aggregates::{customer, endpoint, partner};
use crate::feed::give_places;
use crate::{Bench, on_both};

const DAY: i64 = 86_400;

/// Noon of a day, counted from 2101-01-01: far from the months that are made for the present.
pub(crate) fn noon(day: i64) -> Timestamp {
    Timestamp::from_seconds(4_133_980_800 + day * DAY + DAY / 2)
}

/// Makes January to May of 2101.
pub(crate) fn make_months(store: &Store) {
    let missing =
        store.write_blocking(|tx| months::missing(tx, noon(0).unmoved(), noon(45).unmoved())).unwrap();
    for part in missing {
        assert_eq!(store.write_blocking(move |tx| months::make(tx, &part)), Ok(Outcome::Done), "{part}");
    }
}

/// Drops what ended before the moment; what came of each part, in the order of their names.
fn dropped(store: &Store, before: Timestamp) -> Vec<(String, Outcome)> {
    let past = store.write_blocking(move |tx| months::expired(tx, before.unmoved())).unwrap();
    // The months of the present are past in 2101.
    let past = past.into_iter().filter(|part| part.to_string().contains("2101"));
    let drop_one = |part: Part| {
        let outcome = store.write_blocking(move |tx| months::drop_part(tx, &part)).unwrap();
        (part.to_string(), outcome)
    };
    let mut dropped: Vec<_> = past.map(drop_one).collect();
    dropped.sort_by(|one, other| one.0.cmp(&other.0));
    dropped
}

fn in_month(month: &str, outcomes: [Outcome; 4]) -> Vec<(String, Outcome)> {
    let tables = ["deliveries", "delivery_attempts", "delivery_bodies", "events"];
    tables
        .into_iter()
        .zip(outcomes)
        .map(|(table, outcome)| (format!("{table} of {month}"), outcome))
        .collect()
}

fn count(bench: &Bench, table: &'static str) -> i64 {
    let sql = format!("select count(*) from {table}");
    bench.write(move |tx| tx.query_one(&sql, &[], |row| row.get(0))).unwrap()
}

/// An event of the moment, which waits for the fan-out.
fn happens(bench: &Bench, partner: PartnerId, at: Timestamp) -> EventId {
    let append = move |tx: &mut Tx<'_>| {
        let file = customer(tx, partner, 529_982_247, "Ana", 1);
        let created = DomainEvent::Customer(CustomerEvent::Created, Box::new(file));
        store::outbox::append(tx, partner, at, vec![created])?;
        let sql = "select id from events where partner_id = $1 and occurred_at = $2";
        tx.query_one(sql, store::args![partner, at], |row| row.get(0))
    };
    bench.write(append).unwrap()
}

pub(crate) fn lane(bench: &Bench, partner: PartnerId) -> EndpointId {
    let made = bench.write(move |tx| {
        let made = endpoint(tx, partner);
        let made = store::webhook_endpoints::insert(tx, made)?;
        Ok(made.id)
    });
    made.unwrap()
}

/// The months, and a partner with its endpoint.
fn begun(bench: &Bench) -> (PartnerId, EndpointId) {
    make_months(&bench.store);
    let ours = partner(bench);
    (ours, lane(bench, ours))
}

fn new_delivery(tx: &mut Tx<'_>, endpoint: EndpointId, at: Timestamp) -> NewDelivery {
    NewDelivery {
        cause: domain::cause::Cause::default(),
        event_type: "loan.active",
        id: store::deliveries::ordered_id(tx, at.unmoved(), 0),
        endpoint,
        event: tx.new_id(at),
        body: Some("{}".into()),
        leased_until: None,
    }
}

/// A delivery of the moment that took one attempt.
fn delivered(bench: &Bench, partner: PartnerId, endpoint: EndpointId, at: Timestamp) -> DeliveryId {
    let insert = move |tx: &mut Tx<'_>| {
        let delivery = new_delivery(tx, endpoint, at);
        let attempt = Attempt {
            started_at: at.unmoved(),
            duration_ms: 3,
            status: Some(200),
            outcome: "delivered".into(),
            answer: String::new(),
        };
        let id = delivery.id;
        let past = SyntheticDelivery { delivery, state: DeliveryState::Delivered { made: 1 }, attempt };
        store::deliveries::insert_synthetic(tx, partner, &[past])?;
        Ok(id)
    };
    bench.write(insert).unwrap()
}

/// The ids of a partner's events, page by page of two.
fn events(bench: &Bench, partner: PartnerId, order: Order) -> Vec<EventId> {
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let cursor = Cursor { after, limit: Limit::new(2).unwrap(), order };
        let list = move |tx: &mut Tx<'_>| {
            store::outbox::list(tx, partner, &EventFilter::default(), &cursor, Timestamp::MIN.unmoved())
        };
        let page = bench.write(list).unwrap().unwrap();
        ids.extend(page.items.iter().map(|event| event.id));
        after = ids.last().copied();
        if !page.has_more {
            return ids;
        }
    }
}

/// The ids of an endpoint's deliveries, page by page of two.
fn deliveries(bench: &Bench, partner: PartnerId, endpoint: EndpointId, order: Order) -> Vec<DeliveryId> {
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let cursor = Cursor { after, limit: Limit::new(2).unwrap(), order };
        let list = move |tx: &mut Tx<'_>| {
            let filter = DeliveryFilter::default();
            store::deliveries::list(tx, partner, endpoint, &filter, &cursor, Timestamp::MIN.unmoved())
        };
        let page = bench.write(list).unwrap().unwrap();
        ids.extend(page.items.iter().map(|delivery| delivery.id));
        after = ids.last().copied();
        if !page.has_more {
            return ids;
        }
    }
}

fn reversed<T: Clone>(list: &[T]) -> Vec<T> {
    list.iter().rev().cloned().collect()
}

/// Days of a year before, of January, January, February and March of 2101, and of 2106.
const DAYS: [i64; 6] = [-400, 5, 30, 31, 60, 2_000];

/// The engines agree: a list does not show in which month, or in none, a row lies.
#[test]
fn lists_go_on_in_order_from_month_to_month_and_beyond_all_months() {
    on_both(|bench| {
        let (ours, hook) = begun(bench);
        // The last first: lists of events go by their commits, and those of deliveries by their ids.
        let happened: Vec<EventId> = DAYS.map(|day| happens(bench, ours, noon(day))).to_vec();
        let sent: Vec<DeliveryId> = DAYS.map(|day| delivered(bench, ours, hook, noon(day))).to_vec();
        give_places(bench, ours, 10);
        assert_eq!(events(bench, ours, Order::Ascending), happened);
        assert_eq!(events(bench, ours, Order::Descending), reversed(&happened));
        assert_eq!(deliveries(bench, ours, hook, Order::Ascending), sent);
        assert_eq!(deliveries(bench, ours, hook, Order::Descending), reversed(&sent));
        for (event, delivery) in happened.into_iter().zip(sent) {
            let found = move |tx: &mut Tx<'_>| {
                let event = store::outbox::find(tx, ours, event)?;
                let attempts = store::deliveries::attempts(tx, ours, &[delivery])?;
                let attempts = attempts[&delivery].as_ref().map(Vec::len);
                Ok((
                    event.is_some(),
                    store::deliveries::find(tx, ours, hook, delivery)?.is_some(),
                    attempts.unwrap(),
                ))
            };
            assert_eq!(bench.write(found), Ok((true, true, 1)));
        }
    });
}

#[test]
fn a_month_that_ended_is_dropped_with_its_rows_and_younger_rows_stay() {
    let Some(bench) = Bench::postgres() else { return };
    let (ours, hook) = begun(&bench);
    let happened = DAYS.map(|day| happens(&bench, ours, noon(day)));
    let sent = DAYS.map(|day| delivered(&bench, ours, hook, noon(day)));
    give_places(&bench, ours, 10);
    for (table, rest) in [
        ("events_2101_01", "events_rest"),
        ("deliveries_2101_01", "deliveries_rest"),
        ("delivery_bodies_2101_01", "delivery_bodies_rest"),
        ("delivery_attempts_2101_01", "delivery_attempts_rest"),
    ] {
        assert_eq!((count(&bench, table), count(&bench, rest)), (2, 2), "{table}");
    }
    // January ends with day 31. Nothing of it goes before, and nothing else with it.
    let last = Timestamp::from_micros(noon(31).micros() - 43_200_000_001);
    assert_eq!(dropped(&bench.store, last), []);
    let midnight = last.plus(Duration::from_micros(1));
    assert_eq!(dropped(&bench.store, midnight), in_month("2101-01", [Outcome::Done; 4]));
    assert_eq!(dropped(&bench.store, midnight), []);
    let kept = [0, 3, 4, 5];
    assert_eq!(events(&bench, ours, Order::Ascending), kept.map(|at| happened[at]));
    assert_eq!(deliveries(&bench, ours, hook, Order::Ascending), kept.map(|at| sent[at]));
    assert_eq!(count(&bench, "delivery_attempts"), 4);
    // Rows in no month go by steps.
    let steps = move |tx: &mut Tx<'_>| {
        Ok([
            store::outbox::purge(tx, ours, midnight.unmoved(), 100)?,
            store::deliveries::purge(tx, ours, hook, midnight.unmoved(), 100)?,
            store::deliveries::purge_attempts(tx, ours, midnight.unmoved(), 100)?,
        ])
    };
    assert_eq!(bench.write(steps), Ok([1, 1, 1]));
    assert_eq!(events(&bench, ours, Order::Ascending), [happened[3], happened[4], happened[5]]);
    // Late rows of the month are in no month.
    happens(&bench, ours, noon(6));
    delivered(&bench, ours, hook, noon(6));
    assert_eq!((count(&bench, "events_rest"), count(&bench, "deliveries_rest")), (2, 2));
}

#[test]
fn what_is_still_to_be_sent_keeps_its_month() {
    let Some(bench) = Bench::postgres() else { return };
    let (ours, hook) = begun(&bench);
    happens(&bench, ours, noon(5));
    delivered(&bench, ours, hook, noon(5));
    let pending = move |tx: &mut Tx<'_>| {
        let delivery = new_delivery(tx, hook, noon(6));
        store::deliveries::insert_all(
            tx,
            ours,
            std::slice::from_ref(&delivery),
            noon(6).unmoved(),
            noon(6).unmoved(),
        )?;
        Ok(delivery.id)
    };
    let pending = bench.write(pending).unwrap();
    let held = [Outcome::Held, Outcome::Done, Outcome::Held, Outcome::Held];
    assert_eq!(dropped(&bench.store, noon(31)), in_month("2101-01", held));
    assert_eq!((count(&bench, "events"), count(&bench, "deliveries")), (1, 2));
    // The rows that nobody waits for go by steps.
    let step = move |tx: &mut Tx<'_>| store::deliveries::purge(tx, ours, hook, noon(31).unmoved(), 100);
    assert_eq!(bench.write(step), Ok(1));
    give_places(&bench, ours, 10);
    let fail = move |tx: &mut Tx<'_>| store::deliveries::fail_some(tx, ours, hook, noon(7).unmoved(), 10);
    assert_eq!(bench.write(fail), Ok(1));
    let left = move |tx: &mut Tx<'_>| Ok(store::deliveries::find(tx, ours, hook, pending)?.is_some());
    assert_eq!(bench.write(left), Ok(true));
    let left = in_month("2101-01", [Outcome::Done; 4]);
    assert_eq!(dropped(&bench.store, noon(31)), [left[0].clone(), left[2].clone(), left[3].clone()]);
    assert_eq!((count(&bench, "events"), count(&bench, "deliveries")), (0, 0));
}

#[test]
fn rows_from_before_their_month_was_made_move_into_it() {
    let Some(bench) = Bench::postgres() else { return };
    let ours = partner(&bench);
    let hook = lane(&bench, ours);
    let happened = [5, 32, 400].map(|day| happens(&bench, ours, noon(day)));
    delivered(&bench, ours, hook, noon(5));
    give_places(&bench, ours, 10);
    assert_eq!(count(&bench, "events_rest"), 3);
    make_months(&bench.store);
    let lie = ["events_2101_01", "events_2101_02", "events_rest", "deliveries_rest"];
    assert_eq!(lie.map(|table| count(&bench, table)), [1, 1, 1, 0]);
    assert_eq!(events(&bench, ours, Order::Ascending), happened);
}

#[test]
fn a_migration_makes_the_present_month_and_three_more_and_again_what_is_gone() {
    let Some(bench) = Bench::postgres() else { return };
    let now = bench.write(|tx| {
        let sql = "select cast(extract(epoch from now()) as bigint)";
        tx.query_one(sql, &[], |row| row.get(0)).map(Timestamp::from_seconds)
    });
    let now = now.unwrap();
    let missing = || bench.write(move |tx| months::missing(tx, now.unmoved(), now.unmoved())).unwrap();
    assert_eq!(missing(), []);
    let later = now.plus(Duration::from_secs(200 * 86_400));
    let made = bench.write(move |tx| months::expired(tx, later.unmoved())).unwrap();
    let names = made.iter().map(ToString::to_string);
    let months: BTreeSet<String> = names.map(|name| name.rsplit(' ').next().unwrap().to_owned()).collect();
    assert_eq!(months.len(), 4, "{months:?}");
    let gone = made[1];
    assert_eq!(bench.write(move |tx| months::drop_part(tx, &gone)), Ok(Outcome::Done));
    assert_eq!(missing(), [gone]);
    for _ in 0..2 {
        let master = MasterKey::new([42; 32]);
        migrations::migrate(&bench.url, master, TREE, Contracting::Waits).unwrap();
        assert_eq!(missing(), []);
    }
}

#[test]
fn a_month_is_not_made_while_very_many_rows_lie_in_none() {
    let Some(bench) = Bench::postgres() else { return };
    // 9 MB.
    let fill = "insert into events (partner_id, id, kind, subject, sealed, occurred_at) \
        select 'p', 'evt_' || n, 'k', '', decode(repeat(md5(n::text), 118), 'hex'), 0 from generate_series(1, 5000) n";
    bench.write(move |tx| tx.execute(fill, &[])).unwrap();
    let missing = bench.write(|tx| months::missing(tx, noon(0).unmoved(), noon(0).unmoved())).unwrap();
    let outcome = |part: Part| bench.write(move |tx| months::make(tx, &part)).unwrap();
    for part in missing {
        let expected = if part.to_string().starts_with("events") { Outcome::Held } else { Outcome::Done };
        assert_eq!(outcome(part), expected, "{part}");
    }
    // By hand, in a quiet hour.
    let by_hand = "values (make_partition('events', '2101-01', 1000000000))";
    let said: String = bench.write(move |tx| tx.query_one(by_hand, &[], |row| row.get(0))).unwrap();
    assert_eq!(said, "made");
}
