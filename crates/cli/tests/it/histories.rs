//! The events for the partner in the histories of a customer and a loan, with what became of their deliveries.

use domain::access::{Limits, Permissions, Role, Roles};
use serde_json::{Value, json};
use server::workers;

use crate::answer::Answer;
use crate::console::{Person, text};
use crate::operator::Operator;
use crate::sink::Sink;
use crate::support::{Setup, TestApp};

/// Roles: one that reads everything, and one that may not read partners.
fn setup() -> Setup {
    let permissions: Permissions =
        ["customers.read", "loans.read"].into_iter().map(|word| word.parse().unwrap()).collect();
    let role = |permissions| Role { permissions, limits: Limits::NOTHING };
    let roles = [("reader", role(Permissions::reading())), ("clerk", role(permissions))];
    let roles = roles.map(|(name, role)| (name.parse().unwrap(), role));
    Setup { roles: Some(Roles::new(roles.into())), ..Setup::default() }
}

/// The events of a history, newest first.
fn events(history: &Answer) -> Vec<Value> {
    let moments = history.body["data"].as_array().unwrap().iter();
    moments.map(|moment| moment["event"].clone()).filter(|event| !event.is_null()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_has_the_events_for_the_partner_and_what_became_of_each_delivery() {
    for app in TestApp::on_each_engine_with(setup()).await {
        let (partner, sink) = (app.partner().await, Sink::start().await);
        let endpoint = partner.endpoint(&sink).await.id();
        let loan = partner.loan(529_982_247, "").await;
        sink.answer_next(&[(503, vec![])]);
        workers::run_until_idle(&app.state).await.unwrap();
        let reader = Operator::with_roles(&app, "reader".parse().unwrap()).await;

        let loan_id = loan.id();
        let history = reader.get(&format!("/loans/{loan_id}/timeline")).await.expect(200);
        let of_loan = events(&history);
        assert!(
            of_loan.iter().all(|event| event["kind"].as_str().unwrap().starts_with("loan_")),
            "{of_loan:?}"
        );
        let customer = loan.body["customer_id"].as_str().unwrap();
        let history = reader.get(&format!("/customers/{customer}/timeline")).await.expect(200);
        let all = events(&history);
        for kind in ["customer_created", "offer_available"] {
            assert!(all.iter().any(|event| event["kind"] == kind), "{kind}: {all:?}");
        }
        assert!(of_loan.iter().all(|event| all.contains(event)));
        let sent: Vec<&Value> =
            all.iter().flat_map(|event| event["deliveries"].as_array().unwrap()).collect();
        assert_eq!(sent.len(), sink.received().len(), "{all:?}");
        let (delivered, retried): (Vec<&Value>, Vec<&Value>) =
            sent.into_iter().partition(|one| one["status"] == "delivered");
        assert_eq!((retried.len(), &retried[0]["last_status_code"]), (1, &json!(503)));
        assert_eq!((&retried[0]["last_outcome"], &retried[0]["attempts"]), (&json!("refused"), &json!(1)));
        assert!(delivered.iter().all(|one| one["endpoint_id"] == *endpoint && one["attempts"] == 1));

        // The console shows the same in words.
        let person = Person::with_roles(&app, "reader".parse().unwrap()).await;
        for path in [format!("/console/customers/{customer}"), format!("/console/loans/{loan_id}")] {
            let page = text(&person.page(&format!("{path}?tab=timeline")).await.expect(200).bytes);
            let loans_own = of_loan[0]["id"].as_str().unwrap();
            for words in [loans_own, "Aceita com 204", "Entregue", "/console/partners/"] {
                assert!(page.contains(words), "{words}: {page}");
            }
        }
    }
}

#[tokio::test]
async fn without_the_permission_to_read_partners_a_history_has_no_events() {
    let app = TestApp::with(setup()).await;
    let partner = app.partner().await;
    let loan = partner.loan(529_982_247, "").await;
    workers::run_until_idle(&app.state).await.unwrap();
    let clerk = Operator::with_roles(&app, "clerk".parse().unwrap()).await;
    let person = Person::with_roles(&app, "clerk".parse().unwrap()).await;
    let customer = loan.body["customer_id"].as_str().unwrap();
    for path in [format!("/customers/{customer}"), format!("/loans/{}", loan.id())] {
        let history = clerk.get(&format!("{path}/timeline")).await.expect(200);
        assert_eq!(events(&history), Vec::<Value>::new());
        let page = text(&person.page(&format!("/console{path}?tab=timeline")).await.expect(200).bytes);
        assert!(!page.contains("evt_") && page.contains("class=\"timeline\""), "{page}");
    }
}
