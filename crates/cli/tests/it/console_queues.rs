//! The console's queues: lists, filters, assignments, and two people on one case.

use std::time::Duration;

use axum::http::Request;
use domain::access::RoleNames;
use serde_json::Value;

use crate::console::{Person, hidden, text};
use crate::engines::on_both_engines;
use crate::operator::Operator;
use crate::support::TestApp;

async fn analysts(app: &TestApp) -> (Person, Person) {
    let role = || -> RoleNames { "analyst".parse().unwrap() };
    (Person::named(app, "Helena Couto", role()).await, Person::named(app, "Rui Tavares", role()).await)
}

/// The addresses of the cases on a queue's page, in order.
pub(crate) fn cases(page: &str) -> Vec<String> {
    let rows = page.split("<tr data-href=\"").skip(1);
    rows.map(|row| row.split('"').next().unwrap().replace("&#38;", "&")).collect()
}

const KYC: &str = "/console/queues/kyc_to_review";

on_both_engines!(a_queue_is_filtered_and_its_cases_open_for_the_next_one:
    a_queue_is_filtered_on_sqlite, a_queue_is_filtered_on_postgresql);

async fn a_queue_is_filtered_and_its_cases_open_for_the_next_one(app: &TestApp) {
    let (helena, _rui) = analysts(app).await;
    let empty = helena.read(KYC).await;
    assert!(empty.contains("Nada espera aqui") && empty.contains("Prazo de 4 h."), "{empty}");
    let partner = app.partner().await;
    let first = partner.documented_customer(529_982_247, "manual").await;
    app.clock.advance(Duration::from_secs(4 * 3_600 + 60));
    let (helena, _rui) = analysts(app).await;
    let second = partner.renewed().await.documented_customer(123_456_789, "manual").await;
    let page = helena.read(KYC).await;
    let listed = cases(&page);
    assert_eq!(listed.len(), 2);
    assert!(
        listed[0].starts_with(&format!("/console/customers/{first}?queue=kyc_to_review&at=")),
        "{listed:?}"
    );
    assert!(page.contains("1 fora do prazo") && page.contains("age age-bad"), "{page}");
    assert!(page.contains("••.222.333/0001-••") && !page.contains("11.222.333/0001-81"), "{page}");
    assert!(page.contains("<span class=\"count count-late\">2</span>"), "the navigation counts: {page}");
    assert_eq!(cases(&helena.read(&format!("{KYC}?older_than_s=14400")).await).len(), 1);
    assert_eq!(cases(&helena.read(&format!("{KYC}?partner_id={}", partner.id)).await).len(), 2);
    assert!(cases(&helena.read(&format!("{KYC}?assignee=me")).await).is_empty());
    // The page of a case leads to the next one, also after the decision on it.
    let case = helena.read(&listed[0]).await;
    assert!(case.contains("class=\"case-bar\"") && case.contains("data-key=\"n\""), "{case}");
    let query = listed[0].split_once('?').unwrap().1;
    let next = format!("{KYC}/next?at={}", query.split("at=").nth(1).unwrap());
    let led = helena.page(&next).await.expect(303);
    assert!(led.header("location").unwrap().starts_with(&format!("/console/customers/{second}?")));
    Operator::of(app).await.act(&format!("/customers/{first}/refuse")).await.expect(200);
    assert!(helena.read(&listed[0]).await.contains("Este caso saiu da fila."));
    let led = helena.page(&next).await.expect(303);
    assert!(led.header("location").unwrap().starts_with(&format!("/console/customers/{second}?")));
    Operator::of(app).await.act(&format!("/customers/{second}/refuse")).await.expect(200);
    assert_eq!(helena.page(&next).await.expect(303).header("location"), Some(KYC));
    helena.page("/console/queues/unknown").await.expect(404);
}

on_both_engines!(of_two_people_on_one_case_the_second_sees_what_the_first_did:
    of_two_people_on_one_case_on_sqlite, of_two_people_on_one_case_on_postgresql);

async fn of_two_people_on_one_case_the_second_sees_what_the_first_did(app: &TestApp) {
    let (helena, rui) = analysts(app).await;
    let customer = app.partner().await.documented_customer(529_982_247, "manual").await;
    let case = cases(&helena.read(KYC).await).remove(0);
    let (mine, other) = (helena.read(&case).await, rui.read(&case).await);
    let look = case.replacen(&format!("/console/customers/{customer}"), "/console/live/case", 1);
    let looked = helena.part(Request::post(&look)).await.expect(200);
    assert!(!text(&looked.bytes).contains("está olhando"));
    let looked = rui.part(Request::post(&look)).await.expect(200);
    assert!(text(&looked.bytes).contains("Helena está olhando"), "{}", text(&looked.bytes));
    assert!(rui.read(KYC).await.contains("Helena está olhando"));
    // Both take it: the second learns who was faster.
    let assign = format!("{KYC}/assign");
    let take = format!("case={customer}+nobody&to=me");
    helena.press(&assign, &take).await.expect(303);
    let refused = text(&rui.press(&assign, &take).await.expect(409).bytes);
    assert!(refused.contains("Helena Couto pegou antes"), "{refused}");
    assert!(rui.read(&case).await.contains("Pegar mesmo assim"));
    assert!(helena.read(&format!("{KYC}?assignee=me")).await.contains("Você"));
    // Both decide on the same requirement: the second decision changes nothing and says so.
    let decide = format!("/console/customers/{customer}/kyc?{}", case.split_once('?').unwrap().1);
    let done = helena.press(&decide, &format!("{}&verdict=accept", hidden(&mine))).await.expect(303);
    assert_eq!(done.header("location"), Some(case.as_str()), "the way to the next case stays");
    let late = text(
        &rui.press(&decide, &format!("{}&verdict=reject&reason=x", hidden(&other))).await.expect(409).bytes,
    );
    assert!(late.contains("Nada foi decidido.") && late.contains("case-bar"), "{late}");
    let file = Operator::of(app).await.get(&format!("/customers/{customer}")).await.expect(200).body;
    let states: Vec<&Value> =
        file["requirements"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert!(
        states.iter().any(|state| *state == "accepted") && states.iter().all(|state| *state != "rejected")
    );
    // A page that asks by itself is not in the trail, and its answer says when the case is gone.
    Operator::of(app).await.act(&format!("/customers/{customer}/refuse")).await.expect(200);
    assert!(
        text(&rui.part(Request::post(&look)).await.expect(200).bytes).contains("Este caso saiu da fila.")
    );
    let trail = Operator::of(app).await.get("/audit?limit=100").await.expect(200).body.to_string();
    assert!(
        !trail.contains("/console/live/") && trail.contains("/console/queues/kyc_to_review/assign"),
        "{trail}"
    );
}

on_both_engines!(several_cases_change_hands_after_a_preview_with_a_result_for_each:
    several_cases_change_hands_on_sqlite, several_cases_change_hands_on_postgresql);

async fn several_cases_change_hands_after_a_preview_with_a_result_for_each(app: &TestApp) {
    let (helena, rui) = analysts(app).await;
    let partner = app.partner().await;
    let mut customers = Vec::new();
    for number in [529_982_247, 123_456_789, 100_000_001] {
        customers.push(partner.documented_customer(number, "manual").await);
    }
    let assign = format!("{KYC}/assign");
    rui.press(&assign, &format!("one={}", customers[0])).await.expect(303);
    let ids: Vec<String> = customers.iter().map(|id| format!("id={id}")).collect();
    let preview = helena.read(&format!("{assign}?{}&to=me", ids.join("&"))).await;
    assert!(preview.contains("Pegar 3 casos?") && preview.contains("Pegar 3 casos</button>"), "{preview}");
    assert!(preview.contains("Muda de dono") && preview.contains("é de Rui Tavares"), "{preview}");
    // Between the preview and the form, one case changes hands and another one leaves the queue.
    rui.press(&assign, &format!("one={}", customers[1])).await.expect(303);
    Operator::of(app).await.act(&format!("/customers/{}/refuse", customers[2])).await.expect(200);
    let form = hidden(&preview).replace(' ', "+");
    let result = text(&helena.press(&assign, &format!("{form}&to=me")).await.expect(200).bytes);
    assert!(result.contains("agora é seu") && result.contains("Rui Tavares pegou antes"), "{result}");
    assert!(result.contains("saiu da fila antes"), "{result}");
    assert_eq!(cases(&helena.read(&format!("{KYC}?assignee=me")).await).len(), 1);
    // To somebody else, and to nobody.
    let given = helena.read(&format!("{assign}?id={}&to={}", customers[0], rui.id)).await;
    assert!(given.contains("Dar 1 caso a Rui Tavares"), "{given}");
    let release = helena.read(&format!("{assign}?id={}&to=nobody", customers[0])).await;
    assert!(release.contains("Soltar 1 caso?") && release.contains("é seu"), "{release}");
    helena.press(&assign, &format!("{}&to=nobody", hidden(&release).replace(' ', "+"))).await.expect(303);
    assert!(cases(&helena.read(&format!("{KYC}?assignee=me")).await).is_empty());
    helena.page(&assign).await.expect(303);
    let auditor = Person::with_roles(app, "auditor".parse().unwrap()).await;
    assert!(!auditor.read(KYC).await.contains("class=\"tick\""));
    auditor.press(&assign, &format!("one={}", customers[0])).await.expect(403);
}
