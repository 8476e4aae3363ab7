//! The partner's page of the sandbox: time that passes after a look at what will happen, customers with scenarios, and
//! the letters to them.

use std::time::Duration;

use domain::access::TeamRole;
use domain::course::COURSES;
use domain::credential::Environment;
use domain::scenario::Scenario;
use domain::time::Timestamp;
use serde_json::{Value, json};

use crate::console::{Person, hidden, text};
use crate::support::{Partner, START, Setup, TestApp};

/// The coming things in the sandbox's API: kinds, installments' numbers and events.
async fn upcoming(partner: &Partner, until: &str) -> Vec<(String, Option<u64>, Option<String>)> {
    let list = partner.get(&format!("/sandbox/clock/upcoming{until}")).await.expect(200).body;
    let entry = |entry: &Value| {
        let event = entry["event"].as_str().map(str::to_owned);
        (entry["kind"].as_str().unwrap().to_owned(), entry["installment_number"].as_u64(), event)
    };
    list["data"].as_array().unwrap().iter().map(entry).collect()
}

/// The names of the partner's events, the newest first.
async fn events(partner: &Partner) -> Vec<String> {
    let list = partner.get("/v3/events?limit=100").await.expect(200).body;
    let name = |event: &Value| event["type"].as_str().unwrap().to_owned();
    list["data"].as_array().unwrap().iter().map(name).collect()
}

/// The customers whose loans have become active, the newest first.
async fn active(partner: &Partner) -> Vec<String> {
    let list = partner.get("/v3/events?type=loan.active&limit=100").await.expect(200).body;
    let mut customers = Vec::new();
    for event in list["data"].as_array().unwrap() {
        let loan = event["data"]["id"].as_str().unwrap();
        let loan = partner.get(&format!("/v3/loans/{loan}")).await.expect(200).body;
        customers.push(loan["customer_id"].as_str().unwrap().to_owned());
    }
    customers
}

#[test]
fn scenarios_and_courses_have_only_tags_with_an_effect() {
    let of_scenarios = Scenario::ALL.into_iter().flat_map(|scenario| scenario.tags().iter().copied());
    let of_courses = COURSES.iter().flat_map(|course| {
        course.steps.own_tags().iter().copied().chain(course.tags.split('+').filter(|tag| !tag.is_empty()))
    });
    for tag in of_scenarios.chain(of_courses) {
        assert!(app::autopilot::steering::TAGS.contains(&tag), "{tag}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_lists_what_will_happen_until_a_moment() {
    for app in TestApp::on_each_engine().await {
        let (partner, other) = (app.partner().await, app.partner().await);
        partner.loan(529_982_247, "pays_late").await;
        app.let_seconds_pass(4).await;
        partner.loan(111_444_777, "never_signs").await;
        app.let_seconds_pass(2).await;
        partner.offer(255_248_930, "no_matter").await;
        let coming = upcoming(&partner, "").await;
        let first = |kind: &str| {
            let place = coming.iter().position(|entry| entry.0 == kind);
            place.unwrap_or_else(|| panic!("{kind} in {coming:?}"))
        };
        assert_eq!(coming[first("signing_link_expires")].2.as_deref(), Some("loan.cancelled"));
        assert_eq!(coming[first("offer_expires")].2.as_deref(), Some("credit_offer.expired"));
        let installment = coming.iter().filter(|entry| entry.1 == Some(1)).map(|entry| &*entry.0);
        let installment: Vec<_> = installment.collect();
        assert_eq!(installment, ["installment_due", "installment_overdue", "pay_installment"]);
        let payments = coming.iter().filter(|entry| entry.0 == "pay_installment");
        let payments: Vec<_> = payments.map(|entry| entry.2.as_deref().unwrap()).collect();
        assert_eq!(payments.len(), 12, "each payment plans the next one: {coming:?}");
        assert_eq!((payments[0], payments[11]), ("loan.payment_received", "loan.finished"));
        let soon = START.plus(Duration::from_hours(8 * 24)).business_date();
        let until = upcoming(&partner, &format!("?until={soon}")).await;
        assert!(until.iter().all(|entry| entry.0 == "signing_link_expires"), "{until:?}");
        partner.get("/sandbox/clock/upcoming?until=soon").await.expect(400);
        assert_eq!(upcoming(&other, "").await, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn time_passes_after_a_look_at_what_will_happen() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let person = Person::of_team(&app, partner.id, TeamRole::Developer).await;
        partner.loan(529_982_247, "pays_on_time").await;
        app.let_seconds_pass(4).await;
        let glance = person.read("/dashboard/sandbox").await;
        assert!(glance.contains("Vence a parcela 1") && !glance.contains("Avançar até"), "{glance}");
        let month = person.read("/dashboard/sandbox?by=month").await;
        assert!(month.contains("Avançar até 15/02/2026") && !month.contains("O cenário paga"), "{month}");
        let ahead = person.read("/dashboard/sandbox?until=2026-02-16").await;
        assert!(ahead.contains("O cenário paga a parcela 1"), "{ahead}");
        let moved = person.press("/dashboard/sandbox/advance", &hidden(&ahead)).await.expect(303);
        let after = person.read(moved.header("location").unwrap()).await;
        assert!(after.contains("O que aconteceu") && after.contains("dias à frente"), "{after}");
        assert!(events(&partner).await.contains(&"loan.payment_received".to_owned()));
        let next = person.read("/dashboard/sandbox?by=next").await;
        person.press("/dashboard/sandbox/advance", &hidden(&next)).await.expect(303);
        let clock = partner.get("/sandbox/clock").await.expect(200).body;
        assert!(next.contains("Vence a parcela 2"), "{clock}: {next}");

        let past = person.read("/dashboard/sandbox?until=2020-01-01").await;
        assert!(past.contains("O relógio não volta.") && !past.contains("Avançar até"), "{past}");
        let far = format!("until={}", Timestamp::MAX.micros());
        let refused = person.press("/dashboard/sandbox/advance", &far).await.expect(303);
        assert!(person.read(refused.header("location").unwrap()).await.contains("dez anos"));
        assert_eq!(partner.get("/sandbox/clock").await.body["offset_seconds"], clock["offset_seconds"]);
        let reader = Person::of_team(&app, partner.id, TeamRole::Support).await;
        let page = reader.read("/dashboard/sandbox?by=month").await;
        assert!(!page.contains("/sandbox/advance") && !page.contains("/sandbox/customers"), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scenario_leads_an_invented_customer_to_its_end() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let person = Person::of_team(&app, partner.id, TeamRole::Developer).await;
        for nature in ["mei", "ei", "eireli", "ltda", "sa"] {
            let form = format!("scenario=smooth&nature={nature}");
            let made = person.press("/dashboard/sandbox/customers", &form).await.expect(303);
            let page = person.read(made.header("location").unwrap()).await;
            assert!(page.contains("foi criado.") && page.contains("cust_"), "{page}");
            app.let_seconds_pass(9).await;
            let active = active(&partner).await;
            let customer = active.first().unwrap_or_else(|| panic!("no loan of {nature}"));
            assert!(made.header("location").unwrap().contains(customer), "{nature}: {active:?}");
        }
        person.press("/dashboard/sandbox/customers", "scenario=no_offer&nature=mei").await.expect(303);
        app.let_seconds_pass(9).await;
        let newest = partner.get("/v3/customers").await.expect(200).body["data"][0].clone();
        assert_eq!(newest["status"], "active", "{newest}");
        assert_eq!(active(&partner).await.len(), 5);
        person.press("/dashboard/sandbox/customers", "scenario=none&nature=mei").await.expect(404);
        let letters = person.read("/dashboard/sandbox/mailbox").await;
        assert!(letters.contains("/sign/") && letters.contains("sends_files"), "{letters}");
        let none = person.read("/dashboard/sandbox/mailbox?address=ninguem%40example.com").await;
        assert!(none.contains("Nenhuma carta"), "{none}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_with_a_course_happens_after_its_button() {
    let app = TestApp::new().await;
    for course in COURSES {
        let partner = app.partner().await;
        let person = Person::of_team(&app, partner.id, TeamRole::Developer).await;
        let generation = domain::webhook::endpoint::Generation::Reference;
        let Some(name) = wire::generations::name_of(generation, course.event) else { continue };
        let made = person.press("/dashboard/sandbox/trigger", &format!("event={name}")).await.expect(303);
        let page = person.read(made.header("location").unwrap()).await;
        assert!(page.contains(name), "{page}");
        app.let_seconds_pass(9).await;
        assert_eq!(
            events(&partner).await.iter().all(|event| event != name),
            course.steps.need_time(),
            "{name}"
        );
        if course.steps.need_time() {
            partner.post("/sandbox/clock/advance", &json!({"days": 240})).await.expect(200);
        }
        assert!(events(&partner).await.iter().any(|event| event == name), "{name}");
    }
    let partner = app.partner().await;
    let person = Person::of_team(&app, partner.id, TeamRole::Developer).await;
    person.press("/dashboard/sandbox/trigger", "event=loan.unknown").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_open_page_asks_for_its_tape() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let person = Person::of_team(&app, partner.id, TeamRole::Support).await;
    let sink = crate::sink::Sink::start().await;
    partner.endpoint(&sink).await;
    partner.customer(529_982_247, "manual").await;
    app.let_seconds_pass(1).await;
    let live = axum::http::Request::get("/dashboard/live/sandbox");
    let tape = text(&person.part(live).await.expect(200).bytes);
    assert!(tape.contains("customer.created") && tape.contains("127.0.0.1: Aceita"), "{tape}");
    assert_eq!(person.page("/dashboard/live/sandbox").await.header("location"), Some("/dashboard/sandbox"));
}

#[tokio::test]
async fn production_has_no_page_of_the_sandbox() {
    let app = TestApp::with(Setup { environment: Environment::Production, ..Setup::default() }).await;
    let partner = app.partner().await;
    let person = Person::of_team(&app, partner.id, TeamRole::Admin).await;
    for page in ["/dashboard/sandbox", "/dashboard/sandbox/mailbox", "/dashboard/live/sandbox"] {
        person.page(page).await.expect(404);
    }
    for form in ["advance", "customers", "trigger", "clocks", "clocks/delete", "reset"] {
        person.press(&format!("/dashboard/sandbox/{form}"), "").await.expect(404);
    }
    assert!(!person.read("/dashboard").await.contains("/dashboard/sandbox"));
}
