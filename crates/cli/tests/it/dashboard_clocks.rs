//! The further clocks on the partner's page of the sandbox: made, chosen, moved, deleted, and the reset.

use domain::access::TeamRole;
use serde_json::{Value, json};

use crate::console::Person;
use crate::inputs::registration;
use crate::support::{Partner, TestApp};

/// The ids of the items of a list.
async fn ids(partner: &Partner, path: &str) -> Vec<String> {
    let list = partner.get(path).await.expect(200).body;
    let id = |one: &Value| one["id"].as_str().unwrap().to_owned();
    list["data"].as_array().unwrap().iter().map(id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn scenarios_and_time_are_on_the_chosen_clock() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let person = Person::of_team(&app, partner.id, TeamRole::Developer).await;
        let made = person.press("/dashboard/sandbox/clocks", "name=Carnaval&begins_at=").await.expect(303);
        let here = made.header("location").unwrap().to_owned();
        let clock = here.split_once("clock=").unwrap().1.to_owned();
        let form = format!("clock={clock}&scenario=pays_on_time&nature=mei");
        let shown = person.press("/dashboard/sandbox/customers", &form).await.expect(303);
        let page = person.read(shown.header("location").unwrap()).await;
        assert!(page.contains("foi criado") && page.contains("Carnaval"), "{page}");
        let [customer] = &ids(&partner, &format!("/v3/customers?clock_id={clock}")).await[..] else {
            panic!("one customer")
        };
        assert_eq!(ids(&partner, "/v3/customers").await, <[String; 0]>::default());
        app.let_seconds_pass(20).await;
        person.read(&format!("/dashboard/customers/{customer}?tab=timeline")).await;
        let listed = person.read(&format!("/dashboard/customers?clock={clock}")).await;
        assert!(listed.contains(customer) && !person.read("/dashboard/customers").await.contains(customer));
        person.read(&format!("/dashboard/loans?clock={clock}")).await;
        person.read(&format!("/dashboard/sandbox/mailbox?clock={clock}")).await;
        let ahead = person.read(&format!("{here}&by=month")).await;
        assert!(ahead.contains("Avançar até"), "{ahead}");
        let until = app.clock.now().unmoved().plus(std::time::Duration::from_hours(24 * 40));
        let form = format!("clock={clock}&until={}", until.micros());
        let moved = person.press("/dashboard/sandbox/advance", &form).await.expect(303);
        let after = person.read(moved.header("location").unwrap()).await;
        assert!(after.contains("O que aconteceu") && after.contains("dias à frente"), "{after}");
        assert_eq!(partner.get("/sandbox/clock").await.body["offset_seconds"], 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_search_finds_customers_on_every_clock_of_the_partner_and_on_no_others() {
    for app in TestApp::on_each_engine().await {
        let (partner, other) = (app.partner().await, app.partner().await);
        let clock = partner.post("/sandbox/clocks", &json!({"name": "Carnaval"})).await.expect(201).id();
        let mut body = registration(529_982_247, "");
        body["clock_id"] = clock.as_str().into();
        let customer = partner.post("/v3/customers", &body).await.expect(201).id();
        app.index().await;
        let person = Person::of_team(&app, partner.id, TeamRole::Support).await;
        let stranger = Person::of_team(&app, other.id, TeamRole::Admin).await;
        for sought in [&*customer, "529.982.247-25", "ana@example.com", "m-529982247", "doces"] {
            let address = format!("/dashboard/search?q={sought}");
            let link = format!("href=\"/dashboard/customers/{customer}");
            let found = person.read(&address).await;
            assert!(found.contains(&link), "{sought}: {found}");
            assert!(!stranger.read(&address).await.contains(&link), "{sought}");
        }
        // The list shows one clock, also if it is searched.
        let listed = person.read("/dashboard/customers?q=doces").await;
        assert!(!listed.contains(&customer), "{listed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deletion_and_reset_need_a_confirmation() {
    for app in TestApp::on_each_engine().await {
        let (partner, other) = (app.partner().await, app.partner().await);
        let person = Person::of_team(&app, partner.id, TeamRole::Developer).await;
        let clock = partner.post("/sandbox/clocks", &json!({"name": "a"})).await.expect(201).id();
        let theirs = other.post("/sandbox/clocks", &json!({"name": "a"})).await.expect(201).id();
        partner.customer(529_982_247, "manual").await;
        let said = async |path: &str, form: &str| {
            let answer = person.press(path, form).await.expect(303);
            person.read(answer.header("location").unwrap()).await
        };
        let delete = "/dashboard/sandbox/clocks/delete";
        assert!(said(delete, &format!("clock={clock}")).await.contains("Nada foi apagado"));
        person.press(delete, &format!("clock={theirs}&confirm=yes")).await.expect(404);
        person.page(&format!("/dashboard/sandbox?clock={theirs}")).await.expect(404);
        assert!(said(delete, &format!("clock={clock}&confirm=yes")).await.contains("O relógio foi apagado"));
        assert!(said("/dashboard/sandbox/reset", "").await.contains("Nada foi apagado"));
        assert_eq!(ids(&partner, "/v3/customers").await.len(), 1);
        assert!(said("/dashboard/sandbox/reset", "confirm=yes").await.contains("recomeçou do zero"));
        assert!(ids(&partner, "/v3/customers").await.is_empty());
        assert_eq!(ids(&other, "/sandbox/clocks").await, [theirs]);
        for (form, why) in [
            ("name=", "1 a 60 caracteres"),
            ("name=a&begins_at=2020-01-01", "hoje ou depois"),
            ("name=a&begins_at=2099-01-01", "hoje ou depois"),
        ] {
            assert!(said("/dashboard/sandbox/clocks", form).await.contains(why), "{form}");
        }
        let reader = Person::of_team(&app, partner.id, TeamRole::Support).await;
        assert!(!reader.read("/dashboard/sandbox").await.contains("/sandbox/reset"));
    }
}
