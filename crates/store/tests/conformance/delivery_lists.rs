//! Lists of deliveries. Whichever index serves a list, it has the same deliveries in the same order.

use domain::customer::CustomerEvent;
use domain::event::DomainEvent;
use domain::id::{CustomerId, DeliveryId, EndpointId, PartnerId, ResourceId as _};
use domain::page::{Limit, Order};
use domain::time::{Span, Timestamp};
use domain::webhook::delivery::{Attempt, Delivery, DeliveryState, DeliveryStateKind};
use store::deliveries::{DeliveryFilter, NewDelivery, SyntheticDelivery};
use store::{Cursor, StoreError, Tx};

use crate::aggregates::{customer, on_both_with_partner, partner};
use crate::months::{lane, make_months, noon};
use crate::{Bench, on_both};

const TYPES: [&str; 3] = ["customer.created", "loan.active", "loan.finished"];
const STATES: [&str; 3] = ["pending", "delivered", "failed"];

/// The state of this name, after one attempt.
fn state(name: &str, at: Timestamp) -> DeliveryState {
    match name {
        "pending" => DeliveryState::Pending { made: 1, due: at.unmoved() },
        "delivered" => DeliveryState::Delivered { made: 1 },
        _failed => DeliveryState::Failed { made: 1 },
    }
}

/// Inserts deliveries of every type in every state to an endpoint. There are several on each day, beginning a year
/// before the first month.
fn insert(bench: &Bench, partner: PartnerId, endpoint: EndpointId) {
    let write = move |tx: &mut Tx<'_>| {
        let mut past = Vec::new();
        for day in [-400, 5, 6, 30, 31, 60, 2_000] {
            for (place, (event_type, name)) in
                TYPES.iter().flat_map(|event_type| STATES.map(|name| (*event_type, name))).enumerate()
            {
                let at = noon(day);
                let delivery = NewDelivery {
                    cause: domain::cause::Cause::default(),
                    id: store::deliveries::ordered_id(tx, at.unmoved(), place),
                    endpoint,
                    event: tx.new_id(at),
                    event_type,
                    body: Some("{}".into()),
                    leased_until: None,
                };
                let attempt = Attempt {
                    started_at: at.unmoved(),
                    duration_ms: 3,
                    status: Some(500),
                    outcome: "status".into(),
                    answer: String::new(),
                };
                past.push(SyntheticDelivery { delivery, state: state(name, at), attempt });
            }
        }
        store::deliveries::insert_synthetic(tx, partner, &past)
    };
    bench.write(write).unwrap();
}

/// A list, read in pages of four.
fn list(
    bench: &Bench, partner: PartnerId, endpoint: EndpointId, filter: &DeliveryFilter, order: Order,
) -> Vec<Delivery> {
    let (mut all, mut after): (Vec<Delivery>, Option<DeliveryId>) = (Vec::new(), None);
    loop {
        let cursor = Cursor { after, limit: Limit::new(4).unwrap(), order };
        let filter = filter.clone();
        let read = move |tx: &mut Tx<'_>| {
            store::deliveries::list(tx, partner, endpoint, &filter, &cursor, Timestamp::MIN.unmoved())
        };
        let page = bench.write(read).unwrap().unwrap();
        all.extend(page.items);
        after = all.last().map(|delivery| delivery.id);
        if !page.has_more {
            return all;
        }
    }
}

/// Whether a filter matches a delivery.
fn keeps(filter: &DeliveryFilter, delivery: &Delivery) -> bool {
    filter.state.is_none_or(|state| state == delivery.state.kind())
        && filter.event_type.as_ref().is_none_or(|event_type| *event_type == delivery.event_type)
        && filter.made.since.is_none_or(|since| delivery.created_at >= since)
        && filter.made.until.is_none_or(|until| delivery.created_at < until)
}

/// Every combination of a state, a type and two bounds.
fn filters() -> Vec<DeliveryFilter> {
    let states = [
        None,
        Some(DeliveryStateKind::Pending),
        Some(DeliveryStateKind::Delivered),
        Some(DeliveryStateKind::Failed),
    ];
    let types = [None, Some("loan.active"), Some("loan.denied")];
    let bounds =
        [(None, None), (Some(noon(6)), None), (None, Some(noon(31))), (Some(noon(6)), Some(noon(60)))];
    let mut all = Vec::new();
    for state in states {
        for event_type in types {
            for (since, until) in bounds {
                let event_type = event_type.map(str::to_owned);
                let made = Span { since, until }.map(Timestamp::unmoved);
                all.push(DeliveryFilter { state, event_type, made });
            }
        }
    }
    all
}

#[test]
fn a_filtered_list_has_the_matching_deliveries_of_the_whole_list() {
    on_both(|bench| {
        make_months(&bench.store);
        let ours = partner(bench);
        let (hook, other) = (lane(bench, ours), lane(bench, ours));
        insert(bench, ours, hook);
        insert(bench, ours, other);
        for order in [Order::Ascending, Order::Descending] {
            let whole = list(bench, ours, hook, &DeliveryFilter::default(), order);
            assert_eq!(whole.len(), 7 * TYPES.len() * STATES.len());
            let in_order = whole.is_sorted_by(|one, next| match order {
                Order::Ascending => one.id < next.id,
                Order::Descending => one.id > next.id,
            });
            assert!(in_order && whole.iter().all(|delivery| delivery.endpoint == hook));
            for filter in filters() {
                let kept: Vec<_> =
                    whole.iter().filter(|delivery| keeps(&filter, delivery)).cloned().collect();
                assert_eq!(list(bench, ours, hook, &filter, order), kept, "{filter:?} {order:?}");
            }
        }
    });
}

/// A delivery is only in the list of its present state, also after it has changed.
#[test]
fn a_failed_delivery_leaves_the_list_of_failed_ones_while_it_is_due_again() {
    on_both_with_partner(|bench, ours| {
        let hook = lane(bench, ours);
        insert(bench, ours, hook);
        let of_state = |state| {
            let filter = DeliveryFilter { state: Some(state), ..DeliveryFilter::default() };
            list(bench, ours, hook, &filter, Order::Ascending)
        };
        let failed = of_state(DeliveryStateKind::Failed);
        let id = failed[5].id;
        let retry = move |tx: &mut Tx<'_>| {
            let failed = store::deliveries::find(tx, ours, hook, id)?.ok_or(StoreError::NotFound)?;
            let requested = failed.change(|failed| failed.request(noon(2_001).unmoved()))?;
            store::deliveries::save_requested(tx, ours, requested).map(drop)
        };
        bench.write(retry).unwrap();
        let left: Vec<_> = failed.iter().filter(|delivery| delivery.id != id).cloned().collect();
        assert_eq!(of_state(DeliveryStateKind::Failed), left);
        assert!(of_state(DeliveryStateKind::Pending).iter().any(|delivery| delivery.id == id));
        let given_up =
            move |tx: &mut Tx<'_>| store::deliveries::fail_some(tx, ours, hook, noon(2_002).unmoved(), 1_000);
        assert_eq!(bench.write(given_up), Ok(22));
        let ids = |list: Vec<Delivery>| list.into_iter().map(|delivery| delivery.id).collect::<Vec<_>>();
        let failed_now = ids(of_state(DeliveryStateKind::Failed));
        assert_eq!(failed_now.len(), 42);
        assert!(failed_now.is_sorted() && ids(failed).iter().all(|id| failed_now.contains(id)));
        assert_eq!(of_state(DeliveryStateKind::Pending), []);
    });
}

/// Two events of a customer of a synthetic history, each with a delivery.
pub(crate) fn with_events(bench: &Bench, ours: PartnerId, endpoint: EndpointId) -> CustomerId {
    let write = move |tx: &mut Tx<'_>| {
        let file = customer(tx, ours, 529_982_247, "Ana", 1);
        let id = file.customer.id;
        let happened = [CustomerEvent::Created, CustomerEvent::KycUpdated];
        let happened = happened.map(|kind| DomainEvent::Customer(kind, Box::new(file.clone())));
        let events = store::outbox::append_synthetic(tx, ours, noon(5), happened.to_vec())?;
        let mut past = Vec::new();
        for (place, (event, status)) in events.into_iter().zip([200, 500]).enumerate() {
            let delivery = NewDelivery {
                cause: domain::cause::Cause::default(),
                id: store::deliveries::ordered_id(tx, noon(5).unmoved(), place),
                endpoint,
                event,
                event_type: "customer.created",
                body: Some("{}".into()),
                leased_until: None,
            };
            let attempt = Attempt {
                started_at: noon(5).unmoved(),
                duration_ms: 3,
                status: Some(status),
                outcome: "status".into(),
                answer: String::new(),
            };
            past.push(SyntheticDelivery { delivery, state: state("delivered", noon(5)), attempt });
        }
        store::deliveries::insert_synthetic(tx, ours, &past)?;
        Ok(id)
    };
    bench.write(write).unwrap()
}

#[test]
fn the_events_of_a_customer_are_found_with_their_own_deliveries_and_their_last_answers() {
    on_both_with_partner(|bench, ours| {
        let endpoints = [lane(bench, ours), lane(bench, ours)];
        let id = with_events(bench, ours, endpoints[0]);
        with_events(bench, ours, endpoints[0]);
        let of = |partner, id: CustomerId| {
            bench.write(move |tx| store::outbox::of_subjects(tx, partner, &[id.bytes()])).unwrap()
        };
        let found = of(ours, id);
        let said: Vec<_> = found
            .iter()
            .map(|event| {
                let [sent] = &event.deliveries[..] else { panic!("{event:?}") };
                assert_eq!((sent.delivery.endpoint, sent.delivery.event), (endpoints[0], event.id));
                (event.kind.name(), sent.last.as_ref().unwrap().status.unwrap())
            })
            .collect();
        assert_eq!(said, [("customer_kyc_updated", 500), ("customer_created", 200)]);
        assert_eq!(of(partner(bench), id), []);
        assert_eq!(of(ours, CustomerId::new(noon(5), [9; 10])), []);
    });
}
