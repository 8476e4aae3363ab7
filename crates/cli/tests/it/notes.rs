//! Notes of operators: sealed, never edited, struck out by their authors alone.

use serde_json::{Value, json};
use store::Tx;

use crate::operator::Operator;
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_note_is_sealed_and_only_its_author_strikes_it_out() {
    for app in TestApp::on_each_engine().await {
        let (first, second) = (Operator::of(&app).await, Operator::of(&app).await);
        let partner = app.partner().await;
        let customer = partner.customer(529_982_247, "manual").await;
        let write = json!({ "subject_id": customer, "text": "ligou e pede prazo até sexta" });
        let note = first.post("/notes", &write).await.expect(201).body;
        assert_eq!((&note["text"], &note["author_name"]), (&write["text"], &json!("Operadora")));
        let other = json!({ "subject_id": customer, "text": "prometeu pagar" });
        second.post("/notes", &other).await.expect(201);
        let path = format!("/notes/{}/strike", note["id"].as_str().unwrap());
        second.act(&path).await.expect_problem(403, "forbidden");
        let struck = first.act(&path).await.expect(200).body;
        assert_eq!(struck["text"], note["text"]);
        assert!(!struck["struck_at"].is_null());
        first.act(&path).await.expect_problem(409, "invalid_state");
        let listed = second.get(&format!("/notes?subject_id={customer}")).await.expect(200).body;
        let texts: Vec<&Value> = listed["data"].as_array().unwrap().iter().map(|one| &one["text"]).collect();
        assert_eq!(texts, [&other["text"], &write["text"]]);
        let sealed = |tx: &mut Tx<'_>| tx.fetch_all::<Vec<u8>>("select sealed from notes", &[]);
        for stored in app.state.store.read(sealed).await.unwrap() {
            assert!(!String::from_utf8_lossy(&stored).contains("pag"), "the text is not in clear");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_is_on_a_customer_or_a_loan_that_exists() {
    let app = TestApp::new().await;
    let operator = Operator::of(&app).await;
    let none = "0190f3b4c5d67e8f90a1b2c3d4e5f607";
    for subject in ["cust", "ln", "prop", "ml", "ptr"] {
        let body = json!({ "subject_id": format!("{subject}_{none}"), "text": "x" });
        operator.post("/notes", &body).await.expect(422);
    }
    operator.post("/notes", &json!({ "subject_id": format!("cust_{none}"), "text": "" })).await.expect(422);
    operator.get("/notes").await.expect_problem(400, "invalid_parameter");
    let unknown = format!("/notes?subject_id=cust_{none}");
    operator.get(&unknown).await.expect_problem(400, "invalid_parameter");
    let auditor = Operator::with_roles(&app, "auditor".parse().unwrap()).await;
    let body = json!({ "subject_id": format!("cust_{none}"), "text": "x" });
    auditor.post("/notes", &body).await.expect_problem(403, "forbidden");
}
