//! Payments by customers: the payment page, its Pix codes and their charges.

use serde_json::json;

use crate::answer::Answer;
use crate::support::{Partner, Setup, TestApp};

fn shown(answer: &Answer) -> String {
    String::from_utf8(answer.bytes.clone()).unwrap()
}

/// The path of the payment page, from the e-mail to the customer.
async fn payment_path(partner: &Partner) -> String {
    let mails = partner.mails().await;
    let mail = mails.iter().find(|mail| mail.subject.starts_with("Seu dinheiro chegou")).unwrap();
    let line = mail.text.lines().find(|line| line.contains("/pay/")).unwrap();
    line.trim_start_matches("https://dinie.test").to_owned()
}

/// The BR Code on a page.
fn code_on(page: &str) -> String {
    page.split_once("readonly rows=\"5\">").unwrap().1.split_once('<').unwrap().0.to_owned()
}

/// The path of a code's charge.
fn charge_of(code: &str) -> String {
    let (_, rest) = code.split_once("dinie.test").unwrap();
    rest[.."/pix/".len() + 33].to_owned()
}

async fn let_days_pass(partner: &Partner, days: u32) {
    partner.post("/sandbox/clock/advance", &json!({"days": days})).await.expect(200);
}

#[tokio::test]
async fn a_code_is_paid_once_and_changes_with_the_amount_due() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let loan = partner.loan(529_982_247, "no_matter").await;
        app.let_seconds_pass(4).await;
        let path = payment_path(&partner).await;
        let page = shown(&app.get(&path).await.expect(200));
        assert_eq!(page.matches("A vencer").count(), 12);
        let code = code_on(&page);
        assert!(code.starts_with("00020101021226") && code.contains("5303986"), "{code}");
        assert!(code.contains("5925DINIE SANDBOX SOCIEDADE D6009SAO PAULO"), "{code}");
        let charge = app.get(&charge_of(&code)).await.expect(200);
        assert_eq!(charge.body["valor"]["original"], loan.body["installments_value"]);
        assert_eq!(charge.body["status"], "ATIVA");
        assert_eq!(charge.body["devedor"]["cnpj"], "11222333000181");
        assert!(code.contains(charge.body["txid"].as_str().unwrap()));
        let qr = app.get(&format!("{path}/1/qr.svg")).await.expect(200);
        assert_eq!(qr.header("content-type"), Some("image/svg+xml"));

        // On one day the code stays the same. A late installment has another code every day.
        assert_eq!(code_on(&shown(&app.get(&path).await)), code);
        let_days_pass(&partner, 40).await;
        let late = shown(&app.get(&path).await.expect(200));
        assert!(late.contains("Em atraso há"), "{late}");
        let late_code = code_on(&late);
        assert_ne!(late_code, code);
        app.get(&charge_of(&code)).await.expect_problem(409, "invalid_state");
        let transactions = partner.get(&format!("/v3/loans/{}/transactions", loan.id())).await.expect(200);
        let due = &transactions.body["data"][0]["amount_remaining"];
        assert_eq!(&app.get(&charge_of(&late_code)).await.expect(200).body["valor"]["original"], due);
        let_days_pass(&partner, 1).await;
        app.get(&charge_of(&late_code)).await.expect_problem(409, "invalid_state");

        // The customer presses the button twice, and there is one payment.
        let pays = form_on(&shown(&app.get(&path).await));
        let before = code_on(&shown(&app.get(&path).await));
        assert!(shown(&app.press(&path, &pays).await.expect(200)).contains("Pagamento recebido"));
        assert!(!shown(&app.press(&path, &pays).await.expect(200)).contains("Pagamento recebido"));
        app.get(&charge_of(&before)).await.expect_problem(409, "invalid_state");
        let page = shown(&app.get(&path).await.expect(200));
        assert_eq!(page.matches(">Paga<").count(), 1);
        app.get(&format!("{path}/1/qr.svg")).await.expect(404);
        assert_eq!(payments_of(&app, &partner, &loan.id()).await.len(), 1);
    }
}

/// The form of the button that simulates a payment.
fn form_on(page: &str) -> String {
    format!("charge={}", page.split_once("name=\"charge\" value=\"").unwrap().1.split_once('"').unwrap().0)
}

async fn payments_of(app: &TestApp, partner: &Partner, loan: &str) -> Vec<store::payments::RecordedPayment> {
    let (tenant, id) = (partner.id, loan.parse().unwrap());
    let cursor = store::Cursor::first(domain::page::Limit::DEFAULT);
    let list = move |tx: &mut store::Tx<'_>| app::payments::list(tx, tenant, id, &cursor);
    app.state.store.read(list).await.unwrap().items
}

#[tokio::test]
async fn a_paid_code_cannot_be_paid_again_whichever_installment_received_the_money() {
    let (app, partner) = TestApp::with_partner().await;
    let loan = partner.loan(529_982_247, "no_matter").await.id();
    app.let_seconds_pass(4).await;
    let path = payment_path(&partner).await;
    // The code of the fifth installment pays the first one, and cannot be paid again.
    let fifth = shown(&app.get(&format!("{path}/5")).await.expect(200));
    assert!(shown(&app.press(&path, &form_on(&fifth)).await.expect(200)).contains("Pagamento recebido"));
    app.get(&charge_of(&code_on(&fifth))).await.expect_problem(409, "invalid_state");
    // After a reversal the page offers a new code, and a payment by it counts.
    let operator = crate::operator::Operator::of(&app).await;
    let paid = payments_of(&app, &partner, &loan).await.remove(0);
    operator.act(&format!("/payments/{}/reverse", paid.payment.id)).await.expect(200);
    let again = shown(&app.get(&path).await.expect(200));
    assert!(shown(&app.press(&path, &form_on(&again)).await.expect(200)).contains("Pagamento recebido"));
    assert_eq!(payments_of(&app, &partner, &loan).await.len(), 2);
    assert_eq!(shown(&app.get(&path).await).matches(">Paga<").count(), 1);
    // A reversed payment is not recorded again under its reference.
    let body = json!({
        "reference": paid.reference, "amount": paid.payment.amount.to_string(),
        "paid_on": app.clock.now().unmoved().business_date().to_string()
    });
    let refused = operator.post(&format!("/loans/{loan}/payments"), &body).await;
    refused.expect_problem_of("reference", 409, "invalid_state");
}

#[tokio::test]
async fn links_and_charges_cannot_be_guessed() {
    let (app, partner) = TestApp::with_partner().await;
    partner.loan(529_982_247, "no_matter").await;
    app.let_seconds_pass(4).await;
    let path = payment_path(&partner).await;
    let charge = charge_of(&code_on(&shown(&app.get(&path).await.expect(200))));
    let changed = |text: &str| {
        let last = if text.ends_with('A') { "B" } else { "A" };
        format!("{}{last}", &text[..text.len() - 1])
    };
    assert!(shown(&app.get(&changed(&path)).await.expect(404)).contains("Link inválido"));
    app.get(&changed(&charge)).await.expect_problem(409, "invalid_state");
    for unknown in ["/pix/x".to_owned(), format!("/pix/{}", "0".repeat(33))] {
        app.get(&unknown).await.expect_problem(404, "resource_not_found");
    }
    for unknown in
        ["/pay/x".to_owned(), format!("/pay/{}", "0".repeat(33)), format!("{}/1/qr.svg", changed(&path))]
    {
        app.get(&unknown).await.expect(404);
    }
    for form in ["", "charge=x", "charge="] {
        app.press(&path, form).await.expect(404);
    }
    for unreadable in ["/sign/%ff", "/pay/%ff", "/pix/%ff", "/sandbox/mailbox?address=a&address=b"] {
        app.get(unreadable).await.expect_problem(400, "invalid_request");
    }
    for strange in ["99", "99999999", "x"] {
        app.get(&format!("{path}/{strange}/qr.svg")).await.expect(404);
        app.get(&format!("{path}/{strange}")).await.expect(200);
    }
}

#[tokio::test]
async fn production_has_no_simulated_payments_and_shows_no_emails() {
    let setup = Setup { environment: domain::credential::Environment::Production, ..Setup::default() };
    let app = TestApp::with(setup).await;
    app.press("/pay/x", "charge=x").await.expect(405);
    app.get("/sandbox/mailbox?address=ana@example.com").await.expect_problem(404, "route_not_found");
    app.get("/sandbox/mails").await.expect_problem(404, "route_not_found");
}

#[tokio::test]
async fn the_sandbox_shows_emails_and_does_not_send_them() {
    let app = TestApp::new().await;
    let (partner, other) = (app.partner().await, app.partner().await);
    let loan = partner.loan(529_982_247, "never_signs").await;
    let mails = partner.get("/sandbox/mails").await.expect(200);
    let text = mails.body["data"][0]["text"].as_str().unwrap();
    assert!(text.contains(loan.body["signing_url"].as_str().unwrap()), "{text}");
    assert_eq!(other.get("/sandbox/mails").await.expect(200).body["data"], json!([]));
    let address = mails.body["data"][0]["to"].as_str().unwrap().replace('+', "%2B");
    let page = shown(&app.get(&format!("/sandbox/mailbox?address={address}")).await.expect(200));
    assert!(page.contains(loan.body["signing_url"].as_str().unwrap()));
    assert!(
        shown(&app.get("/sandbox/mailbox?address=b@example.com").await.expect(200))
            .contains("Nenhuma mensagem")
    );
    app.get("/sandbox/mails").await.expect_problem(401, "missing_token");
}
