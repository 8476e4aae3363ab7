//! The export of everything about a person.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use serde_json::{Value, json};
use zip::ZipArchive;

use crate::answer::Answer;
use crate::console::Person;
use crate::engines::on_both_engines;
use crate::inputs::{self, JPEG, PDF};
use crate::machine::files_under;
use crate::operator::Operator;
use crate::support::TestApp;

/// The files of an archive by name.
fn files_of(answer: &Answer) -> BTreeMap<String, Vec<u8>> {
    assert_eq!(answer.header("content-type"), Some("application/zip"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let mut archive = ZipArchive::new(Cursor::new(&answer.bytes)).unwrap();
    let mut files = BTreeMap::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        files.insert(file.name().unwrap().into_owned(), content);
    }
    files
}

fn person_of(files: &BTreeMap<String, Vec<u8>>) -> Value {
    serde_json::from_slice(&files["person.json"]).unwrap()
}

fn list<'a>(of: &'a Value, name: &str) -> &'a Vec<Value> {
    of[name].as_array().unwrap()
}

on_both_engines!(an_archive_has_everything_about_a_person_with_every_partner:
    an_archive_has_everything_about_a_person_with_every_partner_on_sqlite,
    an_archive_has_everything_about_a_person_with_every_partner_on_postgresql);

async fn an_archive_has_everything_about_a_person_with_every_partner(app: &TestApp) {
    let operator = Operator::of(app).await;
    let (first, second) = (app.partner().await, app.partner().await);
    let loan = first.loan_with_co_owner(529_982_247).await;
    let customer = loan.body["customer_id"].as_str().unwrap().to_owned();
    first.sign_all(&loan.id()).await;
    app.let_seconds_pass(30).await;
    let account = json!({"bank_account":
        {"bank_id": "001", "branch": "1234", "number": "567890", "digit": "1", "kind": "checking"}});
    operator.post("/notes", &json!({"subject_id": customer, "text": "liga às tardes"})).await.expect(201);
    operator.post("/notes", &json!({"subject_id": loan.id(), "text": "pediu prazo"})).await.expect(201);
    // The same person with another partner, and a stranger.
    let elsewhere = second.documented_customer(529_982_247, "manual").await;
    second.post(&format!("/api/v3/customers/{elsewhere}/bank-account"), &account).await.expect(200);
    let stranger = second.documented_customer(111_444_777, "manual").await;

    let answer = operator.get(&format!("/customers/{customer}/personal-data")).await.expect(200);
    let disposition = format!("attachment; filename=\"{customer}.zip\"");
    assert_eq!(answer.header("content-disposition"), Some(disposition.as_str()));
    let files = files_of(&answer);
    let person = person_of(&files);
    assert!(!answer.bytes.windows(stranger.len()).any(|part| part == stranger.as_bytes()));
    assert_eq!(person["cpf"], inputs::cpf(529_982_247));
    assert_eq!(person["missing_files"], json!([]));
    let [newer, older] = &list(&person, "registrations")[..] else { panic!("two registrations: {person}") };
    assert_eq!((&newer["customer"]["id"], &older["customer"]["id"]), (&json!(elsewhere), &json!(customer)));
    assert_eq!(newer["bank_account"]["number"], "567890");
    assert_eq!(newer["partner"]["id"], second.id.to_string());

    assert_eq!(list(older, "notes").len(), 2);
    assert_eq!(list(older, "offers").len(), 1);
    assert!(!list(older, "credit_decisions").is_empty() && !list(older, "mails").is_empty());
    assert!(list(older, "history").iter().any(|moment| moment["kind"] == "loan_signed"));
    assert_eq!(older["unreadable"], json!([]));
    let [borrowed] = &list(older, "loans")[..] else { panic!("one loan: {older}") };
    assert_eq!(borrowed["loan"]["id"], loan.id());
    assert_eq!(list(borrowed, "signatures").len(), 2);
    assert_eq!(list(borrowed, "contracts").len(), 2);

    // Each file that the JSON names is there, as it was sent, and nothing else is.
    let mut named = vec!["LEIA-ME.txt".to_owned(), "person.json".to_owned()];
    for document in list(newer, "documents").iter().chain(list(older, "documents")) {
        let name = document["file"].as_str().unwrap().to_owned();
        assert!(files[&name] == PDF || files[&name] == JPEG, "{name}");
        assert_eq!(document["sha256"], store::seal::sha256_hex(&files[&name]));
        named.push(name);
    }
    for contract in list(borrowed, "contracts") {
        let name = contract.as_str().unwrap();
        assert!(files[name].starts_with(b"%PDF"), "{name}");
        named.push(name.to_owned());
    }
    named.sort_unstable();
    assert_eq!(named, files.keys().cloned().collect::<Vec<_>>());
    assert_eq!(list(newer, "documents").len() + list(older, "documents").len(), 9);

    // From each registration the same person is found.
    let same = operator.get(&format!("/customers/{elsewhere}/personal-data")).await.expect(200);
    assert_eq!(person_of(&files_of(&same))["registrations"], person["registrations"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_read_is_named_and_the_rest_is_exported() {
    let (app, partner, operator) = TestApp::with_operator().await;
    let customer = partner.documented_customer(529_982_247, "manual").await;
    let folder = app.state.config.data.join("blobs");
    let stored = files_under(&folder);
    std::fs::remove_file(folder.join(&stored[0])).unwrap();
    std::fs::write(folder.join(&stored[1]), b"damaged").unwrap();
    let files = files_of(&operator.get(&format!("/customers/{customer}/personal-data")).await.expect(200));
    let person = person_of(&files);
    let missing: Vec<&str> =
        list(&person, "missing_files").iter().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(missing.len(), 2, "{missing:?}");
    assert!(missing.iter().all(|name| name.starts_with("documents/") && !files.contains_key(*name)));
    assert_eq!(files.keys().filter(|name| name.starts_with("documents/")).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_export_does_and_each_export_is_in_the_trail() {
    let (app, partner, operator) = TestApp::with_operator().await;
    let customer = partner.customer(529_982_247, "manual").await;
    for role in ["admin", "auditor", "analyst", "credit-committee", "treasury"] {
        let other = Operator::with_roles(&app, role.parse().unwrap()).await;
        let answer = other.get(&format!("/customers/{customer}/personal-data")).await;
        answer.expect_problem(403, "forbidden");
    }
    let unknown = "/customers/cust_01a20928a97d7cf2a4e6abd5b178664c/personal-data";
    operator.get(unknown).await.expect_problem(404, "resource_not_found");
    let officer = Operator::with_roles(&app, "privacy".parse().unwrap()).await;
    files_of(&officer.get(&format!("/customers/{customer}/personal-data")).await.expect(200));
    let person = Person::with_roles(&app, "privacy".parse().unwrap()).await;
    let page = person.read(&format!("/console/customers/{customer}")).await;
    assert!(page.contains(&format!("/console/customers/{customer}/personal-data")));
    files_of(&person.page(&format!("/console/customers/{customer}/personal-data")).await.expect(200));
    let analyst = Person::with_roles(&app, "analyst".parse().unwrap()).await;
    assert!(!analyst.read(&format!("/console/customers/{customer}")).await.contains("personal-data"));
    analyst.page(&format!("/console/customers/{customer}/personal-data")).await.expect(403);

    let entries = operator.get("/audit?limit=100").await.expect(200).body;
    let exported = format!("/customers/{customer}/personal-data");
    let exports = list(&entries, "data")
        .iter()
        .filter(|entry| entry["operation"].as_str().unwrap().ends_with(&exported) && entry["status"] == 200);
    assert_eq!(exports.count(), 2, "{entries}");
}
