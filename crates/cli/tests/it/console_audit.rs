//! The audit trail's page in the console.

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
