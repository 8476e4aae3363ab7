//! The pages of loans in the console: what they show, and the decisions that they make.

use std::time::Duration;

use domain::access::FourEyes;
use serde_json::{Value, json};

use crate::console::Person;
use crate::operator::Operator;
use crate::support::{Partner, Setup, TestApp};

/// The text of a page.
pub(crate) async fn text(person: &Person, path: &str) -> String {
    String::from_utf8(person.page(path).await.expect(200).bytes).unwrap()
}

/// A person with this role and another of the same role.
async fn two(app: &TestApp, role: &str) -> [Person; 2] {
    [
        Person::with_roles(app, role.parse().unwrap()).await,
        Person::with_roles(app, role.parse().unwrap()).await,
    ]
}

/// An active loan of a customer.
async fn active(partner: &Partner) -> String {
    let loan = partner.loan(529_982_247, "no_matter").await.id();
    partner.app.let_seconds_pass(5).await;
    loan
}

async fn shown(app: &TestApp, loan: &str) -> Value {
    Operator::of(app).await.get(&format!("/loans/{loan}")).await.expect(200).body
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_loan_has_every_part_and_only_those_of_its_reader() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let loan = active(&partner).await;
        let path = format!("/console/loans/{loan}");
        let [treasurer, _] = two(&app, "treasury").await;
        let page = text(&treasurer, &path).await;
        for words in ["<svg class=\"chart", "Saldo no tempo", "Códigos Pix", "Quitar hoje", "CCB-", "1 de 1"]
        {
            assert!(page.contains(words), "{words}: {page}");
        }
        let listed = text(&treasurer, "/console/loans?status=active").await;
        assert!(listed.contains(&path) && listed.contains("Ativo"), "{listed}");
        assert!(!text(&treasurer, "/console/loans?status=cancelled").await.contains(&path));
        let ledger = text(&treasurer, &format!("{path}?tab=ledger")).await;
        assert!(ledger.contains("Desembolso") && ledger.contains("débitos e créditos iguais"), "{ledger}");
        assert!(text(&treasurer, &format!("{path}?tab=payments")).await.contains("Nenhum pagamento"));
        let auditor = Person::with_roles(&app, "auditor".parse().unwrap()).await;
        for part in ["contract", "mails", "timeline", "notes", "payments", "ledger", "schedule"] {
            auditor.page(&format!("{path}?tab={part}")).await.expect(200);
        }
        let contract = text(&auditor, &format!("{path}?tab=contract")).await;
        assert!(contract.contains("assinado pela sandbox") && contract.contains("<iframe"), "{contract}");
        let pdf = auditor.page(&format!("{path}/contract.pdf?copy=signed")).await.expect(200);
        assert!(pdf.bytes.starts_with(b"%PDF"));
        assert_eq!(pdf.header("cache-control"), Some("no-store"));
        assert_eq!(pdf.header("x-content-type-options"), Some("nosniff"));
        let policy = pdf.header("content-security-policy").unwrap();
        assert!(policy.contains("sandbox") && policy.contains("frame-ancestors 'self'"), "{policy}");
        assert!(text(&auditor, &path).await.contains("O seu papel não permite."));
        auditor.page("/console/loans/ln_0190f3b4c5d67e8f90a1b2c3d4e5f607").await.expect(404);
        auditor.page(&format!("{path}?tab=payments&after=x")).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_calculator_and_the_figures_are_those_of_the_operator_api() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let loan = active(&partner).await;
    app.clock.advance(Duration::from_secs(45 * 86_400));
    let [treasurer, _] = two(&app, "treasury").await;
    let day = app.clock.now().unmoved().business_date().checked_add(jiff::Span::new().days(20)).unwrap();
    let operator = Operator::of(&app).await;
    let quote = operator.get(&format!("/loans/{loan}/payoff-quote?date={day}")).await.expect(200).body;
    let amount = domain::money::Cents::parse(quote["amount"].as_str().unwrap()).unwrap();
    let written = domain::written::money(amount).replace("R$\u{a0}", "");
    let page = text(&treasurer, &format!("/console/loans/{loan}?day={day}")).await;
    assert!(page.contains(&written), "{written}: {page}");
    assert!(page.contains("dias") && page.contains("data-late"), "an installment is overdue: {page}");
    let page = text(&treasurer, &format!("/console/loans/{loan}?day=2000-01-01")).await;
    assert!(page.contains("Escolha um dia"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_asked_about_in_words_and_recorded_once() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let loan = active(&partner).await;
        let [treasurer, _] = two(&app, "treasury").await;
        let path = format!("/console/loans/{loan}");
        let form = text(&treasurer, &format!("{path}/ask/payment")).await;
        assert!(form.contains("Registrar um pagamento de"), "{form}");
        let today = app.clock.now().unmoved().business_date();
        let figures = format!("amount=100%2C00&paid_on={today}&reference=E123&kind=installments");
        let records = async |form: &str| treasurer.press(&format!("{path}/payments"), form).await;
        for wrong in [
            "amount=&paid_on=&reference=".to_owned(),
            format!("amount=1%2C2&paid_on={today}&reference=E1"),
            format!("amount=-1%2C00&paid_on={today}&reference=E1"),
            "amount=1%2C00&paid_on=2000-01-01&reference=E1&sure=1".to_owned(),
        ] {
            records(&wrong).await.expect(422);
        }
        let asked = String::from_utf8(records(&figures).await.expect(200).bytes).unwrap();
        assert!(asked.contains("Registrar R$\u{a0}100,00 pagos por"), "{asked}");
        assert!(text(&treasurer, &format!("{path}?tab=payments")).await.contains("Nenhum pagamento"));
        for _ in 0..3 {
            records(&format!("{figures}&sure=1")).await.expect(303);
        }
        let listed = text(&treasurer, &format!("{path}?tab=payments")).await;
        assert_eq!(
            listed.matches("E123</span>").count(),
            2,
            "one row, and the words of its button: {listed}"
        );
        let other = figures.replace("100%2C00", "101%2C00");
        records(&format!("{other}&sure=1")).await.expect(422);
        let much = format!("amount=1.000.000%2C00&paid_on={today}&reference=E9&sure=1");
        let refused = String::from_utf8(records(&much).await.expect(422).bytes).unwrap();
        assert!(refused.contains("O valor entrou mesmo"), "{refused}");
        app.check_ledger().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disbursement_and_a_reversal_of_the_console_need_two_people() {
    let setup = Setup { four_eyes: FourEyes::Required, ..Setup::default() };
    for app in TestApp::on_each_engine_with(setup).await {
        let partner = app.partner().await;
        let [davi, helena] = two(&app, "treasury").await;
        let loan = partner.loan(529_982_247, "never_signs").await.id();
        partner.sign_all(&loan).await;
        let path = format!("/console/loans/{loan}");
        let asked = text(&davi, &format!("{path}/ask/disbursement")).await;
        assert!(asked.contains("Desembolsar R$") && asked.contains("Propor desembolso de"), "{asked}");
        davi.press(&format!("{path}/disbursement"), "").await.expect(303);
        assert_eq!(shown(&app, &loan).await["status"], "signed");
        let page = text(&davi, &path).await;
        let proposal = page.split("/console/proposals/").nth(1).expect("a link to the proposal");
        let proposal: domain::id::ProposalId = proposal.split('"').next().unwrap().parse().unwrap();
        let again = davi.press(&format!("{path}/disbursement"), "").await.expect(303);
        assert_eq!(again.header("location"), Some(&*format!("/console/proposals/{proposal}")));
        let second = Operator::with_roles(&app, "treasury".parse().unwrap()).await;
        second.act(&format!("/proposals/{proposal}/approve")).await.expect(200);
        assert_eq!(shown(&app, &loan).await["status"], "disbursing");
        let fail = format!("{path}/disbursement/fail");
        helena.press(&fail, "reason=").await.expect(422);
        helena.press(&format!("{path}/disbursement/confirm"), "").await.expect(303);
        let late = helena.press(&fail, "reason=devolvido").await.expect(409);
        assert!(String::from_utf8(late.bytes).unwrap().contains("Nada foi feito."));
        assert_eq!(shown(&app, &loan).await["status"], "active");

        let today = app.clock.now().unmoved().business_date().to_string();
        let paid = json!({"reference": "E0", "amount": "10.00", "paid_on": today});
        let payment =
            Operator::of(&app).await.post(&format!("/loans/{loan}/payments"), &paid).await.expect(201).id();
        let asked = text(&davi, &format!("/console/payments/{payment}/reverse")).await;
        assert!(asked.contains("Estornar o pagamento de R$\u{a0}10,00"), "{asked}");
        let proposed = davi.press(&format!("/console/payments/{payment}/reverse"), "").await.expect(303);
        assert!(proposed.header("location").unwrap().starts_with("/console/proposals/"));
        let payments = text(&davi, &format!("{path}?tab=payments")).await;
        assert!(payments.contains("Vale") && !payments.contains("Estornado"), "{payments}");
        app.check_ledger().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_before_the_disbursement_are_asked_about_and_blocked_ones_have_a_reason() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let loan = partner.loan(529_982_247, "never_signs").await.id();
    let path = format!("/console/loans/{loan}");
    let admin = Person::with_roles(&app, app.state.config.roles.names()).await;
    let page = text(&admin, &path).await;
    assert!(
        page.contains("Só de um contrato que todos assinaram.") && page.contains("/ask/cancel"),
        "{page}"
    );
    assert!(text(&admin, &format!("{path}/ask/invitations")).await.contains("Escrever de novo"));
    let before = partner.mails().await.len();
    admin.press(&format!("{path}/invitations"), "").await.expect(303);
    assert!(partner.mails().await.len() > before);
    admin.page(&format!("{path}/ask/disbursement")).await.expect(409);
    admin.press(&format!("{path}/disbursement"), "").await.expect(409);
    assert!(text(&admin, &format!("{path}/ask/cancel")).await.contains("Cancelar o empréstimo de R$"));
    admin.press(&format!("{path}/cancel"), "").await.expect(303);
    admin.press(&format!("{path}/cancel"), "").await.expect(409);
    let page = text(&admin, &path).await;
    assert!(page.contains("Cancelado") && page.contains("data-failed"), "{page}");

    admin.press(&format!("{path}/notes"), "text=+prometeu%0A+pagar+").await.expect(303);
    admin.press(&format!("{path}/notes"), "text=+").await.expect(303);
    let notes = text(&admin, &format!("{path}?tab=notes")).await;
    assert!(notes.contains("prometeu pagar") && notes.matches("/strike").count() == 1, "{notes}");
    let strike = notes.split("action=\"").find(|part| part.contains("/strike\"")).unwrap();
    let strike = strike.split('"').next().unwrap().to_owned();
    let other = Person::with_roles(&app, app.state.config.roles.names()).await;
    other.press(&strike, "").await.expect(409);
    admin.press(&strike, "").await.expect(303);
    assert!(text(&admin, &format!("{path}?tab=notes")).await.contains("<del>prometeu pagar</del>"));
    let history = text(&admin, &format!("{path}?tab=timeline")).await;
    for words in ["Empréstimo pedido", "Cancelado", "Anotação de Helena Couto", "Assine a CCB-"] {
        assert!(history.contains(words), "{words}: {history}");
    }
}
