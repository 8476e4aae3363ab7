//! Signing in by the lender's own provider. A provider in this process says what each test needs. A real one is in
//! `scripts/sso`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::Json;
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::access::Session;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};
use server::config::Sso;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::answer::Answer;
use crate::console::{Person, cookie_of, invited, letters_to, text, trail};
use crate::console_sign_in::{Enrolled, PASSWORD, sign_in};
use crate::operator::Operator;
use crate::support::{Setup, TestApp};

/// The provider's next answers.
struct Script {
    key: Ed25519KeyPair,
    kid: &'static str,
    /// The claims of the next ID token beside those that every token has.
    claims: Value,
    userinfo: Value,
    challenge: String,
    nonce: String,
    now: i64,
    is_down: bool,
}

/// A provider on this machine.
#[derive(Clone)]
struct Fake {
    url: String,
    script: Arc<Mutex<Script>>,
}

fn key() -> Ed25519KeyPair {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap()
}

fn text64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Script {
    /// A provider that has answered nobody yet, with a new key.
    fn new(kid: &'static str) -> Self {
        Self {
            key: key(),
            kid,
            claims: json!({}),
            userinfo: json!({}),
            challenge: String::new(),
            nonce: String::new(),
            now: 0,
            is_down: false,
        }
    }
}

impl Fake {
    async fn start() -> Self {
        let script = Script::new("a");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let fake = Self { url, script: Arc::new(Mutex::new(script)) };
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(Self::description))
            .route("/keys", get(Self::keys))
            .route("/token", post(Self::token))
            .route("/userinfo", get(Self::userinfo))
            .with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        fake
    }

    fn setup(&self) -> Setup {
        let group = |group: &str, roles: &str| (group.to_owned(), roles.parse().unwrap());
        let sso = Sso {
            issuer: self.url.clone(),
            client_id: "dinie".to_owned(),
            client_secret: "se cret".to_owned().into(),
            name: "Lua".to_owned(),
            scopes: vec!["email".to_owned()],
            groups_claim: "groups".to_owned(),
            trust_emails: false,
            groups: vec![group("Mesa", "credit"), group("Caixa", "treasury")],
        };
        Setup { sso: Some(sso), ..Setup::default() }
    }

    #[expect(clippy::unused_async, reason = "handlers are asynchronous")]
    async fn description(State(fake): State<Self>) -> Json<Value> {
        let at = |path: &str| format!("{}/{path}", fake.url);
        Json(json!({
            "issuer": fake.url, "authorization_endpoint": at("auth?tenant=1"), "token_endpoint": at("token"),
            "jwks_uri": at("keys"), "userinfo_endpoint": at("userinfo"),
        }))
    }

    #[expect(clippy::unused_async, reason = "handlers are asynchronous")]
    async fn keys(State(fake): State<Self>) -> Json<Value> {
        let script = fake.script.lock().unwrap();
        let x = text64(script.key.public_key().as_ref());
        Json(json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": script.kid, "x": x}]}))
    }

    #[expect(clippy::unused_async, reason = "handlers are asynchronous")]
    async fn token(
        State(fake): State<Self>, headers: HeaderMap, body: String,
    ) -> Result<Json<Value>, StatusCode> {
        let form: HashMap<String, String> =
            url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        let script = fake.script.lock().unwrap();
        let basic = format!("Basic {}", STANDARD.encode("dinie:se+cret"));
        let is_client = headers.get("authorization").unwrap() == basic.as_str();
        let is_asker = text64(&Sha256::digest(&form["code_verifier"])) == script.challenge;
        let redirect = form["redirect_uri"] == "https://dinie.test/sign-in/sso/return";
        if script.is_down || form["code"] != "good" || !is_client || !is_asker || !redirect {
            return Err(StatusCode::BAD_REQUEST);
        }
        let mut claims = json!({
            "iss": fake.url, "aud": "dinie", "nonce": script.nonce, "iat": script.now, "exp": script.now + 300,
        });
        for (name, value) in script.claims.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let header = json!({"alg": "EdDSA", "kid": script.kid}).to_string();
        let signed = format!("{}.{}", text64(header.as_bytes()), text64(claims.to_string().as_bytes()));
        let signature = text64(script.key.sign(signed.as_bytes()).as_ref());
        let token = format!("{signed}.{signature}");
        Ok(Json(json!({"id_token": token, "access_token": "access", "token_type": "Bearer"})))
    }

    #[expect(clippy::unused_async, reason = "handlers are asynchronous")]
    async fn userinfo(State(fake): State<Self>, headers: HeaderMap) -> Json<Value> {
        assert_eq!(headers.get("authorization").unwrap(), "Bearer access");
        let script = fake.script.lock().unwrap();
        let mut userinfo = script.userinfo.clone();
        if userinfo.get("sub").is_none() {
            userinfo["sub"] = script.claims["sub"].clone();
        }
        Json(userinfo)
    }

    fn says(&self, claims: Value) {
        self.script.lock().unwrap().claims = claims;
    }
}

/// A browser that was sent to the provider.
struct Sent {
    app: TestApp,
    cookie: String,
    state: String,
}

impl Sent {
    async fn to(fake: &Fake, app: &TestApp, page: &str) -> Self {
        let asked = app.get(page).await.expect(303);
        let place = Url::parse(asked.header("location").unwrap()).unwrap();
        let query: HashMap<String, String> = place.query_pairs().into_owned().collect();
        assert!(place.as_str().starts_with(&format!("{}/auth?tenant=1&", fake.url)), "{place}");
        assert_eq!((&*query["scope"], &*query["code_challenge_method"]), ("openid email", "S256"));
        assert_eq!(query.contains_key("max_age"), page.contains("proof"));
        let mut script = fake.script.lock().unwrap();
        (script.challenge, script.nonce) = (query["code_challenge"].clone(), query["nonce"].clone());
        script.now = app.clock.now().seconds();
        Self { app: app.clone(), cookie: cookie_of(&asked), state: query["state"].clone() }
    }

    async fn back(&self, code: &str) -> Answer {
        self.back_with(&self.state, &self.cookie, code).await
    }

    async fn back_with(&self, state: &str, cookie: &str, code: &str) -> Answer {
        let path = format!("/sign-in/sso/return?code={code}&state={state}");
        self.app.send(Request::get(path).header("cookie", cookie).body(Body::empty()).unwrap()).await
    }
}

/// Signs in with what the provider says.
async fn through(fake: &Fake, app: &TestApp, claims: Value) -> Answer {
    let sent = Sent::to(fake, app, "/sign-in/sso?to=%2Fme").await;
    fake.says(claims);
    sent.back("good").await
}

fn helena(groups: &[&str]) -> Value {
    json!({"sub": "h-1", "name": "Helena Couto", "email": "helena@example.com", "email_verified": true, "groups": groups})
}

/// The person of an answer that signed in.
fn person(app: &TestApp, answer: &Answer) -> Person {
    let mut cookies = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    let session = cookies.find(|cookie| cookie.starts_with("__Host-dinie_person=")).unwrap();
    let cookie = session.split(';').next().unwrap().to_owned();
    Person { app: app.clone(), id: "op_0190f3b4c5d67e8f90a1b2c3d4e5f607".parse().unwrap(), cookie }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_sign_in_makes_a_person_whose_roles_follow_the_groups() {
    let fake = Fake::start().await;
    for app in TestApp::on_each_engine_with(fake.setup()).await {
        assert!(text(&app.get("/sign-in").await.expect(200).bytes).contains("Entrar com Lua"));
        let first = through(&fake, &app, helena(&["Mesa", "other"])).await.expect(303);
        assert_eq!(first.header("location"), Some("/me"));
        let first = person(&app, &first);
        let account = first.read("/me").await;
        assert!(
            account.contains("Helena Couto, credit") && account.contains("Acesso da empresa"),
            "{account}"
        );
        assert!(!account.contains("/me/password"));

        let again = through(&fake, &app, helena(&["Caixa", "Mesa"])).await.expect(303);
        let account = person(&app, &again).read("/me").await;
        assert!(account.contains("Helena Couto, credit, treasury"), "{account}");
        first.page("/console").await.expect(200);

        let out = text(&through(&fake, &app, helena(&["other"])).await.expect(403).bytes);
        assert!(out.contains("Nenhum dos seus grupos"), "{out}");
        for ended in [&first, &person(&app, &again)] {
            ended.page("/console").await.expect(303);
        }
        let operators = Operator::of(&app).await.get("/operators").await.expect(200).body;
        let people: Vec<_> =
            operators["data"].as_array().unwrap().iter().filter(|one| one["kind"] == "person").collect();
        assert_eq!(people.len(), 1, "{operators}");
        assert_eq!((&people[0]["roles"], &people[0]["created_by"]), (&json!([]), &json!("provider")));
        let entries = trail(&app).await;
        let of = |status: u16| {
            entries
                .iter()
                .filter(|entry| {
                    entry["operation"] == "GET /sign-in/sso/return"
                        && entry["status"] == status
                        && entry["operator_id"] == people[0]["id"]
                })
                .count()
        };
        assert_eq!((of(303), of(403)), (2, 1), "{entries:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verified_address_links_a_person_once_and_ends_the_persons_own_factors() {
    let fake = Fake::start().await;
    for app in TestApp::on_each_engine_with(fake.setup()).await {
        let enrolled = Enrolled::new(&app).await;
        let email = enrolled.email.as_str();
        let claims = |subject: &str, verified: Value| json!({"sub": subject, "name": "R", "email": email, "email_verified": verified, "groups": ["Caixa"]});
        for unverified in [json!(false), json!(null), json!("no")] {
            through(&fake, &app, claims("r-1", unverified)).await.expect(403);
        }
        enrolled.person.page("/console").await.expect(200);
        let linked = through(&fake, &app, claims("r-1", json!(true))).await.expect(303);
        let linked = person(&app, &linked);
        assert!(linked.read("/me").await.contains("Rui Tavares, treasury"));
        enrolled.person.page("/console").await.expect(303);
        sign_in(&app, email, PASSWORD, "198.51.100.7").await.expect(422);
        app.press("/sign-in/forgot", &format!("email={}", email.replace('@', "%40"))).await.expect(200);
        for own in ["/me/password", "/me/passkeys", "/me/authenticator"] {
            let answer =
                linked.press(own, "password=outra+frase+bem+comprida&name=a&answer=b&secret=c&code=1").await;
            assert!(answer.status.is_redirection() || answer.status == 422, "{own}: {}", answer.status);
        }
        sign_in(&app, email, "outra frase bem comprida", "198.51.100.7").await.expect(422);
        let other = text(&through(&fake, &app, claims("r-2", json!(true))).await.expect(403).bytes);
        assert!(other.contains("outra conta do provedor"), "{other}");
        letters_to(&app, email, 1).await;
        // Later the account is known by itself, whatever its address.
        through(&fake, &app, json!({"sub": "r-1", "groups": ["Mesa"]})).await.expect(303);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_and_address_also_come_from_the_userinfo_of_the_same_account() {
    let fake = Fake::start().await;
    let app = TestApp::with(fake.setup()).await;
    let mut more = helena(&["Caixa"]);
    fake.script.lock().unwrap().userinfo = more.clone();
    let answer = through(&fake, &app, json!({"sub": "h-1"})).await.expect(303);
    assert!(person(&app, &answer).read("/me").await.contains("Helena Couto, treasury"));
    more["sub"] = json!("h-2");
    fake.script.lock().unwrap().userinfo = more;
    through(&fake, &app, json!({"sub": "h-1"})).await.expect(502);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_good_only_in_the_browser_that_asked_and_in_its_time() {
    let fake = Fake::start().await;
    let app = TestApp::with(fake.setup()).await;
    let sent = Sent::to(&fake, &app, "/sign-in/sso").await;
    fake.says(helena(&["Mesa"]));
    let other = Sent::to(&fake, &app, "/sign-in/sso").await;
    for (state, cookie) in [
        (&sent.state, &other.cookie),
        (&sent.state, &"a=b".to_owned()),
        (&other.state.replace("sign-in", "proof"), &other.cookie),
        (&String::new(), &other.cookie),
    ] {
        let refused = other.back_with(state, cookie, "good").await.expect(400);
        assert!(refused.header("set-cookie").is_none());
    }
    let said_no = format!("/sign-in/sso/return?error=access_denied&state={}", other.state);
    let said_no = Request::get(said_no).header("cookie", &other.cookie).body(Body::empty()).unwrap();
    app.send(said_no).await.expect(400);
    let mixed_up = format!("{}&iss=https%3A%2F%2Fid.example", other.state);
    other.back_with(&mixed_up, &other.cookie, "good").await.expect(400);
    other.back("wrong").await.expect(502);
    other.back("good").await.expect(303);
    let late = Sent::to(&fake, &app, "/sign-in/sso").await;
    app.clock.advance(Duration::from_mins(10));
    late.back("good").await.expect(400);
    let entries = trail(&app).await;
    let failed = entries
        .iter()
        .filter(|entry| entry["operation"] == "GET /sign-in/sso/return" && entry["status"] != 303);
    assert_eq!(failed.count(), 8, "{entries:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_key_server_or_sign_in_is_refused() {
    let fake = Fake::start().await;
    let app = TestApp::with(fake.setup()).await;
    let with = |name: &str, value: Value| {
        let mut claims = helena(&["Mesa"]);
        claims[name] = value;
        claims
    };
    for wrong in [
        with("nonce", json!("another")),
        with("aud", json!("another")),
        with("iss", json!("https://id.example")),
        with("exp", json!(1)),
        with("sub", json!("")),
    ] {
        through(&fake, &app, wrong).await.expect(502);
    }
    through(&fake, &app, helena(&["Mesa"])).await.expect(303);
    let known = std::mem::replace(&mut fake.script.lock().unwrap().key, key());
    through(&fake, &app, helena(&["Mesa"])).await.expect(502);
    fake.script.lock().unwrap().key = known;
    through(&fake, &app, helena(&["Mesa"])).await.expect(303);

    // The provider changes its keys. They are read again after a minute.
    *fake.script.lock().unwrap() = Script::new("b");
    through(&fake, &app, helena(&["Mesa"])).await.expect(502);
    app.clock.advance(Duration::from_mins(1));
    through(&fake, &app, helena(&["Mesa"])).await.expect(303);

    fake.script.lock().unwrap().is_down = true;
    let down = text(&through(&fake, &app, helena(&["Mesa"])).await.expect(502).bytes);
    assert!(down.contains("O provedor não respondeu"), "{down}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_proof_is_given_at_the_provider() {
    let fake = Fake::start().await;
    let app = TestApp::with(fake.setup()).await;
    let mut claims = helena(&["Mesa"]);
    let signed_in = person(&app, &through(&fake, &app, claims.clone()).await.expect(303));
    app.clock.advance(Session::FRESH);
    let proof = signed_in.page("/me/passkeys/remove").await;
    assert_eq!(proof.status, 405);
    let page = signed_in.read("/sign-in/proof?to=%2Fme").await;
    let way = page.split("href=\"/sign-in/sso?").nth(1).unwrap().split('"').next().unwrap();
    let way = format!("/sign-in/sso?{}", way.replace("&#38;", "&"));
    let sent = Sent::to(&fake, &app, &way).await;
    let cookies = format!("{}; {}", sent.cookie, signed_in.cookie);
    let at = app.clock.now().seconds();
    for old in [json!(null), json!(at - 600)] {
        claims["auth_time"] = old;
        fake.says(claims.clone());
        sent.back_with(&sent.state, &cookies, "good").await.expect(502);
    }
    signed_in.page("/console").await.expect(200);
    claims["auth_time"] = json!(at);
    fake.says(claims);
    let proved = sent.back_with(&sent.state, &cookies, "good").await.expect(303);
    assert_eq!(proved.header("location"), Some("/me"));
    signed_in.page("/console").await.expect(303);
    person(&app, &proved).page("/console").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_of_access_here_stands_over_the_provider_and_a_reset_leads_away_from_it() {
    let fake = Fake::start().await;
    let app = TestApp::with(fake.setup()).await;
    let (id, email, _) = invited(&app, "Helena Couto", "credit".parse().unwrap()).await;
    let claims = json!({"sub": "h-1", "email": email.as_str(), "email_verified": true, "groups": ["Mesa"]});
    through(&fake, &app, claims.clone()).await.expect(303);
    let admin = Operator::of(&app).await;
    admin.act(&format!("/people/{id}/reset")).await.expect(200);
    letters_to(&app, email.as_str(), 2).await;
    through(&fake, &app, json!({"sub": "h-1", "groups": ["Mesa"]})).await.expect(403);
    admin.act(&format!("/operators/{id}/revoke")).await.expect(200);
    let out = text(&through(&fake, &app, claims).await.expect(403).bytes);
    assert!(out.contains("Acesso encerrado"), "{out}");
}

#[tokio::test]
async fn without_a_provider_there_is_no_way_to_one() {
    let app = TestApp::new().await;
    app.get("/sign-in/sso").await.expect(404);
    app.get("/sign-in/sso/return?code=a&state=b").await.expect(404);
    assert!(!text(&app.get("/sign-in").await.expect(200).bytes).contains("/sign-in/sso"));
}
