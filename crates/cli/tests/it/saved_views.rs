//! Saved views of queues, in the console and through the operator API.

use serde_json::json;

use crate::console::Person;
use crate::operator::Operator;
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_view_is_a_tab_of_its_own_operator_alone() {
    for app in TestApp::on_each_engine().await {
        let person = Person::with_roles(&app, "collections".parse().unwrap()).await;
        let other = Person::with_roles(&app, "collections".parse().unwrap()).await;
        let form = "name=+Acima++de+50+mil&amount_from=50000.00&assignee=nobody";
        let saved = person.press("/console/queues/overdue/views", form).await.expect(303);
        let place = saved.header("location").unwrap().to_owned();
        assert_eq!(place, "/console/queues/overdue?assignee=nobody&amount_from=50000.00");
        let page = person.read("/console/queues/overdue").await;
        let tab = format!("<a href=\"{}\">Acima de 50 mil", place.replace('&', "&#38;"));
        assert!(page.contains(&tab), "{page}");
        assert!(!person.read("/console/queues/disbursing").await.contains("Acima de 50 mil"));
        assert!(!other.read("/console/queues/overdue").await.contains("Acima de 50 mil"));
        let page = person.read(&place).await;
        let delete = page.split("action=\"").find(|part| part.contains("/delete")).unwrap();
        let delete = delete.split('"').next().unwrap().replace("&#38;", "&");
        other.press(&delete, "").await.expect(303);
        assert!(person.read("/console/queues/overdue").await.contains("Acima de 50 mil"), "another person's");
        let left = person.press(&delete, "").await.expect(303);
        assert_eq!(left.header("location"), Some("/console/queues/overdue?assignee=nobody"));
        assert!(!person.read("/console/queues/overdue").await.contains("Acima de 50 mil"));
        for nothing in ["name=&amount_from=1.00", "name=%E2%80%AEa"] {
            person.press("/console/queues/overdue/views", nothing).await.expect(303);
        }
    }
}

#[tokio::test]
async fn an_operator_has_at_most_fifty_views_and_a_name_replaces_its_view() {
    let app = TestApp::new().await;
    let operator = Operator::of(&app).await;
    let view =
        |name: String, hours: u32| json!({"queue": "overdue", "name": name, "older_than_s": hours * 3600});
    for number in 0..50 {
        operator.post("/saved-views", &view(format!("v{number}"), 1)).await.expect(201);
    }
    let refused = operator.post("/saved-views", &view("v50".into(), 1)).await;
    refused.expect_problem(409, "invalid_state");
    let replaced = operator.post("/saved-views", &view("v7".into(), 2)).await.expect(201);
    assert_eq!(replaced.body["older_than_s"], 7_200);
    let views = operator.get("/saved-views").await.expect(200).body;
    assert_eq!(views["data"].as_array().unwrap().len(), 50);
    let wrong = json!({"queue": "x", "name": "", "partner_id": "x", "assignee": "x", "older_than_s": -1, "amount_from": "x"});
    let refused = operator.post("/saved-views", &wrong).await;
    assert_eq!(refused.body["errors"].as_array().unwrap().len(), 6, "{:?}", refused.body);
}
