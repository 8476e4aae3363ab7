//! Rate limits.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use server::config::RateLimits;

use crate::answer::Answer;
use crate::operator::Operator;
use crate::support::{START, Setup, TestApp};

#[tokio::test]
async fn a_credential_that_calls_too_often_gets_the_time_of_its_next_call() {
    let limits = RateLimits { requests_per_10s: 5, ..RateLimits::default() };
    let app = TestApp::with(Setup { limits, ..Setup::default() }).await;
    let (partner, other) = (app.partner().await, app.partner().await);
    for left in (0..5).rev() {
        let answer = partner.get("/v3/customers").await.expect(200);
        assert_eq!(answer.header("x-ratelimit-limit"), Some("5"));
        assert_eq!(answer.header("x-ratelimit-remaining"), Some(&*left.to_string()));
        // Two seconds for each used request.
        let reset = START.seconds() + 2 * (5 - left);
        assert_eq!(answer.header("x-ratelimit-reset"), Some(&*reset.to_string()));
    }
    let over = partner.get("/v3/customers").await.expect_problem(429, "rate_limit_exceeded");
    assert_eq!(over.header("retry-after"), Some("2"));
    assert_eq!(over.header("x-ratelimit-remaining"), Some("0"));
    other.get("/v3/customers").await.expect(200);
    app.clock.advance(Duration::from_secs(1));
    partner.get("/v3/customers").await.expect(429);
    app.clock.advance(Duration::from_secs(1));
    partner.get("/v3/customers").await.expect(200);
}

/// A request for a token from an address.
async fn token_from(app: &TestApp, address: &str, form: &str) -> Answer {
    let request = Request::post("/v3/auth/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-forwarded-for", address);
    app.send(request.body(Body::from(form.to_owned())).unwrap()).await
}

fn form(client: &str, secret: &str) -> String {
    format!("grant_type=client_credentials&client_id={client}&client_secret={secret}")
}

#[tokio::test]
async fn the_token_endpoint_counts_addresses_before_it_reads_anything() {
    let limits = RateLimits { tokens_per_minute: 3, ..RateLimits::default() };
    let app = TestApp::with(Setup { limits, ..Setup::default() }).await;
    let partner = app.partner().await;
    let right = form(&partner.credential.id, &partner.credential.secret);
    token_from(&app, "198.51.100.7", &right).await.expect(200);
    // A malformed request counts as much as a valid one.
    token_from(&app, "198.51.100.7", "").await.expect_problem(400, "invalid_request");
    token_from(&app, "198.51.100.7:4711", &"a=&".repeat(4_000)).await.expect_problem(400, "invalid_request");
    let over = token_from(&app, "198.51.100.7", &right).await.expect_problem(429, "rate_limit_exceeded");
    assert!(over.header("retry-after").is_some());
    assert_eq!(over.body["error"], "rate_limit_exceeded");
    token_from(&app, "198.51.100.8", &right).await.expect(200);
    // All addresses of one IPv6 network count as one caller.
    for host in 1..=3 {
        token_from(&app, &format!("[2001:db8:5::{host}]:443"), &right).await.expect(200);
    }
    token_from(&app, "2001:db8:5::ffff", &right).await.expect_problem(429, "rate_limit_exceeded");
    token_from(&app, "2001:db8:5:1::1", &right).await.expect(200);
}

#[tokio::test]
async fn wrong_secrets_lock_out_only_their_sender() {
    let limits = RateLimits { failures_per_minute: 3, tokens_per_minute: 1_000, ..RateLimits::default() };
    let app = TestApp::with(Setup { limits, ..Setup::default() }).await;
    let (victim, other) = (app.partner().await, app.partner().await);
    let (wrong, right) =
        (form(&victim.credential.id, "wrong"), form(&victim.credential.id, &victim.credential.secret));
    for host in 1..=3 {
        token_from(&app, &format!("2001:db8::{host}"), &wrong).await.expect_problem(401, "invalid_client");
    }
    for host in 4..=20 {
        let over = token_from(&app, &format!("2001:db8::{host}"), &wrong).await;
        assert!(over.expect_problem(429, "rate_limit_exceeded").header("retry-after").is_some());
    }
    for address in ["198.51.100.9", "2001:db8:0:1::1"] {
        for _ in 0..5 {
            token_from(&app, address, &right).await.expect(200);
        }
    }
    token_from(&app, "2001:db8::1", &form(&other.credential.id, &other.credential.secret)).await.expect(200);
}

#[tokio::test]
async fn operators_have_a_limit_and_their_tokens_cannot_be_guessed() {
    let limits = RateLimits { operator_requests_per_10s: 3, failures_per_minute: 2, ..RateLimits::default() };
    let app = TestApp::with(Setup { limits, ..Setup::default() }).await;
    let (operator, other) = (Operator::of(&app).await, Operator::of(&app).await);
    let call = async |operator: &Operator, path: &str, address: &str| {
        let request = Request::get(format!("/operator/v1{path}"))
            .header("authorization", format!("Bearer {}", operator.token))
            .header("x-forwarded-for", address);
        app.send(request.body(Body::empty()).unwrap()).await
    };
    for (left, (path, status)) in
        [("/customers", 200), ("/nothing", 404), ("/loans", 200)].into_iter().enumerate()
    {
        let answer = call(&operator, path, "198.51.100.7").await.expect(status);
        assert_eq!(answer.header("x-ratelimit-limit"), Some("3"));
        assert_eq!(answer.header("x-ratelimit-remaining"), Some(&*(2 - left).to_string()), "{path}");
    }
    for path in ["/customers", "/nothing"] {
        let over = call(&operator, path, "198.51.100.7").await.expect_problem(429, "rate_limit_exceeded");
        assert_eq!(over.header("x-ratelimit-remaining"), Some("0"));
    }
    call(&other, "/customers", "198.51.100.7").await.expect(200);
    let guess = Operator { app: app.clone(), token: format!("{}x", other.token) };
    for host in 1..=2 {
        call(&guess, "/customers", &format!("2001:db8::{host}")).await.expect_problem(401, "invalid_token");
    }
    call(&guess, "/customers", "2001:db8::3").await.expect_problem(429, "rate_limit_exceeded");
    call(&other, "/customers", "2001:db8::3").await.expect(200);
}

#[tokio::test]
async fn every_answer_to_a_known_caller_has_the_remaining_limit() {
    let limits = RateLimits { requests_per_10s: 6, ..RateLimits::default() };
    let app = TestApp::with(Setup { limits, ..Setup::default() }).await;
    let partner = app.partner().await;
    let long = "x".repeat(2_000);
    for (left, (method, path, status)) in [
        (Method::GET, "/v3/nothing".to_owned(), 404),
        (Method::GET, "/v3/customers/cust_0".to_owned(), 404),
        (Method::PUT, "/v3/customers".to_owned(), 405),
        (Method::DELETE, "/api/v3/banks".to_owned(), 405),
        (Method::GET, format!("/v3/customers?{}", "a=&".repeat(101)), 400),
        (Method::GET, format!("/v3/customers?starting_after={long}"), 400),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = partner.call(method, &path, None).await.expect(status);
        assert_eq!(answer.header("x-ratelimit-limit"), Some("6"), "{path}");
        assert_eq!(answer.header("x-ratelimit-remaining"), Some(&*(5 - left).to_string()), "{path}");
        assert!(answer.header("x-ratelimit-reset").is_some());
    }
    for (method, path) in [(Method::GET, "/v3/nothing"), (Method::PUT, "/v3/customers")] {
        let over = partner.call(method, path, None).await.expect_problem(429, "rate_limit_exceeded");
        assert!(over.header("retry-after").is_some());
        assert_eq!(over.header("x-ratelimit-remaining"), Some("0"));
    }
    // An unknown caller gets no limit headers, only the answer that the route does not exist.
    let unknown = app.get("/v3/nothing").await.expect_problem(404, "route_not_found");
    assert_eq!(unknown.header("x-ratelimit-limit"), None);
}

#[tokio::test]
async fn signing_pages_count_an_ipv6_network_as_one_caller() {
    let limits = RateLimits { page_posts_per_minute: 2, ..RateLimits::default() };
    let app = TestApp::with(Setup { limits, ..Setup::default() }).await;
    let post = async |address: &str| {
        let request = Request::post("/sign/unknown/code").header("x-forwarded-for", address);
        let request = request.header("accept", "application/problem+json").body(Body::empty()).unwrap();
        app.send(request).await
    };
    for host in 1..=2 {
        post(&format!("2001:db8::{host}")).await.expect_problem(404, "resource_not_found");
    }
    post("[2001:db8::3]:443").await.expect_problem(429, "rate_limit_exceeded");
    post("2001:db8:0:1::1").await.expect_problem(404, "resource_not_found");
}

#[tokio::test]
async fn a_callers_text_never_becomes_a_label_of_a_metric() {
    let app = TestApp::new().await;
    let labels = async || {
        let page = String::from_utf8(app.get("/metrics").await.expect(200).bytes).unwrap();
        let counted =
            |line: &&str| line.starts_with("dinie_http_requests_total") && line.contains(r#"method="other""#);
        page.lines().filter(counted).count()
    };
    for number in 0..50 {
        let method = Method::from_bytes(format!("INVENTED{number}").as_bytes()).unwrap();
        for path in ["/v3/customers".to_owned(), format!("/invented/{number}")] {
            let request = Request::builder().method(method.clone()).uri(path).body(Body::empty()).unwrap();
            app.send(request).await;
        }
    }
    let page = String::from_utf8(app.get("/metrics").await.expect(200).bytes).unwrap();
    assert!(!page.contains("INVENTED") && !page.contains("/invented"), "{page}");
    // Two requests are counted: one for the missing path and one for the unsupported method.
    assert_eq!(labels().await, 2);
}

#[tokio::test]
async fn signing_pages_have_a_limit_per_address() {
    let limits = RateLimits { page_posts_per_minute: 3, ..RateLimits::default() };
    let app = TestApp::with(Setup { limits, ..Setup::default() }).await;
    let partner = app.partner().await;
    let loan = partner.loan(529_982_247, "never_signs").await;
    let path = partner.signing_paths(&loan.id()).await.remove(0);
    let problem = "application/problem+json";
    for _ in 0..3 {
        app.press_as(&path, "code=1&consent=yes", problem).await.expect_problem(401, "invalid_code");
    }
    let over = app.press_as(&format!("{path}/code"), "", problem).await;
    assert!(over.expect_problem(429, "rate_limit_exceeded").header("retry-after").is_some());
    let page = String::from_utf8(app.press(&path, "code=1&consent=yes").await.expect(429).bytes).unwrap();
    assert!(page.contains("Muitas tentativas deste endereço"));
    app.get(&path).await.expect(200);
}
