//! Roles: every operation of operators against every role, and the life of a machine's token.

use std::time::Duration;

use axum::http::Method;
use domain::access::{Permission, RoleNames};
use serde_json::{Value, json};
use wire::text_scalar::Timestamp;

use crate::operator::{Operator, approval};
use crate::support::TestApp;

/// The operations of the operators' document: method, path with made-up ids, and permission.
async fn operations(app: &TestApp) -> Vec<(Method, String, Permission)> {
    let document = app.get("/operator/v1/openapi.json").await.expect(200).body;
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(word) = operation["x-permission"].as_str() else {
                assert!(operation["operationId"].is_null(), "{method} {path} declares no permission");
                continue;
            };
            let path = path.trim_start_matches("/operator/v1");
            let concrete: Vec<&str> =
                path.split('/').map(|part| if part.starts_with('{') { "none" } else { part }).collect();
            let method = method.to_uppercase().parse().unwrap();
            all.push((method, concrete.join("/"), word.parse().unwrap()));
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_obeys_every_role() {
    let app = TestApp::new().await;
    let operations = operations(&app).await;
    let declared: std::collections::BTreeSet<_> = operations.iter().map(|(_, _, one)| *one).collect();
    assert_eq!(declared.len(), Permission::ALL.len(), "a permission opens no operation: {declared:?}");
    let roles = app.state.config.roles.clone();
    for (name, role) in roles.iter() {
        let operator = Operator::with_roles(&app, RoleNames::from_iter([name.clone()])).await;
        for (method, path, permission) in &operations {
            let body = (*method == Method::POST).then(|| json!({}));
            let answer = operator.call(method.clone(), path, body.as_ref(), "").await;
            let refused = answer.status == 403;
            let allowed = role.permissions.contains(*permission);
            assert_eq!(
                !refused,
                allowed,
                "{name}: {method} {path} needs {} ({})",
                permission.name(),
                answer.status
            );
            if refused {
                let detail = answer.expect_problem(403, "forbidden").body["detail"].to_string();
                assert!(detail.contains(permission.name()), "{detail}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_role_changes_nothing_and_is_in_the_trail() {
    let app = TestApp::new().await;
    let auditor = Operator::with_roles(&app, "auditor".parse().unwrap()).await;
    auditor.post("/partners", &json!({ "name": "Nova" })).await.expect_problem(403, "forbidden");
    let partners = auditor.get("/partners").await.expect(200).body;
    assert!(partners["data"].as_array().unwrap().iter().all(|partner| partner["name"] != "Nova"));
    let entries = auditor.get("/audit").await.expect(200).body["data"].clone();
    let refused =
        |entry: &&Value| entry["operation"] == "POST /operator/v1/partners" && entry["status"] == 403;
    assert_eq!(entries.as_array().unwrap().iter().filter(refused).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machines_token_has_roles_an_expiry_a_maker_and_a_last_use() {
    for app in TestApp::on_each_engine().await {
        let admin = Operator::of(&app).await;
        for (body, param) in [
            (json!({ "roles": ["treasury"] }), "name"),
            (json!({ "name": "Robô", "roles": ["chief"] }), "roles[0]"),
            (json!({ "name": "Robô", "roles": "treasury" }), "roles"),
            (json!({ "name": "Robô", "expires_at": "2020-01-01T00:00:00Z" }), "expires_at"),
        ] {
            let problem = admin.post("/operators", &body).await.expect(422).body;
            assert_eq!(problem["errors"][0]["param"], param, "{body}");
        }
        let end = json!(Timestamp::real(app.clock.now().plus(Duration::from_secs(3_600))));
        let body = json!({ "name": "Robô de pagamentos", "roles": ["treasury"], "expires_at": end });
        let made = admin.post("/operators", &body).await.expect(201).body;
        let (id, token) = (made["id"].as_str().unwrap(), made["token"].as_str().unwrap().to_owned());
        assert_eq!((&made["roles"], &made["status"]), (&json!(["treasury"]), &json!("active")));
        let robot = Operator { app: app.clone(), token };
        robot.get("/loans").await.expect(200);
        robot.post("/operators", &body).await.expect_problem(403, "forbidden");

        // The last use is noted beside the call, so a later call shows it.
        let mut shown = Value::Null;
        for _ in 0..2_000 {
            shown = admin.get(&format!("/operators/{id}")).await.expect(200).body;
            if !shown["last_used_at"].is_null() {
                break;
            }
        }
        assert!(!shown["last_used_at"].is_null(), "{shown}");
        assert!(shown["created_by"].as_str().unwrap().starts_with("op_"));
        assert!(shown.get("token").is_none(), "the token is shown only once");

        admin.act(&format!("/operators/{id}/revoke")).await.expect(200);
        robot.get("/loans").await.expect_problem(401, "invalid_token");
        admin.act(&format!("/operators/{id}/revoke")).await.expect_problem(409, "invalid_state");
        admin.act("/operators/op_0190f3b4c5d67e8f90a1b2c3d4e5f607/revoke").await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_token_is_refused_and_named_in_the_trail() {
    let app = TestApp::new().await;
    let admin = Operator::of(&app).await;
    let end = json!(Timestamp::real(app.clock.now().plus(Duration::from_secs(60))));
    let body = json!({ "name": "Auditoria externa", "roles": ["auditor"], "expires_at": end });
    let made = admin.post("/operators", &body).await.expect(201).body;
    let guest = Operator { app: app.clone(), token: made["token"].as_str().unwrap().to_owned() };
    guest.get("/loans").await.expect(200);
    app.clock.advance(Duration::from_secs(60));
    guest.get("/loans").await.expect_problem(401, "token_expired");
    let entries = admin.get("/audit").await.expect(200).body["data"].clone();
    assert_eq!((&entries[0]["operator_id"], &entries[0]["status"]), (&made["id"], &json!(401)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roles_are_shown_with_their_permissions_and_limits() {
    let app = TestApp::new().await;
    let auditor = Operator::with_roles(&app, "auditor".parse().unwrap()).await;
    let roles = auditor.get("/roles").await.expect(200).body;
    let credit = roles["data"].as_array().unwrap().iter().find(|role| role["name"] == "credit").unwrap();
    assert_eq!(
        (&credit["largest_approval"], &credit["largest_waiver"]),
        (&json!("50000.00"), &json!("0.00"))
    );
    assert!(credit["permissions"].as_array().unwrap().contains(&json!("credit.decide")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_above_the_limit_of_the_roles_is_refused_and_makes_no_offer() {
    let (app, partner) = TestApp::with_partner().await;
    let customer = partner.documented_customer(529_982_247, "manual").await;
    let decisions = format!("/customers/{customer}/credit-decisions");
    let mut large = approval(12);
    large["offer"]["approved_amount"] = json!("50000.01");
    let clerk = Operator::with_roles(&app, "credit".parse().unwrap()).await;
    let problem = clerk.post(&decisions, &large).await.expect_problem(422, "amount_out_of_range").body;
    assert_eq!(problem["errors"][0]["param"], "offer.approved_amount");
    assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("R$ 50000.00"), "{problem}");
    let none = clerk.get(&decisions).await.expect(200).body;
    assert!(
        none["data"].as_array().unwrap().iter().all(|decision| decision["decided_by"] == "policy"),
        "{none}"
    );
    let committee = Operator::with_roles(&app, "credit credit-committee".parse().unwrap()).await;
    committee.post(&decisions, &large).await.expect(201);
}
