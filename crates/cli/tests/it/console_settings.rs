//! The pages of the settings, and the same through the operator API.

use serde_json::json;

use crate::console::Person;
use crate::operator::Operator;
use crate::support::TestApp;

#[tokio::test]
async fn the_settings_show_the_lender_its_rates_letters_roles_and_tokens() {
    let app = TestApp::new().await;
    let (admin, operator) =
        (Person::with_roles(&app, "admin".parse().unwrap()).await, Operator::of(&app).await);
    let robot = json!({"name": "Robô", "roles": ["auditor"]});
    let robot = operator.post("/operators", &robot).await.expect(201).id();

    let lender = operator.get("/settings/lender").await.expect(200).body;
    let page = admin.read("/console/settings").await;
    assert!(page.contains(lender["name"].as_str().unwrap()), "{page}");
    let rates = operator.get("/settings/rates").await.expect(200).body;
    assert_eq!(rates["iof"][0]["since"], "2025-07-16");
    let page = admin.read("/console/settings/rates").await;
    assert!(page.contains("16/07/2025") && page.contains("Em vigor"), "{page}");

    let letters = operator.get("/settings/letters").await.expect(200).body;
    assert_eq!(letters["data"].as_array().unwrap().len(), 6);
    let page = admin.read("/console/settings/letters").await;
    for letter in letters["data"].as_array().unwrap() {
        assert!(page.contains(letter["subject"].as_str().unwrap()), "{letter}");
    }
    let page = admin.read("/console/settings/roles").await;
    assert!(page.contains("Decide o KYC") && page.contains("Não muda nada."), "{page}");

    let page = admin.read("/console/settings/tokens").await;
    assert!(page.contains("Robô") && !page.contains("Helena Couto</a>"), "{page}");
    let programs = operator.get("/operators?kind=program").await.expect(200).body;
    let programs = programs["data"].as_array().unwrap();
    assert!(programs.iter().any(|one| one["id"] == robot));
    assert!(programs.iter().all(|one| one["kind"] == "program"));
    operator.get("/operators?kind=robot").await.expect_problem(400, "invalid_parameter");
}
