//! The timelines of customers and loans in the dashboard.

use domain::access::TeamRole;
use serde_json::json;

use crate::console::Person;
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
            assert!(whole.contains("respondeu 204"), "{whole}");
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
