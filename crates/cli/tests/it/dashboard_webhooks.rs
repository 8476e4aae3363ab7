//! The partner's pages of webhooks: the figures of an endpoint, and the replay to another endpoint.

use std::time::Duration;

use domain::access::TeamRole;
use serde_json::json;
use server::workers;

use crate::console::{Person, text};
use crate::sink::Sink;
use crate::support::{Partner, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_has_the_share_and_the_time_of_its_answers_of_a_day() {
    for app in TestApp::on_each_engine().await {
        let (partner, sink, other) = (app.partner().await, Sink::start().await, Sink::start().await);
        let endpoint = partner.endpoint(&sink).await;
        let dead = partner.endpoint_for(&other, &["customer.*"]).await;
        other.answer_next(&vec![(500, vec![]); 100]);
        let person = Person::of_team(&app, partner.id, TeamRole::Support).await;
        let path = format!("/dashboard/webhooks/{}", endpoint.id());
        let success = |page: &str| {
            let at = page.find("Sucesso").unwrap_or_else(|| panic!("{page}"));
            page[at..].split("num\">").nth(1).unwrap().split('<').next().unwrap().to_owned()
        };
        assert_eq!(success(&person.read(&path).await), "–");
        partner.customer(529_982_247, "manual").await;
        workers::run_until_idle(&app.state).await.unwrap();
        let page = person.read(&path).await;
        assert_eq!(success(&page), "100,0 %");
        assert!(page.contains("Resposta, p95") && page.contains(" ms</span>"), "{page}");
        let page = person.read(&format!("/dashboard/webhooks/{}", dead.id())).await;
        assert_eq!(success(&page), "0,0 %");
        let list = person.read("/dashboard/webhooks").await;
        assert!(list.contains("100,0 %") && list.contains(">0,0 %"), "{list}");
        app.clock.advance(Duration::from_hours(25));
        let person = Person::of_team(&app, partner.id, TeamRole::Support).await;
        assert_eq!(success(&person.read(&path).await), "–");
    }
}

/// The ids of the events of an endpoint's deliveries.
async fn events_of(partner: &Partner, endpoint: &str) -> Vec<String> {
    let path = format!("/v3/webhooks/endpoints/{endpoint}/deliveries?limit=100");
    let listed = partner.get(&path).await.expect(200);
    let listed = listed.body["data"].as_array().unwrap().iter();
    listed.map(|delivery| delivery["event_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_is_replayed_to_an_endpoint_of_the_other_generation() {
    for app in TestApp::on_each_engine().await {
        let (partner, sink, late) = (app.partner().await, Sink::start().await, Sink::start().await);
        let source = partner.endpoint(&sink).await.id();
        for number in [529_982_247, 111_444_777, 123_456_789] {
            partner.customer(number, "manual").await;
        }
        workers::run_until_idle(&app.state).await.unwrap();
        let url = json!({"url": late.url, "events": ["customer.created"]});
        let target = partner.post("/api/v3/webhooks/endpoints", &url).await.expect(201).id();
        let path = format!("/v3/webhooks/endpoints/{source}/replay");
        let range = json!({
            "target_endpoint_id": target, "since": "2026-01-01T00:00:00Z", "until": "2026-01-31T00:00:00Z",
            "events": ["customer.*"],
        });
        let first = partner.post_keyed(&path, &range, "once").await.expect(200);
        assert_eq!((&first.body["deliveries"], &first.body["has_more"]), (&json!(3), &json!(false)));
        let again = partner.post_keyed(&path, &range, "once").await.expect(200);
        assert_eq!(again.body, first.body, "the key replays once");
        workers::run_until_idle(&app.state).await.unwrap();
        assert_eq!(late.received().len(), 3);
        assert_eq!(events_of(&partner, &target).await, events_of(&partner, &source).await);
        let mut after = range.clone();
        after["starting_after"] = first.body["last_delivery_id"].clone();
        let rest = partner.post(&path, &after).await.expect(200);
        let nothing = json!({"deliveries": 0, "has_more": false, "last_delivery_id": null});
        assert_eq!(rest.body, nothing, "the range was read to its end");
        let mut others = range.clone();
        others["events"] = json!(["loan.*"]);
        assert_eq!(partner.post(&path, &others).await.expect(200).body["deliveries"], 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_impossible_replay_says_why() {
    for app in TestApp::on_each_engine().await {
        let (partner, stranger) = (app.partner().await, app.partner().await);
        let url = json!({"url": "https://example.com/"});
        let make =
            async |partner: &Partner| partner.post("/v3/webhooks/endpoints", &url).await.expect(201).id();
        let (source, off, foreign) = (make(&partner).await, make(&partner).await, make(&stranger).await);
        let target = make(&partner).await;
        let disabled = json!({"status": "disabled"});
        partner.patch(&format!("/v3/webhooks/endpoints/{off}"), &disabled).await.expect(200);
        let path = format!("/v3/webhooks/endpoints/{source}/replay");
        let range = |target: &str, since: &str, until: &str| {
            json!({
                "target_endpoint_id": target, "since": format!("{since}T00:00:00Z"),
                "until": format!("{until}T00:00:00Z"),
            })
        };
        let fine = range(&target, "2026-01-01", "2026-02-01");
        partner.post(&path, &fine).await.expect(200);
        stranger.post(&path, &fine).await.expect_problem(404, "resource_not_found");
        let cases = [
            (range(&foreign, "2026-01-01", "2026-01-02"), 422, "invalid_format"),
            (range(&source, "2026-01-01", "2026-01-02"), 422, "invalid_format"),
            (range(&off, "2026-01-01", "2026-01-02"), 409, "invalid_state"),
            (range(&target, "2026-01-02", "2026-01-02"), 422, "invalid_format"),
            (range(&target, "2026-01-03", "2026-01-02"), 422, "invalid_format"),
            (range(&target, "2026-01-01", "2026-02-02"), 422, "invalid_format"),
            (json!({"target_endpoint_id": target}), 422, "missing_required_field"),
        ];
        for (body, status, code) in cases {
            partner.post(&path, &body).await.expect_problem(status, code);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_replays_once_and_shows_its_faults() {
    for app in TestApp::on_each_engine().await {
        let (partner, sink, late) = (app.partner().await, Sink::start().await, Sink::start().await);
        let source = partner.endpoint(&sink).await.id();
        let person = Person::of_team(&app, partner.id, TeamRole::Developer).await;
        let path = format!("/dashboard/webhooks/{source}/replay");
        assert!(person.read(&path).await.contains("Nenhum outro webhook"));
        partner.customer(529_982_247, "manual").await;
        workers::run_until_idle(&app.state).await.unwrap();
        let target = partner.endpoint(&late).await.id();
        let page = person.read(&path).await;
        let key = page.split("name=\"key\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let form = |since: &str, until: &str| {
            format!("key={key}&target={target}&since={since}&until={until}&events=&after=")
        };
        for (form, fault) in [
            (form("ontem", "2026-01-31T00:00"), "Escreva um dia"),
            (form("2026-01-31T00:00", "2026-01-01T00:00"), "O fim vem depois"),
            (form("2026-01-01T00:00", "2026-03-01T00:00"), "mais de 31 dias"),
            (form("2026-01-01T00:00", "2026-01-31T00:00").replace(&target, &source), "Escolha outro"),
        ] {
            let refused = text(&person.press(&path, &form).await.expect(422).bytes);
            assert!(refused.contains(fault), "{fault}: {refused}");
        }
        let fine = form("2026-01-01T00:00", "2026-01-31T00:00");
        let done = text(&person.press(&path, &fine).await.expect(200).bytes);
        assert!(done.contains("1 entrega sai"), "{done}");
        let again = text(&person.press(&path, &fine).await.expect(200).bytes);
        assert!(again.contains("já foi enviado"), "{again}");
        workers::run_until_idle(&app.state).await.unwrap();
        assert_eq!(late.received().len(), 1);
        let empty = fine.replace(&key, "another").replace("2026-01-01", "2026-01-30");
        let empty = text(&person.press(&path, &empty).await.expect(200).bytes);
        assert!(empty.contains("não tem entregas"), "{empty}");
    }
}
