//! What customers pay with: the payment page, its Pix codes, and the charges behind them.

use serde_json::json;

use crate::support::{Answer, Partner, Setup, TestApp};

fn shown(answer: &Answer) -> String {
    String::from_utf8(answer.bytes.clone()).unwrap()
}

/// The path of the payment page, as the letter to the customer brings it.
async fn payment_path(partner: &Partner<'_>) -> String {
    let letters = partner.letters().await;
    let letter = letters.iter().find(|letter| letter.subject.starts_with("Seu dinheiro chegou")).unwrap();
    let line = letter.text.lines().find(|line| line.contains("/pay/")).unwrap();
    line.trim_start_matches("https://dinie.test").to_owned()
}

/// The code on a page.
fn code_on(page: &str) -> String {
    page.split_once("readonly rows=\"5\">").unwrap().1.split_once('<').unwrap().0.to_owned()
}

/// The path of the charge that a code leads to.
fn charge_of(code: &str) -> String {
    let (_, rest) = code.split_once("dinie.test").unwrap();
    rest[.."/pix/".len() + 33].to_owned()
}

async fn let_days_pass(partner: &Partner<'_>, days: u32) {
    partner.post("/sandbox/clock/advance", &json!({"days": days})).await.expect(200);
}

#[tokio::test]
async fn a_code_is_paid_once_and_changes_with_the_amount_due() {
    for app in [Some(TestApp::new().await), TestApp::on_postgres().await].into_iter().flatten() {
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
        assert_eq!(charge.body["devedor"]["cpf"], "52998224725");
        assert!(code.contains(charge.body["txid"].as_str().unwrap()));
        let qr = app.get(&format!("{path}/1/qr.svg")).await.expect(200);
        assert_eq!(qr.header("content-type"), Some("image/svg+xml"));

        // The same day the same code; late, another one every day.
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

        // Paid as a customer pays it, twice: one payment.
        let before = code_on(&shown(&app.get(&path).await));
        let first = format!("{path}/1");
        assert!(shown(&app.press(&first, "").await.expect(200)).contains("Pagamento recebido"));
        app.press(&first, "").await.expect(200);
        app.get(&charge_of(&before)).await.expect_problem(409, "invalid_state");
        let transactions = partner.get(&format!("/v3/loans/{}/transactions", loan.id())).await.expect(200);
        let statuses: Vec<_> =
            transactions.body["data"].as_array().unwrap().iter().map(|t| &t["status"]).collect();
        assert_eq!(statuses.iter().filter(|status| **status == "paid").count(), 1, "{statuses:?}");
        let page = shown(&app.get(&path).await.expect(200));
        assert_eq!(page.matches(">Paga<").count(), 1);
        app.get(&format!("{path}/1/qr.svg")).await.expect(404);
    }
}

#[tokio::test]
async fn links_and_charges_cannot_be_made_up() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
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
    for strange in ["99", "99999999", "x"] {
        app.press(&format!("{path}/{strange}"), "").await.expect(404);
        app.get(&format!("{path}/{strange}/qr.svg")).await.expect(404);
        app.get(&format!("{path}/{strange}")).await.expect(200);
    }
}

#[tokio::test]
async fn nobody_pretends_to_pay_in_production_nor_reads_its_letters() {
    let setup = Setup { environment: domain::credential::Environment::Production, ..Setup::default() };
    let app = TestApp::with(setup).await;
    app.press("/pay/x/1", "").await.expect(405);
    app.get("/sandbox/mailbox?address=ana@example.com").await.expect_problem(404, "route_not_found");
    app.get("/sandbox/mails").await.expect_problem(404, "route_not_found");
}

#[tokio::test]
async fn the_sandbox_shows_the_letters_that_it_does_not_send() {
    let app = TestApp::new().await;
    let (partner, other) = (app.partner().await, app.partner().await);
    let loan = partner.loan(529_982_247, "never_signs").await;
    let letters = partner.get("/sandbox/mails").await.expect(200);
    let text = letters.body["data"][0]["text"].as_str().unwrap();
    assert!(text.contains(loan.body["signing_url"].as_str().unwrap()), "{text}");
    assert_eq!(other.get("/sandbox/mails").await.expect(200).body["data"], json!([]));
    let address = letters.body["data"][0]["to"].as_str().unwrap().replace('+', "%2B");
    let page = shown(&app.get(&format!("/sandbox/mailbox?address={address}")).await.expect(200));
    assert!(page.contains(loan.body["signing_url"].as_str().unwrap()));
    assert!(
        shown(&app.get("/sandbox/mailbox?address=b@example.com").await.expect(200))
            .contains("Nenhuma mensagem")
    );
    app.get("/sandbox/mails").await.expect_problem(401, "missing_token");
}
