//! The destination of the money: the first signature freezes it, and later only the borrower can change it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::operator::Operator;
use crate::support::{Partner, TestApp};

const PROBLEM: &str = "application/problem+json";

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.bytes.clone()).unwrap()
}

fn account(number: &str) -> Value {
    json!({"bank_account":
        {"bank_id": "001", "branch": "1234", "number": number, "digit": "1", "kind": "checking"}})
}

/// A customer with an account and a signed loan. The autopilot does not disburse it.
struct Signed {
    partner: Partner,
    operator: Operator,
    account: String,
    customer: String,
    loan: String,
}

impl Signed {
    async fn loan(app: &TestApp) -> Self {
        let (partner, operator) = (app.partner().await, Operator::of(app).await);
        let loan = partner.loan(529_982_247, "never_signs").await;
        let customer = loan.body["customer_id"].as_str().unwrap().to_owned();
        let path = format!("/api/v3/customers/{customer}/bank-account");
        partner.post(&path, &account("567890")).await.expect(200);
        partner.sign_all(&loan.id()).await;
        Signed { partner, operator, account: path, customer, loan: loan.id() }
    }

    /// The customer's account number.
    async fn number(&self) -> Value {
        self.partner.get(&self.account).await.expect(200).body["number"].clone()
    }

    async fn destination(&self) -> Value {
        let loan = self.operator.get(&format!("/loans/{}", self.loan)).await.expect(200).body;
        loan["destination"]["account"].clone()
    }

    /// Requests a change to this account. Returns the link and the code that the customer receives.
    async fn request(&self, number: &str) -> (String, String) {
        self.partner.post(&self.account, &account(number)).await.expect(202);
        self.mail().await
    }

    /// The link and the code of the newest e-mail that requests a confirmation of an account.
    async fn mail(&self) -> (String, String) {
        let mails = self.partner.mails().await;
        let code =
            |subject: &str| subject.strip_prefix("Seu código para trocar de conta: ").map(str::to_owned);
        let (mail, code) =
            mails.iter().find_map(|mail| Some((mail, code(&mail.subject)?))).expect("an e-mail");
        let link = mail.text.lines().find(|line| line.starts_with("https://dinie.test/account/")).unwrap();
        (link.trim_start_matches("https://dinie.test").to_owned(), code)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_signature_another_account_needs_the_borrowers_code() {
    for app in TestApp::on_each_engine().await {
        let signed = Signed::loan(&app).await;
        assert_eq!(signed.destination().await, "567890-1", "the signature freezes the account");
        let asked = signed.partner.post(&signed.account, &account("666666")).await.expect(202).body;
        assert_eq!((&asked["number"], &asked["confirmation"]), (&json!("666666"), &json!("pending")));
        assert_eq!((signed.number().await, signed.destination().await), (json!("567890"), json!("567890-1")));
        let mails = signed.partner.mails().await.len();
        signed.partner.post(&signed.account, &account("666666")).await.expect(202);
        assert_eq!(
            signed.partner.mails().await.len(),
            mails,
            "a repeated request for the same change sends no e-mail"
        );

        let (link, code) = signed.mail().await;
        let page = text(&app.get(&link).await.expect(200));
        assert!(
            page.contains("567890-1") && page.contains("666666-1") && page.contains("lang=\"en\""),
            "{page}"
        );
        let wrong = if code == "000000" { "000001" } else { "000000" };
        app.press_as(&link, &format!("code={wrong}"), PROBLEM).await.expect_problem(401, "invalid_code");
        assert!(text(&app.press(&link, "code=").await.expect(401)).contains("Tentativas restantes: 3"));
        assert_eq!(signed.number().await, "567890");
        let confirmed = app.press(&link, &format!("code={}-{}", &code[..3], &code[3..])).await.expect(200);
        assert!(text(&confirmed).contains("Conta trocada"));
        assert_eq!((signed.number().await, signed.destination().await), (json!("666666"), json!("666666-1")));
        app.press_as(&link, &format!("code={code}"), PROBLEM).await.expect_problem(409, "invalid_state");
        assert_eq!(signed.partner.mails().await[0].subject, "Sua conta foi trocada");

        let path = format!("/loans/{}/disbursement", signed.loan);
        let ordered = signed.operator.act(&path).await.expect(200).body;
        assert_eq!(ordered["destination"]["account"], "666666-1");
        // The disbursement order keeps its account. A later confirmed account is for the next loan.
        signed.partner.post(&signed.account, &account("777777")).await.expect(202);
        let (link, code) = signed.mail().await;
        app.press(&link, &format!("code={code}")).await.expect(200);
        assert_eq!((signed.number().await, signed.destination().await), (json!("777777"), json!("666666-1")));
        signed.operator.act(&format!("{path}/confirm")).await.expect(200);
        signed.partner.post(&signed.account, &account("888888")).await.expect(202);
        assert_eq!(
            signed.number().await,
            "777777",
            "only the borrower changes the account, also after the disbursement"
        );
    }
}

/// The borrower may confirm another account while the order is at the bank, or after the bank returned it.
#[tokio::test(flavor = "multi_thread")]
async fn a_returned_disbursement_is_paid_again_to_the_account_that_the_borrower_confirmed_last() {
    for app in TestApp::on_each_engine().await {
        let signed = Signed::loan(&app).await;
        let (path, operator) = (format!("/loans/{}/disbursement", signed.loan), &signed.operator);
        operator.act(&path).await.expect(200);
        let change = async |number: &str| {
            app.clock.advance(Duration::from_secs(20));
            let (link, code) = signed.request(number).await;
            assert_ne!(signed.number().await, number, "a partner's token alone moves no money");
            app.press(&link, &format!("code={code}")).await.expect(200);
        };
        let fail = async || {
            let bounced = json!({ "message": "conta encerrada" });
            operator.post(&format!("{path}/fail"), &bounced).await.expect(200)
        };
        change("666666").await;
        assert_eq!(signed.destination().await, "567890-1", "an ordered disbursement keeps its account");
        let failed = fail().await.body;
        assert_eq!(
            failed["destination"]["account"], "666666-1",
            "the next order goes to the present account"
        );
        change("777777").await;
        let again = operator.act(&format!("{path}/again")).await.expect(200).body;
        assert_eq!(again["destination"]["account"], "777777-1");
        assert_eq!((&again["status"], &again["disbursement_attempts"]), (&json!("disbursing"), &json!(2)));
        fail().await;
        operator.act(&format!("/loans/{}/cancel", signed.loan)).await.expect(200);
        operator.act(&format!("{path}/again")).await.expect_problem(409, "invalid_state");
        signed.partner.post(&signed.account, &account("888888")).await.expect(200);
    }
}

#[tokio::test]
async fn the_code_does_not_go_to_a_changed_address() {
    let app = TestApp::new().await;
    let signed = Signed::loan(&app).await;
    let path = format!("/v3/customers/{}", signed.customer);
    signed.partner.patch(&path, &json!({"email": "thief@example.org"})).await.expect(200);
    signed.partner.post(&signed.account, &account("666666")).await.expect(202);
    let mails = signed.partner.mails().await;
    assert!(mails[0].subject.starts_with("Seu código para trocar de conta"));
    assert_eq!(
        mails[0].to.as_str(),
        "ana+never_signs@example.com",
        "the e-mail goes to the address of the signature"
    );
    // The same applies to a first account: without one, the money goes to the Pix key of the CNPJ.
    let other = signed.partner.loan(111_444_777, "never_signs").await;
    signed.partner.sign_all(&other.id()).await;
    let account_of_other =
        format!("/api/v3/customers/{}/bank-account", other.body["customer_id"].as_str().unwrap());
    signed.partner.post(&account_of_other, &account("666666")).await.expect(202);
    signed.partner.get(&account_of_other).await.expect_problem(404, "resource_not_found");
}

#[tokio::test]
async fn a_change_can_be_withdrawn_replaced_and_expires() {
    let app = TestApp::new().await;
    let signed = Signed::loan(&app).await;
    let (first, code) = signed.request("666666").await;
    // If the present account is given again, the change is withdrawn.
    signed.partner.post(&signed.account, &account("567890")).await.expect(200);
    assert!(text(&app.get(&first).await.expect(410)).contains("Nada mudou"));
    app.press_as(&first, &format!("code={code}"), PROBLEM).await.expect_problem(409, "invalid_state");
    app.press_as(&format!("{first}/code"), "", PROBLEM).await.expect_problem(409, "invalid_state");

    app.clock.advance(Duration::from_secs(20));
    let (second, old) = signed.request("666666").await;
    app.get(&first).await.expect(404);
    app.press_as(&format!("{second}/code"), "", PROBLEM).await.expect_problem(429, "rate_limit_exceeded");
    app.clock.advance(Duration::from_secs(601));
    app.press_as(&second, &format!("code={old}"), PROBLEM).await.expect_problem(401, "invalid_code");
    assert!(text(&app.press(&format!("{second}/code"), "").await.expect(200)).contains("Código enviado"));
    let (same, fresh) = signed.mail().await;
    assert_eq!(same, second);

    // Another change replaces the pending one. It has a new link and a new code.
    app.clock.advance(Duration::from_secs(20));
    signed.partner.post(&signed.account, &account("777777")).await.expect(202);
    app.press_as(&second, &format!("code={fresh}"), PROBLEM).await.expect_problem(404, "resource_not_found");
    app.get("/account/nothing").await.expect(404);
    let (third, _) = signed.mail().await;
    app.clock.advance(Duration::from_secs(86_400));
    assert!(text(&app.get(&third).await.expect(410)).contains("prazo"));
    app.press_as(&format!("{third}/code"), "", PROBLEM).await.expect_problem(409, "invalid_state");
    let renewed = signed.partner.renewed().await;
    assert_eq!(renewed.get(&signed.account).await.expect(200).body["number"], "567890");
    renewed.post(&signed.account, &account("777777")).await.expect(202);
}

#[tokio::test]
async fn wrong_codes_lock_a_change_and_new_codes_are_limited() {
    let app = TestApp::new().await;
    let signed = Signed::loan(&app).await;
    let (link, code) = signed.request("666666").await;
    let wrong = if code == "000000" { "code=000001" } else { "code=000000" };
    for _ in 0..4 {
        app.press_as(&link, wrong, PROBLEM).await.expect_problem(401, "invalid_code");
    }
    let locked = app.press_as(&link, wrong, PROBLEM).await.expect_problem(429, "rate_limit_exceeded");
    assert_eq!(locked.header("retry-after"), Some("900"));
    assert!(text(&app.press(&link, &format!("code={code}")).await.expect(429)).contains("15 minutos"));
    // The limit is ten e-mails an hour for all accounts together.
    let (mut sent, mut refused) = (1, None);
    for number in 0..20 {
        let body = account(&format!("70000{number}"));
        let answer = signed.partner.post(&signed.account, &body).await;
        if answer.status == 429 {
            refused = Some(answer.expect_problem(429, "rate_limit_exceeded"));
            break;
        }
        answer.expect(202);
        sent += 1;
    }
    assert_eq!(sent, 10);
    assert_eq!(refused.unwrap().header("retry-after"), Some("3600"));
    assert_eq!(signed.number().await, "567890");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_confirmations_at_once_change_the_account_once() {
    for app in TestApp::on_each_engine().await {
        let signed = Signed::loan(&app).await;
        signed.partner.post(&signed.account, &account("666666")).await.expect(202);
        let (link, code) = signed.mail().await;
        let form = format!("code={code}");
        let pressed = futures::future::join_all((0..6).map(|_| app.press_as(&link, &form, PROBLEM))).await;
        assert_eq!(pressed.iter().filter(|answer| answer.status == 200).count(), 1);
        assert_eq!(signed.number().await, "666666");
        let mails = signed.partner.mails().await;
        assert_eq!(mails.iter().filter(|mail| mail.subject == "Sua conta foi trocada").count(), 1);
    }
}

#[tokio::test]
async fn a_signature_is_valid_only_for_the_destination_that_the_page_showed() {
    let (app, partner) = TestApp::with_partner().await;
    let loan = partner.loan(529_982_247, "never_signs").await;
    let path = partner.signing_paths(&loan.id()).await.remove(0);
    let mark = |page: &str| {
        let (_, rest) = page.split_once("name=\"destination\" value=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    let page = text(&app.get(&path).await.expect(200));
    assert!(page.contains("chave Pix do CNPJ 11.222.333/0001-81"), "{page}");
    let shown = mark(&page);
    let customer = loan.body["customer_id"].as_str().unwrap();
    let account_path = format!("/api/v3/customers/{customer}/bank-account");
    partner.post(&account_path, &account("666666")).await.expect(200);
    app.press(&format!("{path}/code"), "").await.expect(200);
    let code = partner.newest_code().await;
    let old = format!("code={code}&consent=yes&destination={shown}");
    app.press_as(&path, &old, PROBLEM).await.expect_problem(409, "invalid_state");
    let page = text(&app.press(&path, &old).await.expect(409));
    assert!(
        page.contains("O destino do dinheiro mudou") && page.contains("conta corrente 666666-1"),
        "{page}"
    );
    let seen = format!("code={code}&consent=yes&destination={}", mark(&page));
    assert!(text(&app.press(&path, &seen).await.expect(200)).contains("Contrato assinado"));
    partner.post(&account_path, &account("567890")).await.expect(202);
}

#[tokio::test]
async fn the_first_signature_freezes_the_destination_for_all_signers() {
    let (app, partner) = TestApp::with_partner().await;
    let loan = partner.loan_with_co_owner(529_982_247).await;
    let customer = loan.body["customer_id"].as_str().unwrap();
    let account_path = format!("/api/v3/customers/{customer}/bank-account");
    partner.post(&account_path, &account("567890")).await.expect(200);
    let paths = partner.signing_paths(&loan.id()).await;
    app.press(&format!("{}/code", paths[0]), "").await.expect(200);
    app.press(&paths[0], &format!("code={}&consent=yes", partner.newest_code().await)).await.expect(200);
    partner.post(&account_path, &account("666666")).await.expect(202);
    assert!(text(&app.get(&paths[1]).await.expect(200)).contains("conta corrente 567890-1"));
}
