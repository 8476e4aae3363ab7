//! A server in process and a partner that calls it.

use std::sync::Arc;
use std::time::Duration;

use app::partners::credentials::CreateCredential;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use domain::access::{FourEyes, Roles};
use domain::credential::{ClientId, Environment, Scope};
use domain::credit::policy::Policy;
use domain::id::PartnerId;
use domain::time::Timestamp;
use domain::webhook::target::Loopback;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use server::clock::Clock;
use server::config::network::{ForwardedHeader, Proxies, Trusted};
use server::config::{Config, MailServer, RateLimits, RequestLogSettings, Sso};
use server::state::AppState;
use server::{http, workers};
use store::db::DatabaseUrl;
use store::seal::MasterKey;
use store::test_support::Throwaway;
use tower::ServiceExt as _;

use crate::answer::Answer;

use crate::inputs::{JPEG, PDF, form, registration};

use crate::machine::files_under;

/// 2026-01-15T12:00:00Z, a Thursday.
pub(crate) const START: Timestamp = Timestamp::from_seconds(1_768_478_400);

/// The master key that a sandbox has generated in a folder.
pub(crate) fn master_key_of(folder: &std::path::Path) -> MasterKey {
    let hex = std::fs::read_to_string(folder.join("data/master.key")).unwrap();
    let byte = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
    MasterKey::new(std::array::from_fn(byte))
}

/// A server in process. Its copies are the same server, which is there until the last copy is dropped.
#[derive(Clone)]
pub(crate) struct TestApp {
    pub(crate) state: AppState,
    pub(crate) clock: Clock,
    router: Router,
    pub(crate) folder: Arc<tempfile::TempDir>,
    _distributed: Option<Arc<Throwaway>>,
}

/// Settings that a test may change.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) database: Option<DatabaseUrl>,
    pub(crate) environment: Environment,
    pub(crate) limits: RateLimits,
    pub(crate) files: domain::kyc::FileLimits,
    pub(crate) proxies: Proxies,
    pub(crate) mail: Option<MailServer>,
    /// `None` means the environment's default policy, if it has one.
    pub(crate) policy: Option<Policy>,
    pub(crate) four_eyes: FourEyes,
    /// `None` means the built-in roles.
    pub(crate) roles: Option<Roles>,
    pub(crate) sso: Option<Sso>,
    /// The program that renders pages of PDFs.
    pub(crate) program: std::path::PathBuf,
    pub(crate) requests: RequestLogSettings,
    /// The data folder. Nodes of one database share one. `None` means a new one.
    pub(crate) folder: Option<Arc<tempfile::TempDir>>,
}

impl Default for Setup {
    fn default() -> Self {
        let many = 1_000_000;
        let limits = RateLimits {
            requests_per_10s: many,
            tokens_per_minute: many,
            page_posts_per_minute: many,
            operator_requests_per_10s: many,
            failures_per_minute: many,
        };
        let proxies = Proxies { trusted: Trusted::Peer, header: ForwardedHeader::XForwardedFor };
        let files = domain::kyc::FileLimits::default();
        let (database, environment) = (None, Environment::Sandbox);
        let (mail, policy, four_eyes, roles, sso) = (None, None, FourEyes::Off, None, None);
        let program = env!("CARGO_BIN_EXE_dinie").into();
        let requests = RequestLogSettings::default();
        Self {
            database,
            environment,
            limits,
            files,
            proxies,
            mail,
            policy,
            four_eyes,
            roles,
            sso,
            program,
            requests,
            folder: None,
        }
    }
}

impl TestApp {
    pub(crate) async fn new() -> Self {
        Self::with(Setup::default()).await
    }

    /// An app with a partner.
    pub(crate) async fn with_partner() -> (Self, Partner) {
        let app = Self::new().await;
        let partner = app.partner().await;
        (app, partner)
    }

    /// An app with a partner that has just registered a customer.
    pub(crate) async fn with_customer(tags: &str) -> (Self, Partner, String) {
        let (app, partner) = Self::with_partner().await;
        let customer = partner.customer(529_982_247, tags).await;
        (app, partner, customer)
    }

    /// The partner of a credential.
    pub(crate) async fn signed_in(&self, client_id: &str, secret: &str) -> Partner {
        let token =
            self.token(client_id, secret).await.expect(200).body["access_token"].as_str().unwrap().to_owned();
        let client: ClientId = client_id.parse().unwrap();
        let find = move |tx: &mut store::Tx<'_>| store::directory::owner(tx, &client);
        let id = self.state.store.read(find).await.unwrap().unwrap();
        let credential = Credential { id: client_id.to_owned(), secret: secret.to_owned() };
        Partner { app: self.clone(), id, credential, token }
    }

    pub(crate) async fn with(setup: Setup) -> Self {
        let folder = setup.folder.unwrap_or_else(|| Arc::new(tempfile::TempDir::new().unwrap()));
        let clock = Clock::starting_at(START.unmoved());
        let file = DatabaseUrl::Sqlite(folder.path().join("test.db"));
        let distributed = match setup.database {
            Some(_) => None,
            None => Self::distributed_database().await,
        };
        let database = setup.database.or(distributed.as_ref().map(Throwaway::url)).unwrap_or(file);
        let temporary = Config::temporary(folder.path()).unwrap();
        let config = Config {
            environment: setup.environment,
            database,
            master_keys: MasterKey::new([7; 32]).into(),
            public_url: Some("https://dinie.test".into()),
            behind_proxy: true,
            proxies: setup.proxies,
            mail: setup.mail,
            limits: setup.limits,
            files: setup.files,
            loopback: match setup.environment {
                Environment::Sandbox => Loopback::Allowed,
                Environment::Production => Loopback::Refused,
            },
            four_eyes: setup.four_eyes,
            policy: setup.policy.or_else(|| server::config::policy::of(None, setup.environment).unwrap()),
            roles: setup.roles.unwrap_or(temporary.roles.clone()),
            sso: setup.sso,
            program: setup.program,
            requests: setup.requests,
            ..temporary
        };
        let state = AppState::open(config, clock.clone(), "http://unused").await.unwrap();
        let router = http::router(state.clone());
        Self { state, clock, router, folder, _distributed: distributed.map(Arc::new) }
    }

    /// Checks that the trial balance and every entry are zero, and that each loan's receivable equals its unpaid
    /// installments.
    pub(crate) async fn check_ledger(&self) {
        let check = app::ledger::check::whole(&self.state.store).await.unwrap();
        assert!(check.is_right() && !check.trial_balance.is_empty(), "{check:?}");
    }

    /// Checks that every stored file belongs to a document or a contract, and that each of these has its file.
    pub(crate) async fn no_file_is_left_over(&self) {
        let rows = |tx: &mut store::Tx<'_>| {
            let documents = "select blob_key from kyc_documents \
                             union all select blob_key from contracts where blob_key is not null";
            let documents = tx.query(documents, &[], |row| row.get::<String>(0))?;
            let intents = tx.query("select blob_key from blob_intents", &[], |row| row.get::<String>(0))?;
            Ok::<_, store::StoreError>((documents, intents))
        };
        let (mut documents, intents) = self.state.store.read(rows).await.unwrap();
        assert!(intents.is_empty(), "{intents:?}");
        let mut files: Vec<String> = files_under(&self.state.config.data.join("blobs"));
        files.sort();
        documents.sort();
        assert_eq!(files, documents);
    }

    /// Number of events of a kind.
    pub(crate) async fn events_of(&self, kind: &'static str) -> i64 {
        let count = move |tx: &mut store::Tx<'_>| {
            tx.query_one(&format!("select count(*) from events where kind = '{kind}'"), &[], |row| row.get(0))
        };
        self.state.store.read(count).await.unwrap()
    }

    /// Lets seconds pass. The workers run in each second.
    pub(crate) async fn let_seconds_pass(&self, seconds: u64) {
        for _ in 0..seconds {
            self.clock.advance(Duration::from_secs(1));
            workers::run_until_idle(&self.state).await.unwrap();
        }
    }

    pub(crate) async fn partner(&self) -> Partner {
        self.partner_with(Scope::Partner).await
    }

    pub(crate) async fn partner_with(&self, scope: Scope) -> Partner {
        let (now, environment) = (self.clock.now(), self.state.config.environment);
        let created = self.state.store.write(move |tx| {
            let partner = app::partners::create(tx, now, "Mercado Exemplo")?;
            let name = "tests".to_owned();
            let command = CreateCredential {
                environment,
                name,
                scope,
                expires_at: None,
                created_by: domain::credential::Maker::CommandLine,
            };
            app::partners::credentials::create(tx, partner.id, now, &command)
        });
        let created = created.await.unwrap();
        self.signed_in(&created.credential.client_id.to_string(), &created.secret).await
    }

    pub(crate) async fn token(&self, client_id: &str, secret: &str) -> Answer {
        let form = format!("grant_type=client_credentials&client_id={client_id}&client_secret={secret}");
        let request = Request::post("/v3/auth/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .unwrap();
        self.send(request).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        crate::openapi::expect_documented(&method, &path, parts.status.as_u16(), &body);
        Answer { status: parts.status, headers: parts.headers, body, bytes }
    }

    /// Sends a form as a browser does.
    pub(crate) async fn press(&self, path: &str, form: &str) -> Answer {
        self.press_as(path, form, "text/html").await
    }

    /// Sends a form with an accept header.
    pub(crate) async fn press_as(&self, path: &str, form: &str, accept: &str) -> Answer {
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", accept)
            .header("user-agent", "Navegador/1.0 (Teste)")
            .header("x-forwarded-for", "198.51.100.7");
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }
}

/// A client id and its secret.
#[derive(Clone)]
pub(crate) struct Credential {
    pub(crate) id: String,
    pub(crate) secret: String,
}

/// A partner with a token.
#[derive(Clone)]
pub(crate) struct Partner {
    pub(crate) app: TestApp,
    pub(crate) id: PartnerId,
    pub(crate) credential: Credential,
    pub(crate) token: String,
}

impl Partner {
    /// The same partner with a new token, for use after the clock was moved.
    pub(crate) async fn renewed(&self) -> Partner {
        let answer = self.app.token(&self.credential.id, &self.credential.secret).await.expect(200);
        let token = answer.body["access_token"].as_str().unwrap().to_owned();
        Self { token, ..self.clone() }
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        self.call_with(method, path, body, &[]).await
    }

    pub(crate) async fn call_with(
        &self, method: Method, path: &str, body: Option<&Value>, headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header("authorization", format!("Bearer {}", self.token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = match body {
            Some(body) => {
                request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap()
            }
            None => request.body(Body::empty()).unwrap(),
        };
        self.app.send(request).await
    }

    /// Reads. Events are fanned out first, which a running server does at once.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        if path.contains("/events") {
            while workers::fan_out::tick(&self.app.state).await.unwrap() > 0 {}
        }
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub(crate) async fn post_keyed(&self, path: &str, body: &Value, key: &str) -> Answer {
        self.call_with(Method::POST, path, Some(body), &[("idempotency-key", key)]).await
    }

    /// Uploads a document.
    pub(crate) async fn upload(&self, customer: &str, kind: &str, content: &[u8]) -> Answer {
        self.upload_keyed(customer, kind, content, None).await
    }

    pub(crate) async fn upload_keyed(
        &self, customer: &str, kind: &str, content: &[u8], key: Option<&str>,
    ) -> Answer {
        let parts = [("type", None, kind.as_bytes()), ("file", Some("a.bin"), content)];
        self.send_form(
            &format!("/v3/customers/{customer}/documents"),
            &form("b0undary", &parts),
            "b0undary",
            key,
        )
        .await
    }

    pub(crate) async fn send_form(
        &self, path: &str, body: &[u8], boundary: &str, key: Option<&str>,
    ) -> Answer {
        let mut request = Request::post(path)
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", format!("multipart/form-data; boundary={boundary}"));
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        self.app.send(request.body(Body::from(body.to_vec())).unwrap()).await
    }

    /// A customer that has just been registered.
    pub(crate) async fn customer(&self, number: u32, tags: &str) -> String {
        self.post("/v3/customers", &registration(number, tags)).await.expect(201).id()
    }

    /// A customer with all documents submitted. The review has begun.
    pub(crate) async fn documented_customer(&self, number: u32, tags: &str) -> String {
        let customer = self.customer(number, tags).await;
        for (kind, content) in [("cnh", PDF), ("selfie", JPEG), ("ccmei", PDF)] {
            self.upload(&customer, kind, content).await.expect(201);
        }
        customer
    }

    /// An offer of an active customer.
    pub(crate) async fn offer(&self, number: u32, tags: &str) -> String {
        let customer = self.documented_customer(number, tags).await;
        self.app.let_seconds_pass(3).await;
        let offers = self.get(&format!("/v3/customers/{customer}/credit-offers")).await.expect(200);
        offers.body["data"][0]["id"].as_str().expect("an offer").to_owned()
    }

    /// A simulation of an offer, as the body of a loan request.
    pub(crate) async fn simulation(&self, offer: &str, amount: &str, installments: u16) -> Value {
        let body = json!({"requested_amount": amount, "installment_count": installments});
        let answer = self.post(&format!("/v3/credit-offers/{offer}/simulations"), &body).await.expect(201);
        let simulation = answer.body;
        json!({
            "credit_offer_id": offer, "simulation_id": simulation["id"],
            "installments": simulation["number_of_installments"],
            "installments_value": simulation["installments_value"],
            "first_due_date": simulation["first_due_date"]
        })
    }

    /// A loan that waits for its signatures.
    pub(crate) async fn loan(&self, number: u32, tags: &str) -> Answer {
        let offer = self.offer(number, tags).await;
        let body = self.simulation(&offer, "10000.00", 12).await;
        self.post("/v3/loans", &body).await.expect(201)
    }

    /// A loan of a company with a co-owner, who must sign too.
    pub(crate) async fn loan_with_co_owner(&self, number: u32) -> Answer {
        let customer = self.customer(number, "ltda+never_signs").await;
        for kind in ["cnh", "selfie", "cnh", "selfie", "articles_of_association", "proof_of_address"] {
            self.upload(&customer, kind, JPEG).await.expect(201);
        }
        self.app.let_seconds_pass(3).await;
        let offers = self.get(&format!("/v3/customers/{customer}/credit-offers")).await.expect(200);
        let offer = offers.body["data"][0]["id"].as_str().unwrap().to_owned();
        self.post("/v3/loans", &self.simulation(&offer, "10000.00", 12).await).await.expect(201)
    }

    /// The e-mails to the partner's customers, newest first.
    pub(crate) async fn mails(&self) -> Vec<store::mails::Mail> {
        let tenant = self.id;
        self.app.state.store.read(move |tx| app::mails::of_partner(tx, tenant)).await.unwrap().items
    }

    /// The paths of a loan's signing links, one for each signer, from the e-mails.
    pub(crate) async fn signing_paths(&self, loan: &str) -> Vec<String> {
        let loan = self.get(&format!("/v3/loans/{loan}")).await.expect(200);
        let subject = format!("Assine a {}", loan.body["ccb_number"].as_str().unwrap());
        let mails = self.mails().await.into_iter().rev().filter(|mail| mail.subject == subject);
        let mut paths: Vec<String> = mails.map(|mail| link_in(&mail.text)).collect();
        // E-mails of one moment have no order. The applicant's link is the one that the loan shows.
        let applicants = loan.body["signing_url"].as_str().unwrap();
        paths.sort_by_key(|path| !applicants.ends_with(path));
        paths
    }

    /// The code in the newest e-mail with a code.
    pub(crate) async fn newest_code(&self) -> String {
        let mails = self.mails().await;
        let code = mails.iter().find_map(|mail| mail.subject.strip_prefix("Seu código para assinar: "));
        code.expect("an e-mail with a code").to_owned()
    }

    /// Signs for each signer as a person would: link, code, consent.
    pub(crate) async fn sign_all(&self, loan: &str) {
        for path in self.signing_paths(loan).await {
            self.app.press(&format!("{path}/code"), "").await.expect(200);
            let code = self.newest_code().await;
            self.app.press(&path, &format!("code={code}&consent=yes")).await.expect(200);
        }
    }
}

/// The path of the link that has a whole line.
fn link_in(text: &str) -> String {
    let line = text.lines().find(|line| line.starts_with("https://dinie.test/")).expect("a link");
    line.trim_start_matches("https://dinie.test").to_owned()
}
