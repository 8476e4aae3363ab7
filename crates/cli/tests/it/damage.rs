//! A damaged row hides no other row, in every list of every API.

use serde_json::{Value, json};
use server::workers;
use store::{Store, StoreError};
use tempfile::TempDir;

use crate::answer::Answer;
use crate::operator::Operator;
use crate::process::{exchange, start_logging, stop, token};
use crate::sink::Sink;
use crate::support::{Partner, TestApp};

/// Damages a row as a failing disk or a manual edit would; `$1` is its id.
async fn damage(app: &TestApp, sql: &str, id: &str) {
    let (sql, id) = (sql.to_owned(), id.to_owned());
    let script = move |tx: &mut store::Tx<'_>| tx.execute(&sql, store::args![id]);
    assert_eq!(app.state.store.write(script).await.unwrap(), 1);
}

/// The id of an item in a list.
fn id_of(item: &Value) -> String {
    let names = ["id", "client_id", "subject_id", "number"];
    match names.into_iter().map(|name| &item[name]).find(|id| !id.is_null()).expect("an id") {
        Value::String(id) => id.clone(),
        number => number.to_string(),
    }
}

fn items(answer: &Answer) -> Vec<Value> {
    answer.body["data"].as_array().unwrap().clone()
}

fn ids(answer: &Answer) -> Vec<String> {
    items(answer).iter().map(id_of).collect()
}

fn with(path: &str, query: &str) -> String {
    format!("{path}{}{query}", if path.contains('?') { '&' } else { '?' })
}

/// Every page of one item each, to the end of the list.
async fn walked<F: Future<Output = Answer>>(path: &str, get: impl Fn(String) -> F) -> Vec<Value> {
    let (mut seen, mut after) = (Vec::new(), String::new());
    for _ in 0..100 {
        let answer = get(with(path, &format!("limit=1{after}"))).await.expect(200);
        assert!(items(&answer).len() <= 1);
        seen.extend(items(&answer));
        if answer.body["has_more"] == false {
            return seen;
        }
        after = format!("&starting_after={}", id_of(seen.last().expect("a page has one item")));
    }
    panic!("the pages of {path} have no end");
}

/// A statement that damages a row, and the lists that show this row.
struct Case {
    damage: &'static str,
    partner: Vec<String>,
    operator: Vec<String>,
}

/// A partner with at least one item in every list.
async fn cases(app: &TestApp, partner: &Partner, operator: &Operator, sink: &Sink) -> Vec<Case> {
    let endpoint = partner.endpoint(sink).await.id();
    partner.endpoint(sink).await;
    partner.post("/v3/auth/credentials", &json!({"name": "another"})).await.expect(201);
    for number in [111_444_777, 100_000_001, 100_000_002] {
        partner.customer(number, "manual").await;
    }
    let loan = partner.loan(529_982_247, "pays_on_time").await.id();
    app.let_seconds_pass(5).await;
    partner.post("/sandbox/clock/advance", &json!({"days": 65})).await.expect(200);
    workers::run_until_idle(&app.state).await.unwrap();
    let shown = operator.get(&format!("/loans/{loan}")).await.expect(200).body;
    let customer = shown["customer_id"].as_str().unwrap();
    let case = |damage, partner: &[&str], operator: &[&str]| Case {
        damage,
        partner: partner.iter().flat_map(|path| [format!("/v3{path}"), format!("/api/v3{path}")]).collect(),
        operator: operator.iter().map(|&path| path.to_owned()).collect(),
    };
    let (offers, of_loan) = (format!("/customers/{customer}/credit-offers"), format!("/loans/{loan}"));
    let decisions = format!("/customers/{customer}/credit-decisions");
    let deliveries = format!("/webhooks/endpoints/{endpoint}/deliveries");
    let credentials = format!("/partners/{}/credentials", partner.id);
    let of = |part: &str| format!("{of_loan}/{part}");
    vec![
        case("update deliveries set state = 'x' where id = $1", &[&deliveries], &[]),
        case("update events set sealed = '\\x00' where id = $1", &["/events?limit=100"], &[]),
        case("update payments set kind = 'x' where id = $1", &[], &[&of("payments")]),
        case("update journal_entries set actor = 'x' where id = $1", &[], &[&of("ledger")]),
        case("update credit_decisions set sealed = '\\x00' where id = $1", &[], &[&decisions]),
        case("update signatures set sealed = '\\x00' where subject_id = $1", &[], &[&of("signatures")]),
        case(
            "update installments set due = 'x' where id = $1",
            &[&of("transactions")],
            &[&of("installments")],
        ),
        case(
            "update offers set terms = 'x' where id = $1",
            &[&offers, "/credit-offers"],
            &["/credit-offers"],
        ),
        case("update loans set sealed = '\\x00' where id = $1", &[], &["/loans"]),
        case("update webhook_endpoints set sealed = '\\x00' where id = $1", &["/webhooks/endpoints"], &[]),
        case(
            "update credentials set scope = 'x' where client_id = $1",
            &["/auth/credentials"],
            &[&credentials],
        ),
        case("update customers set sealed = '\\x00' where id = $1", &["/customers"], &["/customers"]),
        case("update customers set kyc = '\\x00' where id = $1", &["/customers"], &["/customers"]),
        case("update customers set state = 'x' where id = $1", &["/customers"], &["/customers"]),
    ]
}

async fn a_partner_misses_the_item_alone(partner: &Partner, path: &str, before: &[String], lost: &[String]) {
    let answer = partner.get(path).await.expect(200);
    let kept: Vec<String> = before.iter().filter(|id| !lost.contains(id)).cloned().collect();
    assert_eq!(ids(&answer), kept, "{path}");
    let named =
        answer.header("unreadable-items").unwrap_or_else(|| panic!("{path} has no header unreadable-items"));
    let mut named: Vec<&str> = named.split(", ").collect();
    named.sort_unstable();
    let mut missing: Vec<&str> = lost.iter().map(String::as_str).collect();
    missing.sort_unstable();
    assert_eq!(named, missing, "{path}");
    if !path.contains("limit") {
        let pages = walked(path, |path| async move { partner.get(&path).await }).await;
        assert_eq!(pages.iter().map(id_of).collect::<Vec<_>>(), kept, "{path}");
    }
}

async fn an_operator_sees_its_mark(operator: &Operator, path: &str, before: &[String], lost: &[String]) {
    let answer = operator.get(path).await.expect(200);
    assert_eq!(ids(&answer), before, "{path}");
    for item in items(&answer) {
        let damaged = lost.contains(&id_of(&item));
        let mark = json!({"id": id_of(&item), "unreadable": true});
        assert_eq!(item == mark, damaged, "{path}: {item}");
    }
    let unpaged = ["decisions", "signatures"];
    if !unpaged.iter().any(|name| path.contains(name)) {
        let pages = walked(path, |path| async move { operator.get(&path).await }).await;
        assert_eq!(pages.iter().map(id_of).collect::<Vec<_>>(), before, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_row_hides_no_other_row_in_any_list() {
    for app in TestApp::on_each_engine().await {
        let (partner, operator, sink) = (app.partner().await, Operator::of(&app).await, Sink::start().await);
        for case in cases(&app, &partner, &operator, &sink).await {
            let mut before = Vec::new();
            for path in &case.partner {
                before.push((path, ids(&partner.get(path).await.expect(200)), true));
            }
            for path in &case.operator {
                before.push((path, ids(&operator.get(path).await.expect(200)), false));
            }
            // The newest item, which begins the first page. The other generation's list contains it too.
            let first =
                before[0].1.first().unwrap_or_else(|| panic!("{} lists nothing", before[0].0)).clone();
            let sealed = if app.state.store.engine_name() == "sqlite" { "x'00'" } else { "'\\x00'" };
            damage(&app, &case.damage.replace("'\\x00'", sealed), &first).await;
            // The generations list different events.
            for (path, before, of_partner) in before.iter().filter(|(_, before, _)| before.contains(&first)) {
                let lost = lost(&app, path, &first).await;
                if *of_partner {
                    a_partner_misses_the_item_alone(&partner, path, before, &lost).await;
                } else {
                    an_operator_sees_its_mark(&operator, path, before, &lost).await;
                }
            }
        }
    }
}

/// The ids of the damaged rows in a list, also those that an earlier case damaged.
async fn lost(app: &TestApp, path: &str, id: &str) -> Vec<String> {
    if !path.ends_with("/customers") {
        return vec![id.to_owned()];
    }
    let damaged = "select id from customers where state = 'x' or length(kyc) < 5 or length(sealed) = 1";
    let script = move |tx: &mut store::Tx<'_>| tx.query(damaged, &[], |row| row.get::<String>(0));
    app.state.store.read(script).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_owner_hides_no_part_and_is_an_error_only_by_itself() {
    for app in TestApp::on_each_engine().await {
        let (partner, sink) = (app.partner().await, Sink::start().await);
        let endpoint = partner.endpoint(&sink).await.id();
        let loan = partner.loan(529_982_247, "").await;
        app.let_seconds_pass(5).await;
        let (customer, loan) = (loan.body["customer_id"].as_str().unwrap().to_owned(), loan.id());
        let deliveries = format!("/v3/webhooks/endpoints/{endpoint}/deliveries");
        let parts = [
            (format!("/v3/customers/{customer}/credit-offers"), format!("/v3/customers/{customer}")),
            (format!("/v3/loans/{loan}/transactions"), format!("/v3/loans/{loan}")),
            (deliveries, format!("/v3/webhooks/endpoints/{endpoint}")),
        ];
        let sealed = if app.state.store.engine_name() == "sqlite" { "x'00'" } else { "'\\x00'" };
        for (table, id) in [("customers", &customer), ("loans", &loan), ("webhook_endpoints", &endpoint)] {
            damage(&app, &format!("update {table} set sealed = {sealed} where id = $1"), id).await;
        }
        for (list, owner) in parts {
            assert!(!items(&partner.get(&list).await.expect(200)).is_empty(), "{list}");
            let failed = partner.get(&owner).await.expect_problem(500, "internal_error");
            assert_eq!(failed.body["request_id"].as_str(), failed.header("x-request-id"), "{owner}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_offer_does_not_stop_the_expiry_of_another() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let (damaged, other) = (partner.offer(529_982_247, "").await, partner.offer(111_444_777, "").await);
        damage(&app, "update offers set terms = 'x' where id = $1", &damaged).await;
        app.clock.advance(std::time::Duration::from_secs(40 * 86_400));
        workers::run_until_idle(&app.state).await.unwrap();
        let partner = partner.renewed().await;
        let shown = partner.get(&format!("/v3/credit-offers/{other}")).await.expect(200);
        assert_eq!(shown.body["status"], "expired");
        partner.get(&format!("/v3/credit-offers/{damaged}")).await.expect_problem(500, "internal_error");
    }
}

#[test]
fn a_look_up_of_a_damaged_row_is_logged_once_with_the_requests_id() {
    let folder = TempDir::new().unwrap();
    let log = folder.path().join("log");
    let running = start_logging(
        folder.path(),
        &["--listen", "127.0.0.1:0"],
        "info",
        std::fs::File::create(&log).unwrap(),
    );
    let headers = format!("authorization: Bearer {}\r\ncontent-type: application/json\r\n", token(&running));
    let body = r#"{"cpf": "529.982.247-25", "name": "Ana", "email": "ana+manual@example.com", "phone": "+5511988887777",
        "cnpj": "11.222.333/0001-81", "external_id": "1"}"#;
    let (status, answer) = exchange(&running, "POST", "/v3/customers", &headers, body);
    assert_eq!(status, 201, "{answer}");
    let id = serde_json::from_str::<Value>(&answer).unwrap()["id"].as_str().unwrap().to_owned();

    let data = folder.path().join("data");
    let key = crate::support::master_key_of(folder.path());
    let store = Store::open(&store::db::DatabaseUrl::Sqlite(data.join("dinie.db")), key).unwrap();
    let row = id.clone();
    let damaged = store.write_blocking(move |tx| {
        tx.execute("update customers set sealed = x'00' where id = $1", store::args![row])
    });
    assert_eq!(damaged, Ok::<_, StoreError>(1));

    let headers = format!("{headers}x-request-id: damaged-look-up\r\n");
    // The server sees the other process's write some milliseconds later.
    let began = std::time::Instant::now();
    let (status, answer) = loop {
        let answered = exchange(&running, "GET", &format!("/v3/customers/{id}"), &headers, "");
        if answered.0 != 200 || began.elapsed() > std::time::Duration::from_secs(10) {
            break answered;
        }
    };
    assert_eq!(status, 500, "{answer}");
    assert!(answer.contains("damaged-look-up"), "{answer}");
    stop(running, "-TERM");
    let log = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("damaged-look-up")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(
        lines[0].contains("a sealed value of customers:") && lines[0].contains("\"ERROR\""),
        "{}",
        lines[0]
    );
}
