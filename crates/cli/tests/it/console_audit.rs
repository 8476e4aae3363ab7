//! The audit trail's page in the console.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::console::Person;
use crate::operator::Operator;
use crate::support::TestApp;

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_is_filtered_proved_and_exported() {
    for app in TestApp::on_each_engine().await {
        let (auditor, operator) =
            (Person::with_roles(&app, "auditor".parse().unwrap()).await, Operator::of(&app).await);
        let listed = operator.get("/partners").await.expect(200);
        let request = listed.header("x-request-id").unwrap();
        auditor.page("/console/loans").await.expect(200);
        let page = text(&auditor.page("/console/audit").await.expect(200).bytes);
        assert!(page.contains("GET /operator/v1/partners") && page.contains("GET /console/loans"), "{page}");
        assert!(page.contains("não foi conferida"), "{page}");
        let of_request =
            text(&auditor.page(&format!("/console/audit?request={request}")).await.expect(200).bytes);
        assert!(of_request.contains("GET /operator/v1/partners"), "{of_request}");
        assert!(!of_request.contains("GET /console/loans"), "{of_request}");
        let own = format!("/console/audit?operator={}", auditor.id);
        let own = text(&auditor.page(&own).await.expect(200).bytes);
        assert!(own.contains("GET /console/loans") && !own.contains("GET /operator/v1/partners"), "{own}");
        let first = text(&auditor.page("/console/audit?entry=1").await.expect(200).bytes);
        assert!(first.contains("Registro 1") && first.contains("class=\"chain\""), "{first}");

        let proved = text(&auditor.page("/console/audit/check").await.expect(200).bytes);
        assert!(proved.contains("A corrente está inteira"), "{proved}");
        let export = auditor.page("/console/audit/export").await.expect(200);
        assert!(export.header("content-disposition").unwrap().starts_with("attachment"));
        let export = text(&export.bytes);
        let numbers: Vec<i64> =
            export.lines().skip(2).map(|line| line.split(',').next().unwrap().parse().unwrap()).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] == pair[1] + 1), "no entry is left out: {numbers:?}");
        assert_eq!(numbers.last(), Some(&1));
        let proof = operator.get("/audit/proof").await.expect(200).body;
        assert_eq!(proof["whole"], true);

        let forge = |tx: &mut store::Tx<'_>| {
            tx.execute("update audit_entries set operation = 'GET /nothing' where number = 2", &[])
        };
        app.state.store.write(forge).await.unwrap();
        let broken = text(&auditor.page("/console/audit/check").await.expect(200).bytes);
        assert!(broken.contains("O registro 2 falta ou foi mudado."), "{broken}");
        assert_eq!(operator.get("/audit/proof").await.expect(200).body["broken_at"], 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_says_from_where_it_came_and_what_it_changed() {
    for app in TestApp::on_each_engine().await {
        let (auditor, operator) =
            (Person::with_roles(&app, "auditor".parse().unwrap()).await, Operator::of(&app).await);
        let customer = app.partner().await.documented_customer(529_982_247, "manual").await;
        let path = format!("/operator/v1/customers/{customer}/refuse");
        let request = Request::post(&path)
            .header("authorization", format!("Bearer {}", operator.token))
            .header("x-forwarded-for", "203.0.113.7")
            .header("user-agent", "mesa/1.0");
        app.send(request.body(Body::empty()).unwrap()).await.expect(200);
        let entry = &operator.get("/audit").await.expect(200).body["data"][0];
        assert_eq!(entry["operation"], format!("POST {path}"));
        assert_eq!((&entry["address"], &entry["user_agent"]), (&json!("203.0.113.7"), &json!("mesa/1.0")));
        assert_eq!(entry["change"], json!({"before": "under_review", "after": "denied"}));
        let read = &operator.get("/audit").await.expect(200).body["data"][0];
        assert_eq!((&read["change"], &read["user_agent"]), (&Value::Null, &Value::Null));
        let page = auditor.read(&format!("/console/audit?entry={}", entry["number"])).await;
        assert!(page.contains("203.0.113.7") && page.contains("mesa/1.0"), "{page}");
        assert!(page.contains("<del>under review</del>") && page.contains("<ins>denied</ins>"), "{page}");
        let export = text(&auditor.page("/console/audit/export").await.expect(200).bytes);
        assert!(export.contains(",203.0.113.7,mesa/1.0,under_review,denied,"), "{export}");
        // The address is personal data: it is nowhere in clear.
        let rows =
            "select count(*) from audit_entries where operation like '%203.0%' or request_id like '%203.0%'";
        let clear = app.state.store.read(move |tx| tx.fetch_one::<i64>(rows, &[])).await.unwrap();
        assert_eq!(clear, 0);
        let moved = |tx: &mut store::Tx<'_>| {
            tx.execute("update audit_entries set sealed = (select sealed from audit_entries where number = 1) where number = 2", &[])
        };
        app.state.store.write(moved).await.unwrap();
        assert_eq!(operator.get("/audit/proof").await.expect(200).body["broken_at"], 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_is_filtered_by_day() {
    for app in TestApp::on_each_engine().await {
        let operator = Operator::of(&app).await;
        operator.get("/loans").await.expect(200);
        let first = app.clock.now().unmoved().business_date();
        app.clock.advance(Duration::from_hours(24));
        operator.get("/mails").await.expect(200);
        let of = async |query: &str| {
            let page = operator.get(&format!("/audit?{query}")).await.expect(200).body;
            let entries = page["data"].as_array().unwrap();
            entries.iter().map(|entry| entry["operation"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(of(&format!("date={first}")).await, ["GET /operator/v1/loans"]);
        let today = of(&format!("date={}", first.tomorrow().unwrap())).await;
        assert!(
            today.contains(&"GET /operator/v1/mails".to_owned())
                && !today.contains(&"GET /operator/v1/loans".to_owned())
        );
        assert_eq!(of("date=2020-01-01").await, [""; 0]);
        operator.get("/audit?date=x").await.expect(400);
        let auditor = Person::with_roles(&app, "auditor".parse().unwrap()).await;
        let page = auditor.read(&format!("/console/audit?date={first}")).await;
        assert!(
            page.contains("GET /operator/v1/loans") && !page.contains("GET /operator/v1/mails"),
            "{page}"
        );
        assert!(page.contains(&format!("/console/audit/export?date={first}")), "{page}");
    }
}
