//! Registering, finding, listing and changing customers.

use axum::http::Method;
use domain::credential::Environment;
use serde_json::{Value, json};

use crate::inputs::{cpf, registration};
use crate::support::{Setup, TestApp};

#[tokio::test]
async fn a_mistyped_tag_is_reported_by_the_sandbox_in_both_generations() {
    let partner = TestApp::new().await.partner().await;
    let warning = Some(r#"unknown tag "kyc_rejectd"; did you mean "kyc_rejected"?"#);
    for (number, path) in [(529_982_247, "/v3/customers"), (111_444_777, "/api/v3/customers")] {
        let body = registration(number, "kyc_rejectd+ltda");
        let made = partner.post_keyed(path, &body, &format!("key-{number}")).await.expect(201);
        assert_eq!(made.header("warnings"), warning);
        let again = partner.post_keyed(path, &body, &format!("key-{number}")).await.expect(201);
        assert_eq!((again.header("warnings"), again.header("idempotent-replayed")), (warning, Some("true")));
        let one = format!("{path}/{}", made.id());
        let changed = partner.patch(&one, &json!({"email": "ana+newsletter@example.com"})).await.expect(200);
        assert_eq!(changed.header("warnings"), Some(r#"unknown tag "newsletter""#));
        let right = partner.patch(&one, &json!({"email": "ana+manual@example.com"})).await.expect(200);
        assert_eq!(right.header("warnings"), None);
        let refused = partner.patch(&one, &json!({"email": "ana+manul@example.com", "cpf": "1"})).await;
        assert_eq!(refused.expect(422).header("warnings"), None);
    }
    let live = TestApp::with(Setup { environment: Environment::Production, ..Setup::default() }).await;
    let partner = live.partner().await;
    let made = partner.post("/v3/customers", &registration(529_982_247, "kyc_rejectd")).await.expect(201);
    assert_eq!(made.header("warnings"), None);
}

#[tokio::test]
async fn a_tag_that_pays_is_reported_if_the_loan_is_active_already() {
    let (app, partner) = TestApp::with_partner().await;
    let loan = partner.loan(529_982_247, "").await;
    app.let_seconds_pass(20).await;
    let shown = partner.get(&format!("/v3/loans/{}", loan.id())).await.expect(200).body;
    assert_eq!(shown["status"], "active");
    let customers = partner.get("/v3/customers").await.expect(200).body;
    let one = format!("/v3/customers/{}", customers["data"][0]["id"].as_str().unwrap());
    let pays = json!({"email": "ana+pays_on_time@example.com"});
    let changed = partner.patch(&one, &pays).await.expect(200);
    let warning =
        format!("tag \"pays_on_time\" comes too late for the loan {}: it is active already", loan.id());
    assert_eq!(changed.header("warnings"), Some(&*warning));
    let late = partner.patch(&one, &json!({"email": "ana+pays_late@example.com"})).await.expect(200);
    assert_eq!(late.header("warnings"), None, "a customer who pays may pay in another way");
}

#[tokio::test]
async fn names_that_are_invisible_or_contain_links_are_refused() {
    let (_, partner, customer) = TestApp::with_customer("manual").await;
    for (name, why) in [
        ("\u{200b}\u{200b}", "invisible"),
        ("Ana \u{202e}azuoS", "direction"),
        ("Ana https://evil.example", "web address"),
        ("Ganhe em evil.com", "web address"),
        ("...", "letter or a digit"),
    ] {
        let mut body = registration(111_444_777, "manual");
        for (path, field) in
            [("/v3/customers", "name"), ("/v3/customers", "trading_name"), ("/api/v3/customers", "name")]
        {
            let kept = std::mem::replace(&mut body[field], json!(name));
            let refused = partner.post(path, &body).await.expect_problem(422, "invalid_format");
            assert_eq!(refused.faults(), [(field.to_owned(), "invalid_format".to_owned())], "{name:?}");
            assert!(refused.body["detail"].as_str().unwrap().contains(why), "{}", refused.body);
            body[field] = kept;
        }
        let patch = json!({"name": name});
        partner
            .patch(&format!("/v3/customers/{customer}"), &patch)
            .await
            .expect_problem(422, "invalid_format");
        for generation in ["/v3", "/api/v3"] {
            let path = format!("{generation}/auth/credentials");
            partner.post(&path, &json!({"name": name})).await.expect_problem(422, "invalid_format");
        }
    }
    for generation in ["/v3", "/api/v3"] {
        let path = format!("{generation}/webhooks/endpoints");
        let endpoint = |note: &str| json!({"url": "https://example.com/hook", "description": note});
        partner.post(&path, &endpoint("a\u{202e}b")).await.expect_problem(422, "invalid_format");
        partner.post(&path, &endpoint("see https://example.com")).await.expect(201);
    }
}

#[tokio::test]
async fn the_same_registration_finds_the_customer_and_a_different_one_conflicts() {
    let (app, partner) = TestApp::with_partner().await;
    let first = partner.post("/v3/customers", &registration(529_982_247, "")).await.expect(201);
    let again = partner.post("/v3/customers", &registration(529_982_247, "")).await.expect(200);
    assert_eq!(again.body, first.body);
    assert_eq!(again.header("location"), None);
    for (field, value) in
        [("external_id", json!("other")), ("cnpj", json!(null)), ("external_id", json!(null))]
    {
        let mut body = registration(529_982_247, "");
        body[field] = value;
        partner.post("/v3/customers", &body).await.expect_problem(409, "customer_already_exists");
    }
    let other = app.partner().await;
    other.post("/v3/customers", &registration(529_982_247, "")).await.expect(201);
}

#[tokio::test]
async fn a_cpf_is_enough_to_register_and_kyc_requires_the_rest() {
    let partner = TestApp::new().await.partner().await;
    let created = partner.post("/v3/customers", &json!({"cpf": "12345678909"})).await.expect(201);
    assert_eq!(created.body["cpf"], "123.456.789-09");
    for field in ["cnpj", "name", "email", "phone", "trading_name", "external_id"] {
        assert_eq!(created.body[field], Value::Null, "{field}");
    }
    let asked = |body: &Value| -> Vec<String> {
        let items = body["kyc"].as_array().unwrap().iter().filter(|item| item["kind"] == "data");
        items
            .map(|item| format!("{} {}", item["type"].as_str().unwrap(), item["status"].as_str().unwrap()))
            .collect()
    };
    assert_eq!(asked(&created.body), ["name pending", "email pending", "phone pending"]);
    let path = format!("/v3/customers/{}", created.id());
    let patched = partner.patch(&path, &json!({"name": "Ana", "email": "ana@example.com"})).await.expect(200);
    assert_eq!(asked(&patched.body), ["name submitted", "email submitted", "phone pending"]);
}

#[tokio::test]
async fn customers_are_found_by_every_parameter_and_only_by_their_own_partner() {
    let app = TestApp::new().await;
    let (partner, other) = (app.partner().await, app.partner().await);
    for number in 0..7_u32 {
        partner.customer(100_000_000 + number, "").await;
        app.clock.advance(std::time::Duration::from_secs(1));
    }
    other.customer(100_000_000, "").await;
    let list = async |query: &str| partner.get(&format!("/v3/customers{query}")).await.expect(200).body;
    let count = |list: &Value| list["data"].as_array().unwrap().len();
    assert_eq!(count(&list("").await), 7);
    assert_eq!(count(&list(&format!("?cpf={}", cpf(100_000_003))).await), 1);
    assert_eq!(count(&list("?external_id=m-100000004").await), 1);
    assert_eq!(count(&list("?status=pending_kyc").await), 7);
    assert_eq!(count(&list("?status=denied").await), 0);
    assert_eq!(count(&list("?unknown=x").await), 7, "unknown parameters are ignored");

    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = list(&format!("?limit=3&order=asc{after}")).await;
        seen.extend(
            page["data"].as_array().unwrap().iter().map(|c| c["external_id"].as_str().unwrap().to_owned()),
        );
        if page["has_more"] == false {
            break;
        }
        after = format!("&starting_after={}", page["data"][2]["id"].as_str().unwrap());
    }
    assert_eq!(seen, (0..7).map(|n| format!("m-{}", 100_000_000 + n)).collect::<Vec<_>>());
    let newest_first = list("?limit=1").await;
    assert_eq!(newest_first["data"][0]["external_id"], "m-100000006");
}

#[tokio::test]
async fn wrong_list_parameters_are_refused() {
    let app = TestApp::new().await;
    let (partner, other) = (app.partner().await, app.partner().await);
    let theirs = other.customer(529_982_247, "").await;
    for (query, code) in [
        ("limit=0", "invalid_parameter"),
        ("limit=101", "invalid_parameter"),
        ("limit=ten", "invalid_parameter"),
        ("limit=5&limit=6", "invalid_parameter"),
        ("cpf=123", "invalid_parameter"),
        ("status=sleeping", "invalid_parameter"),
        ("sort=cpf", "invalid_parameter"),
        ("order=up", "invalid_parameter"),
        ("external_id=%FF", "invalid_parameter"),
        ("external_id=%00", "invalid_parameter"),
        ("starting_after=nonsense", "invalid_cursor"),
        ("starting_after=ln_01a20928ae61713c988251770bcb3333", "invalid_cursor"),
        (&format!("starting_after={theirs}"), "invalid_cursor"),
    ] {
        partner.get(&format!("/v3/customers?{query}")).await.expect_problem(400, code);
    }
}

#[tokio::test]
async fn all_wrong_list_parameters_are_reported_at_once() {
    let partner = TestApp::new().await.partner().await;
    let answer = partner.get("/v3/customers?sort=cpf&order=up&limit=0&starting_after=x").await;
    let answer = answer.expect_problem(400, "invalid_parameter");
    let named: Vec<String> = answer.faults().into_iter().map(|(param, _)| param).collect();
    assert_eq!(named, ["sort", "limit", "order", "starting_after"]);
}

#[tokio::test]
async fn a_patch_changes_only_the_fields_that_may_change() {
    let partner = TestApp::new().await.partner().await;
    let path = format!("/v3/customers/{}", partner.customer(529_982_247, "manual").await);
    let patched = partner
        .patch(&path, &json!({"email": "b+manual@example.com", "trading_name": null, "cnpj": null}))
        .await;
    let patched = patched.expect(200).body;
    assert_eq!((&patched["email"], &patched["trading_name"]), (&json!("b+manual@example.com"), &Value::Null));
    assert_eq!(patched["cnpj"], Value::Null);
    let unchanged = partner.patch(&path, &json!({})).await.expect(200).body;
    assert_eq!(unchanged, patched);
    for (body, code) in [
        (json!({"cpf": "123.456.789-09"}), "immutable_field"),
        (json!({"external_id": null}), "immutable_field"),
        (json!({"email": null}), "invalid_format"),
        (json!({"email": "nonsense"}), "invalid_format"),
        (json!({"phone": 5}), "invalid_format"),
        (json!({"cnpj": "12.345.678/0001-90"}), "invalid_cnpj"),
    ] {
        partner.patch(&path, &body).await.expect_problem(422, code);
    }
    assert_eq!(partner.get(&path).await.body, patched, "no partial change is left");
}

#[tokio::test]
async fn name_cnpj_and_trading_name_are_fixed_once_the_review_begins() {
    let partner = TestApp::new().await.partner().await;
    let path = format!("/v3/customers/{}", partner.documented_customer(529_982_247, "manual").await);
    for (field, value) in [("name", "B"), ("cnpj", "33.000.167/0001-01"), ("trading_name", "B")] {
        partner.patch(&path, &json!({field: value})).await.expect_problem_of(field, 409, "invalid_state");
    }
    partner.patch(&path, &json!({"phone": "+5521988887777"})).await.expect(200);
}

#[tokio::test]
async fn a_malformed_unknown_or_foreign_id_is_not_found() {
    let app = TestApp::new().await;
    let (partner, other) = (app.partner().await, app.partner().await);
    let theirs = other.customer(529_982_247, "").await;
    for id in
        ["nonsense", "cust_01a20928a97d7cf2a4e6abd5b178664c", "ln_01a20928a97d7cf2a4e6abd5b178664c", &theirs]
    {
        partner.get(&format!("/v3/customers/{id}")).await.expect_problem(404, "resource_not_found");
    }
    let body = json!({"email": "x@example.com"});
    partner
        .call(Method::PATCH, &format!("/v3/customers/{theirs}"), Some(&body))
        .await
        .expect_problem(404, "resource_not_found");
}
