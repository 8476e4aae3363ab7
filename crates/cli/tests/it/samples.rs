//! Samples of every event. One signed delivery of each event of the client libraries' generation is committed, so
//! that their own tests can verify and parse it. Other tests here send samples to endpoints that request them.

use app::links::Links;
use app::webhooks::samples::Source;
use domain::cause::Cause;
use domain::event::{Event, EventKind};
use domain::id::{DeliveryId, EventId, PartnerId, ResourceId};
use domain::time::Timestamp;
use domain::webhook::endpoint::Generation;
use domain::webhook::signature::{self, Secret};
use serde_json::{Value, json};
use server::workers;
use wire::SigningPage;

use crate::answer::Answer;
use crate::architecture::root;
use crate::sink::Sink;
use crate::support::{START, TestApp};

fn id<I: ResourceId>(place: u8) -> I {
    I::new(START, [place; 10])
}

/// `UPDATE_SAMPLES=1 cargo test -p cli --test it` rewrites the file.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the variable is this test's own switch")]
async fn the_committed_deliveries_equal_the_servers() {
    let app = TestApp::new().await;
    let secret = Secret::new([9; 32]);
    let signing_page = SigningPage::new(Links::new("https://dinie.test").signing_page());
    let sample = |(kind, place): (EventKind, u8)| {
        let mut next = place * 10;
        let mut random = || {
            next = next.wrapping_add(1);
            [next; 10]
        };
        let (tenant, book) = (id::<PartnerId>(0), &app.state.config.rates);
        let mut source = Source { tenant, now: START, random: &mut random, book };
        let domain_event = source.domain_event(kind).unwrap();
        let event = Event {
            id: id::<EventId>(place),
            partner: tenant,
            occurred_at: START,
            domain_event,
            cause: Cause::default(),
        };
        let rendered =
            server::generations::render(Generation::Sdk, &event, id::<DeliveryId>(place), &signing_page)
                .unwrap();
        let (webhook_id, at) = (event.id.to_string(), Timestamp::seconds(START));
        let signature = signature::header(&[&secret], &webhook_id, at, &rendered.body);
        json!({
            "type": rendered.name,
            "headers": {
                "webhook-id": webhook_id, "webhook-timestamp": at.to_string(), "webhook-signature": signature
            },
            "body": String::from_utf8(rendered.body.to_vec()).unwrap()
        })
    };
    let kind = |name: &&str| wire::generations::event_kind(Generation::Sdk, name).unwrap();
    let events: Vec<_> = wire::sdk::event::names().iter().map(kind).zip(1..).map(sample).collect();
    let names: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(names, wire::sdk::event::names());
    let mut written =
        serde_json::to_string_pretty(&json!({"secret": secret.reveal(), "events": events})).unwrap();
    written.push('\n');
    let path = root().join("crates/cli/tests/it/samples/sdk_events.json");
    if std::env::var_os("UPDATE_SAMPLES").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &written).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == written, "the samples differ from the server's; run with UPDATE_SAMPLES=1");
}

/// The keys of an event's data. The expected keys come from real deliveries; see `journey.rs` and `sdk.rs`.
fn keys(data: &Value) -> Vec<&str> {
    data.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_of_each_event_is_sent_only_to_the_endpoint_that_requests_it() {
    let (app, partner) = TestApp::with_partner().await;
    for (base, names) in [("/v3", wire::reference::event::names()), ("/api/v3", wire::sdk::event::names())] {
        let (sink, silent) = (Sink::start().await, Sink::start().await);
        // The first endpoint subscribes to none of the sent events and still receives the samples. The other
        // subscribes to all events and receives none.
        let body = json!({"url": sink.url, "events": ["credit_offer.expired"]});
        let endpoint = partner.post(&format!("{base}/webhooks/endpoints"), &body).await.expect(201);
        let other = json!({"url": silent.url});
        let other = partner.post(&format!("{base}/webhooks/endpoints"), &other).await.expect(201);
        let path = format!("{base}/webhooks/endpoints/{}", endpoint.id());
        for name in names {
            let sent = partner.post(&format!("{path}/test"), &json!({"type": name})).await.expect(201).body;
            assert_eq!((&sent["event_type"], &sent["status"]), (&json!(name), &json!("pending")));
            assert_eq!(sent["attempts"], json!([]));
        }
        workers::run_until_idle(&app.state).await.unwrap();
        let received = sink.verified(endpoint.body["secret"].as_str().unwrap());
        let mut types: Vec<&str> = received.iter().map(|body| body["type"].as_str().unwrap()).collect();
        types.sort_unstable();
        let mut all = names.to_vec();
        all.sort_unstable();
        assert_eq!(types, all);
        for body in &received {
            assert!(keys(&body["data"]).len() >= 2 && !body.to_string().contains("sample"), "{body}");
        }
        let listed = partner.get(&format!("{path}/deliveries?status=delivered&limit=100")).await.expect(200);
        assert_eq!(listed.body["data"].as_array().unwrap().len(), names.len());
        assert_eq!(silent.received().len(), 0);
        let happened = partner.get(&format!("{base}/events")).await.expect(200);
        assert_eq!(happened.body["data"], json!([]), "none of the events happened");
        partner
            .call(axum::http::Method::DELETE, &format!("{base}/webhooks/endpoints/{}", other.id()), None)
            .await
            .expect(204);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_has_the_same_fields_as_a_real_event() {
    let (app, partner) = TestApp::with_partner().await;
    for base in ["/v3", "/api/v3"] {
        let sink = Sink::start().await;
        let body = json!({"url": sink.url});
        let endpoint = partner.post(&format!("{base}/webhooks/endpoints"), &body).await.expect(201);
        let number = if base == "/v3" { 100_000_001 } else { 100_000_002 };
        let offer = partner.offer(number, "range_offer").await;
        let loan = partner.simulation(&offer, "10000.00", 12).await;
        partner.post("/v3/loans", &loan).await.expect(201);
        app.let_seconds_pass(4).await;
        let real = sink.received().len();
        let path = format!("{base}/webhooks/endpoints/{}/test", endpoint.id());
        let bodies = sink.verified(endpoint.body["secret"].as_str().unwrap());
        for happened in &bodies {
            partner.post(&path, &json!({"type": happened["type"]})).await.expect(201);
        }
        workers::run_until_idle(&app.state).await.unwrap();
        let all = sink.verified(endpoint.body["secret"].as_str().unwrap());
        assert_eq!(all.len(), 2 * real);
        for happened in &bodies {
            let sample = all[real..].iter().find(|sample| sample["type"] == happened["type"]).unwrap();
            assert_eq!(keys(sample), keys(happened));
            assert_eq!(keys(&sample["data"]), keys(&happened["data"]), "{}", happened["type"]);
            // The data of customer.kyc_updated changes while KYC is pending, and once more with its approval.
            if happened["type"] != "customer.kyc_updated" {
                assert_eq!(sample["data"]["status"], happened["data"]["status"], "{}", happened["type"]);
            }
        }
        partner
            .patch(&format!("{base}/webhooks/endpoints/{}", endpoint.id()), &json!({"status": "disabled"}))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn wrong_requests_for_a_sample_are_reported() {
    let app = TestApp::new().await;
    let (partner, stranger) = (app.partner().await, app.partner().await);
    let loan = json!({"type": "loan.active"});
    for (base, other_name) in [("/v3", "loan.processing"), ("/api/v3", "loan.signed")] {
        let other_base = if base == "/v3" { "/api/v3" } else { "/v3" };
        let body = json!({"url": "https://example.com/"});
        let endpoint = partner.post(&format!("{base}/webhooks/endpoints"), &body).await.expect(201);
        let path = format!("/webhooks/endpoints/{}", endpoint.id());
        let post = async |body: Value| partner.post(&format!("{base}{path}/test"), &body).await;
        post(json!({})).await.expect_problem(422, "missing_required_field");
        post(json!({"type": null})).await.expect_problem(422, "missing_required_field");
        post(json!({"type": 4})).await.expect_problem(422, "invalid_format");
        post(json!([])).await.expect_problem(422, "invalid_format");
        for name in ["loan.eaten", "loan.*", "", other_name] {
            let refused: Answer = post(json!({"type": name})).await;
            refused.expect_problem_of("type", 422, "invalid_event");
        }
        partner
            .call(axum::http::Method::POST, &format!("{base}{path}/test"), None)
            .await
            .expect_problem(400, "malformed_body");
        stranger.post(&format!("{base}{path}/test"), &loan).await.expect_problem(404, "resource_not_found");
        for id in [format!("we_{}", "0".repeat(32)), "x".to_owned()] {
            let unknown = format!("{base}/webhooks/endpoints/{id}/test");
            partner.post(&unknown, &loan).await.expect_problem(404, "resource_not_found");
        }
        // A request through the other generation still gets the sample in the endpoint's own generation.
        let through_other = format!("{other_base}{path}/test");
        partner.post(&through_other, &json!({"type": "loan.created"})).await.expect(201);
        let refused = partner.post(&through_other, &json!({"type": other_name})).await;
        refused.expect_problem(422, "invalid_event");

        let keyed = async |key| partner.post_keyed(&format!("{base}{path}/test"), &loan, key).await;
        let (first, again) = (keyed(base).await.expect(201), keyed(base).await.expect(201));
        assert_eq!((first.id(), again.header("idempotent-replayed")), (again.id(), Some("true")));
        partner.patch(&format!("{base}{path}"), &json!({"status": "disabled"})).await.expect(200);
        post(loan.clone()).await.expect_problem(409, "invalid_state");
        assert_eq!(keyed(base).await.expect(201).id(), first.id(), "a used key returns its stored answer");
    }
}
