//! The id of a request in all that it causes, also in what workers do later.

use axum::http::Method;
use domain::access::TeamRole;
use serde_json::Value;
use server::workers::fan_out;

use crate::console::Person;
use crate::engines::on_both_engines;
use crate::inputs::registration;
use crate::operator::Operator;
use crate::requests::logged;
use crate::sink::Sink;
use crate::support::TestApp;

/// The value of a column of the rows in a table, each once, in order.
async fn each(app: &TestApp, sql: &'static str) -> Vec<Option<String>> {
    app.state.store.read(move |tx: &mut store::Tx<'_>| tx.fetch_all(sql, &[])).await.unwrap()
}

async fn all_that_a_request_caused_has_its_id(app: &TestApp) {
    let partner = app.partner().await;
    let sink = Sink::start().await;
    partner.endpoint(&sink).await;
    let headers = [("x-request-id", "story-1")];
    let body = registration(529_982_247, "sends_files");
    let customer = partner.call_with(Method::POST, "/v3/customers", Some(&body), &headers).await.expect(201);
    logged(&partner, "").await;
    let person = Person::of_team(app, partner.id, TeamRole::Support).await;
    let before = person.read("/dashboard/requests/story-1").await;
    assert!(before.contains("customer.created</code>"), "{before}");
    fan_out::tick(&app.state).await.unwrap();
    let planned = person.read("/dashboard/requests/story-1").await;
    assert!(planned.contains("Decisões por tomar") && planned.contains("analyse_credit"), "{planned}");
    app.let_seconds_pass(5).await;
    let later = person.read("/dashboard/requests/story-1").await;
    assert!(later.contains("customer.active</code>"), "{later}");
    assert!(later.contains("127.0.0.1") && later.contains("/deliveries/dlv_"), "{later}");
    assert!(!later.contains("analyse_credit"), "the job is done: {later}");
    for sql in ["select distinct request_id from events", "select distinct request_id from delivery_bodies"] {
        assert_eq!(each(app, sql).await, [Some("story-1".to_owned())], "{sql}");
    }
    let event = later.split("/dashboard/events/").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let event = person.read(&format!("/dashboard/events/{event}")).await;
    assert!(event.contains("href=\"/dashboard/requests/story%2D1\""), "{event}");
    let path = later.split("\"/dashboard/webhooks/").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let delivery = person.read(&format!("/dashboard/webhooks/{path}")).await;
    assert!(delivery.contains("href=\"/dashboard/requests/story%2D1\""), "{delivery}");
    let other = app.partner().await;
    let stranger = Person::of_team(app, other.id, TeamRole::Admin).await;
    stranger.page("/dashboard/requests/story-1").await.expect(404);
    let operator = Operator::of(app).await;
    let timeline = operator.get(&format!("/customers/{}/timeline", customer.id())).await.expect(200).body;
    let events: Vec<&Value> =
        timeline["data"].as_array().unwrap().iter().filter(|moment| !moment["event"].is_null()).collect();
    assert!(!events.is_empty(), "{timeline}");
    assert!(events.iter().all(|moment| moment["event"]["request_id"] == "story-1"), "{timeline}");
}
on_both_engines!(all_that_a_request_caused_has_its_id:
    all_that_a_request_caused_has_its_id_on_sqlite, all_that_a_request_caused_has_its_id_on_postgresql);

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_has_the_id_of_the_request_that_caused_it() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let offer = partner.offer(529_982_247, "never_signs").await;
    let body = partner.simulation(&offer, "10000.00", 12).await;
    let headers = [("x-request-id", "loan/1?")];
    partner.call_with(Method::POST, "/v3/loans", Some(&body), &headers).await.expect(201);
    app.let_seconds_pass(3).await;
    logged(&partner, "").await;
    let person = Person::of_team(&app, partner.id, TeamRole::Support).await;
    let page = person.read("/dashboard/requests/loan%2F1%3F").await;
    assert!(page.contains("Cartas que causou") && page.contains("Assine a CCB"), "{page}");
    let operator = Operator::of(&app).await;
    let mails = operator.get("/mails").await.expect(200).body;
    assert_eq!(mails["data"][0]["request_id"], "loan/1?", "{mails}");
    let id = mails["data"][0]["id"].as_str().unwrap();
    let console = Person::with_roles(&app, app.state.config.roles.names()).await;
    let letter = console.read(&format!("/console/mails/{id}")).await;
    assert!(letter.contains("loan/1?"), "{letter}");
}

#[tokio::test]
async fn a_new_request_id_begins_with_its_moment() {
    let app = TestApp::new().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let answer = app.get("/health").await;
        ids.push(answer.header("x-request-id").unwrap().to_owned());
        app.clock.advance(std::time::Duration::from_millis(1));
    }
    assert!(ids.is_sorted() && ids.iter().all(|id| id.len() == 28 && id.starts_with("req_01")), "{ids:?}");
}
