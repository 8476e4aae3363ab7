//! The search of a partner's dashboard, and the figures and the list of its first page.

use std::time::Duration;

use axum::http::Method;
use domain::access::TeamRole;
use serde_json::json;
use server::workers;

use crate::console::{Person, text};
use crate::requests::logged;
use crate::sink::Sink;
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_finds_its_own_resources_by_every_value_and_no_others() {
    for app in TestApp::on_each_engine().await {
        let (partner, other) = (app.partner().await, app.partner().await);
        let sink = Sink::start().await;
        let endpoint = partner.endpoint(&sink).await.id();
        let loan = partner.loan(529_982_247, "").await;
        workers::run_until_idle(&app.state).await.unwrap();
        app.index().await;
        let (customer, loan) = (loan.body["customer_id"].as_str().unwrap().to_owned(), loan);
        let headers = [("x-request-id", "look-1"), ("idempotency-key", "order-7")];
        let event = json!({"url": "https://example.com/more", "events": ["loan.active"]});
        let made = partner.call_with(Method::POST, "/v3/webhooks/endpoints", Some(&event), &headers).await;
        let other_endpoint = made.expect(201).id();
        logged(&partner, "").await;
        let delivery = partner.get(&format!("/v3/webhooks/endpoints/{endpoint}/deliveries?limit=1")).await;
        let delivery = delivery.expect(200).body["data"][0].clone();
        let (delivery, event) = (delivery["id"].as_str().unwrap(), delivery["event_id"].as_str().unwrap());
        let ccb = loan.body["ccb_number"].as_str().unwrap();
        let transactions = partner.get(&format!("/v3/loans/{}/transactions", loan.id())).await;
        let person = Person::of_team(&app, partner.id, TeamRole::Support).await;
        let stranger = Person::of_team(&app, other.id, TeamRole::Admin).await;
        let of_customer = format!("/dashboard/customers/{customer}");
        let of_loan = format!("/dashboard/loans/{}", loan.id());
        let offer = loan.body["credit_offer_id"].as_str().unwrap();
        let mut sought = vec![
            (customer.as_str(), of_customer.clone()),
            ("529.982.247-25", of_customer.clone()),
            ("11.222.333/0001-81", of_customer.clone()),
            ("ana@example.com", of_customer.clone()),
            ("m-529982247", of_customer.clone()),
            ("doces", of_customer.clone()),
            (offer, of_customer.clone()),
            (ccb, of_loan.clone()),
            (event, format!("/dashboard/events/{event}")),
            (delivery, format!("/dashboard/webhooks/{endpoint}/deliveries/{delivery}")),
            (other_endpoint.as_str(), format!("/dashboard/webhooks/{other_endpoint}")),
            ("look-1", "/dashboard/requests/rlog_".to_owned()),
            ("order-7", "/dashboard/idempotency-keys?key=order-7".to_owned()),
        ];
        let loan_id = loan.id();
        sought.push((&loan_id, of_loan.clone()));
        let installment = transactions.body["data"][0]["id"].as_str().map(str::to_owned);
        if let Some(installment) = &installment {
            sought.push((installment, of_loan.clone()));
        }
        for (value, href) in sought {
            let address = format!("/dashboard/search?q={}", value.replace('/', "%2F"));
            let page = person.read(&address).await;
            let hits = page.split("class=\"palette-list\">").last().unwrap();
            assert!(hits.contains(&format!("href=\"{href}")), "{value}: {hits}");
            let theirs = stranger.read(&address).await;
            assert!(theirs.contains("Nada com"), "{value}: {theirs}");
        }
        let request = axum::http::Request::get("/dashboard/search?q=doces");
        let part = text(&person.part(request).await.expect(200).bytes);
        assert!(part.contains(&of_customer) && !part.contains("<html"), "{part}");
        assert!(person.read("/dashboard").await.contains("action=\"/dashboard/search\""));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_has_the_figures_of_the_calls_and_what_is_done_for_production() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let person = Person::of_team(&app, partner.id, TeamRole::Support).await;
        for _call in 0..19 {
            partner.get("/v3/customers?limit=1").await.expect(200);
        }
        partner.get("/v3/customers/none").await.expect(404);
        logged(&partner, "").await;
        let home = person.read("/dashboard").await;
        // The token, the twenty calls, and the list that the test itself has read.
        assert!(home.contains("Ir à produção") && home.contains(">21<"), "{home}");
        assert!(home.contains("Feito:</span> Chave usada por um programa"), "{home}");
        assert!(home.contains("Feito:</span> Token usado em muitas chamadas"), "{home}");
        assert!(home.contains("Falta:</span> Entrega aceita"), "{home}");
        let sink = Sink::start().await;
        partner.endpoint(&sink).await;
        partner.post_keyed("/v3/customers", &crate::inputs::registration(529_982_247, "manual"), "k").await;
        workers::run_until_idle(&app.state).await.unwrap();
        logged(&partner, "").await;
        let home = person.read("/dashboard").await;
        assert!(home.contains("Feito:</span> Entrega aceita"), "{home}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_a_fast_answer_and_an_overdue_loan_are_ticked_off() {
    let app = TestApp::new().await;
    let (partner, sink) = (app.partner().await, Sink::start().await);
    let open = ["Webhook responde", "Item recusado do KYC", "Empréstimo em atraso"];
    let home = async || {
        let person = Person::of_team(&app, partner.id, TeamRole::Support).await;
        person.read("/dashboard").await
    };
    let page = home().await;
    assert!(open.iter().all(|check| page.contains(&format!("Falta:</span> {check}"))), "{page}");
    partner.endpoint_for(&sink, &["customer.*"]).await;
    let customer = partner.documented_customer(529_982_247, "kyc_rejected").await;
    app.let_seconds_pass(2).await;
    let page = home().await;
    assert!(page.contains("Feito:</span> Webhook responde") && page.contains("Falta:</span> Item recusado"));
    partner.upload(&customer, "cnh", crate::inputs::PDF).await.expect(201);
    app.let_seconds_pass(2).await;
    assert!(home().await.contains("Feito:</span> Item recusado do KYC corrigido"));
    let loan = partner.loan(111_444_777, "").await.expect(201).id();
    app.let_seconds_pass(4).await;
    app.clock.advance(Duration::from_hours(60 * 24));
    workers::run_until_idle(&app.state).await.unwrap();
    assert!(home().await.contains("Falta:</span> Empréstimo em atraso"), "nobody has read it");
    let partner = partner.renewed().await;
    partner.get(&format!("/v3/loans/{loan}")).await.expect(200);
    logged(&partner, "").await;
    assert!(home().await.contains("Feito:</span> Empréstimo em atraso"));
}
