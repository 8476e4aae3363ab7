//! KYC through the sandbox's tags: reviews, corrections, alternatives, co-owners, hosted sessions.

use axum::http::Method;
use serde_json::{Value, json};

use crate::inputs::{JPEG, PDF};
use crate::support::{Partner, TestApp};

async fn shown(partner: &Partner, customer: &str) -> Value {
    partner.get(&format!("/v3/customers/{customer}")).await.expect(200).body
}

/// `type status` of each item.
pub(crate) fn items(customer: &Value) -> Vec<String> {
    let item =
        |item: &Value| format!("{} {}", item["type"].as_str().unwrap(), item["status"].as_str().unwrap());
    customer["kyc"].as_array().unwrap().iter().map(item).collect()
}

#[tokio::test]
async fn a_pdf_may_begin_with_a_byte_order_mark_and_blank_lines() {
    let (_, partner, customer) = TestApp::with_customer("manual").await;
    let late = [&vec![b'\n'; 1_023][..], PDF].concat();
    for content in [[b"\xef\xbb\xbf\r\n", PDF].concat(), late] {
        let taken = partner.upload(&customer, "cnh", &content).await.expect(201);
        assert_eq!(taken.body["status"], "submitted", "{}", taken.body);
    }
    let too_late = [&vec![b'\n'; 1_024][..], PDF].concat();
    partner.upload(&customer, "cnh", &too_late).await.expect_problem(422, "unsupported_file_type");
}

#[tokio::test]
async fn a_rejected_document_is_replaced_and_the_review_continues_by_itself() {
    let (app, partner) = TestApp::with_partner().await;
    let customer = partner.documented_customer(529_982_247, "kyc_rejected").await;
    app.let_seconds_pass(2).await;
    let rejected = shown(&partner, &customer).await;
    assert_eq!(rejected["status"], "pending_kyc");
    let cnh = rejected["kyc"].as_array().unwrap().iter().find(|item| item["type"] == "cnh").unwrap();
    assert_eq!(cnh["status"], "pending_correction");
    assert!(cnh["message"].as_str().unwrap().contains("ilegível"));
    assert!(items(&rejected).contains(&"ccmei approved".to_owned()));
    partner.upload(&customer, "cnh", PDF).await.expect(201);
    assert_eq!(shown(&partner, &customer).await["status"], "under_review");
    app.let_seconds_pass(2).await;
    assert_eq!(shown(&partner, &customer).await["status"], "active");
}

#[tokio::test]
async fn an_identity_card_needs_both_sides_and_then_is_the_only_identity_document() {
    let (_, partner, customer) = TestApp::with_customer("manual").await;
    partner.upload(&customer, "identity_card_front", JPEG).await.expect(201);
    let half = items(&shown(&partner, &customer).await);
    assert_eq!(half[..3], ["cnh pending", "identity_card_front submitted", "identity_card_back pending"]);
    partner.upload(&customer, "identity_card_back", JPEG).await.expect(201);
    let whole = items(&shown(&partner, &customer).await);
    assert_eq!(whole[..2], ["identity_card_front submitted", "identity_card_back submitted"]);
    assert!(!whole.iter().any(|item| item.starts_with("cnh")));
    let current = partner.upload(&customer, "cnh", PDF).await.expect(200).body;
    assert_eq!((&current["type"], &current["status"]), (&json!("identity_card_front"), &json!("submitted")));
}

/// Follows the published sample: reads the items once and uploads each pending one.
async fn upload_every_pending_item(partner: &Partner, customer: &str) -> Vec<String> {
    let pending = shown(partner, customer).await["kyc"].as_array().unwrap().clone();
    let mut answers = Vec::new();
    for item in pending.iter().filter(|item| item["kind"] == "document" && item["status"] == "pending") {
        let kind = item["type"].as_str().unwrap();
        let answer = partner.upload(customer, kind, JPEG).await;
        if kind == "biometrics" {
            answers.push(format!("{kind} {}", answer.expect_problem(422, "done_in_session").body["param"]));
        } else {
            assert!(answer.body["id"].as_str().unwrap().starts_with("doc_"), "{}", answer.body);
            answers.push(format!(
                "{kind} {} {}",
                answer.status.as_u16(),
                answer.body["type"].as_str().unwrap()
            ));
        }
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_that_uploads_every_pending_item_completes_a_registration() {
    for (number, app) in (0..).zip(TestApp::on_each_engine().await) {
        let partner = app.partner().await;
        for (tag, expected) in [
            ("manual", &["ccmei 201 ccmei"][..]),
            (
                "manual+ei",
                &[
                    "ei_registration_requirement 201 ei_registration_requirement",
                    "ccmei 200 ei_registration_requirement",
                    "proof_of_address 201 proof_of_address",
                ],
            ),
            (
                "manual+eireli",
                &[
                    "eireli_incorporation_statement 201 eireli_incorporation_statement",
                    "proof_of_address 201 proof_of_address",
                ],
            ),
        ] {
            let customer =
                partner.customer(100_000_010 + number + 10 * u32::try_from(tag.len()).unwrap(), tag).await;
            let answers = upload_every_pending_item(&partner, &customer).await;
            let person = [
                "cnh 201 cnh",
                "identity_card_front 200 cnh",
                "identity_card_back 200 cnh",
                "selfie 201 selfie",
                "biometrics \"type\"",
            ];
            assert_eq!(answers[..5], person, "{tag}");
            assert_eq!(answers[5..], *expected, "{tag}");
            assert_eq!(shown(&partner, &customer).await["status"], "under_review", "{tag}");
        }
        let company = partner.customer(100_000_900 + number, "manual+ltda").await;
        let answers = upload_every_pending_item(&partner, &company).await;
        assert!(answers.contains(&"income_statement 201 income_statement".to_owned()), "{answers:?}");
        assert_eq!(shown(&partner, &company).await["status"], "under_review");
        app.no_file_is_left_over().await;
    }
}

#[tokio::test]
async fn an_alternative_to_a_submitted_document_is_answered_with_that_document_during_and_after_the_review() {
    let (app, partner, customer) = TestApp::with_customer("").await;
    let cnh = partner.upload(&customer, "cnh", PDF).await.expect(201).body;
    let first = partner.upload_keyed(&customer, "identity_card_front", JPEG, Some("k")).await.expect(200);
    assert_eq!((&first.body["id"], &first.body["type"]), (&cnh["id"], &json!("cnh")));
    for kind in ["selfie", "ccmei"] {
        partner.upload(&customer, kind, JPEG).await.expect(201);
    }
    let reviewed = partner.upload(&customer, "identity_card_back", JPEG).await.expect(200).body;
    assert_eq!((&reviewed["id"], &reviewed["status"]), (&cnh["id"], &json!("submitted")));
    app.let_seconds_pass(2).await;
    assert_eq!(shown(&partner, &customer).await["status"], "active");
    let approved = partner.upload(&customer, "identity_card_front", JPEG).await.expect(200).body;
    assert_eq!((&approved["id"], &approved["status"]), (&cnh["id"], &json!("approved")));
    let again = partner.upload_keyed(&customer, "identity_card_front", JPEG, Some("k")).await.expect(200);
    assert_eq!((again.body, again.headers.contains_key("idempotent-replayed")), (first.body, true));
    // The document itself is not replaced. A type without a requirement is still refused.
    partner.upload(&customer, "cnh", PDF).await.expect_problem(409, "invalid_state");
    partner.upload(&customer, "proof_of_address", PDF).await.expect_problem(409, "invalid_state");
    app.no_file_is_left_over().await;
}

#[tokio::test]
async fn the_tags_decide_the_outcome_of_a_customer() {
    let (app, partner) = TestApp::with_partner().await;
    for (number, tags, status, offers) in [
        (529_982_247, "denied", "denied", 0),
        (111_444_777, "no_offer", "active", 0),
        (255_248_930, "manual", "under_review", 0),
        (123_456_789, "small_offer", "active", 1),
    ] {
        let customer = partner.documented_customer(number, tags).await;
        app.let_seconds_pass(4).await;
        assert_eq!(shown(&partner, &customer).await["status"], status, "{tags}");
        let listed = partner.get(&format!("/v3/customers/{customer}/credit-offers")).await.expect(200);
        assert_eq!(listed.body["data"].as_array().unwrap().len(), offers, "{tags}");
        if tags == "small_offer" {
            let offer = &listed.body["data"][0];
            assert_eq!(
                (&offer["approved_amount"], &offer["interest_rate"]),
                (&json!("5000.00"), &json!(1.99))
            );
            assert_eq!(offer["installments"], 6);
        }
    }
}

#[tokio::test]
async fn each_legal_nature_requires_its_own_documents() {
    let partner = TestApp::new().await.partner().await;
    let identity = ["cnh", "identity_card_front", "identity_card_back", "selfie", "biometrics"];
    for (number, tag, company) in [
        (100_000_001, "manual", &["ccmei"][..]),
        (100_000_002, "manual+ei", &["ei_registration_requirement", "ccmei", "proof_of_address"]),
        (100_000_003, "manual+eireli", &["eireli_incorporation_statement", "proof_of_address"]),
    ] {
        let customer = partner.customer(number, tag).await;
        let asked: Vec<String> = items(&shown(&partner, &customer).await);
        let expected: Vec<String> =
            identity.iter().chain(company).map(|item| format!("{item} pending")).collect();
        assert_eq!(asked, expected, "{tag}");
    }
}

#[tokio::test]
async fn a_company_with_a_co_owner_needs_the_documents_of_both_people() {
    let (app, partner, customer) = TestApp::with_customer("ltda").await;
    let asked = shown(&partner, &customer).await;
    let descriptions: Vec<&str> = asked["kyc"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|i| i["type"] == "cnh")
        .map(|i| i["description"].as_str().unwrap())
        .collect();
    assert_eq!(descriptions.len(), 2);
    assert!(descriptions[1].contains("Maria Aparecida Souza (sócio)"));
    for kind in ["cnh", "selfie", "cnh", "selfie", "articles_of_association"] {
        partner.upload(&customer, kind, PDF).await.expect(201);
        assert_eq!(shown(&partner, &customer).await["status"], "pending_kyc");
    }
    partner.upload(&customer, "proof_of_address", PDF).await.expect(201);
    app.let_seconds_pass(3).await;
    assert_eq!(shown(&partner, &customer).await["status"], "active");
}

#[tokio::test]
async fn hosted_sessions_collect_the_selfie_of_each_person_in_turn() {
    let (app, partner, customer) = TestApp::with_customer("ltda").await;
    let path = format!("/v3/customers/{customer}/biometrics");
    for done in 1..=2 {
        partner.call(Method::POST, &path, None).await.expect(200);
        app.let_seconds_pass(3).await;
        let items = items(&shown(&partner, &customer).await);
        assert_eq!(items.iter().filter(|item| *item == "biometrics submitted").count(), done);
    }
}

#[tokio::test]
async fn a_correction_by_another_document_reports_the_missing_parts() {
    let (app, partner) = TestApp::with_partner().await;
    let customer = partner.documented_customer(529_982_247, "kyc_rejected").await;
    app.let_seconds_pass(2).await;
    partner.upload(&customer, "identity_card_front", JPEG).await.expect(201);
    let half = shown(&partner, &customer).await;
    let back =
        half["kyc"].as_array().unwrap().iter().find(|item| item["type"] == "identity_card_back").unwrap();
    assert_eq!(back["status"], "pending_correction");
    assert!(back["message"].is_string());
    partner.upload(&customer, "selfie", JPEG).await.expect_problem(409, "invalid_state");
    partner.upload(&customer, "identity_card_back", JPEG).await.expect(201);
    assert_eq!(shown(&partner, &customer).await["status"], "under_review");
}

#[tokio::test]
async fn files_are_accepted_only_while_kyc_is_pending() {
    let partner = TestApp::new().await.partner().await;
    let customer = partner.documented_customer(529_982_247, "manual").await;
    partner.upload(&customer, "cnh", PDF).await.expect_problem(409, "invalid_state");
    let path = format!("/v3/customers/{customer}/biometrics");
    partner.call(Method::POST, &path, None).await.expect_problem(409, "invalid_state");
}

#[tokio::test]
async fn one_hosted_session_is_open_at_a_time_and_the_autopilot_finishes_it() {
    let (app, partner, customer) = TestApp::with_customer("").await;
    let path = format!("/v3/customers/{customer}/biometrics");
    let session = partner.call(Method::POST, &path, None).await.expect(200);
    assert!(
        session.body["session_url"]
            .as_str()
            .unwrap()
            .starts_with("https://dinie.test/biometrics?code=dinie_bsc_")
    );
    assert_eq!(session.body["expires_at"], "2026-01-15T13:00:00Z");
    partner.call(Method::POST, &path, None).await.expect_problem(409, "session_already_active");
    app.let_seconds_pass(1).await;
    assert!(items(&shown(&partner, &customer).await).contains(&"biometrics pending".to_owned()));
    app.let_seconds_pass(2).await;
    let done = items(&shown(&partner, &customer).await);
    assert!(
        done.contains(&"biometrics submitted".to_owned()) && !done.contains(&"selfie pending".to_owned()),
        "{done:?}"
    );
    partner.call(Method::POST, &path, None).await.expect(200);
}

#[tokio::test]
async fn an_expired_session_allows_a_new_one() {
    let (app, partner, customer) = TestApp::with_customer("manual").await;
    let path = format!("/v3/customers/{customer}/biometrics");
    partner.call(Method::POST, &path, None).await.expect(200);
    app.clock.advance(std::time::Duration::from_secs(3_599));
    partner.call(Method::POST, &path, None).await.expect_problem(409, "session_already_active");
}
