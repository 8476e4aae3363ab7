//! The pages that explain problems: every code has an anchor, and each sample equals the server's answer.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use domain::credential::Scope;
use serde_json::{Value, json};
use server::config::RateLimits;
use wire::problem::Code;

use crate::answer::Answer;
use crate::inputs::{PDF, form, registration};
use crate::operator::{Operator, approval};
use crate::support::{Partner, Setup, TestApp};

/// The samples of all pages, by code.
async fn samples(app: &TestApp) -> BTreeMap<String, Value> {
    let mut samples = BTreeMap::new();
    for code in Code::ALL {
        let page = app.get(&format!("/errors/{}", code.slug())).await.expect(200).bytes;
        let page = String::from_utf8(page).unwrap();
        let section = page.split_once(&format!("id=\"{}\"", code.name())).expect("a section").1;
        let sample = section
            .split_once("<pre class=\"sample\" tabindex=\"0\">")
            .unwrap()
            .1
            .split_once("</pre>")
            .unwrap()
            .0;
        let sample = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")]
            .iter()
            .fold(sample.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain));
        samples.insert(code.name().to_owned(), serde_json::from_str(&sample).unwrap());
    }
    samples
}

#[tokio::test]
async fn each_code_links_to_its_anchor_on_the_page_of_its_slug() {
    let app = TestApp::new().await;
    let samples = samples(&app).await;
    for code in Code::ALL {
        let sample = &samples[code.name()];
        assert_eq!((&sample["code"], &sample["status"]), (&json!(code.name()), &json!(code.status())));
        assert_eq!(sample["title"], code.title());
        assert!(sample["type"].as_str().unwrap().ends_with(&format!("/errors/{}", code.slug())));
        if code.name() != code.slug() {
            let led = app.get(&format!("/errors/{}", code.name())).await.expect(307);
            let place = format!("/errors/{}#{}", code.slug(), code.name());
            assert_eq!(led.header("location"), Some(&*place));
        }
    }
    app.get("/errors/nothing").await.expect(404);
}

/// Asserts that an answer is the problem of `code` and that it equals the page's sample.
#[track_caller]
fn same(samples: &BTreeMap<String, Value>, code: &str, answer: &Answer) {
    let sample = &samples[code];
    for part in ["code", "status", "title", "detail", "param", "errors", "error", "error_description"] {
        let same = without_ids(&sample[part]) == without_ids(&answer.body[part]);
        assert!(same, "{part} of {code}: {} instead of {}", answer.body[part], sample[part]);
    }
}

/// A part of a problem in which all resources have the same id.
fn without_ids(part: &Value) -> String {
    let word = |word: &str| match word.rsplit_once('_') {
        Some((prefix, id)) if id.len() == 32 && id.chars().all(|c| c.is_ascii_hexdigit()) => {
            format!("{prefix}_id")
        }
        _ => word.to_owned(),
    };
    part.to_string().split(' ').map(word).collect::<Vec<_>>().join(" ")
}

async fn post_raw(partner: &Partner, path: &str, kind: &str, body: &str) -> Answer {
    let request = Request::post(path).header("authorization", format!("Bearer {}", partner.token));
    partner.app.send(request.header("content-type", kind).body(Body::from(body.to_owned())).unwrap()).await
}

#[tokio::test]
async fn the_samples_of_requests_and_tokens_equal_the_servers_answers() {
    let app = TestApp::new().await;
    let (partner, samples) = (app.partner().await, samples(&app).await);
    let same = |code, answer: Answer| same(&samples, code, &answer);
    let (customers, json_type) = ("/v3/customers", "application/json");
    same("malformed_body", post_raw(&partner, customers, json_type, "").await);
    same("invalid_content_type", post_raw(&partner, customers, "text/plain", "{}").await);
    same("payload_too_large", post_raw(&partner, customers, json_type, &"1".repeat(256 * 1024 + 1)).await);
    let gzip = [("content-encoding", "gzip")];
    let body = registration(255_248_930, "manual");
    let compressed = partner.call_with(Method::POST, customers, Some(&body), &gzip).await;
    same("unsupported_content_encoding", compressed);
    same("invalid_parameter", partner.get("/v3/customers?limit=0").await);
    same("invalid_cursor", partner.get("/v3/customers?starting_after=x").await);
    let keys = [("idempotency-key", "a"), ("x-idempotency-key", "b")];
    let body = registration(529_982_247, "manual");
    let post = async |keys| partner.call_with(Method::POST, customers, Some(&body), keys).await;
    same("invalid_idempotency_key", post(&keys).await);
    partner.post_keyed(customers, &registration(111_444_777, "manual"), "a").await.expect(201);
    same("idempotency_key_mismatch", post(&keys[..1]).await);
    same("resource_not_found", partner.get("/v3/loans/ln_019bc1a7f3c07d22b3c4d5e6f708192a").await);
    same("route_not_found", partner.get("/v3/customer").await);
    same("method_not_allowed", partner.call(Method::DELETE, customers, None).await);

    let form_type = "application/x-www-form-urlencoded";
    let token = async |form: &str| {
        let request = Request::post("/v3/auth/token").header("content-type", form_type);
        app.send(request.body(Body::from(form.to_owned())).unwrap()).await
    };
    same("invalid_request", token("client_id=a&client_secret=b").await);
    same("unsupported_grant_type", token("grant_type=password&client_id=a&client_secret=b").await);
    let client = format!("client_id={}&client_secret={}", partner.credential.id, partner.credential.secret);
    same("invalid_scope", token(&format!("grant_type=client_credentials&scope=root&{client}")).await);
    same("invalid_client", app.token(&partner.credential.id, "wrong").await);
    same("missing_token", app.get(customers).await);
    same("forbidden", app.partner_with(Scope::BiometricsExchange).await.get(customers).await);
    let application = app.partner_with(Scope::BiometricsExchange).await;
    let exchange = "/api/v3/biometrics/session-exchange";
    same("invalid_code", application.post(exchange, &json!({"code": "dinie_bsc_x"})).await);
    let made = partner.post("/v3/auth/credentials", &json!({"name": "a"})).await.expect(201);
    let path = format!("/v3/auth/credentials/{}", made.id());
    partner.call(Method::DELETE, &path, None).await.expect(204);
    same("credential_already_revoked", partner.call(Method::DELETE, &path, None).await);
    same("credential_revoked", partner.call(Method::DELETE, &format!("/api{path}"), None).await);
    same(
        "invalid_token",
        Partner { token: "dinie_at_x".into(), ..partner.renewed().await }.get(customers).await,
    );
    app.clock.advance(Duration::from_secs(3_600));
    same("token_expired", partner.get(customers).await);
}

#[tokio::test]
async fn the_sample_of_the_rate_limit_equals_the_servers_answer() {
    let limits = RateLimits { requests_per_10s: 1, ..RateLimits::default() };
    let app = TestApp::with(Setup { limits, ..Setup::default() }).await;
    let (partner, samples) = (app.partner().await, samples(&app).await);
    partner.get("/v3/customers").await.expect(200);
    same(&samples, "rate_limit_exceeded", &partner.get("/v3/customers").await);
}

#[tokio::test]
async fn the_samples_of_customers_and_documents_equal_the_servers_answers() {
    let app = TestApp::new().await;
    let (partner, samples) = (app.partner().await, samples(&app).await);
    let same = |code, answer: Answer| same(&samples, code, &answer);
    let customers = "/v3/customers";
    let with = async |field: &str, value: Value| {
        let mut body = registration(529_982_247, "manual");
        body[field] = value;
        partner.post(customers, &body).await
    };
    same("missing_required_field", with("cpf", Value::Null).await);
    same("invalid_format", with("phone", json!("11 9999")).await);
    same("invalid_cpf", with("cpf", json!("529.982.247-26")).await);
    same("invalid_cnpj", with("cnpj", json!("11.222.333/0001-82")).await);
    let customer = partner.customer(529_982_247, "manual").await;
    same("customer_already_exists", with("external_id", json!("another")).await);
    let path = format!("{customers}/{customer}");
    same("immutable_field", partner.patch(&path, &json!({"cpf": "529.982.247-25"})).await);

    let documents = format!("{path}/documents");
    let parts = form("b", &[("type", None, b"cnh")]);
    same("missing_file", partner.send_form(&documents, &parts, "b", None).await);
    same("invalid_document_type", partner.upload(&customer, "income_statement", PDF).await);
    same("done_in_session", partner.upload(&customer, "biometrics", PDF).await);
    same("unsupported_file_type", partner.upload(&customer, "cnh", b"GIF89a").await);
    let fits_nothing =
        json!({"requirement_id": "1.0.0", "evidence_type": "selfie", "attachment_type": "cnh_front"});
    let fields: Vec<(&str, Option<&str>, &[u8])> = fits_nothing
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.as_str(), None, value.as_str().unwrap().as_bytes()))
        .chain([("file", Some("a.pdf"), PDF)])
        .collect();
    let attachments = format!("/api/v3/customers/{customer}/kyc-attachments");
    same("invalid_evidence", partner.send_form(&attachments, &form("b", &fields), "b", None).await);

    let biometrics = format!("{path}/biometrics");
    partner.post(&biometrics, &json!({})).await.expect(200);
    same("session_already_active", partner.post(&biometrics, &json!({})).await);
    let endpoint = async |body: Value| partner.post("/v3/webhooks/endpoints", &body).await;
    same("invalid_event", endpoint(json!({"url": "https://example.com/", "events": ["payment.lost"]})).await);
    same("invalid_url", endpoint(json!({"url": "ftp://example.com/"})).await);

    let reviewed = partner.documented_customer(111_444_777, "manual").await;
    let name = json!({"name": "Eva Souza"});
    same("invalid_state", partner.patch(&format!("{customers}/{reviewed}"), &name).await);
}

#[tokio::test]
async fn the_samples_of_offers_and_loans_equal_the_servers_answers() {
    let app = TestApp::new().await;
    let (partner, samples) = (app.partner().await, samples(&app).await);
    let same = |code, answer: Answer| same(&samples, code, &answer);
    let offer = partner.offer(529_982_247, "").await;
    let simulate = async |amount: &str, installments: u16| {
        let body = json!({"requested_amount": amount, "installment_count": installments});
        partner.post(&format!("/v3/credit-offers/{offer}/simulations"), &body).await
    };
    same("amount_out_of_range", simulate("900000.00", 12).await);
    same("installments_out_of_range", simulate("10000.00", 13).await);
    let body = partner.simulation(&offer, "10000.00", 12).await;
    let mut mismatched = body.clone();
    mismatched["installments_value"] = json!("1.00");
    same("simulation_mismatch", partner.post("/v3/loans", &mismatched).await);
    app.clock.advance(Duration::from_secs(2 * 86_400));
    let partner = partner.renewed().await;
    same("simulation_expired", partner.post("/v3/loans", &body).await);
    let body = partner.simulation(&offer, "10000.00", 12).await;
    partner.post("/v3/loans", &body).await.expect(201);
    same("offer_already_accepted", partner.post("/v3/loans", &body).await);
    let another = partner.offer(111_444_777, "").await;
    let body = partner.simulation(&another, "10000.00", 12).await;
    app.clock.advance(Duration::from_secs(31 * 86_400));
    same("offer_expired", partner.renewed().await.post("/v3/loans", &body).await);
}

#[tokio::test]
async fn the_samples_of_costs_and_payments_equal_the_servers_answers() {
    let (app, partner, operator) = TestApp::with_operator().await;
    let mut samples = samples(&app).await;
    let customer = partner.documented_customer(529_982_247, "no_offer").await;
    app.let_seconds_pass(3).await;
    let mut decision = approval(1);
    decision["offer"] = json!({
        "approved_amount": "20000.00", "min_amount": "1000.00", "interest_rate": 15, "installments": 1,
        "service_fee": 50, "charges": "deducted"
    });
    operator.post(&format!("/customers/{customer}/credit-decisions"), &decision).await.expect(201);
    let offers = partner.get(&format!("/v3/customers/{customer}/credit-offers")).await.expect(200).body;
    let path = format!("/v3/credit-offers/{}/simulations", offers["data"][0]["id"].as_str().unwrap());
    let dear = json!({"requested_amount": "10000.00", "installment_count": 1});
    same(&samples, "unpriceable", &partner.post(&path, &dear).await);

    let loan = partner.loan(111_444_777, "no_matter").await.id();
    app.let_seconds_pass(5).await;
    let quote = operator.get(&format!("/loans/{loan}/payoff-quote")).await.expect(200).body;
    let (code, owed) = ("overpayment_not_confirmed", quote["amount"].as_str().unwrap());
    // The sample names another amount of debt.
    let sample = samples[code].to_string().replace("987.65", owed);
    samples.insert(code.to_owned(), serde_json::from_str(&sample).unwrap());
    let payment = json!({
        "reference": "E1", "amount": "999999999.99", "paid_on": app.clock.now().unmoved().business_date().to_string(),
        "kind": "payoff"
    });
    same(&samples, code, &operator.post(&format!("/loans/{loan}/payments"), &payment).await);
}

#[tokio::test]
async fn the_refusal_of_a_word_says_which_words_are_accepted() {
    let app = TestApp::new().await;
    let (partner, operator) = (app.partner().await, Operator::of(&app).await);
    for (path, accepted) in [
        ("/v3/customers?status=sleeping", "must be pending_kyc, under_review, active or denied"),
        (
            "/api/v3/customers?status=sleeping",
            "must be creating, pending_kyc, under_review, active or denied",
        ),
        ("/v3/credit-offers?status=open", "must be available, accepted or expired"),
        ("/v3/events?type=loan.activ", "did you mean loan.active?"),
        ("/v3/events?since=yesterday", "must be a moment such as 2026-04-01T23:59:59Z"),
        ("/api/v3/events?since=yesterday", "must be whole seconds of Unix time, such as 1777593600"),
    ] {
        let refused = partner.get(path).await.expect_problem(400, "invalid_parameter").body.to_string();
        assert!(refused.contains(accepted), "{path}: {refused}");
    }
    let refused = operator.get("/loans?status=open").await.expect_problem(400, "invalid_parameter");
    assert!(refused.body.to_string().contains("disbursing"), "{}", refused.body);
    let endpoint = json!({"url": "https://example.com/", "events": ["loan.activ"]});
    let refused =
        partner.post("/v3/webhooks/endpoints", &endpoint).await.expect_problem(422, "invalid_event");
    assert!(refused.body.to_string().contains("did you mean loan.active?"), "{}", refused.body);
}

#[tokio::test]
async fn a_change_of_an_unknown_endpoint_is_not_found_whatever_events_it_names() {
    let partner = TestApp::new().await.partner().await;
    for (base, event) in [("/v3", "loan.active"), ("/api/v3", "loan.active")] {
        let path = format!("{base}/webhooks/endpoints/we_0190f3b4c5d67e8f90a1b2c3d4e5f607");
        partner.patch(&path, &json!({"events": [event]})).await.expect_problem(404, "resource_not_found");
        let test = partner.post(&format!("{path}/test"), &json!({"type": event})).await;
        test.expect_problem(404, "resource_not_found");
    }
}

#[tokio::test]
async fn a_token_without_its_scheme_is_told_from_no_token() {
    let app = TestApp::new().await;
    for scheme in ["", "Token "] {
        let request = Request::get("/v3/customers").header("authorization", format!("{scheme}dinie_at_x"));
        let refused =
            app.send(request.body(Body::empty()).unwrap()).await.expect_problem(401, "missing_token");
        assert!(refused.body["detail"].as_str().unwrap().contains("scheme"), "{}", refused.body);
    }
}
