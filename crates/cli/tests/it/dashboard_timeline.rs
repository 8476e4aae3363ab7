//! The timelines of customers and loans in the dashboard.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::USER_AGENT;
use axum::http::{Method, Request};
use domain::access::TeamRole;
use serde_json::json;
use server::workers;

use crate::console::{Person, text};
use crate::requests::logged;
use crate::sink::Sink;
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_has_calls_events_deliveries_letters_and_pages_on_one_time() {
    for app in TestApp::on_each_engine().await {
        let (partner, other) = (app.partner().await, app.partner().await);
        let sink = Sink::start().await;
        let endpoint = partner.endpoint(&sink).await.id();
        partner.post("/sandbox/clock/advance", &json!({"days": 40})).await.expect(200);
        let loan = partner.loan(529_982_247, "").await;
        let customer = loan.body["customer_id"].as_str().unwrap().to_owned();
        let loan = loan.id();
        app.let_seconds_pass(5).await;
        partner.get(&format!("/v3/loans/{loan}")).await.expect(200);
        logged(&partner, "").await;
        let person = Person::of_team(&app, partner.id, TeamRole::Support).await;
        for page in [format!("/dashboard/customers/{customer}"), format!("/dashboard/loans/{loan}")] {
            let whole = person.read(&format!("{page}?tab=timeline")).await;
            for words in
                ["POST /v3/loans", "loan.created", "Entrega a http", "a***@example.com", "Ana Souza assinou"]
            {
                assert!(whole.contains(words), "{words}: {whole}");
            }
            assert!(whole.contains(&format!("/dashboard/webhooks/{endpoint}/deliveries/dlv_")), "{whole}");
            assert!(whole.contains("Aceita com 204"), "{whole}");
            // An effect is above its cause.
            assert!(whole.find("loan.created").unwrap() < whole.find("POST /v3/loans<").unwrap(), "{whole}");
            let calls = person.read(&format!("{page}?tab=timeline&source=calls")).await;
            assert!(calls.contains("POST /v3/loans") && !calls.contains("loan.created<"), "{calls}");
            let letters = person.read(&format!("{page}?tab=timeline&source=letters")).await;
            assert!(letters.contains("a***@example.com") && !letters.contains("POST /v3"), "{letters}");
            let summary = person.read(&page).await;
            assert!(!summary.contains("class=\"lanes\""), "{summary}");
            let stranger = Person::of_team(&app, other.id, TeamRole::Admin).await;
            stranger.page(&format!("{page}?tab=timeline")).await.expect(404);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_has_each_page_that_somebody_opened_and_from_which_device() {
    for app in TestApp::on_each_engine().await {
        let (partner, other) = (app.partner().await, app.partner().await);
        let loan = partner.loan(529_982_247, "never_signs").await;
        let (customer, loan) = (loan.body["customer_id"].as_str().unwrap().to_owned(), loan.id());
        let signing = partner.signing_paths(&loan).await.remove(0);
        let open = async |method: Method, path: &str, agent: &str| {
            let request = Request::builder().method(method).uri(path).header(USER_AGENT, agent);
            app.send(request.body(Body::empty()).unwrap()).await.expect(200);
        };
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 Safari/604.1";
        for _ in 0..3 {
            open(Method::GET, &signing, phone).await;
        }
        open(Method::HEAD, &signing, "Mozilla/5.0 (Windows NT 10.0)").await;
        logged(&partner, "").await;
        let person = Person::of_team(&app, partner.id, TeamRole::Support).await;
        for page in [format!("/dashboard/customers/{customer}"), format!("/dashboard/loans/{loan}")] {
            let pages = person.read(&format!("{page}?tab=timeline&source=pages")).await;
            let opened = pages.matches("Página de assinatura aberta").count();
            assert_eq!(opened, 1, "a reloaded page is one visit, and HEAD is none: {pages}");
            assert!(pages.contains("celular") && !pages.contains("computador"), "{pages}");
            let stranger = Person::of_team(&app, other.id, TeamRole::Admin).await;
            stranger.page(&format!("{page}?tab=timeline")).await.expect(404);
        }
        app.clock.advance(Duration::from_hours(31 * 24));
        workers::request_log::purge(&app.state).await.unwrap();
        let person = Person::of_team(&app, partner.id, TeamRole::Support).await;
        let pages = person.read(&format!("/dashboard/loans/{loan}?tab=timeline&source=pages")).await;
        assert!(!pages.contains("Página de assinatura aberta"), "{pages}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opened_page_of_the_kyc_is_in_the_timeline_once() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let customer = partner.customer(529_982_247, "manual").await;
        let developer = Person::of_team(&app, partner.id, TeamRole::Developer).await;
        let path = format!("/dashboard/customers/{customer}");
        let made = developer.press(&format!("{path}/kyc-link"), "").await.expect(200);
        let made = text(&made.bytes);
        let link = made.split(['"', '<', '>']).find(|part| part.contains("/biometrics?code=")).unwrap();
        let link = format!("/biometrics{}", link.split_once("/biometrics").unwrap().1);
        app.get(&link).await.expect(200);
        workers::run_until_idle(&app.state).await.unwrap();
        logged(&partner, "").await;
        let pages = developer.read(&format!("{path}?tab=timeline&source=pages")).await;
        assert_eq!(pages.matches("Página do KYC aberta").count(), 1, "{pages}");
        assert_eq!(pages.matches("class=\"lane-5").count() + pages.matches(" lane-5").count(), 1, "{pages}");
    }
}
