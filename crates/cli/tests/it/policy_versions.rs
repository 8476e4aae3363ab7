//! Versions of the credit policy: uploaded, compared, adopted by a second person, and in force without a restart.

use domain::access::FourEyes;
use serde_json::{Value, json};

use crate::console::{Person, text};
use crate::operator::Operator;
use crate::support::{Setup, TestApp};

/// A policy that refuses sole traders and approves a smaller amount than the sandbox's own.
pub(crate) const STRICT: &str = r#"
version = "2027-01"
approval = "automatic"

[[refusal]]
name = "mei"
legal_natures = ["mei"]
reason = "Só empresas."

[[table]]
name = "empresa"
max_amount = "20000.00"
min_amount = "1000.00"
monthly_rate_percent = "2.9"
installments = 6
service_fee_percent = "1"
charges = "financed"
"#;

async fn two_people(app: &TestApp) -> (Operator, Operator) {
    (
        Operator::with_roles(app, "admin".parse().unwrap()).await,
        Operator::with_roles(app, "credit-committee".parse().unwrap()).await,
    )
}

async fn decision(app: &TestApp, operator: &Operator, number: u32) -> Value {
    let customer = app.partner().await.customer(number, "no_matter").await;
    app.let_seconds_pass(2).await;
    let path = format!("/customers/{customer}/credit-decisions");
    operator.get(&path).await.expect(200).body["data"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_is_compared_and_decides_once_a_second_person_has_adopted_it() {
    for app in TestApp::on_each_engine_with(Setup { four_eyes: FourEyes::Required, ..Setup::default() }).await
    {
        let (first, second) = two_people(&app).await;
        let before = decision(&app, &first, 529_982_247).await;
        assert_eq!(
            (&before["policy_version"], &before["outcome"]),
            (&json!("sandbox-1"), &json!("approved"))
        );
        let uploaded = first.post("/policy-versions", &json!({"content": STRICT})).await.expect(201).body;
        let comparison = &uploaded["comparison"];
        assert_eq!(comparison["applications"], 1, "{comparison}");
        assert_eq!(comparison["changes"].as_array().unwrap().len(), 1);
        let path = format!("/policy-versions/{}", uploaded["id"].as_str().unwrap());
        let adopt = format!("{path}/adopt");
        let proposal = first.act(&adopt).await.expect(202).body;
        assert_eq!((&proposal["action"], &proposal["subject_id"]), (&json!("adopt_policy"), &uploaded["id"]));
        let approve = format!("/proposals/{}/approve", proposal["id"].as_str().unwrap());
        first.act(&approve).await.expect_problem(403, "forbidden");
        let now = first.get("/policy").await.expect(200).body;
        assert_eq!(
            (&now["rules"]["version"], &now["policy_version_id"]),
            (&json!("sandbox-1"), &Value::Null)
        );
        second.act(&approve).await.expect(200);
        second.act(&adopt).await.expect_problem(409, "invalid_state");
        let now = first.get("/policy").await.expect(200).body;
        assert_eq!(
            (&now["rules"]["version"], &now["policy_version_id"]),
            (&json!("2027-01"), &uploaded["id"])
        );
        let after = decision(&app, &first, 111_444_777).await;
        assert_eq!(after["policy_version"], "2027-01");
        let again = first.post("/policy-versions", &json!({"content": STRICT})).await;
        again.expect_problem(409, "invalid_state");
    }
}

#[tokio::test]
async fn a_version_is_stale_once_another_one_is_in_force() {
    let app = TestApp::with(Setup { four_eyes: FourEyes::Required, ..Setup::default() }).await;
    let (first, second) = two_people(&app).await;
    let upload = async |version: &str| {
        let content = STRICT.replace("2027-01", version);
        first.post("/policy-versions", &json!({"content": content})).await.expect(201).id()
    };
    let propose = async |version: &str| first.act(&format!("/policy-versions/{version}/adopt")).await;
    let approve = async |id: &str| second.act(&format!("/proposals/{id}/approve")).await;
    let (one, other, late) = (upload("a").await, upload("b").await, upload("c").await);
    let (one, other) = (propose(&one).await.expect(202).id(), propose(&other).await.expect(202).id());
    approve(&one).await.expect(200);
    approve(&other).await.expect_problem(409, "invalid_state");
    propose(&late).await.expect_problem(409, "invalid_state");
    let again = propose(&upload("b").await).await.expect(202).id();
    approve(&again).await.expect(200);
    assert_eq!(first.get("/policy").await.expect(200).body["rules"]["version"], "b");
    assert_eq!(first.get("/policy-versions").await.expect(200).body["data"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_wrong_file_is_refused_with_every_fault_and_its_line() {
    let app = TestApp::new().await;
    let operator = Operator::of(&app).await;
    let wrong = STRICT.replace("\"automatic\"", "\"yes\"").replace("\"financed\"", "\"free\"");
    let refused = operator.post("/policy-versions", &json!({"content": wrong})).await;
    let body = refused.expect_problem(422, "invalid_format").body.clone();
    let details: Vec<&str> =
        body["errors"].as_array().unwrap().iter().map(|error| error["detail"].as_str().unwrap()).collect();
    assert!(details[0].starts_with("line 3: approval must be"), "{details:?}");
    assert!(details[1].starts_with("line 17: table \"empresa\": charges must be"), "{details:?}");
    let admin = Person::with_roles(&app, "admin".parse().unwrap()).await;
    let page = text(&admin.upload("/console/settings/policy", &wrong).await.expect(422).bytes);
    assert!(page.contains("charges must be financed or deducted"), "{page}");
}

#[tokio::test]
async fn two_people_bring_a_version_into_force_by_their_pages() {
    let app = TestApp::with(Setup { four_eyes: FourEyes::Required, ..Setup::default() }).await;
    let first = Person::with_roles(&app, "admin".parse().unwrap()).await;
    let second = Person::with_roles(&app, "credit-committee".parse().unwrap()).await;
    let uploaded = first.upload("/console/settings/policy", STRICT).await.expect(303);
    let page = uploaded.header("location").unwrap().to_owned();
    assert!(first.read(&page).await.contains("/adopt\""));
    let proposed = first.press(&format!("{page}/adopt"), "").await.expect(303);
    let proposal = proposed.header("location").unwrap().to_owned();
    let shown = first.read(&page).await;
    assert!(shown.contains(&proposal) && !shown.contains("/adopt\""), "{shown}");
    first.press(&format!("{proposal}/approve"), "").await.expect(409);
    let waiting = second.read(&proposal).await;
    assert!(waiting.contains("Pôr em vigor a política 2027-01") && waiting.contains(&page), "{waiting}");
    second.press(&format!("{proposal}/approve"), "").await.expect(303);
    let policy = first.read("/console/settings/policy").await;
    assert!(
        policy.contains("2027-01") && policy.contains("Em vigor") && policy.contains("Só empresas."),
        "{policy}"
    );
    let auditor = Person::with_roles(&app, "auditor".parse().unwrap()).await;
    assert!(!auditor.read("/console/settings/policy").await.contains("multipart"));
}
