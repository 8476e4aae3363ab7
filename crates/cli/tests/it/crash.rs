//! Money under SIGKILL: operators disburse, record and reverse while the server is killed again and again. Each
//! acknowledged operation exists once. Each other one is repeated under its key and then exists once.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use domain::credential::Environment;
use serde_json::{Value, json};
use store::audit::Trail;
use store::db::DatabaseUrl;

use crate::inputs::decision;
use crate::operator::{Operator, approval};
use crate::process::dinie;
use crate::support::{Setup, TestApp};

const LOANS: usize = 8;
const PAYMENTS: usize = 6;
const KILLS: u64 = 14;

/// A server that is killed and restarted on the same database.
struct Victim {
    child: Child,
    address: Arc<RwLock<String>>,
}

impl Victim {
    fn start(folder: &Path, database: &str, address: Arc<RwLock<String>>) -> Self {
        std::fs::write(
            folder.join("dinie.toml"),
            "[creditor]\nname = \"Exemplo\"\ncnpj = \"11.222.333/0001-81\"\naddress = \"Rua Um\"\ncity = \"Recife\"\n",
        )
        .unwrap();
        let key = "07".repeat(32);
        let mut child = dinie(folder)
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--data",
                ".",
                "--database",
                database,
                "--master-key",
                &key,
            ])
            .args(["--environment", "production", "--behind-tls-proxy", "--public-url", "https://dinie.test"])
            .args(["--smtp-url", "smtp://127.0.0.1:1", "--mail-from", "credito@example.com"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        loop {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "the server ended before it was ready");
            let entry: Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some(listening) = entry["address"].as_str() {
                listening.clone_into(&mut address.write().unwrap());
                break;
            }
        }
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { child, address }
    }

    fn kill(&mut self) -> Arc<RwLock<String>> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        Arc::clone(&self.address)
    }
}

/// Calls until there is an answer. If the server is down or dies during the call, the call is repeated under the same
/// key.
fn call(address: &RwLock<String>, token: &str, path: &str, body: Option<&Value>, key: &str) -> Value {
    for _ in 0..12_000 {
        let now_at = address.read().unwrap().clone();
        if let Ok((status, answer)) = once(&now_at, token, path, body, key)
            && status < 500
        {
            assert!((200..=202).contains(&status), "{path} {status} {answer}");
            return serde_json::from_str(&answer).unwrap();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{path} was never answered");
}

fn once(
    address: &str, token: &str, path: &str, body: Option<&Value>, key: &str,
) -> std::io::Result<(u16, String)> {
    let broken = || std::io::Error::other("the answer broke off");
    let mut connection = std::net::TcpStream::connect(address)?;
    connection.set_read_timeout(Some(Duration::from_secs(30)))?;
    let body = body.map(ToString::to_string).unwrap_or_default();
    let kind = if body.is_empty() { "" } else { "content-type: application/json\r\n" };
    write!(
        connection,
        "POST /operator/v1{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
         idempotency-key: {key}\r\n{kind}content-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(broken)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(broken)?;
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    if length != Some(body.len()) {
        return Err(broken());
    }
    Ok((status, body.to_owned()))
}

/// The tokens of two operators. One proposes what moves money, and the other one approves it.
struct Tokens {
    first: String,
    second: String,
}

/// Signed production loans that are not disbursed yet, and the operators.
async fn signed_loans(setup: Setup) -> (Vec<String>, Tokens) {
    let app = TestApp::with(setup).await;
    let (partner, operator) = (app.partner().await, Operator::of(&app).await);
    let customer = partner.documented_customer(529_982_247, "").await;
    app.let_seconds_pass(1).await;
    let shown = operator.get(&format!("/customers/{customer}")).await.expect(200).body;
    let accept = |requirement: &Value| decision(requirement, "accept");
    let decisions: Vec<Value> = shown["requirements"].as_array().unwrap().iter().map(accept).collect();
    let path = format!("/customers/{customer}/kyc-decisions");
    operator.post(&path, &json!({"decisions": decisions})).await.expect(200);
    let mut loans = Vec::new();
    for _ in 0..LOANS {
        operator.post(&format!("/customers/{customer}/credit-decisions"), &approval(6)).await.expect(201);
        let offers = partner.get("/v3/credit-offers?status=available").await.expect(200);
        let offer = offers.body["data"][0]["id"].as_str().unwrap().to_owned();
        let body = partner.simulation(&offer, "5000.00", 6).await;
        let loan = partner.post("/v3/loans", &body).await.expect(201).id();
        partner.sign_all(&loan).await;
        loans.push(loan);
    }
    let second = Operator::of(&app).await.token;
    (loans, Tokens { first: operator.token, second })
}

/// Disburses a loan, records its payments and reverses one. Returns the ids of the other payments.
fn run_loan(address: &RwLock<String>, tokens: &Tokens, loan: &str, today: &str) -> Vec<String> {
    let act = |path: &str, body: Option<&Value>, key: &str| {
        call(address, &tokens.first, path, body, &format!("{loan}:{key}"))
    };
    let both_act = |path: &str, key: &str| {
        let proposal = act(path, None, key);
        let path = format!("/proposals/{}/approve", proposal["id"].as_str().unwrap());
        let approved = call(address, &tokens.second, &path, None, &format!("{loan}:{key}"));
        assert_eq!(approved["status"], "approved");
    };
    both_act(&format!("/loans/{loan}/disbursement"), "order");
    let active = act(&format!("/loans/{loan}/disbursement/confirm"), None, "confirm");
    assert_eq!(active["status"], "active");
    let mut not_reversed = Vec::new();
    for number in 0..PAYMENTS {
        let body = json!({"reference": format!("{loan}-{number}"), "amount": "321.09", "paid_on": today});
        let path = format!("/loans/{loan}/payments");
        not_reversed
            .push(act(&path, Some(&body), &format!("pay-{number}"))["id"].as_str().unwrap().to_owned());
    }
    let reversed_id = not_reversed.remove(2);
    both_act(&format!("/payments/{reversed_id}/reverse"), "reverse");
    not_reversed
}

async fn money_survives_kills(database: DatabaseUrl, url: String) {
    let folder = Arc::new(tempfile::TempDir::new().unwrap());
    let setup = Setup {
        database: Some(database),
        environment: Environment::Production,
        folder: Some(Arc::clone(&folder)),
        ..Setup::default()
    };
    let (loans, tokens) = signed_loans(setup.clone()).await;
    let today = server::clock::real_now().unmoved().business_date().to_string();
    let acknowledged =
        tokio::task::spawn_blocking(move || under_kills(&loans, &tokens, &url, &today, folder.path()))
            .await
            .unwrap();
    let app = TestApp::with(setup).await;
    let operator = Operator::of(&app).await;
    for (loan, not_reversed) in &acknowledged {
        let payments =
            operator.get(&format!("/loans/{loan}/payments?limit=100&order=asc")).await.expect(200).body;
        let payments = payments["data"].as_array().unwrap().clone();
        assert_eq!(payments.len(), PAYMENTS, "{payments:?}");
        let recorded = payments.iter().filter(|payment| payment["status"] == "recorded");
        let ids: std::collections::BTreeSet<&str> =
            recorded.map(|payment| payment["id"].as_str().unwrap()).collect();
        assert_eq!(ids, not_reversed.iter().map(String::as_str).collect());
        let entries = operator.get(&format!("/loans/{loan}/ledger?limit=100")).await.expect(200).body;
        assert_eq!(
            entries["data"].as_array().unwrap().len(),
            PAYMENTS + 2,
            "disbursement, payments, one reversal"
        );
    }
    app.check_ledger().await;
    assert!(matches!(
        app.state.store.read(app::people::trail::check_trail).await.unwrap(),
        Trail::Whole { .. }
    ));
    let loans = i64::try_from(LOANS).unwrap();
    for (kind, each) in [("loan_disbursing", 1), ("loan_active", 1), ("loan_payment_received", PAYMENTS)] {
        let count = app.events_of(kind).await;
        assert_eq!(count, loans * i64::try_from(each).unwrap(), "each loan has its {kind} events once");
    }
}

/// Runs every loan while the server is killed at irregular moments. Returns the acknowledged payments of each loan.
fn under_kills(
    loans: &[String], tokens: &Tokens, url: &str, today: &str, folder: &Path,
) -> Vec<(String, Vec<String>)> {
    let address = Arc::new(RwLock::new(String::new()));
    let mut victim = Victim::start(folder, url, Arc::clone(&address));
    let acknowledged = Mutex::new(Vec::new());
    let killed = &mut victim;
    std::thread::scope(|scope| {
        for share in loans.chunks(LOANS / 4) {
            let (address, acknowledged) = (&address, &acknowledged);
            scope.spawn(move || {
                for loan in share {
                    let not_reversed = run_loan(address, tokens, loan, today);
                    acknowledged.lock().unwrap().push((loan.clone(), not_reversed));
                }
            });
        }
        for round in 0..KILLS {
            // Irregular moments, the same in each run; the steps are primes.
            std::thread::sleep(Duration::from_millis(23 + round * 17 % 83));
            let next = killed.kill();
            *killed = Victim::start(folder, url, next);
        }
    });
    victim.kill();
    acknowledged.into_inner().unwrap()
}

#[tokio::test]
async fn money_survives_kills_on_sqlite() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("money.db");
    let url = format!("sqlite:{}", path.display());
    money_survives_kills(DatabaseUrl::Sqlite(path), url).await;
}

#[tokio::test]
async fn money_survives_kills_on_postgresql() {
    let Some(DatabaseUrl::Postgres(url)) = TestApp::postgres_database().await else { return };
    money_survives_kills(DatabaseUrl::Postgres(url.clone()), url).await;
}
