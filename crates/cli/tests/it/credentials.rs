//! Credentials: creating, listing, expiry, revoking.

use std::time::Duration;

use axum::http::Method;
use serde_json::json;

use crate::answer::stable;
use crate::support::{Partner, TestApp};

#[tokio::test]
async fn a_credential_shows_its_secret_once_and_is_accepted() {
    let (app, partner) = TestApp::with_partner().await;
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
async fn an_expired_credential_is_refused_and_is_listed_as_revoked() {
    let (app, partner) = TestApp::with_partner().await;
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
async fn a_credential_is_revoked_once_and_only_by_its_own_partner() {
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
async fn wrong_credentials_are_refused_and_fifty_is_the_limit() {
    let partner = TestApp::new().await.partner().await;
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

#[tokio::test(flavor = "multi_thread")]
async fn revoking_a_credential_can_revoke_everything_that_it_created() {
    for app in TestApp::on_each_engine().await {
        let (partner, operator) = (app.partner().await, crate::operator::Operator::of(&app).await);
        let path = "/v3/auth/credentials";
        let made = async |maker: &Partner, path: &str, name: &str| {
            let made = maker.post(path, &json!({"name": name})).await.expect(201).body;
            assert_eq!(made["created_by"], maker.credential.id.as_str());
            let text = |key: &str| made[key].as_str().unwrap().to_owned();
            app.signed_in(&text("client_id"), &text("client_secret")).await
        };
        let child = made(&partner, path, "child").await;
        let grandchild = made(&child, "/api/v3/auth/credentials", "grandchild").await;
        let sibling = made(&partner, path, "sibling").await;
        let of_operator = operator
            .post(&format!("/partners/{}/credentials", partner.id), &json!({"name": "desk"}))
            .await
            .expect(201)
            .body;
        assert!(of_operator["created_by"].as_str().unwrap().starts_with("op_"));
        let listed = partner.get(path).await.expect(200).body;
        let of = |client: &str| {
            listed["data"].as_array().unwrap().iter().find(|one| one["id"] == client).unwrap()["created_by"]
                .clone()
        };
        assert_eq!(
            (of(&partner.credential.id), of(&grandchild.credential.id)),
            (json!("command_line"), json!(child.credential.id))
        );

        let revoke = async |client: &str, query: &str| {
            partner.call(Method::DELETE, &format!("{path}/{client}{query}"), None).await
        };
        revoke(&child.credential.id, "?revoke_created=perhaps")
            .await
            .expect_problem(400, "invalid_parameter");
        // First only the child is revoked. Its creations are revoked afterwards, although the child is already
        // revoked.
        revoke(&child.credential.id, "").await.expect(204);
        child.get(path).await.expect_problem(401, "invalid_token");
        grandchild.get(path).await.expect(200);
        revoke(&child.credential.id, "").await.expect_problem(409, "credential_already_revoked");
        revoke(&child.credential.id, "?revoke_created=true").await.expect(204);
        grandchild.get(path).await.expect_problem(401, "invalid_token");
        revoke(&child.credential.id, "?revoke_created=true")
            .await
            .expect_problem(409, "credential_already_revoked");
        sibling.get(path).await.expect(200);

        let root = format!("/credentials/{}/revoke?revoke_created=true", partner.credential.id);
        assert_eq!(operator.act(&root).await.expect(200).body["status"], "revoked");
        sibling.get(path).await.expect_problem(401, "invalid_token");
        let desk = app
            .signed_in(
                of_operator["client_id"].as_str().unwrap(),
                of_operator["client_secret"].as_str().unwrap(),
            )
            .await;
        let left = desk.get(path).await.expect(200).body;
        let active = left["data"].as_array().unwrap().iter().filter(|one| one["status"] == "active").count();
        assert_eq!(active, 1, "the operator's credential stays active");
    }
}

#[tokio::test]
async fn a_revoked_credential_creates_no_other_credential() {
    let (app, partner) = TestApp::with_partner().await;
    let (tenant, now, client) = (partner.id, app.clock.now(), partner.credential.id.parse().unwrap());
    let after_its_end = move |tx: &mut store::Tx<'_>| {
        app::partners::credentials::revoke(tx, tenant, now, client, domain::credential::Reach::WithCreated)
            .unwrap();
        let command = app::partners::credentials::CreateCredential {
            environment: domain::credential::Environment::Sandbox,
            name: "late".into(),
            scope: domain::credential::Scope::Partner,
            expires_at: None,
            created_by: domain::credential::Maker::Credential(client),
        };
        let refused = app::partners::credentials::create(tx, tenant, now, &command).unwrap_err();
        Ok::<_, store::StoreError>(refused)
    };
    let refused = app.state.store.write(after_its_end).await.unwrap();
    assert_eq!(
        refused,
        store::Failed::Refused(app::partners::credentials::CreateCredentialRefused::MakerEnded)
    );
}
