//! Prices as partners and operators see them: tax by borrower, terms without a price, printed rates, payoffs, and
//! payments that are too large.

use domain::credential::Environment;
use serde_json::{Value, json};

use crate::contract_files::{assert_prints, contract_text};
use crate::inputs::{JPEG, PDF, decision, registration};
use crate::operator::{Operator, approval};
use crate::support::{Partner, Setup, TestApp};

/// Makes another offer to an active customer, on the given terms.
async fn offered(partner: &Partner, operator: &Operator, customer: &str, offer: Value) -> String {
    let mut decision = approval(12);
    decision["offer"] = offer;
    operator.post(&format!("/customers/{customer}/credit-decisions"), &decision).await.expect(201);
    let offers = partner.get(&format!("/v3/customers/{customer}/credit-offers?limit=1")).await.expect(200);
    offers.body["data"][0]["id"].as_str().unwrap().to_owned()
}

fn terms(rate: f64, installments: u16) -> Value {
    json!({
        "approved_amount": "20000.00", "min_amount": "1000.00", "interest_rate": rate, "installments": installments
    })
}

/// Registers a customer and submits every document.
async fn documented(partner: &Partner, registration: &Value) -> String {
    let customer = partner.post("/v3/customers", registration).await.expect(201).id();
    for (kind, content) in [("cnh", PDF), ("selfie", JPEG), ("ccmei", PDF)] {
        partner.upload(&customer, kind, content).await.expect(201);
    }
    customer
}

/// An active customer of the sandbox without an offer.
async fn active(partner: &Partner, registration: &Value) -> String {
    let customer = documented(partner, registration).await;
    partner.app.let_seconds_pass(3).await;
    assert_eq!(partner.get(&format!("/v3/customers/{customer}")).await.body["status"], "active");
    customer
}

async fn declaration_is_refused(operator: &Operator, customer: &str, decision: &Value) {
    let refused = operator.post(&format!("/customers/{customer}/credit-decisions"), decision).await;
    refused.expect_problem_of("offer.simples_declared_on", 422, "invalid_format");
}

async fn iof(partner: &Partner, offer: &str) -> Value {
    let body = json!({"requested_amount": "10000.00", "installment_count": 12});
    let simulation = partner.post(&format!("/v3/credit-offers/{offer}/simulations"), &body).await.expect(201);
    simulation.body["iof_amount"].clone()
}

#[tokio::test]
async fn a_natural_person_pays_the_full_iof_and_a_mei_the_reduced_one() {
    let (_, partner, operator) = TestApp::with_operator().await;
    let mei = active(&partner, &registration(529_982_247, "no_offer")).await;
    let offer = offered(&partner, &operator, &mei, terms(2.5, 12)).await;
    assert_eq!(iof(&partner, &offer).await, "96.44");

    let mut person = registration(111_444_777, "no_offer");
    person["cnpj"] = Value::Null;
    let person = active(&partner, &person).await;
    let offer = offered(&partner, &operator, &person, terms(2.5, 12)).await;
    assert_eq!(iof(&partner, &offer).await, "213.69");
    let mut declared = approval(12);
    declared["offer"]["simples_declared_on"] = json!("2026-01-10");
    declaration_is_refused(&operator, &person, &declared).await;
}

#[tokio::test]
async fn a_company_that_becomes_a_natural_person_before_its_offer_pays_the_full_iof() {
    let (app, partner, operator) = TestApp::with_operator().await;
    let customer = partner.customer(529_982_247, "no_offer").await;
    let mut decision = approval(12);
    decision["offer"] = terms(2.5, 12);
    operator.post(&format!("/customers/{customer}/credit-decisions"), &decision).await.expect(201);
    partner.patch(&format!("/v3/customers/{customer}"), &json!({"cnpj": null})).await.expect(200);
    for (kind, content) in [("cnh", PDF), ("selfie", JPEG), ("ccmei", PDF)] {
        partner.upload(&customer, kind, content).await.expect(201);
    }
    app.let_seconds_pass(3).await;
    let offers = partner.get(&format!("/v3/customers/{customer}/credit-offers")).await.expect(200);
    let offer = offers.body["data"][0]["id"].as_str().expect("an offer").to_owned();
    assert_eq!(iof(&partner, &offer).await, "213.69");
}

#[tokio::test]
async fn in_production_an_unknown_company_pays_the_reduced_iof_only_if_it_has_declared_to_be_small() {
    let app = TestApp::with(Setup { environment: Environment::Production, ..Setup::default() }).await;
    let (partner, operator) = (app.partner().await, Operator::of(&app).await);
    let customer = documented(&partner, &registration(529_982_247, "any")).await;
    let file = operator.get(&format!("/customers/{customer}")).await.expect(200).body;
    let requirements = file["requirements"].as_array().unwrap();
    let accepted: Vec<Value> = requirements.iter().map(|asked| decision(asked, "accept")).collect();
    let path = format!("/customers/{customer}/kyc-decisions");
    operator.post(&path, &json!({"decisions": accepted})).await.expect(200);
    let offer = offered(&partner, &operator, &customer, terms(2.5, 12)).await;
    assert_eq!(iof(&partner, &offer).await, "213.69");

    let mut declared = terms(2.5, 12);
    declared["simples_declared_on"] = json!("2026-01-10");
    app.let_seconds_pass(1).await;
    let offer = offered(&partner, &operator, &customer, declared.clone()).await;
    assert_eq!(iof(&partner, &offer).await, "96.44");
    let decisions = operator.get(&format!("/customers/{customer}/credit-decisions")).await.expect(200).body;
    assert_eq!(decisions["data"][0]["inputs"]["simples_declarado_em"], "2026-01-10");
    declared["simples_declared_on"] = json!("2026-01-16");
    let mut tomorrow = approval(12);
    tomorrow["offer"] = declared;
    declaration_is_refused(&operator, &customer, &tomorrow).await;
}

#[tokio::test]
async fn a_request_without_a_price_reports_whether_the_term_the_amount_or_the_cost_is_wrong() {
    let (app, partner, operator) = TestApp::with_operator().await;
    let customer = active(&partner, &registration(529_982_247, "no_offer")).await;
    let half = json!({
        "approved_amount": "20000.00", "min_amount": "1000.00", "interest_rate": 15, "installments": 1,
        "service_fee": 50, "charges": "deducted"
    });
    let all = json!({
        "approved_amount": "20000.00", "min_amount": "1000.00", "interest_rate": 15, "installments": 1,
        "service_fee": 100, "charges": "deducted"
    });
    let tiny = json!({
        "approved_amount": "20000.00", "min_amount": "0.01", "interest_rate": 6.5, "installments": 55
    });
    let (amount, count) = ("requested_amount", "installment_count");
    for (offer, requested, installments, code, param) in [
        (half, "10000.00", 1, "unpriceable", amount),
        (all, "10000.00", 1, "amount_out_of_range", amount),
        (tiny.clone(), "5.00", 55, "amount_out_of_range", amount),
        (terms(7.0, 60), "10000.00", 60, "installments_out_of_range", count),
        (terms(10.0, 42), "10000.00", 42, "installments_out_of_range", count),
        (terms(15.0, 30), "10000.00", 30, "installments_out_of_range", count),
        (terms(100.0, 1000), "10000.00", 1000, "installments_out_of_range", count),
    ] {
        app.let_seconds_pass(1).await;
        let id = offered(&partner, &operator, &customer, offer.clone()).await;
        let body = json!({"requested_amount": requested, "installment_count": installments});
        let path = format!("/v3/credit-offers/{id}/simulations");
        let refused = partner.post(&path, &body).await.expect_problem(422, code);
        assert_eq!(refused.body["param"], param, "{offer}");
        let body = json!({
            "requested_amount": requested.parse::<f64>().unwrap(), "installment_count": installments
        });
        let path = format!("/api{path}");
        assert_eq!(partner.post(&path, &body).await.status.as_u16(), 422, "{offer}");
    }
    let id = offered(&partner, &operator, &customer, tiny).await;
    partner.simulation(&id, "1000.00", 55).await;
}

#[tokio::test]
async fn a_contract_prints_every_digit_of_its_rates() {
    let (_, partner, operator) = TestApp::with_operator().await;
    let customer = active(&partner, &registration(529_982_247, "no_offer+never_signs")).await;
    let mut offer = terms(2.345_678, 12);
    offer["service_fee"] = json!(1.234_567);
    let offer = offered(&partner, &operator, &customer, offer).await;
    let shown = partner.get(&format!("/v3/credit-offers/{offer}")).await.expect(200).body;
    assert_eq!(shown["interest_rate"].to_string(), "2.345678");
    let body = partner.simulation(&offer, "10000.00", 12).await;
    let loan = partner.post("/v3/loans", &body).await.expect(201).id();
    let Some(text) = contract_text(&partner, &loan).await else { return };
    let elements = [
        "Taxa de juros efetiva ao mês 2,345678 %",
        "Os juros remuneratórios são de 2,345678 % ao mês",
        "(1,234567 % do valor solicitado)",
        "IOF de 0,00274 % ao dia",
        "multa de 2,00 %",
    ];
    assert_prints(&text, &elements);
}

#[tokio::test]
async fn a_payment_above_the_debt_needs_a_confirmation() {
    let (app, partner, operator) = TestApp::with_operator().await;
    let loan = partner.loan(529_982_247, "no_matter").await.id();
    app.let_seconds_pass(5).await;
    let quote = operator.get(&format!("/loans/{loan}/payoff-quote")).await.expect(200).body;
    let ledger = operator.get(&format!("/loans/{loan}/ledger")).await.expect(200).body;
    // On the day of the disbursement a payoff is the principal in the ledger.
    let receivable = ledger["balances"].as_array().unwrap().iter();
    let receivable = receivable.clone().find(|balance| balance["account"] == "principal_receivable").unwrap();
    assert_eq!(quote["amount"], receivable["amount"]);

    let path = format!("/loans/{loan}/payments");
    let today = app.clock.now().unmoved().business_date().to_string();
    let payment = |amount: &str, kind: &str, confirmed: Value| {
        json!({
            "reference": "E1", "amount": amount, "paid_on": today, "kind": kind, "confirm_overpayment": confirmed
        })
    };
    for kind in ["installments", "payoff"] {
        let typo = payment("999999999.99", kind, Value::Null);
        operator.post(&path, &typo).await.expect_problem_of("amount", 422, "overpayment_not_confirmed");
    }
    operator
        .post(&path, &payment("1.00", "payoff", json!("yes")))
        .await
        .expect_problem(422, "invalid_format");
    let unchanged = operator.get(&format!("/loans/{loan}/ledger")).await.expect(200).body;
    assert_eq!(unchanged["balances"], ledger["balances"]);
    operator.post(&path, &payment("999999999.99", "payoff", json!(true))).await.expect(201);
    assert_eq!(partner.get(&format!("/v3/loans/{loan}")).await.body["status"], "finished");
    // The default limit is R$ 100.00. A payment on the last day is a credit up to that amount. It counts before the
    // payoff, which then needs less. So a payment slightly above the limit still leaves a smaller excess.
    let mut late = payment("100.00", "installments", Value::Null);
    late["reference"] = json!("E2");
    operator.post(&path, &late).await.expect(201);
    late["reference"] = json!("E3");
    late["amount"] = json!("150.00");
    operator.post(&path, &late).await.expect_problem(422, "overpayment_not_confirmed");
    app.check_ledger().await;
}
