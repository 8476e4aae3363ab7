//! The generation of the client libraries: what it has of its own, and that both tell one story.

use axum::body::Body;
use axum::http::{Method, Request};
use domain::credential::{Environment, Scope};
use serde_json::{Value, json};

use crate::support::{Answer, JPEG, PDF, Partner, TestApp, cpf, form, stable};
use crate::webhooks::Sink;

const BASE: &str = "/api/v3";

/// A registration with everything that the generation takes.
pub(crate) fn registration(number: u32, tags: &str) -> Value {
    let email =
        if tags.is_empty() { "ana@example.com".to_owned() } else { format!("ana+{tags}@example.com") };
    json!({
        "cpf": cpf(number), "cnpj": "11.222.333/0001-81", "email": email, "phone": "+5511999999999",
        "external_id": format!("s-{number}")
    })
}

/// A customer with everything handed in, whose review has not been asked for.
pub(crate) async fn documented_customer(partner: &Partner<'_>, number: u32, tags: &str) -> String {
    let customer = customer(partner, number, tags).await;
    for (requirement, evidence, slot) in
        [("identity", "cnh", "file"), ("selfie", "selfie", "photo"), ("company_document", "ccmei", "file")]
    {
        attach(partner, &customer, (requirement, evidence, slot), JPEG).await.expect(201);
    }
    customer
}

async fn customer(partner: &Partner<'_>, number: u32, tags: &str) -> String {
    partner.post(&format!("{BASE}/customers"), &registration(number, tags)).await.expect(201).id()
}

async fn shown(partner: &Partner<'_>, customer: &str) -> Value {
    partner.get(&format!("{BASE}/customers/{customer}")).await.expect(200).body
}

/// The id of a customer's n-th requirement of a type.
async fn requirement(partner: &Partner<'_>, customer: &str, r#type: &str, nth: usize) -> String {
    let shown = shown(partner, customer).await;
    let all = shown["kyc"].as_array().unwrap().iter().filter(|item| item["requirement_type"] == r#type);
    all.map(|item| item["requirement_id"].as_str().unwrap().to_owned()).nth(nth).unwrap()
}

async fn attach(
    partner: &Partner<'_>,
    customer: &str,
    (kind, evidence, slot): (&str, &str, &str),
    content: &[u8],
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

async fn send(partner: &Partner<'_>, customer: &str, texts: &[(&str, &str)], content: &[u8]) -> Answer {
    let texts = texts.iter().map(|(name, text)| (*name, None, text.as_bytes()));
    let parts: Vec<_> = texts.chain([("file", Some("upload"), content)]).collect();
    let path = format!("{BASE}/customers/{customer}/kyc-attachments");
    partner.send_form(&path, &form("b", &parts), "b", None).await
}

async fn review(partner: &Partner<'_>, customer: &str) -> Answer {
    partner.call(Method::POST, &format!("{BASE}/customers/{customer}/kyc-review"), None).await
}

fn submitted<'v>(customer: &'v Value, r#type: &str) -> &'v Value {
    let items = customer["kyc"].as_array().unwrap();
    &items.iter().find(|item| item["requirement_type"] == r#type).unwrap()["submitted"]
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite() {
    journey(&TestApp::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql() {
    if let Some(app) = TestApp::on_postgres().await {
        journey(&app).await;
    }
}

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
async fn a_registration_wants_every_field_and_is_enriched_by_the_registry() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
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
async fn every_kind_of_evidence_finds_its_slot() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    for (number, tags, uploads) in [
        (
            100_000_001,
            "manual",
            &[
                ("company_document", "ccmei", "file"),
                ("identity", "cnh", "front"),
                ("identity", "cnh", "back"),
            ][..],
        ),
        (
            100_000_002,
            "manual+ei",
            &[
                ("ei_mei_documents", "ei_mei", "ei_registration_requirement"),
                ("proof_of_address", "proof_of_address", "file"),
                ("identity", "rg", "front"),
                ("identity", "rg", "back"),
            ],
        ),
        (
            100_000_003,
            "manual+ei",
            &[
                ("ei_mei_documents", "ei_mei", "ccmei"),
                ("proof_of_address", "proof_of_address", "file"),
                ("identity", "cnh", "file"),
            ],
        ),
        (
            100_000_004,
            "manual+eireli",
            &[
                ("eireli_incorporation_statement", "eireli_incorporation_statement", "file"),
                ("proof_of_address", "proof_of_address", "file"),
                ("identity", "cnh", "file"),
            ],
        ),
    ] {
        let customer = customer(&partner, number, tags).await;
        for (kind, evidence, slot) in uploads.iter().chain(&[("selfie", "selfie", "photo")]) {
            let lacking = review(&partner, &customer).await.expect_problem(422, "kyc_incomplete");
            let id = requirement(&partner, &customer, kind, 0).await;
            assert!(lacking.faults().contains(&(id, "kyc_incomplete".to_owned())), "{kind}");
            let answer = attach(&partner, &customer, (kind, evidence, slot), JPEG).await.expect(201);
            assert_eq!(answer.body, json!({"attachment_type": slot, "submitted": true}));
            let shown = shown(&partner, &customer).await;
            assert_eq!(submitted(&shown, kind)["evidence_type"], *evidence);
            assert_eq!(submitted(&shown, kind)["review_status"], "pending");
        }
        review(&partner, &customer).await.expect(202);
        review(&partner, &customer).await.expect_problem(409, "invalid_state");
    }
}

#[tokio::test]
async fn a_company_with_a_co_owner_shows_both_people_and_takes_an_email_as_text() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
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
async fn wrong_uploads_say_what_is_wrong_and_leave_no_file() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
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
    assert_eq!(both.expect(422).faults().len(), 3, "what is missing and what is unknown, at once");
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
async fn a_rejected_document_is_sent_again_and_reviewed_again_on_request() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
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
    assert_eq!(shown(&partner, &customer).await["status"], "pending_kyc", "the review waits to be asked for");
    review(&partner, &customer).await.expect(202);
    app.let_seconds_pass(2).await;
    assert_eq!(shown(&partner, &customer).await["status"], "active");
}

#[tokio::test]
async fn a_bank_account_is_given_shown_and_replaced() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
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
async fn money_goes_to_the_account_that_stands_at_the_signature() {
    use domain::bank::Destination;
    let app = TestApp::new().await;
    let partner = app.partner().await;
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

/// A KYC application of the partner: a credential that may exchange codes and nothing else.
async fn application(app: &TestApp, partner: &Partner<'_>) -> String {
    let (tenant, now, environment) = (partner.id, app.clock.now(), app.state.config.environment);
    let script = move |tx: &mut store::Tx<'_>| {
        let (name, scope) = ("kyc".to_owned(), Scope::BiometricsExchange);
        let command = app::partners::credentials::CreateCredential {
            environment,
            name,
            scope,
            expires_at: None,
            created_by: domain::credential::Maker::CommandLine,
        };
        app::partners::credentials::create(tx, tenant, now, &command)
    };
    let created = app.state.store.write(script).await.unwrap();
    let body = json!({
        "grant_type": "client_credentials", "client_id": created.credential.client_id.to_string(),
        "client_secret": created.secret
    });
    let request = Request::post(format!("{BASE}/auth/token")).header("content-type", "application/json");
    let answer = app.send(request.body(Body::from(body.to_string())).unwrap()).await.expect(200);
    answer.body["access_token"].as_str().unwrap().to_owned()
}

fn holder<'a>(partner: &Partner<'a>, token: &str) -> Partner<'a> {
    Partner {
        app: partner.app,
        id: partner.id,
        client_id: partner.client_id.clone(),
        secret: partner.secret.clone(),
        token: token.to_owned(),
    }
}

#[tokio::test]
async fn a_code_is_exchanged_once_for_a_token_of_one_customer() {
    let app = TestApp::new().await;
    let (partner, stranger) = (app.partner().await, app.partner().await);
    let customer_id = customer(&partner, 529_982_247, "manual").await;
    let other = customer(&partner, 111_444_777, "manual").await;
    let opened =
        partner.post(&format!("{BASE}/customers/{customer_id}/biometrics"), &json!({})).await.expect(200);
    assert_eq!(opened.body["expires_at"], app.clock.now().seconds() + 3_600);
    let url = opened.body["session_url"].as_str().unwrap();
    let code = json!({"code": url.split_once("code=").unwrap().1});
    let exchange = format!("{BASE}/biometrics/session-exchange");

    partner.post(&exchange, &code).await.expect_problem(403, "forbidden");
    let application_of_other = holder(&stranger, &application(&app, &stranger).await);
    application_of_other.post(&exchange, &code).await.expect_problem(401, "invalid_code");
    let application = holder(&partner, &application(&app, &partner).await);
    application.get(&format!("{BASE}/customers/{customer_id}")).await.expect_problem(403, "forbidden");
    application.post(&exchange, &json!({"code": "dinie_bsc_x"})).await.expect_problem(401, "invalid_code");
    application.post(&exchange, &json!({})).await.expect_problem(422, "missing_required_field");
    let exchanged = application.post_keyed(&exchange, &code, "k1").await.expect(200);
    assert_eq!(exchanged.body["customer_id"], customer_id);
    assert_eq!(
        (&exchanged.body["token_type"], &exchanged.body["expires_in"]),
        (&json!("bearer"), &json!(1800))
    );
    let again = application.post_keyed(&exchange, &code, "k1").await.expect(200);
    assert_eq!(again.body, exchanged.body, "a repetition under the key is no second exchange");
    application.post(&exchange, &code).await.expect_problem(401, "invalid_code");

    let session = holder(&partner, exchanged.body["access_token"].as_str().unwrap());
    let at = |path: &str| format!("{BASE}/customers/{customer_id}{path}");
    session.get(&at("")).await.expect(200);
    session.get(&format!("{BASE}/banks")).await.expect(200);
    let selfie = requirement(&partner, &customer_id, "selfie", 0).await;
    let parts = [("requirement_id", None, selfie.as_bytes()), ("file", Some("upload"), JPEG)];
    let body = form("b", &parts);
    partner
        .send_form(&at("/kyc-attachments/selfie"), &body, "b", None)
        .await
        .expect_problem(403, "forbidden");
    let taken = session.send_form(&at("/kyc-attachments/selfie"), &body, "b", None).await.expect(201);
    assert_eq!(taken.body, json!({"attachment_type": "photo", "submitted": true}));
    // Both generations show one state: the reference knows that it was taken in a session.
    let reference = partner.get(&format!("/v3/customers/{customer_id}")).await.expect(200).body;
    assert!(
        reference["kyc"]
            .as_array()
            .unwrap()
            .iter()
            .any(|i| i["type"] == "biometrics" && i["status"] == "submitted")
    );
    attach(&session, &customer_id, ("identity", "cnh", "file"), PDF).await.expect(201);
    let account = json!({"bank_account":
        {"bank_id": "001", "branch": "1234", "number": "567890", "digit": "1", "kind": "saving"}});
    session.post(&at("/bank-account"), &account).await.expect(200);
    review(&session, &customer_id).await.expect_problem(422, "kyc_incomplete");

    for path in ["/bank-account", "/credit-offers"] {
        session.get(&at(path)).await.expect_problem(403, "forbidden");
    }
    for path in ["/customers", "/credit-offers", "/auth/credentials", "/webhooks/endpoints"] {
        session.get(&format!("{BASE}{path}")).await.expect_problem(403, "forbidden");
        session.get(&format!("/v3{path}")).await.expect_problem(403, "forbidden");
    }
    session.get(&format!("{BASE}/customers/{other}")).await.expect_problem(403, "forbidden");
    session
        .post(&format!("{BASE}/customers/{other}/bank-account"), &account)
        .await
        .expect_problem(403, "forbidden");
    session.get(&format!("/v3/customers/{customer_id}")).await.expect_problem(403, "forbidden");
    app.clock.advance(std::time::Duration::from_secs(1_801));
    session.get(&at("")).await.expect_problem(401, "token_expired");
}

/// The token of a session of the customer's, as an application exchanged it.
async fn session_token(partner: &Partner<'_>, customer: &str) -> String {
    let opened =
        partner.post(&format!("{BASE}/customers/{customer}/biometrics"), &json!({})).await.expect(200);
    let code = json!({"code": opened.body["session_url"].as_str().unwrap().split_once("code=").unwrap().1});
    let application = holder(partner, &application(partner.app, partner).await);
    let exchanged = application.post(&format!("{BASE}/biometrics/session-exchange"), &code).await.expect(200);
    exchanged.body["access_token"].as_str().unwrap().to_owned()
}

fn account(number: &str) -> Value {
    json!({"bank_account":
        {"bank_id": "001", "branch": "1234", "number": number, "digit": "1", "kind": "checking"}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sessions_token_ends_with_the_beginning_of_the_review_whoever_begins_it() {
    for app in [Some(TestApp::new().await), TestApp::on_postgres().await].into_iter().flatten() {
        let partner = app.partner().await;
        // The session asks itself; the partner asks; the last file that the partner uploads begins it.
        for (number, way) in [(529_982_247, "session"), (111_444_777, "partner"), (255_248_930, "upload")] {
            let customer = customer(&partner, number, "manual").await;
            let session = holder(&partner, &session_token(&partner, &customer).await);
            let path = format!("{BASE}/customers/{customer}/bank-account");
            session.post(&path, &account("567890")).await.expect(200);
            for kind in ["cnh", "selfie"] {
                partner.upload(&customer, kind, JPEG).await.expect(201);
            }
            match way {
                "upload" => drop(partner.upload(&customer, "ccmei", PDF).await.expect(201)),
                asker => {
                    attach(&partner, &customer, ("company_document", "ccmei", "file"), PDF).await.expect(201);
                    let asker = if asker == "session" { &session } else { &partner };
                    review(asker, &customer).await.expect(202);
                }
            }
            assert_eq!(shown(&partner, &customer).await["status"], "under_review", "{way}");
            session.post(&path, &account("666666")).await.expect_problem(401, "invalid_token");
            session.get(&format!("{BASE}/customers/{customer}")).await.expect_problem(401, "invalid_token");
            session.get(&format!("{BASE}/banks")).await.expect_problem(401, "invalid_token");
            review(&session, &customer).await.expect_problem(401, "invalid_token");
            let kept = partner.get(&path).await.expect(200).body;
            assert_eq!(kept["number"], "567890", "{way}");
        }
    }
}

#[tokio::test]
async fn a_token_is_as_good_as_its_credentials_present_scope() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    partner.get(&format!("{BASE}/customers")).await.expect(200);
    let narrow =
        |tx: &mut store::Tx<'_>| tx.execute("update credentials set scope = 'biometrics:exchange'", &[]);
    app.state.store.write(narrow).await.unwrap();
    app.state.credentials.forget(partner.client_id.parse().unwrap());
    partner.get(&format!("{BASE}/customers")).await.expect_problem(401, "invalid_token");
}

#[tokio::test]
async fn a_link_from_before_the_review_opens_nothing_after_it() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let customer = customer(&partner, 529_982_247, "manual").await;
    let path = format!("{BASE}/customers/{customer}/biometrics");
    let opened = partner.post(&path, &json!({})).await.expect(200);
    for (kind, content) in [("cnh", JPEG), ("selfie", JPEG), ("ccmei", PDF)] {
        partner.upload(&customer, kind, content).await.expect(201);
    }
    let code = json!({"code": opened.body["session_url"].as_str().unwrap().split_once("code=").unwrap().1});
    let application = holder(&partner, &application(&app, &partner).await);
    let exchange = format!("{BASE}/biometrics/session-exchange");
    application.post(&exchange, &code).await.expect_problem(401, "invalid_code");
    let page = app.get(&format!("/biometrics?code={}", code["code"].as_str().unwrap())).await.expect(409);
    assert!(String::from_utf8(page.bytes).unwrap().contains("em análise"));
}

#[tokio::test]
async fn in_production_a_missing_name_is_given_once() {
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

#[tokio::test]
async fn revoking_twice_is_gone() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
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
async fn lists_have_the_generations_envelope_and_its_sorts() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
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
async fn an_endpoint_speaks_the_generation_that_made_it_whichever_changes_it() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let (reference, sdk) = (Sink::start().await, Sink::start().await);
    let one = partner.post("/v3/webhooks/endpoints", &json!({"url": reference.url})).await.expect(201);
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
    let (told, heard) = (reference.verified(secret(&one)), sdk.verified(secret(&other)));
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
        names(&told),
        with(&["loan.awaiting_signatures", "loan.contract_generated", "loan.disbursing", "loan.signed"])
    );
    assert_eq!(names(&heard), with(&["loan.processing", "loan.signature_received"]));
    let error = heard.iter().find(|event| event["type"] == "loan.error").unwrap();
    assert_eq!(error["data"]["error"]["code"], "disbursement_failed");
    assert!(told.iter().all(|event| event.get("delivery_id").is_none() && event["timestamp"].is_string()));
}

fn secret(endpoint: &Answer) -> &str {
    endpoint.body["secret"].as_str().unwrap()
}

#[tokio::test]
async fn one_customer_followed_by_both_generations_is_one_story() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
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
    // The one uploads a CNH, the other shows it; the other a selfie, the one shows it.
    partner.upload(&customer, "cnh", PDF).await.expect(201);
    assert_eq!(submitted(&both(&path).await.1, "identity")["evidence_type"], "cnh");
    attach(&partner, &customer, ("selfie", "selfie", "photo"), JPEG).await.expect(201);
    let (reference, _) = both(&path).await;
    assert!(
        reference["kyc"]
            .as_array()
            .unwrap()
            .iter()
            .any(|i| i["type"] == "selfie" && i["status"] == "submitted")
    );
    for (name, of_sdk) in [("cpf", "cpf"), ("cnpj", "cnpj"), ("name", "name"), ("email", "email")] {
        let (reference, sdk) = both(&path).await;
        assert_eq!(reference[name], sdk[of_sdk]);
    }
    attach(&partner, &customer, ("company_document", "ccmei", "file"), PDF).await.expect(201);
    assert_eq!(statuses(&path).await, same("pending_kyc"), "the client libraries ask for the review");
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
async fn a_key_used_in_one_generation_stands_for_that_request_alone() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let body = registration(529_982_247, "manual");
    let first = partner.post_keyed("/v3/customers", &body, "one").await.expect(201);
    let other = partner.post_keyed(&format!("{BASE}/customers"), &body, "one").await;
    let problem = other.expect_problem(422, "idempotency_key_mismatch").body;
    assert_eq!(problem["instance"], "/api/v3/customers");
    let again = partner.post_keyed("/v3/customers", &body, "one").await.expect(201);
    assert_eq!(again.body, first.body);
    // A stored problem names its whole path, too.
    let mut other = body.clone();
    other["external_id"] = json!("other");
    for path in ["/v3/customers", "/api/v3/customers"] {
        let refused = partner.post_keyed(path, &other, path.trim_start_matches('/')).await;
        assert_eq!(refused.expect_problem(409, "customer_already_exists").body["instance"], path);
    }
}
