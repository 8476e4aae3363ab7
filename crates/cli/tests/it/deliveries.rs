//! Deliveries: their list, recovery, damage and months.

use std::time::Duration;

use app::webhooks::fan_out::{FanOut, fan_out};
use axum::http::Method;
use serde_json::{Value, json};
use server::workers;

use crate::inputs::registration;
use crate::support::{Setup, TestApp};

use crate::sink::{Received, Sink};

#[tokio::test]
async fn a_partner_sees_the_result_of_each_webhook_and_recovers_missed_ones() {
    for app in TestApp::on_each_engine().await {
        let (partner, sink) = (app.partner().await, Sink::start().await);
        let endpoint = partner.endpoint_for(&sink, &["customer.created"]).await;
        let secret = endpoint.body["secret"].as_str().unwrap().to_owned();
        let path = format!("/v3/webhooks/endpoints/{}", endpoint.id());
        let list = async |query: &str| {
            let listed = partner.renewed().await.get(&format!("{path}/deliveries{query}")).await;
            listed.expect(200).body["data"].as_array().unwrap().clone()
        };
        // The first webhook is accepted. The second is refused until it fails.
        partner.customer(529_982_247, "manual").await;
        workers::run_until_idle(&app.state).await.unwrap();
        sink.answer_next(&vec![(500, vec![]); 10]);
        partner.customer(111_444_777, "manual").await;
        // Each planned delay plus a fifth, the maximum of jitter: three days and some hours in all.
        for planned_s in [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400] {
            app.clock.advance(Duration::from_secs(planned_s * 6 / 5 + 1));
            workers::run_until_idle(&app.state).await.unwrap();
        }
        let failed = list("?status=failed").await;
        assert_eq!((failed.len(), list("?status=delivered").await.len(), list("").await.len()), (1, 1, 2));
        let attempts = failed[0]["attempts"].as_array().unwrap();
        assert_eq!(attempts.len(), 10);
        assert_eq!((&attempts[9]["status_code"], &attempts[9]["outcome"]), (&json!(500), &json!("refused")));
        assert_eq!(
            (&failed[0]["event_type"], &failed[0]["next_attempt_at"]),
            (&json!("customer.created"), &Value::Null)
        );
        assert_eq!(list("?event_type=loan.active").await.len(), 0);
        assert_eq!(list("?until=2026-01-15T00:00:00Z").await.len(), 0);
        assert_eq!(list("?since=2026-01-15T00:00:00Z&limit=1").await.len(), 1);

        // On request a webhook is sent again unchanged, also one that was accepted before.
        let partner = partner.renewed().await;
        let retry =
            |delivery: &Value| format!("{path}/deliveries/{}/retry", delivery["id"].as_str().unwrap());
        let again = partner.call(Method::POST, &retry(&failed[0]), None).await.expect(200);
        assert_eq!(again.body["status"], "pending");
        workers::run_until_idle(&app.state).await.unwrap();
        assert_eq!(list("?status=failed").await.len(), 0);
        let delivered = list("?status=delivered&order=asc").await;
        partner.call(Method::POST, &retry(&delivered[0]), None).await.expect(200);
        workers::run_until_idle(&app.state).await.unwrap();
        let received = sink.received();
        let same = |a: &Received, b: &Received| {
            a.body == b.body && a.headers["webhook-id"] == b.headers["webhook-id"]
        };
        assert!(same(&received[0], received.last().unwrap()));
        assert_eq!(sink.verified(&secret).len(), received.len());

        // After an outage the endpoint receives everything by one call.
        sink.answer_next(&vec![(503, vec![]); 3]);
        for number in [123_456_789, 100_000_001, 100_000_002] {
            partner.customer(number, "manual").await;
        }
        workers::run_until_idle(&app.state).await.unwrap();
        assert_eq!(list("?status=pending").await.len(), 3);
        let recovered =
            partner.post(&format!("{path}/recover"), &json!({"since": "2026-01-01T00:00:00Z"})).await;
        assert_eq!(recovered.expect(200).body, json!({"deliveries": 3}));
        workers::run_until_idle(&app.state).await.unwrap();
        assert_eq!((list("?status=pending").await.len(), list("?status=delivered").await.len()), (0, 5));
    }
}

#[tokio::test]
async fn wrong_parameters_of_the_delivery_list_are_reported() {
    let app = TestApp::new().await;
    let (partner, stranger) = (app.partner().await, app.partner().await);
    let endpoint =
        partner.post("/v3/webhooks/endpoints", &json!({"url": "https://example.com/"})).await.expect(201);
    let path = format!("/v3/webhooks/endpoints/{}", endpoint.id());
    for (query, param) in
        [("status=lost", "status"), ("since=yesterday", "since"), ("until=1", "until"), ("limit=0", "limit")]
    {
        let refused = partner.get(&format!("{path}/deliveries?{query}")).await;
        refused.expect_problem_of(param, 400, "invalid_parameter");
    }
    let unknown = format!("dlv_{}", "0".repeat(32));
    partner
        .get(&format!("{path}/deliveries?starting_after={unknown}"))
        .await
        .expect_problem(400, "invalid_cursor");
    for id in [unknown.as_str(), "x"] {
        let retry = format!("{path}/deliveries/{id}/retry");
        partner.call(Method::POST, &retry, None).await.expect_problem(404, "resource_not_found");
    }
    let since = json!({"since": "2026-01-01T00:00:00Z"});
    stranger.post(&format!("{path}/recover"), &since).await.expect_problem(404, "resource_not_found");
    partner.post(&format!("{path}/recover"), &json!({})).await.expect_problem(422, "missing_required_field");
    partner
        .post(&format!("{path}/recover"), &json!({"since": 1}))
        .await
        .expect_problem(422, "invalid_format");
}

/// Damages a row as a failing disk would.
async fn damage(app: &TestApp, sql: &str) {
    let statement = sql.to_owned();
    let script = move |tx: &mut store::Tx<'_>| tx.execute(&statement, store::args![vec![7_u8; 40]]);
    assert_eq!(app.state.store.write(script).await.unwrap(), 1, "{sql}");
}

#[tokio::test]
async fn unreadable_rows_become_failed_deliveries_and_delay_no_other() {
    for app in TestApp::on_each_engine().await {
        let (partner, sink) = (app.partner().await, Sink::start().await);
        let endpoint = partner.endpoint_for(&sink, &["customer.*"]).await;
        let unconcerned = partner.endpoint_for(&sink, &["loan.*"]).await;
        let deliveries = async |endpoint: &str, query: &str| {
            let path = format!("/v3/webhooks/endpoints/{endpoint}/deliveries{query}");
            partner.get(&path).await.expect(200).body["data"].as_array().unwrap().clone()
        };
        // One of several events is unreadable. The others arrive, and its delivery to the subscribed endpoint fails.
        for number in [529_982_247, 111_444_777, 123_456_789] {
            partner.customer(number, "manual").await;
        }
        damage(&app, "update events set sealed = $1 where id = (select min(id) from events)").await;
        workers::run_until_idle(&app.state).await.unwrap();
        assert_eq!(sink.received().len(), 2);
        let failed = deliveries(&endpoint.id(), "?status=failed").await;
        assert_eq!((failed.len(), &failed[0]["event_type"]), (1, &json!("customer.created")));
        assert_eq!(failed[0]["attempts"], json!([]));
        assert_eq!(deliveries(&unconcerned.id(), "").await.len(), 0);
        // A retry of it fails again.
        let retry = format!(
            "/v3/webhooks/endpoints/{}/deliveries/{}/retry",
            endpoint.id(),
            failed[0]["id"].as_str().unwrap()
        );
        assert_eq!(partner.call(Method::POST, &retry, None).await.expect(200).body["status"], "pending");
        workers::run_until_idle(&app.state).await.unwrap();
        let failed = deliveries(&endpoint.id(), "?status=failed").await;
        assert_eq!((failed.len(), &failed[0]["attempts"][0]["outcome"]), (1, &json!("unreadable")));

        // One of several bodies is unreadable.
        for number in [255_248_930, 100_000_001] {
            partner.customer(number, "manual").await;
        }
        workers::fan_out::tick(&app.state).await.unwrap();
        let one = "update delivery_bodies set sealed = $1 \
                   where id = (select min(body_id) from deliveries where state = 'pending')";
        damage(&app, one).await;
        workers::run_until_idle(&app.state).await.unwrap();
        assert_eq!(sink.received().len(), 3);
        assert_eq!(deliveries(&endpoint.id(), "?status=failed").await.len(), 2);
        assert_eq!(deliveries(&endpoint.id(), "?status=pending").await.len(), 0);

        // The endpoint's secret is unreadable. Its deliveries fail, and those of other endpoints arrive.
        let healthy = partner.endpoint_for(&sink, &["customer.*"]).await;
        let first = format!("where id = '{}'", endpoint.id());
        damage(&app, &format!("update webhook_endpoints set sealed = $1 {first}")).await;
        partner.customer(100_000_002, "manual").await;
        workers::run_until_idle(&app.state).await.unwrap();
        assert_eq!(sink.received().len(), 4);
        assert_eq!(deliveries(&healthy.id(), "?status=delivered").await.len(), 1);
        // The endpoint's patterns are unreadable. It receives nothing, and other endpoints still receive everything.
        damage(&app, &format!("update webhook_endpoints set patterns = 'x', sealed = $1 {first}")).await;
        partner.customer(100_000_003, "manual").await;
        workers::run_until_idle(&app.state).await.unwrap();
        assert_eq!(sink.received().len(), 5);
        assert_eq!(deliveries(&healthy.id(), "?status=delivered").await.len(), 2);
        let waiting = "select count(*) from deliveries where state = 'pending'";
        let count = move |tx: &mut store::Tx<'_>| tx.query_one(waiting, &[], |row| row.get::<i64>(0));
        assert_eq!(app.state.store.read(count).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn an_event_is_opened_only_if_it_has_a_reader() {
    for app in TestApp::on_each_engine().await {
        let (partner, sink) = (app.partner().await, Sink::start().await);
        let tenant = partner.id;
        let fanned_out = async |reads: bool| {
            let now = app.clock.now();
            let script = move |tx: &mut store::Tx<'_>| {
                let with = FanOut {
                    render: &|_, _, _| None,
                    name_of: &wire::generations::event_name,
                    reads_without_listener: &|_| reads,
                    room: &|_| 0,
                    lease_end: now,
                };
                fan_out(tx, now, &[tenant], 10, &with)
            };
            let done = app.state.store.write(script).await.unwrap();
            (done.seen, done.events.len())
        };
        partner.post("/v3/customers", &registration(529_982_247, "manual")).await.expect(201);
        assert_eq!(fanned_out(false).await, (1, 0), "the event has no reader");
        partner.post("/v3/customers", &registration(111_444_777, "manual")).await.expect(201);
        assert_eq!(fanned_out(true).await, (1, 1), "the caller reads it");
        partner.endpoint_for(&sink, &["customer.created"]).await;
        partner.post("/v3/customers", &registration(123_456_789, "manual")).await.expect(201);
        assert_eq!(fanned_out(false).await, (1, 1), "an endpoint subscribes to it");
    }
}

/// The event is first in the default partition. It moves to its month's partition when that is made, and is dropped
/// with it.
#[tokio::test]
async fn two_nodes_make_and_drop_months_at_once() {
    let Some(database) = TestApp::postgres_database().await else { return };
    let setup = Setup { database: Some(database), ..Setup::default() };
    let first = TestApp::with(setup.clone()).await;
    let second = TestApp::with(Setup { folder: Some(first.folder.clone()), ..setup }).await;
    let nodes = [first, second];
    nodes[0].partner().await.customer(529_982_247, "manual").await;
    workers::run_until_idle(&nodes[0].state).await.unwrap();
    let [one, other] = nodes.each_ref().map(|node| workers::purge::tick(&node.state));
    assert_eq!(tokio::join!(one, other), (Ok(()), Ok(())));
    let count = async |table: &'static str| {
        let count = move |tx: &mut store::Tx<'_>| {
            tx.query_one(&format!("select count(*) from {table}"), &[], |row| row.get::<i64>(0))
        };
        nodes[0].state.store.read(count).await.unwrap()
    };
    assert_eq!((count("events_2026_01").await, count("events").await), (1, 1));
    let february = domain::time::Timestamp::from_seconds(1_769_904_000);
    let [one, other] =
        nodes.each_ref().map(|node| workers::purge::drop_events(&node.state, february.unmoved()));
    assert_eq!(tokio::join!(one, other), (Ok(0), Ok(0)), "no single row is deleted");
    assert_eq!((count("events").await, count("events_2026_02").await), (0, 0));
}

/// Events are kept for ninety days. A whole day is dropped at once, on PostgreSQL a whole month. Here the first day
/// is the last day of January.
#[tokio::test]
async fn events_and_deliveries_are_dropped_by_day_or_month() {
    for app in TestApp::on_each_engine().await {
        workers::purge::tick(&app.state).await.unwrap();
        app.clock.advance(Duration::from_secs(16 * 86_400));
        let (partner, sink) = (app.partner().await, Sink::start().await);
        let (endpoint, off) = (partner.endpoint(&sink).await, partner.endpoint(&sink).await);
        let disable = json!({"status": "disabled"});
        partner.patch(&format!("/v3/webhooks/endpoints/{}", off.id()), &disable).await.expect(200);
        // At noon of three days. The deliveries to the second endpoint wait.
        for number in [529_982_247, 111_444_777, 123_456_789] {
            partner.renewed().await.customer(number, "manual").await;
            workers::run_until_idle(&app.state).await.unwrap();
            app.clock.advance(Duration::from_secs(86_400));
        }
        let rows = async |table: &'static str| {
            let count = move |tx: &mut store::Tx<'_>| {
                tx.query_one(&format!("select count(*) from {table}"), &[], |row| row.get::<i64>(0))
            };
            app.state.store.read(count).await.unwrap()
        };
        let all = async || {
            [
                rows("events").await,
                rows("deliveries").await,
                rows("delivery_attempts").await,
                rows("delivery_bodies").await,
            ]
        };
        // The endpoints of one generation share a body.
        assert_eq!(all().await, [3, 6, 3, 3]);
        // Dropping at the end of the first day deletes all of the first day and nothing of the second.
        let midnight = domain::time::Timestamp::from_seconds(1_769_904_000);
        workers::purge::drop_events(&app.state, midnight.unmoved()).await.unwrap();
        assert_eq!(all().await, [2, 4, 2, 2]);
        workers::purge::drop_events(&app.state, midnight.unmoved()).await.unwrap();
        assert_eq!(all().await, [2, 4, 2, 2]);
        // A delivery that an active endpoint still expects stays, although its event is dropped.
        let partner = partner.renewed().await;
        let path = format!("/v3/webhooks/endpoints/{}/deliveries", endpoint.id());
        let newest = partner.get(&path).await.expect(200).body["data"][0]["id"].as_str().unwrap().to_owned();
        partner.call(Method::POST, &format!("{path}/{newest}/retry"), None).await.expect(200);
        let march = midnight.plus(Duration::from_secs(28 * 86_400));
        workers::purge::drop_events(&app.state, march.unmoved()).await.unwrap();
        assert_eq!(all().await, [0, 1, 0, 1]);
        workers::run_until_idle(&app.state).await.unwrap();
        assert_eq!(sink.received().len(), 4);
    }
}
