//! Rate limits.

use std::time::Duration;

use server::config::RateLimits;

use crate::support::{START, Setup, TestApp};

#[tokio::test]
async fn a_credential_that_calls_too_often_is_told_when_to_come_back() {
    let limits = RateLimits { requests_per_10s: 5, ..RateLimits::default() };
    let app = TestApp::with(Setup { limits, ..Setup::default() }).await;
    let (partner, other) = (app.partner().await, app.partner().await);
    for left in (0..5).rev() {
        let answer = partner.get("/v3/customers").await.expect(200);
        assert_eq!(answer.header("x-ratelimit-limit"), Some("5"));
        assert_eq!(answer.header("x-ratelimit-remaining"), Some(&*left.to_string()));
        // Two seconds for each request that was used up.
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

#[tokio::test]
async fn the_token_endpoint_has_a_limit_of_its_own_per_client() {
    let limits = RateLimits { tokens_per_minute: 3, ..RateLimits::default() };
    let app = TestApp::with(Setup { limits, ..Setup::default() }).await;
    let partner = app.partner().await;
    app.token(&partner.client_id, &partner.secret).await.expect(200);
    app.token(&partner.client_id, "wrong").await.expect(401);
    let over =
        app.token(&partner.client_id, &partner.secret).await.expect_problem(429, "rate_limit_exceeded");
    assert!(over.header("retry-after").is_some());
    assert_eq!(over.body["error"], "rate_limit_exceeded");
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
