//! Events as partners list them: filters, pages, other partners, unreadable rows.

use std::time::Duration;

use serde_json::{Value, json};
use server::workers;

use crate::sink::Sink;
use crate::support::{Partner, TestApp};

/// A loan's events of `/v3` until the customer has the money, in the order in which they happen.
pub(crate) const OF_LOAN: [&str; 6] = [
    "loan.created",
    "loan.contract_generated",
    "loan.awaiting_signatures",
    "loan.signed",
    "loan.disbursing",
    "loan.active",
];

async fn page(partner: &Partner, path: &str) -> (Vec<Value>, bool) {
    let listed = partner.get(path).await.expect(200).body;
    (listed["data"].as_array().unwrap().clone(), listed["has_more"].as_bool().unwrap())
}

async fn types(partner: &Partner, path: &str) -> Vec<String> {
    let (events, _) = page(partner, path).await;
    events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_lists_events_without_any_endpoint() {
    for app in TestApp::on_each_engine().await {
        let (partner, other) = (app.partner().await, app.partner().await);
        let offer = partner.offer(529_982_247, "").await;
        let loan = partner.simulation(&offer, "10000.00", 12).await;
        app.clock.advance(Duration::from_secs(60));
        let loan = partner.post("/v3/loans", &loan).await.expect(201).id();
        app.let_seconds_pass(3).await;

        let listed = types(&partner, "/v3/events?order=asc&limit=100").await;
        for name in ["customer.created", "customer.active", "credit_offer.available"] {
            assert_eq!(listed.iter().filter(|listed| *listed == name).count(), 1, "{listed:?}");
        }
        assert_eq!(listed[listed.len() - 6..], OF_LOAN);
        let newest_first = types(&partner, "/v3/events").await;
        assert!(newest_first.iter().eq(listed.iter().rev()), "{newest_first:?}");
        let listed = types(&partner, "/api/v3/events?order=asc&since=1768478460").await;
        assert_eq!(listed, ["loan.created", "loan.signature_received", "loan.processing", "loan.active"]);

        let (active, _) = page(&partner, "/v3/events?type=loan.active").await;
        assert_eq!((active.len(), &active[0]["data"]["id"]), (1, &json!(loan)));
        let shown = partner.get(&format!("/v3/events/{}", active[0]["id"].as_str().unwrap())).await;
        assert_eq!(shown.expect(200).body, active[0]);
        assert_eq!(page(&other, "/v3/events").await, (vec![], false));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_full_and_filters_respect_the_moment() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        for number in 0..7 {
            partner.customer(100_000_000 + number, "manual").await;
            // Each customer has more events than the requests below ask for.
            partner.post(&format!("/v3/customers/{}/biometrics", customer(&partner).await), &json!({})).await;
            app.clock.advance(Duration::from_secs(100));
        }
        let mut seen = Vec::new();
        let mut after = String::new();
        loop {
            let path = format!("/v3/events?type=customer.created&limit=3&order=asc{after}");
            let (events, more) = page(&partner, &path).await;
            assert!(events.len() == 3 || !more, "every page except the last is full");
            seen.extend(events.iter().map(|event| event["id"].as_str().unwrap().to_owned()));
            after = format!("&starting_after={}", seen.last().unwrap());
            if !more {
                break;
            }
        }
        assert_eq!(seen.len(), 7);
        assert!(seen.is_sorted(), "events of one kind are in the order of their moments");
        let count = async |query: &str| page(&partner, query).await.0.len();
        assert_eq!(count("/v3/events?since=2026-01-15T12:02:30Z&until=2026-01-15T12:07:30Z").await, 3);
        assert_eq!(count("/api/v3/events?since=1768478550&until=1768478850").await, 3);
        assert_eq!(count("/v3/events?since=2026-01-15T12:10:50Z").await, 0);
    }
}

/// The newest customer.
async fn customer(partner: &Partner) -> String {
    let (customers, _) = page(partner, "/v3/customers?limit=1").await;
    customers[0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_shows_an_event_as_its_webhooks_send_it() {
    let (app, partner) = TestApp::with_partner().await;
    for base in ["/v3", "/api/v3"] {
        let sink = Sink::start().await;
        let endpoint = json!({"url": sink.url, "events": ["customer.created"]});
        let endpoint = partner.post(&format!("{base}/webhooks/endpoints"), &endpoint).await.expect(201);
        partner.customer(if base == "/v3" { 529_982_247 } else { 111_444_777 }, "manual").await;
        workers::run_until_idle(&app.state).await.unwrap();
        let mut webhook = sink.verified(endpoint.body["secret"].as_str().unwrap()).remove(0);
        let id = sink.received()[0].headers["webhook-id"].to_str().unwrap().to_owned();
        if base == "/v3" {
            webhook["id"] = json!(id);
        } else {
            webhook.as_object_mut().unwrap().remove("delivery_id").unwrap();
        }
        assert_eq!(partner.get(&format!("{base}/events/{id}")).await.expect(200).body, webhook);
    }
}

#[tokio::test]
async fn wrong_parameters_of_the_event_list_are_reported() {
    let app = TestApp::new().await;
    let (partner, stranger) = (app.partner().await, app.partner().await);
    for (path, param) in [
        ("/v3/events?type=loan.eaten", "type"),
        ("/v3/events?type=", "type"),
        ("/v3/events?type=loan.*", "type"),
        // This name belongs to the other generation.
        ("/v3/events?type=loan.processing", "type"),
        ("/api/v3/events?type=loan.signed", "type"),
        ("/v3/events?type=loan.active&type=loan.error", "type"),
        ("/v3/events?since=yesterday", "since"),
        ("/v3/events?since=1768478400", "since"),
        ("/v3/events?until=2026-13-01T00:00:00Z", "until"),
        ("/api/v3/events?since=2026-01-01T00:00:00Z", "since"),
        ("/api/v3/events?until=1.5", "until"),
        ("/v3/events?limit=0", "limit"),
        ("/api/v3/events?limit=101", "limit"),
        ("/v3/events?order=newest", "order"),
    ] {
        let refused = partner.get(path).await.expect_problem(400, "invalid_parameter");
        assert_eq!(refused.body["param"], param, "{path}");
    }
    partner.customer(529_982_247, "manual").await;
    let id = page(&partner, "/v3/events").await.0[0]["id"].as_str().unwrap().to_owned();
    let unknown = format!("evt_{}", "0".repeat(32));
    for base in ["/v3", "/api/v3"] {
        for cursor in [unknown.as_str(), "x", "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607"] {
            let path = format!("{base}/events?starting_after={cursor}");
            partner.get(&path).await.expect_problem(400, "invalid_cursor");
        }
        let path = format!("{base}/events?starting_after={id}");
        stranger.get(&path).await.expect_problem(400, "invalid_cursor");
        let path = format!("{base}/events/{id}");
        stranger.get(&path).await.expect_problem(404, "resource_not_found");
        for id in [unknown.as_str(), "x"] {
            partner.get(&format!("{base}/events/{id}")).await.expect_problem(404, "resource_not_found");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generations_list_has_no_event_of_the_other_generation() {
    let (app, partner) = TestApp::with_partner().await;
    let offer = partner.offer(529_982_247, "").await;
    let loan = partner.simulation(&offer, "10000.00", 12).await;
    partner.post("/v3/loans", &loan).await.expect(201);
    app.let_seconds_pass(3).await;
    for (base, name, other) in
        [("/v3", "loan.signed", "/api/v3"), ("/api/v3", "loan.signature_received", "/v3")]
    {
        let (events, _) = page(&partner, &format!("{base}/events?type={name}")).await;
        let id = events[0]["id"].as_str().unwrap();
        partner.get(&format!("{base}/events/{id}")).await.expect(200);
        partner.get(&format!("{other}/events/{id}")).await.expect_problem(404, "resource_not_found");
    }
}

#[tokio::test]
async fn an_unreadable_event_hides_no_other_event() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        for number in 0..4 {
            partner.customer(100_000_000 + number, "manual").await;
            app.clock.advance(Duration::from_secs(1));
        }
        let (whole, _) = page(&partner, "/v3/events?order=asc").await;
        let ids: Vec<String> = whole.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
        let broken = ids[1..3].to_vec();
        let breaking = move |tx: &mut store::Tx<'_>| {
            for id in &broken {
                let sql = format!("update events set kind = 'loan_active' where id = '{id}'");
                tx.execute(&sql, &[])?;
            }
            Ok::<_, store::StoreError>(())
        };
        app.state.store.write(breaking).await.unwrap();
        let (left, more) = page(&partner, "/v3/events?order=asc").await;
        assert_eq!((left, more), (vec![whole[0].clone(), whole[3].clone()], false));
        // If a page has only unreadable events, it continues with the next ones, so the reader gets past the damage.
        let path = format!("/v3/events?order=asc&limit=1&starting_after={}", ids[0]);
        assert_eq!(page(&partner, &path).await, (vec![whole[3].clone()], false));
        partner.get(&format!("/v3/events/{}", ids[1])).await.expect_problem(500, "internal_error");
    }
}

/// A slow reader of a list can continue although the item of its cursor has been dropped or deleted.
#[tokio::test]
async fn a_cursor_continues_although_its_own_row_is_gone() {
    for app in TestApp::on_each_engine().await {
        // The older item is from January and the newer one from February, because PostgreSQL drops whole months.
        workers::purge::tick(&app.state).await.unwrap();
        app.clock.advance(Duration::from_secs(16 * 86_400));
        let (partner, stranger) = (app.partner().await, app.partner().await);
        let hook = json!({"url": Sink::start().await.url});
        let mut endpoints = Vec::new();
        for _ in 0..3 {
            endpoints.push(partner.post("/v3/webhooks/endpoints", &hook).await.expect(201).id());
            app.clock.advance(Duration::from_secs(1));
        }
        partner.customer(529_982_247, "manual").await;
        workers::run_until_idle(&app.state).await.unwrap();
        app.clock.advance(Duration::from_secs(2 * 86_400));
        let partner = partner.renewed().await;
        partner.customer(111_444_777, "manual").await;
        workers::run_until_idle(&app.state).await.unwrap();
        app.clock.advance(Duration::from_secs(89 * 86_400));
        let (partner, stranger) = (partner.renewed().await, stranger.renewed().await);

        let ids = async |path: &str| -> Vec<String> {
            page(&partner, path).await.0.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
        };
        let lists = ["/v3/events".to_owned(), format!("/v3/webhooks/endpoints/{}/deliveries", endpoints[0])];
        let before = [ids(&lists[0]).await, ids(&lists[1]).await];
        workers::purge::drop_events(&app.state, app.state.kept_since()).await.unwrap();
        for (list, before) in lists.iter().zip(&before) {
            let [newest, oldest] = &before[..] else { panic!("{before:?}") };
            let turned = list.replace("/v3", "/api/v3");
            for list in [list, &turned] {
                let after = |id: &str, order: &str| format!("{list}?starting_after={id}&order={order}");
                assert_eq!(ids(&after(oldest, "asc")).await, std::slice::from_ref(newest));
                assert!(ids(&after(oldest, "desc")).await.is_empty());
                // An id too new to have been dropped belongs to another partner or does not exist.
                let nobodys = newest.replace(&newest[newest.len() - 6..], "ffffff");
                partner.get(&after(&nobodys, "asc")).await.expect_problem(400, "invalid_cursor");
            }
        }

        partner
            .call(axum::http::Method::DELETE, &format!("/v3/webhooks/endpoints/{}", endpoints[1]), None)
            .await
            .expect(204);
        for base in ["/v3", "/api/v3"] {
            let list = format!("{base}/webhooks/endpoints?starting_after={}", endpoints[1]);
            assert_eq!(ids(&list).await, [endpoints[0].clone()]);
            assert_eq!(ids(&format!("{list}&order=asc")).await, [endpoints[2].clone()]);
            let theirs = format!("{base}/webhooks/endpoints?starting_after={}", endpoints[0]);
            stranger.get(&theirs).await.expect_problem(400, "invalid_cursor");
            let never = format!("{base}/webhooks/endpoints?starting_after=we_{}", "0".repeat(32));
            partner.get(&never).await.expect_problem(400, "invalid_cursor");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_with_many_waiting_events_delays_another_by_one_turn() {
    for app in TestApp::on_each_engine().await {
        let mut partners = [app.partner().await, app.partner().await];
        // The partner whose turn comes first has the backlog.
        partners.sort_unstable_by_key(|partner| partner.id);
        let [busy, quiet] = &partners;
        for number in 0..150 {
            busy.customer(100_000_000 + number, "manual").await;
        }
        quiet.customer(529_982_247, "manual").await;
        let waiting = async |partner: &Partner| {
            let sql =
                format!("select count(*) from events where partner_id = '{}' and place is null", partner.id);
            let count = move |tx: &mut store::Tx<'_>| tx.query_one(&sql, &[], |row| row.get::<i64>(0));
            app.state.store.read(count).await.unwrap()
        };
        let mut turns = workers::fan_out::Turns::default();
        let before = waiting(busy).await;
        for _ in 0..2 {
            assert!(workers::fan_out::take_turn(&app.state, &mut turns).await.unwrap() > 0);
        }
        let (of_busy, of_quiet) = (waiting(busy).await, waiting(quiet).await);
        assert!(of_busy > 0 && of_busy < before && of_quiet == 0, "{before}: {of_busy}, {of_quiet}");
        while workers::fan_out::take_turn(&app.state, &mut turns).await.unwrap() > 0 {}
        assert_eq!(waiting(busy).await, 0);
    }
}
