//! Endpoints and deliveries: signatures, retries, rotation, switching off and on, deleting.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::webhooks::fan_out::{FanOut, fan_out};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};
use server::workers;

use crate::support::{Answer, Setup, TestApp, registration};

/// A receiver of webhooks on this machine.
pub(crate) struct Sink {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

/// A status and some headers.
type Planned = (u16, Vec<(&'static str, &'static str)>);

#[derive(Default)]
struct Shared {
    received: Mutex<Vec<Received>>,
    answers: Mutex<VecDeque<Planned>>,
}

#[derive(Clone)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Sink {
    pub(crate) async fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let routes = Router::new().fallback(receive).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { url, shared }
    }

    /// What the next requests are answered; 204 once the list is used up.
    pub(crate) fn answer_next(&self, answers: &[Planned]) {
        self.shared.answers.lock().unwrap().extend(answers.iter().cloned());
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// Every body, after an independent library has verified its signature.
    pub(crate) fn verified(&self, secret: &str) -> Vec<Value> {
        let verify = |received: &Received| {
            verify(received, secret).unwrap();
            serde_json::from_slice(&received.body).unwrap()
        };
        self.received().iter().map(verify).collect()
    }
}

pub(crate) fn verify(received: &Received, secret: &str) -> Result<(), standardwebhooks::WebhookError> {
    let webhook = standardwebhooks::Webhook::new(secret)?;
    let mut headers = HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let value = received.headers.get(name).unwrap().to_str().unwrap();
        headers.insert(name, value.parse().unwrap());
    }
    webhook.verify(&received.body, &headers)
}

async fn receive(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap) {
    shared.received.lock().unwrap().push(Received { headers, body: body.to_vec() });
    let (status, extra) = shared.answers.lock().unwrap().pop_front().unwrap_or((204, Vec::new()));
    let mut headers = HeaderMap::new();
    for (name, value) in extra {
        headers.insert(name, value.parse().unwrap());
    }
    (StatusCode::from_u16(status).unwrap(), headers)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_attempt_is_repeated_with_the_same_id_and_bytes() {
    let app = TestApp::new().await;
    let (partner, sink) = (app.partner().await, Sink::start().await);
    partner
        .post("/v3/webhooks/endpoints", &json!({"url": sink.url, "events": ["customer.created"]}))
        .await
        .expect(201);
    sink.answer_next(&[(500, vec![]), (302, vec![("location", "http://127.0.0.1:1/")]), (200, vec![])]);
    partner.customer(529_982_247, "manual").await;

    workers::run_until_idle(&app.state).await.unwrap();
    assert_eq!(sink.received().len(), 1);
    app.clock.advance(Duration::from_secs(3));
    workers::run_until_idle(&app.state).await.unwrap();
    assert_eq!(sink.received().len(), 1, "five seconds less a fifth have not passed");
    for wait_s in [4, 361, 2_161, 100_000] {
        app.clock.advance(Duration::from_secs(wait_s));
        workers::run_until_idle(&app.state).await.unwrap();
    }
    let received = sink.received();
    assert_eq!(received.len(), 3, "a redirect is a failure, and a success ends it");
    assert!(received.windows(2).all(|two| two[0].body == two[1].body));
    assert!(received.windows(2).all(|two| two[0].headers["webhook-id"] == two[1].headers["webhook-id"]));
    assert!(received[0].headers["user-agent"].to_str().unwrap().starts_with("Dinie-Webhooks/3 (+"));
    assert_eq!(received[0].headers["content-type"], "application/json");
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_of_both_generations_get_their_own_bodies_of_one_event() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
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
            panic!("one event a sink")
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
async fn retry_after_is_honoured_up_to_twice_the_plan() {
    let app = TestApp::new().await;
    let (partner, sink) = (app.partner().await, Sink::start().await);
    partner
        .post("/v3/webhooks/endpoints", &json!({"url": sink.url, "events": ["customer.created"]}))
        .await
        .expect(201);
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
async fn both_secrets_sign_until_the_former_ones_time_is_over() {
    let app = TestApp::new().await;
    let (partner, sink) = (app.partner().await, Sink::start().await);
    let endpoint = partner.post("/v3/webhooks/endpoints", &json!({"url": sink.url})).await.expect(201);
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

/// Where an endpoint stands, and why.
fn stands(endpoint: &Answer) -> Value {
    json!([endpoint.body["status"], endpoint.body["disabled_reason"]])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_endpoint_keeps_its_deliveries_until_it_is_enabled() {
    let app = TestApp::new().await;
    let (partner, sink) = (app.partner().await, Sink::start().await);
    let endpoint = partner.post("/v3/webhooks/endpoints", &json!({"url": sink.url})).await.expect(201);
    let path = format!("/v3/webhooks/endpoints/{}", endpoint.id());
    assert_eq!(stands(&endpoint), json!(["active", null]));
    let disabled = partner.patch(&path, &json!({"status": "disabled"})).await.expect(200);
    assert_eq!(stands(&disabled), json!(["disabled", "by_partner"]));
    partner.customer(529_982_247, "manual").await;
    workers::run_until_idle(&app.state).await.unwrap();
    assert_eq!(sink.received().len(), 0);
    let enabled = partner.patch(&path, &json!({"status": "active"})).await.expect(200);
    assert_eq!(stands(&enabled), json!(["active", null]));
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
        let endpoint = partner.post("/v3/webhooks/endpoints", &json!({"url": sink.url})).await.expect(201);
        paths.push(format!("/v3/webhooks/endpoints/{}", endpoint.id()));
    }
    gone.answer_next(&[(410, vec![])]);
    dead.answer_next(&vec![(500, vec![]); 100]);
    partner.customer(529_982_247, "manual").await;
    workers::run_until_idle(&app.state).await.unwrap();
    assert_eq!(stands(&partner.get(&paths[0]).await), json!(["disabled", "gone"]));
    assert_eq!(stands(&partner.get(&paths[1]).await), json!(["active", null]));
    // Three days of retries end in a visible failure; five days without one success end the endpoint.
    for hours in 0..=125_u32 {
        app.clock.advance(Duration::from_secs(3_600));
        if hours % 24 == 0 {
            partner = partner.renewed().await;
            partner.customer(100_000_000 + hours, "manual").await;
        }
        workers::run_until_idle(&app.state).await.unwrap();
    }
    let partner = partner.renewed().await;
    assert_eq!(stands(&partner.get(&paths[1]).await), json!(["disabled", "failing"]));
    // The client libraries' generation says the same of the same endpoint.
    for (path, reason) in paths.iter().zip(["gone", "failing"]) {
        let shown = partner.get(&format!("/api{path}")).await.expect(200);
        assert_eq!(stands(&shown), json!(["disabled", reason]));
        let enabled = partner.patch(path, &json!({"status": "active"})).await.expect(200);
        assert_eq!(stands(&enabled), json!(["active", null]), "switching it on clears the reason");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_endpoint_hears_nothing_more() {
    let app = TestApp::new().await;
    let (partner, sink) = (app.partner().await, Sink::start().await);
    let endpoint = partner.post("/v3/webhooks/endpoints", &json!({"url": sink.url})).await.expect(201);
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
async fn an_endpoint_hears_only_what_its_patterns_name_and_only_its_own_partner() {
    let app = TestApp::new().await;
    let (partner, other, sink) = (app.partner().await, app.partner().await, Sink::start().await);
    let events = json!({"url": sink.url, "events": ["customer.under_review", "credit_offer.*"]});
    partner.post("/v3/webhooks/endpoints", &events).await.expect(201);
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
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let post = async |body: Value| partner.post("/v3/webhooks/endpoints", &body).await;
    post(json!({})).await.expect_problem(422, "missing_required_field");
    post(json!({"url": "http://example.com/"})).await.expect_problem(422, "invalid_url");
    post(json!({"url": "https://10.0.0.1/"})).await.expect_problem(422, "invalid_url");
    post(json!({"url": "nonsense"})).await.expect_problem(422, "invalid_url");
    let wrong = post(json!({"url": "https://example.com/", "events": ["loan.*", "loan.eaten", 4]})).await;
    let faults = wrong.expect_problem(422, "invalid_event").faults();
    let fault = |param: &str, code: &str| (param.to_owned(), code.to_owned());
    assert_eq!(faults, [fault("events[1]", "invalid_event"), fault("events[2]", "invalid_format")]);
    // Not an event of this generation, though the domain knows it.
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
    let app = TestApp::new().await;
    let partner = app.partner().await;
    for number in 0..50 {
        let body = json!({"url": format!("https://example.com/{number}")});
        partner.post("/v3/webhooks/endpoints", &body).await.expect(201);
    }
    let one_more = partner.post("/v3/webhooks/endpoints", &json!({"url": "https://example.com/"})).await;
    one_more.expect_problem(409, "invalid_state");
}

#[tokio::test]
async fn a_partner_sees_what_became_of_each_webhook_and_recovers_what_was_missed() {
    for app in [Some(TestApp::new().await), TestApp::on_postgres().await].into_iter().flatten() {
        let (partner, sink) = (app.partner().await, Sink::start().await);
        let body = json!({"url": sink.url, "events": ["customer.created"]});
        let endpoint = partner.post("/v3/webhooks/endpoints", &body).await.expect(201);
        let secret = endpoint.body["secret"].as_str().unwrap().to_owned();
        let path = format!("/v3/webhooks/endpoints/{}", endpoint.id());
        let list = async |query: &str| {
            let listed = partner.renewed().await.get(&format!("{path}/deliveries{query}")).await;
            listed.expect(200).body["data"].as_array().unwrap().clone()
        };
        // One is taken; one is refused until it is given up.
        partner.customer(529_982_247, "manual").await;
        workers::run_until_idle(&app.state).await.unwrap();
        sink.answer_next(&vec![(500, vec![]); 10]);
        partner.customer(111_444_777, "manual").await;
        // A fifth beyond each planned delay, as jitter may ask for: three days and some hours in all.
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

        // Asked for once more, it comes as it was; so does one that had been taken.
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

        // An endpoint that was down gets everything with one call.
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
async fn what_is_wrong_with_a_question_for_deliveries_is_told() {
    let app = TestApp::new().await;
    let (partner, stranger) = (app.partner().await, app.partner().await);
    let endpoint =
        partner.post("/v3/webhooks/endpoints", &json!({"url": "https://example.com/"})).await.expect(201);
    let path = format!("/v3/webhooks/endpoints/{}", endpoint.id());
    for (query, param) in
        [("status=lost", "status"), ("since=yesterday", "since"), ("until=1", "until"), ("limit=0", "limit")]
    {
        let refused = partner.get(&format!("{path}/deliveries?{query}")).await;
        assert_eq!(refused.expect_problem(400, "invalid_parameter").body["param"], param);
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
async fn what_cannot_be_read_ends_as_failed_and_holds_nothing_up() {
    for app in [Some(TestApp::new().await), TestApp::on_postgres().await].into_iter().flatten() {
        let (partner, sink) = (app.partner().await, Sink::start().await);
        let body = json!({"url": sink.url, "events": ["customer.*"]});
        let endpoint = partner.post("/v3/webhooks/endpoints", &body).await.expect(201);
        let elsewhere = json!({"url": sink.url, "events": ["loan.*"]});
        let unconcerned = partner.post("/v3/webhooks/endpoints", &elsewhere).await.expect(201);
        let deliveries = async |endpoint: &str, query: &str| {
            let path = format!("/v3/webhooks/endpoints/{endpoint}/deliveries{query}");
            partner.get(&path).await.expect(200).body["data"].as_array().unwrap().clone()
        };
        // An event among others: the others arrive, and it fails where it would have been heard.
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
        // Asked for once more it fails once more.
        let retry = format!(
            "/v3/webhooks/endpoints/{}/deliveries/{}/retry",
            endpoint.id(),
            failed[0]["id"].as_str().unwrap()
        );
        assert_eq!(partner.call(Method::POST, &retry, None).await.expect(200).body["status"], "pending");
        workers::run_until_idle(&app.state).await.unwrap();
        let failed = deliveries(&endpoint.id(), "?status=failed").await;
        assert_eq!((failed.len(), &failed[0]["attempts"][0]["outcome"]), (1, &json!("unreadable")));

        // A body among others.
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

        // An endpoint whose secret is gone: what is for it fails, what is for others arrives.
        let healthy = partner.post("/v3/webhooks/endpoints", &body).await.expect(201);
        let first = format!("where id = '{}'", endpoint.id());
        damage(&app, &format!("update webhook_endpoints set sealed = $1 {first}")).await;
        partner.customer(100_000_002, "manual").await;
        workers::run_until_idle(&app.state).await.unwrap();
        assert_eq!(sink.received().len(), 4);
        assert_eq!(deliveries(&healthy.id(), "?status=delivered").await.len(), 1);
        // One whose patterns are gone hears nothing and keeps nobody else from hearing.
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
async fn an_event_is_opened_only_for_who_reads_it() {
    for app in [Some(TestApp::new().await), TestApp::on_postgres().await].into_iter().flatten() {
        let (partner, sink) = (app.partner().await, Sink::start().await);
        let tenant = partner.id;
        let fanned_out = async |wanted: bool| {
            let now = app.clock.now();
            let script = move |tx: &mut store::Tx<'_>| {
                let with = FanOut {
                    render: &|_, _, _| None,
                    name_of: &wire::generations::event_name,
                    wanted: &|_| wanted,
                    room: &|_| 0,
                    lease_end: now,
                };
                fan_out(tx, now, &[tenant], 10, &with)
            };
            let done = app.state.store.write(script).await.unwrap();
            (done.seen, done.events.len())
        };
        partner.post("/v3/customers", &registration(529_982_247, "manual")).await.expect(201);
        assert_eq!(fanned_out(false).await, (1, 0), "nobody reads it");
        partner.post("/v3/customers", &registration(111_444_777, "manual")).await.expect(201);
        assert_eq!(fanned_out(true).await, (1, 1), "the caller reads it");
        let endpoint = json!({"url": sink.url, "events": ["customer.created"]});
        partner.post("/v3/webhooks/endpoints", &endpoint).await.expect(201);
        partner.post("/v3/customers", &registration(123_456_789, "manual")).await.expect(201);
        assert_eq!(fanned_out(false).await, (1, 1), "an endpoint hears it");
    }
}

#[tokio::test]
async fn an_endpoint_switched_on_again_gets_what_has_waited_oldest_first() {
    for app in [Some(TestApp::new().await), TestApp::on_postgres().await].into_iter().flatten() {
        let (partner, sink) = (app.partner().await, Sink::start().await);
        let body = json!({"url": sink.url, "events": ["customer.created"]});
        let endpoint = partner.post("/v3/webhooks/endpoints", &body).await.expect(201);
        let path = format!("/v3/webhooks/endpoints/{}", endpoint.id());
        // Some have failed and are due later; it says that it is gone; some come to be while it is off.
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
        let told = sink.verified(endpoint.body["secret"].as_str().unwrap());
        let told: Vec<&str> = told[3..].iter().map(|body| body["data"]["id"].as_str().unwrap()).collect();
        assert_eq!(told.len(), 5, "all of it, at once");
        // Sixteen at a time go out together, so the order of their arrival is that of their sending but for a race.
        let sent: std::collections::BTreeSet<&str> = told.iter().copied().collect();
        assert_eq!(sent, customers.iter().map(String::as_str).collect());
    }
}

/// A partner that was down: the endpoint refuses for an hour, then one call brings everything.
#[tokio::test]
async fn an_endpoint_that_was_down_for_an_hour_misses_nothing() {
    let app = TestApp::new().await;
    let (partner, sink) = (app.partner().await, Sink::start().await);
    let endpoint = partner.post("/v3/webhooks/endpoints", &json!({"url": sink.url})).await.expect(201);
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
    sink.shared.answers.lock().unwrap().clear();
    let path = format!("/v3/webhooks/endpoints/{}", endpoint.id());
    let recovered = partner.post(&format!("{path}/recover"), &json!({"since": "2026-01-15T12:00:00Z"})).await;
    assert_eq!(recovered.expect(200).body, json!({"deliveries": 10}));
    workers::run_until_idle(&app.state).await.unwrap();
    let arrived: std::collections::BTreeSet<String> = sink.received()[refused..]
        .iter()
        .map(|received| received.headers["webhook-id"].to_str().unwrap().to_owned())
        .collect();
    assert_eq!(arrived, happened, "nothing is missing");
    assert_eq!(sink.verified(&secret).len(), refused + 10, "and nothing comes twice more");
    let pending = partner.get(&format!("{path}/deliveries?status=pending")).await.expect(200);
    assert_eq!(pending.body["data"], json!([]));
}

/// The event lies in the part for the rest, moves into its month when that is made, and goes with it.
#[tokio::test]
async fn two_nodes_make_and_drop_months_at_once() {
    let Some(database) = TestApp::postgres_database().await else { return };
    let setup = || Setup { database: Some(database.clone()), ..Setup::default() };
    let nodes = [TestApp::with(setup()).await, TestApp::with(setup()).await];
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
    assert_eq!(tokio::join!(one, other), (Ok(0), Ok(0)), "no row goes by itself");
    assert_eq!((count("events").await, count("events_2026_02").await), (0, 0));
}

/// Ninety days are kept. A day goes as a whole, and on PostgreSQL a month; here the first day is the last of January.
#[tokio::test]
async fn events_and_deliveries_are_dropped_by_day_or_month() {
    for app in [Some(TestApp::new().await), TestApp::on_postgres().await].into_iter().flatten() {
        workers::purge::tick(&app.state).await.unwrap();
        app.clock.advance(Duration::from_secs(16 * 86_400));
        let (partner, sink) = (app.partner().await, Sink::start().await);
        let everything = json!({"url": sink.url});
        let endpoint = partner.post("/v3/webhooks/endpoints", &everything).await.expect(201);
        let off = partner.post("/v3/webhooks/endpoints", &everything).await.expect(201);
        let disable = json!({"status": "disabled"});
        partner.patch(&format!("/v3/webhooks/endpoints/{}", off.id()), &disable).await.expect(200);
        // At noon of three days: what is for the second endpoint waits.
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
        // Where the first day ends nothing of the second goes, and nothing of the first stays.
        let midnight = domain::time::Timestamp::from_seconds(1_769_904_000);
        workers::purge::drop_events(&app.state, midnight.unmoved()).await.unwrap();
        assert_eq!(all().await, [2, 4, 2, 2]);
        workers::purge::drop_events(&app.state, midnight.unmoved()).await.unwrap();
        assert_eq!(all().await, [2, 4, 2, 2]);
        // What an active endpoint is still to get stays, though its event is gone.
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
