//! The sandbox's clock: a partner lets time pass for its own resources.

use std::time::Duration;

use domain::credential::Environment;
use domain::time::Timestamp;
use serde_json::{Value, json};
use server::clock::Clock;
use server::workers;

use crate::engines::on_both_engines;
use crate::sink::Sink;
use crate::support::{Partner, START, Setup, TestApp};

#[test]
fn a_test_clock_does_not_move_until_it_is_moved() {
    let clock = Clock::starting_at(START.unmoved());
    let (first, second) = (clock.now(), clock.now());
    assert_eq!(first, START.unmoved());
    assert_eq!(second.since(first), Duration::from_micros(1), "only a read moves it, by the smallest step");
    let running = clock.running();
    assert_eq!(clock.running(), running);
    clock.advance(Duration::from_secs(60));
    assert_eq!(clock.running(), running + Duration::from_secs(60));
    assert_eq!(clock.now().since(second), Duration::from_micros(60_000_001));
}

async fn advance(partner: &Partner, body: &Value) -> Value {
    partner.post("/sandbox/clock/advance", body).await.expect(200).body
}

fn moment(value: &Value) -> Timestamp {
    let moment: jiff::Timestamp = value.as_str().unwrap().parse().unwrap();
    Timestamp::from_seconds(moment.as_second())
}

on_both_engines!(months_pass_for_one_partner:
    months_pass_for_one_partner_on_sqlite,
    months_pass_for_one_partner_on_postgresql);

async fn months_pass_for_one_partner(app: &TestApp) {
    let (partner, other) = (app.partner().await, app.partner().await);
    let sink = Sink::start().await;
    let endpoint = partner.endpoint(&sink).await;
    let paid = partner.loan(529_982_247, "pays_on_time").await.id();
    app.let_seconds_pass(4).await;
    let unsigned = partner.loan(111_444_777, "never_signs").await.id();
    let offer = partner.offer(255_248_930, "no_matter").await;
    let theirs = other.offer(123_456_789, "no_matter").await;

    let clock = advance(&partner, &json!({"days": 400})).await;
    assert_eq!(clock["offset_seconds"], 400 * 86_400);
    let shown = partner.get("/sandbox/clock").await.expect(200).body;
    assert_eq!(shown["offset_seconds"], clock["offset_seconds"]);
    assert_eq!(other.get("/sandbox/clock").await.expect(200).body["offset_seconds"], 0);
    workers::run_until_idle(&app.state).await.unwrap();

    let status = async |path: String| partner.get(&path).await.expect(200).body["status"].clone();
    assert_eq!(status(format!("/v3/loans/{paid}")).await, "finished");
    assert_eq!(status(format!("/v3/loans/{unsigned}")).await, "cancelled");
    assert_eq!(status(format!("/v3/credit-offers/{offer}")).await, "expired");
    let spared = other.get(&format!("/v3/credit-offers/{theirs}")).await.expect(200);
    assert_eq!(spared.body["status"], "available");
    let check = app::ledger::check::whole(&app.state.store).await.unwrap();
    assert!(check.is_right(), "{check:?}");

    // Each event has the moment at which it was due, and each attempt has the real moment.
    let events = sink.verified(endpoint.body["secret"].as_str().unwrap());
    let times = |name: &str| -> Vec<Timestamp> {
        let of_name = events.iter().filter(|event| event["type"] == name);
        of_name.map(|event| moment(&event["timestamp"])).collect()
    };
    let mut payments: Vec<_> =
        times("loan.payment_received").iter().map(|time| time.business_date()).collect();
    payments.sort();
    payments.dedup();
    assert_eq!(payments.len(), 12, "{payments:?}");
    assert_eq!(times("loan.cancelled")[0].since(START).as_secs() / 86_400, 7);
    assert!(times("credit_offer.expired")[0].since(START).as_secs() / 86_400 == 30);
    let attempt = |header: &str| header.parse::<i64>().unwrap();
    let real = server::clock::real_now().seconds();
    for received in sink.received() {
        let sent = attempt(received.headers["webhook-timestamp"].to_str().unwrap());
        assert!((real - sent).abs() < 120);
    }
}

#[tokio::test]
async fn a_clock_never_goes_back_and_reports_wrong_requests() {
    let partner = TestApp::new().await.partner().await;
    for (body, param) in [
        (json!({}), "days"),
        (json!({"days": -1}), "days"),
        (json!({"until": "2026-01-14"}), "until"),
        (json!({"until": "2026-01-14", "days": 1}), "until"),
        (json!({"until": "2126-01-14"}), "until"),
    ] {
        let refused = partner.post("/sandbox/clock/advance", &body).await.expect(422);
        assert_eq!(refused.faults()[0].0, param);
    }
    let day = advance(&partner, &json!({"until": "2026-02-15"})).await;
    assert!(moment(&day["now"]) >= moment(&json!("2026-02-16T02:59:59Z")), "{day}");
    let again = advance(&partner, &json!({"until": "2026-02-15"})).await;
    assert_eq!(again["offset_seconds"], day["offset_seconds"], "the same call again has no effect");
    partner.post("/sandbox/clock/advance", &json!({"until": "2026-02-14"})).await.expect(422);
    let shown = partner.get("/sandbox/clock").await.body;
    assert_eq!(shown["offset_seconds"], day["offset_seconds"]);
}

#[tokio::test]
async fn a_clock_stays_within_ten_years_of_the_real_time() {
    let partner = TestApp::new().await.partner().await;
    advance(&partner, &json!({"days": 3_600.0})).await;
    let ahead = partner.get("/sandbox/clock").await.body;
    for body in [
        json!({"days": 100}),
        json!({"until": "9998-01-01"}),
        json!({"until": "9999-12-31"}),
        json!({"until": "9999-12-30T22:00:00Z"}),
    ] {
        let refused = partner.post("/sandbox/clock/advance", &body).await;
        refused.expect_problem(422, "invalid_format");
    }
    assert_eq!(partner.get("/sandbox/clock").await.body["offset_seconds"], ahead["offset_seconds"]);
}

#[tokio::test]
async fn a_clock_that_passed_the_calendars_end_before_the_bound_existed_breaks_no_read() {
    let (app, partner) = TestApp::with_partner().await;
    let before = partner.customer(529_982_247, "manual").await;
    let tenant = partner.id;
    let centuries = std::time::Duration::from_secs(9_000 * 366 * 86_400);
    let (offsets, now) = ((Duration::ZERO, centuries), app.state.clock.now());
    let moved = app.state.store.write(move |tx| store::clocks::advance(tx, tenant, offsets, now));
    moved.await.unwrap();
    app.state.read_partner_clocks().await.unwrap();
    let after = partner.customer(111_444_777, "manual").await;
    let shown = partner.get(&format!("/v3/customers/{after}")).await.expect(200);
    assert_eq!(shown.body["created_at"], "9999-12-30T22:00:00Z");
    let listed = partner.get("/v3/customers").await.expect(200);
    assert_eq!(listed.body["data"][1]["id"].as_str(), Some(&*before));
    partner.get("/sandbox/clock").await.expect(200);
    partner.post("/sandbox/clock/advance", &json!({"days": 1})).await.expect(422);
    workers::run_until_idle(&app.state).await.unwrap();
    assert!(!partner.get("/v3/events").await.expect(200).body["data"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_moved_clock_does_not_expire_keys_and_tokens() {
    let partner = TestApp::new().await.partner().await;
    let body = crate::inputs::registration(529_982_247, "manual");
    let first = partner.post_keyed("/v3/customers", &body, "key").await.expect(201);
    advance(&partner, &json!({"days": 30})).await;
    let again = partner.post_keyed("/v3/customers", &body, "key").await.expect(201);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.bytes, first.bytes);
    let credential = partner.post("/v3/auth/credentials", &json!({"name": "later"})).await.expect(201);
    assert!(moment(&credential.body["created_at"]).since(START).as_secs() < 60);
    let later = partner.customer(111_444_777, "manual").await;
    let customer = partner.get(&format!("/v3/customers/{later}")).await.expect(200);
    assert_eq!(moment(&customer.body["created_at"]).since(START).as_secs() / 86_400, 30);
}

#[tokio::test]
async fn production_has_no_movable_clock() {
    let app = TestApp::with(Setup { environment: Environment::Production, ..Setup::default() }).await;
    let partner = app.partner().await;
    partner.get("/sandbox/clock").await.expect_problem(404, "route_not_found");
    partner.post("/sandbox/clock/advance", &json!({"days": 1})).await.expect_problem(404, "route_not_found");
    app.get("/sandbox/openapi.json").await.expect_problem(404, "route_not_found");
}
