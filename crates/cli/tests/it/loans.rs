//! Offers, simulations and loans: refusals, and loans that end without success.

use std::time::Duration;

use serde_json::{Value, json};
use server::workers;

use crate::operator::Operator;
use crate::support::{Partner, TestApp};

#[tokio::test]
async fn a_simulation_stays_within_its_offer() {
    let partner = TestApp::new().await.partner().await;
    let offer = partner.offer(529_982_247, "range_offer").await;
    let shown = partner.get(&format!("/v3/credit-offers/{offer}")).await.expect(200).body;
    assert_eq!((&shown["min_installments"], &shown["max_installments"]), (&json!(3), &json!(24)));
    assert!(shown.get("installments").is_none());
    let path = format!("/v3/credit-offers/{offer}/simulations");
    for (amount, count, code) in [
        (json!("999.99"), json!(12), "amount_out_of_range"),
        (json!("50000.01"), json!(12), "amount_out_of_range"),
        (json!("1000.00"), json!(2), "installments_out_of_range"),
        (json!("1000.00"), json!(25), "installments_out_of_range"),
        (json!(1000), json!(12), "invalid_format"),
        (json!("1000.00"), json!(0), "invalid_format"),
        (json!("1000.00"), json!("12"), "invalid_format"),
        (json!("1000.00"), json!(12.5), "invalid_format"),
    ] {
        let body = json!({"requested_amount": amount, "installment_count": count});
        partner.post(&path, &body).await.expect_problem(422, code);
    }
    let both = partner.post(&path, &json!({})).await.expect_problem(422, "missing_required_field");
    assert_eq!(both.faults().len(), 2);
    for count in [3, 24] {
        partner.simulation(&offer, "1000.00", count).await;
        partner.simulation(&offer, "50000.00", count).await;
    }
}

#[tokio::test]
async fn a_loan_takes_exactly_the_newest_simulation() {
    let (app, partner) = TestApp::with_partner().await;
    let offer = partner.offer(529_982_247, "never_signs").await;
    let none_yet = json!({
        "credit_offer_id": offer, "simulation_id": "sim_01a20928a97d7cf2a4e6abd5b178664c", "installments": 12,
        "installments_value": "1.00", "first_due_date": "2026-02-15"
    });
    let mismatch = async |param, body: &Value| {
        partner.post("/v3/loans", body).await.expect_problem_of(param, 422, "simulation_mismatch");
    };
    mismatch("simulation_id", &none_yet).await;
    let older = partner.simulation(&offer, "10000.00", 12).await;
    app.clock.advance(Duration::from_secs(1));
    let newest = partner.simulation(&offer, "20000.00", 12).await;
    mismatch("simulation_id", &older).await;
    for (field, value) in [
        ("installments", json!(11)),
        ("installments_value", json!("1.00")),
        ("first_due_date", json!("2026-03-15")),
    ] {
        let mut body = newest.clone();
        body[field] = value;
        mismatch(field, &body).await;
    }
    let mut unknown = newest.clone();
    unknown["credit_offer_id"] = json!("co_01a20928a97d7cf2a4e6abd5b178664c");
    partner.post("/v3/loans", &unknown).await.expect_problem(404, "resource_not_found");
    let missing = partner.post("/v3/loans", &json!({})).await.expect_problem(422, "missing_required_field");
    assert_eq!(missing.faults().len(), 5);
    let loan = partner.post("/v3/loans", &newest).await.expect(201);
    assert_eq!(loan.body["status"], "awaiting_signatures");
    let path = format!("/v3/credit-offers/{offer}/simulations");
    let body = json!({"requested_amount": "1000.00", "installment_count": 12});
    for (path, body) in [("/v3/loans", &newest), (&path, &body)] {
        let taken = partner.post(path, body).await.expect_problem(409, "offer_already_accepted");
        assert!(taken.body["detail"].as_str().unwrap().contains(&loan.id()), "{}", taken.body);
    }
    let transactions = partner.get(&format!("/v3/loans/{}/transactions", loan.id())).await.expect(200);
    assert_eq!(transactions.body, json!({"data": [], "has_more": false}));
}

#[tokio::test]
async fn a_simulation_is_valid_until_the_end_of_the_next_day_in_sao_paulo() {
    let (app, partner) = TestApp::with_partner().await;
    let offer = partner.offer(529_982_247, "").await;
    let body = partner.simulation(&offer, "10000.00", 12).await;
    // 12:00 UTC on the 15th is 9:00 in São Paulo; the 16th ends there at 02:59:59 UTC on the 17th.
    app.clock.advance(Duration::from_secs(39 * 3_600));
    let later = partner.renewed().await;
    later.post("/v3/loans", &body).await.expect_problem(422, "simulation_expired");
    let fresh = later.simulation(&offer, "10000.00", 12).await;
    later.post("/v3/loans", &fresh).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_expires_with_its_event() {
    let app = TestApp::new().await;
    let (partner, sink) = (app.partner().await, crate::sink::Sink::start().await);
    let endpoint = partner.endpoint_for(&sink, &["credit_offer.expired"]).await;
    let offer = partner.offer(529_982_247, "").await;
    let loan = partner.simulation(&offer, "10000.00", 12).await;
    app.clock.advance(Duration::from_secs(30 * 86_400 + 10));
    let partner = partner.renewed().await;
    // After its validity an offer is refused even before the worker has recorded the expiry.
    let body = json!({"requested_amount": "1000.00", "installment_count": 12});
    let path = format!("/v3/credit-offers/{offer}/simulations");
    partner.post(&path, &body).await.expect_problem(422, "offer_expired");
    partner.post("/v3/loans", &loan).await.expect_problem(422, "offer_expired");
    workers::run_until_idle(&app.state).await.unwrap();
    assert_eq!(partner.get(&format!("/v3/credit-offers/{offer}")).await.body["status"], "expired");
    let received = sink.verified(endpoint.body["secret"].as_str().unwrap());
    assert_eq!(
        (&received[0]["type"], &received[0]["data"]["status"]),
        (&json!("credit_offer.expired"), &json!("expired"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsigned_loan_is_cancelled_after_seven_days_and_its_offer_is_available_again() {
    let (app, partner) = TestApp::with_partner().await;
    let loan = partner.loan(529_982_247, "never_signs").await;
    let (path, offer) =
        (format!("/v3/loans/{}", loan.id()), loan.body["credit_offer_id"].as_str().unwrap().to_owned());
    app.let_seconds_pass(5).await;
    assert_eq!(partner.get(&path).await.body["status"], "awaiting_signatures");
    let offer_status = async |partner: &Partner| {
        partner.get(&format!("/v3/credit-offers/{offer}")).await.body["status"].clone()
    };
    assert_eq!(offer_status(&partner).await, "accepted");
    app.clock.advance(Duration::from_secs(7 * 86_400));
    workers::run_until_idle(&app.state).await.unwrap();
    let partner = partner.renewed().await;
    let cancelled = partner.get(&path).await.expect(200).body;
    assert_eq!((&cancelled["status"], &cancelled["signing_url"]), (&json!("cancelled"), &Value::Null));
    assert_eq!(offer_status(&partner).await, "available");
    let again = partner.simulation(&offer, "10000.00", 12).await;
    partner.post("/v3/loans", &again).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_makes_one_loan_and_another_after_its_cancellation() {
    for app in TestApp::on_each_engine().await {
        let (partner, operator) = (app.partner().await, Operator::of(&app).await);
        let offer = partner.offer(529_982_247, "never_signs").await;
        let body = partner.simulation(&offer, "10000.00", 12).await;
        let loan = partner.post("/v3/loans", &body).await.expect(201);
        partner.post("/v3/loans", &body).await.expect_problem(409, "offer_already_accepted");
        operator.act(&format!("/loans/{}/cancel", loan.id())).await.expect(200);
        let again = partner.post("/v3/loans", &body).await.expect(201);
        for figure in ["total_amount", "cet", "installments_value", "first_due_date"] {
            assert_eq!(again.body[figure], loan.body[figure], "{figure}");
        }
        assert_eq!(partner.get(&format!("/v3/loans/{}", loan.id())).await.body["cet"], loan.body["cet"]);
    }
}

#[tokio::test]
async fn a_failed_disbursement_ends_the_loan_with_an_error() {
    let (app, partner) = TestApp::with_partner().await;
    let loan = partner.loan(529_982_247, "disbursement_failed").await;
    app.let_seconds_pass(5).await;
    let shown = partner.get(&format!("/v3/loans/{}", loan.id())).await.expect(200).body;
    assert_eq!((&shown["status"], &shown["net_amount"]), (&json!("error"), &Value::Null));
}

#[tokio::test]
async fn an_overdue_installment_has_late_charges() {
    let (app, partner) = TestApp::with_partner().await;
    let loan = partner.loan(529_982_247, "").await;
    app.let_seconds_pass(4).await;
    let path = format!("/v3/loans/{}/transactions?limit=1", loan.id());
    let before = partner.get(&path).await.expect(200).body["data"][0].clone();
    assert_eq!((&before["status"], &before["due_date"]), (&json!("pending"), &json!("2026-02-15")));
    // During carnival, the installment of Sunday the 15th may be paid without charge until the 18th.
    app.clock.advance(Duration::from_secs(34 * 86_400));
    let partner = partner.renewed().await;
    assert_eq!(partner.get(&path).await.body["data"][0], before);
    app.clock.advance(Duration::from_secs(12 * 86_400));
    let partner = partner.renewed().await;
    let late = partner.get(&path).await.expect(200).body["data"][0].clone();
    assert_eq!((&late["status"], &late["days_overdue"]), (&json!("overdue"), &json!(12)));
    let cents = |key: &str| domain::money::Cents::parse(late[key].as_str().unwrap()).unwrap();
    assert!(cents("fees").get() > 0);
    assert_eq!(cents("amount_due"), cents("principal") + cents("interest") + cents("fees"));
}

#[tokio::test]
async fn offers_are_listed_by_customer_and_status() {
    let app = TestApp::new().await;
    let (partner, other) = (app.partner().await, app.partner().await);
    let offer = partner.offer(529_982_247, "").await;
    let customer = partner.get(&format!("/v3/credit-offers/{offer}")).await.body["customer_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let count = async |path: &str| partner.get(path).await.expect(200).body["data"].as_array().unwrap().len();
    assert_eq!(count("/v3/credit-offers").await, 1);
    assert_eq!(count(&format!("/v3/credit-offers?customer_id={customer}&status=available")).await, 1);
    assert_eq!(count("/v3/credit-offers?status=expired").await, 0);
    assert_eq!(count("/v3/credit-offers?customer_id=cust_01a20928a97d7cf2a4e6abd5b178664c").await, 0);
    partner.get("/v3/credit-offers?customer_id=x").await.expect_problem(400, "invalid_parameter");
    partner.get("/v3/credit-offers?status=x").await.expect_problem(400, "invalid_parameter");
    assert_eq!(other.get("/v3/credit-offers").await.body["data"], json!([]));
    other
        .get(&format!("/v3/customers/{customer}/credit-offers"))
        .await
        .expect_problem(404, "resource_not_found");
}
