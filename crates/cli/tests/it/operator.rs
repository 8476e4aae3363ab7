//! The operator API: production run by hand, what can be wrong, and the trail of it.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request};
use domain::credential::Environment;
use serde_json::{Value, json};
use store::audit::Trail;

use crate::support::{Answer, JPEG, PDF, Partner, Setup, TestApp, decision};

/// Someone who decides for the lender.
pub(crate) struct Operator<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) token: String,
}

impl<'a> Operator<'a> {
    pub(crate) async fn of(app: &'a TestApp) -> Self {
        let (now, environment) = (app.clock.now(), app.state.config.environment);
        let create =
            move |tx: &mut store::Tx<'_>| app::people::operators::create(tx, environment, now, "Operadora");
        let (_, token) = app.state.store.write(create).await.unwrap();
        Self { app, token }
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<&Value>, key: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/operator/v1{path}"));
        request = request.header("authorization", format!("Bearer {}", self.token));
        if !key.is_empty() {
            request = request.header("idempotency-key", key);
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.app.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None, "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, Some(body), "").await
    }

    /// Posts without a body.
    pub(crate) async fn act(&self, path: &str) -> Answer {
        self.call(Method::POST, path, None, "").await
    }
}

pub(crate) fn approval(installments: u16) -> Value {
    json!({
        "outcome": "approved", "policy_version": "comite-1", "reasons": ["faturamento comprovado"],
        "inputs": {"faturamento_mensal": "20000.00"},
        "offer": {
            "approved_amount": "20000.00", "min_amount": "1000.00", "interest_rate": 2.5,
            "installments": installments
        }
    })
}

async fn in_production(postgres: bool) -> Option<TestApp> {
    let mut setup = Setup { environment: Environment::Production, ..Setup::default() };
    if postgres {
        setup.database = Some(TestApp::postgres_database().await?);
    }
    Some(TestApp::with(setup).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn production_is_run_by_hand_on_sqlite() {
    production_is_run_by_hand(&in_production(false).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn production_is_run_by_hand_on_postgresql() {
    if let Some(app) = in_production(true).await {
        production_is_run_by_hand(&app).await;
    }
}

#[expect(clippy::too_many_lines, reason = "it is one journey")]
async fn production_is_run_by_hand(app: &TestApp) {
    let operator = Operator::of(app).await;
    let made = operator.post("/partners", &json!({"name": "Mercado Exemplo"})).await.expect(201);
    let path = format!("/partners/{}/credentials", made.id());
    let credential = operator.post(&path, &json!({"name": "loja"})).await.expect(201).body;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let partner = app.signed_in(&text(&credential["client_id"]), &text(&credential["client_secret"])).await;

    // KYC: one document is sent back, and taken the second time.
    let customer = partner.documented_customer(529_982_247, "plain").await;
    app.let_seconds_pass(5).await;
    let queue = operator.get("/customers?status=under_review").await.expect(200);
    assert_eq!(queue.body["data"][0]["id"], customer.as_str());
    let requirements = queue.body["data"][0]["requirements"].as_array().unwrap().clone();
    let document = requirements[0]["attachments"][0]["document_id"].as_str().unwrap();
    let file = operator.get(&format!("/documents/{document}")).await.expect(200);
    assert_eq!((file.bytes.as_slice(), file.header("content-type")), (PDF, Some("application/pdf")));
    let decisions = format!("/customers/{customer}/kyc-decisions");
    let verdict = |verdict: &str| -> Value {
        let one = |requirement: &Value| match (verdict, requirement["kind"].as_str().unwrap()) {
            ("reject", "identity") => decision(requirement, "reject"),
            _other => decision(requirement, "accept"),
        };
        json!({"decisions": requirements.iter().map(one).collect::<Vec<_>>()})
    };
    let sent_back = operator.post(&decisions, &verdict("reject")).await.expect(200);
    assert_eq!(sent_back.body["status"], "pending_kyc");
    operator.post(&decisions, &verdict("accept")).await.expect_problem(409, "invalid_state");
    partner.upload(&customer, "cnh", PDF).await.expect(201);
    let corrected = operator.get(&format!("/customers/{customer}")).await.expect(200).body;
    let one = json!({"decisions": [decision(&corrected["requirements"][0], "accept")]});
    let credit = format!("/customers/{customer}/credit-decisions");
    operator.post(&credit, &approval(6)).await.expect(201);
    assert!(operator.get("/credit-offers").await.expect(200).body["data"].as_array().unwrap().is_empty());
    let accepted = operator.post(&decisions, &one).await.expect(200);
    assert_eq!(accepted.body["status"], "active");
    let recorded = operator.get(&credit).await.expect(200).body["data"][0].clone();
    assert_eq!(recorded["inputs"]["faturamento_mensal"], "20000.00");
    assert!(recorded["decided_by"].as_str().unwrap().starts_with("op_"));

    // The offer of the decision, and one that is withdrawn.
    operator.post(&credit, &approval(3)).await.expect(201);
    let open = operator.get("/credit-offers?status=available").await.expect(200);
    let of_installments = |count: u16| {
        let offers = open.body["data"].as_array().unwrap();
        text(&offers.iter().find(|offer| offer["max_installments"] == count).unwrap()["id"])
    };
    let (offer, spare) = (of_installments(6), of_installments(3));
    operator.act(&format!("/credit-offers/{spare}/withdraw")).await.expect(200);
    operator.act(&format!("/credit-offers/{spare}/withdraw")).await.expect_problem(409, "invalid_state");
    assert_eq!(partner.get(&format!("/v3/credit-offers/{spare}")).await.body["status"], "expired");
    let loan =
        partner.post("/v3/loans", &partner.simulation(&offer, "10000.00", 6).await).await.expect(201).id();
    operator
        .act(&format!("/credit-offers/{offer}/withdraw"))
        .await
        .expect_problem(409, "offer_already_accepted");

    // Disbursement: in its order, each step once.
    let path = |rest: &str| format!("/loans/{loan}{rest}");
    operator.act(&path("/disbursement")).await.expect_problem(409, "invalid_state");
    partner.sign_all(&loan).await;
    let queue = operator.get("/loans?status=signed").await.expect(200);
    assert_eq!(queue.body["data"][0]["id"], loan.as_str());
    let ordered = operator.act(&path("/disbursement")).await.expect(200);
    assert_eq!(ordered.body["destination"]["kind"], "pix_key");
    assert!(
        operator.get(&path("/installments")).await.expect(200).body["data"].as_array().unwrap().is_empty()
    );
    let confirmed = operator.act(&path("/disbursement/confirm")).await.expect(200);
    assert_eq!(confirmed.body["status"], "active");
    operator.act(&path("/disbursement/confirm")).await.expect_problem(409, "invalid_state");
    operator.act(&path("/cancel")).await.expect_problem(409, "invalid_state");
    app.check_ledger().await;

    // Payments: on time, reversed, and the early payoff.
    app.clock.advance(std::time::Duration::from_secs(31 * 86_400));
    let today = app.clock.now().unmoved().business_date().to_string();
    let first = operator.get(&path("/installments")).await.expect(200).body["data"][0].clone();
    let pay = json!({"reference": "E1", "amount": first["amount_due"], "paid_on": today});
    let payment = operator.post(&path("/payments"), &pay).await.expect(201);
    let again = operator.post(&path("/payments"), &pay).await.expect(201);
    assert_eq!(again.body, payment.body);
    operator.act(&format!("/payments/{}/reverse", payment.id())).await.expect(200);
    operator.act(&format!("/payments/{}/reverse", payment.id())).await.expect_problem(409, "invalid_state");
    let quote = operator.get(&path("/payoff-quote")).await.expect(200);
    let payoff =
        json!({"reference": "E2", "amount": quote.body["amount"], "paid_on": today, "kind": "payoff"});
    operator.post(&path("/payments"), &payoff).await.expect(201);
    assert_eq!(operator.get(&path("")).await.expect(200).body["status"], "finished");
    operator.get(&path("/payoff-quote")).await.expect_problem(409, "invalid_state");
    // What comes in on the same day after all is to be returned; later nothing is owed.
    let more = json!({"reference": "E3", "amount": "1.00", "paid_on": today});
    operator.post(&path("/payments"), &more).await.expect(201);
    let credit = operator.get(&path("/ledger")).await.expect(200).body["balances"].clone();
    assert!(
        credit.as_array().unwrap().contains(&json!({"account": "customer_credit", "amount": "-1.00"})),
        "{credit}"
    );
    app.clock.advance(std::time::Duration::from_secs(86_400));
    let tomorrow = app.clock.now().unmoved().business_date().to_string();
    let late = json!({"reference": "E4", "amount": "1.00", "paid_on": tomorrow});
    operator.post(&path("/payments"), &late).await.expect_problem(409, "invalid_state");
    let payments = operator.get(&path("/payments?order=asc")).await.expect(200);
    assert_eq!(payments.body["data"].as_array().unwrap().len(), 3);

    // The ledger names who did it; the sum of each entry is zero.
    let ledger = operator.get(&path("/ledger")).await.expect(200).body;
    let causes: Vec<&str> =
        ledger["data"].as_array().unwrap().iter().map(|entry| entry["cause"].as_str().unwrap()).collect();
    assert_eq!(causes, ["disbursement", "payment", "reversal", "payment", "payment"]);
    assert!(
        ledger["data"].as_array().unwrap().iter().all(|e| e["actor"].as_str().unwrap().starts_with("op_"))
    );
    app.check_ledger().await;
    let trail = app.state.store.read(app::people::trail::check_trail).await.unwrap();
    let entries = operator.get("/audit?limit=100").await.expect(200).body["data"].as_array().unwrap().len();
    assert_eq!(trail, Trail::Whole { entries: i64::try_from(entries).unwrap() });
}

#[tokio::test]
async fn what_is_wrong_with_a_payment_is_told_and_changes_nothing() {
    let app = TestApp::new().await;
    let (partner, operator) = (app.partner().await, Operator::of(&app).await);
    let loan = partner.loan(529_982_247, "no_matter").await.id();
    app.let_seconds_pass(5).await;
    let path = format!("/loans/{loan}/payments");
    let today = app.clock.now().unmoved().business_date();
    let (yesterday, tomorrow) = (today.yesterday().unwrap(), today.tomorrow().unwrap());
    let before = operator.get(&format!("/loans/{loan}/ledger")).await.expect(200).body;
    let body = |amount: Value, day: String| json!({"reference": "E1", "amount": amount, "paid_on": day});
    for (body, status, code, param) in [
        (body(json!("0.00"), today.to_string()), 422, "amount_out_of_range", "amount"),
        (body(json!("-5.00"), today.to_string()), 422, "invalid_format", "amount"),
        (body(json!("5.000"), today.to_string()), 422, "invalid_format", "amount"),
        (body(json!(5), today.to_string()), 422, "invalid_format", "amount"),
        (body(json!("5.00"), tomorrow.to_string()), 422, "invalid_format", "paid_on"),
        (body(json!("5.00"), yesterday.to_string()), 422, "invalid_format", "paid_on"),
        (body(json!("5.00"), "15/01/2026".into()), 422, "invalid_format", "paid_on"),
        (json!({"amount": "5.00", "paid_on": today.to_string()}), 422, "missing_required_field", "reference"),
    ] {
        let refused = operator.post(&path, &body).await.expect_problem(status, code);
        assert_eq!(refused.body["param"], param, "{body}");
    }
    let unknown = format!("/loans/ln_{}/payments", "0".repeat(32));
    let good = body(json!("5.00"), today.to_string());
    operator.post(&unknown, &good).await.expect_problem(404, "resource_not_found");
    let quote = |day: String| format!("/loans/{loan}/payoff-quote?date={day}");
    operator.get(&quote(yesterday.to_string())).await.expect_problem(400, "invalid_parameter");
    operator.get(&quote("soon".into())).await.expect_problem(400, "invalid_parameter");
    operator.get(&quote("2099-01-01".into())).await.expect_problem(400, "invalid_parameter");
    assert_eq!(operator.get(&format!("/loans/{loan}/ledger")).await.body, before);

    operator.post(&path, &good).await.expect(201);
    let other = body(json!("6.00"), today.to_string());
    let taken = operator.post(&path, &other).await.expect_problem(422, "idempotency_key_mismatch");
    assert_eq!(taken.body["param"], "reference");
}

#[tokio::test]
async fn what_is_wrong_with_a_review_is_told_and_changes_nothing() {
    let app = TestApp::new().await;
    let (partner, operator) = (app.partner().await, Operator::of(&app).await);
    let customer = partner.customer(529_982_247, "manual").await;
    let path = format!("/customers/{customer}/kyc-decisions");
    let shown = operator.get(&format!("/customers/{customer}")).await.expect(200).body;
    let id = shown["requirements"][0]["id"].clone();
    let one = |id: &Value| json!({"decisions": [{"requirement_id": id, "verdict": "accept"}]});
    operator.post(&path, &one(&id)).await.expect_problem(409, "invalid_state");
    operator.post(&path, &one(&json!("nothing"))).await.expect_problem(422, "invalid_evidence");
    operator.act(&format!("/customers/{customer}/refuse")).await.expect_problem(409, "invalid_state");
    let documented = partner.documented_customer(111_444_777, "manual").await;
    let path = format!("/customers/{documented}/kyc-decisions");
    let shown = operator.get(&format!("/customers/{documented}")).await.expect(200).body;
    let id = shown["requirements"][0]["id"].clone();
    let accept = decision(&shown["requirements"][0], "accept");
    let twice = json!({"decisions": [accept, accept]});
    let twice = operator.post(&path, &twice).await.expect_problem(422, "invalid_evidence");
    assert_eq!(twice.body["param"], "decisions[1].requirement_id");
    let unexplained = json!({"decisions": [{"requirement_id": id, "verdict": "reject"}]});
    operator.post(&path, &unexplained).await.expect_problem(422, "missing_required_field");
    // A decision that names no document, or other ones, does not judge the present evidence.
    let other = format!("doc_{}", "0".repeat(32));
    let document = accept["document_ids"][0].clone();
    for documents in [json!(null), json!([]), json!([other]), json!([document, other])] {
        let body =
            json!({"decisions": [{"requirement_id": id, "verdict": "accept", "document_ids": documents}]});
        let stale = operator.post(&path, &body).await.expect_problem(409, "invalid_state");
        assert_eq!(stale.body["param"], "decisions[0].document_ids", "{documents}");
    }
    let malformed =
        json!({"decisions": [{"requirement_id": id, "verdict": "accept", "document_ids": ["x"]}]});
    let malformed = operator.post(&path, &malformed).await.expect_problem(422, "invalid_format");
    assert_eq!(malformed.body["param"], "decisions[0].document_ids[0]");
    let accept = json!({"decisions": [accept]});
    operator.post(&path, &accept).await.expect(200);
    operator.post(&path, &accept).await.expect_problem(409, "invalid_state");
    let refuse = format!("/customers/{documented}/refuse");
    let stale = operator.post(&refuse, &json!({"document_ids": [document]})).await;
    assert_eq!(stale.expect_problem(409, "invalid_state").body["param"], "document_ids");
    operator.post(&refuse, &json!({"document_ids": "all"})).await.expect_problem(422, "invalid_format");
    let refused = operator.act(&format!("/customers/{documented}/refuse")).await.expect(200);
    assert_eq!(refused.body["status"], "denied");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reviewer_who_looked_at_replaced_documents_decides_nothing() {
    for app in [in_production(false).await, in_production(true).await].into_iter().flatten() {
        let (partner, operator) = (app.partner().await, Operator::of(&app).await);
        let customer = partner.documented_customer(529_982_247, "").await;
        let path = format!("/customers/{customer}");
        let shown = async || operator.get(&path).await.expect(200).body["requirements"].clone();
        let all = |requirements: &Value, verdict: &str| {
            let one = |requirement: &Value| decision(requirement, verdict);
            json!({"decisions": requirements.as_array().unwrap().iter().map(one).collect::<Vec<_>>()})
        };
        let decisions = format!("{path}/kyc-decisions");
        // Two reviewers look. One sends everything back, the customer replaces it, then the other accepts what they saw.
        let seen = shown().await;
        operator.post(&decisions, &all(&seen, "reject")).await.expect(200);
        for kind in ["cnh", "selfie", "ccmei"] {
            partner.upload(&customer, kind, JPEG).await.expect(201);
        }
        let stale =
            operator.post(&decisions, &all(&seen, "accept")).await.expect_problem(409, "invalid_state");
        assert_eq!(stale.body["param"], "decisions[0].document_ids");
        let now = shown().await;
        assert!(
            now.as_array().unwrap().iter().all(|requirement| requirement["status"] == "submitted"),
            "{now}"
        );
        let accepted = operator.post(&decisions, &all(&now, "accept")).await.expect(200);
        assert_eq!(accepted.body["status"], "active");
    }
}

#[tokio::test]
async fn an_operators_token_is_its_own_and_a_partners_opens_nothing_here() {
    let app = TestApp::new().await;
    let (partner, operator) = (app.partner().await, Operator::of(&app).await);
    let with = |token: &str| Operator { app: &app, token: token.to_owned() };
    with(&partner.token).get("/partners").await.expect_problem(401, "invalid_token");
    let live = operator.token.replace("_test_", "_live_");
    with(&live).get("/partners").await.expect_problem(403, "forbidden");
    with(&format!("{}0", operator.token)).get("/partners").await.expect_problem(401, "invalid_token");
    app.get("/operator/v1/partners").await.expect_problem(401, "missing_token");
    let as_partner = Partner { token: operator.token.clone(), ..app.partner().await };
    as_partner.get("/v3/customers").await.expect_problem(401, "invalid_token");
    let now = app.clock.now();
    let revoke = move |tx: &mut store::Tx<'_>| {
        let cursor = store::Cursor::first(domain::page::Limit::DEFAULT);
        let page = app::people::operators::list(tx, &cursor).map_err(|_| store::StoreError::NotFound)?;
        app::people::operators::revoke(tx, now, page.items[0].id)
    };
    assert!(app.state.store.write(revoke).await.unwrap());
    operator.get("/partners").await.expect_problem(401, "invalid_token");
}

/// Every operation succeeds, wants an operator's token, knows what is not there, replays where it writes, and leaves
/// its entry in the audit trail.
#[tokio::test]
async fn every_operation_of_the_operator_api_is_audited_and_replays() {
    let app = TestApp::new().await;
    let (partner, operator) = (app.partner().await, Operator::of(&app).await);
    let calls = calls(&partner, &operator).await;
    let mut walked = BTreeSet::new();
    for (operation, path, body, status) in &calls {
        let (method, template) = operation.split_once(' ').unwrap();
        let method: Method = method.to_uppercase().parse().unwrap();
        let anonymous = Operator { app: &app, token: "dinie_op_test_0".into() };
        anonymous.call(method.clone(), path, body.as_ref(), "").await.expect_problem(401, "invalid_token");
        if let Some((before, after)) = around_parameter(template) {
            let strange = format!("{before}nothing{after}");
            operator
                .call(method.clone(), &strange, body.as_ref(), "")
                .await
                .expect_problem(404, "resource_not_found");
        }
        let writes = method == Method::POST;
        let key = if writes { operation.replace(' ', ":") } else { String::new() };
        let first = operator.call(method.clone(), path, body.as_ref(), &key).await.expect(*status);
        let audited = operator.get("/audit?limit=1").await.expect(200).body["data"][0].clone();
        assert_eq!(audited["operation"], format!("{method} /operator/v1{}", path.split('?').next().unwrap()));
        assert_eq!(
            (&audited["status"], audited["request_id"].as_str()),
            (&json!(status), first.header("x-request-id"))
        );
        if writes {
            let again = operator.call(method, path, body.as_ref(), &key).await.expect(*status);
            assert_eq!(again.bytes, first.bytes, "{operation}");
            assert_eq!(again.header("idempotent-replayed"), Some("true"), "{operation}");
        }
        walked.insert(operation.replacen(' ', " /operator/v1", 1));
    }
    let document = server::http::operator::routes(&app.state).into_openapi();
    assert_eq!(walked, crate::routes::documented(&document), "an operation is missing from this walk");
    let trail = app.state.store.read(app::people::trail::check_trail).await.unwrap();
    assert!(matches!(trail, Trail::Whole { .. }), "{trail:?}");
    let forge = |tx: &mut store::Tx<'_>| {
        tx.execute("update audit_entries set status = 200 where number = 3", &[])?;
        app::people::trail::check_trail(tx)
    };
    assert_eq!(app.state.store.write(forge).await.unwrap(), Trail::BrokenAt(3));
}

type Call = (&'static str, String, Option<Value>, u16);

/// The text before and after the parameter of a path, such as `{loan_id}`.
fn around_parameter(template: &str) -> Option<(&str, &str)> {
    let (before, rest) = template.split_once('{')?;
    Some((before, rest.split_once('}')?.1))
}

#[expect(clippy::too_many_lines, reason = "it is the table that the test walks")]
async fn calls(partner: &Partner<'_>, operator: &Operator<'_>) -> Vec<Call> {
    let app = partner.app;
    let customer = partner.documented_customer(529_982_247, "manual").await;
    let refused = partner.documented_customer(111_444_777, "manual").await;
    let offer = partner.offer(255_248_930, "no_matter").await;
    let mut unsigned = Vec::new();
    for number in [123_456_789, 100_000_001, 100_000_002, 100_000_003] {
        unsigned.push(partner.loan(number, "never_signs").await.id());
    }
    let active = partner.loan(100_000_004, "no_matter").await.id();
    app.let_seconds_pass(5).await;
    // No time passes from here on: what is signed now is the operator's to disburse, not the autopilot's.
    let [to_cancel, to_order, to_confirm, to_fail] = <[String; 4]>::try_from(unsigned).unwrap();
    for loan in [&to_order, &to_confirm, &to_fail] {
        partner.sign_all(loan).await;
    }
    for loan in [&to_confirm, &to_fail] {
        operator.act(&format!("/loans/{loan}/disbursement")).await.expect(200);
    }
    let today = app.clock.now().unmoved().business_date().to_string();
    let paid = json!({"reference": "E0", "amount": "1.00", "paid_on": today});
    let payment = operator.post(&format!("/loans/{active}/payments"), &paid).await.expect(201).id();
    let pay = json!({"reference": "E1", "amount": "1.00", "paid_on": today});
    let shown = operator.get(&format!("/customers/{customer}")).await.expect(200).body;
    let requirement = shown["requirements"][0].clone();
    let document = requirement["attachments"][0]["document_id"].as_str().unwrap().to_owned();
    let decision = json!({"decisions": [decision(&requirement, "accept")]});
    let mails = partner.mails().await.into_iter();
    let mail = mails.filter(|mail| mail.subject.starts_with("Assine")).map(|mail| mail.id).next().unwrap();
    let give_up = move |tx: &mut store::Tx<'_>| {
        tx.execute("update mails set state = 'failed', reason = 'refused' where id = $1", store::args![mail])
    };
    app.state.store.write(give_up).await.unwrap();
    let (id, client) = (partner.id, app.partner().await.client_id);
    let name = json!({"name": "a"});
    let bounced = json!({"message": "devolvido"});
    vec![
        ("post /partners", "/partners".into(), Some(name.clone()), 201),
        ("get /partners", "/partners".into(), None, 200),
        ("get /partners/{partner_id}", format!("/partners/{id}"), None, 200),
        ("post /partners/{partner_id}/credentials", format!("/partners/{id}/credentials"), Some(name), 201),
        ("get /partners/{partner_id}/credentials", format!("/partners/{id}/credentials"), None, 200),
        ("post /credentials/{client_id}/revoke", format!("/credentials/{client}/revoke"), None, 200),
        ("get /customers", "/customers?cnpj=11222333000181".into(), None, 200),
        ("get /customers/{customer_id}", format!("/customers/{customer}"), None, 200),
        (
            "post /customers/{customer_id}/kyc-decisions",
            format!("/customers/{customer}/kyc-decisions"),
            Some(decision),
            200,
        ),
        ("post /customers/{customer_id}/refuse", format!("/customers/{refused}/refuse"), None, 200),
        ("get /documents/{document_id}", format!("/documents/{document}"), None, 200),
        (
            "post /customers/{customer_id}/credit-decisions",
            format!("/customers/{customer}/credit-decisions"),
            Some(approval(6)),
            201,
        ),
        (
            "get /customers/{customer_id}/credit-decisions",
            format!("/customers/{customer}/credit-decisions"),
            None,
            200,
        ),
        ("get /credit-offers", format!("/credit-offers?partner_id={id}"), None, 200),
        ("get /credit-offers/{credit_offer_id}", format!("/credit-offers/{offer}"), None, 200),
        (
            "post /credit-offers/{credit_offer_id}/withdraw",
            format!("/credit-offers/{offer}/withdraw"),
            None,
            200,
        ),
        ("get /mails", "/mails?status=failed".into(), None, 200),
        ("post /mails/{mail_id}/send-again", format!("/mails/{mail}/send-again"), None, 200),
        ("get /loans", "/loans?status=active".into(), None, 200),
        ("get /loans/{loan_id}", format!("/loans/{active}"), None, 200),
        ("get /loans/{loan_id}/installments", format!("/loans/{active}/installments"), None, 200),
        ("post /loans/{loan_id}/disbursement", format!("/loans/{to_order}/disbursement"), None, 200),
        (
            "post /loans/{loan_id}/disbursement/confirm",
            format!("/loans/{to_confirm}/disbursement/confirm"),
            None,
            200,
        ),
        (
            "post /loans/{loan_id}/disbursement/fail",
            format!("/loans/{to_fail}/disbursement/fail"),
            Some(bounced),
            200,
        ),
        ("post /loans/{loan_id}/invitations", format!("/loans/{to_cancel}/invitations"), None, 200),
        ("post /loans/{loan_id}/cancel", format!("/loans/{to_cancel}/cancel"), None, 200),
        ("get /loans/{loan_id}/ledger", format!("/loans/{active}/ledger"), None, 200),
        ("get /loans/{loan_id}/contract", format!("/loans/{active}/contract?copy=signed"), None, 200),
        ("get /loans/{loan_id}/signatures", format!("/loans/{active}/signatures"), None, 200),
        ("get /loans/{loan_id}/collection", format!("/loans/{active}/collection"), None, 200),
        ("get /loans/{loan_id}/payoff-quote", format!("/loans/{active}/payoff-quote"), None, 200),
        ("post /loans/{loan_id}/payments", format!("/loans/{active}/payments"), Some(pay), 201),
        ("get /loans/{loan_id}/payments", format!("/loans/{active}/payments"), None, 200),
        ("post /payments/{payment_id}/reverse", format!("/payments/{payment}/reverse"), None, 200),
        ("get /audit", "/audit".into(), None, 200),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_in_the_trail_and_a_flood_of_them_does_not_fill_it() {
    for app in [Some(TestApp::new().await), TestApp::on_postgres().await].into_iter().flatten() {
        let (operator, partner) = (Operator::of(&app).await, app.partner().await);
        let revoked = Operator::of(&app).await;
        let (token, now) = (revoked.token.clone(), app.clock.now());
        let find = move |tx: &mut store::Tx<'_>| app::people::operators::of_token(tx, &token);
        let gone = app.state.store.read(find).await.unwrap().unwrap().id;
        app.state.store.write(move |tx| app::people::operators::revoke(tx, now, gone)).await.unwrap();

        let with = |token: &str| Operator { app: &app, token: token.to_owned() };
        let wrong = format!("dinie_op_test_{}", "0".repeat(64));
        let refused = [
            (revoked.token.clone(), json!(gone.to_string()), 401),
            (wrong.clone(), Value::Null, 401),
            (partner.token.clone(), Value::Null, 401),
            ("dinie_op_live_1".to_owned(), Value::Null, 403),
            (wrong, Value::Null, 401),
        ];
        for (token, _, status) in &refused {
            with(token).get("/loans?limit=1").await.expect(*status);
        }
        // A call without a token tried nothing.
        app.get("/operator/v1/loans").await.expect(401);
        let trail = operator.get("/audit?limit=100").await.expect(200).body;
        let entries = trail["data"].as_array().unwrap();
        assert_eq!(entries.len(), refused.len());
        for (entry, (token, owner, status)) in entries.iter().rev().zip(&refused) {
            assert_eq!((&entry["operator_id"], &entry["status"]), (owner, &json!(status)));
            assert_eq!(entry["operation"], "GET /operator/v1/loans");
            assert_eq!(entry["fingerprint"].as_str().unwrap().len(), 64);
            assert!(!trail.to_string().contains(token.as_str()));
        }
        // Tries with one token are seen to be.
        assert_eq!(entries[0]["fingerprint"], entries[3]["fingerprint"]);
        assert_ne!(entries[0]["fingerprint"], entries[1]["fingerprint"]);

        for _ in 0..60 {
            with("dinie_op_test_guess").get("/loans").await.expect(401);
        }
        app.clock.advance(std::time::Duration::from_secs(61));
        with("dinie_op_test_guess").get("/loans").await.expect(401);
        let trail = operator.get("/audit?limit=100").await.expect(200).body;
        let entries = trail["data"].as_array().unwrap();
        assert!(entries.len() < 40, "{}", entries.len());
        let told = entries[0]["operation"].as_str().unwrap();
        assert!(told.contains("refused tokens before it"), "{told}");
        let check = app.state.store.read(app::people::trail::check_trail).await.unwrap();
        assert!(matches!(check, Trail::Whole { .. }), "{check:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_made_by_a_command_works_at_once() {
    for app in [Some(TestApp::new().await), TestApp::on_postgres().await].into_iter().flatten() {
        let (now, environment) = (app.clock.now(), app.state.config.environment);
        let (url, key) = (app.state.config.database.clone(), app.state.config.master_key.clone());
        // What a command opens beside the server.
        let beside =
            tokio::task::spawn_blocking(move || store::Store::open(&url, key).unwrap()).await.unwrap();
        let operator = Operator::of(&app).await;
        for _ in 0..10 {
            // The server has just read, and may go on with what it read.
            operator.get("/loans").await.expect(200);
            let create =
                move |tx: &mut store::Tx<'_>| app::people::operators::create(tx, environment, now, "Nova");
            let (_, token) = beside.write(create).await.unwrap();
            Operator { app: &app, token }.get("/loans").await.expect(200);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trails_head_is_published_and_a_lost_end_is_told() {
    let app = TestApp::new().await;
    let operator = Operator::of(&app).await;
    operator.get("/loans").await.expect(200);
    operator.get("/loans").await.expect(200);
    let head = server::workers::audit::tick(&app.state, None).await.unwrap();
    assert_eq!(head.number, 2);
    let metrics = String::from_utf8(app.get("/metrics").await.expect(200).bytes).unwrap();
    let series = format!("dinie_audit_head_number{{hash=\"{}\"}} 2", head.hash);
    assert!(metrics.lines().any(|line| line == series), "{metrics}");

    let cut = |tx: &mut store::Tx<'_>| {
        tx.execute("delete from audit_entries where number = 2", &[])?;
        let sql =
            "update audit_head set number = 1, hash = (select hash from audit_entries where number = 1)";
        tx.execute(sql, &[])?;
        app::people::trail::check_trail(tx)
    };
    assert_eq!(app.state.store.write(cut).await.unwrap(), Trail::Whole { entries: 1 });
    let against = head.clone();
    let check = move |tx: &mut store::Tx<'_>| app::people::trail::check_trail_against(tx, &against);
    assert_eq!(app.state.store.read(check).await.unwrap(), Trail::NotAsPublished(2));
    let after = server::workers::audit::tick(&app.state, Some(head)).await.unwrap();
    assert_eq!(after.number, 1);
    let metrics = String::from_utf8(app.get("/metrics").await.expect(200).bytes).unwrap();
    assert!(metrics.contains("dinie_audit_head_lost_total 1"), "{metrics}");
}

#[tokio::test]
async fn a_parameter_that_an_operation_does_not_have_is_refused() {
    let app = TestApp::new().await;
    let (operator, partner) = (Operator::of(&app).await, app.partner().await);
    partner.customer(529_982_247, "manual").await;
    for (path, params) in [
        ("/customers?stauts=under_review", vec!["stauts"]),
        ("/customers?status=under_review&partner=x&page=2&page=3", vec!["partner", "page"]),
        ("/loans?cpf=1", vec!["cpf"]),
        ("/mails?state=failed", vec!["state"]),
        ("/audit?order=asc", vec!["order"]),
        ("/partners?", vec![]),
        ("/partners?limit=1&order=asc", vec![]),
    ] {
        let answer = operator.get(path).await;
        if params.is_empty() {
            answer.expect(200);
            continue;
        }
        let told = answer.expect_problem(400, "invalid_parameter").faults();
        assert_eq!(
            told,
            params
                .iter()
                .map(|name| ((*name).to_owned(), "invalid_parameter".to_owned()))
                .collect::<Vec<_>>()
        );
    }
    let made = operator.post("/partners?dry_run=true", &json!({"name": "Mercado Exemplo"})).await;
    made.expect_problem(400, "invalid_parameter");
    assert_eq!(operator.get("/partners").await.expect(200).body["data"].as_array().unwrap().len(), 1);
    let trail = operator.get("/audit?limit=2").await.expect(200).body;
    let last = trail["data"][1]["operation"].as_str().unwrap();
    assert!(last.starts_with("GET /operator/v1/partners") || last.starts_with("POST"), "{last}");
    // The partners' contract ignores what it does not know.
    for path in ["/v3/customers?stauts=under_review", "/api/v3/customers?stauts=under_review"] {
        assert_eq!(partner.get(path).await.expect(200).body["data"].as_array().unwrap().len(), 1);
    }
}
