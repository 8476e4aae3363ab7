//! Credentials: made, listed, expired, revoked.

use std::time::Duration;

use axum::http::Method;
use serde_json::json;

use crate::support::{TestApp, stable};

#[tokio::test]
async fn a_credential_shows_its_secret_once_and_works() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let created = partner.post("/v3/auth/credentials", &json!({"name": "checkout"})).await.expect(201);
    insta::assert_snapshot!("credential", stable(&created.body));
    let (id, secret) =
        (created.body["client_id"].as_str().unwrap(), created.body["client_secret"].as_str().unwrap());
    app.token(id, secret).await.expect(200);
    let listed = partner.get("/v3/auth/credentials").await.expect(200);
    assert_eq!(listed.body["data"].as_array().unwrap().len(), 2);
    assert!(listed.body["data"].as_array().unwrap().iter().all(|c| c.get("client_secret").is_none()));
}

#[tokio::test]
async fn an_expired_credential_no_longer_works_and_shows_as_revoked() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let body = json!({"name": "short", "expires_at": "2026-01-15T13:00:00Z"});
    let created = partner.post("/v3/auth/credentials", &body).await.expect(201);
    let (id, secret) =
        (created.body["client_id"].as_str().unwrap(), created.body["client_secret"].as_str().unwrap());
    app.token(id, secret).await.expect(200);
    app.clock.advance(Duration::from_secs(3_599));
    app.token(id, secret).await.expect(200);
    app.clock.advance(Duration::from_secs(1));
    app.token(id, secret).await.expect_problem(401, "invalid_client");
}

#[tokio::test]
async fn a_credential_is_revoked_once_and_never_another_partners() {
    let app = TestApp::new().await;
    let (partner, other) = (app.partner().await, app.partner().await);
    let created = partner.post("/v3/auth/credentials", &json!({"name": "a"})).await.expect(201);
    let path = format!("/v3/auth/credentials/{}", created.id());
    other.call(Method::DELETE, &path, None).await.expect_problem(404, "resource_not_found");
    partner.call(Method::DELETE, &path, None).await.expect(204);
    partner.call(Method::DELETE, &path, None).await.expect_problem(409, "credential_already_revoked");
    let listed = partner.get("/v3/auth/credentials?limit=1").await.expect(200);
    assert_eq!(listed.body["data"][0]["status"], "revoked");
}

#[tokio::test]
async fn wrong_credentials_are_refused_and_fifty_are_enough() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let post = async |body| partner.post("/v3/auth/credentials", &body).await;
    post(json!({})).await.expect_problem(422, "missing_required_field");
    post(json!({"name": ""})).await.expect_problem(422, "invalid_format");
    post(json!({"name": "a", "expires_at": 5})).await.expect_problem(422, "invalid_format");
    post(json!({"name": "a", "expires_at": "2025-01-01T00:00:00Z"}))
        .await
        .expect_problem(422, "invalid_format");
    for number in 1..50 {
        post(json!({"name": format!("c{number}"), "expires_at": null})).await.expect(201);
    }
    post(json!({"name": "one more"})).await.expect_problem(409, "invalid_state");
}
