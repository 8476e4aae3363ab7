//! Customers that may be the same: over all partners, with what they have in common.

use serde_json::{Value, json};
use store::Tx;

use crate::console::Person;
use crate::engines::on_both_engines;
use crate::inputs::registration;
use crate::operator::Operator;
use crate::support::{Partner, TestApp};

impl Partner {
    /// A customer that has nothing in common with those of other numbers.
    async fn stranger(&self, number: u32) -> String {
        let mut body = registration(number, "ltda");
        body["cnpj"] = json!(domain::tax_id::Cnpj::of_number(number).to_string());
        body["email"] = json!(format!("c{number}+ltda@example.com"));
        body["phone"] = json!(format!("+55119{number:08}"));
        body["trading_name"] = json!(format!("Loja {number}"));
        self.post("/v3/customers", &body).await.expect(201).id()
    }

    async fn has_account(&self, customer: &str, number: &str) {
        let account = json!({"bank_account":
            {"bank_id": "001", "branch": "1234", "number": number, "digit": "1", "kind": "checking"}});
        self.post(&format!("/api/v3/customers/{customer}/bank-account"), &account).await.expect(200);
    }
}

impl Operator {
    /// The duplicates of a customer: their ids with what is in common.
    async fn duplicates(&self, customer: &str) -> Vec<(String, Vec<String>)> {
        let found = self.get(&format!("/customers/{customer}/duplicates")).await.expect(200).body;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let alike = |one: &Value| one["in_common"].as_array().unwrap().iter().map(text).collect();
        found["data"].as_array().unwrap().iter().map(|one| (text(&one["id"]), alike(one))).collect()
    }
}

fn found(customer: &str, in_common: &[&str]) -> (String, Vec<String>) {
    (customer.to_owned(), in_common.iter().map(ToString::to_string).collect())
}

on_both_engines!(a_duplicate_is_found_by_each_value_in_common:
    a_duplicate_is_found_by_each_value_in_common_on_sqlite,
    a_duplicate_is_found_by_each_value_in_common_on_postgresql);

async fn a_duplicate_is_found_by_each_value_in_common(app: &TestApp) {
    let operator = Operator::of(app).await;
    let (one, other) = (app.partner().await, app.partner().await);
    let (first, second) = (one.stranger(1_000_001).await, other.stranger(1_000_002).await);
    app.let_seconds_pass(1).await;
    app.index().await;
    assert_eq!(operator.duplicates(&first).await, []);

    one.has_account(&first, "567890").await;
    other.has_account(&second, "00567890").await;
    assert_eq!(operator.duplicates(&first).await, [found(&second, &["bank_account"])]);
    assert_eq!(operator.duplicates(&second).await, [found(&first, &["bank_account"])]);

    // The old account of a customer finds nothing any more.
    other.has_account(&second, "111111").await;
    assert_eq!(operator.duplicates(&first).await, []);

    let contact = json!({"email": "C1000001+ltda@Example.com", "phone": "+5511901000001"});
    other.patch(&format!("/v3/customers/{second}"), &contact).await.expect(200);
    assert_eq!(operator.duplicates(&first).await, [found(&second, &["phone", "email"])]);

    for (partner, customer) in [(&one, &first), (&other, &second)] {
        partner
            .upload(customer, "proof_of_address", b"\xff\xd8\xff\xe0 one electricity bill")
            .await
            .expect(201);
    }
    assert_eq!(operator.duplicates(&first).await, [found(&second, &["document", "phone", "email"])]);

    let same = other.stranger(1_000_001).await;
    app.let_seconds_pass(1).await;
    app.index().await;
    let all = operator.duplicates(&first).await;
    let contacts = found(&second, &["document", "phone", "email"]);
    assert_eq!(all, [found(&same, &["cnpj", "cpf", "phone", "email"]), contacts]);
    let hit =
        operator.get(&format!("/customers/{first}/duplicates")).await.expect(200).body["data"][0].clone();
    assert_eq!((&hit["name"], &hit["partner_id"]), (&json!("Loja 1000001"), &json!(other.id.to_string())));
    assert!(hit["tax_id"].as_str().unwrap().starts_with("••."), "{hit}");
}

on_both_engines!(accounts_of_before_the_index_are_filled_in:
    accounts_of_before_the_index_are_filled_in_on_sqlite,
    accounts_of_before_the_index_are_filled_in_on_postgresql);

async fn accounts_of_before_the_index_are_filled_in(app: &TestApp) {
    let (operator, partner) = (Operator::of(app).await, app.partner().await);
    let (first, second) = (partner.stranger(1_000_001).await, partner.stranger(1_000_002).await);
    for customer in [&first, &second] {
        partner.has_account(customer, "567890").await;
    }
    let forget = |tx: &mut Tx<'_>| {
        tx.execute("delete from search_codes where code <> 0", &[])?;
        tx.execute("delete from search_feeds where place >= 0", &[])
    };
    app.state.store.write(forget).await.unwrap();
    assert_eq!(operator.duplicates(&first).await, []);
    app.let_seconds_pass(1).await;
    app.index().await;
    assert_eq!(operator.duplicates(&first).await, [found(&second, &["bank_account"])]);
}

#[tokio::test]
async fn a_page_shows_at_most_twenty_duplicates_and_says_that_there_are_more() {
    let (app, partner) = TestApp::with_partner().await;
    let mut all = Vec::new();
    for number in 1_000_001..=1_000_022 {
        let customer = partner.stranger(number).await;
        partner.has_account(&customer, "567890").await;
        all.push(customer);
    }
    let operator = Operator::of(&app).await;
    let path = format!("/customers/{}/duplicates", all[0]);
    let answer = operator.get(&path).await.expect(200).body;
    assert_eq!((answer["data"].as_array().unwrap().len(), &answer["has_more"]), (20, &json!(true)));

    let reviewer = Person::with_roles(&app, "analyst".parse().unwrap()).await;
    let page = reviewer.read(&format!("/console/customers/{}", all[0])).await;
    assert_eq!(page.matches("mesma conta bancária").count(), 20, "{page}");
    assert!(page.contains("Há mais cadastros parecidos."), "{page}");
}
