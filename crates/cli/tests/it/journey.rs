//! A partner's first loan, from registration to installments, with every webhook. It is the same on each engine.

use serde_json::{Value, json};

use crate::answer::stable;
use crate::engines::on_both_engines;
use crate::inputs::{JPEG, PDF, registration};
use crate::sink::Sink;
use crate::support::TestApp;

on_both_engines!(journey: on_sqlite, on_postgresql);

async fn journey(app: &TestApp) {
    let partner = app.partner().await;
    let sink = Sink::start().await;
    let endpoint = partner.endpoint(&sink).await;
    insta::assert_snapshot!("webhook_endpoint", stable(&endpoint.body));

    let customer = partner.post("/v3/customers", &registration(529_982_247, "")).await.expect(201);
    assert_eq!(customer.header("location"), Some(&*format!("/v3/customers/{}", customer.id())));
    insta::assert_snapshot!("customer_created", stable(&customer.body));
    for (kind, content) in [("cnh", PDF), ("selfie", JPEG), ("ccmei", PDF)] {
        let document = partner.upload(&customer.id(), kind, content).await.expect(201);
        assert_eq!(document.body["type"], kind);
        if kind == "cnh" {
            insta::assert_snapshot!("document", stable(&document.body));
        }
    }
    let path = format!("/v3/customers/{}", customer.id());
    assert_eq!(partner.get(&path).await.body["status"], "under_review");
    app.let_seconds_pass(2).await;
    let active = partner.get(&path).await.expect(200);
    insta::assert_snapshot!("customer_active", stable(&active.body));

    let offers = partner.get(&format!("{path}/credit-offers")).await.expect(200);
    insta::assert_snapshot!("offers", stable(&offers.body));
    let offer = offers.body["data"][0]["id"].as_str().unwrap().to_owned();
    let wanted = json!({"requested_amount": "10000.00", "installment_count": 12});
    let simulated =
        partner.post(&format!("/v3/credit-offers/{offer}/simulations"), &wanted).await.expect(201).body;
    insta::assert_snapshot!("simulation", stable(&simulated));

    let loan = json!({
        "credit_offer_id": offer, "simulation_id": simulated["id"], "installments": 12,
        "installments_value": simulated["installments_value"], "first_due_date": simulated["first_due_date"]
    });
    let created = partner.post("/v3/loans", &loan).await.expect(201);
    insta::assert_snapshot!("loan_created", stable(&created.body));
    app.let_seconds_pass(4).await;
    let path = format!("/v3/loans/{}", created.id());
    let active = partner.get(&path).await.expect(200);
    insta::assert_snapshot!("loan_active", stable(&active.body));

    let transactions = all_transactions(&partner, &path).await;
    assert_eq!(transactions.len(), 12);
    insta::assert_snapshot!("transaction", stable(&transactions[0]));
    assert_eq!(sum(&transactions, "amount_due"), cents(&simulated["total_loan_amount"]));

    let secret = endpoint.body["secret"].as_str().unwrap();
    let events = sink.verified(secret);
    // Deliveries have no promised order, but each body has its own time.
    let mut bodies: Vec<String> = events.iter().map(stable).collect();
    bodies.sort();
    insta::assert_snapshot!("events", bodies.join("\n"));
}

async fn all_transactions(partner: &crate::support::Partner, loan: &str) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = partner.get(&format!("{loan}/transactions?limit=5{after}")).await.expect(200).body;
        all.extend(page["data"].as_array().unwrap().clone());
        if page["has_more"] == false {
            return all;
        }
        after = format!("&starting_after={}", all.last().unwrap()["id"].as_str().unwrap());
    }
}

fn cents(amount: &Value) -> i64 {
    domain::money::Cents::parse(amount.as_str().unwrap()).unwrap().get()
}

fn sum(transactions: &[Value], key: &str) -> i64 {
    transactions.iter().map(|transaction| cents(&transaction[key])).sum()
}
