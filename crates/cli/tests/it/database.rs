//! A server whose PostgreSQL does not accept writes for a while.

use std::time::Duration;

use axum::http::Method;
use server::workers;
use store::db::DatabaseUrl;

use crate::inputs::registration;
use crate::sink::Sink;
use crate::support::{Setup, TestApp};

/// Makes the database read-only or writable again, and ends every session of the server.
async fn read_only(url: &str, on: bool) {
    let url = url.to_owned();
    let change = move || {
        let mut admin = postgres::Client::connect(&url, postgres::NoTls).unwrap();
        let value = if on { "on" } else { "off" };
        let set = format!(
            "do $$ begin execute format('alter database %I set default_transaction_read_only = {value}', \
             current_database()); end $$"
        );
        let end = "select pg_terminate_backend(pid) from pg_stat_activity \
                   where pid <> pg_backend_pid() and datname = current_database()";
        for sql in ["set default_transaction_read_only = off", &set, end] {
            admin.batch_execute(sql).unwrap();
        }
    };
    tokio::task::spawn_blocking(change).await.unwrap();
}

async fn app() -> Option<(TestApp, String)> {
    let DatabaseUrl::Postgres(url) = TestApp::postgres_database().await? else { return None };
    let database = Some(DatabaseUrl::Postgres(url.clone()));
    Some((TestApp::with(Setup { database, ..Setup::default() }).await, url))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_a_read_only_database_is_not_ready() {
    let Some((app, url)) = app().await else { return };
    app.get("/ready").await.expect(200);
    read_only(&url, true).await;
    // A readiness result is reused for one second.
    app.clock.advance(Duration::from_secs(2));
    app.get("/ready").await.expect_problem(503, "unavailable");
    app.get("/health").await.expect(200);
    read_only(&url, false).await;
    app.clock.advance(Duration::from_secs(2));
    app.get("/ready").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_wait_while_the_database_is_read_only() {
    let Some((app, url)) = app().await else { return };
    let (partner, sink) = (app.partner().await, Sink::start().await);
    let endpoint = partner.endpoint_for(&sink, &["customer.created"]).await;
    let secret = endpoint.body["secret"].as_str().unwrap().to_owned();
    partner.post("/v3/customers", &registration(1, "manual")).await.expect(201);
    read_only(&url, true).await;
    for _ in 0..3 {
        workers::fan_out::tick(&app.state).await.unwrap_err();
        let refused = partner.call(Method::POST, "/v3/customers", Some(&registration(2, "manual"))).await;
        refused.expect_problem(503, "unavailable");
    }
    read_only(&url, false).await;
    workers::run_until_idle(&app.state).await.unwrap();
    let received = sink.verified(&secret);
    assert_eq!(received.len(), 1, "{received:?}");
    assert_eq!(received[0]["type"], "customer.created");
}
