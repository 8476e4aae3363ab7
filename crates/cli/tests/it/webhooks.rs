//! Endpoints and deliveries: signatures, retries, rotation, disabling and enabling, deleting.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use server::workers;

use crate::answer::Answer;
use crate::support::TestApp;

use crate::sink::{Sink, verify};

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_attempt_is_retried_with_the_same_id_and_bytes() {
    let app = TestApp::new().await;
    let (partner, sink) = (app.partner().await, Sink::start().await);
    partner.endpoint_for(&sink, &["customer.created"]).await;
    sink.answer_next(&[(500, vec![]), (302, vec![("location", "http://127.0.0.1:1/")]), (200, vec![])]);
    partner.customer(529_982_247, "manual").await;

    workers::run_until_idle(&app.state).await.unwrap();
    assert_eq!(sink.received().len(), 1);
    app.clock.advance(Duration::from_secs(3));
    workers::run_until_idle(&app.state).await.unwrap();
    assert_eq!(sink.received().len(), 1, "five seconds minus a fifth have not passed");
    for wait_s in [4, 361, 2_161, 100_000] {
        app.clock.advance(Duration::from_secs(wait_s));
        workers::run_until_idle(&app.state).await.unwrap();
    }
    let received = sink.received();
    assert_eq!(received.len(), 3, "a redirect is a failure, and a success ends the retries");
    assert!(received.windows(2).all(|two| two[0].body == two[1].body));
    assert!(received.windows(2).all(|two| two[0].headers["webhook-id"] == two[1].headers["webhook-id"]));
    assert!(received[0].headers["user-agent"].to_str().unwrap().starts_with("Dinie-Webhooks/3 (+"));
    assert_eq!(received[0].headers["content-type"], "application/json");
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_of_both_generations_receive_their_own_bodies_of_one_event() {
    let (app, partner) = TestApp::with_partner().await;
    let mut sinks = Vec::new();
    for base in ["/v3", "/api/v3", "/v3", "/api/v3", "/v3"] {
        let sink = Sink::start().await;
        let endpoint = json!({"url": sink.url, "events": ["customer.created"]});
        let endpoint = partner.post(&format!("{base}/webhooks/endpoints"), &endpoint).await.expect(201);
        sinks.push((base, sink, endpoint.body));
    }
    partner.customer(529_982_247, "manual").await;
    workers::run_until_idle(&app.state).await.unwrap();
    let mut deliveries = Vec::new();
    let reference = sinks[0].1.received()[0].body.clone();
    for (base, sink, endpoint) in &sinks {
        let [body] = &sink.verified(endpoint["secret"].as_str().unwrap())[..] else {
            panic!("each sink has one event")
        };
        if *base == "/v3" {
            assert_eq!(sink.received()[0].body, reference);
            continue;
        }
        let path = format!("{base}/webhooks/endpoints/{}/deliveries", endpoint["id"].as_str().unwrap());
        let listed = partner.get(&path).await.expect(200).body;
        assert_eq!(body["delivery_id"], listed["data"][0]["id"]);
        deliveries.push(body["delivery_id"].clone());
    }
    assert_eq!(deliveries.len(), 2);
    assert_ne!(deliveries[0], deliveries[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_after_is_honoured_up_to_twice_the_planned_delay() {
    let app = TestApp::new().await;
    let (partner, sink) = (app.partner().await, Sink::start().await);
    partner.endpoint_for(&sink, &["customer.created"]).await;
    sink.answer_next(&[(503, vec![("retry-after", "3600")])]);
    partner.customer(529_982_247, "manual").await;
    workers::run_until_idle(&app.state).await.unwrap();
    app.clock.advance(Duration::from_secs(7));
    workers::run_until_idle(&app.state).await.unwrap();
    assert_eq!(sink.received().len(), 1, "at least twice four seconds");
    app.clock.advance(Duration::from_secs(6));
    workers::run_until_idle(&app.state).await.unwrap();
    assert_eq!(sink.received().len(), 2, "at most twice six seconds");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_secrets_sign_until_the_former_secret_expires() {
    let (app, partner, sink, endpoint) = TestApp::with_endpoint().await;
    let path = format!("/v3/webhooks/endpoints/{}", endpoint.id());
    let rotated = partner
        .post(&format!("{path}/secret/rotate"), &json!({"expire_current_in": 86_400}))
        .await
        .expect(200);
    let (old, new) = (endpoint.body["secret"].as_str().unwrap(), rotated.body["secret"].as_str().unwrap());
    assert_ne!(old, new);
    assert_eq!(rotated.body["previous_secret_expires_at"], "2026-01-16T12:00:00Z");
    assert!(partner.get(&path).await.body.get("secret").is_none());

    partner.customer(529_982_247, "manual").await;
    workers::run_until_idle(&app.state).await.unwrap();
    let received = sink.received().pop().unwrap();
    assert_eq!(received.headers["webhook-signature"].to_str().unwrap().split(' ').count(), 2);
    verify(&received, new).unwrap();
    verify(&received, old).unwrap();

    partner.post(&format!("{path}/secret/rotate"), &json!({"expire_current_in": 0})).await.expect(200);
    partner.customer(111_444_777, "manual").await;
    workers::run_until_idle(&app.state).await.unwrap();
    let received = sink.received().pop().unwrap();
    assert_eq!(received.headers["webhook-signature"].to_str().unwrap().split(' ').count(), 1);
    verify(&received, new).unwrap_err();

    for wrong in [
        json!({"expire_current_in": 86_401}),
        json!({"expire_current_in": -1}),
        json!({"expire_current_in": "1"}),
    ] {
        partner.post(&format!("{path}/secret/rotate"), &wrong).await.expect_problem(422, "invalid_format");
    }
    partner.call(Method::POST, &format!("{path}/secret/rotate"), None).await.expect(200);
    partner.post(&format!("{path}/secret/rotate"), &json!(null)).await.expect(200);
}

/// The status of an endpoint, and its reason.
fn status_and_reason(endpoint: &Answer) -> Value {
    json!([endpoint.body["status"], endpoint.body["disabled_reason"]])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_endpoint_keeps_its_deliveries_until_it_is_enabled() {
    let (app, partner, sink, endpoint) = TestApp::with_endpoint().await;
    let path = format!("/v3/webhooks/endpoints/{}", endpoint.id());
    assert_eq!(status_and_reason(&endpoint), json!(["active", null]));
    let disabled = partner.patch(&path, &json!({"status": "disabled"})).await.expect(200);
    assert_eq!(status_and_reason(&disabled), json!(["disabled", "by_partner"]));
    partner.customer(529_982_247, "manual").await;
    workers::run_until_idle(&app.state).await.unwrap();
    assert_eq!(sink.received().len(), 0);
    let enabled = partner.patch(&path, &json!({"status": "active"})).await.expect(200);
    assert_eq!(status_and_reason(&enabled), json!(["active", null]));
    workers::run_until_idle(&app.state).await.unwrap();
    assert_eq!(sink.verified(endpoint.body["secret"].as_str().unwrap()).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_gone_or_keeps_failing_is_disabled() {
    let app = TestApp::new().await;
    let mut partner = app.partner().await;
    let (gone, dead) = (Sink::start().await, Sink::start().await);
    let mut paths = Vec::new();
    for sink in [&gone, &dead] {
        let endpoint = partner.endpoint(sink).await;
        paths.push(format!("/v3/webhooks/endpoints/{}", endpoint.id()));
    }
    gone.answer_next(&[(410, vec![])]);
    dead.answer_next(&vec![(500, vec![]); 100]);
    partner.customer(529_982_247, "manual").await;
    workers::run_until_idle(&app.state).await.unwrap();
    assert_eq!(status_and_reason(&partner.get(&paths[0]).await), json!(["disabled", "gone"]));
    assert_eq!(status_and_reason(&partner.get(&paths[1]).await), json!(["active", null]));
    // Three days of retries end in a failed delivery. Five days without a success disable the endpoint.
    for hours in 0..=125_u32 {
        app.clock.advance(Duration::from_secs(3_600));
        if hours % 24 == 0 {
            partner = partner.renewed().await;
            partner.customer(100_000_000 + hours, "manual").await;
        }
        workers::run_until_idle(&app.state).await.unwrap();
    }
    let partner = partner.renewed().await;
    assert_eq!(status_and_reason(&partner.get(&paths[1]).await), json!(["disabled", "failing"]));
    // The client libraries' generation shows the same status of the endpoint.
    for (path, reason) in paths.iter().zip(["gone", "failing"]) {
        let shown = partner.get(&format!("/api{path}")).await.expect(200);
        assert_eq!(status_and_reason(&shown), json!(["disabled", reason]));
        let enabled = partner.patch(path, &json!({"status": "active"})).await.expect(200);
        assert_eq!(
            status_and_reason(&enabled),
            json!(["active", null]),
            "enabling the endpoint clears the reason"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_endpoint_receives_nothing_more() {
    let (app, partner, sink, endpoint) = TestApp::with_endpoint().await;
    let path = format!("/v3/webhooks/endpoints/{}", endpoint.id());
    partner.customer(529_982_247, "manual").await;
    workers::fan_out::tick(&app.state).await.unwrap();
    partner.call(Method::DELETE, &path, None).await.expect(204);
    workers::run_until_idle(&app.state).await.unwrap();
    assert_eq!(sink.received().len(), 0);
    partner.get(&path).await.expect_problem(404, "resource_not_found");
    partner.call(Method::DELETE, &path, None).await.expect_problem(404, "resource_not_found");
    let backlog = app.state.store.read(app::webhooks::deliveries::backlog).await.unwrap();
    assert_eq!(backlog.deliveries, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_receives_only_events_of_its_patterns_and_of_its_partner() {
    let app = TestApp::new().await;
    let (partner, other, sink) = (app.partner().await, app.partner().await, Sink::start().await);
    partner.endpoint_for(&sink, &["customer.under_review", "credit_offer.*"]).await;
    partner.documented_customer(529_982_247, "").await;
    other.documented_customer(529_982_247, "").await;
    app.let_seconds_pass(3).await;
    let received = sink.received();
    let kinds: Vec<Value> = received.iter().map(|r| serde_json::from_slice(&r.body).unwrap()).collect();
    let kinds: Vec<&str> = kinds.iter().map(|body: &Value| body["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["customer.under_review", "credit_offer.available"]);
}

#[tokio::test]
async fn wrong_endpoints_are_refused() {
    let partner = TestApp::new().await.partner().await;
    let post = async |body: Value| partner.post("/v3/webhooks/endpoints", &body).await;
    post(json!({})).await.expect_problem(422, "missing_required_field");
    post(json!({"url": "http://example.com/"})).await.expect_problem(422, "invalid_url");
    post(json!({"url": "https://10.0.0.1/"})).await.expect_problem(422, "invalid_url");
    post(json!({"url": "nonsense"})).await.expect_problem(422, "invalid_url");
    let wrong = post(json!({"url": "https://example.com/", "events": ["loan.*", "loan.eaten", 4]})).await;
    let faults = wrong.expect_problem(422, "invalid_event").faults();
    let fault = |param: &str, code: &str| (param.to_owned(), code.to_owned());
    assert_eq!(faults, [fault("events[1]", "invalid_event"), fault("events[2]", "invalid_format")]);
    // This event is not in this generation, although the domain has it.
    post(json!({"url": "https://example.com/", "events": ["loan.signature_received"]}))
        .await
        .expect_problem(422, "invalid_event");
    let endpoint = post(json!({"url": "https://example.com/"})).await.expect(201);
    let path = format!("/v3/webhooks/endpoints/{}", endpoint.id());
    partner.patch(&path, &json!({"status": "paused"})).await.expect_problem(422, "invalid_format");
    partner.patch(&path, &json!({"url": "ftp://x"})).await.expect_problem(422, "invalid_url");
    let changed =
        partner.patch(&path, &json!({"events": ["loan.*"], "description": "money"})).await.expect(200);
    assert_eq!(
        (&changed.body["events"], &changed.body["description"]),
        (&json!(["loan.*"]), &json!("money"))
    );
    assert_eq!(partner.patch(&path, &json!({"description": null})).await.body["description"], Value::Null);
}

#[tokio::test]
async fn a_partner_has_at_most_fifty_endpoints() {
    let partner = TestApp::new().await.partner().await;
    for number in 0..50 {
        let body = json!({"url": format!("https://example.com/{number}")});
        partner.post("/v3/webhooks/endpoints", &body).await.expect(201);
    }
    let one_more = partner.post("/v3/webhooks/endpoints", &json!({"url": "https://example.com/"})).await;
    one_more.expect_problem(409, "invalid_state");
}

#[tokio::test]
async fn an_enabled_endpoint_receives_its_waiting_deliveries_at_once() {
    for app in TestApp::on_each_engine().await {
        let (partner, sink) = (app.partner().await, Sink::start().await);
        let endpoint = partner.endpoint_for(&sink, &["customer.created"]).await;
        let path = format!("/v3/webhooks/endpoints/{}", endpoint.id());
        // Two attempts fail and are due later. The third answer says that the endpoint is gone. More events happen
        // meanwhile.
        sink.answer_next(&[(500, vec![]), (500, vec![]), (410, vec![])]);
        let mut customers = Vec::new();
        for number in [529_982_247, 111_444_777, 123_456_789, 255_248_930, 100_000_001] {
            customers.push(partner.customer(number, "manual").await);
            app.clock.advance(Duration::from_secs(1));
            workers::run_until_idle(&app.state).await.unwrap();
        }
        let shown = partner.get(&path).await.expect(200).body;
        assert_eq!((&shown["status"], &shown["disabled_reason"]), (&json!("disabled"), &json!("gone")));
        assert_eq!(sink.received().len(), 3);
        partner.patch(&path, &json!({"status": "active"})).await.expect(200);
        workers::run_until_idle(&app.state).await.unwrap();
        let received = sink.verified(endpoint.body["secret"].as_str().unwrap());
        let received: Vec<&str> =
            received[3..].iter().map(|body| body["data"]["id"].as_str().unwrap()).collect();
        assert_eq!(received.len(), 5, "all deliveries are sent at once");
        // Sixteen requests are sent at the same time, so their order of arrival can differ from their order of
        // sending.
        let sent: std::collections::BTreeSet<&str> = received.iter().copied().collect();
        assert_eq!(sent, customers.iter().map(String::as_str).collect());
    }
}

/// A partner whose receiver is down: the endpoint refuses for an hour, and then one call delivers everything.
#[tokio::test]
async fn an_endpoint_that_was_down_for_an_hour_misses_nothing() {
    let (app, partner, sink, endpoint) = TestApp::with_endpoint().await;
    let secret = endpoint.body["secret"].as_str().unwrap().to_owned();
    sink.answer_next(&vec![(503, vec![]); 500]);
    for minutes in 0..60_u32 {
        if minutes.is_multiple_of(6) {
            partner.renewed().await.customer(100_000_000 + minutes, "manual").await;
        }
        app.clock.advance(Duration::from_secs(60));
        workers::run_until_idle(&app.state).await.unwrap();
    }
    let refused = sink.received().len();
    assert!(refused > 20, "each was attempted several times: {refused}");
    let partner = partner.renewed().await;
    let happened = partner.get("/v3/events?limit=100").await.expect(200).body["data"].clone();
    let happened: std::collections::BTreeSet<String> =
        happened.as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(happened.len(), 10);
    sink.answer_next(&[]);
    sink.answer_as_usual();
    let path = format!("/v3/webhooks/endpoints/{}", endpoint.id());
    let recovered = partner.post(&format!("{path}/recover"), &json!({"since": "2026-01-15T12:00:00Z"})).await;
    assert_eq!(recovered.expect(200).body, json!({"deliveries": 10}));
    workers::run_until_idle(&app.state).await.unwrap();
    let arrived: std::collections::BTreeSet<String> = sink.received()[refused..]
        .iter()
        .map(|received| received.headers["webhook-id"].to_str().unwrap().to_owned())
        .collect();
    assert_eq!(arrived, happened, "no event is missing");
    assert_eq!(sink.verified(&secret).len(), refused + 10, "and no accepted webhook is repeated");
    let pending = partner.get(&format!("{path}/deliveries?status=pending")).await.expect(200);
    assert_eq!(pending.body["data"], json!([]));
}
