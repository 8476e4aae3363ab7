//! `dinie bench api`: each figure as the ratio that the design names.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use domain::tax_id::Cpf;
use hyper::Method;
use serde::Serialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::bare;
use super::load::{self, Ask, Measured};
use super::target::Target;
use crate::cli::say;
use crate::outbound::command_client;

/// Connections of reads.
const READERS: u64 = 32;
/// Connections of writes: enough for commits to be shared.
const WRITERS: u64 = 128;

/// Everything measured in one run.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    database: &'static str,
    seconds: u64,
    health: Measured,
    loan: Measured,
    loan_to_health_percent: u64,
    bare_inserts: Measured,
    customers: Measured,
    customers_to_bare_percent: u64,
    simulations: Measured,
    start_ms: u64,
    peak_memory_mb: u64,
}

/// Measures a server of its own, on a new SQLite file or on a new database of the named server.
pub(super) async fn measure(database: Option<&str>, span: Duration) -> anyhow::Result<Report> {
    let folder = TempDir::new()?;
    let target = Target::start(folder.path(), database).await?;
    let (id, secret) =
        target.credential.clone().context("the database is not new, so its credential is unknown")?;
    let caller = Caller::sign_in(&target, &id, &secret).await?;
    let (offer, loan) = caller.active_loan().await?;

    let loads =
        |connections, status, ask| load::run(target.address, &caller.token, connections, span, status, ask);
    let reads = [get("/health".to_owned()), get(format!("/v3/loans/{loan}"))];
    let [health, read] = load::by_turns(target.address, &caller.token, READERS, span, reads).await?;
    let simulations = loads(WRITERS, 201, simulate(&offer)).await?;
    let customers = loads(WRITERS, 201, register()).await?;
    let peak_memory_mb = target.peak_memory() / 1_000_000;
    let start_ms = u64::try_from(target.start.as_millis()).unwrap_or(u64::MAX);
    target.stop().await?;
    let bare_inserts = bare::inserts(folder.path(), WRITERS, span).await?;

    let percent = |part: Measured, whole: Measured| part.rate * 100 / whole.rate.max(1);
    Ok(Report {
        database: if database.is_some() { "postgresql" } else { "sqlite" },
        seconds: span.as_secs(),
        loan_to_health_percent: percent(read, health),
        customers_to_bare_percent: percent(customers, bare_inserts),
        health,
        loan: read,
        bare_inserts,
        customers,
        simulations,
        start_ms,
        peak_memory_mb,
    })
}

fn get(path: String) -> Ask {
    Arc::new(move |_| (Method::GET, path.clone(), None))
}

fn simulate(offer: &str) -> Ask {
    let path = format!("/v3/credit-offers/{offer}/simulations");
    let body = json!({"requested_amount": "10000.00", "installment_count": 12}).to_string();
    Arc::new(move |_| (Method::POST, path.clone(), Some(body.clone())))
}

fn register() -> Ask {
    Arc::new(|number| {
        (Method::POST, "/v3/customers".to_owned(), Some(registration(number + 1_000, "manual").to_string()))
    })
}

fn registration(number: u64, tag: &str) -> Value {
    let number = number % 1_000_000_000;
    let cpf = u32::try_from(number).ok().and_then(Cpf::of_number);
    json!({
        "cpf": cpf.map(|cpf| cpf.to_string()),
        "cnpj": "12.345.678/0001-95",
        "name": "Ana Souza",
        "email": format!("ana+{tag}@example.com"),
        "phone": "+5511999999999",
        "trading_name": "Doces da Ana",
        "external_id": format!("bench-{number}"),
    })
}

/// The setting up before the load: an active customer with an open offer and an active loan.
struct Caller {
    client: reqwest::Client,
    base: String,
    token: String,
}

impl Caller {
    async fn sign_in(target: &Target, id: &str, secret: &str) -> anyhow::Result<Self> {
        let (client, base) = (command_client()?, format!("http://{}/v3", target.address));
        let request = client.post(format!("{base}/auth/token")).basic_auth(id, Some(secret));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body("grant_type=client_credentials").send().await?.text().await?;
        let answer: Value = serde_json::from_str(&answer)?;
        let token = answer["access_token"].as_str().context("no access token")?.to_owned();
        Ok(Self { client, base, token })
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let mut request =
            self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let text = request.send().await?.error_for_status()?.text().await?;
        Ok(serde_json::from_str(&text)?)
    }

    /// An open offer and the id of an active loan of another customer.
    async fn active_loan(&self) -> anyhow::Result<(String, String)> {
        let (open, taken) = (self.offer(1).await?, self.offer(2).await?);
        let wanted = json!({"requested_amount": "10000.00", "installment_count": 12});
        let path = format!("/credit-offers/{taken}/simulations");
        let simulation = self.call(Method::POST, &path, Some(&wanted)).await?;
        let body = json!({
            "credit_offer_id": taken, "simulation_id": simulation["id"], "installments": 12,
            "installments_value": simulation["installments_value"], "first_due_date": simulation["first_due_date"]
        });
        let loan = self.call(Method::POST, "/loans", Some(&body)).await?;
        let id = loan["id"].as_str().context("a loan has an id")?.to_owned();
        self.wait(&format!("/loans/{id}"), |loan| (loan["status"] == "active").then_some(())).await?;
        Ok((open, id))
    }

    async fn offer(&self, number: u64) -> anyhow::Result<String> {
        let customer = self.call(Method::POST, "/customers", Some(&registration(number, "bench"))).await?;
        let id = customer["id"].as_str().context("a customer has an id")?.to_owned();
        for kind in ["cnh", "selfie", "ccmei"] {
            let file = reqwest::multipart::Part::bytes(&b"%PDF-1.7 bench"[..]).file_name("upload");
            let form = reqwest::multipart::Form::new().text("type", kind).part("file", file);
            let url = format!("{}/customers/{id}/documents", self.base);
            self.client
                .post(url)
                .bearer_auth(&self.token)
                .multipart(form)
                .send()
                .await?
                .error_for_status()?;
        }
        let path = format!("/customers/{id}/credit-offers");
        self.wait(&path, |offers| offers["data"][0]["id"].as_str().map(str::to_owned)).await
    }

    async fn wait<T>(&self, path: &str, found: impl Fn(&Value) -> Option<T>) -> anyhow::Result<T> {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(20) {
            if let Some(found) = found(&self.call(Method::GET, path, None).await?) {
                return Ok(found);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("{path} did not become what was waited for")
    }
}

impl Report {
    /// Prints the table.
    pub(super) fn print(&self) {
        let report = self;
        let row = |name: &str, m: Measured, bar: &str| {
            say(&format!("  {name:<34}{:>9}/s{:>9} µs{:>9} µs   {bar}", m.rate, m.p50_us, m.p99_us));
        };
        say(&format!("\n  {:<34}{:>11}{:>12}{:>12}   against its bar", "", "rate", "p50", "p99"));
        row("GET /health", report.health, "");
        let to_health = report.loan_to_health_percent;
        row("GET /v3/loans/{id}", report.loan, &format!("{to_health} % of /health (≥ 40 %)"));
        row("bare inserts", report.bare_inserts, "");
        let to_bare = report.customers_to_bare_percent;
        row("POST /v3/customers, durable", report.customers, &format!("{to_bare} % of bare (≥ 30 %)"));
        row("POST …/simulations, 12", report.simulations, "≥ 5000/s");
        say(&format!("  {:<34}{:>9} MB   ≤ 100 MB", "peak resident memory", report.peak_memory_mb));
        say(&format!("  {:<34}{:>9} ms   ≤ 200 ms", "start to first answer", report.start_ms));
    }
}
