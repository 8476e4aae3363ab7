//! One partner in both generations, which show the same resources.

use axum::http::Method;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::inputs::{JPEG, PDF};
use crate::kyc::items;
use crate::sink::Sink;
use crate::support::TestApp;

use crate::sdk::{BASE, attach, customer, registration, review, submitted};

#[tokio::test]
async fn revoking_twice_answers_gone() {
    let (app, partner) = TestApp::with_partner().await;
    let path = format!("{BASE}/auth/credentials");
    let made = partner.post(&path, &json!({"name": "a", "expires_at": app.clock.now().seconds() + 60})).await;
    let id = made.expect(201).id();
    let past = json!({"name": "a", "expires_at": app.clock.now().seconds()});
    partner.post(&path, &past).await.expect_problem(422, "invalid_format");
    partner.call(Method::DELETE, &format!("{path}/{id}"), None).await.expect(204);
    let again = partner.call(Method::DELETE, &format!("{path}/{id}"), None).await;
    assert_eq!(again.expect_problem(410, "credential_revoked").body["title"], "Gone");
}

#[tokio::test]
async fn lists_have_the_generations_envelope_and_sort_orders() {
    let partner = TestApp::new().await.partner().await;
    for number in [529_982_247, 111_444_777] {
        customer(&partner, number, "manual").await;
    }
    let page =
        partner.get(&format!("{BASE}/customers?limit=1&sort=updated_at&order=asc")).await.expect(200).body;
    assert_eq!((&page["object"], &page["has_more"]), (&json!("list"), &json!(true)));
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
    partner.get(&format!("{BASE}/customers?sort=name")).await.expect_problem(400, "invalid_parameter");
    partner.get(&format!("{BASE}/nothing")).await.expect_problem(404, "route_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_keeps_the_generation_that_made_it_whichever_generation_changes_it() {
    let (app, partner) = TestApp::with_partner().await;
    let (reference, sdk) = (Sink::start().await, Sink::start().await);
    let one = partner.endpoint(&reference).await;
    let other =
        partner.post(&format!("{BASE}/webhooks/endpoints"), &json!({"url": sdk.url})).await.expect(201);
    partner
        .patch(&format!("{BASE}/webhooks/endpoints/{}", one.id()), &json!({"description": "x"}))
        .await
        .expect(200);
    partner
        .patch(&format!("/v3/webhooks/endpoints/{}", other.id()), &json!({"description": "y"}))
        .await
        .expect(200);
    assert_eq!(
        partner.get(&format!("{BASE}/webhooks/endpoints/{}", one.id())).await.body["description"],
        "x"
    );
    partner.loan(529_982_247, "disbursement_failed").await;
    app.let_seconds_pass(5).await;
    let names = |events: &[Value]| {
        let mut names: Vec<String> =
            events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names.dedup();
        names
    };
    let (of_reference, of_sdk) = (reference.verified(secret(&one)), sdk.verified(secret(&other)));
    let common = [
        "credit_offer.available",
        "customer.active",
        "customer.created",
        "customer.kyc_updated",
        "customer.under_review",
        "loan.created",
        "loan.error",
    ];
    let with = |own: &[&str]| {
        let mut names: Vec<String> = common.iter().chain(own).map(|name| (*name).to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(
        names(&of_reference),
        with(&["loan.awaiting_signatures", "loan.contract_generated", "loan.disbursing", "loan.signed"])
    );
    assert_eq!(names(&of_sdk), with(&["loan.processing", "loan.signature_received"]));
    let error = of_sdk.iter().find(|event| event["type"] == "loan.error").unwrap();
    assert_eq!(error["data"]["error"]["code"], "disbursement_failed");
    assert!(
        of_reference.iter().all(|event| event.get("delivery_id").is_none() && event["timestamp"].is_string())
    );
}

pub(crate) fn secret(endpoint: &Answer) -> &str {
    endpoint.body["secret"].as_str().unwrap()
}

#[tokio::test]
async fn both_generations_show_the_same_state_of_one_customer() {
    let (app, partner) = TestApp::with_partner().await;
    let customer = customer(&partner, 529_982_247, "").await;
    let both = async |path: &str| {
        let reference = partner.get(&format!("/v3{path}")).await.expect(200).body;
        (reference, partner.get(&format!("{BASE}{path}")).await.expect(200).body)
    };
    let path = format!("/customers/{customer}");
    let statuses = async |path: &str| {
        let (reference, sdk) = both(path).await;
        (reference["status"].as_str().unwrap().to_owned(), sdk["status"].as_str().unwrap().to_owned())
    };
    let same = |word: &str| (word.to_owned(), word.to_owned());
    let word = |one: &str, other: &str| (one.to_owned(), other.to_owned());
    assert_eq!(statuses(&path).await, same("pending_kyc"));
    // Each generation shows the file that was uploaded through the other: the CNH, and then the selfie.
    partner.upload(&customer, "cnh", PDF).await.expect(201);
    assert_eq!(submitted(&both(&path).await.1, "identity")["evidence_type"], "cnh");
    attach(&partner, &customer, ("selfie", "selfie", "photo"), JPEG).await.expect(201);
    let (reference, _) = both(&path).await;
    assert!(items(&reference).contains(&"selfie submitted".to_owned()), "{reference}");
    for (name, of_sdk) in [("cpf", "cpf"), ("cnpj", "cnpj"), ("name", "name"), ("email", "email")] {
        let (reference, sdk) = both(&path).await;
        assert_eq!(reference[name], sdk[of_sdk]);
    }
    attach(&partner, &customer, ("company_document", "ccmei", "file"), PDF).await.expect(201);
    assert_eq!(statuses(&path).await, same("pending_kyc"), "the client libraries request the review");
    review(&partner, &customer).await.expect(202);
    assert_eq!(statuses(&path).await, same("under_review"));
    app.let_seconds_pass(2).await;
    assert_eq!(statuses(&path).await, same("active"));

    let offers = both(&format!("{path}/credit-offers")).await;
    let (one, other) = (&offers.0["data"][0], &offers.1["data"][0]);
    assert_eq!((&one["id"], &one["interest_rate"]), (&other["id"], &other["monthly_interest_rate"]));
    assert_eq!(
        one["approved_amount"].as_str().unwrap().parse::<f64>().ok(),
        other["approved_amount"].as_f64()
    );
    let body = partner.simulation(one["id"].as_str().unwrap(), "10000.00", 12).await;
    let loan = format!("/loans/{}", partner.post("/v3/loans", &body).await.expect(201).id());
    assert_eq!(statuses(&loan).await, same("awaiting_signatures"));
    for expected in [word("signed", "processing"), word("disbursing", "processing"), same("active")] {
        app.let_seconds_pass(1).await;
        assert_eq!(statuses(&loan).await, expected);
    }
    let (reference, sdk) = both(&loan).await;
    for (name, of_sdk) in [
        ("requested_amount", "requested_amount"),
        ("total_amount", "total_amount"),
        ("iof", "iof_amount"),
        ("installments_value", "installment_amount"),
    ] {
        assert_eq!(reference[name].as_str().unwrap().parse::<f64>().ok(), sdk[of_sdk].as_f64(), "{name}");
    }
    assert_eq!((&reference["cet"], &reference["ccb_number"]), (&sdk["annual_cet_rate"], &sdk["ccb_number"]));
}

#[tokio::test]
async fn a_key_used_in_one_generation_belongs_only_to_that_request() {
    let partner = TestApp::new().await.partner().await;
    let body = registration(529_982_247, "manual");
    let first = partner.post_keyed("/v3/customers", &body, "one").await.expect(201);
    let other = partner.post_keyed(&format!("{BASE}/customers"), &body, "one").await;
    let problem = other.expect_problem(422, "idempotency_key_mismatch").body;
    assert_eq!(problem["instance"], "/api/v3/customers");
    let again = partner.post_keyed("/v3/customers", &body, "one").await.expect(201);
    assert_eq!(again.body, first.body);
    // A stored problem also keeps its whole path.
    let mut other = body.clone();
    other["external_id"] = json!("other");
    for path in ["/v3/customers", "/api/v3/customers"] {
        let refused = partner.post_keyed(path, &other, path.trim_start_matches('/')).await;
        assert_eq!(refused.expect_problem(409, "customer_already_exists").body["instance"], path);
    }
}
