//! Access tokens: requests for them, and the refusals.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::credential::{Environment, Scope};
use futures::StreamExt as _;

use crate::answer::Answer;
use crate::support::{Setup, TestApp};

async fn form(app: &TestApp, body: &str, authorization: Option<&str>) -> Answer {
    let mut request =
        Request::post("/v3/auth/token").header("content-type", "application/x-www-form-urlencoded");
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    app.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

fn basic(client: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{client}:{secret}")))
}

#[tokio::test]
async fn a_token_is_issued_for_basic_credentials_or_for_credentials_in_the_form() {
    let (app, partner) = TestApp::with_partner().await;
    let by_basic = form(
        &app,
        "grant_type=client_credentials",
        Some(&basic(&partner.credential.id, &partner.credential.secret)),
    )
    .await
    .expect(200);
    assert_eq!(by_basic.header("cache-control"), Some("no-store"));
    assert_eq!(
        (&by_basic.body["token_type"], &by_basic.body["expires_in"]),
        (&"bearer".into(), &3_600.into())
    );
    assert!(by_basic.body["access_token"].as_str().unwrap().starts_with("dinie_at_ey"));
    app.token(&partner.credential.id, &partner.credential.secret).await.expect(200);
    let listed = partner.get("/v3/auth/credentials").await.expect(200);
    assert_eq!(listed.body["data"][0]["last_used_at"], "2026-01-15T12:00:00Z");
}

#[tokio::test]
async fn errors_of_token_requests_follow_both_oauth_and_the_api() {
    let (app, partner) = TestApp::with_partner().await;
    let (id, secret) = (partner.credential.id.as_str(), partner.credential.secret.as_str());
    let auth = basic(id, secret);
    let both = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let twice = "grant_type=client_credentials&grant_type=client_credentials";
    let told = |answer: &Answer, word: &str| answer.body["detail"].as_str().unwrap().contains(word);
    let nothing = form(&app, "grant_type=client_credentials", None).await;
    assert!(told(&nothing, "by HTTP Basic"), "{}", nothing.body);
    let no_secret = form(&app, "grant_type=client_credentials&client_id=x", None).await;
    assert!(told(&no_secret, "client_secret"), "{}", no_secret.body);
    for (body, authorization, status, code) in [
        ("grant_type=password", Some(auth.as_str()), 400, "unsupported_grant_type"),
        ("", Some(auth.as_str()), 400, "invalid_request"),
        (twice, Some(auth.as_str()), 400, "invalid_request"),
        (both.as_str(), Some(auth.as_str()), 400, "invalid_request"),
        ("grant_type=client_credentials", None, 401, "invalid_client"),
        ("grant_type=client_credentials", Some("Basic !!!"), 401, "invalid_client"),
        ("grant_type=client_credentials&client_id=x&client_secret=y", None, 401, "invalid_client"),
    ] {
        let answer = form(&app, body, authorization).await.expect_problem(status, code);
        assert_eq!(answer.body["error"], code);
        assert_eq!(answer.body["error_description"], answer.body["detail"]);
        assert_eq!(answer.header("www-authenticate").is_some_and(|c| c.starts_with("Basic")), status == 401);
    }
    let json =
        Request::post("/v3/auth/token").header("content-type", "application/json").body(Body::from("{}"));
    app.send(json.unwrap()).await.expect_problem(400, "invalid_request");
    app.token(id, "wrong").await.expect_problem(401, "invalid_client");
}

#[tokio::test]
async fn credentials_and_tokens_of_the_other_environment_are_forbidden() {
    let sandbox = TestApp::new().await;
    let production = TestApp::with(Setup { environment: Environment::Production, ..Setup::default() }).await;
    let foreign = production.partner().await;
    assert!(
        foreign.credential.id.starts_with("dinie_ci_live_")
            && foreign.credential.secret.starts_with("dinie_cs_live_")
    );
    sandbox.token(&foreign.credential.id, &foreign.credential.secret).await.expect_problem(403, "forbidden");
    let request = Request::get("/v3/customers").header("authorization", format!("Bearer {}", foreign.token));
    sandbox.send(request.body(Body::empty()).unwrap()).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn a_missing_malformed_tampered_or_expired_token_is_refused() {
    let (app, partner) = TestApp::with_partner().await;
    let with = async |value: &str| {
        let request = Request::get("/v3/customers").header("authorization", value);
        app.send(request.body(Body::empty()).unwrap()).await
    };
    let missing = app.get("/v3/customers").await.expect_problem(401, "missing_token");
    assert!(missing.header("www-authenticate").unwrap().starts_with("Bearer"));
    app.get(&format!("/v3/customers?access_token={}", partner.token))
        .await
        .expect_problem(401, "missing_token");
    with(&basic(&partner.credential.id, &partner.credential.secret))
        .await
        .expect_problem(401, "missing_token");
    let (head, signature) = partner.token.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let other_claims = {
        let parts: Vec<&str> = partner.token.split('.').collect();
        let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(br#"{"sub":"x"}"#);
        format!("{}.{claims}.{}", parts[0], parts[2])
    };
    let unsigned = {
        let none = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(br#"{"alg":"none","typ":"JWT"}"#);
        format!("dinie_at_{none}.{}.", partner.token.split('.').nth(1).unwrap())
    };
    for token in [
        "x",
        "dinie_at_",
        "dinie_at_a.b.c",
        &format!("{head}.{flipped}{}", &signature[1..]),
        &other_claims,
        &unsigned,
        &partner.token["dinie_at_".len()..],
        "",
    ] {
        let answer = with(&format!("Bearer {token}")).await.expect_problem(401, "invalid_token");
        assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer"), "{token}");
    }
    with(&format!("bearer {}", partner.token)).await.expect(200);
    app.clock.advance(Duration::from_secs(3_600));
    partner.get("/v3/customers").await.expect_problem(401, "token_expired");
}

#[tokio::test]
async fn a_scope_that_is_not_for_partners_is_forbidden() {
    let app = TestApp::new().await;
    let kyc_application = app.partner_with(Scope::BiometricsExchange).await;
    kyc_application.get("/v3/customers").await.expect_problem(403, "forbidden");
    kyc_application
        .post("/v3/customers", &crate::inputs::registration(1, ""))
        .await
        .expect_problem(403, "forbidden");
}

#[tokio::test]
async fn the_old_signing_key_still_verifies_for_one_hour_after_a_rotation() {
    let (app, partner) = TestApp::with_partner().await;
    app.clock.advance(Duration::from_secs(60));
    let now = app.clock.now();
    app.state.store.write(move |tx| store::system_keys::add_signing_key(tx, now).map(drop)).await.unwrap();
    app.state.tokens.refresh(&app.state.store, Duration::ZERO).await.unwrap();
    partner.get("/v3/customers").await.expect(200);
    let renewed = app.token(&partner.credential.id, &partner.credential.secret).await.expect(200);
    let kid = |token: &str| token.split('.').next().unwrap().to_owned();
    assert_ne!(kid(renewed.body["access_token"].as_str().unwrap()), kid(&partner.token));
    app.clock.advance(Duration::from_secs(3_539));
    partner.get("/v3/customers").await.expect(200);
}

#[tokio::test]
async fn revoking_a_credential_ends_its_tokens() {
    let (app, partner) = TestApp::with_partner().await;
    partner.get("/v3/customers").await.expect(200);
    let path = format!("/v3/auth/credentials/{}", partner.credential.id);
    partner.call(Method::DELETE, &path, None).await.expect(204);
    partner.get("/v3/customers").await.expect_problem(401, "invalid_token");
    app.token(&partner.credential.id, &partner.credential.secret).await.expect_problem(401, "invalid_client");
}

#[tokio::test]
async fn basic_credentials_may_be_sent_with_the_same_client_id_in_the_form() {
    let app = TestApp::new().await;
    let (partner, other) = (app.partner().await, app.partner().await);
    let auth = basic(&partner.credential.id, &partner.credential.secret);
    let with = |rest: &str| format!("grant_type=client_credentials&{rest}");
    let same = with(&format!("client_id={}", partner.credential.id));
    form(&app, &same, Some(&auth)).await.expect(200);
    let another = with(&format!("client_id={}", other.credential.id));
    form(&app, &another, Some(&auth)).await.expect_problem(400, "invalid_request");
    let secret = with(&format!("client_secret={}", partner.credential.secret));
    form(&app, &secret, Some(&auth)).await.expect_problem(400, "invalid_request");
}

#[tokio::test]
async fn a_scope_that_the_credential_does_not_have_is_an_error() {
    let app = TestApp::new().await;
    let (partner, kyc) = (app.partner().await, app.partner_with(Scope::BiometricsExchange).await);
    let ask = async |partner: &crate::support::Partner, scope: &str| {
        let body = format!("grant_type=client_credentials&scope={scope}");
        form(&app, &body, Some(&basic(&partner.credential.id, &partner.credential.secret))).await
    };
    for scope in ["", "partner", "+partner+partner"] {
        ask(&partner, scope).await.expect(200);
    }
    ask(&kyc, "biometrics%3Aexchange").await.expect(200);
    for scope in ["admin", "partner+admin", "biometrics%3Aexchange", "Partner"] {
        let refused = ask(&partner, scope).await.expect_problem(400, "invalid_scope");
        assert_eq!(refused.body["error"], "invalid_scope");
    }
    ask(&kyc, "partner").await.expect_problem(400, "invalid_scope");
}

#[tokio::test]
async fn a_token_request_has_at_most_twenty_parameters() {
    let (app, partner) = TestApp::with_partner().await;
    let auth = basic(&partner.credential.id, &partner.credential.secret);
    let with = |more: usize| -> String {
        let more = (0..more).map(|number| format!("x{number}="));
        std::iter::once("grant_type=client_credentials".to_owned()).chain(more).collect::<Vec<_>>().join("&")
    };
    form(&app, &with(19), Some(&auth)).await.expect(200);
    form(&app, &with(20), Some(&auth)).await.expect_problem(400, "invalid_request");
    let json = async |more: usize| {
        let mut body = serde_json::json!({"grant_type": "client_credentials"});
        for number in 0..more {
            body[format!("x{number}")] = "".into();
        }
        let request = Request::post("/api/v3/auth/token")
            .header("content-type", "application/json")
            .header("authorization", &auth);
        app.send(request.body(Body::from(body.to_string())).unwrap()).await
    };
    json(19).await.expect(200);
    json(20).await.expect_problem(400, "invalid_request");
}

#[tokio::test]
async fn the_rest_of_a_refused_request_is_read_before_the_answer() {
    let (app, partner) = TestApp::with_partner().await;
    let post = |token: &str| {
        let request = Request::post("/v3/customers").header("authorization", format!("Bearer {token}"));
        request.header("content-type", "application/json")
    };
    let some = || Body::from(serde_json::json!({"cpf": "1"}).to_string());
    let unread = app.send(post("wrong").body(some()).unwrap()).await.expect_problem(401, "invalid_token");
    assert_eq!(unread.header("connection"), None, "the rest was read, so the connection stays open");
    let read = app.send(post(&partner.token).body(some()).unwrap()).await.expect_problem(422, "invalid_cpf");
    assert_eq!(read.header("connection"), None);
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let pieces = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&pieces);
        let sent = futures::stream::iter(0..100).map(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            Ok::<_, std::io::Error>(vec![b' '; 100_000])
        });
        let request = post("wrong").version(version).body(Body::from_stream(sent)).unwrap();
        let answer = app.send(request).await.expect_problem(401, "invalid_token");
        assert_eq!((pieces.load(Ordering::SeqCst), answer.header("connection")), (100, None), "{version:?}");
    }
    // The server does not read a body above the largest limit, nor a body that the caller has not begun to send.
    let large = Body::from(vec![b' '; 65 * 1024 * 1024]);
    let unread = app.send(post("wrong").body(large).unwrap()).await.expect_problem(401, "invalid_token");
    assert_eq!(unread.header("connection"), Some("close"));
    let waiting = post("wrong").header("expect", "100-continue").body(some()).unwrap();
    let unread = app.send(waiting).await.expect_problem(401, "invalid_token");
    assert_eq!(unread.header("connection"), Some("close"));
}
