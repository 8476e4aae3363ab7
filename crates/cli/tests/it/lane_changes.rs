//! Requests about all deliveries of an endpoint. None changes many rows in one transaction, and no delivery is lost.

use axum::http::Method;
use domain::id::EndpointId;
use serde_json::{Value, json};
use server::workers;
use store::Tx;
use store::deliveries::NewDelivery;

use crate::sink::Sink;
use crate::support::{Partner, TestApp};

/// Waiting deliveries.
const MANY: usize = 700;
/// Most rows of a step.
const STEP: i64 = 256;

/// A disabled endpoint with deliveries that wait for a later moment.
struct Waiting {
    path: String,
    endpoint: EndpointId,
}

impl Waiting {
    async fn new(app: &TestApp, partner: &Partner, sink: &Sink) -> Self {
        let made = partner.endpoint_for(sink, &["customer.created"]).await;
        let path = format!("/v3/webhooks/endpoints/{}", made.id());
        partner.patch(&path, &json!({"status": "disabled"})).await.expect(200);
        let endpoint: EndpointId = made.id().parse().unwrap();
        let (tenant, now) = (partner.id, app.clock.now());
        let insert = move |tx: &mut Tx<'_>| {
            let later = now.plus(std::time::Duration::from_secs(3_600));
            let many: Vec<NewDelivery> = (0..MANY)
                .map(|place| NewDelivery {
                    cause: domain::cause::Cause::default(),
                    id: store::deliveries::ordered_id(tx, now, place),
                    endpoint,
                    event: tx.new_id(now),
                    event_type: "customer.created",
                    body: Some(format!("{{\"place\":{place}}}").into()),
                    leased_until: None,
                })
                .collect();
            store::deliveries::insert_all(tx, tenant, &many, now, later)
        };
        app.state.store.write(insert).await.unwrap();
        Self { path, endpoint }
    }

    /// The deliveries in each state. On PostgreSQL also the largest number of rows that one transaction changed last.
    async fn counts(&self, app: &TestApp) -> (Vec<(String, i64)>, Option<i64>) {
        let (endpoint, postgres) = (self.endpoint.to_string(), !app.state.store.serves_alone());
        let read = move |tx: &mut Tx<'_>| {
            let of = format!("from deliveries where endpoint_id = '{endpoint}'");
            let states = format!("select state, count(*) {of} group by state order by state");
            let states = tx.query(&states, &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let most =
                format!("select max(changed) from (select count(*) as changed {of} group by xmin) as t");
            let most = if postgres { Some(tx.query_one(&most, &[], |row| row.get(0))?) } else { None };
            Ok::<_, store::StoreError>((states, most))
        };
        app.state.store.read(read).await.unwrap()
    }
}

fn all(state: &str) -> Vec<(String, i64)> {
    vec![(state.to_owned(), i64::try_from(MANY).unwrap())]
}

fn few_at_once(most: Option<i64>) {
    assert!(most.is_none_or(|most| most <= STEP), "{most:?} rows in one transaction");
}

/// The feed places of the received events; a repeated event is listed again.
fn places(sink: &Sink) -> Vec<u64> {
    let place = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap()["place"].as_u64().unwrap();
    let mut places: Vec<u64> = sink.received().iter().map(|received| place(&received.body)).collect();
    places.sort_unstable();
    places
}

fn each_once() -> Vec<u64> {
    (0..MANY as u64).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_enabled_without_a_large_transaction() {
    for app in TestApp::on_each_engine().await {
        let (partner, sink) = (app.partner().await, Sink::start().await);
        let waiting = Waiting::new(&app, &partner, &sink).await;
        workers::run_until_idle(&app.state).await.unwrap();
        assert_eq!(sink.received().len(), 0);
        // The server ends before the endpoint is enabled and has sent nothing. The repeated request continues the
        // work.
        let (tenant, endpoint, real) = (partner.id, waiting.endpoint, app.clock.now());
        let step = move |tx: &mut Tx<'_>| app::webhooks::prepare(tx, tenant, real, endpoint, 100);
        assert_eq!(app.state.store.write(step).await, Ok(100));
        workers::run_until_idle(&app.state).await.unwrap();
        assert_eq!(sink.received().len(), 0);
        partner.patch(&waiting.path, &json!({"status": "active"})).await.expect(200);
        let (states, most) = waiting.counts(&app).await;
        assert_eq!(states, all("pending"));
        few_at_once(most);
        workers::run_until_idle(&app.state).await.unwrap();
        assert_eq!(places(&sink), each_once());
        // The due times of an active endpoint's deliveries do not change.
        assert_eq!(app.state.store.write(step).await, Ok(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_continues_after_a_crash_and_changes_few_rows_at_once() {
    for app in TestApp::on_each_engine().await {
        let (partner, sink) = (app.partner().await, Sink::start().await);
        let waiting = Waiting::new(&app, &partner, &sink).await;
        let recover = format!("{}/recover", waiting.path);
        let since = json!({"since": "2026-01-01T00:00:00Z"});
        let answer = partner.post_keyed(&recover, &since, "once").await.expect(200);
        assert_eq!(answer.body, json!({"deliveries": MANY}));
        let lane = (partner.id, waiting.endpoint);
        let lanes = app.state.store.read(app::webhooks::deliveries::changing_lanes).await.unwrap();
        assert_eq!(lanes, [lane]);
        let now = app.clock.now();
        let step = move |tx: &mut Tx<'_>| app::webhooks::deliveries::change_lane(tx, now, lane, 200);
        assert_eq!(app.state.store.write(step).await, Ok(200));
        // A second request meanwhile gets the same answer, and one recovery does the work of both.
        let answer = partner.post_keyed(&recover, &since, "once").await.expect(200);
        assert_eq!(answer.body, json!({"deliveries": MANY}));
        let answer = partner.post_keyed(&recover, &since, "twice").await.expect(200);
        assert_eq!(answer.body, json!({"deliveries": MANY}), "no delivery has been accepted yet");
        workers::lane_changes::tick(&app.state).await.unwrap();
        assert_eq!(app.state.store.read(app::webhooks::deliveries::changing_lanes).await.unwrap(), []);
        let (states, most) = waiting.counts(&app).await;
        assert_eq!(states, all("pending"));
        few_at_once(most);
        partner.patch(&waiting.path, &json!({"status": "active"})).await.expect(200);
        workers::run_until_idle(&app.state).await.unwrap();
        assert_eq!(places(&sink), each_once());
        let answer = partner.post(&recover, &since).await.expect(200);
        assert_eq!(answer.body, json!({"deliveries": 0}));
        workers::run_until_idle(&app.state).await.unwrap();
        assert_eq!(sink.received().len(), MANY);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_deleted_without_a_large_transaction() {
    for app in TestApp::on_each_engine().await {
        let (partner, sink) = (app.partner().await, Sink::start().await);
        let waiting = Waiting::new(&app, &partner, &sink).await;
        partner.call(Method::DELETE, &waiting.path, None).await.expect(204);
        partner.get(&waiting.path).await.expect_problem(404, "resource_not_found");
        let (lane, now) = ((partner.id, waiting.endpoint), app.clock.now());
        let step = move |tx: &mut Tx<'_>| app::webhooks::deliveries::change_lane(tx, now, lane, 100);
        assert_eq!(app.state.store.write(step).await, Ok(100));
        workers::run_until_idle(&app.state).await.unwrap();
        let (states, most) = waiting.counts(&app).await;
        assert_eq!(states, all("failed"));
        few_at_once(most);
        assert_eq!(sink.received().len(), 0);
    }
}
