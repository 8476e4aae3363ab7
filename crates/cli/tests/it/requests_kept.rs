//! The request log as it is kept: masked bodies, its end, a full queue, and a store that fails.

use std::time::Duration;

use domain::credential::Environment;
use serde_json::{Value, json};
use server::config::{Logging, RequestLogSettings};
use server::workers;
use store::db::{DatabaseUrl, request_log_file};

use crate::engines::on_both_engines;
use crate::inputs::{PDF, registration};
use crate::requests::logged;
use crate::support::{Partner, Setup, TestApp};

async fn bodies(partner: &Partner, query: &str) -> (Value, Value) {
    let id = logged(partner, query).await[0]["id"].as_str().unwrap().to_owned();
    let shown = partner.get(&format!("/v3/requests/{id}")).await.expect(200).body;
    (shown["request_body"].clone(), shown["response_body"].clone())
}

async fn the_sandbox_keeps_bodies_without_personal_data_or_secrets(app: &TestApp) {
    let partner = app.partner().await;
    let body = registration(529_982_247, "manual");
    let customer = partner.post("/v3/customers", &body).await.expect(201).id();
    let (sent, answered) = bodies(&partner, &format!("?resource_id={customer}")).await;
    let (sent, answered) = (sent.as_str().unwrap(), answered.as_str().unwrap());
    assert!(sent.contains("\"cpf\":\"***\"") && answered.contains(&customer), "{sent} {answered}");
    for field in ["cpf", "name", "email", "phone"] {
        let value = body[field].as_str().unwrap();
        assert!(!sent.contains(value) && !answered.contains(value), "{field}: {sent} {answered}");
    }
    let made = partner.post("/v3/auth/credentials", &json!({"name": "loja"})).await.expect(201);
    let (_, answered) = bodies(&partner, "?route=/v3/auth/credentials").await;
    let secret = made.body["client_secret"].as_str().unwrap();
    assert!(!answered.as_str().unwrap().contains(secret) && answered.as_str().unwrap().contains("***"));
    app.token(&partner.credential.id, &partner.credential.secret).await.expect(200);
    let (sent, answered) = bodies(&partner, "?route=/v3/auth/token").await;
    assert!(sent.as_str().unwrap().contains("client_secret=***"), "{sent}");
    assert!(!answered.as_str().unwrap().contains("dinie_at_"), "{answered}");
    partner.upload(&customer, "cnh", PDF).await.expect(201);
    let (sent, _) = bodies(&partner, "?method=POST&limit=1").await;
    assert!(sent.as_str().unwrap().starts_with("[not kept: multipart/form-data"), "{sent}");
    partner.get("/v3/customers?cpf=529.982.247-25&limit=3").await.expect(200);
    let queried = logged(&partner, "?route=/v3/customers&method=GET").await.remove(0);
    assert_eq!(queried["query"], "cpf=***&limit=3");
}
on_both_engines!(the_sandbox_keeps_bodies_without_personal_data_or_secrets:
    the_sandbox_keeps_masked_bodies_on_sqlite, the_sandbox_keeps_masked_bodies_on_postgresql);

#[tokio::test]
async fn a_load_test_keeps_few_bodies() {
    let (app, partner) = TestApp::with_partner().await;
    app.state.request_log.write_waiting().await;
    for _ in 0..101 {
        partner.get("/v3/loans/nothing").await.expect(404);
    }
    assert_eq!(bodies(&partner, "?status=404").await, (Value::Null, Value::Null), "the newest one");
    partner.get("/v3/loans/nothing").await.expect(404);
    assert!(bodies(&partner, "?status=404").await.1.is_string(), "after the next writing");
}

#[tokio::test]
async fn production_keeps_no_bodies() {
    let app = TestApp::with(Setup { environment: Environment::Production, ..Setup::default() }).await;
    let partner = app.partner().await;
    let customer = partner.customer(529_982_247, "x").await;
    assert_eq!(bodies(&partner, &format!("?resource_id={customer}")).await, (Value::Null, Value::Null));
}

async fn bodies_go_after_a_week_and_calls_after_a_month(app: &TestApp) {
    let partner = app.partner().await;
    let customer = partner.customer(529_982_247, "manual").await;
    let query = format!("?resource_id={customer}&method=POST");
    assert!(bodies(&partner, &query).await.0.is_string());
    app.clock.advance(Duration::from_hours(24 * 8));
    workers::request_log::purge(&app.state).await.unwrap();
    let partner = partner.renewed().await;
    assert_eq!(bodies(&partner, &query).await, (Value::Null, Value::Null));
    app.clock.advance(Duration::from_hours(24 * 23));
    assert!(workers::request_log::purge(&app.state).await.unwrap() >= 2);
    assert!(logged(&partner.renewed().await, &query).await.is_empty());
}
on_both_engines!(bodies_go_after_a_week_and_calls_after_a_month:
    bodies_go_after_a_week_on_sqlite, bodies_go_after_a_week_on_postgresql);

#[tokio::test]
async fn calls_are_dropped_and_counted_when_too_many_wait() {
    let requests = RequestLogSettings { queue: 2, ..RequestLogSettings::default() };
    let app = TestApp::with(Setup { requests, ..Setup::default() }).await;
    let partner = app.partner().await;
    assert_eq!(app.state.request_log.write_waiting().await, 1, "the token's");
    for _ in 0..5 {
        partner.get("/v3/banks").await.expect(404);
    }
    assert_eq!(app.state.request_log.write_waiting().await, 2);
    let metrics = app.get("/metrics").await;
    let text = String::from_utf8(metrics.bytes).unwrap();
    let dropped = text.lines().find_map(|line| line.strip_prefix("dinie_request_log_dropped_total "));
    assert!(dropped.unwrap().parse::<u64>().unwrap() >= 3, "{text}");
}

#[tokio::test]
async fn a_log_that_is_off_writes_nothing_and_says_so() {
    let requests = RequestLogSettings { logging: Logging::Off, ..RequestLogSettings::default() };
    let app = TestApp::with(Setup { requests, ..Setup::default() }).await;
    let partner = app.partner().await;
    assert_eq!(app.state.request_log.write_waiting().await, 0);
    let DatabaseUrl::Sqlite(path) = &app.state.config.database else { unreachable!("the app is on SQLite") };
    assert!(!request_log_file(path).exists());
    let refused = partner.get("/v3/requests").await.expect_problem(503, "unavailable");
    assert!(refused.body["detail"].as_str().unwrap().contains("keeps no request log"));
    partner.post_keyed("/v3/customers", &registration(529_982_247, "x"), "k").await.expect(201);
    let key = partner.get("/v3/idempotency-keys/k").await.expect(200).body;
    assert_eq!((&key["status_code"], &key["request_id"]), (&json!(201), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_or_missing_log_is_made_anew_and_breaks_no_call() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("a.db");
    let file = request_log_file(&path);
    let database = Some(DatabaseUrl::Sqlite(path.clone()));
    std::fs::write(&file, b"this is no database, and no log either").unwrap();
    let app = TestApp::with(Setup { database: database.clone(), ..Setup::default() }).await;
    let partner = app.partner().await;
    assert_eq!(logged(&partner, "").await.len(), 1, "it was made anew when it was opened");
    // Somebody removes it.
    for end in ["", "-wal", "-shm"] {
        let mut name = file.clone().into_os_string();
        name.push(end);
        std::fs::remove_file(name).unwrap();
    }
    partner.get("/v3/customers").await.expect(200);
    let found = logged(&partner, "").await;
    assert!(file.exists() && found.iter().any(|call| call["path"] == "/v3/customers"), "{found:?}");
    // A table of it is damaged while it is open.
    let (database, url) = (app.state.store.clone(), app.state.config.database.clone());
    let damaging = tokio::task::spawn_blocking(move || {
        let beside = database.open_request_log(&url).unwrap();
        beside.write_blocking(|tx| {
            tx.execute("pragma writable_schema = on", &[])?;
            tx.execute("update sqlite_master set rootpage = 999999 where name = 'request_marks'", &[])?;
            tx.execute("pragma schema_version = 4711", &[])
        })
    });
    damaging.await.unwrap().unwrap();
    partner.get("/v3/loans/ln_0190f3b4c5d67e8f90a1b2c3d4e5f607").await.expect(404);
    assert_eq!(app.state.request_log.write_waiting().await, 2, "the list of before, and this call");
    let found = logged(&partner, "?resource_id=ln_0190f3b4c5d67e8f90a1b2c3d4e5f607").await;
    assert_eq!(found[0]["status_code"], 404, "{found:?}");
    partner.get("/v3/customers").await.expect(200);
    assert!(app.state.store.damage().is_none(), "the database itself is well");
}
