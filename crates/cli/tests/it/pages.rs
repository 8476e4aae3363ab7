//! The hosted pages, as a browser without scripts uses them.

use axum::body::Body;
use axum::http::{Method, Request};

use crate::answer::Answer;
use crate::inputs::{JPEG, PDF, form};
use crate::support::{Partner, TestApp};

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.bytes.clone()).unwrap()
}

fn path_of(url: &serde_json::Value) -> String {
    url.as_str().unwrap().strip_prefix("https://dinie.test").unwrap().to_owned()
}

/// A browser without scripts, in a hosted session.
struct Browser<'a> {
    app: &'a TestApp,
    cookie: String,
}

impl<'a> Browser<'a> {
    /// Opens a session's link and presses the button. It does both twice, as people do.
    async fn begin(app: &'a TestApp, session: &Answer) -> Browser<'a> {
        let path = path_of(&session.body["session_url"]);
        let answer = app.get(&path).await.expect(200);
        assert!(text(&answer).contains("Começar") && text(&answer).contains("lang=\"en\""));
        let cookie = answer.header("set-cookie").unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Secure"));
        let browser = Self { app, cookie: cookie.split(';').next().unwrap().to_owned() };
        let code = path.split_once("code=").unwrap().1;
        for _ in 0..2 {
            browser.press_begin(code).await.expect(303);
        }
        browser
    }

    async fn press_begin(&self, code: &str) -> Answer {
        let request =
            Request::post("/biometrics").header("content-type", "application/x-www-form-urlencoded");
        self.send(request, format!("code={code}").into_bytes()).await
    }

    async fn send(&self, request: axum::http::request::Builder, body: Vec<u8>) -> Answer {
        self.app.send(request.header("cookie", &self.cookie).body(Body::from(body)).unwrap()).await
    }

    async fn page(&self) -> Answer {
        self.send(Request::get("/biometrics"), Vec::new()).await
    }

    async fn upload(&self, place: &str, content: &[u8]) -> Answer {
        let body = form("b", &[("file", Some("a.bin"), content)]);
        let request = Request::post(format!("/biometrics/files?place={place}"));
        self.send(request.header("content-type", "multipart/form-data; boundary=b"), body).await
    }

    async fn give_account(&self, fields: &str) -> Answer {
        let request = Request::post("/biometrics/bank-account");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        self.send(request, fields.as_bytes().to_vec()).await
    }

    async fn submit(&self) -> Answer {
        self.send(Request::post("/biometrics/submit"), Vec::new()).await
    }
}

async fn session(partner: &Partner, generation: &str, customer: &str) -> Answer {
    let path = format!("{generation}/customers/{customer}/biometrics");
    partner.call(Method::POST, &path, None).await.expect(200)
}

#[tokio::test]
async fn a_person_uploads_all_documents_and_submits_them() {
    let (app, partner, customer) = TestApp::with_customer("").await;
    let session = session(&partner, "/api/v3", &customer).await;
    let path = path_of(&session.body["session_url"]);
    app.send(Request::head(&path).body(Body::empty()).unwrap()).await.expect(204);
    let browser = Browser::begin(&app, &session).await;
    app.let_seconds_pass(4).await;
    let shown = async || partner.get(&format!("/v3/customers/{customer}")).await.body;
    assert!(
        !shown().await["kyc"].to_string().contains("\"submitted\""),
        "the autopilot waits, because a person has opened the page"
    );

    let page = browser.page().await.expect(200);
    assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert!(text(&page).contains("Ainda falta") && text(&page).contains("Selfie"));
    assert!(text(&browser.submit().await.expect(422)).contains("Ainda falta enviar"));
    for (place, content, sentence) in [
        ("0.0.0", &b"GIF89a"[..], "JPEG ou PNG"),
        ("0.0.0", b"", "Escolha um arquivo"),
        ("1.0.0", PDF, "Envie uma foto"),
        ("9.0.0", PDF, "não é pedido"),
        ("x", PDF, "não é pedido"),
    ] {
        let page = text(&browser.upload(place, content).await.expect(422));
        assert!(page.contains(sentence), "{place} {sentence}");
    }
    // The two sides of the identity card, with a reload between them.
    browser.upload("0.2.0", JPEG).await.expect(303);
    assert!(text(&browser.page().await.expect(200)).contains("✓ recebido"));
    browser.upload("0.2.1", JPEG).await.expect(303);
    browser.upload("1.0.0", JPEG).await.expect(303);
    browser.upload("2.0.0", PDF).await.expect(303);

    let account = "bank=001&kind=checking&branch=1234&number=56.789-0&digit=1";
    let all = "bank=999&kind=saving&branch=1&number=x&digit=%3F";
    let page = text(&browser.give_account(all).await.expect(422));
    for sentence in ["Escolha o banco", "agência", "número da conta", "dígito da conta", "value=\"x\""] {
        assert!(page.contains(sentence), "{sentence}");
    }
    for (wrong, sentence) in [
        (account.replace("001", "999"), "Escolha o banco"),
        (account.replace("1234", "12"), "agência"),
        (account.replace("checking", "x"), "tipo da conta"),
        (account.replace("digit=1", "digit=Z"), "dígito da conta"),
        (account.replace("56.789-0", "a"), "número da conta"),
    ] {
        assert!(text(&browser.give_account(&wrong).await.expect(422)).contains(sentence), "{wrong}");
    }
    browser.give_account(account).await.expect(303);
    assert!(text(&browser.page().await.expect(200)).contains("1234 / 567890-1"));

    assert_eq!(shown().await["status"], "pending_kyc", "the review begins only after the submission");
    assert!(text(&browser.submit().await.expect(200)).contains("Recebemos o que foi enviado"));
    assert_eq!(shown().await["status"], "under_review");
    assert!(text(&browser.page().await.expect(200)).contains("Recebemos o que foi enviado"));
    browser.upload("1.0.0", JPEG).await.expect(200);
}

#[tokio::test]
async fn in_a_reference_session_the_review_begins_by_itself_and_the_account_is_still_accepted() {
    let (app, partner, customer) = TestApp::with_customer("").await;
    for kind in ["cnh", "ccmei"] {
        partner.upload(&customer, kind, PDF).await.expect(201);
    }
    let browser = Browser::begin(&app, &session(&partner, "/v3", &customer).await).await;
    browser.upload("1.0.0", JPEG).await.expect(303);
    let shown = partner.get(&format!("/v3/customers/{customer}")).await.body;
    assert_eq!(shown["status"], "under_review");
    assert!(shown["kyc"].to_string().contains("\"biometrics\""));
    let page = text(&browser.page().await.expect(200));
    assert!(
        page.contains("Conta bancária") && !page.contains("type=\"file\""),
        "only the account is accepted"
    );
    browser.give_account("bank=260&kind=payment&branch=0001&number=1234567&digit=8").await.expect(303);
    let account = partner.get(&format!("/api/v3/customers/{customer}/bank-account")).await.expect(200).body;
    // The reviewer may have seen the account already, so a second one is not accepted.
    let page = text(
        &browser.give_account("bank=001&kind=checking&branch=1234&number=666666&digit=1").await.expect(422),
    );
    assert!(page.contains("não pode mais ser trocada") && !page.contains("Trocar de conta"));
    assert_eq!(partner.get(&format!("/api/v3/customers/{customer}/bank-account")).await.body, account);
    assert!(text(&browser.submit().await.expect(200)).contains("Recebemos o que foi enviado"));
}

#[tokio::test]
async fn a_correction_is_submitted_by_a_new_link() {
    let (app, partner) = TestApp::with_partner().await;
    let customer = crate::sdk::documented_customer(&partner, 529_982_247, "kyc_rejected").await;
    let first = session(&partner, "/api/v3", &customer).await;
    let path = format!("/api/v3/customers/{customer}/kyc-review");
    partner.call(Method::POST, &path, None).await.expect(202);
    let ended = app.get(&path_of(&first.body["session_url"])).await.expect(200);
    assert!(text(&ended).contains("Recebemos o que foi enviado"), "the review has ended the session");
    app.let_seconds_pass(2).await;
    let browser = Browser::begin(&app, &session(&partner, "/api/v3", &customer).await).await;
    let page = text(&browser.page().await.expect(200));
    assert!(page.contains("ilegível") && page.contains("Envie de novo"));
    assert_eq!(
        page.matches("<details class=\"choice\" open>").count(),
        2,
        "the document that was sent back, and the account"
    );
    browser.upload("0.0.0", PDF).await.expect(303);
    browser.submit().await.expect(200);
    app.let_seconds_pass(2).await;
    assert_eq!(partner.get(&format!("/v3/customers/{customer}")).await.body["status"], "active");
}

#[tokio::test]
async fn a_link_opens_its_own_customers_session_whatever_the_browser_did_before() {
    let (app, partner) = TestApp::with_partner().await;
    let (ana, bia) =
        (partner.customer(529_982_247, "manual").await, partner.customer(111_444_777, "manual").await);
    let browser = Browser::begin(&app, &session(&partner, "/api/v3", &ana).await).await;
    browser.give_account("bank=001&kind=checking&branch=1234&number=987654&digit=1").await.expect(303);
    let path = path_of(&session(&partner, "/api/v3", &bia).await.body["session_url"]);
    let page = browser.send(Request::get(&path), Vec::new()).await.expect(200);
    assert!(text(&page).contains("Começar") && !text(&page).contains("987654"));
    assert!(page.header("set-cookie").is_some());
}

#[tokio::test]
async fn invalid_links_give_the_reason() {
    let (app, partner, customer) = TestApp::with_customer("manual").await;
    for unknown in ["/biometrics", "/biometrics?code=x", "/biometrics?code=%FF", "/sign/x"] {
        assert!(text(&app.get(unknown).await.expect(404)).contains("Link inválido"), "{unknown}");
    }
    let first = session(&partner, "/api/v3", &customer).await;
    let path = path_of(&first.body["session_url"]);
    let code = path.split_once("code=").unwrap().1;
    let browser = Browser::begin(&app, &first).await;
    // For another browser the code is used and cannot be used again. The first browser can continue.
    assert!(text(&app.get(&path).await.expect(410)).contains("já utilizado"));
    let other = Browser { app: &app, cookie: format!("__Host-dinie_session={}", "0".repeat(64)) };
    other.press_begin(code).await.expect(410);
    let none = Browser { app: &app, cookie: "x=y".into() };
    assert!(text(&none.press_begin(code).await.expect(400)).contains("Ative os cookies"));
    let again = browser.send(Request::get(&path), Vec::new()).await.expect(200);
    assert!(text(&again).contains("Revisar e enviar"));
    browser.send(Request::get("/biometrics/submit"), Vec::new()).await.expect(303);
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let foreign = Request::post("/biometrics/submit").header(name, value).header("host", "dinie.test");
        browser.send(foreign, Vec::new()).await.expect(404);
    }

    app.clock.advance(std::time::Duration::from_secs(1_801));
    assert!(text(&browser.page().await.expect(410)).contains("expirado"));
    browser.upload("1.0.0", JPEG).await.expect(410);
    let second = session(&partner.renewed().await, "/api/v3", &customer).await;
    app.clock.advance(std::time::Duration::from_secs(3_601));
    assert!(text(&app.get(&path_of(&second.body["session_url"])).await.expect(410)).contains("expirado"));
}

#[tokio::test]
async fn a_name_is_shown_as_text_and_never_as_markup() {
    let (app, partner) = TestApp::with_partner().await;
    let mut body = crate::inputs::registration(529_982_247, "never_signs");
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
async fn all_pages_share_one_style_sheet() {
    let app = TestApp::new().await;
    let style = app.get("/assets/page.css").await.expect(200);
    assert!(style.header("content-type").unwrap().starts_with("text/css"));
}

#[tokio::test]
async fn a_session_begins_only_with_the_cookie_of_its_own_link() {
    let (app, partner, customer) = TestApp::with_customer("manual").await;
    let other = partner.customer(111_444_777, "manual").await;
    let path = path_of(&session(&partner, "/api/v3", &customer).await.body["session_url"]);
    let code = path.split_once("code=").unwrap().1;
    // A thief opens another link and plants the cookie of that link in the victim's browser.
    let thiefs = app.get(&path_of(&session(&partner, "/api/v3", &other).await.body["session_url"])).await;
    let thiefs = thiefs.expect(200).header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let opened = app.get(&path).await.expect(200);
    let cookie = opened.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-dinie_session=") && cookie.contains("; Path=/;"), "{cookie}");
    assert_eq!(opened.headers.get_all("set-cookie").iter().count(), 1);
    let own = cookie.split(';').next().unwrap().to_owned();
    let changed = format!("{}{}", &own[..own.len() - 1], if own.ends_with('0') { "1" } else { "0" });
    let made_up = format!("__Host-dinie_session={}", "a".repeat(64));
    for planted in [thiefs, changed, made_up, own.replace("__Host-", "")] {
        let browser = Browser { app: &app, cookie: planted };
        assert!(text(&browser.press_begin(code).await.expect(400)).contains("Ative os cookies"));
    }
    // Opening the link twice issues two cookies, and each of them is valid.
    app.get(&path).await.expect(200);
    let browser = Browser { app: &app, cookie: own };
    browser.press_begin(code).await.expect(303);
    assert!(text(&browser.page().await.expect(200)).contains("Revisar e enviar"));
}
