//! The request log: what a partner called, who sees it, and how it is found.

use axum::http::Method;
use serde_json::{Value, json};

use crate::engines::on_both_engines;
use crate::inputs::registration;
use crate::operator::Operator;
use crate::support::{Partner, TestApp};

/// The entries of a search, newest first, after the log has everything.
pub(crate) async fn logged(partner: &Partner, query: &str) -> Vec<Value> {
    partner.app.state.request_log.write_waiting().await;
    let listed = partner.get(&format!("/v3/requests{query}")).await.expect(200).body;
    listed["data"].as_array().unwrap().clone()
}

/// The request ids of a search.
async fn ids(partner: &Partner, query: &str) -> Vec<String> {
    let text = |call: &Value| call["request_id"].as_str().unwrap().to_owned();
    logged(partner, query).await.iter().map(text).collect()
}

/// Sends a request with this id from an address.
async fn send(partner: &Partner, method: Method, path: &str, body: Option<&Value>, id: &str) {
    let headers =
        [("x-request-id", id), ("x-forwarded-for", "198.51.100.9"), ("user-agent", "Cliente/2.0 (Teste)")];
    partner.call_with(method, path, body, &headers).await;
}

async fn a_call_is_in_the_log_of_its_partner_alone(app: &TestApp) {
    let (partner, other) = (app.partner().await, app.partner().await);
    let body = registration(529_982_247, "manual");
    let headers =
        [("x-request-id", "mine-1"), ("idempotency-key", "key-1"), ("x-forwarded-for", "198.51.100.9")];
    let made = partner.call_with(Method::POST, "/v3/customers", Some(&body), &headers).await.expect(201);
    assert_eq!(made.header("x-request-id"), Some("mine-1"));
    let call = logged(&partner, "?request_id=mine-1").await.remove(0);
    for (field, value) in [
        ("method", json!("POST")),
        ("route", json!("/v3/customers")),
        ("path", json!("/v3/customers")),
        ("query", Value::Null),
        ("status_code", json!(201)),
        ("idempotency_key", json!("key-1")),
        ("replayed", json!(false)),
        ("client_id", json!(partner.credential.id)),
        ("address", json!("198.51.100.9")),
        ("problem", Value::Null),
        ("resource_ids", json!([made.id()])),
        ("created_at", json!("2026-01-15T12:00:00Z")),
    ] {
        assert_eq!(call[field], value, "{field}");
    }
    assert!(call["duration_us"].as_u64().unwrap() > 0);
    for id in [call["id"].as_str().unwrap(), "mine-1"] {
        let shown = partner.get(&format!("/v3/requests/{id}")).await.expect(200).body;
        assert_eq!(shown["path"], "/v3/customers");
        let in_the_sdk = partner.get(&format!("/api/v3/requests/{id}")).await.expect(200).body;
        assert_eq!(in_the_sdk["created_at"], 1_768_478_400);
        other.get(&format!("/v3/requests/{id}")).await.expect_problem(404, "resource_not_found");
    }
    assert!(ids(&other, "?request_id=mine-1").await.is_empty());
    assert!(ids(&other, &format!("?resource_id={}", made.id())).await.is_empty());
    let operator = Operator::of(app).await;
    let of_all = operator.get("/requests?request_id=mine-1").await.expect(200).body;
    assert_eq!(of_all["data"][0]["partner_id"], partner.id.to_string());
    assert_eq!(of_all["data"][0]["request"], call);
    let of_other = operator.get(&format!("/requests?partner_id={}", other.id)).await.expect(200).body;
    let paths = of_other["data"].as_array().unwrap().iter().map(|call| &call["request"]["path"]);
    assert!(!paths.into_iter().any(|path| path == "/v3/customers"), "{of_other}");
}
on_both_engines!(a_call_is_in_the_log_of_its_partner_alone:
    a_call_is_in_the_log_of_its_partner_alone_on_sqlite,
    a_call_is_in_the_log_of_its_partner_alone_on_postgresql);

async fn problems_are_logged_as_they_were_answered_also_repeated_ones(app: &TestApp) {
    let partner = app.partner().await;
    let mut wrong = registration(529_982_247, "manual");
    wrong["cpf"] = json!("123");
    send(&partner, Method::POST, "/v3/customers", Some(&wrong), "wrong").await;
    send(&partner, Method::GET, "/v3/nothing/here", None, "nowhere").await;
    let refused = partner.customer(529_982_247, "manual").await;
    let body = json!({"requested_amount": "1.00", "installment_count": 1});
    let path = format!("/v3/credit-offers/{}/simulations", "co_0190f3b4c5d67e8f90a1b2c3d4e5f607");
    partner.post_keyed(&path, &body, "k").await.expect_problem(404, "resource_not_found");
    let twice = partner.post_keyed("/v3/customers", &registration(529_982_247, "other"), "twice").await;
    let again = partner.post_keyed("/v3/customers", &registration(529_982_247, "other"), "twice").await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (twice.status, Some("true")));
    let wrong = logged(&partner, "?request_id=wrong").await.remove(0);
    assert_eq!((&wrong["status_code"], &wrong["problem"]["code"]), (&json!(422), &json!("invalid_cpf")));
    assert_eq!(wrong["problem"]["errors"][0]["param"], "cpf");
    let nowhere = logged(&partner, "?request_id=nowhere").await.remove(0);
    assert_eq!(
        (&nowhere["route"], &nowhere["problem"]["code"]),
        (&json!("unmatched"), &json!("route_not_found"))
    );
    let calls = logged(&partner, "?idempotency_key=twice").await;
    assert_eq!((&calls[0]["replayed"], &calls[1]["replayed"]), (&json!(true), &json!(false)));
    assert_eq!(calls[0]["problem"], calls[1]["problem"], "of {refused}");
    let expired = Partner { token: "dinie_at_nothing".into(), ..partner.clone() };
    send(&expired, Method::GET, "/v3/customers", None, "anonymous").await;
    assert!(ids(&partner, "?request_id=anonymous").await.is_empty(), "nobody made it");
}
on_both_engines!(problems_are_logged_as_they_were_answered_also_repeated_ones:
    problems_are_logged_on_sqlite, problems_are_logged_on_postgresql);

async fn calls_are_found_by_each_of_their_facts(app: &TestApp) {
    let partner = app.partner().await;
    let customer = partner.customer(529_982_247, "manual").await;
    send(&partner, Method::GET, &format!("/v3/customers/{customer}"), None, "shown").await;
    app.clock.advance(std::time::Duration::from_secs(100));
    let partner = partner.renewed().await;
    send(&partner, Method::GET, "/api/v3/customers?limit=1", None, "listed").await;
    send(&partner, Method::PATCH, &format!("/v3/customers/{customer}"), Some(&json!({"phone": 5})), "wrong")
        .await;
    for (query, found) in [
        ("?method=PATCH".to_owned(), vec!["wrong"]),
        ("?route=/api/v3/customers".to_owned(), vec!["listed"]),
        ("?status=422".to_owned(), vec!["wrong"]),
        ("?status=4xx".to_owned(), vec!["wrong"]),
        ("?status=5xx".to_owned(), vec![]),
        ("?address=198.51.100.9".to_owned(), vec!["wrong", "listed", "shown"]),
        ("?address=198.51.100.9&status=2xx".to_owned(), vec!["listed", "shown"]),
        ("?address=::1".to_owned(), vec![]),
        ("?address=198.51.100.9&since=2026-01-15T12:01:00Z".to_owned(), vec!["wrong", "listed"]),
        ("?address=198.51.100.9&until=2026-01-15T12:01:00Z".to_owned(), vec!["shown"]),
        (format!("?resource_id={customer}&address=198.51.100.9"), vec!["wrong", "shown"]),
        ("?min_duration_ms=600000".to_owned(), vec![]),
        (format!("?client_id={}&method=PATCH", partner.credential.id), vec!["wrong"]),
    ] {
        assert_eq!(ids(&partner, &query).await, found, "{query}");
    }
    let mut pages = Vec::new();
    let mut after = String::new();
    loop {
        let path = format!("/v3/requests?address=198.51.100.9&limit=1{after}");
        let page = partner.get(&path).await.expect(200).body;
        pages.extend(page["data"].as_array().unwrap().iter().map(|call| call["request_id"].clone()));
        assert_eq!(page["has_more"], page["next_starting_after"].is_string());
        let Some(next) = page["next_starting_after"].as_str() else { break };
        after = format!("&starting_after={next}");
    }
    assert_eq!(pages, ["wrong", "listed", "shown"]);
}
on_both_engines!(calls_are_found_by_each_of_their_facts:
    calls_are_found_by_each_of_their_facts_on_sqlite, calls_are_found_by_each_of_their_facts_on_postgresql);

async fn a_key_says_what_it_stands_for_and_when_it_frees(app: &TestApp) {
    let (partner, other) = (app.partner().await, app.partner().await);
    let body = registration(529_982_247, "manual");
    let made = partner.post_keyed("/v3/customers", &body, "order-1").await.expect(201);
    partner.post_keyed("/v3/customers", &body, "order-1").await.expect(201);
    app.state.request_log.write_waiting().await;
    let shown = partner.get("/v3/idempotency-keys/order-1").await.expect(200).body;
    assert_eq!(
        shown,
        json!({
            "key": "order-1", "method": "POST", "path": "/v3/customers",
            "request_id": made.header("x-request-id"), "status_code": 201, "resource_id": made.id(),
            "used_at": "2026-01-15T12:00:00Z", "frees_at": "2026-01-16T12:00:00Z"
        })
    );
    assert_eq!(
        partner.get("/api/v3/idempotency-keys/order-1").await.expect(200).body["frees_at"],
        1_768_564_800
    );
    other.get("/v3/idempotency-keys/order-1").await.expect_problem(404, "resource_not_found");
    let unknown = partner.get("/v3/idempotency-keys/order-2").await.expect_problem(404, "resource_not_found");
    assert!(unknown.body["detail"].as_str().unwrap().contains("was not used"), "{}", unknown.body);
    app.clock.advance(std::time::Duration::from_hours(25));
    let partner = partner.renewed().await;
    partner.get("/v3/idempotency-keys/order-1").await.expect_problem(404, "resource_not_found");
}
on_both_engines!(a_key_says_what_it_stands_for_and_when_it_frees:
    a_key_says_what_it_stands_for_on_sqlite, a_key_says_what_it_stands_for_on_postgresql);

#[tokio::test]
async fn wrong_parameters_of_the_request_list_are_reported() {
    let app = TestApp::new().await;
    let (partner, operator) = (app.partner().await, Operator::of(&app).await);
    for (query, param) in [
        ("status=6xx", "status"),
        ("status=99", "status"),
        ("status=", "status"),
        ("client_id=x", "client_id"),
        ("address=localhost", "address"),
        ("resource_id=529.982.247-25", "resource_id"),
        ("min_duration_ms=-1", "min_duration_ms"),
        ("min_duration_ms=600001", "min_duration_ms"),
        ("starting_after=ln_0190f3b4c5d67e8f90a1b2c3d4e5f607", "starting_after"),
        ("limit=0", "limit"),
        ("since=yesterday", "since"),
        ("method=", "method"),
        ("method=post", "method"),
        ("route=/v3/loans%20", "route"),
        ("idempotency_key=%C3%A9", "idempotency_key"),
        ("request_id=a%20b", "request_id"),
        (&format!("request_id={}", "0".repeat(129)), "request_id"),
        (&format!("idempotency_key={}", "k".repeat(256)), "idempotency_key"),
    ] {
        for base in ["/v3", "/api/v3"] {
            let refused = partner.get(&format!("{base}/requests?{query}")).await;
            refused.expect_problem_of(param, 400, "invalid_parameter");
        }
    }
    for query in ["resource_id=ln_0190f3b4c5d67e8f90a1b2c3d4e5f607", "idempotency_key=k"] {
        let refused = operator.get(&format!("/requests?{query}")).await;
        refused.expect_problem_of("partner_id", 400, "invalid_parameter");
    }
    operator.get("/requests/nothing").await.expect_problem(404, "resource_not_found");
}
