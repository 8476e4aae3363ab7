//! Several clocks of a sandbox partner: each has customers of its own, and time that passes on one passes on no other.

use axum::http::Method;
use domain::credential::Environment;
use domain::id::{ClockId, PartnerId};
use serde_json::{Value, json};
use server::workers;

use crate::engines::on_both_engines;
use crate::inputs::registration;
use crate::sink::Sink;
use crate::support::{Partner, Setup, TestApp};

/// Makes a clock and returns its id.
async fn clock(partner: &Partner, name: &str) -> String {
    partner.post("/sandbox/clocks", &json!({"name": name})).await.expect(201).id()
}

/// A registration on a clock.
fn on(clock: &str, number: u32, tags: &str) -> Value {
    let mut body = registration(number, tags);
    body["clock_id"] = clock.into();
    body
}

/// A customer on a clock, who sends files and takes a loan; returns the ids of both.
async fn borrower(app: &TestApp, partner: &Partner, clock: Option<&str>, number: u32) -> (String, String) {
    let tags = "sends_files+takes_loan+pays_on_time";
    let body = clock.map_or_else(|| registration(number, tags), |clock| on(clock, number, tags));
    let customer = partner.post("/v3/customers", &body).await.expect(201).id();
    app.let_seconds_pass(20).await;
    let offers = partner.get(&format!("/v3/credit-offers?customer_id={customer}")).await.expect(200).body;
    let offer = offers["data"][0]["id"].as_str().expect("an offer").to_owned();
    let events = partner.get("/v3/events?limit=100").await.expect(200).body;
    let events = events["data"].as_array().unwrap().clone();
    let loan = events.iter().find(|event| event["data"]["credit_offer_id"] == offer.as_str());
    (customer, loan.expect("a loan")["data"]["id"].as_str().unwrap().to_owned())
}

/// Everything that the partner sees of a customer and its loan.
async fn seen(partner: &Partner, (customer, loan): &(String, String)) -> Value {
    let get = async |path: String| partner.get(&path).await.expect(200).body;
    let events = get("/v3/events?limit=100&order=asc".to_owned()).await;
    let of_loan =
        |event: &&Value| event["data"]["id"] == loan.as_str() || event["data"]["id"] == customer.as_str();
    let events: Vec<Value> = events["data"].as_array().unwrap().iter().filter(of_loan).cloned().collect();
    json!({
        "customer": get(format!("/v3/customers/{customer}")).await,
        "offers": get(format!("/v3/customers/{customer}/credit-offers")).await,
        "loan": get(format!("/v3/loans/{loan}")).await,
        "installments": get(format!("/v3/loans/{loan}/transactions")).await,
        "events": events,
    })
}

on_both_engines!(each_clock_has_customers_of_its_own:
    each_clock_has_customers_of_its_own_on_sqlite,
    each_clock_has_customers_of_its_own_on_postgresql);

async fn each_clock_has_customers_of_its_own(app: &TestApp) {
    let partner = app.partner().await;
    let sink = Sink::start().await;
    let endpoint = partner.endpoint(&sink).await;
    let (first, second) = (clock(&partner, "Doze meses").await, clock(&partner, "Carnaval").await);
    let on_main = borrower(app, &partner, None, 529_982_247).await;
    let on_first = borrower(app, &partner, Some(&first), 529_982_247).await;
    let on_second = borrower(app, &partner, Some(&second), 111_444_777).await;
    let shown = partner.get(&format!("/v3/customers/{}", on_first.0)).await.expect(200).body;
    assert_eq!(shown["clock_id"], first.as_str());
    assert_eq!(partner.get(&format!("/v3/customers/{}", on_main.0)).await.body["clock_id"], Value::Null);
    let ids = async |path: &str| {
        let body = partner.get(path).await.expect(200).body;
        body["data"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids("/v3/customers").await, [json!(on_main.0)]);
    assert_eq!(ids(&format!("/api/v3/customers?clock_id={first}")).await, [json!(on_first.0)]);
    assert_eq!(ids(&format!("/v3/credit-offers?clock_id={second}")).await.len(), 1);

    let before = (seen(&partner, &on_main).await, seen(&partner, &on_second).await);
    let coming = partner.get(&format!("/sandbox/clocks/{first}/upcoming")).await.expect(200).body;
    assert!(coming["data"].as_array().unwrap().iter().any(|one| one["resource_id"] == on_first.1.as_str()));
    let path = format!("/sandbox/clocks/{first}/advance");
    let moved = partner.post(&path, &json!({"days": 400})).await.expect(200).body;
    assert_eq!((&moved["status"], &moved["name"]), (&json!("running"), &json!("Doze meses")));
    workers::run_until_idle(&app.state).await.unwrap();
    assert_eq!(partner.get("/sandbox/clock").await.body["offset_seconds"], 0);
    assert_eq!((seen(&partner, &on_main).await, seen(&partner, &on_second).await), before);
    let after = seen(&partner, &on_first).await;
    assert_eq!(after["loan"]["status"], "finished");
    let coming = partner.get(&format!("/sandbox/clocks/{second}/upcoming")).await.expect(200).body;
    assert!(coming["data"].as_array().unwrap().iter().any(|one| one["resource_id"] == on_second.1.as_str()));

    // The endpoint of the partner hears of all clocks, in the form that the list of events has.
    let events = sink.verified(endpoint.body["secret"].as_str().unwrap());
    let finished = events.iter().find(|event| event["type"] == "loan.finished").expect("it was sent");
    assert_eq!(finished["data"]["id"], on_first.1.as_str());
    let listed = partner.get("/v3/events?type=loan.finished").await.expect(200).body["data"][0].clone();
    assert_eq!((&listed["data"], &listed["timestamp"]), (&finished["data"], &finished["timestamp"]));
    let created = events.iter().find(|event| event["data"]["id"] == on_first.0.as_str());
    assert!(created.is_some(), "it was sent");
    app.check_ledger().await;
}

#[tokio::test]
async fn clocks_are_made_listed_and_moved_by_their_partner_only() {
    let app = TestApp::new().await;
    let (partner, other) = (app.partner().await, app.partner().await);
    partner.post("/sandbox/clock/advance", &json!({"days": 30})).await.expect(200);
    let like_main = partner.post("/sandbox/clocks", &json!({"name": " Doze   meses "})).await.expect(201);
    assert_eq!(like_main.body["name"], "Doze meses");
    assert_eq!(like_main.body["offset_seconds"].as_u64().unwrap().div_ceil(86_400), 30);
    let later = json!({"name": "Natal", "begins_at": "2026-12-24"});
    let later = partner.post("/sandbox/clocks", &later).await.expect(201);
    assert_eq!(later.body["now"].as_str().unwrap().get(..19), Some("2026-12-25T02:59:59"));
    let listed = partner.get("/sandbox/clocks").await.expect(200).body;
    let names: Vec<_> = listed["data"].as_array().unwrap().iter().map(|clock| &clock["name"]).collect();
    assert_eq!(names, ["Doze meses", "Natal"]);
    let id = later.id();
    for path in [format!("/sandbox/clocks/{id}"), format!("/sandbox/clocks/{id}/upcoming")] {
        partner.get(&path).await.expect(200);
        other.get(&path).await.expect_problem(404, "resource_not_found");
    }
    let advance = format!("/sandbox/clocks/{id}/advance");
    other.post(&advance, &json!({"days": 1})).await.expect_problem(404, "resource_not_found");
    assert!(other.get("/sandbox/clocks").await.body["data"].as_array().unwrap().is_empty());
    other.post("/v3/customers", &on(&id, 529_982_247, "manual")).await.expect_problem(422, "invalid_format");
    for list in ["/v3/customers", "/api/v3/credit-offers", "/sandbox/mails"] {
        other.get(&format!("{list}?clock_id={id}")).await.expect_problem(400, "invalid_parameter");
        partner.get(&format!("{list}?clock_id={id}")).await.expect(200);
    }
    let customer = partner.post("/v3/customers", &on(&id, 529_982_247, "manual")).await.expect(201).id();
    other.get(&format!("/v3/customers/{customer}")).await.expect_problem(404, "resource_not_found");
    partner.get(&format!("/api/v3/customers/{customer}")).await.expect(200);
}

#[tokio::test]
async fn a_wrong_clock_is_refused_with_its_reason() {
    let (_app, partner) = TestApp::with_partner().await;
    for (body, param) in [
        (json!({}), "name"),
        (json!({"name": ""}), "name"),
        (json!({"name": "a".repeat(61)}), "name"),
        (json!({"name": "a\u{202e}b"}), "name"),
        (json!({"name": "a", "begins_at": "2020-01-01"}), "begins_at"),
        (json!({"name": "a", "begins_at": "2099-01-01"}), "begins_at"),
        (json!({"name": "a", "begins_at": "soon"}), "begins_at"),
    ] {
        let refused = partner.post("/sandbox/clocks", &body).await.expect(422);
        assert_eq!(refused.faults()[0].0, param, "{body}");
    }
    let id = clock(&partner, "a").await;
    for (body, param) in [
        (json!({"until": "2026-01-01"}), "until"),
        (json!({"days": 3_654}), "days"),
        (json!({"until": "2099-01-01"}), "until"),
        (json!({}), "days"),
    ] {
        let refused = partner.post(&format!("/sandbox/clocks/{id}/advance"), &body).await.expect(422);
        assert_eq!(refused.faults()[0].0, param, "{body}");
    }
    let unknown = "clk_0190f3b4c5d67e8f90a1b2c3d4e5f607";
    partner.get(&format!("/sandbox/clocks/{unknown}")).await.expect_problem(404, "resource_not_found");
    partner.get("/sandbox/clocks/clock").await.expect_problem(404, "resource_not_found");
    for clock_id in [json!(unknown), json!("clock"), json!(7)] {
        let mut body = registration(529_982_247, "manual");
        body["clock_id"] = clock_id;
        let refused = partner.post("/v3/customers", &body).await.expect(422);
        assert_eq!(refused.faults()[0].0, "clock_id");
    }
    for number in 1..20 {
        clock(&partner, &format!("clock {number}")).await;
    }
    partner.post("/sandbox/clocks", &json!({"name": "one more"})).await.expect_problem(409, "invalid_state");
}

#[tokio::test]
async fn production_has_no_clocks() {
    let app = TestApp::with(Setup { environment: Environment::Production, ..Setup::default() }).await;
    let partner = app.partner().await;
    partner.get("/sandbox/clocks").await.expect_problem(404, "route_not_found");
    partner.post("/sandbox/clocks", &json!({"name": "a"})).await.expect_problem(404, "route_not_found");
    let body = on("clk_0190f3b4c5d67e8f90a1b2c3d4e5f607", 529_982_247, "manual");
    partner.post("/v3/customers", &body).await.expect_problem(422, "invalid_format");
}

/// The number of rows of a table under a tenant.
async fn rows(app: &TestApp, table: &'static str, tenant: PartnerId) -> i64 {
    let sql = format!("select count(*) from {table} where partner_id = $1");
    let count = move |tx: &mut store::Tx<'_>| tx.fetch_one(&sql, &[store::db::ToArg::to_arg(&tenant)]);
    app.state.store.read(count).await.unwrap()
}

/// Tables that keep rows of a deleted tenant: files to be deleted soon.
const KEPT: [&str; 1] = ["blob_intents"];

async fn assert_nothing_is_left(app: &TestApp, tenant: PartnerId) {
    for declared in store::tables::ALL {
        if declared.columns.contains(&"partner_id") && !KEPT.contains(&declared.name) {
            assert_eq!(rows(app, declared.name, tenant).await, 0, "{}", declared.name);
        }
    }
}

on_both_engines!(a_large_clock_is_deleted_in_steps_and_the_books_balance_after_each:
    a_large_clock_is_deleted_in_steps_and_the_books_balance_after_each_on_sqlite,
    a_large_clock_is_deleted_in_steps_and_the_books_balance_after_each_on_postgresql);

async fn a_large_clock_is_deleted_in_steps_and_the_books_balance_after_each(app: &TestApp) {
    let partner = app.partner().await;
    let (large, other) = (clock(&partner, "large").await, clock(&partner, "other").await);
    let on_other = borrower(app, &partner, Some(&other), 529_982_247).await;
    borrower(app, &partner, Some(&large), 529_982_247).await;
    borrower(app, &partner, Some(&large), 111_444_777).await;
    for clock in [&large, &other] {
        partner.post(&format!("/sandbox/clocks/{clock}/advance"), &json!({"days": 70})).await.expect(200);
    }
    workers::run_until_idle(&app.state).await.unwrap();
    let before = seen(&partner, &on_other).await;
    let (owner, id) = (partner.id, large.parse::<ClockId>().unwrap());
    let mut steps = 0;
    loop {
        let real = app.state.clock.now();
        // One row, so that each kind of step is a transaction.
        let step = move |tx: &mut store::Tx<'_>| app::sandbox::delete(tx, owner, real, (id, 1));
        let left = app.state.store.write(step).await.unwrap();
        app.check_ledger().await;
        steps += 1;
        if left == app::sandbox::Left::Nothing {
            break;
        }
        partner.get(&format!("/v3/customers?clock_id={large}")).await.expect(200);
    }
    assert!(steps > 3, "jobs, customers, e-mails, events: {steps}");
    assert_nothing_is_left(app, id.tenant()).await;
    assert_eq!(seen(&partner, &on_other).await, before);
    app.let_seconds_pass(300).await;
    workers::files::tick(&app.state).await.unwrap();
    assert_eq!(rows(app, "blob_intents", id.tenant()).await, 0, "its files are deleted");
    app.no_file_is_left_over().await;
}

on_both_engines!(a_deleted_clock_leaves_nothing_of_its_customers:
    a_deleted_clock_leaves_nothing_of_its_customers_on_sqlite,
    a_deleted_clock_leaves_nothing_of_its_customers_on_postgresql);

async fn a_deleted_clock_leaves_nothing_of_its_customers(app: &TestApp) {
    let (partner, other) = (app.partner().await, app.partner().await);
    let sink = Sink::start().await;
    partner.endpoint(&sink).await;
    let (first, second) = (clock(&partner, "first").await, clock(&partner, "second").await);
    let on_main = borrower(app, &partner, None, 529_982_247).await;
    let on_first = borrower(app, &partner, Some(&first), 529_982_247).await;
    let on_second = borrower(app, &partner, Some(&second), 111_444_777).await;
    for clock in [&first, &second] {
        partner.post(&format!("/sandbox/clocks/{clock}/advance"), &json!({"days": 70})).await.expect(200);
    }
    workers::run_until_idle(&app.state).await.unwrap();
    let before = (seen(&partner, &on_main).await, seen(&partner, &on_second).await);
    let path = format!("/sandbox/clocks/{first}");
    other.call(Method::DELETE, &path, None).await.expect_problem(404, "resource_not_found");
    partner.call(Method::DELETE, &path, None).await.expect(204);
    partner.call(Method::DELETE, &path, None).await.expect_problem(404, "resource_not_found");
    partner.post(&format!("{path}/advance"), &json!({"days": 1})).await.expect(404);
    partner.get(&format!("/v3/customers/{}", on_first.0)).await.expect(404);
    partner.get(&format!("/v3/loans/{}", on_first.1)).await.expect(404);
    let events = partner.get("/v3/events?limit=100").await.expect(200).body;
    assert!(!events.to_string().contains(&on_first.1), "its events are gone");
    let tenant = first.parse::<ClockId>().unwrap().tenant();
    assert_nothing_is_left(app, tenant).await;
    assert_eq!((seen(&partner, &on_main).await, seen(&partner, &on_second).await), before);
    app.check_ledger().await;
    app.let_seconds_pass(300).await;
    workers::files::tick(&app.state).await.unwrap();
    assert_eq!(rows(app, "blob_intents", tenant).await, 0, "its files are deleted");
    app.no_file_is_left_over().await;
}

on_both_engines!(a_reset_sandbox_is_as_new:
    a_reset_sandbox_is_as_new_on_sqlite,
    a_reset_sandbox_is_as_new_on_postgresql);

async fn a_reset_sandbox_is_as_new(app: &TestApp) {
    let (partner, other) = (app.partner().await, app.partner().await);
    let sink = Sink::start().await;
    let endpoint = partner.endpoint(&sink).await;
    let theirs = borrower(app, &other, None, 255_248_930).await;
    let clock = clock(&partner, "first").await;
    let body = registration(333_666_999, "manual");
    partner.post_keyed("/v3/customers", &body, "key").await.expect(201);
    borrower(app, &partner, None, 529_982_247).await;
    borrower(app, &partner, Some(&clock), 529_982_247).await;
    partner.post("/sandbox/clock/advance", &json!({"days": 70})).await.expect(200);
    workers::run_until_idle(&app.state).await.unwrap();
    let before = seen(&other, &theirs).await;
    partner.post("/sandbox/reset", &json!({})).await.expect(204);
    for list in ["/v3/customers", "/v3/events", "/v3/credit-offers", "/sandbox/clocks", "/sandbox/mails"] {
        assert_eq!(partner.get(list).await.expect(200).body["data"], json!([]), "{list}");
    }
    assert_eq!(partner.get("/sandbox/clock").await.body["offset_seconds"], 0);
    assert_eq!(seen(&other, &theirs).await, before);
    app.check_ledger().await;
    // Credentials, keys and endpoints work on: the same requests make the same things again.
    partner.post_keyed("/v3/customers", &body, "key").await.expect(201);
    let heard = sink.received().len();
    borrower(app, &partner, None, 529_982_247).await;
    workers::run_until_idle(&app.state).await.unwrap();
    assert!(sink.received().len() > heard);
    sink.verified(endpoint.body["secret"].as_str().unwrap());
}

#[tokio::test]
async fn a_clock_that_is_moved_cannot_be_deleted() {
    let (app, partner) = TestApp::with_partner().await;
    let id = clock(&partner, "moving").await;
    let tenant = id.parse::<ClockId>().unwrap().tenant();
    let (real, until) = (app.state.clock.now(), app.state.clock.now().unmoved());
    let step = move |tx: &mut store::Tx<'_>| app::sandbox::step(tx, tenant, real, until);
    app.state.store.write(step).await.unwrap();
    let path = format!("/sandbox/clocks/{id}");
    assert_eq!(partner.get(&path).await.expect(200).body["status"], "advancing");
    partner.call(Method::DELETE, &path, None).await.expect_problem(409, "invalid_state");
    partner.post("/sandbox/reset", &json!({})).await.expect_problem(409, "invalid_state");
    // The lease of an advance that was killed ends after half a minute.
    app.let_seconds_pass(31).await;
    partner.call(Method::DELETE, &path, None).await.expect(204);
}
