//! The generation of the client libraries and its own features.

use axum::body::Body;
use axum::http::{Method, Request};
use domain::credential::Environment;
use serde_json::{Value, json};

use crate::answer::{Answer, stable};
use crate::engines::on_both_engines;
use crate::inputs::{JPEG, PDF, cpf, form};
use crate::sink::Sink;
use crate::support::{Partner, TestApp};

pub(crate) const BASE: &str = "/api/v3";

/// A registration with every field of this generation.
pub(crate) fn registration(number: u32, tags: &str) -> Value {
    let email =
        if tags.is_empty() { "ana@example.com".to_owned() } else { format!("ana+{tags}@example.com") };
    json!({
        "cpf": cpf(number), "cnpj": "11.222.333/0001-81", "email": email, "phone": "+5511999999999",
        "external_id": format!("s-{number}")
    })
}

/// A customer with all documents submitted. The review has not been requested.
pub(crate) async fn documented_customer(partner: &Partner, number: u32, tags: &str) -> String {
    let customer = customer(partner, number, tags).await;
    for (requirement, evidence, slot) in
        [("identity", "cnh", "file"), ("selfie", "selfie", "photo"), ("company_document", "ccmei", "file")]
    {
        attach(partner, &customer, (requirement, evidence, slot), JPEG).await.expect(201);
    }
    customer
}

pub(crate) async fn customer(partner: &Partner, number: u32, tags: &str) -> String {
    partner.post(&format!("{BASE}/customers"), &registration(number, tags)).await.expect(201).id()
}

pub(crate) async fn shown(partner: &Partner, customer: &str) -> Value {
    partner.get(&format!("{BASE}/customers/{customer}")).await.expect(200).body
}

/// The id of a customer's n-th requirement of a type.
pub(crate) async fn requirement(partner: &Partner, customer: &str, r#type: &str, nth: usize) -> String {
    let shown = shown(partner, customer).await;
    let all = shown["kyc"].as_array().unwrap().iter().filter(|item| item["requirement_type"] == r#type);
    all.map(|item| item["requirement_id"].as_str().unwrap().to_owned()).nth(nth).unwrap()
}

pub(crate) async fn attach(
    partner: &Partner, customer: &str, (kind, evidence, slot): (&str, &str, &str), content: &[u8],
) -> Answer {
    let id = requirement(partner, customer, kind, 0).await;
    send(
        partner,
        customer,
        &[("requirement_id", &id), ("evidence_type", evidence), ("attachment_type", slot)],
        content,
    )
    .await
}

pub(crate) async fn send(
    partner: &Partner, customer: &str, texts: &[(&str, &str)], content: &[u8],
) -> Answer {
    let texts = texts.iter().map(|(name, text)| (*name, None, text.as_bytes()));
    let parts: Vec<_> = texts.chain([("file", Some("upload"), content)]).collect();
    let path = format!("{BASE}/customers/{customer}/kyc-attachments");
    partner.send_form(&path, &form("b", &parts), "b", None).await
}

pub(crate) async fn review(partner: &Partner, customer: &str) -> Answer {
    partner.call(Method::POST, &format!("{BASE}/customers/{customer}/kyc-review"), None).await
}

pub(crate) fn submitted<'v>(customer: &'v Value, r#type: &str) -> &'v Value {
    let items = customer["kyc"].as_array().unwrap();
    &items.iter().find(|item| item["requirement_type"] == r#type).unwrap()["submitted"]
}

on_both_engines!(journey: on_sqlite, on_postgresql);

async fn journey(app: &TestApp) {
    let partner = app.partner().await;
    let sink = Sink::start().await;
    let endpoints = format!("{BASE}/webhooks/endpoints");
    let endpoint = partner.post(&endpoints, &json!({"url": sink.url})).await.expect(201);
    insta::assert_snapshot!("sdk_webhook_endpoint", stable(&endpoint.body));
    let created = partner.post(&format!("{BASE}/customers"), &registration(529_982_247, "range_offer")).await;
    insta::assert_snapshot!("sdk_customer_created", stable(&created.expect(201).body));
    let customer = documented_customer(&partner, 111_444_777, "").await;
    review(&partner, &customer).await.expect(202);
    app.let_seconds_pass(2).await;
    insta::assert_snapshot!("sdk_customer_active", stable(&shown(&partner, &customer).await));
    let offers = partner.get(&format!("{BASE}/customers/{customer}/credit-offers")).await.expect(200);
    assert_eq!(offers.body["data"][0]["external_id"], "s-111444777");
    insta::assert_snapshot!("sdk_offers", stable(&offers.body));
    let offer = offers.body["data"][0]["id"].as_str().unwrap().to_owned();
    let wanted = json!({"requested_amount": 10000, "installment_count": 12});
    let simulations = format!("{BASE}/credit-offers/{offer}/simulations");
    let simulation = partner.post(&simulations, &wanted).await.expect(201).body;
    insta::assert_snapshot!("sdk_simulation", stable(&simulation));
    let body = json!({
        "credit_offer_id": offer, "simulation_id": simulation["id"], "installment_count": 12,
        "installment_amount": simulation["installment_amount"], "first_due_date": simulation["first_due_date"]
    });
    let loan = partner.post(&format!("{BASE}/loans"), &body).await.expect(201);
    insta::assert_snapshot!("sdk_loan_created", stable(&loan.body));
    assert_eq!(loan.header("location"), Some(&*format!("{BASE}/loans/{}", loan.id())));
    app.let_seconds_pass(4).await;
    let path = format!("{BASE}/loans/{}", loan.id());
    insta::assert_snapshot!("sdk_loan_active", stable(&partner.get(&path).await.expect(200).body));
    let transactions = partner.get(&format!("{path}/transactions?limit=1")).await.expect(200);
    insta::assert_snapshot!("sdk_transactions", stable(&transactions.body));

    let events = sink.verified(endpoint.body["secret"].as_str().unwrap());
    for event in &events {
        assert!(wire::sdk::event::names().contains(&event["type"].as_str().unwrap()), "{event}");
        assert!(event["delivery_id"].as_str().unwrap().starts_with("dlv_"));
    }
    let mut bodies: Vec<String> = events.iter().map(stable).collect();
    bodies.sort();
    insta::assert_snapshot!("sdk_events", bodies.join("\n"));
}

#[tokio::test]
async fn a_registration_requires_every_field_and_is_completed_by_the_registry() {
    let partner = TestApp::new().await.partner().await;
    let path = format!("{BASE}/customers");
    let none = partner.post(&path, &json!({})).await.expect_problem(422, "missing_required_field");
    let missing: Vec<String> = none.faults().into_iter().map(|(param, _)| param).collect();
    assert_eq!(missing, ["cpf", "cnpj", "email", "phone"]);
    let body = registration(529_982_247, "manual");
    let first = partner.post(&path, &body).await.expect(201);
    assert!(first.body["name"].is_string() && first.body["trading_name"].is_string());
    let again = partner.post(&path, &body).await.expect(200);
    assert_eq!(again.body, first.body);
    let mut other = body.clone();
    other["external_id"] = json!("other");
    partner.post(&path, &other).await.expect_problem(409, "customer_already_exists");
    let patch = json!({"name": "B", "cpf": "1", "cnpj": null, "trading_name": "C", "external_id": "d"});
    let refused = partner.patch(&format!("{path}/{}", first.id()), &patch).await;
    assert_eq!(refused.expect_problem(422, "immutable_field").faults().len(), 5);
}

#[tokio::test]
async fn every_kind_of_evidence_is_assigned_to_its_slot() {
    let partner = TestApp::new().await.partner().await;
    for (number, tags, uploads) in [
        (1, "manual", &["company_document ccmei file", "identity cnh front", "identity cnh back"][..]),
        (
            2,
            "manual+ei",
            &[
                "ei_mei_documents ei_mei ei_registration_requirement",
                "proof_of_address proof_of_address file",
                "identity rg front",
                "identity rg back",
            ],
        ),
        (
            3,
            "manual+ei",
            &["ei_mei_documents ei_mei ccmei", "proof_of_address proof_of_address file", "identity cnh file"],
        ),
        (
            4,
            "manual+eireli",
            &[
                "eireli_incorporation_statement eireli_incorporation_statement file",
                "proof_of_address proof_of_address file",
                "identity cnh file",
            ],
        ),
    ] {
        let customer = customer(&partner, 100_000_000 + number, tags).await;
        for upload in uploads.iter().chain(&["selfie selfie photo"]) {
            let [kind, evidence, slot] = upload.split(' ').collect::<Vec<_>>()[..] else {
                panic!("{upload}")
            };
            let lacking = review(&partner, &customer).await.expect_problem(422, "kyc_incomplete");
            let id = requirement(&partner, &customer, kind, 0).await;
            assert!(lacking.faults().contains(&(id, "kyc_incomplete".to_owned())), "{kind}");
            let answer = attach(&partner, &customer, (kind, evidence, slot), JPEG).await.expect(201);
            assert_eq!(answer.body, json!({"attachment_type": slot, "submitted": true}));
            let shown = shown(&partner, &customer).await;
            assert_eq!(submitted(&shown, kind)["evidence_type"], evidence);
            assert_eq!(submitted(&shown, kind)["review_status"], "pending");
        }
        review(&partner, &customer).await.expect(202);
        review(&partner, &customer).await.expect_problem(409, "invalid_state");
    }
}

#[tokio::test]
async fn a_company_with_a_co_owner_shows_both_people_and_accepts_an_email_as_text() {
    let (app, partner) = TestApp::with_partner().await;
    let customer = customer(&partner, 529_982_247, "manual+ltda").await;
    insta::assert_snapshot!("sdk_kyc_of_a_ltda", stable(&shown(&partner, &customer).await["kyc"]));
    let id = requirement(&partner, &customer, "email", 0).await;
    let path = format!("{BASE}/customers/{customer}/kyc-attachments");
    let place =
        |value: &str| format!("requirement_id={id}&evidence_type=email&attachment_type=email&value={value}");
    let urlencoded = async |body: String| {
        let request = Request::post(&path)
            .header("authorization", format!("Bearer {}", partner.token))
            .header("content-type", "application/x-www-form-urlencoded");
        app.send(request.body(Body::from(body)).unwrap()).await
    };
    let wrong = urlencoded(place("maria")).await.expect_problem(422, "invalid_format");
    assert_eq!(wrong.faults()[0].0, "value");
    urlencoded(format!("{}&value=x", place("y"))).await.expect_problem(400, "malformed_body");
    urlencoded(place("")).await.expect_problem(422, "invalid_format");
    let answer = urlencoded(place("maria%40example.com")).await.expect(201);
    assert_eq!(answer.body, json!({"attachment_type": "email", "submitted": true}));
    assert_eq!(submitted(&shown(&partner, &customer).await, "email")["review_status"], "pending");
    let texts = [("requirement_id", &*id), ("evidence_type", "email"), ("attachment_type", "email")];
    send(&partner, &customer, &texts, PDF).await.expect_problem(422, "invalid_evidence");
}

#[tokio::test]
async fn wrong_uploads_are_reported_and_leave_no_file() {
    let (app, partner) = TestApp::with_partner().await;
    let customer = customer(&partner, 529_982_247, "manual").await;
    let identity = requirement(&partner, &customer, "identity", 0).await;
    let place = |evidence: &'static str, slot: &'static str| {
        [
            ("requirement_id", identity.clone()),
            ("evidence_type", evidence.into()),
            ("attachment_type", slot.into()),
        ]
    };
    let with = async |texts: &[(&str, String)], content: &[u8]| {
        let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
        send(&partner, &customer, &texts, content).await
    };
    for (evidence, slot, param) in [
        ("passport", "file", "evidence_type"),
        ("rg", "file", "attachment_type"),
        ("ccmei", "file", "requirement_id"),
        ("selfie", "photo", "requirement_id"),
    ] {
        let refused = with(&place(evidence, slot), PDF).await.expect_problem(422, "invalid_evidence");
        assert_eq!(refused.faults()[0].0, param, "{evidence} {slot}");
    }
    let mut unknown = place("cnh", "file");
    unknown[0].1 = "identity_sub_00000000000000000000000000000000".into();
    with(&unknown, PDF).await.expect_problem(422, "invalid_evidence");
    let nothing = with(&[], PDF).await.expect_problem(422, "missing_required_field");
    assert_eq!(nothing.faults().len(), 3);
    let both = with(&[("evidence_type", "passport".into()), ("attachment_type", "page".into())], PDF).await;
    assert_eq!(both.expect(422).faults().len(), 3, "missing and unknown fields are reported at once");
    with(&place("cnh", "file"), b"GIF89a").await.expect_problem(422, "unsupported_file_type");
    with(&place("cnh", "file"), b"").await.expect_problem(400, "missing_file");
    let path = format!("{BASE}/customers/{customer}/kyc-attachments");
    let whole: Vec<(&str, Option<&str>, Vec<u8>)> =
        place("cnh", "file").into_iter().map(|(name, text)| (name, None, text.into_bytes())).collect();
    let parts: Vec<_> = whole.iter().map(|(name, file, text)| (*name, *file, text.as_slice())).collect();
    let no_file = partner.send_form(&path, &form("b", &parts), "b", None).await;
    no_file.expect_problem(400, "missing_file");
    partner.post(&path, &json!({})).await.expect_problem(400, "invalid_content_type");
    assert!(shown(&partner, &customer).await["kyc"][0].get("submitted").is_none());
    assert_eq!(crate::bad_input::files(&app), 0);
}

#[tokio::test]
async fn a_rejected_document_is_submitted_again_and_reviewed_again_on_request() {
    let (app, partner) = TestApp::with_partner().await;
    let customer = documented_customer(&partner, 529_982_247, "kyc_rejected").await;
    review(&partner, &customer).await.expect(202);
    app.let_seconds_pass(2).await;
    let rejected = shown(&partner, &customer).await;
    assert_eq!(rejected["status"], "pending_kyc");
    let identity = submitted(&rejected, "identity");
    assert_eq!(identity["review_status"], "rejected");
    assert!(identity["review_reason"].as_str().unwrap().contains("ilegível"));
    assert_eq!(identity["attachments"], json!([{"attachment_type": "file", "submitted": false}]));
    assert_eq!(submitted(&rejected, "selfie")["review_status"], "accepted");
    review(&partner, &customer).await.expect_problem(422, "kyc_incomplete");
    attach(&partner, &customer, ("selfie", "selfie", "photo"), JPEG)
        .await
        .expect_problem(409, "invalid_state");
    attach(&partner, &customer, ("identity", "rg", "front"), JPEG).await.expect(201);
    let half = shown(&partner, &customer).await;
    let slots = json!([
        {"attachment_type": "front", "submitted": true}, {"attachment_type": "back", "submitted": false}
    ]);
    assert_eq!(submitted(&half, "identity")["attachments"], slots);
    attach(&partner, &customer, ("identity", "rg", "back"), JPEG).await.expect(201);
    assert_eq!(
        shown(&partner, &customer).await["status"],
        "pending_kyc",
        "the review begins only on request"
    );
    review(&partner, &customer).await.expect(202);
    app.let_seconds_pass(2).await;
    assert_eq!(shown(&partner, &customer).await["status"], "active");
}

#[tokio::test]
async fn a_bank_account_is_given_shown_and_replaced() {
    let partner = TestApp::new().await.partner().await;
    let customer = customer(&partner, 529_982_247, "manual").await;
    let path = format!("{BASE}/customers/{customer}/bank-account");
    partner.get(&path).await.expect_problem(404, "resource_not_found");
    let account = |bank: &str| {
        json!({"bank_account":
            {"bank_id": bank, "branch": "1234", "number": "567890", "digit": "x", "kind": "checking"}})
    };
    let given = partner.post(&path, &account("001")).await.expect(200).body;
    assert_eq!(given["bank_name"], "Banco do Brasil S.A.");
    assert_eq!((&given["digit"], &given["kind"]), (&json!("X"), &json!("checking")));
    assert!(given["id"].as_str().unwrap().starts_with("ba_") && given["updated_at"].is_i64());
    assert_eq!(partner.get(&path).await.expect(200).body, given);
    let replaced = partner.post(&path, &account("104")).await.expect(200).body;
    assert_eq!((&replaced["id"], &replaced["bank_id"]), (&given["id"], &json!("104")));
    let unknown = partner.post(&path, &account("999")).await.expect_problem(422, "invalid_format");
    assert_eq!(unknown.faults(), [("bank_account.bank_id".to_owned(), "invalid_format".to_owned())]);
    assert_eq!(partner.get(&path).await.expect(200).body, replaced);
    let banks = partner.get(&format!("{BASE}/banks")).await.expect(200).body;
    assert_eq!(banks["data"].as_array().unwrap().len(), 511);
    let first =
        json!({"id": "001", "name": "Banco do Brasil S.A.", "display_name": "001 - BCO DO BRASIL S.A."});
    assert_eq!(banks["data"][0], first);
}

#[tokio::test]
async fn money_goes_to_the_account_at_the_time_of_the_signature() {
    use domain::bank::Destination;
    let (app, partner) = TestApp::with_partner().await;
    for (number, with_account) in [(529_982_247, true), (111_444_777, false)] {
        let customer = documented_customer(&partner, number, "").await;
        review(&partner, &customer).await.expect(202);
        app.let_seconds_pass(3).await;
        let offers = partner.get(&format!("/v3/customers/{customer}/credit-offers")).await.expect(200);
        let body = partner.simulation(offers.body["data"][0]["id"].as_str().unwrap(), "5000.00", 12).await;
        let loan = partner.post("/v3/loans", &body).await.expect(201).id();
        if with_account {
            let account = json!({"bank_account":
                {"bank_id": "260", "branch": "0001", "number": "1234567", "digit": "8", "kind": "payment"}});
            let path = format!("{BASE}/customers/{customer}/bank-account");
            partner.post(&path, &account).await.expect(200);
        }
        app.let_seconds_pass(4).await;
        let (tenant, id) = (partner.id, loan.parse().unwrap());
        let script = move |tx: &mut store::Tx<'_>| app::loans::find(tx, tenant, id);
        let loan = app.state.store.read(script).await.unwrap();
        let destination = loan.destination.clone().unwrap();
        match destination {
            Destination::Account(account) => assert!(with_account && account.bank_id == "260"),
            Destination::CompanyKey(cnpj) => {
                assert!(!with_account);
                assert_eq!(cnpj.to_string(), "11.222.333/0001-81");
            }
            Destination::PersonKey(_) => panic!("the company has a key"),
        }
    }
}

pub(crate) fn account(number: &str) -> Value {
    json!({"bank_account":
        {"bank_id": "001", "branch": "1234", "number": number, "digit": "1", "kind": "checking"}})
}

#[tokio::test]
async fn in_production_a_missing_name_can_be_given_once() {
    let setup = crate::support::Setup { environment: Environment::Production, ..Default::default() };
    let app = TestApp::with(setup).await;
    let partner = app.partner().await;
    let customer = documented_customer(&partner, 529_982_247, "").await;
    let lacking = review(&partner, &customer).await.expect_problem(422, "kyc_incomplete");
    assert_eq!(lacking.faults(), [("name".to_owned(), "kyc_incomplete".to_owned())]);
    let path = format!("{BASE}/customers/{customer}");
    let body = json!({"name": "Ana Souza"});
    assert_eq!(partner.patch(&path, &body).await.expect(200).body["name"], "Ana Souza");
    partner.patch(&path, &body).await.expect_problem(422, "immutable_field");
    review(&partner, &customer).await.expect(202);
}
