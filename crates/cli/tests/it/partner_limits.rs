//! A partner's own limit on requests, which operators set.

use serde_json::{Value, json};

use crate::console::{Person, text};
use crate::operator::Operator;
use crate::support::TestApp;

/// The limit that an answer to a partner names.
async fn limit(partner: &crate::support::Partner) -> String {
    partner.get("/v3/customers").await.expect(200).header("x-ratelimit-limit").unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sets_a_partners_limit_which_applies_within_a_second_and_stands_in_the_trail() {
    for app in TestApp::on_each_engine().await {
        let (partner, other, operator) = (app.partner().await, app.partner().await, Operator::of(&app).await);
        let (path, usual) = (format!("/partners/{}/limits", partner.id), limit(&partner).await);
        let set = operator.post(&path, &json!({"requests_per_10s": 2, "version": 1})).await.expect(200);
        assert_eq!((&set.body["requests_per_10s"], &set.body["version"]), (&json!(2), &json!(2)));
        let entry = operator.get("/audit?limit=1").await.expect(200).body["data"][0].clone();
        assert_eq!(
            entry["change"],
            json!({"before": "requests_per_10s default", "after": "requests_per_10s 2"}),
            "{entry:?}"
        );
        app.let_seconds_pass(1).await;
        assert_eq!(limit(&partner).await, "2");
        limit(&partner).await;
        let refused = partner.get("/v3/customers").await.expect_problem(429, "rate_limit_exceeded");
        assert_eq!(refused.header("x-ratelimit-limit"), Some("2"));
        assert_eq!(limit(&other).await, usual, "another partner has the server's");
        let overview = operator.get(&format!("/partners/{}/overview", partner.id)).await.expect(200).body;
        assert_eq!(overview["limits"]["own_requests_per_10s"], 2);

        let stale = json!({"requests_per_10s": 9, "version": 1});
        operator.post(&path, &stale).await.expect_problem(409, "invalid_state");
        let reset = operator.post(&path, &json!({"requests_per_10s": null, "version": 2})).await.expect(200);
        assert_eq!(reset.body["own_requests_per_10s"], Value::Null);
        app.let_seconds_pass(1).await;
        assert_eq!(limit(&partner).await, usual);
    }
}

#[tokio::test]
async fn a_wrong_limit_is_refused_and_only_who_may_sets_one() {
    let (app, partner, operator) = TestApp::with_operator().await;
    let path = format!("/partners/{}/limits", partner.id);
    for wrong in [json!(0), json!(-1), json!(100_001), json!(1.5), json!("10"), json!(true)] {
        let body = json!({"requests_per_10s": wrong, "version": 1});
        operator.post(&path, &body).await.expect_problem(422, "invalid_format");
    }
    operator.post(&path, &json!({"requests_per_10s": 5})).await.expect_problem(422, "missing_required_field");
    let strange = "/partners/ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607/limits";
    operator.post(strange, &json!({"version": 1})).await.expect_problem(404, "resource_not_found");
    let auditor = Operator::with_roles(&app, "auditor".parse().unwrap()).await;
    auditor.post(&path, &json!({"version": 1})).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn the_partners_page_sets_its_limit() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let admin = Person::with_roles(&app, "admin".parse().unwrap()).await;
    let page = format!("/console/partners/{}", partner.id);
    let form = format!("{page}/limits");
    let wrong = text(&admin.press(&form, "requests=muitos&version=1").await.expect(422).bytes);
    assert!(wrong.contains("value=\"muitos\"") && wrong.contains("de 1 a 100000"), "{wrong}");
    admin.press(&form, "requests=500&version=1").await.expect(303);
    let shown = admin.read(&page).await;
    assert!(shown.contains("500 em 10 s") && shown.contains("value=\"500\""), "{shown}");
    let stale = text(&admin.press(&form, "requests=7&version=1").await.expect(409).bytes);
    assert!(stale.contains("Outra pessoa mudou os limites"), "{stale}");
    admin.press(&form, "requests=&version=2").await.expect(303);
    assert!(!admin.read(&page).await.contains("500 em 10 s"));
    let auditor = Person::with_roles(&app, "auditor".parse().unwrap()).await;
    assert!(!auditor.read(&page).await.contains(&form));
    auditor.press(&form, "requests=7&version=3").await.expect(403);
}
