//! Tags of operators on customers: written in one way, at most ten, sealed, and a filter of the lists.

use domain::access::RoleNames;
use futures::future::join_all;
use serde_json::{Value, json};
use store::Tx;

use crate::answer::Answer;
use crate::console::Person;
use crate::engines::on_both_engines;
use crate::operator::Operator;
use crate::support::TestApp;

impl Operator {
    async fn tag(&self, customer: &str, tag: &str) -> Answer {
        self.post(&format!("/customers/{customer}/tags"), &json!({"tag": tag})).await
    }

    async fn untag(&self, customer: &str, tag: &str) -> Answer {
        self.post(&format!("/customers/{customer}/tags/remove"), &json!({"tag": tag})).await
    }

    /// The ids of the customers of a list.
    async fn listed(&self, query: &str) -> Vec<String> {
        let found = self.get(&format!("/customers?{query}")).await.expect(200).body;
        let id = |one: &Value| one["id"].as_str().unwrap().to_owned();
        found["data"].as_array().unwrap().iter().map(id).collect()
    }
}

on_both_engines!(a_tag_is_written_in_one_way_and_sealed:
    a_tag_is_written_in_one_way_and_sealed_on_sqlite,
    a_tag_is_written_in_one_way_and_sealed_on_postgresql);

async fn a_tag_is_written_in_one_way_and_sealed(app: &TestApp) {
    let operator = Operator::of(app).await;
    let customer = app.partner().await.customer(529_982_247, "manual").await;
    let tags = operator.tag(&customer, " Revisão  de Renda ").await.expect(200).body["tags"].clone();
    assert_eq!(tags, json!(["revisão-de-renda"]));
    // The same word without accents changes nothing.
    let tags = operator.tag(&customer, "revisao-de-renda").await.expect(200).body["tags"].clone();
    assert_eq!(tags, json!(["revisão-de-renda"]));
    operator.tag(&customer, "a").await.expect_problem(422, "invalid_format");
    operator.tag(&customer, "a/b").await.expect_problem(422, "invalid_format");
    let shown = operator.get(&format!("/customers/{customer}")).await.expect(200).body;
    assert_eq!(shown["tags"], tags);
    let stored = |tx: &mut Tx<'_>| tx.fetch_all::<Vec<u8>>("select sealed from customer_tags", &[]);
    for sealed in app.state.store.read(stored).await.unwrap() {
        assert!(!String::from_utf8_lossy(&sealed).contains("renda"), "the tag is not in clear");
    }
    let left = operator.untag(&customer, "REVISAO DE RENDA").await.expect(200).body;
    assert_eq!(left["tags"], json!([]));
    operator.untag(&customer, "revisao-de-renda").await.expect_problem(404, "resource_not_found");
    operator
        .tag("cust_0190f3b4c5d67e8f90a1b2c3d4e5f607", "vip")
        .await
        .expect_problem(404, "resource_not_found");
    let auditor = Operator::with_roles(app, "auditor".parse::<RoleNames>().unwrap()).await;
    auditor.tag(&customer, "vip").await.expect_problem(403, "forbidden");
}

on_both_engines!(operators_who_tag_at_once_do_not_exceed_the_limit:
    operators_who_tag_at_once_do_not_exceed_the_limit_on_sqlite,
    operators_who_tag_at_once_do_not_exceed_the_limit_on_postgresql);

async fn operators_who_tag_at_once_do_not_exceed_the_limit(app: &TestApp) {
    let operator = Operator::of(app).await;
    let customer = app.partner().await.customer(529_982_247, "manual").await;
    let texts: Vec<String> = (10..26).map(|number| format!("vip-{}", number / 2)).collect();
    let all = join_all(texts.iter().map(|text| operator.tag(&customer, text))).await;
    assert!(all.iter().all(|answer| answer.status == 200), "eight tags, each of them twice");
    let more: Vec<String> = (0..6).map(|number| format!("more-{number}")).collect();
    let all = join_all(more.iter().map(|text| operator.tag(&customer, text))).await;
    assert_eq!(all.iter().filter(|answer| answer.status == 200).count(), 2);
    assert_eq!(all.iter().filter(|answer| answer.status == 409).count(), 4);
    let tags = operator.get(&format!("/customers/{customer}")).await.expect(200).body["tags"].clone();
    assert_eq!(tags.as_array().unwrap().len(), 10, "{tags}");
}

on_both_engines!(a_list_of_customers_is_filtered_by_a_tag:
    a_list_of_customers_is_filtered_by_a_tag_on_sqlite,
    a_list_of_customers_is_filtered_by_a_tag_on_postgresql);

async fn a_list_of_customers_is_filtered_by_a_tag(app: &TestApp) {
    let operator = Operator::of(app).await;
    let (one, other) = (app.partner().await, app.partner().await);
    let mut all = Vec::new();
    for (partner, number) in [(&one, 111_444_777), (&other, 222_444_777), (&one, 333_444_777)] {
        let customer = partner.customer(number, "manual").await;
        operator.tag(&customer, "vip").await.expect(200);
        app.let_seconds_pass(1).await;
        all.push(customer);
    }
    one.customer(444_444_777, "manual").await;
    let reviewed = one.documented_customer(555_444_777, "manual").await;
    operator.tag(&reviewed, "vip").await.expect(200);
    let newest_first = [&reviewed, &all[2], &all[1], &all[0]].map(String::clone);
    assert_eq!(operator.listed("tag=vip").await, newest_first);
    assert_eq!(operator.listed("tag=VIP&order=asc&limit=2").await, [all[0].clone(), all[1].clone()]);
    let after = format!("tag=vip&limit=2&starting_after={}", all[2]);
    assert_eq!(operator.listed(&after).await, [all[1].clone(), all[0].clone()]);
    assert_eq!(operator.listed(&format!("tag=vip&partner_id={}", other.id)).await, [all[1].as_str()]);
    assert_eq!(operator.listed("tag=vip&status=under_review").await, [reviewed.as_str()]);
    assert_eq!(operator.listed("tag=vip&external_id=m-111444777").await, [all[0].as_str()]);
    assert_eq!(operator.listed("tag=outra").await, [""; 0]);
    let strange = "tag=vip&starting_after=cust_0190f3b4c5d67e8f90a1b2c3d4e5f607";
    operator.get(&format!("/customers?{strange}")).await.expect_problem(400, "invalid_cursor");
    operator.get("/customers?tag=!").await.expect_problem(400, "invalid_parameter");
}

#[tokio::test]
async fn a_person_tags_a_customer_and_finds_it_in_the_list() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let customer = partner.customer(529_982_247, "manual").await;
    partner.customer(111_444_777, "manual").await;
    let person = Person::with_roles(&app, "analyst".parse().unwrap()).await;
    let page = format!("/console/customers/{customer}");
    person.press(&format!("{page}/tags"), "tag=Suspeita+de+fraude").await.expect(303);
    let shown = person.read(&page).await;
    assert!(shown.contains("href=\"/console/customers?tag=suspeita-de-fraude\""), "{shown}");
    let list = person.read("/console/customers?tag=suspeita-de-fraude").await;
    assert_eq!(list.matches("data-href=\"/console/customers/cust_").count(), 1, "{list}");
    assert!(list.contains(&format!("data-href=\"{page}\"")) && !list.contains("11.222.333/0001-81"));
    let all = person.read("/console/customers").await;
    assert_eq!(all.matches("data-href=\"/console/customers/cust_").count(), 2, "{all}");
    let none = person.read("/console/customers?tag=suspeita-de-fraude&status=active").await;
    assert!(none.contains("Nenhum cliente"), "{none}");
    let wrong = person.press(&format!("{page}/tags"), "tag=%3F").await.expect(422);
    assert!(crate::console::text(&wrong.bytes).contains("A etiqueta não serve."));
    for number in 0..9 {
        person.press(&format!("{page}/tags"), &format!("tag=n{number}")).await.expect(303);
    }
    let full = person.press(&format!("{page}/tags"), "tag=outra").await.expect(409);
    assert!(crate::console::text(&full.bytes).contains("Já são dez etiquetas."));
    person.press(&format!("{page}/tags/remove"), "tag=suspeita-de-fraude").await.expect(303);
    assert!(!person.read(&page).await.contains("suspeita-de-fraude"));
    let auditor = Person::with_roles(&app, "auditor".parse().unwrap()).await;
    auditor.press(&format!("{page}/tags"), "tag=vip").await.expect(403);
    assert!(!auditor.read(&page).await.contains("/tags"));
}
