//! Hosted sessions and their tokens, as the client libraries use them.

use axum::body::Body;
use axum::http::Request;
use domain::credential::Scope;
use serde_json::json;

use crate::inputs::{JPEG, PDF, form};
use crate::kyc::items;
use crate::support::{Partner, TestApp};

use crate::sdk::{BASE, account, attach, customer, requirement, review, shown};

/// A KYC application of the partner: a credential that may only exchange codes.
pub(crate) async fn application(app: &TestApp, partner: &Partner) -> String {
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

/// The partner with another token.
fn holder(partner: &Partner, token: &str) -> Partner {
    Partner { token: token.to_owned(), ..partner.clone() }
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
    assert_eq!(again.body, exchanged.body, "a repetition under the key does not exchange twice");
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
    // Both generations show one state: the reference shows that the file came from a session.
    let reference = partner.get(&format!("/v3/customers/{customer_id}")).await.expect(200).body;
    assert!(items(&reference).contains(&"biometrics submitted".to_owned()), "{reference}");
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

/// The token of a customer's session, as an application gets it for a code.
async fn session_token(partner: &Partner, customer: &str) -> String {
    let opened =
        partner.post(&format!("{BASE}/customers/{customer}/biometrics"), &json!({})).await.expect(200);
    let code = json!({"code": opened.body["session_url"].as_str().unwrap().split_once("code=").unwrap().1});
    let application = holder(partner, &application(&partner.app, partner).await);
    let exchanged = application.post(&format!("{BASE}/biometrics/session-exchange"), &code).await.expect(200);
    exchanged.body["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sessions_token_ends_when_the_review_begins_whoever_begins_it() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        // The review begins in three ways: at the session's request, at the partner's request, or with the partner's
        // last upload.
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
async fn a_token_is_valid_only_for_its_credentials_present_scope() {
    let (app, partner) = TestApp::with_partner().await;
    partner.get(&format!("{BASE}/customers")).await.expect(200);
    let narrow =
        |tx: &mut store::Tx<'_>| tx.execute("update credentials set scope = 'biometrics:exchange'", &[]);
    app.state.store.write(narrow).await.unwrap();
    app.state.credentials.forget(partner.credential.id.parse().unwrap());
    partner.get(&format!("{BASE}/customers")).await.expect_problem(401, "invalid_token");
}

#[tokio::test]
async fn a_link_made_before_the_review_is_invalid_after_it_begins() {
    let (app, partner) = TestApp::with_partner().await;
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
