//! Signing in by password and authenticator app.

use std::time::Duration;

use app::people::sign_in;
use axum::body::Body;
use axum::http::Request;
use domain::access::{Proof, Session};
use domain::person::Email;
use server::config::RateLimits;
use totp_rs::{Builder, Secret};

use crate::answer::Answer;
use crate::console::{Person, cookie_of, invited, text, trail};
use crate::operator::Operator;
use crate::support::{Setup, TestApp};

pub(crate) const PASSWORD: &str = "cavalo bateria grampo certo";

pub(crate) fn password_form() -> String {
    format!("password={}", PASSWORD.replace(' ', "+"))
}

/// A person in the session of an invitation's link, and the address.
pub(crate) async fn half_open(app: &TestApp) -> (Person, Email) {
    let (id, email, link) = invited(app, "Rui Tavares", app.state.config.roles.names()).await;
    let entered = app.press(&format!("/sign-in/link/{link}"), "").await.expect(303);
    assert_eq!(entered.header("location"), Some("/sign-in/password"));
    (Person { app: app.clone(), id, cookie: cookie_of(&entered) }, email)
}

/// The secret that a page shows for an app.
async fn shown_secret(person: &Person, page: &str) -> String {
    let page = text(&person.page(page).await.expect(200).bytes);
    assert!(
        page.contains("<svg xmlns") && !page.contains("style="),
        "a QR code without inline styles: {page}"
    );
    page.split("name=\"secret\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// The code that an app shows for a secret now.
fn code_now(app: &TestApp, secret: &str) -> String {
    let secret = Secret::try_from_base32(secret).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    totp.generate(u64::try_from(app.clock.now().seconds()).unwrap()).to_string()
}

/// The form that sets up an authenticator app.
pub(crate) async fn authenticator_form(person: &Person, page: &str) -> String {
    let secret = shown_secret(person, page).await;
    format!("secret={secret}&code={}", code_now(&person.app, &secret))
}

/// A person with a password and an authenticator app, signed in by both.
pub(crate) struct Enrolled {
    pub(crate) person: Person,
    pub(crate) email: Email,
    secret: String,
    pub(crate) recovery_codes: Vec<String>,
}

impl Enrolled {
    pub(crate) async fn new(app: &TestApp) -> Self {
        let (invited, email) = half_open(app).await;
        let chosen = invited.press("/sign-in/password", &password_form()).await.expect(303);
        assert_eq!(chosen.header("location"), Some("/sign-in/authenticator"));
        let half = invited.after(&chosen);
        let secret = shown_secret(&half, "/sign-in/authenticator").await;
        let form = format!("secret={secret}&code={}", code_now(app, &secret));
        let set = half.press("/sign-in/authenticator", &form).await.expect(200);
        let page = text(&set.bytes);
        let codes = page.split("<code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned());
        let recovery_codes: Vec<String> = codes.collect();
        assert_eq!(recovery_codes.len(), 10, "{page}");
        Self { person: half.after(&set), email, secret, recovery_codes }
    }

    /// The person in the session that a right password opens.
    pub(crate) async fn gave_password(&self) -> Person {
        let answer =
            sign_in(&self.person.app, self.email.as_str(), PASSWORD, "198.51.100.7").await.expect(303);
        assert_eq!(answer.header("location"), Some("/sign-in/code"));
        self.person.after(&answer)
    }

    /// A code that was not used yet.
    fn new_code(&self) -> String {
        self.person.app.clock.advance(Duration::from_secs(30));
        code_now(&self.person.app, &self.secret)
    }
}

/// Sends the form of the sign-in from an address of the network.
pub(crate) async fn sign_in(app: &TestApp, email: &str, password: &str, from: &str) -> Answer {
    let body = format!("email={}&password={}", email.replace('@', "%40"), password.replace(' ', "+"));
    let request = Request::post("/sign-in")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-forwarded-for", from);
    app.send(request.body(Body::from(body)).unwrap()).await
}

pub(crate) async fn give_code(person: &Person, code: &str, from: &str) -> Answer {
    let request = Request::post("/sign-in/code").header("x-forwarded-for", from);
    person.send(request, &format!("code={code}&to=%2Fconsole%2Fpeople")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_person_chooses_both_factors_and_signs_in_with_them() {
    for app in TestApp::on_each_engine().await {
        let enrolled = Enrolled::new(&app).await;
        enrolled.person.page("/console").await.expect(200);
        enrolled.person.press("/sign-out", "").await.expect(303);
        enrolled.person.page("/console").await.expect(303);

        let half = enrolled.gave_password().await;
        let sent = half.page("/console/people?after=1").await.expect(303);
        let code_page = "/sign-in/code?to=%2Fconsole%2Fpeople%3Fafter%3D1";
        assert_eq!(sent.header("location"), Some(code_page));
        half.page(code_page).await.expect(200);
        give_code(&half, "000000", "198.51.100.7").await.expect(422);
        let code = enrolled.new_code();
        let whole = give_code(&half, &code, "198.51.100.7").await.expect(303);
        assert_eq!(whole.header("location"), Some("/console/people"));
        half.page("/console").await.expect(303);
        let whole = half.after(&whole);
        whole.page("/console/people").await.expect(200);
        whole.page("/sign-in/code").await.expect(303);

        let half = enrolled.gave_password().await;
        give_code(&half, &code, "198.51.100.7").await.expect(422);
        let [recovery, other, ..] = enrolled.recovery_codes.as_slice() else { panic!("ten codes") };
        let shouted = recovery.to_uppercase().replace('-', "+");
        give_code(&half, &shouted, "198.51.100.7").await.expect(303);
        let half = enrolled.gave_password().await;
        give_code(&half, recovery, "198.51.100.7").await.expect(422);
        give_code(&half, other, "198.51.100.7").await.expect(303);
    }
}

#[tokio::test]
async fn a_password_that_is_short_known_or_the_persons_name_is_refused() {
    let app = TestApp::new().await;
    let (invited, _) = half_open(&app).await;
    for (password, reason) in [
        ("curta", "ao menos 12"),
        ("passwordpassword", "fácil de adivinhar"),
        ("ruitavares12", "fácil de adivinhar"),
    ] {
        let page = invited.press("/sign-in/password", &format!("password={password}")).await.expect(422);
        assert!(text(&page.bytes).contains(reason), "{password}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_does_not_tell_which_addresses_are_known() {
    for app in TestApp::on_each_engine().await {
        let enrolled = Enrolled::new(&app).await;
        let (_, no_password) = half_open(&app).await;
        let dismissed = Enrolled::new(&app).await;
        let admin = Operator::of(&app).await;
        admin.act(&format!("/operators/{}/revoke", dismissed.person.id)).await.expect(200);
        let unknown = sign_in(&app, "nobody@example.com", PASSWORD, "198.51.100.7").await.expect(422);
        let plain = |answer: &Answer, email: &str| text(&answer.bytes).replace(email, "ADDRESS");
        let expected = plain(&unknown, "nobody@example.com");
        for (email, password) in [
            (enrolled.email.as_str(), "another password"),
            (no_password.as_str(), PASSWORD),
            (no_password.as_str(), ""),
            (dismissed.email.as_str(), PASSWORD),
            ("no address", PASSWORD),
        ] {
            let answer = sign_in(&app, email, password, "198.51.100.7").await.expect(422);
            assert_eq!(plain(&answer, email), expected, "{email}");
            assert!(answer.header("set-cookie").is_none());
        }
    }
}

#[tokio::test]
async fn wrong_passwords_lock_out_their_sender_and_not_the_person() {
    let limits = RateLimits { failures_per_minute: 3, ..Setup::default().limits };
    let app = TestApp::with(Setup { limits, ..Setup::default() }).await;
    let enrolled = Enrolled::new(&app).await;
    let email = enrolled.email.as_str();
    for who in [email, "nobody@example.com"] {
        for _ in 0..3 {
            sign_in(&app, who, "wrong password", "203.0.113.9").await.expect(422);
        }
        sign_in(&app, who, PASSWORD, "203.0.113.9").await.expect(429);
    }
    let other = Enrolled::new(&app).await;
    sign_in(&app, other.email.as_str(), PASSWORD, "203.0.113.9").await.expect(303);
    sign_in(&app, email, PASSWORD, "198.51.100.7").await.expect(303);
    sign_in(&app, &email.to_uppercase(), PASSWORD, "203.0.113.9").await.expect(429);
}

#[tokio::test]
async fn codes_cannot_be_guessed_from_many_addresses_and_recovery_codes_still_work() {
    let app = TestApp::new().await;
    let enrolled = Enrolled::new(&app).await;
    let half = enrolled.gave_password().await;
    for number in 0..30 {
        give_code(&half, &format!("{number:06}"), &format!("203.0.113.{number}")).await.expect(422);
    }
    give_code(&half, &enrolled.new_code(), "198.51.100.7").await.expect(429);
    give_code(&half, &enrolled.recovery_codes[0], "198.51.100.7").await.expect(303);
    app.clock.advance(Duration::from_secs(3_600));
    let half = enrolled.gave_password().await;
    give_code(&half, &enrolled.new_code(), "198.51.100.7").await.expect(303);
}

#[tokio::test]
async fn the_trail_has_every_failed_sign_in_and_no_address() {
    let app = TestApp::new().await;
    let enrolled = Enrolled::new(&app).await;
    sign_in(&app, enrolled.email.as_str(), "wrong password", "198.51.100.7").await.expect(422);
    sign_in(&app, "nobody@example.com", PASSWORD, "198.51.100.7").await.expect(422);
    sign_in(&app, "Nobody@Example.com", PASSWORD, "198.51.100.7").await.expect(422);
    let half = enrolled.gave_password().await;
    give_code(&half, "000000", "198.51.100.7").await.expect(422);
    let entries = trail(&app).await;
    let of = |operation: &str, status: u16| -> Vec<_> {
        let found =
            entries.iter().filter(|entry| entry["operation"] == operation && entry["status"] == status);
        found
            .map(|entry| (entry["operator_id"].as_str().map(str::to_owned), entry["fingerprint"].clone()))
            .collect()
    };
    let id = Some(enrolled.person.id.to_string());
    let failed = of("POST /sign-in", 422);
    let owners: Vec<_> = failed.iter().map(|(owner, _)| owner.clone()).collect();
    assert_eq!(owners, [None, None, id.clone()]);
    assert_eq!(failed[0].1, failed[1].1, "tries with one address have one mark");
    assert_ne!(failed[0].1, failed[2].1);
    assert_eq!(of("POST /sign-in", 303).len(), 1);
    assert_eq!(of("POST /sign-in/code", 422), [(id, "".into())]);
    let whole = serde_json::to_string(&entries).unwrap();
    assert!(!whole.contains("example.com") && !whole.contains(&PASSWORD[..6]), "{whole}");
}

#[tokio::test]
async fn a_stale_session_changes_no_factor_before_a_fresh_proof() {
    let app = TestApp::new().await;
    let enrolled = Enrolled::new(&app).await;
    let person = &enrolled.person;
    app.clock.advance(Session::FRESH);
    let proof = Some("/sign-in/proof?to=%2Fme");
    let authenticator = person.page("/me/authenticator").await.expect(303);
    assert_eq!(authenticator.header("location"), proof);
    for page in ["/me/password", "/console/people/invite", "/console/people/program"] {
        let expected = format!("/sign-in/proof?to={}", page.replace('/', "%2F"));
        assert_eq!(person.page(page).await.expect(303).header("location"), Some(&*expected));
    }
    let other = Enrolled::new(&app).await;
    let form = authenticator_form(&other.person, "/me/authenticator").await;
    for (path, form) in [
        ("/me/password", password_form()),
        ("/me/authenticator", form),
        ("/me/recovery-codes", String::new()),
    ] {
        assert_eq!(person.press(path, &form).await.expect(303).header("location"), proof, "{path}");
    }
    person.page("/sign-in/proof?to=%2Fme").await.expect(200);
    person.press("/sign-in/proof", "code=000000").await.expect(422);
    let proved = format!("code={}&to=%2Fme", enrolled.new_code());
    let proved = person.press("/sign-in/proof", &proved).await.expect(303);
    assert_eq!(proved.header("location"), Some("/me"));
    person.page("/console").await.expect(303);
    let fresh = person.after(&proved);
    let codes = text(&fresh.press("/me/recovery-codes", "").await.expect(200).bytes);
    assert!(!codes.contains(&enrolled.recovery_codes[0]));
    let half = enrolled.gave_password().await;
    give_code(&half, &enrolled.recovery_codes[0], "198.51.100.7").await.expect(422);
}

#[tokio::test]
async fn a_new_password_or_authenticator_ends_every_other_session() {
    let app = TestApp::new().await;
    let enrolled = Enrolled::new(&app).await;
    let half = enrolled.gave_password().await;
    let elsewhere = give_code(&half, &enrolled.new_code(), "198.51.100.7").await.expect(303);
    let elsewhere = half.after(&elsewhere);
    elsewhere.page("/console").await.expect(200);
    let form = "password=outra+frase+bem+comprida";
    let changed = enrolled.person.press("/me/password", form).await.expect(303);
    let person = enrolled.person.after(&changed);
    person.page("/me").await.expect(200);
    for ended in [&enrolled.person, &elsewhere] {
        ended.page("/console").await.expect(303);
    }
    sign_in(&app, enrolled.email.as_str(), PASSWORD, "198.51.100.7").await.expect(422);
    let form = authenticator_form(&person, "/me/authenticator").await;
    let changed = person.press("/me/authenticator", &form).await.expect(200);
    person.page("/console").await.expect(303);
    person.after(&changed).page("/console").await.expect(200);
}

/// Sessions that lack a step, each with the page of the step.
async fn half_open_sessions(app: &TestApp) -> [(Person, &'static str); 3] {
    let (invited, _) = half_open(app).await;
    let (bare, _) = half_open(app).await;
    let chosen = bare.press("/sign-in/password", &password_form()).await.expect(303);
    let enrolled = Enrolled::new(app).await;
    [
        (invited, "/sign-in/password"),
        (bare.after(&chosen), "/sign-in/authenticator"),
        (enrolled.gave_password().await, "/sign-in/code"),
    ]
}

#[tokio::test]
async fn a_session_that_lacks_a_step_opens_only_the_page_of_the_step() {
    let app = TestApp::new().await;
    for (person, step) in half_open_sessions(&app).await {
        for listed in server::pages::listed() {
            if listed.path == step || listed.path == "/sign-out" {
                continue;
            }
            let path =
                listed.path.replace("{id}", "none").replace("{note}", "none").replace("{action}", "none");
            let answer = match listed.method {
                "GET" => person.page(&path).await,
                _post => person.press(&path, &password_form()).await,
            };
            let place = answer.expect(303).header("location").unwrap().to_owned();
            assert_eq!(place.split('?').next(), Some(step), "{} {path}", listed.method);
        }
        person.page(step).await.expect(200);
        person.press("/sign-out", "").await.expect(303);
        person.page(step).await.expect(303);
    }
}

#[tokio::test]
async fn a_half_open_session_lasts_fifteen_minutes() {
    let app = TestApp::new().await;
    let enrolled = Enrolled::new(&app).await;
    let half = enrolled.gave_password().await;
    app.clock.advance(Session::HALF_OPEN);
    give_code(&half, &enrolled.new_code(), "198.51.100.7").await.expect(303);
    half.page("/sign-in/code").await.expect(303);
}

/// The addresses of the console that are open to nobody's session, as a browser uses them.
const OUTSIDE: [(&str, &str); 8] = [
    ("GET", "/sign-in/sso"),
    ("GET", "/sign-in/sso/return"),
    ("GET", "/sign-in/forgot"),
    ("POST", "/sign-in/forgot"),
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("GET", "/sign-in/link/none"),
    ("POST", "/sign-in/link/none"),
];

#[tokio::test]
async fn no_page_is_framed_and_no_form_of_another_site_is_accepted() {
    let app = TestApp::new().await;
    let person = Person::with_roles(&app, app.state.config.roles.names()).await;
    let listed = server::pages::listed();
    let inside = listed.iter().map(|listed| {
        (
            listed.method,
            listed.path.replace("{id}", "none").replace("{note}", "none").replace("{action}", "none"),
        )
    });
    let outside = OUTSIDE.iter().map(|(method, path)| (*method, (*path).to_owned()));
    for (method, path) in inside.chain(outside) {
        if method == "GET" {
            let page = person.page(&path).await;
            if page.status.is_redirection() {
                continue;
            }
            let policy = page.header("content-security-policy").unwrap_or_else(|| panic!("{path}"));
            assert!(
                policy.contains("frame-ancestors 'none'") || policy.contains("sandbox"),
                "{path}: {policy}"
            );
            assert_eq!(page.header("x-content-type-options"), Some("nosniff"), "{path}");
            assert_eq!(page.header("referrer-policy"), Some("no-referrer"), "{path}");
            assert_eq!(page.header("cache-control"), Some("no-store"), "{path}");
            continue;
        }
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
        ] {
            let request = Request::post(&*path).header(name, value).header("host", "dinie.test");
            person.send(request, "").await.expect(403);
        }
    }
    person.page("/console").await.expect(200);
}

#[tokio::test]
async fn each_step_of_a_sign_in_ends_the_session_before_it() {
    let app = TestApp::new().await;
    let enrolled = Enrolled::new(&app).await;
    let (now, of) = (app.clock.now(), enrolled.person.id);
    let open = app.state.store.read(move |tx| sign_in::sessions(tx, now, of)).await.unwrap();
    let proofs: Vec<Proof> = open.iter().map(|session| session.proof).collect();
    assert_eq!(proofs, [Proof::PasswordAndCode]);
}
