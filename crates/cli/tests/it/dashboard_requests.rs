//! The dashboard's pages of the request log and of idempotency keys.

use std::time::Duration;

use axum::http::Method;
use domain::access::TeamRole;
use serde_json::json;
use server::config::{Logging, RequestLogSettings};

use crate::console::{Person, text};
use crate::inputs::registration;
use crate::requests::logged;
use crate::support::{Setup, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_listed_filtered_and_shown_to_their_partner_alone() {
    for app in TestApp::on_each_engine().await {
        let (partner, other) = (app.partner().await, app.partner().await);
        let headers =
            [("x-request-id", "mine-1"), ("idempotency-key", "order/1"), ("x-forwarded-for", "198.51.100.9")];
        let body = registration(529_982_247, "manual");
        let made = partner.call_with(Method::POST, "/v3/customers", Some(&body), &headers).await.expect(201);
        let mut wrong = body.clone();
        wrong["cpf"] = json!("123");
        let headers = [("x-request-id", "wrong-1")];
        partner.call_with(Method::POST, "/v3/customers", Some(&wrong), &headers).await.expect(422);
        logged(&partner, "").await;
        let person = Person::of_team(&app, partner.id, TeamRole::Support).await;
        let list = person.read("/dashboard/requests").await;
        assert!(list.contains("invalid_cpf") && list.contains("/v3/auth/token"), "{list}");
        // A form also sends its empty fields.
        let all = person.read("/dashboard/requests?status=&method=&route=&resource_id=&client_id=").await;
        assert!(all.contains("invalid_cpf"), "{all}");
        for (query, found) in [
            ("status=4xx".to_owned(), false),
            ("method=GET".to_owned(), false),
            ("route=/v3/customers&status=201".to_owned(), true),
            (format!("resource_id={}", made.id()), true),
            ("idempotency_key=order%2F1".to_owned(), true),
            ("request_id=+mine-1".to_owned(), true),
            ("address=198.51.100.9".to_owned(), true),
            (format!("client_id={}&status=2xx", partner.credential.id), true),
            ("min_duration_ms=600000".to_owned(), false),
        ] {
            let list = person.read(&format!("/dashboard/requests?{query}")).await;
            assert_eq!(list.contains(">201</span>"), found, "{query}: {list}");
        }
        let refused = person.page("/dashboard/requests?address=localhost&status=4xx").await.expect(422);
        let refused = text(&refused.bytes);
        assert!(refused.contains("address-error") && refused.contains("localhost"), "{refused}");

        let shown = person.read("/dashboard/requests/mine-1").await;
        for words in [
            made.id().as_str(),
            "order/1",
            "198.51.100.9",
            "/dashboard/requests?idempotency_key=order%2F1",
            partner.credential.id.as_str(),
        ] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        assert!(
            shown.contains("customer.created</code>") && shown.contains("/dashboard/events/evt_"),
            "{shown}"
        );
        assert!(!shown.contains("529.982.247-25") && shown.contains("Respondido"), "{shown}");
        let wrong = person.read("/dashboard/requests/wrong-1").await;
        assert!(wrong.contains("O que houve") && wrong.contains("/errors/invalid_cpf"), "{wrong}");
        let stranger = Person::of_team(&app, other.id, TeamRole::Admin).await;
        stranger.page("/dashboard/requests/mine-1").await.expect(404);
        assert!(!stranger.read("/dashboard/requests").await.contains("invalid_cpf"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_calls_goes_on_where_a_page_ends() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    for _call in 0..26 {
        partner.get("/v3/customers?limit=1").await.expect(200);
    }
    logged(&partner, "").await;
    let person = Person::of_team(&app, partner.id, TeamRole::Support).await;
    let list = person.read("/dashboard/requests?route=%2Fv3%2Fcustomers").await;
    assert_eq!(list.matches("data-href").count(), 25, "{list}");
    let (_, next) =
        list.split_once("rel=\"next\"").map(|(before, _)| before.rsplit_once("href=\"").unwrap()).unwrap();
    let next = next.trim_end_matches(['"', ' ']).replace("&#38;", "&").replace("&amp;", "&");
    assert!(next.contains("route=%2Fv3%2Fcustomers"), "{next}");
    let rest = person.read(&next).await;
    assert_eq!(rest.matches("data-href").count(), 1, "{rest}");
    assert!(!rest.contains("rel=\"next\""), "{rest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_looked_up_with_what_it_stands_for() {
    for app in TestApp::on_each_engine().await {
        let (partner, other) = (app.partner().await, app.partner().await);
        let made = partner.post_keyed("/v3/customers", &registration(529_982_247, "manual"), "order/1").await;
        let made = made.expect(201);
        logged(&partner, "").await;
        let person = Person::of_team(&app, partner.id, TeamRole::Support).await;
        assert!(person.read("/dashboard/idempotency-keys").await.contains("Qual chave?"));
        let used = person.read("/dashboard/idempotency-keys?key=order%2F1").await;
        for words in [
            made.id().as_str(),
            ">201</span>",
            "POST /v3/customers",
            "/dashboard/requests/rlog_",
            "16/01/2026 09:00:00",
        ] {
            assert!(used.contains(words), "{words}: {used}");
        }
        for free in ["order/2", "%20", "caf%C3%A9", "%00"] {
            let page = person.read(&format!("/dashboard/idempotency-keys?key={free}")).await;
            assert!(!page.contains("/dashboard/requests/rlog_"), "{page}");
        }
        let stranger = Person::of_team(&app, other.id, TeamRole::Admin).await;
        assert!(stranger.read("/dashboard/idempotency-keys?key=order%2F1").await.contains("está livre"));
    }
}

#[tokio::test]
async fn without_a_log_the_page_says_so() {
    let requests = RequestLogSettings { logging: Logging::Off, ..RequestLogSettings::default() };
    let app = TestApp::with(Setup { requests, ..Setup::default() }).await;
    let partner = app.partner().await;
    let person = Person::of_team(&app, partner.id, TeamRole::Support).await;
    assert!(person.read("/dashboard/requests").await.contains("Sem registro"));
    person.page("/dashboard/requests/req_1").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_shows_from_where_it_was_used_in_thirty_days() {
    for app in TestApp::on_each_engine().await {
        let (partner, other) = (app.partner().await, app.partner().await);
        let person = Person::of_team(&app, partner.id, TeamRole::Support).await;
        let path = format!("/dashboard/keys/{}", partner.credential.id);
        for (address, times) in [("198.51.100.9", 2), ("2001:db8::7", 1)] {
            for _ in 0..times {
                let headers = [("x-forwarded-for", address)];
                partner.call_with(Method::GET, "/v3/customers", None, &headers).await.expect(200);
                app.clock.advance(Duration::from_secs(1));
            }
        }
        let headers = [("x-forwarded-for", "203.0.113.5")];
        other.call_with(Method::GET, "/v3/customers", None, &headers).await.expect(200);
        app.state.request_log.write_waiting().await;
        let page = person.read(&path).await;
        let row = |address: &str| {
            let at = page.find(address).unwrap_or_else(|| panic!("{address}: {page}"));
            page[at..].split("</tr>").next().unwrap().to_owned()
        };
        assert!(
            row(">198.51.100.9<").contains(">2</td>") && row(">2001:db8::7<").contains(">1</td>"),
            "{page}"
        );
        assert!(page.contains("address=2001%3Adb8%3A%3A7") && !page.contains("203.0.113.5"), "{page}");
        assert!(page.find("2001:db8::7<") < page.find("198.51.100.9<"), "the latest is first");
        app.clock.advance(Duration::from_hours(31 * 24));
        let person = Person::of_team(&app, partner.id, TeamRole::Support).await;
        assert!(person.read(&path).await.contains("Nenhuma chamada"));
    }
}
