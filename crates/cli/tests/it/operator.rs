//! The operator API: production run by hand, and the possible errors.

use app::people::operators::CreateOperator;
use axum::body::Body;
use axum::http::{Method, Request};
use domain::access::RoleNames;
use domain::credential::Environment;
use serde_json::{Value, json};
use store::audit::Trail;

use crate::answer::Answer;
use crate::engines::on_both_engines;
use crate::inputs::{JPEG, PDF, decision};
use crate::support::{Partner, Setup, TestApp};

/// An operator, who decides for the lender.
pub(crate) struct Operator {
    pub(crate) app: TestApp,
    pub(crate) token: String,
}

impl Operator {
    pub(crate) async fn of(app: &TestApp) -> Self {
        Self::with_roles(app, app.state.config.roles.names()).await
    }

    /// An operator with these roles alone.
    pub(crate) async fn with_roles(app: &TestApp, roles: RoleNames) -> Self {
        let now = app.clock.now();
        let command = CreateOperator::from_command_line(app.state.config.environment, "Operadora", roles);
        let create = move |tx: &mut store::Tx<'_>| app::people::operators::create(tx, now, &command);
        let (_, token) = app.state.store.write(create).await.unwrap();
        Self { app: app.clone(), token }
    }

    /// The operator's id.
    pub(crate) async fn id(&self) -> String {
        let token = self.token.clone();
        let find = move |tx: &mut store::Tx<'_>| app::people::operators::of_token(tx, &token);
        self.app.state.store.read(find).await.unwrap().expect("the operator was made").id.to_string()
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

impl TestApp {
    /// An app with a partner and an operator.
    pub(crate) async fn with_operator() -> (Self, Partner, Operator) {
        let (app, partner) = Self::with_partner().await;
        let operator = Operator::of(&app).await;
        (app, partner, operator)
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

fn in_production() -> Setup {
    Setup { environment: Environment::Production, ..Setup::default() }
}

on_both_engines!(production_is_run_by_hand:
    production_is_run_by_hand_on_sqlite,
    production_is_run_by_hand_on_postgresql, in_production());

#[expect(clippy::too_many_lines, reason = "it is one journey")]
async fn production_is_run_by_hand(app: &TestApp) {
    let operator = Operator::of(app).await;
    let made = operator.post("/partners", &json!({"name": "Mercado Exemplo"})).await.expect(201);
    let path = format!("/partners/{}/credentials", made.id());
    let credential = operator.post(&path, &json!({"name": "loja"})).await.expect(201).body;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let partner = app.signed_in(&text(&credential["client_id"]), &text(&credential["client_secret"])).await;

    // KYC: one document is sent back, and accepted the second time.
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

    // The decision makes one offer. Another offer is withdrawn.
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

    // Disbursement: each step once, in its order.
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
    // A further payment on the same day is a credit for the borrower. On a later day nothing is owed.
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

    // The ledger names the actor; the sum of each entry is zero.
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
async fn wrong_payments_are_reported_and_change_nothing() {
    let (app, partner, operator) = TestApp::with_operator().await;
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
    operator.post(&path, &other).await.expect_problem_of("reference", 422, "idempotency_key_mismatch");
}

#[tokio::test]
async fn wrong_reviews_are_reported_and_change_nothing() {
    let (_, partner, operator) = TestApp::with_operator().await;
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
    let refused = operator.post(&path, &twice).await;
    refused.expect_problem_of("decisions[1].requirement_id", 422, "invalid_evidence");
    let unexplained = json!({"decisions": [{"requirement_id": id, "verdict": "reject"}]});
    operator.post(&path, &unexplained).await.expect_problem(422, "missing_required_field");
    // A decision without documents, or with other documents, does not judge the present evidence.
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
    let refused = operator.post(&path, &malformed).await;
    refused.expect_problem_of("decisions[0].document_ids[0]", 422, "invalid_format");
    let accept = json!({"decisions": [accept]});
    operator.post(&path, &accept).await.expect(200);
    operator.post(&path, &accept).await.expect_problem(409, "invalid_state");
    let refuse = format!("/customers/{documented}/refuse");
    let stale = operator.post(&refuse, &json!({"document_ids": [document]})).await;
    stale.expect_problem_of("document_ids", 409, "invalid_state");
    operator.post(&refuse, &json!({"document_ids": "all"})).await.expect_problem(422, "invalid_format");
    let refused = operator.act(&format!("/customers/{documented}/refuse")).await.expect(200);
    assert_eq!(refused.body["status"], "denied");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_of_replaced_documents_decides_nothing() {
    for app in TestApp::on_each_engine_with(in_production()).await {
        let (partner, operator) = (app.partner().await, Operator::of(&app).await);
        let customer = partner.documented_customer(529_982_247, "").await;
        let path = format!("/customers/{customer}");
        let shown = async || operator.get(&path).await.expect(200).body["requirements"].clone();
        let all = |requirements: &Value, verdict: &str| {
            let one = |requirement: &Value| decision(requirement, verdict);
            json!({"decisions": requirements.as_array().unwrap().iter().map(one).collect::<Vec<_>>()})
        };
        let decisions = format!("{path}/kyc-decisions");
        // Two reviewers look at the documents. One sends all back, and the customer replaces them. Then the other
        // accepts the former ones.
        let seen = shown().await;
        operator.post(&decisions, &all(&seen, "reject")).await.expect(200);
        for kind in ["cnh", "selfie", "ccmei"] {
            partner.upload(&customer, kind, JPEG).await.expect(201);
        }
        let refused = operator.post(&decisions, &all(&seen, "accept")).await;
        refused.expect_problem_of("decisions[0].document_ids", 409, "invalid_state");
        let now = shown().await;
        assert!(
            now.as_array().unwrap().iter().all(|requirement| requirement["status"] == "submitted"),
            "{now}"
        );
        let accepted = operator.post(&decisions, &all(&now, "accept")).await.expect(200);
        assert_eq!(accepted.body["status"], "active");
    }
}
