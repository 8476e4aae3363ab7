//! The pages that people see, as a browser without scripts would use them.

use axum::body::Body;
use axum::http::{Method, Request};

use crate::support::{Answer, JPEG, TestApp, form};

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.bytes.clone()).unwrap()
}

fn path_of(url: &serde_json::Value) -> String {
    url.as_str().unwrap().strip_prefix("https://dinie.test").unwrap().to_owned()
}

async fn post_file(app: &TestApp, path: &str, content: &[u8]) -> Answer {
    let body = form("b", &[("file", Some("selfie.jpg"), content)]);
    let request = Request::post(path).header("content-type", "multipart/form-data; boundary=b");
    app.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn a_person_takes_a_selfie_and_the_autopilot_stands_back() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let customer = partner.customer(529_982_247, "").await;
    let session =
        partner.call(Method::POST, &format!("/v3/customers/{customer}/biometrics"), None).await.expect(200);
    let path = path_of(&session.body["session_url"]);
    app.send(Request::head(&path).body(Body::empty()).unwrap()).await.expect(204);
    let page = app.get(&path).await.expect(200);
    assert!(text(&page).contains("Envie sua selfie") && text(&page).contains("lang=\"en\""));
    assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    app.let_seconds_pass(4).await;
    let shown = async || partner.get(&format!("/v3/customers/{customer}")).await.body["kyc"].to_string();
    assert!(!shown().await.contains("\"submitted\""), "a person has opened the page");
    let wrong = post_file(&app, &path, b"GIF89a").await.expect(422);
    assert!(text(&wrong).contains("JPEG ou PNG"));
    let done = post_file(&app, &path, JPEG).await.expect(200);
    assert!(text(&done).contains("Selfie recebida"));
    assert!(shown().await.contains("\"submitted\""));
    assert!(text(&app.get(&path).await.expect(200)).contains("já foi recebida"));
    post_file(&app, &path, JPEG).await.expect(200);
}

#[tokio::test]
async fn unknown_and_lapsed_links_say_so() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let customer = partner.customer(529_982_247, "manual").await;
    let session =
        partner.call(Method::POST, &format!("/v3/customers/{customer}/biometrics"), None).await.expect(200);
    let path = path_of(&session.body["session_url"]);
    for unknown in ["/biometrics", "/biometrics?code=x", "/sign/x"] {
        assert!(text(&app.get(unknown).await.expect(404)).contains("Link inválido"), "{unknown}");
    }
    app.clock.advance(std::time::Duration::from_secs(3_601));
    assert!(text(&app.get(&path).await.expect(410)).contains("expirado"));
    post_file(&app, &path, JPEG).await.expect(410);
}

#[tokio::test]
async fn a_loan_is_signed_by_hand_by_each_of_its_signers() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let customer = partner.customer(529_982_247, "ltda+never_signs").await;
    for kind in ["cnh", "selfie", "cnh", "selfie", "articles_of_association", "proof_of_address"] {
        partner.upload(&customer, kind, JPEG).await.expect(201);
    }
    app.let_seconds_pass(3).await;
    let offers = partner.get(&format!("/v3/customers/{customer}/credit-offers")).await.expect(200);
    let offer = offers.body["data"][0]["id"].as_str().unwrap().to_owned();
    let loan = partner.post("/v3/loans", &partner.simulation(&offer, "10000.00", 12).await).await.expect(201);
    let path = path_of(&loan.body["signing_url"]);
    for signer in ["Ana Souza", "Maria Aparecida Souza"] {
        let page = text(&app.get(&path).await.expect(200));
        assert!(page.contains(&format!("Eu, {signer}")) && page.contains("R$\u{a0}10.000,00"), "{page}");
        assert_eq!(page.matches("<tr>").count(), 13, "a heading and twelve installments");
        let id = page.split("name=\"signer\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let submit = async |body: String| {
            let request = Request::post(&path).header("content-type", "application/x-www-form-urlencoded");
            app.send(request.body(Body::from(body)).unwrap()).await
        };
        submit(format!("signer={id}")).await.expect(422);
        submit(format!("signer={id}&consent=yes")).await.expect(200);
    }
    assert!(text(&app.get(&path).await.expect(200)).contains("já está assinado"));
    assert_eq!(partner.get(&format!("/v3/loans/{}", loan.id())).await.body["status"], "signed");
}

#[tokio::test]
async fn a_name_is_text_on_a_page_and_never_markup() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let mut body = crate::support::registration(529_982_247, "never_signs");
    body["name"] = serde_json::json!("<script>alert(1)</script>");
    let customer = partner.post("/v3/customers", &body).await.expect(201).id();
    for kind in ["cnh", "selfie", "ccmei"] {
        partner.upload(&customer, kind, JPEG).await.expect(201);
    }
    app.let_seconds_pass(3).await;
    let offers = partner.get(&format!("/v3/customers/{customer}/credit-offers")).await.expect(200);
    let offer = offers.body["data"][0]["id"].as_str().unwrap().to_owned();
    let loan = partner.post("/v3/loans", &partner.simulation(&offer, "10000.00", 12).await).await.expect(201);
    let page = text(&app.get(&path_of(&loan.body["signing_url"])).await.expect(200));
    assert!(!page.contains("<script>") && page.contains("&#60;script&#62;"));
}

#[tokio::test]
async fn every_type_of_problem_has_a_page() {
    let app = TestApp::new().await;
    for code in wire::problem::Code::ALL {
        let page = text(&app.get(&format!("/errors/{}", code.slug())).await.expect(200));
        assert!(page.contains(code.name()), "{}", code.name());
    }
    app.get("/errors/nothing").await.expect(404);
    assert!(
        app.get("/assets/page.css").await.expect(200).header("content-type").unwrap().starts_with("text/css")
    );
}
