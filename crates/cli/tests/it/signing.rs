//! The signatures of a contract: each signer's links and codes, evidence, the signed copy.

use std::time::Duration;

use store::contracts::Copy;

use crate::answer::Answer;
use crate::operator::Operator;
use crate::support::TestApp;

use crate::contract_files::{assert_prints, contract, flowed, pdf_text};

pub(crate) const PROBLEM: &str = "application/problem+json";

pub(crate) fn shown(answer: &Answer) -> String {
    String::from_utf8(answer.bytes.clone()).unwrap()
}

#[tokio::test]
async fn each_signer_signs_with_their_own_link_and_code_and_leaves_evidence() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let loan = partner.loan_with_co_owner(529_982_247).await;
        let paths = partner.signing_paths(&loan.id()).await;
        assert_eq!(paths.len(), 2);
        assert_eq!(format!("https://dinie.test{}", paths[0]), loan.body["signing_url"].as_str().unwrap());
        for (path, signer) in paths.iter().zip(["Ana Souza", "Maria Aparecida Souza"]) {
            let page = shown(&app.get(path).await.expect(200));
            assert!(page.contains(&format!("Eu, {signer}:")) && page.contains("R$\u{a0}10.000,00"), "{page}");
            assert_eq!(page.matches("<tr>").count(), 13, "a heading and twelve installments");
            assert!(!page.contains("ana+ltda"), "the page does not show the signer's address");
            let pdf = app.get(&format!("{path}/contract.pdf")).await.expect(200);
            assert_eq!(pdf.header("content-type"), Some("application/pdf"));
            let sent = app.press(&format!("{path}/code"), "").await.expect(200);
            assert!(shown(&sent).contains("Código enviado"));
            let code = partner.newest_code().await;
            let signed = app.press(path, &format!("code={code}&consent=yes")).await.expect(200);
            assert!(shown(&signed).contains("Contrato assinado"));
        }
        assert_eq!(partner.get(&format!("/v3/loans/{}", loan.id())).await.body["status"], "signed");

        assert_eq!(app.events_of("loan_signature_received").await, 2);
        assert_eq!(app.events_of("loan_signed").await, 1);

        let (tenant, id) = (partner.id, loan.id().parse().unwrap());
        let read = move |tx: &mut store::Tx<'_>| app::signing::evidence(tx, tenant, id);
        let evidence = app.state.store.read(read).await.unwrap();
        let issued = contract(&partner, &loan.id(), Copy::Issued).await.unwrap();
        assert_eq!(evidence.len(), 2);
        for signature in &evidence {
            assert_eq!(signature.document_sha256, issued.sha256);
            assert_eq!(signature.address, Some("198.51.100.7".parse().unwrap()));
            assert_eq!(signature.user_agent.as_deref(), Some("Navegador/1.0 (Teste)"));
            assert!(signature.consent.contains("CCB-2026-000001"));
        }
        let copy = contract(&partner, &loan.id(), Copy::Signed).await.unwrap();
        let offered = app.get(&format!("{}/contract.pdf", paths[1])).await.expect(200);
        assert_eq!(offered.bytes, copy.pdf, "the page offers the signed copy");
        let mails = partner.mails().await;
        let notices = mails.iter().filter(|mail| mail.subject == "CCB-2026-000001 assinada").count();
        assert_eq!(notices, 2, "each signer receives an e-mail about the signed copy");
        let (Some(issued_text), Some(text)) = (pdf_text(&issued.pdf), pdf_text(&copy.pdf)) else { continue };
        let text = flowed(&text);
        let body = flowed(&issued_text).replace("Página 1 de 2", "Página 1 de 3");
        for page in body.split("Cédula de Crédito Bancário nº").take(2) {
            assert!(text.contains(page.trim()), "the signed copy contains the contract as issued");
        }
        let elements = [
            "Página de assinaturas",
            &format!("SHA-256 do documento assinado {}", issued.sha256[..60].to_owned()),
            "Data e hora 15/01/2026 às 09:",
            "código de uso único enviado a ana+ltda+never_signs@example.com",
            "código de uso único enviado ao e-mail cadastrado da empresa, ana+ltda+never_signs@example.com",
            "Endereço de rede 198.51.100.7",
            "Programa Navegador/1.0 (Teste)",
            "Maria Aparecida Souza CPF 255.248.930-33",
        ];
        assert_prints(&text, &elements);
    }
}

#[tokio::test]
async fn the_evidence_has_the_signers_own_address_in_every_spelling_of_the_proxy() {
    let (app, partner, operator) = TestApp::with_operator().await;
    for (number, forwarded, address) in [
        (529_982_247, "203.0.113.9, 198.51.100.7:4711", Some("198.51.100.7")),
        (111_444_777, "[2001:db8::7]:4711", Some("2001:db8::7")),
        // The evidence must not have the proxy's address.
        (123_456_789, "unknown", None),
    ] {
        let loan = partner.loan(number, "never_signs").await.id();
        let path = partner.signing_paths(&loan).await.remove(0);
        app.press(&format!("{path}/code"), "").await.expect(200);
        let code = partner.newest_code().await;
        let request = axum::http::Request::post(&path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "text/html")
            .header("x-forwarded-for", forwarded);
        let form = format!("code={code}&consent=yes");
        app.send(request.body(axum::body::Body::from(form)).unwrap()).await.expect(200);
        let path = format!("/loans/{loan}/signatures");
        let evidence = operator.call(axum::http::Method::GET, &path, None, "").await.expect(200);
        assert_eq!(evidence.body["data"][0]["address"], serde_json::json!(address), "{forwarded}");
    }
}

#[tokio::test]
async fn wrong_signatures_are_reported_and_sign_nothing() {
    let (app, partner) = TestApp::with_partner().await;
    let loan = partner.loan(529_982_247, "never_signs").await.id();
    let other = partner.loan(111_444_777, "never_signs").await.id();
    let [path] = <[String; 1]>::try_from(partner.signing_paths(&loan).await).unwrap();
    let [other_path] = <[String; 1]>::try_from(partner.signing_paths(&other).await).unwrap();
    let give =
        async |path: &str, code: &str| app.press_as(path, &format!("code={code}&consent=yes"), PROBLEM).await;
    let status = async |loan: &str| partner.get(&format!("/v3/loans/{loan}")).await.body["status"].clone();

    give(&path, "123456").await.expect_problem(401, "invalid_code");
    app.press(&format!("{other_path}/code"), "").await.expect(200);
    let foreign = partner.newest_code().await;
    app.press(&format!("{path}/code"), "").await.expect(200);
    let soon = app.press_as(&format!("{path}/code"), "", PROBLEM).await;
    assert_eq!(soon.expect_problem(429, "rate_limit_exceeded").header("retry-after"), Some("20"));
    let code = partner.newest_code().await;
    let without = app.press_as(&path, &format!("code={code}"), PROBLEM).await;
    without.expect_problem(422, "missing_required_field");
    let page = app.press(&path, &format!("code={code}")).await.expect(422);
    assert!(shown(&page).contains("Marque que você leu"));
    if foreign != code {
        give(&path, &foreign).await.expect_problem(401, "invalid_code");
    }
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..3 {
        give(&path, wrong).await.expect_problem(401, "invalid_code");
    }
    let locked = give(&path, wrong).await.expect_problem(429, "rate_limit_exceeded");
    assert_eq!(locked.header("retry-after"), Some("900"));
    give(&path, &code).await.expect_problem(429, "rate_limit_exceeded");
    app.press_as(&format!("{path}/code"), "", PROBLEM).await.expect_problem(429, "rate_limit_exceeded");
    let page = app.press(&path, &format!("code={code}&consent=yes")).await.expect(429);
    assert!(shown(&page).contains("Tente de novo em 15 minutos"));
    assert_eq!(status(&loan).await, "awaiting_signatures");

    app.clock.advance(Duration::from_secs(900));
    let partner = partner.renewed().await;
    let status = async |loan: &str| partner.get(&format!("/v3/loans/{loan}")).await.body["status"].clone();
    give(&path, &code).await.expect_problem(401, "invalid_code");
    app.press(&format!("{path}/code"), "").await.expect(200);
    let code = partner.newest_code().await;
    app.press(&path, &format!("code={}-{}&consent=yes", &code[..3], &code[3..])).await.expect(200);
    assert_eq!(status(&loan).await, "signed");
    give(&path, &code).await.expect_problem(409, "invalid_state");
    app.press_as(&format!("{path}/code"), "", PROBLEM).await.expect_problem(409, "invalid_state");
    give("/sign/nothing", &code).await.expect_problem(404, "resource_not_found");

    app.press(&format!("{other_path}/code"), "").await.expect(200);
    let late = partner.newest_code().await;
    app.clock.advance(Duration::from_secs(8 * 86_400));
    give(&other_path, &late).await.expect_problem(409, "invalid_state");
    assert!(shown(&app.get(&other_path).await.expect(410)).contains("Contrato indisponível"));
    app.get(&format!("{other_path}/contract.pdf")).await.expect(404);
    assert_eq!(
        partner.renewed().await.get(&format!("/v3/loans/{other}")).await.body["status"],
        "awaiting_signatures"
    );
    app.let_seconds_pass(1).await;
    assert_eq!(partner.renewed().await.get(&format!("/v3/loans/{other}")).await.body["status"], "cancelled");
}

#[tokio::test]
async fn signing_links_are_sent_again_to_the_signers_present_addresses() {
    let app = TestApp::new().await;
    let (partner, operator) = (app.partner().await, Operator::of(&app).await);
    let loan = partner.loan(529_982_247, "never_signs").await;
    let customer = loan.body["customer_id"].as_str().unwrap();
    let corrected = serde_json::json!({"email": "ana.nova+never_signs@example.com"});
    partner.patch(&format!("/v3/customers/{customer}"), &corrected).await.expect(200);
    operator.act(&format!("/loans/{}/invitations", loan.id())).await.expect(200);
    let mails = partner.mails().await;
    assert_eq!(mails[0].to.as_str(), "ana.nova+never_signs@example.com");
    assert_eq!(mails[0].text.lines().find(|line| line.contains("/sign/")), loan.body["signing_url"].as_str());
    let path = partner.signing_paths(&loan.id()).await.remove(0);
    app.press(&format!("{path}/code"), "").await.expect(200);
    assert_eq!(partner.mails().await[0].to.as_str(), "ana.nova+never_signs@example.com");
    app.press(&path, &format!("code={}&consent=yes", partner.newest_code().await)).await.expect(200);
    operator.act(&format!("/loans/{}/invitations", loan.id())).await.expect_problem(409, "invalid_state");
}

#[tokio::test]
async fn two_browsers_that_send_one_code_at_once_make_one_signature() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let loan = partner.loan(529_982_247, "never_signs").await.id();
        let path = partner.signing_paths(&loan).await.remove(0);
        app.press(&format!("{path}/code"), "").await.expect(200);
        let form = format!("code={}&consent=yes", partner.newest_code().await);
        let presses = futures::future::join_all((0..8).map(|_| app.press_as(&path, &form, PROBLEM)));
        let taken = presses.await.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(taken, 1);
        let (tenant, id) = (partner.id, loan.parse().unwrap());
        let read = move |tx: &mut store::Tx<'_>| app::signing::evidence(tx, tenant, id);
        assert_eq!(app.state.store.read(read).await.unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_wrong_codes_close_a_link_until_an_operator_sends_a_new_one() {
    for app in TestApp::on_each_engine().await {
        let (mut partner, operator) = (app.partner().await, Operator::of(&app).await);
        let loan = partner.loan(529_982_247, "never_signs").await.id();
        let path = partner.signing_paths(&loan).await.remove(0);
        let give = async |path: &str, code: &str| {
            app.press_as(path, &format!("code={code}&consent=yes"), PROBLEM).await
        };
        for lock in 1..=4 {
            app.press(&format!("{path}/code"), "").await.expect(200);
            let code = partner.newest_code().await;
            let wrong = if code == "000000" { "000001" } else { "000000" };
            for _ in 0..4 {
                give(&path, wrong).await.expect_problem(401, "invalid_code");
            }
            let fifth = give(&path, wrong).await;
            if lock < 4 {
                fifth.expect_problem(429, "rate_limit_exceeded");
            } else {
                fifth.expect_problem(409, "invalid_state");
            }
            app.clock.advance(Duration::from_secs(900));
        }
        partner = partner.renewed().await;
        let page = app.press(&format!("{path}/code"), "").await.expect(409);
        assert!(
            shown(&page).contains("bloqueado depois de 20 códigos errados")
                && shown(&page).contains("closed")
        );
        give(&path, "000000").await.expect_problem(409, "invalid_state");
        app.get(&path).await.expect(200);

        operator.act(&format!("/loans/{loan}/invitations")).await.expect(200);
        app.get(&path).await.expect(404);
        let mails = partner.mails().await;
        let link = mails[0].text.lines().find(|line| line.contains("/sign/")).unwrap();
        let shown_to_partner = partner.get(&format!("/v3/loans/{loan}")).await.expect(200).body;
        assert_eq!(shown_to_partner["signing_url"], link);
        let new = link.trim_start_matches("https://dinie.test").to_owned();
        app.press(&format!("{new}/code"), "").await.expect(200);
        let code = partner.newest_code().await;
        app.press(&new, &format!("code={code}&consent=yes")).await.expect(200);
        assert_eq!(partner.get(&format!("/v3/loans/{loan}")).await.body["status"], "signed");
    }
}
