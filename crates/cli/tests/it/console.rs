//! The console: entering and leaving it, and every page against every role.

use std::sync::Arc;
use std::time::Duration;

use app::mails::people::PersonMail;
use app::people::invitations::{self, Invite};
use app::people::sign_in;
use app::people::team::{self, InviteMember};
use axum::body::Body;
use axum::http::Request;
use domain::access::{Permission, RoleNames, TeamRole};
use domain::credential::Maker;
use domain::id::{OperatorId, PartnerId};
use domain::person::Email;
use serde_json::Value;

use crate::answer::Answer;
use crate::operator::Operator;
use crate::support::TestApp;

/// A person with a browser.
pub(crate) struct Person {
    pub(crate) app: TestApp,
    pub(crate) id: OperatorId,
    pub(crate) cookie: String,
}

impl Person {
    /// A person with these roles, signed in to the console by a link of the sandbox.
    pub(crate) async fn with_roles(app: &TestApp, roles: RoleNames) -> Self {
        Self::named(app, "Helena Couto", roles).await
    }

    /// [`Person::with_roles`] with a name.
    pub(crate) async fn named(app: &TestApp, name: &str, roles: RoleNames) -> Self {
        let (id, email, _link) = invited(app, name, roles).await;
        let now = app.clock.now();
        let link = app.state.store.write(move |tx| invitations::link_for(tx, now, &email)).await.unwrap();
        Self { app: app.clone(), id, cookie: entered(app, &link).await }
    }

    /// A member of a partner's team, signed in by a link of the sandbox.
    pub(crate) async fn of_team(app: &TestApp, partner: PartnerId, role: TeamRole) -> Self {
        let (now, email, lender) = (app.clock.now(), new_email(app).await, Arc::clone(&app.state.lender));
        let command = InviteMember {
            name: "Lia Prado".to_owned(),
            email: email.clone(),
            role,
            created_by: Maker::CommandLine,
        };
        let invite = move |tx: &mut store::Tx<'_>| team::invite(tx, now, partner, &command, &lender);
        let member = app.state.store.write(invite).await.unwrap();
        let link = app.state.store.write(move |tx| invitations::link_for(tx, now, &email)).await.unwrap();
        Self { app: app.clone(), id: member.id, cookie: entered(app, &link).await }
    }

    /// The same person after an answer that replaced the session.
    pub(crate) fn after(&self, answer: &Answer) -> Self {
        Self { app: self.app.clone(), id: self.id, cookie: cookie_of(answer) }
    }

    pub(crate) async fn page(&self, path: &str) -> Answer {
        self.send(Request::get(path), "").await
    }

    /// The text of a page that is shown.
    pub(crate) async fn read(&self, path: &str) -> String {
        text(&self.page(path).await.expect(200).bytes)
    }

    /// A part of a page, as htmx asks for it.
    pub(crate) async fn part(&self, request: axum::http::request::Builder) -> Answer {
        self.send(request.header("hx-request", "true").header("sec-fetch-site", "same-origin"), "").await
    }

    pub(crate) async fn press(&self, path: &str, form: &str) -> Answer {
        let request = Request::post(path).header("sec-fetch-site", "same-origin");
        self.send(request.header("content-type", "application/x-www-form-urlencoded"), form).await
    }

    /// Sends a form with one file.
    pub(crate) async fn upload(&self, path: &str, file: &str) -> Answer {
        let request = Request::post(path).header("sec-fetch-site", "same-origin");
        let request = request.header("content-type", "multipart/form-data; boundary=x");
        let form = crate::inputs::form("x", &[("file", Some("RET.csv"), file.as_bytes())]);
        self.send(request, std::str::from_utf8(&form).unwrap()).await
    }

    pub(crate) async fn send(&self, request: axum::http::request::Builder, form: &str) -> Answer {
        let request = request.header("cookie", &self.cookie);
        self.app.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }
}

/// The values of the hidden fields of a page's form.
pub(crate) fn hidden(page: &str) -> String {
    let fields = page.split("<input type=\"hidden\" name=\"").skip(1).filter_map(|field| {
        let (name, rest) = field.split_once("\" value=\"")?;
        Some(format!("{name}={}", rest.split_once('"')?.0))
    });
    let of_form = |field: &String| !field.starts_with("to=") && !field.starts_with("language=");
    fields.filter(of_form).collect::<Vec<_>>().join("&")
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// An address that nobody has.
async fn new_email(app: &TestApp) -> Email {
    let number =
        app.state.store.write(|tx| Ok::<_, store::StoreError>(tx.random_bytes::<4>())).await.unwrap();
    Email::parse(&format!("p{}@example.com", u32::from_be_bytes(number))).unwrap()
}

/// A new person, the address, and the link of the invitation.
pub(crate) async fn invited(app: &TestApp, name: &str, roles: RoleNames) -> (OperatorId, Email, String) {
    let (now, email) = (app.clock.now(), new_email(app).await);
    let command = Invite {
        name: name.to_owned(),
        email: email.clone(),
        roles,
        team: None,
        created_by: Maker::CommandLine,
    };
    let lender = Arc::clone(&app.state.lender);
    let invite = move |tx: &mut store::Tx<'_>| invitations::invite(tx, now, &command, &lender);
    let (operator, link) = app.state.store.write(invite).await.unwrap();
    (operator.id, email, link)
}

/// The e-mails to a person, newest first, as soon as there are so many. Some are written after the page's answer.
pub(crate) async fn letters_to(app: &TestApp, email: &str, count: usize) -> Vec<PersonMail> {
    for _ in 0..10_000 {
        let email = email.to_owned();
        let read = move |tx: &mut store::Tx<'_>| app::mails::people::to_address(tx, &email);
        let letters = app.state.store.read(read).await.unwrap();
        if letters.len() >= count {
            assert_eq!(letters.len(), count, "{letters:?}");
            return letters;
        }
    }
    panic!("{count} letters to {email} did not come");
}

/// The path of the link in an e-mail to a person.
pub(crate) fn link_in(letter: &PersonMail) -> String {
    let line = letter.text.lines().find(|line| line.contains("/sign-in/link/")).unwrap();
    line[line.find("/sign-in/").unwrap()..].to_owned()
}

pub(crate) fn cookie_of(answer: &Answer) -> String {
    let cookie = answer.header("set-cookie").unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn entered(app: &TestApp, link: &str) -> String {
    let answer = app.press(&format!("/sign-in/link/{link}"), "").await.expect(303);
    assert_eq!(answer.header("location"), Some("/console"));
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-dinie_person=") && cookie.contains("HttpOnly"), "{cookie}");
    assert!(cookie.contains("SameSite=Lax") && cookie.contains("Secure"), "{cookie}");
    cookie_of(&answer)
}

pub(crate) async fn administrator_link(app: &TestApp) -> String {
    let (now, roles) = (app.clock.now(), app.state.config.roles.names());
    app.state.store.write(move |tx| invitations::administrator_link(tx, now, &roles)).await.unwrap()
}

pub(crate) async fn trail(app: &TestApp) -> Vec<Value> {
    let auditor = Operator::with_roles(app, "auditor".parse().unwrap()).await;
    auditor.get("/audit?limit=100").await.expect(200).body["data"].as_array().unwrap().clone()
}

/// A person with all roles, signed in.
async fn signed_in(app: &TestApp) -> Person {
    Person::with_roles(app, app.state.config.roles.names()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_signs_in_once_and_in_its_time() {
    for app in TestApp::on_each_engine().await {
        let link = administrator_link(&app).await;
        let page = format!("/sign-in/link/{link}");
        app.get(&page).await.expect(200);
        app.get(&page).await.expect(200);
        entered(&app, &link).await;
        app.press(&page, "").await.expect(410);
        app.get(&page).await.expect(410);
        let late = administrator_link(&app).await;
        app.clock.advance(Duration::from_secs(601));
        app.press(&format!("/sign-in/link/{late}"), "").await.expect(410);
        let first = administrator_link(&app).await;
        let second = administrator_link(&app).await;
        app.press(&format!("/sign-in/link/{first}"), "").await.expect(404);
        entered(&app, &second).await;
        app.get("/sign-in/link/unknown").await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_used_twice_at_once_signs_in_once() {
    for app in TestApp::on_each_engine().await {
        let page = format!("/sign-in/link/{}", administrator_link(&app).await);
        let (one, other) = tokio::join!(app.press(&page, ""), app.press(&page, ""));
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 410]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_a_page_without_a_session_that_works() {
    for app in TestApp::on_each_engine().await {
        let refused = app.get("/console/people?after=1").await.expect(303);
        assert_eq!(
            refused.header("location"),
            Some("/sign-in?to=%2Fconsole%2Fpeople%3Fafter%3D1"),
            "the sign-in leads back"
        );
        let made_up =
            Person { cookie: format!("__Host-dinie_person={}", "0".repeat(64)), ..signed_in(&app).await };
        made_up.page("/console").await.expect(303);

        let leaves = signed_in(&app).await;
        leaves.page("/console").await.expect(200);
        let left = leaves.press("/sign-out", "").await.expect(303);
        assert!(left.header("set-cookie").unwrap().contains("Max-Age=0"));
        leaves.page("/console").await.expect(303);

        let idle = signed_in(&app).await;
        app.clock.advance(Duration::from_mins(32));
        idle.page("/console").await.expect(303);

        let (dismissed, admin) = (signed_in(&app).await, Operator::of(&app).await);
        admin.act(&format!("/operators/{}/revoke", dismissed.id)).await.expect(200);
        dismissed.page("/console").await.expect(303);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_ends_another_session_and_no_session_of_others() {
    let app = TestApp::new().await;
    let (helena, rui) = (signed_in(&app).await, signed_in(&app).await);
    let sessions = async |person: &Person| {
        let page = String::from_utf8(person.page("/me").await.expect(200).bytes).unwrap();
        page.matches("/end\"").count()
    };
    let (now, of) = (app.clock.now(), helena.id);
    let own = app.state.store.read(move |tx| sign_in::sessions(tx, now, of)).await.unwrap();
    assert_eq!(own.len(), 1);
    let end = format!("/me/sessions/{}/end", own[0].id);
    rui.press(&end, "").await.expect(303);
    helena.page("/console").await.expect(200);
    assert_eq!(sessions(&helena).await, 0, "this session has no button");
    helena.press(&end, "").await.expect(303);
    helena.page("/console").await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_invited_once_and_the_invitation_opens_only_its_step() {
    let app = TestApp::new().await;
    let roles: RoleNames = "analyst".parse().unwrap();
    let (id, email, link) = invited(&app, "Rui Tavares", roles.clone()).await;
    let (now, lender) = (app.clock.now(), Arc::clone(&app.state.lender));
    let again =
        Invite { name: "Rui Tavares".to_owned(), email, roles, team: None, created_by: Maker::CommandLine };
    let again = app.state.store.write(move |tx| invitations::invite(tx, now, &again, &lender)).await;
    assert!(again.is_err(), "one address");
    let answer = app.press(&format!("/sign-in/link/{link}"), "").await.expect(303);
    assert_eq!(answer.header("location"), Some("/sign-in/password"));
    let invited = Person { app: app.clone(), id, cookie: cookie_of(&answer) };
    assert_eq!(
        invited.page("/console/people").await.expect(303).header("location"),
        Some("/sign-in/password?to=%2Fconsole%2Fpeople")
    );
    invited.page("/sign-in/password").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_site_is_refused() {
    let app = TestApp::new().await;
    let person = signed_in(&app).await;
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let request = Request::post("/sign-out").header(name, value).header("host", "localhost");
        person.send(request, "").await.expect(403);
    }
    person.page("/console").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_obeys_every_role() {
    let app = TestApp::new().await;
    let roles = app.state.config.roles.clone();
    for (name, role) in roles.iter() {
        let person = Person::with_roles(&app, RoleNames::from_iter([name.clone()])).await;
        for listed in server::pages::listed() {
            if listed.path == "/sign-out" {
                continue;
            }
            let parts = listed.path.split('/').map(|part| if part.starts_with('{') { "none" } else { part });
            let path = parts.collect::<Vec<_>>().join("/");
            let answer = match listed.method {
                "GET" => person.page(&path).await,
                _post => person.press(&path, "").await,
            };
            let may = |permission| role.permissions.contains(permission);
            // In a sandbox, the lender's people who make credentials also open the dashboards of partners.
            let allowed = listed.permission.is_none_or(may)
                && (listed.team.is_none() || may(Permission::CreateCredential));
            assert_eq!(answer.status != 403, allowed, "{name}: {} {path} ({})", listed.method, answer.status);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_has_every_request_and_every_failed_entry() {
    let app = TestApp::new().await;
    let person = Person::with_roles(&app, "treasury".parse().unwrap()).await;
    person.page("/console/people").await.expect(200);
    app.press("/sign-in/link/wrong", "").await.expect(404);
    let entries = trail(&app).await;
    let has = |operation: &str, status: u16, operator: bool| {
        entries.iter().any(|entry| {
            let known = entry["operator_id"] == person.id.to_string();
            entry["operation"] == operation && entry["status"] == status && known == operator
        })
    };
    assert!(has("POST /sign-in/link", 303, true), "{entries:?}");
    assert!(has("GET /console/people", 200, true), "{entries:?}");
    assert!(has("POST /sign-in/link", 404, false), "{entries:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn old_sessions_and_links_are_purged() {
    for app in TestApp::on_each_engine().await {
        let person = signed_in(&app).await;
        administrator_link(&app).await;
        let count = async |table: &'static str| {
            let sql = format!("select count(*) from {table}");
            let count = move |tx: &mut store::Tx<'_>| tx.query_one(&sql, &[], |row| row.get::<i64>(0));
            app.state.store.read(count).await.unwrap()
        };
        let rows = async || (count("sessions").await, count("entries").await, count("person_mails").await);
        assert_eq!(rows().await, (1, 3, 1), "an invitation with its e-mail, and two links");
        app.clock.advance(Duration::from_hours(24 * 100));
        server::workers::purge::tick(&app.state).await.unwrap();
        assert_eq!(rows().await, (0, 0, 0));
        person.page("/console").await.expect(303);
    }
}
