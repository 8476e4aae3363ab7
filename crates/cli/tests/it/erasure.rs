//! The erasure of a person's data: what is gone, what remains, when, and who decides.

use std::time::Duration;

use domain::access::FourEyes;
use domain::id::PartnerId;
use serde_json::{Value, json};
use server::workers;
use store::blob::{BlobKey, Blobs};
use store::verify::SEALED;
use tempfile::TempDir;

use crate::engines::on_both_engines;
use crate::inputs;
use crate::machine::files_under;
use crate::operator::Operator;
use crate::support::{Partner, Setup, TestApp};

/// Logs that name people and end by themselves.
const LOGS: &[&str] = &["delivery_bodies", "delivery_attempts", "idempotency_keys"];

impl TestApp {
    /// The columns in which one of the words is found, opened.
    async fn columns_with(&self, words: &'static [&'static str]) -> Vec<String> {
        let mut found = Vec::new();
        for column in SEALED.iter().filter(|column| !LOGS.contains(&column.table)) {
            let values = move |tx: &mut store::Tx<'_>| store::verify::plain_values(tx, column);
            for (place, plain) in self.state.store.read(values).await.unwrap() {
                let plain = String::from_utf8_lossy(&plain).to_lowercase();
                if words.iter().any(|word| plain.contains(word)) {
                    found.push(format!("{} {place}", column.table));
                }
            }
        }
        found
    }
}

/// Copies of every file.
struct Copies {
    folder: TempDir,
    files: Vec<(PartnerId, String)>,
}

impl TestApp {
    fn copied_files(&self) -> Copies {
        let (folder, from) = (TempDir::new().unwrap(), self.state.config.data.join("blobs"));
        let mut files = Vec::new();
        for name in files_under(&from) {
            let to = folder.path().join(&name);
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(from.join(&name), to).unwrap();
            files.push((name.split('/').next().unwrap().parse().unwrap(), name));
        }
        Copies { folder, files }
    }
}

impl Copies {
    /// The number of copies that open.
    async fn opened(&self, app: &TestApp) -> usize {
        let blobs = Blobs::in_folder(self.folder.path()).unwrap();
        let mut opened = 0;
        for (partner, name) in self.files.clone() {
            let file = name.clone();
            let key = move |tx: &mut store::Tx<'_>| BlobKey::of_file(tx, partner, &file);
            let key = app.state.store.read(key).await.unwrap();
            opened += usize::from(blobs.get(&key, &name).await.is_ok());
        }
        opened
    }
}

/// The person of `inputs::registration(529_982_247, …)` and what it gave.
const PERSON: &[&str] =
    &["ana", "52998224725", "529.982.247-25", "5511999999999", "11222333000181", "567890", "liga às tardes"];

/// A customer with documents, an account, an offer, notes and a tag.
async fn known(partner: &Partner, operator: &Operator, number: u32) -> String {
    let customer = partner.documented_customer(number, "small_offer").await;
    partner.app.let_seconds_pass(3).await;
    let account = json!({"bank_account":
        {"bank_id": "001", "branch": "1234", "number": "567890", "digit": "1", "kind": "checking"}});
    partner.post(&format!("/api/v3/customers/{customer}/bank-account"), &account).await.expect(200);
    operator.post("/notes", &json!({"subject_id": customer, "text": "liga às tardes"})).await.expect(201);
    operator.post(&format!("/customers/{customer}/tags"), &json!({"tag": "ana-vip"})).await.expect(200);
    partner.app.index().await;
    customer
}

on_both_engines!(a_person_without_a_loan_is_erased_at_once:
    a_person_without_a_loan_is_erased_at_once_on_sqlite,
    a_person_without_a_loan_is_erased_at_once_on_postgresql);

async fn a_person_without_a_loan_is_erased_at_once(app: &TestApp) {
    let (partner, operator) = (app.partner().await, Operator::of(app).await);
    let customer = known(&partner, &operator, 529_982_247).await;
    let (erase, shown) = (format!("/customers/{customer}/erase"), format!("/customers/{customer}/erasure"));
    operator.get(&shown).await.expect_problem(404, "resource_not_found");
    assert!(app.columns_with(PERSON).await.len() > 5, "the words are those of the person");

    // Copies of the files, such as older versions in a bucket, with the keys of the partner.
    let copies = app.copied_files();
    assert_eq!(copies.opened(app).await, 3, "the copies open");

    let erased = operator.act(&erase).await.expect(200).body;
    assert_eq!(copies.opened(app).await, 0, "no copy opens any more");
    assert_eq!((&erased["status"], &erased["customer_id"]), (&json!("erased"), &json!(customer)));
    assert!(erased["erased_at"].is_string());
    assert_eq!(app.columns_with(PERSON).await, Vec::<String>::new());
    app.clock.advance(Duration::from_secs(121));
    workers::files::tick(&app.state).await.unwrap();
    assert_eq!(files_under(&app.state.config.data.join("blobs")), Vec::<String>::new());
    app.no_file_is_left_over().await;

    // Its registration is over, and names nobody.
    let left = partner.get(&format!("/v3/customers/{customer}")).await.expect(200).body;
    assert_eq!(left["status"], "denied");
    for gone in ["52998224725", "529.982.247-25", "Ana", "11.222.333", "m-529982247", "567890"] {
        assert!(!left.to_string().contains(gone), "{left}");
    }
    let offers = partner.get(&format!("/v3/customers/{customer}/credit-offers")).await.expect(200).body;
    assert_eq!(offers["data"][0]["status"], "expired");
    let found = operator.get(&format!("/customers?cpf={}", inputs::cpf(529_982_247))).await.expect(200).body;
    assert_eq!(found["data"], json!([]));
    let searched = operator.get("/search?q=ana%20souza").await.expect(200).body;
    assert!(!searched.to_string().contains(&customer), "{searched}");
    assert_eq!(operator.get(&shown).await.expect(200).body, erased);
    operator.act(&erase).await.expect_problem(409, "invalid_state");
    operator.get(&format!("/customers/{customer}/personal-data")).await.expect(404);

    // The person may come back, and several erased customers of a partner stand side by side.
    let again = known(&partner, &operator, 529_982_247).await;
    assert_ne!(again, customer);
    operator.act(&format!("/customers/{again}/erase")).await.expect(200);
    let all = operator.get("/customers").await.expect(200).body;
    let ids: Vec<&Value> = all["data"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert_eq!(ids, [&json!(again), &json!(customer)]);
}

/// An active loan.
async fn active(partner: &Partner) -> Value {
    let loan = partner.loan(529_982_247, "never_pays").await.body;
    partner.app.let_seconds_pass(10).await;
    loan
}

/// Pays a loan off on the first day. Returns the amount.
async fn pay_off(operator: &Operator, loan: &str) -> Value {
    let today = "2026-01-15";
    let quote = operator.get(&format!("/loans/{loan}/payoff-quote?date={today}")).await.expect(200).body;
    let payment =
        json!({"reference": "E-PAGADORA-ANA", "amount": quote["amount"], "paid_on": today, "kind": "payoff"});
    operator.post(&format!("/loans/{loan}/payments"), &payment).await.expect(201);
    quote["amount"].clone()
}

/// A customer whose loan is paid back.
async fn paid_back(partner: &Partner, operator: &Operator) -> String {
    let loan = active(partner).await;
    pay_off(operator, loan["id"].as_str().unwrap()).await;
    loan["customer_id"].as_str().unwrap().to_owned()
}

on_both_engines!(a_borrower_is_erased_once_no_law_makes_the_lender_keep_its_data:
    a_borrower_is_erased_after_the_time_of_the_law_on_sqlite,
    a_borrower_is_erased_after_the_time_of_the_law_on_postgresql);

async fn a_borrower_is_erased_once_no_law_makes_the_lender_keep_its_data(app: &TestApp) {
    let (partner, operator) = (app.partner().await, Operator::of(app).await);
    let loan = active(&partner).await;
    let customer = loan["customer_id"].as_str().unwrap().to_owned();
    let (erase, loan) = (format!("/customers/{customer}/erase"), loan["id"].as_str().unwrap().to_owned());
    let refused = operator.act(&erase).await.expect_problem(409, "invalid_state");
    assert!(refused.body["detail"].as_str().unwrap().contains(&loan));
    let amount = pay_off(&operator, &loan).await;
    let before = operator.get(&format!("/loans/{loan}")).await.expect(200).body;
    assert_eq!(before["status"], "finished");

    let planned = operator.act(&erase).await.expect(200).body;
    assert_eq!((&planned["status"], &planned["erased_at"]), (&json!("planned"), &Value::Null));
    assert_eq!(planned["due_at"], "2037-01-01T03:00:00Z");
    assert_eq!(operator.act(&erase).await.expect(200).body, planned);
    let shown = partner.get(&format!("/v3/customers/{customer}")).await.expect(200).body;
    assert_eq!(shown["status"], "active", "it is kept as it is");

    app.clock.advance(Duration::from_secs(4_003 * 86_400));
    assert_eq!(workers::expire::tick(&app.state).await.unwrap(), 0, "a day before");
    app.clock.advance(Duration::from_secs(2 * 86_400));
    while workers::expire::tick(&app.state).await.unwrap() > 0 {}
    assert_eq!(
        operator.get(&format!("/customers/{customer}/erasure")).await.expect(200).body["status"],
        "erased"
    );
    assert_eq!(
        app.columns_with(&["ana", "52998224725", "5511999999999", "567890"]).await,
        Vec::<String>::new()
    );

    // The books are whole.
    app.check_ledger().await;
    let after = operator.get(&format!("/loans/{loan}")).await.expect(200).body;
    for same in ["status", "requested_amount", "net_amount", "ccb_number", "interest_rate", "created_at"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    assert!(!after.to_string().contains("Ana"), "{after}");
    let payments = operator.get(&format!("/loans/{loan}/payments")).await.expect(200).body;
    assert_eq!(
        (&payments["data"][0]["reference"], &payments["data"][0]["amount"]),
        (&json!("apagado"), &amount)
    );
    operator.get(&format!("/loans/{loan}/contract")).await.expect(404);
    assert_eq!(operator.get(&format!("/loans/{loan}/signatures")).await.expect(200).body["data"], json!([]));
    partner.renewed().await.get(&format!("/v3/loans/{loan}")).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_loan_puts_a_planned_erasure_off() {
    let (app, partner, operator) = TestApp::with_operator().await;
    let customer = paid_back(&partner, &operator).await;
    let (erase, shown) = (format!("/customers/{customer}/erase"), format!("/customers/{customer}/erasure"));
    operator.act(&erase).await.expect(200);
    let decided = format!("/customers/{customer}/credit-decisions");
    operator.post(&decided, &crate::operator::approval(12)).await.expect(201);
    app.let_seconds_pass(3).await;
    let offers = partner.get(&format!("/v3/customers/{customer}/credit-offers")).await.expect(200).body;
    let offers = offers["data"].as_array().unwrap();
    let open = offers.iter().find(|offer| offer["status"] == "available").expect("a new offer");
    let body = partner.simulation(open["id"].as_str().unwrap(), "2000.00", 12).await;
    partner.post("/v3/loans", &body).await.expect(201);
    let due = store::Store::clone(&app.state.store);
    let put_back = "update erasures set due_at = 0";
    due.write(move |tx: &mut store::Tx<'_>| tx.execute(put_back, &[])).await.unwrap();
    assert_eq!(workers::expire::tick(&app.state).await.unwrap(), 1);
    assert_eq!(workers::expire::tick(&app.state).await.unwrap(), 0, "it is looked at a day later");
    let wish = operator.get(&shown).await.expect(200).body;
    assert_eq!((&wish["status"], &wish["due_at"]), (&json!("planned"), &json!("2026-01-16T12:00:16Z")));
    operator.act(&erase).await.expect_problem(409, "invalid_state");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_decide_on_an_erasure() {
    let app = TestApp::with(Setup { four_eyes: FourEyes::Required, ..Setup::default() }).await;
    let partner = app.partner().await;
    let roles = |name: &str| name.parse().unwrap();
    let (officer, second) = (
        Operator::with_roles(&app, roles("privacy")).await,
        Operator::with_roles(&app, roles("admin")).await,
    );
    let customer = partner.documented_customer(529_982_247, "manual").await;
    let erase = format!("/customers/{customer}/erase");
    let analyst = Operator::with_roles(&app, roles("analyst")).await;
    analyst.act(&erase).await.expect_problem(403, "forbidden");
    let proposal = officer.act(&erase).await.expect(202).body;
    assert_eq!((&proposal["action"], &proposal["subject_id"]), (&json!("erase_customer"), &json!(customer)));
    let approve = format!("/proposals/{}/approve", proposal["id"].as_str().unwrap());
    officer.act(&approve).await.expect_problem(403, "forbidden");
    assert_eq!(
        partner.get(&format!("/v3/customers/{customer}")).await.expect(200).body["status"],
        "under_review"
    );
    second.act(&approve).await.expect(200);
    let left = partner.get(&format!("/v3/customers/{customer}")).await.expect(200).body;
    assert_eq!(left["status"], "denied");
    assert_eq!(app.columns_with(&["ana", "52998224725"]).await, Vec::<String>::new());
}
