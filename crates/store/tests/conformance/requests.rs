//! The request log: searches read a bounded number of calls, and old calls go away in steps.

use std::time::Duration;

use domain::access::Origin;
use domain::credential::{ClientId, Environment};
use domain::id::{LoggedRequestId, PartnerId, ResourceId as _};
use domain::page::Limit;
use domain::request_log::{FoundRequests, LoggedBodies, LoggedRequest, RequestCursor, RequestFilter};
use domain::time::RealTime;
use domain::webhook::endpoint::Generation;
use store::request_log::{self, Entry};
use store::{Store, StoreError};

use crate::{Bench, now, on_both};

fn at(seconds: u64) -> RealTime {
    now().unmoved().plus(Duration::from_secs(seconds))
}

pub(crate) fn partner(number: u8) -> PartnerId {
    PartnerId::new(now(), [number; 10])
}

/// A call of a partner, so many seconds after the beginning. Every thousandth one failed.
fn call(partner: PartnerId, number: u16) -> LoggedRequest {
    let moment = at(number.into());
    let mut random = [0; 10];
    random[..8].copy_from_slice(&partner.bytes()[8..]);
    random[8..].copy_from_slice(&number.to_be_bytes());
    LoggedRequest {
        id: LoggedRequestId::new(moment, random),
        partner,
        at: moment,
        on_clock: moment.on_clock(Duration::from_secs(number.into())),
        generation: Generation::Reference,
        request_id: format!("req_{number}"),
        method: "POST".into(),
        route: "/v3/loans".into(),
        path: "/v3/loans".into(),
        query: None,
        status: if number.is_multiple_of(1_000) { 500 } else { 201 },
        took: Duration::from_micros(number.into()),
        client: ClientId::new(Environment::Sandbox, moment, [1; 10]),
        idempotency_key: Some(format!("key-{number}")),
        replayed: false,
        origin: Origin { address: "203.0.113.7".into(), agent: "tests".into() },
        problem: None,
        resources: vec![format!("ln_{number:032x}"), "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607".into()],
    }
}

fn log(bench: &Bench) -> Store {
    bench.store.open_request_log(&bench.url).unwrap()
}

fn write(log: &Store, entries: &[Entry]) {
    for some in entries.chunks(500) {
        let some = some.to_vec();
        log.write_blocking(move |tx| request_log::insert(tx, &some)).unwrap();
    }
}

fn search(log: &Store, filter: &RequestFilter, before: Option<LoggedRequestId>) -> FoundRequests {
    let (filter, cursor) = (filter.clone(), RequestCursor { before, limit: Limit::DEFAULT });
    log.write_blocking(move |tx| request_log::search(tx, &filter, &cursor)).unwrap()
}

#[test]
fn a_search_compares_a_bounded_number_of_calls_and_says_where_it_goes_on() {
    on_both(|bench| {
        let (log, ours) = (log(bench), partner(1));
        write(&log, &(0..5_500).map(|number| (call(ours, number), None)).collect::<Vec<_>>());
        write(&log, &(0..3).map(|number| (call(partner(2), number), None)).collect::<Vec<_>>());
        let failed =
            RequestFilter { partner: Some(ours), statuses: Some((500, 599)), ..RequestFilter::default() };
        let first = search(&log, &failed, None);
        let ids = |found: &FoundRequests| {
            found.items.iter().map(|call| call.request_id.clone()).collect::<Vec<_>>()
        };
        assert_eq!(ids(&first), ["req_5000", "req_4000", "req_3000", "req_2000", "req_1000"]);
        assert_eq!(first.next, Some(call(ours, 500).id), "5,000 calls were compared");
        let rest = search(&log, &failed, first.next);
        assert_eq!((ids(&rest), rest.next), (vec!["req_0".to_owned()], None));
        let none = RequestFilter { method: Some("GET".into()), ..failed.clone() };
        let nothing = search(&log, &none, None);
        assert!(nothing.items.is_empty() && nothing.next.is_some());
        let of_customer =
            RequestFilter { resource: Some("cust_0190f3b4c5d67e8f90a1b2c3d4e5f607".into()), ..failed };
        let (mut next, mut found) = (None, Vec::new());
        loop {
            let page = search(&log, &of_customer, next);
            found.extend(ids(&page));
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        assert_eq!(found.len(), 6, "{found:?}");
        let everyone = search(&log, &RequestFilter::default(), None);
        assert_eq!(everyone.items.len(), 25);
        let by_request = RequestFilter { request_id: Some("req_1".into()), ..RequestFilter::default() };
        assert_eq!(search(&log, &by_request, None).items.len(), 2, "of two partners");
        let shown = |of, id: &'static str| {
            let find = move |tx: &mut store::Tx<'_>| request_log::find(tx, of, id);
            log.write_blocking(find).unwrap().map(|call| call.partner)
        };
        assert_eq!(shown(None, "req_4711"), Some(ours));
        assert_eq!(shown(Some(ours), "req_1"), Some(ours));
        assert_eq!(shown(Some(partner(3)), "req_1"), None);
    });
}

#[test]
fn every_filter_finds_its_calls_alone_and_with_others() {
    on_both(|bench| {
        let (log, ours) = (log(bench), partner(1));
        let calls: Vec<Entry> = (0..40).map(|number| (call(ours, number), None)).collect();
        write(&log, &calls);
        let one = call(ours, 7);
        let all = RequestFilter { partner: Some(ours), ..RequestFilter::default() };
        let alone = [
            RequestFilter { request_id: Some(one.request_id.clone()), ..all.clone() },
            RequestFilter { resource: Some(one.resources[0].clone()), ..all.clone() },
            RequestFilter { idempotency_key: one.idempotency_key.clone(), ..all.clone() },
            RequestFilter { client: Some(one.client), ..all.clone() },
        ];
        for filter in &alone {
            let found = search(&log, filter, None);
            assert_eq!((found.items.as_slice(), found.next), (&[one.clone()][..], None), "{filter:?}");
            let other = RequestFilter { method: Some("GET".into()), ..filter.clone() };
            assert!(search(&log, &other, None).items.is_empty());
            let strange = RequestFilter { partner: Some(partner(2)), ..filter.clone() };
            assert!(search(&log, &strange, None).items.is_empty());
        }
        let together = RequestFilter {
            request_id: Some(one.request_id.clone()),
            resource: Some(one.resources[1].clone()),
            idempotency_key: one.idempotency_key.clone(),
            address: Some("203.0.113.7".into()),
            route: Some("/v3/loans".into()),
            ..all.clone()
        };
        assert_eq!(search(&log, &together, None).items, [one]);
        let slow = RequestFilter { at_least: Some(Duration::from_micros(38)), ..all.clone() };
        assert_eq!(search(&log, &slow, None).items.len(), 2);
        let mut between = all;
        between.arrived.since = Some(at(10));
        between.arrived.until = Some(at(13));
        assert_eq!(search(&log, &between, None).items.len(), 3);
    });
}

#[test]
fn old_calls_and_bodies_go_away_in_steps_with_everything_that_belongs_to_them() {
    on_both(|bench| {
        let log = log(bench);
        let bodies = LoggedBodies { request: Some("{\"name\":\"***\"}".into()), answer: None };
        for of in [partner(1), partner(2)] {
            write(&log, &(0..30).map(|number| (call(of, number), Some(bodies.clone()))).collect::<Vec<_>>());
        }
        let steps = |purge: fn(&mut store::Tx<'_>, RealTime, i64) -> Result<u64, StoreError>, cutoff| {
            let mut deleted = Vec::new();
            while deleted.last() != Some(&0) {
                deleted.push(log.write_blocking(move |tx| purge(tx, cutoff, 16)).unwrap());
            }
            deleted.into_iter().sum::<u64>()
        };
        let kept = call(partner(1), 25);
        let find = |id: LoggedRequestId| {
            let found = move |tx: &mut store::Tx<'_>| request_log::find(tx, None, &id.to_string());
            log.write_blocking(found).unwrap()
        };
        let of_call =
            |call: LoggedRequest| log.write_blocking(move |tx| request_log::bodies(tx, &call)).unwrap();
        assert_eq!(of_call(kept.clone()), Some(bodies));
        assert_eq!(steps(request_log::purge_bodies, at(26)), 52);
        assert_eq!((find(kept.id), of_call(kept.clone())), (Some(kept.clone()), None));
        assert_eq!(steps(request_log::purge, at(25)), 50);
        assert_eq!((find(call(partner(1), 24).id), find(kept.id)), (None, Some(kept)));
        assert_eq!(steps(request_log::purge, at(100)), 10);
        let left = log.write_blocking(|tx| {
            let count = |tx: &mut store::Tx<'_>, table: &str| {
                tx.query_one(&format!("select count(*) from {table}"), &[], |row| row.get::<i64>(0))
            };
            Ok::<_, StoreError>([
                count(tx, "request_calls")?,
                count(tx, "request_marks")?,
                count(tx, "request_bodies")?,
            ])
        });
        assert_eq!(left.unwrap(), [0, 0, 0]);
    });
}

#[test]
fn a_damaged_call_hides_no_other_one_and_nothing_personal_is_readable_in_the_store() {
    on_both(|bench| {
        let (log, ours) = (log(bench), partner(1));
        write(&log, &(0..3).map(|number| (call(ours, number), None)).collect::<Vec<_>>());
        let sealed: Vec<Vec<u8>> =
            log.write_blocking(|tx| tx.fetch_all("select sealed from request_calls", &[])).unwrap();
        let said = |sealed: &Vec<u8>| sealed.windows(11).any(|part| part == b"203.0.113.7");
        assert!(!sealed.iter().any(said));
        let (damaged, calls) =
            (call(ours, 1).id, RequestFilter { partner: Some(ours), ..RequestFilter::default() });
        let damage = move |tx: &mut store::Tx<'_>| {
            tx.execute(
                "update request_calls set took = took, sealed = $1 where id = $2",
                store::args![vec![1_u8, 2], damaged],
            )
        };
        assert_eq!(log.write_blocking(damage), Ok(1));
        let found = search(&log, &calls, None);
        assert_eq!(
            found.items.iter().map(|call| call.request_id.as_str()).collect::<Vec<_>>(),
            ["req_2", "req_0"]
        );
    });
}
