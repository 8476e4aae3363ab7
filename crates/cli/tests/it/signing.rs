//! The contract and its signatures: the document, links and codes of each signer, evidence, the signed copy.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use server::contract_files::{self, ContractFile};
use server::workers;
use store::StoreError;
use store::contracts::{Copy, Document};

use crate::operator::Operator;
use crate::support::{Answer, Partner, Setup, TestApp};

const PROBLEM: &str = "application/problem+json";

fn document(partner: &Partner<'_>, loan: &str, copy: Copy) -> Document {
    Document { partner: partner.id, loan: loan.parse().unwrap(), copy }
}

async fn contract(partner: &Partner<'_>, loan: &str, copy: Copy) -> Option<ContractFile> {
    contract_files::find(&partner.app.state, document(partner, loan, copy)).await.unwrap()
}

/// The SHA-256 that is fixed and the name of the file that is written.
async fn kept(partner: &Partner<'_>, loan: &str, copy: Copy) -> (Option<String>, Option<String>) {
    let document = document(partner, loan, copy);
    let kept = partner.app.state.store.read(move |tx| store::contracts::kept(tx, document)).await;
    let kept = kept.unwrap().unwrap();
    (kept.sha256, kept.blob_key)
}

fn shown(answer: &Answer) -> String {
    String::from_utf8(answer.bytes.clone()).unwrap()
}

/// The text of a PDF as a reader finds it; `None` where no reader is installed, which CI does not allow.
#[expect(clippy::disallowed_methods, reason = "tests ask whether they run in CI")]
fn pdf_text(pdf: &[u8]) -> Option<String> {
    let reader = Command::new("pdftotext")
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut reader) = reader else {
        assert!(std::env::var("CI").is_err(), "CI must have pdftotext (Debian: poppler-utils)");
        eprintln!("NOT RUN: no pdftotext (Debian: poppler-utils)");
        return None;
    };
    reader.stdin.take().unwrap().write_all(pdf).unwrap();
    let read = reader.wait_with_output().unwrap();
    assert!(read.status.success());
    Some(String::from_utf8(read.stdout).unwrap().replace('\u{a0}', " "))
}

/// The words of a loan's contract; `None` where no reader is installed.
pub(crate) async fn contract_text(partner: &Partner<'_>, loan: &str) -> Option<String> {
    let file = contract(partner, loan, Copy::Issued).await.unwrap();
    pdf_text(&file.pdf).map(|text| flowed(&text))
}

/// Words as they follow one another, wherever lines break.
fn flowed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn the_contract_says_everything_that_the_law_asks_for() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let loan = partner.loan_with_co_owner(529_982_247).await;
    let file = contract(&partner, &loan.id(), Copy::Issued).await.unwrap();
    assert!(file.pdf.starts_with(b"%PDF-1.7"));
    assert_eq!(file.sha256, store::seal::sha256_hex(&file.pdf));
    let Some(text) = pdf_text(&file.pdf) else { return };
    let text = flowed(&text);
    let figure = |name: &str| {
        let amount = loan.body[name].as_str().unwrap().replace('.', ",");
        let (whole, cents) = amount.split_once(',').unwrap();
        let split = whole.len().saturating_sub(3);
        let grouped =
            if split > 0 { format!("{}.{}", &whole[..split], &whole[split..]) } else { whole.into() };
        format!("R$ {grouped},{cents}")
    };
    let percent = |name: &str| format!("{:.2} %", loan.body[name].as_f64().unwrap()).replace('.', ",");
    for element in [
        // Lei 10.931/2004, art. 29: I, II, III, IV, V, VI.
        "CÉDULA DE CRÉDITO BANCÁRIO",
        "Nº CCB-2026-000001",
        "promete pagar à Credora, ou à sua ordem, de forma incondicional, em São Paulo, a dívida em dinheiro, certa, \
         líquida e exigível",
        "Dinie Sandbox Sociedade de Crédito Direto S.A., CNPJ 11.222.333/0001-81",
        "São Paulo, 15 de janeiro de 2026.",
        "Ana Souza, CPF 529.982.247-25",
        "Maria Aparecida Souza, CPF 255.248.930-33",
        // Res. CMN 5.004/2022 and STJ REsp 1.826.463: rates a month, a year and a day, taxes, tariffs, CET.
        "Taxa de juros efetiva ao mês 3,50 %",
        "Taxa de juros efetiva ao ano 51,11 %",
        "Taxa de juros efetiva ao dia 0,114737 %",
        &format!("{} ao ano", percent("cet")),
        &format!("IOF {}", figure("iof")),
        &format!("Tarifa de serviço {}", figure("service_fee")),
        &format!("Valor total a pagar {}", figure("total_amount")),
        &format!("11 de {} e 1 de R$", figure("installments_value")),
        "Valor líquido a receber R$ 10.000,00",
        // The schedule: date, and nothing left after the last.
        "1 15/02/2026",
        "12 15/01/2027",
        "R$ 0,00",
        // Late charges, early payoff, signatures.
        "multa de 2,00 %, uma só vez, juros de mora de 1,00 % ao mês",
        "pode liquidar a dívida antes do vencimento",
        "Medida Provisória 2.200-2/2001, art. 10, § 2º",
        "Página 1 de 2",
    ] {
        assert!(text.contains(element), "the contract lacks {element:?}:\n{text}");
    }
    let due_rows = text.matches("/2026 R$").count() + text.matches("/2027 R$").count();
    assert_eq!(due_rows, 12, "one row an installment");
}

#[tokio::test]
async fn the_same_contract_is_the_same_bytes() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let loan = partner.loan(529_982_247, "never_signs").await.id();
    let (tenant, id) = (partner.id, loan.parse().unwrap());
    let read = move |tx: &mut store::Tx<'_>| {
        let loan = app::loans::find(tx, tenant, id).unwrap();
        store::contracts::facts(tx, &loan)
    };
    let sha256 = contract(&partner, &loan, Copy::Issued).await.unwrap().sha256;
    let (facts, fixed) = app.state.store.read(read).await.unwrap().unwrap();
    assert_eq!(fixed.as_ref(), Some(&sha256));
    for _ in 0..3 {
        assert_eq!(store::seal::sha256_hex(&app::contracts::ccb::issued(&facts).unwrap()), sha256);
    }
    // Letters that the face does not have do not stand in the way of a contract.
    let mut strange = facts.clone();
    strange.company = domain::person::Name::parse("Padaria 北京 \u{1f950}").ok();
    let strange = app::contracts::ccb::issued(&strange).unwrap();
    if let Some(text) = pdf_text(&strange) {
        assert!(text.contains("Padaria ?? ?"), "what is read out is what is printed: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loan_commits_without_its_document_which_is_fixed_before_anybody_sees_or_signs_it() {
    for app in [Some(TestApp::new().await), TestApp::on_postgres().await].into_iter().flatten() {
        let partner = app.partner().await;
        let loan = partner.loan(529_982_247, "never_signs").await.id();
        assert_eq!(kept(&partner, &loan, Copy::Issued).await, (None, None), "the request set nothing");
        let path = partner.signing_paths(&loan).await.remove(0);
        let page = shown(&app.get(&path).await.expect(200));
        let (sha256, _file) = kept(&partner, &loan, Copy::Issued).await;
        assert!(page.contains(&sha256.expect("the page fixed the document that it shows")));

        // A program that reads no page signs the same.
        let loan = partner.loan(111_444_777, "never_signs").await.id();
        let path = partner.signing_paths(&loan).await.remove(0);
        app.press_as(&format!("{path}/code"), "", PROBLEM).await.expect(200);
        let unset = "update contracts set sha256 = null, blob_key = null";
        app.state.store.write(move |tx| tx.execute(unset, &[])).await.map_err(|e: StoreError| e).unwrap();
        let form = format!("code={}&consent=yes", partner.newest_code().await);
        app.press_as(&path, &form, PROBLEM).await.expect(200);
        let (tenant, id) = (partner.id, loan.parse().unwrap());
        let read = move |tx: &mut store::Tx<'_>| app::signing::evidence(tx, tenant, id);
        let evidence = app.state.store.read(read).await.unwrap();
        let issued = contract(&partner, &loan, Copy::Issued).await.unwrap();
        assert_eq!(evidence[0].document_sha256, issued.sha256);
        assert_eq!(kept(&partner, &loan, Copy::Issued).await.0, Some(issued.sha256));
    }
}

#[tokio::test]
async fn nobody_signs_a_contract_that_was_not_set() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let loan = partner.loan(529_982_247, "never_signs").await.id();
    let path = partner.signing_paths(&loan).await.remove(0);
    app.press(&format!("{path}/code"), "").await.expect(200);
    let code = partner.newest_code().await;
    let unset = "update contracts set sha256 = null, blob_key = null";
    app.state.store.write(move |tx| tx.execute(unset, &[])).await.map_err(|e: StoreError| e).unwrap();
    let (now, lender) = (app.clock.now(), std::sync::Arc::clone(&app.state.lender));
    let token = path.trim_start_matches("/sign/").to_owned();
    let given = app::signing::GiveSignature { code, destination: None, address: None, user_agent: None };
    let sign = move |tx: &mut store::Tx<'_>| app::signing::sign(tx, now.unmoved(), &token, &given, &lender);
    let refused = app.state.store.write(sign).await.map(drop).unwrap_err();
    assert!(matches!(&refused, store::Failed::Store(StoreError::Corrupt(why)) if why.contains("not set")));
    assert_eq!(partner.get(&format!("/v3/loans/{loan}")).await.body["status"], "awaiting_signatures");
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_that_nobody_asks_for_are_set_soon_after_their_commit() {
    for app in [Some(TestApp::new().await), TestApp::on_postgres().await].into_iter().flatten() {
        let partner = app.partner().await;
        let loan = partner.loan(529_982_247, "").await.id();
        workers::run_until_idle(&app.state).await.unwrap();
        let (sha256, file) = kept(&partner, &loan, Copy::Issued).await;
        assert!(sha256.is_some() && file.is_some());
        app.let_seconds_pass(2).await;
        assert_eq!(kept(&partner, &loan, Copy::Issued).await, (sha256.clone(), file));
        let (signed, file) = kept(&partner, &loan, Copy::Signed).await;
        assert!(signed.is_some() && file.is_some() && signed != sha256);
        app.no_file_is_left_over().await;
        // The files are sealed: what they say is not in them.
        let folder = app.state.config.data.join("blobs");
        for name in crate::support::files_under(&folder).iter().filter(|name| name.contains("/contracts/")) {
            let bytes = std::fs::read(folder.join(name)).unwrap();
            assert!(!bytes.windows(4).any(|four| four == b"%PDF"), "{name} is not sealed");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_missing_or_damaged_is_set_again_and_one_with_other_bytes_is_refused() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let loan = partner.loan(529_982_247, "never_signs").await.id();
    let issued = contract(&partner, &loan, Copy::Issued).await.unwrap();
    let name = kept(&partner, &loan, Copy::Issued).await.1.unwrap();
    let file = app.state.config.data.join("blobs").join(&name);
    let sealed = std::fs::read(&file).unwrap();
    let mut flipped = sealed.clone();
    flipped[100] ^= 1;
    for damage in [None, Some(Vec::new()), Some(sealed[..sealed.len() / 2].to_vec()), Some(flipped)] {
        match &damage {
            None => std::fs::remove_file(&file).unwrap(),
            Some(bytes) => std::fs::write(&file, bytes).unwrap(),
        }
        assert_eq!(contract(&partner, &loan, Copy::Issued).await.as_ref(), Some(&issued), "{damage:?}");
        assert!(std::fs::read(&file).unwrap().len() == sealed.len(), "the file is whole again");
    }
    // What was fixed is what was shown. Other bytes than those are nothing that anybody signed.
    let other = "update contracts set sha256 = 'ab'";
    app.state.store.write(move |tx| tx.execute(other, &[])).await.map_err(|e: StoreError| e).unwrap();
    let refused = contract_files::find(&app.state, document(&partner, &loan, Copy::Issued)).await;
    assert!(matches!(refused, Err(StoreError::Corrupt(why)) if why.contains("another SHA-256")));
    let operator = Operator::of(&app).await;
    operator.get(&format!("/loans/{loan}/contract")).await.expect_problem(500, "internal_error");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_that_set_a_document_at_once_make_the_same_also_without_a_shared_folder() {
    let Some(app) = TestApp::on_postgres().await else { return };
    let other =
        TestApp::with(Setup { database: Some(app.state.config.database.clone()), ..Setup::default() });
    let other = other.await;
    let partner = app.partner().await;
    let loan = partner.loan(529_982_247, "never_signs").await.id();
    let document = document(&partner, &loan, Copy::Issued);
    let nodes = [&app, &other, &app, &other, &app, &other];
    let set = nodes.map(|node| contract_files::find(&node.state, document));
    let set = futures::future::join_all(set).await.into_iter().map(|file| file.unwrap().unwrap());
    let hashes: std::collections::HashSet<String> = set.map(|file| file.sha256).collect();
    assert_eq!(hashes.len(), 1);
    assert_eq!(kept(&partner, &loan, Copy::Issued).await.0, hashes.into_iter().next());
    for node in [&app, &other] {
        let name = document.blob_key();
        assert!(node.state.config.data.join("blobs").join(name).is_file(), "each node has the file");
    }
}

#[tokio::test]
async fn each_signer_signs_with_their_own_link_and_code_and_leaves_evidence() {
    for app in [Some(TestApp::new().await), TestApp::on_postgres().await].into_iter().flatten() {
        let partner = app.partner().await;
        let loan = partner.loan_with_co_owner(529_982_247).await;
        let paths = partner.signing_paths(&loan.id()).await;
        assert_eq!(paths.len(), 2);
        assert_eq!(format!("https://dinie.test{}", paths[0]), loan.body["signing_url"].as_str().unwrap());
        for (path, signer) in paths.iter().zip(["Ana Souza", "Maria Aparecida Souza"]) {
            let page = shown(&app.get(path).await.expect(200));
            assert!(page.contains(&format!("Eu, {signer}:")) && page.contains("R$\u{a0}10.000,00"), "{page}");
            assert_eq!(page.matches("<tr>").count(), 13, "a heading and twelve installments");
            assert!(!page.contains("ana+ltda"), "whoever has the link does not see the address");
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
        let told = mails.iter().filter(|mail| mail.subject == "CCB-2026-000001 assinada").count();
        assert_eq!(told, 2, "each signer hears of the signed copy");
        let (Some(issued_text), Some(text)) = (pdf_text(&issued.pdf), pdf_text(&copy.pdf)) else { continue };
        let text = flowed(&text);
        let body = flowed(&issued_text).replace("Página 1 de 2", "Página 1 de 3");
        for page in body.split("Cédula de Crédito Bancário nº").take(2) {
            assert!(text.contains(page.trim()), "the signed copy holds the contract as it was issued");
        }
        for element in [
            "Página de assinaturas",
            &format!("SHA-256 do documento assinado {}", issued.sha256[..60].to_owned()),
            "Data e hora 15/01/2026 às 09:",
            "código de uso único enviado a ana+ltda+never_signs@example.com",
            "código de uso único enviado ao e-mail cadastrado da empresa, ana+ltda+never_signs@example.com",
            "Endereço de rede 198.51.100.7",
            "Programa Navegador/1.0 (Teste)",
            "Maria Aparecida Souza CPF 255.248.930-33",
        ] {
            assert!(text.contains(element), "the page of signatures lacks {element:?}:\n{text}");
        }
    }
}

#[tokio::test]
async fn the_evidence_has_the_signers_own_address_however_the_proxy_spells_it() {
    let app = TestApp::new().await;
    let (partner, operator) = (app.partner().await, Operator::of(&app).await);
    for (number, told, address) in [
        (529_982_247, "203.0.113.9, 198.51.100.7:4711", Some("198.51.100.7")),
        (111_444_777, "[2001:db8::7]:4711", Some("2001:db8::7")),
        // Not the proxy's, which would be another's.
        (123_456_789, "unknown", None),
    ] {
        let loan = partner.loan(number, "never_signs").await.id();
        let path = partner.signing_paths(&loan).await.remove(0);
        app.press(&format!("{path}/code"), "").await.expect(200);
        let code = partner.newest_code().await;
        let request = axum::http::Request::post(&path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "text/html")
            .header("x-forwarded-for", told);
        let form = format!("code={code}&consent=yes");
        app.send(request.body(axum::body::Body::from(form)).unwrap()).await.expect(200);
        let path = format!("/loans/{loan}/signatures");
        let evidence = operator.call(axum::http::Method::GET, &path, None, "").await.expect(200);
        assert_eq!(evidence.body["data"][0]["address"], serde_json::json!(address), "{told}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_signature_is_told_and_nothing_is_signed() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
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
async fn signers_are_written_to_again_at_their_present_addresses() {
    let app = TestApp::new().await;
    let (partner, operator) = (app.partner().await, crate::operator::Operator::of(&app).await);
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
async fn two_browsers_that_give_one_code_at_once_make_one_signature() {
    for app in [Some(TestApp::new().await), TestApp::on_postgres().await].into_iter().flatten() {
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
    for app in [Some(TestApp::new().await), TestApp::on_postgres().await].into_iter().flatten() {
        let (mut partner, operator) = (app.partner().await, crate::operator::Operator::of(&app).await);
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
