//! Links for a new password, which people ask for on the page of the sign-in.

use axum::body::Body;
use axum::http::Request;
use domain::access::Entry;

use crate::answer::Answer;
use crate::console::{letters_to, link_in, text, trail};
use crate::console_sign_in::{Enrolled, PASSWORD, give_code, half_open, sign_in};
use crate::operator::Operator;
use crate::support::TestApp;

/// Sends the form of a forgotten password from an address of the network.
async fn forgot(app: &TestApp, email: &str, from: &str) -> Answer {
    let request = Request::post("/sign-in/forgot")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-forwarded-for", from);
    app.send(request.body(Body::from(format!("email={}", email.replace('@', "%40")))).unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_replaced_by_a_link_and_never_the_second_factor() {
    for app in TestApp::on_each_engine().await {
        let enrolled = Enrolled::new(&app).await;
        let email = enrolled.email.as_str();
        forgot(&app, email, "198.51.100.7").await.expect(200);
        let link = link_in(&letters_to(&app, email, 2).await[0]);
        enrolled.person.page("/console").await.expect(200);
        let entered = app.press(&link, "").await.expect(303);
        assert_eq!(entered.header("location"), Some("/sign-in/password"));
        app.press(&link, "").await.expect(410);
        let half = enrolled.person.after(&entered);
        let form = "password=outra+frase+bem+comprida";
        let chosen = half.press("/sign-in/password", form).await.expect(303);
        assert_eq!(chosen.header("location"), Some("/sign-in/code"));
        let half = half.after(&chosen);
        half.page("/console").await.expect(303);
        enrolled.person.page("/console").await.expect(303);
        give_code(&half, &enrolled.recovery_codes[0], "198.51.100.7").await.expect(303);
        sign_in(&app, email, PASSWORD, "198.51.100.7").await.expect(422);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_tells_nobody_which_addresses_are_known() {
    let app = TestApp::new().await;
    let enrolled = Enrolled::new(&app).await;
    let (_, invited) = half_open(&app).await;
    let dismissed = Enrolled::new(&app).await;
    let admin = Operator::of(&app).await;
    admin.act(&format!("/operators/{}/revoke", dismissed.person.id)).await.expect(200);
    let unknown = text(&forgot(&app, "nobody@example.com", "198.51.100.7").await.expect(200).bytes);
    for email in [enrolled.email.as_str(), invited.as_str(), dismissed.email.as_str(), "no address", ""] {
        let answer = forgot(&app, email, "198.51.100.7").await.expect(200);
        assert_eq!(text(&answer.bytes), unknown, "{email}");
    }
    letters_to(&app, enrolled.email.as_str(), 2).await;
    letters_to(&app, invited.as_str(), 2).await;
    letters_to(&app, dismissed.email.as_str(), 1).await;
    let entries = trail(&app).await;
    let asked = entries.iter().filter(|entry| entry["operation"] == "POST /sign-in/forgot");
    let (of_people, of_requests): (Vec<_>, Vec<_>) = asked.partition(|entry| !entry["operator_id"].is_null());
    assert_eq!((of_people.len(), of_requests.len()), (2, 6), "{entries:?}");
    assert!(!serde_json::to_string(&entries).unwrap().contains("example.com"));
}

#[tokio::test(flavor = "multi_thread")]
async fn links_for_a_new_password_are_limited_by_person_and_by_address() {
    let app = TestApp::new().await;
    let enrolled = Enrolled::new(&app).await;
    let email = enrolled.email.as_str();
    for number in 0..5 {
        forgot(&app, email, &format!("203.0.113.{number}")).await.expect(200);
    }
    let first = link_in(&letters_to(&app, email, 2).await[0]);
    app.get(&first).await.expect(200);
    app.clock.advance(Entry::AGAIN);
    forgot(&app, email, "198.51.100.7").await.expect(200);
    letters_to(&app, email, 3).await;
    app.get(&first).await.expect(404);
    for _ in 0..9 {
        forgot(&app, "nobody@example.com", "198.51.100.7").await.expect(200);
    }
    forgot(&app, email, "198.51.100.7").await.expect(429);
    forgot(&app, email, "203.0.113.9").await.expect(200);
}
