//! The filler of databases writes the same rows as the real use cases.

use std::sync::Arc;
use std::time::Duration;

use app::autopilot::Rules;
use app::synthetic::{self, Fate, Files, History, Owner, Person, SharedPdf, World};
use app::webhooks::CreateEndpoint;
use domain::event::Event;
use domain::id::{DeliveryId, LoanId, PartnerId};
use domain::kyc::MediaType;
use domain::page::Limit;
use domain::person::Name;
use domain::tax_id::{Cnpj, Cpf};
use domain::webhook::endpoint::Generation;
use domain::webhook::pattern::Pattern;
use server::generations;
use store::blob::StoredBlob;
use store::loans::LoanFilter;
use store::verify::SEALED;
use store::{Cursor, StoreError, Tx};

use crate::support::{Partner, START, TestApp};

const DAYS: Duration = Duration::from_secs(120 * 86_400);

/// The history of a customer who registered 120 days ago, made for a new partner.
pub(crate) async fn history_of(app: &TestApp, fate: Fate) -> History {
    let rules = Rules {
        environment: app.state.config.environment,
        lender: Arc::clone(&app.state.lender),
        policy: None,
        registry: app.state.registry,
    };
    let blob = StoredBlob { size: 9, sha256: "0".repeat(64), media_type: MediaType::Pdf };
    let history = move |tx: &mut Tx<'_>| {
        let start = START.minus(DAYS);
        let partner = app::partners::create(tx, start.unmoved(), "Modelo")?.id;
        let world = World { rules: &rules, file_of: &|_kind, _who| blob.clone(), until: START };
        synthetic::make(tx, partner, start, fate, &world)
    };
    app.state.store.write::<_, StoreError>(history).await.unwrap()
}

/// Copies a history for a partner, once for each number, in drafts outside any transaction.
pub(crate) async fn copied(app: &TestApp, partner: PartnerId, history: &History, numbers: &[u32]) {
    let endpoint = app.state.store.write(move |tx| {
        let patterns = vec![Pattern::parse("*", &[]).unwrap()];
        let (generation, url) = (Generation::Reference, "https://example.com".to_owned());
        let command = CreateEndpoint { generation, url, patterns, description: None };
        app::webhooks::create(tx, partner, START.minus(DAYS), &command)
    });
    let endpoint = endpoint.await.unwrap().id;
    let pdf = SharedPdf { blob_key: format!("{partner}/shared"), sha256: "1".repeat(64), size: 7 };
    let files = Files { attachment: format!("{partner}/shared"), issued: pdf.clone(), signed: pdf };
    let signing_page = app.state.signing_page.clone();
    let render = |event: &Event, delivery: DeliveryId| {
        generations::render(Generation::Reference, event, delivery, &signing_page)
    };
    let mut people = Vec::new();
    for number in numbers {
        people.push(person(app, history, *number).await);
    }
    let owner = Owner { partner, endpoint, render: &render, files: &files };
    for people in people.chunks(25) {
        let draft = app.state.store.draft(|tx| {
            people.iter().try_for_each(|person| {
                tx.begin_unrelated();
                synthetic::copy(tx, history, &owner, person).map(drop)
            })
        });
        let draft = draft.unwrap();
        app.state.store.write::<_, StoreError>(move |tx| tx.run_draft(&draft)).await.unwrap();
    }
    app.state.store.write(move |tx| synthetic::end(tx, partner, START.unmoved())).await.unwrap();
}

/// The values of a copy. The greater number is the newer customer.
async fn person(app: &TestApp, history: &History, number: u32) -> Person {
    let issued = history.loan.as_ref().and_then(|history| history.loan.ccb_number);
    let count = u32::from(issued.is_some());
    let year = issued.map_or(2026, |number| number.year);
    let number_of = move |tx: &mut Tx<'_>| synthetic::contract_numbers(tx, year, count.max(1));
    let ccb_number = app.state.store.write::<_, StoreError>(number_of).await.unwrap();
    Person {
        number,
        cpf: Cpf::of_number(number).unwrap(),
        cnpj: Cnpj::of_number(number),
        name: Name::kept("Rita Prado"),
        earlier: Duration::from_micros(3_600_000_000 - u64::from(number) * 16),
        ccb_number: issued.is_some().then_some(ccb_number),
        kept_since: START.minus(Duration::from_secs(89 * 86_400)).unmoved(),
        keys_since: START.minus(DAYS * 2),
        planned_from: START,
    }
}

/// Checks that every sealed value can be opened.
async fn all_opens(app: &TestApp) {
    for column in SEALED {
        let page = move |tx: &mut Tx<'_>| store::verify::open_page(tx, column, None);
        let page = app.state.store.read::<_, StoreError>(page).await.unwrap();
        assert!(page.damaged.is_empty() && page.next.is_none(), "{}: {:?}", column.table, page.damaged);
    }
}

/// The filled customers as their partner sees them.
async fn shown(partner: &Partner) -> Vec<serde_json::Value> {
    let list = partner.get("/v3/customers?status=active").await.expect(200).body;
    list["data"].as_array().unwrap().clone()
}

/// The ids of a partner's loans, newest first.
async fn loans_of(app: &TestApp, partner: PartnerId) -> Vec<LoanId> {
    let filter = LoanFilter { partner: Some(partner), ..LoanFilter::default() };
    let list = move |tx: &mut Tx<'_>| app::loans::list(tx, &filter, &Cursor::first(Limit::MOST));
    app.state.store.read(list).await.unwrap().items.into_iter().map(|loan| loan.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn filled_customers_equal_those_of_the_use_cases_on_both_engines() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let history = history_of(&app, Fate::Owners(6)).await;
        let history_of = history.loan.as_ref().unwrap();
        assert_eq!(history_of.payments.len(), 3, "three months have passed");
        copied(&app, partner.id, &history, &[14, 15]).await;
        app.check_ledger().await;
        all_opens(&app).await;

        let customers = shown(&partner).await;
        let names: Vec<_> = customers.iter().map(|customer| customer["external_id"].clone()).collect();
        assert_eq!(names, ["loja-15", "loja-14"]);
        assert!(customers.iter().all(|customer| customer["name"] == "Rita Prado"));
        let loans = loans_of(&app, partner.id).await;
        assert_eq!(loans.len(), 2);
        for (loan, customer) in loans.iter().zip(&customers) {
            let seen = partner.get(&format!("/v3/loans/{loan}")).await.expect(200).body;
            assert_eq!((&seen["status"], &seen["customer_id"]), (&"active".into(), &customer["id"]));
            let rows = partner.get(&format!("/v3/loans/{loan}/transactions")).await.expect(200).body;
            let rows = rows["data"].as_array().unwrap();
            let paid = rows.iter().filter(|row| row["status"] == "paid").count();
            assert_eq!((rows.len(), paid), (6, 3));
        }
        // The events of the last 89 days, in their order.
        let events = partner.get("/v3/events?order=asc&limit=100").await.expect(200).body;
        let kinds: Vec<&str> =
            events["data"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect();
        assert!(!kinds.is_empty() && kinds.iter().all(|kind| *kind == "loan.payment_received"), "{kinds:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fate_of_a_template_history_can_be_made_and_copied() {
    let app = TestApp::new().await;
    for (fate, state) in [
        (Fate::Registered, None),
        (Fate::UnderReview, None),
        (Fate::Denied, None),
        (Fate::Offered, None),
        (Fate::Unsigned, Some("cancelled")),
        (Fate::Referred, None),
        (Fate::Signed, Some("signed")),
        (Fate::Disbursing, Some("disbursing")),
        (Fate::Failed, Some("error")),
        (Fate::OnTime(3), Some("finished")),
        (Fate::Late(6), Some("active")),
        (Fate::Stopped(6), Some("active")),
        (Fate::Unpaid(6), Some("active")),
    ] {
        let history = history_of(&app, fate).await;
        assert_eq!(history.loan.as_ref().map(|history| history.loan.state.name()), state, "{fate:?}");
        copied(&app, app.partner().await.id, &history, &[14, 15]).await;
    }
    app.check_ledger().await;
    all_opens(&app).await;
}
