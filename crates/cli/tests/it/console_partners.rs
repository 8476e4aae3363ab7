//! The pages of partners, their credentials and the health of their deliveries.

use std::time::Duration;

use serde_json::json;

use crate::console::{Person, text};
use crate::operator::Operator;
use crate::sink::Sink;
use crate::support::TestApp;

async fn admin(app: &TestApp) -> Person {
    Person::with_roles(app, "admin".parse().unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_is_made_and_its_credential_works_until_it_is_revoked() {
    for app in TestApp::on_each_engine().await {
        let admin = admin(&app).await;
        let wrong = text(&admin.press("/console/partners/new", "name=").await.expect(422).bytes);
        assert!(wrong.contains("Informe um nome"), "{wrong}");
        let made = admin.press("/console/partners/new", "name=Mercado+Sol").await.expect(303);
        let partner = made.header("location").unwrap().to_owned();
        let page = admin.read(&partner).await;
        assert!(page.contains("Mercado Sol") && page.contains("Nenhuma credencial"), "{page}");
        assert!(admin.read("/console/partners").await.contains(&partner));

        let form = format!("{partner}/credential");
        let wrong = text(&admin.press(&form, "name=loja&ends_on=2020-01-01").await.expect(422).bytes);
        assert!(wrong.contains("um dia no futuro") && wrong.contains("value=\"loja\""), "{wrong}");
        let shown = text(&admin.press(&form, "name=loja&scope=partner").await.expect(200).bytes);
        let secrets: Vec<&str> =
            shown.split("<code>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
        let [client, secret] = secrets[..] else { panic!("{shown}") };
        let token = app.token(client, secret).await.expect(200);
        assert!(token.body["access_token"].is_string());

        let page = admin.read(&partner).await;
        let credential = format!("{partner}/credentials/{client}");
        assert!(page.contains(&credential) && !page.contains(secret), "{page}");
        assert!(admin.read(&credential).await.contains("/revoke"));
        for _ in 0..2 {
            admin.press(&format!("{credential}/revoke"), "with_created=on").await.expect(303);
        }
        app.token(client, secret).await.expect(401);
        assert!(!admin.read(&credential).await.contains("/revoke"));
        for path in ["/console/partners/ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607", "/console/partners/x"] {
            admin.page(path).await.expect(404);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_shows_its_volumes_and_the_health_of_its_deliveries() {
    for app in TestApp::on_each_engine().await {
        let (admin, operator, partner) = (admin(&app).await, Operator::of(&app).await, app.partner().await);
        let overview = format!("/partners/{}/overview", partner.id);
        let empty = operator.get(&overview).await.expect(200).body;
        assert_eq!(empty["volumes"]["customers"], 0);
        partner.loan(529_982_247, "no_matter").await;
        app.let_seconds_pass(5).await;
        let sink = Sink::start().await;
        partner.endpoint_for(&sink, &["customer.created"]).await;
        sink.answer_next(&[(500, vec![])]);
        partner.customer(111_444_777, "manual").await;
        app.let_seconds_pass(1).await;
        let old = operator.get(&overview).await.expect(200).body;
        assert_eq!(old["volumes"]["customers"], 0, "a count is known for a minute");
        app.clock.advance(Duration::from_mins(1));
        let known = operator.get(&overview).await.expect(200).body;
        let volumes = &known["volumes"];
        assert_eq!((&volumes["customers"], &volumes["loans"]), (&json!(2), &json!(1)));
        assert_ne!(volumes["disbursed_30_days"], "0.00");
        let endpoint = &known["webhook_endpoints"][0];
        assert!(endpoint["failing_since"].is_string() && endpoint["oldest_waiting_at"].is_string());
        assert_eq!((&endpoint["waiting"], &endpoint["url"]), (&json!(1), &json!(sink.url)));
        let list = admin.read("/console/partners").await;
        assert!(list.contains("1 falha há"), "{list}");
        let page = admin.read(&format!("/console/partners/{}", partner.id)).await;
        assert!(page.contains("Falha há") && page.contains(&sink.url), "{page}");

        app.clock.advance(Duration::from_hours(31 * 24));
        let later = operator.get(&overview).await.expect(200).body;
        assert_eq!(later["volumes"]["disbursed_30_days"], "0.00");
    }
}
