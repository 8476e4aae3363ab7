//! The pages of people and programs.

use crate::console::{Person, text};
use crate::operator::Operator;
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_programs_token_is_shown_once_and_ends_with_its_access() {
    for app in TestApp::on_each_engine().await {
        let admin = Person::with_roles(&app, "admin".parse().unwrap()).await;
        for (form, reason) in [
            ("name=&role=auditor", "Informe um nome"),
            ("name=Rob%C3%B4", "ao menos um papel"),
            ("name=Rob%C3%B4&role=unknown", "ao menos um papel"),
            ("name=Rob%C3%B4&role=auditor&ends_on=2020-01-01", "um dia no futuro"),
            ("name=Rob%C3%B4&role=auditor&ends_on=amanha", "um dia no futuro"),
        ] {
            let page = text(&admin.press("/console/people/program", form).await.expect(422).bytes);
            assert!(page.contains(reason), "{form}: {page}");
        }
        let form = "name=Rob%C3%B4&role=auditor&role=collections&ends_on=2026-12-31";
        let made = text(&admin.press("/console/people/program", form).await.expect(200).bytes);
        let token = made.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
        let robot = Operator { app: app.clone(), token: token.clone() };
        robot.get("/audit").await.expect(200);
        robot.post("/partners", &serde_json::json!({"name": "a"})).await.expect(403);

        let list = text(&admin.page("/console/people").await.expect(200).bytes);
        assert!(list.contains("Robô") && list.contains("auditor, collections") && !list.contains(&token));
        let row = list.split("<tr data-href=\"").find(|row| row.contains("Robô")).unwrap();
        assert!(row.contains("Helena Couto"), "its maker: {row}");
        let page = row.split('"').next().unwrap().to_owned();
        let one = text(&admin.page(&page).await.expect(200).bytes);
        assert!(one.contains("31/12/2026") && one.contains("/revoke"), "{one}");
        let auditor = Person::with_roles(&app, "auditor".parse().unwrap()).await;
        assert!(!text(&auditor.page(&page).await.expect(200).bytes).contains("/revoke"));
        let own = format!("/console/people/{}", admin.id);
        assert!(!text(&admin.page(&own).await.expect(200).bytes).contains("/revoke"));
        for _ in 0..2 {
            admin.press(&format!("{page}/revoke"), "").await.expect(303);
        }
        robot.get("/audit").await.expect(401);
    }
}
