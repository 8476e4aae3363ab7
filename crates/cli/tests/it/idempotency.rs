//! Idempotency keys: one effect, the same answer again, and no other request under the same key.

use std::time::Duration;

use axum::http::Method;
use domain::webhook::endpoint::Generation;
use serde_json::json;
use server::http::extract::Repeatable;
use server::http::idempotency::{self, Answer, Keyed};
use server::workers;
use store::{StoreError, Tx};
use wire::problem::Code;

use crate::engines::on_both_engines;
use crate::inputs::{PDF, registration};
use crate::support::TestApp;

#[tokio::test]
async fn a_repeated_request_gets_the_stored_answer_byte_for_byte() {
    let partner = TestApp::new().await.partner().await;
    let body = registration(529_982_247, "");
    let first = partner.post_keyed("/v3/customers", &body, "k-1").await.expect(201);
    assert_eq!(first.header("idempotent-replayed"), None);
    for name in ["idempotency-key", "x-idempotency-key"] {
        for key in ["k-1", "\"k-1\""] {
            let again = partner
                .call_with(Method::POST, "/v3/customers", Some(&body), &[(name, key)])
                .await
                .expect(201);
            assert_eq!(again.bytes, first.bytes);
            assert_eq!(again.header("location"), first.header("location"));
            assert_eq!(again.header("idempotent-replayed"), Some("true"));
        }
    }
}

#[tokio::test]
async fn a_secret_is_repeated_from_its_sealed_value() {
    let (app, partner) = TestApp::with_partner().await;
    let body = json!({"name": "a"});
    let first = partner.post_keyed("/v3/auth/credentials", &body, "k").await.expect(201);
    let again = partner.post_keyed("/v3/auth/credentials", &body, "k").await.expect(201);
    assert_eq!(first.body["client_secret"], again.body["client_secret"]);
    let secret = first.body["client_secret"].as_str().unwrap().to_owned();
    let files =
        ["test.db", "test.db-wal"].map(|name| std::fs::read(app.state.config.data.join(name)).unwrap());
    assert!(files.iter().all(|file| !file.windows(secret.len()).any(|window| window == secret.as_bytes())));
}

#[tokio::test]
async fn a_key_belongs_to_one_method_path_and_body() {
    let app = TestApp::new().await;
    let (partner, other) = (app.partner().await, app.partner().await);
    let body = registration(529_982_247, "");
    let customer = partner.post_keyed("/v3/customers", &body, "k").await.expect(201).id();
    let mismatch = "idempotency_key_mismatch";
    partner
        .post_keyed("/v3/customers", &registration(111_444_777, ""), "k")
        .await
        .expect_problem(422, mismatch);
    partner
        .post_keyed("/v3/webhooks/endpoints", &json!({"url": "https://example.com/"}), "k")
        .await
        .expect_problem(422, mismatch);
    let patch = json!({"phone": "+5511988887777"});
    let path = format!("/v3/customers/{customer}");
    partner
        .call_with(Method::PATCH, &path, Some(&patch), &[("idempotency-key", "k")])
        .await
        .expect_problem(422, mismatch);
    // Under a used key the faults of the body do not matter: the key's conflict is the only error.
    for wrong in [json!({}), json!({"cpf": "1"})] {
        partner.post_keyed("/v3/customers", &wrong, "k").await.expect_problem(422, mismatch);
        partner.post_keyed("/v3/loans", &wrong, "k").await.expect_problem(422, mismatch);
    }
    partner.upload_keyed(&customer, "cnh", b"GIF89a", Some("k")).await.expect_problem(422, mismatch);
    partner.call_with(Method::GET, &path, None, &[("idempotency-key", "k")]).await.expect(200);
    other.post_keyed("/v3/customers", &body, "k").await.expect(201);
}

#[tokio::test]
async fn a_key_can_be_used_again_after_a_day() {
    let (app, partner) = TestApp::with_partner().await;
    partner.post_keyed("/v3/customers", &registration(529_982_247, ""), "k").await.expect(201);
    app.clock.advance(Duration::from_secs(86_400 + 1));
    let later = partner.renewed().await;
    later.post_keyed("/v3/customers", &registration(111_444_777, ""), "k").await.expect(201);
}

#[tokio::test]
async fn a_stored_answer_does_not_depend_on_the_elapsed_time() {
    let (app, partner) = TestApp::with_partner().await;
    let body = json!({"name": "short", "expires_at": "2026-01-15T12:00:05Z"});
    let first = partner.post_keyed("/v3/auth/credentials", &body, "k").await.expect(201);
    app.clock.advance(Duration::from_secs(60));
    let again = partner.post_keyed("/v3/auth/credentials", &body, "k").await.expect(201);
    assert_eq!(again.bytes, first.bytes);
    partner.post_keyed("/v3/auth/credentials", &body, "other").await.expect_problem(422, "invalid_format");
}

#[tokio::test]
async fn refusals_by_a_rule_are_stored_and_malformed_requests_do_not_use_the_key() {
    let partner = TestApp::new().await.partner().await;
    partner.post("/v3/customers", &registration(529_982_247, "")).await.expect(201);
    let mut conflicting = registration(529_982_247, "");
    conflicting["external_id"] = json!("other");
    let first = partner.post_keyed("/v3/customers", &conflicting, "conflict").await;
    let first = first.expect_problem(409, "customer_already_exists");
    let again = partner.post_keyed("/v3/customers", &conflicting, "conflict").await.expect(409);
    assert_eq!((again.header("idempotent-replayed"), &again.bytes), (Some("true"), &first.bytes));

    partner
        .post_keyed("/v3/customers", &json!({}), "free")
        .await
        .expect_problem(422, "missing_required_field");
    partner.post_keyed("/v3/customers", &registration(111_444_777, ""), "free").await.expect(201);
    let unknown = "/v3/credit-offers/co_01a20928a97d7cf2a4e6abd5b178664c/simulations";
    let body = json!({"requested_amount": "1000.00", "installment_count": 12});
    partner.post_keyed(unknown, &body, "not-found").await.expect_problem(404, "resource_not_found");
    partner.post_keyed("/v3/customers", &registration(255_248_930, ""), "not-found").await.expect(201);
}

#[tokio::test]
async fn malformed_keys_are_refused() {
    let partner = TestApp::new().await.partner().await;
    let body = registration(529_982_247, "");
    let with = async |headers: &[(&str, &str)]| {
        partner.call_with(Method::POST, "/v3/customers", Some(&body), headers).await
    };
    let code = "invalid_idempotency_key";
    for key in ["", "has space", "\"\"", &"k".repeat(256)] {
        with(&[("idempotency-key", key)]).await.expect_problem(400, code);
    }
    with(&[("idempotency-key", "a"), ("x-idempotency-key", "b")]).await.expect_problem(400, code);
    with(&[("idempotency-key", "a"), ("x-idempotency-key", "a")]).await.expect(201);
}

#[tokio::test]
async fn a_repeated_upload_is_recognized_by_its_parts_whatever_their_boundary() {
    let (app, partner, customer) = TestApp::with_customer("manual").await;
    let first = partner.upload_keyed(&customer, "cnh", PDF, Some("k")).await.expect(201);
    let path = format!("/v3/customers/{customer}/documents");
    let parts = [("file", Some("another-name"), PDF), ("type", None, &b"cnh"[..])];
    let again =
        partner.send_form(&path, &crate::inputs::form("other", &parts), "other", Some("k")).await.expect(201);
    assert_eq!((again.header("idempotent-replayed"), &again.bytes), (Some("true"), &first.bytes));
    let other = partner.upload_keyed(&customer, "cnh", b"%PDF-another", Some("k")).await;
    other.expect_problem(422, "idempotency_key_mismatch");
    let folder = app.state.config.data.join("blobs").join(partner.id.to_string());
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1, "files of repetitions are deleted");
}

#[tokio::test]
async fn a_quoted_key_is_a_structured_field_string() {
    let partner = TestApp::new().await.partner().await;
    let body = registration(529_982_247, "");
    let send = async |key: &str| {
        let headers = [("idempotency-key", key)];
        partner.call_with(Method::POST, "/v3/customers", Some(&body), &headers).await
    };
    let first = send(r#""a\"b\\c""#).await.expect(201);
    assert_eq!(send(r#"a"b\c"#).await.expect(201).bytes, first.bytes, "an escape means its character");
    for key in [r#""unclosed"#, r#"""#, r#""""#, r#""a"b"#, r#""a";x=1"#, r#""a\"#, r#""a\n""#, r#""a b""#] {
        send(key).await.expect_problem(400, "invalid_idempotency_key");
    }
}

/// A value that cannot be serialized.
struct Untellable;

impl serde::Serialize for Untellable {
    fn serialize<S: serde::Serializer>(&self, _serializer: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("no words"))
    }
}

#[tokio::test]
async fn a_change_whose_answer_cannot_be_serialized_is_not_made_and_answers_500() {
    use app::webhooks::{CreateEndpoint, create};
    let (app, partner) = TestApp::with_partner().await;
    let tenant = partner.id;
    for key in [None, Some("key".to_owned())] {
        let request = Repeatable {
            key,
            operation: "POST /v3/webhooks/endpoints".into(),
            path: "/v3/webhooks/endpoints".into(),
            request_id: "req_1".into(),
            lane: store::Lane::Common,
            origin: None,
        };
        let command = CreateEndpoint {
            generation: Generation::Reference,
            url: "https://example.com/hook".into(),
            patterns: Vec::new(),
            description: None,
        };
        let make =
            move |tx: &mut store::Tx<'_>, now, command: &CreateEndpoint| create(tx, tenant, now, command);
        let keyed = Keyed { holder: tenant.into(), clock: Some(tenant), request, body: b"" };
        let answer = idempotency::run(&app.state, keyed, Ok(command), make, |_made, _now| {
            Answer::created("/v3/webhooks/endpoints/x".into(), &Untellable)
        });
        let rejection = answer.await.expect_err("the answer cannot be serialized");
        assert_eq!(rejection.0.code, Code::InternalError);
    }
    assert_eq!(partner.get("/v3/webhooks/endpoints").await.expect(200).body["data"], json!([]));
    let body = json!({"url": "https://example.com/hook"});
    partner.post_keyed("/v3/webhooks/endpoints", &body, "key").await.expect(201);
}

on_both_engines!(one_loan:
    fifty_parallel_requests_with_one_key_make_one_loan_on_sqlite,
    fifty_parallel_requests_with_one_key_make_one_loan_on_postgresql);

async fn one_loan(app: &TestApp) {
    let partner = app.partner().await;
    let offer = partner.offer(529_982_247, "never_signs").await;
    let body = partner.simulation(&offer, "10000.00", 12).await;
    let keyed =
        futures::future::join_all((0..50).map(|_| partner.post_keyed("/v3/loans", &body, "one"))).await;
    let first = keyed[0].clone().expect(201);
    assert!(keyed.iter().all(|answer| answer.bytes == first.bytes));
    let fresh = keyed.iter().filter(|answer| answer.header("idempotent-replayed").is_none()).count();
    assert_eq!(fresh, 1);
    let number = &first.body["ccb_number"];
    assert_eq!(number, "CCB-2026-000001");

    let unkeyed = futures::future::join_all((0..20).map(|_| partner.post("/v3/loans", &body))).await;
    for answer in unkeyed {
        answer.expect_problem(409, "offer_already_accepted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_registrations_and_uploads_lose_nothing_on_postgresql() {
    let Some(app) = TestApp::on_postgres().await else { return };
    let partner = app.partner().await;
    let body = registration(529_982_247, "manual");
    let answers = futures::future::join_all((0..20).map(|_| partner.post("/v3/customers", &body))).await;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!((created, answers.iter().filter(|a| a.status == 200).count()), (1, 19));
    let customer = answers[0].id();
    let uploads = [("cnh", PDF), ("selfie", PDF), ("ccmei", PDF)];
    let sent = uploads.iter().map(|(kind, content)| partner.upload(&customer, kind, content));
    for answer in futures::future::join_all(sent).await {
        answer.expect(201);
    }
    let shown = partner.get(&format!("/v3/customers/{customer}")).await.expect(200);
    assert_eq!(shown.body["status"], "under_review", "no upload overwrote another");
}

#[tokio::test]
async fn old_answers_are_deleted_in_several_steps_and_new_ones_stay() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await.id;
        let claims = |numbers: std::ops::Range<u32>, now| {
            move |tx: &mut Tx<'_>| {
                for number in numbers.clone() {
                    store::idempotency::claim(tx, partner.into(), &format!("key-{number}"), "x", now, now)?;
                }
                Ok::<_, StoreError>(())
            }
        };
        app.state.store.write(claims(0..1_000, app.state.clock.now())).await.unwrap();
        app.clock.advance(app.state.config.lifetimes.idempotency + Duration::from_secs(1));
        app.state.store.write(claims(1_000..1_010, app.state.clock.now())).await.unwrap();
        workers::purge::tick(&app.state).await.unwrap();
        let left = |tx: &mut Tx<'_>| {
            tx.query_one("select count(*) from idempotency_keys", &[], |row| row.get::<i64>(0))
        };
        assert_eq!(app.state.store.read(left).await, Ok(10));
    }
}
