//! The partner's dashboard: who gets in, and what each role may do there.

use std::time::Duration;

use domain::access::TeamRole;
use serde_json::json;
use server::workers;

use crate::console::{Person, letters_to, link_in, text};
use crate::operator::Operator;
use crate::sink::Sink;
use crate::support::TestApp;

/// An address with its parameters replaced by something unknown.
fn strange(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "none" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_obeys_every_role_of_the_team() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    for role in TeamRole::ALL {
        let person = Person::of_team(&app, partner.id, role).await;
        for listed in server::pages::listed() {
            if listed.path == "/sign-out" {
                continue;
            }
            let path = strange(listed.path);
            let answer = match listed.method {
                "GET" => person.page(&path).await,
                _post => person.press(&path, "").await,
            };
            if path == "/console" {
                assert_eq!(answer.header("location"), Some("/dashboard"));
                continue;
            }
            let allowed = listed.permission.is_none() && listed.team.is_none_or(|least| role.includes(least));
            assert_eq!(
                answer.status != 403,
                allowed,
                "{role:?}: {} {path} ({})",
                listed.method,
                answer.status
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_a_team_has_no_rights_for_the_lender() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let person = Person::of_team(&app, partner.id, TeamRole::Admin).await;
        let operator = Operator::of(&app).await;
        let roles = json!({"roles": ["admin"]});
        let path = format!("/operators/{}/roles", person.id);
        operator.post(&path, &roles).await.expect_problem(404, "resource_not_found");
        let listed = operator.get("/operators").await.expect(200).body.to_string();
        assert!(!listed.contains(&person.id.to_string()), "{listed}");
        let people = Person::with_roles(&app, app.state.config.roles.names()).await;
        let page = people.read("/console/people").await;
        assert!(!page.contains("Lia Prado"), "{page}");
        person.page("/console/customers").await.expect(403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_made_replaced_and_revoked() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let person = Person::of_team(&app, partner.id, TeamRole::Developer).await;
        let made =
            person.press("/dashboard/keys/new", "name=checkout&ends_on=&scope=partner").await.expect(200);
        let (client, secret) = shown(&text(&made.bytes));
        app.token(&client, &secret).await.expect(200);
        let list = person.read("/dashboard/keys").await;
        assert!(list.contains("checkout") && !list.contains(&secret), "{list}");

        let replaced =
            person.press(&format!("/dashboard/keys/{client}/replace"), "hours=24").await.expect(200);
        let (next, next_secret) = shown(&text(&replaced.bytes));
        app.token(&client, &secret).await.expect(200);
        app.token(&next, &next_secret).await.expect(200);
        app.clock.advance(std::time::Duration::from_hours(24));
        app.token(&client, &secret).await.expect(401);
        app.token(&next, &next_secret).await.expect(200);

        // A session ends after this time; its person signs in again.
        let person = Person::of_team(&app, partner.id, TeamRole::Developer).await;
        let again = person.press(&format!("/dashboard/keys/{client}/replace"), "hours=24").await.expect(303);
        assert_eq!(again.header("location"), Some(&*format!("/dashboard/keys/{client}")), "it has ended");
        let strange =
            person.press(&format!("/dashboard/keys/{next}/replace"), "hours=9999").await.expect(303);
        assert_eq!(strange.header("location"), Some(&*format!("/dashboard/keys/{next}")));
        let at_once = person.press(&format!("/dashboard/keys/{next}/replace"), "hours=0").await.expect(200);
        let (last, last_secret) = shown(&text(&at_once.bytes));
        app.token(&next, &next_secret).await.expect(401);
        person.press(&format!("/dashboard/keys/{last}/revoke"), "").await.expect(303);
        app.token(&last, &last_secret).await.expect(401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_made_tested_recovered_switched_and_deleted() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let person = Person::of_team(&app, partner.id, TeamRole::Developer).await;
        for (form, what) in [
            ("url=http://10.0.0.1/&events=", "url-error"),
            ("url=https://example.com/&events=loan.activ", "events-error"),
        ] {
            let refused = text(&person.press("/dashboard/webhooks/new", form).await.expect(422).bytes);
            assert!(refused.contains(what), "{refused}");
        }
        let form = "url=https://example.com/hooks&events=loan.*+customer.active&generation=sdk";
        let made = text(&person.press("/dashboard/webhooks/new", form).await.expect(200).bytes);
        assert!(made.contains("whsec_"), "{made}");
        let page = made.split('"').find(|part| part.starts_with("/dashboard/webhooks/we_")).unwrap();
        let sent = person.press(&format!("{page}/test"), "event=loan.active").await.expect(303);
        let shown = person.read(sent.header("location").unwrap()).await;
        assert!(shown.contains("webhook-signature: v1,") && shown.contains("Nenhuma tentativa"), "{shown}");
        assert!(person.read(page).await.contains("loan.active"));
        let strange = person.press(&format!("{page}/recover"), "since=ontem").await.expect(303);
        assert!(strange.header("location").unwrap().ends_with("?done=day"));
        person.press(&format!("{page}/switch"), "to=off").await.expect(303);
        let off = person.press(&format!("{page}/test"), "event=loan.active").await.expect(303);
        assert!(off.header("location").unwrap().ends_with("?done=off"));
        person.press(&format!("{page}/delete"), "").await.expect(303);
        person.page(page).await.expect(404);
    }
}

/// The client id and the secret on a page that shows a new key.
fn shown(page: &str) -> (String, String) {
    let value = |begin: &str| {
        let at = page.find(begin).unwrap_or_else(|| panic!("{begin} in {page}"));
        page[at..].split(['<', '"']).next().unwrap().to_owned()
    };
    (value("dinie_ci_test_"), value("dinie_cs_test_"))
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reaches_the_keys_and_the_team_of_another_partner() {
    let app = TestApp::new().await;
    let (partner, other) = (app.partner().await, app.partner().await);
    let person = Person::of_team(&app, partner.id, TeamRole::Admin).await;
    let stranger = Person::of_team(&app, other.id, TeamRole::Developer).await;
    let made = stranger.press("/dashboard/keys/new", "name=dele&ends_on=&scope=partner").await.expect(200);
    let (client, secret) = shown(&text(&made.bytes));
    for path in [format!("/dashboard/keys/{client}"), format!("/dashboard/team/{}", stranger.id)] {
        person.page(&path).await.expect(404);
    }
    person.press(&format!("/dashboard/keys/{client}/revoke"), "").await.expect(404);
    person.press(&format!("/dashboard/keys/{client}/replace"), "hours=0").await.expect(404);
    person.press(&format!("/dashboard/team/{}/role", stranger.id), "role=support").await.expect(404);
    person.press(&format!("/dashboard/team/{}/remove", stranger.id), "").await.expect(404);
    app.token(&client, &secret).await.expect(200);
    stranger.page("/dashboard").await.expect(200);
    assert!(!person.read("/dashboard/keys").await.contains("dele"));
    // A cookie chooses a partner only for the lender's people.
    let chosen =
        axum::http::Request::get("/dashboard/keys").header("cookie", format!("dinie_partner={}", other.id));
    assert!(!text(&person.send(chosen, "").await.expect(200).bytes).contains("dele"));
    person.press("/dashboard/partner", &format!("partner={}", other.id)).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_invites_changes_and_removes_members() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let admin = Person::of_team(&app, partner.id, TeamRole::Admin).await;
        for (form, what) in [
            ("name=&email=rui@example.com&role=support", "name-error"),
            ("name=Rui&email=rui&role=support", "email-error"),
        ] {
            let refused = text(&admin.press("/dashboard/team/invite", form).await.expect(422).bytes);
            assert!(refused.contains(what), "{refused}");
        }
        let invitation = "name=Rui&email=rui@example.com&role=support";
        admin.press("/dashboard/team/invite", invitation).await.expect(303);
        admin.press("/dashboard/team/invite", invitation).await.expect(422);
        let letter = letters_to(&app, "rui@example.com", 1).await.remove(0);
        app.get(&link_in(&letter)).await.expect(200);

        let member = Person::of_team(&app, partner.id, TeamRole::Support).await;
        member.page("/dashboard/keys/new").await.expect(403);
        admin.press(&format!("/dashboard/team/{}/role", member.id), "role=developer").await.expect(303);
        member.page("/dashboard/keys/new").await.expect(200);
        admin.press(&format!("/dashboard/team/{}/remove", member.id), "").await.expect(303);
        member.page("/dashboard").await.expect(303);
        admin.press(&format!("/dashboard/team/{}/remove", admin.id), "").await.expect(303);
        admin.page("/dashboard").await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_invite_members_and_production_has_no_dashboard_for_them() {
    let app = TestApp::new().await;
    let (partner, operator) = (app.partner().await, Operator::of(&app).await);
    let path = format!("/partners/{}/members", partner.id);
    let lia = json!({"name": "Lia", "email": "lia@example.com", "role": "admin"});
    let member = operator.post(&path, &lia).await.expect(201).body;
    assert_eq!((&member["role"], &member["status"]), (&json!("admin"), &json!("active")));
    operator.post(&path, &lia).await.expect_problem(409, "invalid_state");
    let wrong = json!({"name": "Lia", "email": "lia", "role": "chief"});
    operator.post(&path, &wrong).await.expect(422);
    let id = member["id"].as_str().unwrap();
    let changed =
        operator.post(&format!("/members/{id}/role"), &json!({"role": "support"})).await.expect(200);
    assert_eq!(changed.body["role"], "support");
    assert_eq!(operator.get(&path).await.expect(200).body["data"].as_array().unwrap().len(), 1);
    operator.act(&format!("/members/{id}/remove")).await.expect(200);
    operator.act(&format!("/members/{id}/remove")).await.expect_problem(409, "invalid_state");
    assert_eq!(operator.get(&path).await.expect(200).body["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lenders_people_open_the_dashboard_of_the_partner_that_they_chose() {
    let app = TestApp::new().await;
    let (first, second) = (app.partner().await, app.partner().await);
    let person = Person::with_roles(&app, app.state.config.roles.names()).await;
    person.page("/dashboard").await.expect(200);
    let chosen = person.press("/dashboard/partner", &format!("partner={}", second.id)).await.expect(303);
    let cookie = chosen.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    assert_eq!(cookie, format!("dinie_partner={}", second.id));
    let auditor = Person::with_roles(&app, "auditor".parse().unwrap()).await;
    auditor.page("/dashboard").await.expect(403);
    let _first_is_the_default = first;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_team_is_told_once_that_an_endpoint_fails_and_when_it_is_disabled() {
    for app in TestApp::on_each_engine().await {
        let (partner, other) = (app.partner().await, app.partner().await);
        for (partner, name, role) in
            [(&partner, "dora", "developer"), (&partner, "rui", "support"), (&other, "ana", "admin")]
        {
            let admin = Person::of_team(&app, partner.id, TeamRole::Admin).await;
            let form = format!("name={name}&email={name}@example.com&role={role}");
            admin.press("/dashboard/team/invite", &form).await.expect(303);
        }
        let (dead, gone) = (Sink::start().await, Sink::start().await);
        let (failing, closed) = (partner.endpoint(&dead).await, partner.endpoint(&gone).await);
        dead.answer_next(&vec![(500, vec![]); 100]);
        gone.answer_next(&[(410, vec![])]);
        partner.customer(529_982_247, "manual").await;
        for _ in 0..8 {
            workers::run_until_idle(&app.state).await.unwrap();
            app.clock.advance(Duration::from_mins(10));
        }
        // The newest is first: the two letters, and the invitation.
        let letters = letters_to(&app, "dora@example.com", 3).await;
        assert!(
            letters[0].text.contains("Desde ") && letters[0].text.contains(&dead.url),
            "{}",
            letters[0].text
        );
        assert!(letters[0].text.contains(&format!("/dashboard/webhooks/{}\n", failing.id())));
        assert!(letters[1].text.contains("410 (Gone)") && letters[1].text.contains(&closed.id()));
        letters_to(&app, "rui@example.com", 1).await;
        letters_to(&app, "ana@example.com", 1).await;
    }
}
