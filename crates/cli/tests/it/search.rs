//! The search of operators over everything.

use axum::http::Method;
use domain::access::{Permission, Permissions};
use domain::search::Query;
use serde_json::{Value, json};
use store::{Tx, args};

use crate::engines::on_both_engines;
use crate::inputs::{cpf, registration};
use crate::operator::Operator;
use crate::support::{Partner, TestApp};

impl Operator {
    /// The hits of a search.
    async fn search(&self, text: &str) -> Vec<Value> {
        let q = text.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat();
        let found = self.get(&format!("/search?q={q}")).await.expect(200).body;
        found["data"].as_array().unwrap().clone()
    }

    /// The ids that a search finds, with the values by which it finds them.
    async fn finds(&self, text: &str) -> Vec<(String, String)> {
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        self.search(text).await.iter().map(|hit| (word(&hit["id"]), word(&hit["matched_by"]))).collect()
    }

    async fn expect_found(&self, text: &str, id: &str, matched_by: &str) {
        let found = self.finds(text).await;
        assert!(found.contains(&(id.to_owned(), matched_by.to_owned())), "{text}: {found:?}");
    }

    /// The ids of customers that a search finds by name.
    async fn named(&self, text: &str) -> Vec<String> {
        self.finds(text).await.into_iter().filter(|(_, by)| by == "name").map(|(id, _)| id).collect()
    }
}

impl TestApp {
    /// Brings new customers into the index of searches. Returns their number.
    pub(crate) async fn index(&self) -> u64 {
        server::workers::search::tick(&self.state).await.unwrap()
    }
}

impl Partner {
    async fn company(&self, number: u32, trading_name: &str, name: &str) -> String {
        let mut body = registration(number, "");
        body["trading_name"] = json!(trading_name);
        body["name"] = json!(name);
        body["email"] = json!(format!("contato{number}@example.com"));
        body["phone"] = json!(format!("+55119{number:08}"));
        self.post("/v3/customers", &body).await.expect(201).id()
    }
}

on_both_engines!(companies_are_found_by_the_words_of_their_names:
    companies_are_found_by_the_words_of_their_names_on_sqlite,
    companies_are_found_by_the_words_of_their_names_on_postgresql);

async fn companies_are_found_by_the_words_of_their_names(app: &TestApp) {
    let operator = Operator::of(app).await;
    let (one, other) = (app.partner().await, app.partner().await);
    let sun = one.company(1_000_001, "Padaria Pão da Serra Ltda", "João D'Ávila").await;
    app.let_seconds_pass(1).await;
    let sea = other.company(1_000_002, "Padaria Nascente ME", "Conceição Prado").await;
    app.let_seconds_pass(1).await;
    assert_eq!(app.index().await, 2);
    assert_eq!(app.index().await, 0);
    for text in ["serra", "PÃO", "pao", "ser", "padaria serra", "serra pad", "joão", "davila", "Serra LTDA"]
    {
        assert_eq!(operator.named(text).await, [sun.as_str()], "{text}");
    }
    // Of all partners, newest first.
    assert_eq!(operator.named("padaria").await, [sea.as_str(), &sun]);
    for text in ["padarias", "serra prado", "erra", "se", "nasci"] {
        assert!(operator.named(text).await.is_empty(), "{text}");
    }
    let hit = operator.search("nascente").await.remove(0);
    assert_eq!(hit["title"], "Padaria Nascente ME");
    assert_eq!(hit["tax_id"], "••.222.333/0001-••");
    assert_eq!((&hit["type"], &hit["state"]), (&json!("customer"), &json!("pending_kyc")));
    assert_eq!(hit["partner_id"], other.id.to_string());

    // A correction counts at once, and the old name finds nothing.
    let correction = json!({"trading_name": "Mercearia Poente"});
    other.patch(&format!("/v3/customers/{sea}"), &correction).await.expect(200);
    assert_eq!(operator.named("poente").await, [sea.as_str()]);
    assert!(operator.named("nascente").await.is_empty());
    assert_eq!(operator.named("conceicao").await, [sea.as_str()]);
    let count = |tx: &mut store::Tx<'_>| tx.fetch_one("select count(*) from search_codes", &[]);
    let codes: i64 = app.state.store.read(count).await.unwrap();

    // The index of a partner can be made anew at any time.
    let id = one.id;
    let forget =
        move |tx: &mut Tx<'_>| tx.execute("delete from search_feeds where partner_id = $1", args![id]);
    app.state.store.write(forget).await.unwrap();
    assert_eq!(app.index().await, 1);
    assert_eq!(app.state.store.read(count).await.unwrap(), codes);
}

on_both_engines!(a_customer_registered_before_the_index_is_filled_in:
    a_customer_registered_before_the_index_is_filled_in_on_sqlite,
    a_customer_registered_before_the_index_is_filled_in_on_postgresql);

async fn a_customer_registered_before_the_index_is_filled_in(app: &TestApp) {
    let (operator, partner) = (Operator::of(app).await, app.partner().await);
    let mut all = Vec::new();
    for number in 1_000_001..1_000_041 {
        all.push(partner.company(number, &format!("Oficina Número {number}"), "Ana Souza").await);
    }
    // No fan-out has run, so none of the registrations has a place yet.
    assert_eq!(app.index().await, 40);
    app.let_seconds_pass(1).await;
    app.index().await;
    for (number, id) in (1_000_001..).zip(&all) {
        assert_eq!(operator.named(&number.to_string()).await, [id.as_str()]);
    }
    let found = operator.get("/search?q=oficina").await.expect(200).body;
    assert_eq!((found["data"].as_array().unwrap().len(), &found["has_more"]), (20, &json!(true)));
}

on_both_engines!(everything_is_found_by_its_exact_values:
    everything_is_found_by_its_exact_values_on_sqlite,
    everything_is_found_by_its_exact_values_on_postgresql);

async fn everything_is_found_by_its_exact_values(app: &TestApp) {
    let (operator, partner) = (Operator::of(app).await, app.partner().await);
    let loan = partner.loan(529_982_247, "no_matter").await.body;
    app.let_seconds_pass(5).await;
    app.index().await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let customer = text(&loan["customer_id"]);
    for sought in [cpf(529_982_247), "52998224725".to_owned()] {
        operator.expect_found(&sought, &customer, "cpf").await;
    }
    for (sought, by) in [
        ("11.222.333/0001-81", "cnpj"),
        ("11222333000181", "cnpj"),
        ("ANA+no_matter@example.com", "email"),
        ("(11) 99999-9999", "phone"),
        ("m-529982247", "external_id"),
    ] {
        operator.expect_found(sought, &customer, by).await;
    }
    let loan_id = text(&loan["id"]);
    operator.expect_found(&text(&loan["ccb_number"]), &loan_id, "ccb_number").await;
    let today = app.clock.now().unmoved().business_date().to_string();
    let paid = json!({"reference": "E2E-99-x", "amount": "1.00", "paid_on": today});
    let payment = operator.post(&format!("/loans/{loan_id}/payments"), &paid).await.expect(201);
    operator.expect_found("E2E-99-x", &payment.id(), "payment_reference").await;
    let request = payment.header("x-request-id").unwrap().to_owned();
    operator.get("/audit").await.expect(200);
    let entry = operator.search(&request).await.remove(0);
    assert_eq!((&entry["type"], &entry["matched_by"]), (&json!("audit_entry"), &json!("request_id")));
    assert_eq!(entry["label"], format!("POST /operator/v1/loans/{loan_id}/payments"));
    let collection = operator.get(&format!("/loans/{loan_id}/collection")).await.expect(200).body;
    let code = text(&collection["installments"][0]["pix_code"]);
    let txid = &code.split_once("/pix/").unwrap().1[..33];
    let installments = operator.get(&format!("/loans/{loan_id}/installments")).await.expect(200).body;
    operator.expect_found(txid, &text(&installments["data"][0]["id"]), "pix_txid").await;
    every_kind_of_id(&operator, &partner, &loan).await;
}

/// Each kind of id is found, with its customer's name where it has one.
async fn every_kind_of_id(operator: &Operator, partner: &Partner, loan: &Value) {
    let hook = json!({"url": "https://example.com/hook"});
    partner.post("/v3/webhooks/endpoints", &hook).await.expect(201);
    partner.customer(111_444_777, "").await;
    operator.app.let_seconds_pass(1).await;
    for (table, kind, named) in [
        ("partners", "partner", false),
        ("customers", "customer", true),
        ("kyc_documents", "document", true),
        ("bank_accounts", "bank_account", true),
        ("biometrics_sessions", "kyc_session", true),
        ("credit_decisions", "credit_decision", true),
        ("offers", "credit_offer", true),
        ("simulations", "simulation", true),
        ("loans", "loan", true),
        ("installments", "installment", true),
        ("payments", "payment", true),
        ("mails", "mail", false),
        ("webhook_endpoints", "webhook_endpoint", false),
        ("events", "event", false),
        ("deliveries", "webhook_delivery", false),
        ("operators", "operator", false),
    ] {
        let first = move |tx: &mut store::Tx<'_>| {
            tx.fetch_opt::<String>(&format!("select id from {table} order by id limit 1"), &[])
        };
        // The loan of this test has neither a session nor a bank account.
        let Some(id) = operator.app.state.store.read(first).await.unwrap() else { continue };
        let hits = operator.search(&id).await;
        assert_eq!(hits.len(), 1, "{table}");
        assert_eq!((&hits[0]["type"], &hits[0]["id"]), (&json!(kind), &json!(id)), "{table}");
        assert_eq!(hits[0]["title"].is_string(), named, "{table}");
    }
    operator.expect_found(&partner.credential.id, &partner.credential.id, "id").await;
    assert_eq!(operator.search(loan["id"].as_str().unwrap()).await[0]["title"], "Doces da Ana");
    for unknown in ["cust", "ba", "bss", "prop", "je", "xyz"] {
        let id = format!("{unknown}_0190f3b4c5d67e8f90a1b2c3d4e5f607");
        assert!(operator.search(&id).await.is_empty(), "{unknown}");
    }
}

#[tokio::test]
async fn an_operator_finds_only_what_it_may_read() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let loan = partner.loan(529_982_247, "no_matter").await.id();
    app.index().await;
    for (may, by_id, by_name) in [
        (vec![], vec![], 0),
        (vec![Permission::ReadLoans], vec![None], 0),
        (vec![Permission::ReadCustomers], vec![], 1),
        (vec![Permission::ReadLoans, Permission::ReadCustomers], vec![Some("Doces da Ana".to_owned())], 1),
    ] {
        let may: Permissions = may.into_iter().collect();
        let found = async |text: &str| {
            let query = Query::parse(text).unwrap();
            let page = app.state.store.read(move |tx| app::search::search(tx, &query, may)).await.unwrap();
            page.items.into_iter().map(|hit| hit.title).collect::<Vec<_>>()
        };
        assert_eq!(found(&loan).await, by_id, "{may:?}");
        assert_eq!(found("doces").await.len(), by_name, "{may:?}");
    }
}

#[tokio::test]
async fn a_search_needs_its_text() {
    let app = TestApp::new().await;
    let operator = Operator::of(&app).await;
    let long = "a".repeat(129);
    for path in ["/search", "/search?q=", "/search?q=%20", &format!("/search?q={long}")] {
        operator.call(Method::GET, path, None, "").await.expect_problem(400, "invalid_parameter");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_at_many_partners_needs_no_more_statements() {
    for app in TestApp::on_each_engine().await {
        let operator = Operator::of(&app).await;
        let mut loans = Vec::new();
        for _ in 0..5 {
            loans.push(app.partner().await.loan(529_982_247, "no_matter").await.id());
        }
        app.let_seconds_pass(5).await;
        let today = app.clock.now().unmoved().business_date().to_string();
        let paid = json!({"reference": "E2E-55-x", "amount": "1.00", "paid_on": today});
        let mut counted = Vec::new();
        for (number, loan) in loans.iter().enumerate() {
            operator.post(&format!("/loans/{loan}/payments"), &paid).await.expect(201);
            // A read that takes long on SQLite begins again on another thread, so its statements may count twice.
            let mut fewest = u64::MAX;
            for _ in 0..3 {
                let before = app.state.store.statements_run();
                assert_eq!(operator.search("E2E-55-x").await.len(), number + 1);
                fewest = fewest.min(app.state.store.statements_run() - before);
            }
            counted.push(fewest);
        }
        assert!(counted.iter().all(|count| *count == counted[0]), "{counted:?}");
    }
}
