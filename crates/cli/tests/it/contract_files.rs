//! The documents of contracts: their words, their bytes, and the times at which they are rendered.

use std::io::Write as _;
use std::process::{Command, Stdio};

use server::contract_files::{self, ContractFile};
use server::workers;
use store::StoreError;
use store::contracts::{Copy, Document};

use crate::operator::Operator;
use crate::support::{Partner, Setup, TestApp};

use crate::signing::{PROBLEM, shown};

pub(crate) fn document(partner: &Partner, loan: &str, copy: Copy) -> Document {
    Document { partner: partner.id, loan: loan.parse().unwrap(), copy }
}

pub(crate) async fn contract(partner: &Partner, loan: &str, copy: Copy) -> Option<ContractFile> {
    contract_files::find(&partner.app.state, document(partner, loan, copy)).await.unwrap()
}

/// The fixed SHA-256 of a document and the name of its written file.
async fn kept(partner: &Partner, loan: &str, copy: Copy) -> (Option<String>, Option<String>) {
    let document = document(partner, loan, copy);
    let kept = partner.app.state.store.read(move |tx| store::contracts::kept(tx, document)).await;
    let kept = kept.unwrap().unwrap();
    (kept.sha256, kept.blob_key)
}

/// The text of a PDF as a reader extracts it; `None` if no reader is installed. CI requires one.
#[expect(clippy::disallowed_methods, reason = "tests ask whether they run in CI")]
pub(crate) fn pdf_text(pdf: &[u8]) -> Option<String> {
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

/// The words of a loan's contract; `None` if no reader is installed.
pub(crate) async fn contract_text(partner: &Partner, loan: &str) -> Option<String> {
    let file = contract(partner, loan, Copy::Issued).await.unwrap();
    pdf_text(&file.pdf).map(|text| flowed(&text))
}

/// Checks that a text contains each of these elements.
#[track_caller]
pub(crate) fn assert_prints(text: &str, elements: &[&str]) {
    for element in elements {
        assert!(text.contains(element), "{element:?} is missing:\n{text}");
    }
}

/// The words of a text without its line breaks.
pub(crate) fn flowed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn the_contract_has_everything_that_the_law_requires() {
    let partner = TestApp::new().await.partner().await;
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
    let elements = [
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
        // The schedule: each due date, and a zero balance after the last.
        "1 15/02/2026",
        "12 15/01/2027",
        "R$ 0,00",
        // Late charges, early payoff, signatures.
        "multa de 2,00 %, uma só vez, juros de mora de 1,00 % ao mês",
        "pode liquidar a dívida antes do vencimento",
        "Medida Provisória 2.200-2/2001, art. 10, § 2º",
        "Página 1 de 2",
    ];
    assert_prints(&text, &elements);
    let due_rows = text.matches("/2026 R$").count() + text.matches("/2027 R$").count();
    assert_eq!(due_rows, 12, "one row an installment");
}

#[tokio::test]
async fn the_same_contract_is_rendered_to_the_same_bytes() {
    let (app, partner) = TestApp::with_partner().await;
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
    // Letters that the typeface does not have must not prevent a contract.
    let mut strange = facts.clone();
    strange.company.name = domain::person::Name::parse("Padaria 北京 \u{1f950}").ok();
    let strange = app::contracts::ccb::issued(&strange).unwrap();
    if let Some(text) = pdf_text(&strange) {
        assert!(text.contains("Padaria ?? ?"), "the extracted text equals the printed text: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loan_commits_without_its_document_which_is_fixed_before_it_is_shown_or_signed() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let loan = partner.loan(529_982_247, "never_signs").await.id();
        assert_eq!(kept(&partner, &loan, Copy::Issued).await, (None, None), "the request rendered nothing");
        let path = partner.signing_paths(&loan).await.remove(0);
        let page = shown(&app.get(&path).await.expect(200));
        let (sha256, _file) = kept(&partner, &loan, Copy::Issued).await;
        assert!(page.contains(&sha256.expect("the page fixes the document that it shows")));

        // A program that does not load the page signs the same document.
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
async fn a_contract_without_its_document_cannot_be_signed() {
    let (app, partner) = TestApp::with_partner().await;
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
    assert!(
        matches!(&refused, store::Failed::Store(StoreError::Corrupt(why)) if why.contains("not rendered"))
    );
    assert_eq!(partner.get(&format!("/v3/loans/{loan}")).await.body["status"], "awaiting_signatures");
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_that_nobody_requests_are_rendered_soon_after_their_commit() {
    for app in TestApp::on_each_engine().await {
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
        // The files are sealed, so their content is not readable.
        let folder = app.state.config.data.join("blobs");
        for name in crate::machine::files_under(&folder).iter().filter(|name| name.contains("/contracts/")) {
            let bytes = std::fs::read(folder.join(name)).unwrap();
            assert!(!bytes.windows(4).any(|four| four == b"%PDF"), "{name} is not sealed");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_damaged_file_is_rendered_again_and_one_with_other_bytes_is_refused() {
    let (app, partner) = TestApp::with_partner().await;
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
    // The shown document is the fixed one. Nobody signed other bytes than those.
    let other = "update contracts set sha256 = 'ab'";
    app.state.store.write(move |tx| tx.execute(other, &[])).await.map_err(|e: StoreError| e).unwrap();
    let refused = contract_files::find(&app.state, document(&partner, &loan, Copy::Issued)).await;
    assert!(matches!(refused, Err(StoreError::Corrupt(why)) if why.contains("another SHA-256")));
    let operator = Operator::of(&app).await;
    operator.get(&format!("/loans/{loan}/contract")).await.expect_problem(500, "internal_error");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_that_render_a_document_at_once_make_the_same_bytes() {
    let Some(app) = TestApp::on_postgres().await else { return };
    let (database, folder) = (Some(app.state.config.database.clone()), Some(app.folder.clone()));
    let other = TestApp::with(Setup { database, folder, ..Setup::default() }).await;
    let partner = app.partner().await;
    let loan = partner.loan(529_982_247, "never_signs").await.id();
    let document = document(&partner, &loan, Copy::Issued);
    let nodes = [&app, &other, &app, &other, &app, &other];
    let set = nodes.map(|node| contract_files::find(&node.state, document));
    let set = futures::future::join_all(set).await.into_iter().map(|file| file.unwrap().unwrap());
    let hashes: std::collections::HashSet<String> = set.map(|file| file.sha256).collect();
    assert_eq!(hashes.len(), 1);
    assert_eq!(kept(&partner, &loan, Copy::Issued).await.0, hashes.into_iter().next());
    assert!(app.state.config.data.join("blobs").join(document.blob_key()).is_file());
}
