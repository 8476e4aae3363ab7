//! Decisions above a limit, and decisions about the lender's own people: two operators take them.

use domain::access::{FourEyes, RoleNames};
use serde_json::{Value, json};

use crate::engines::on_both_engines;
use crate::operator::{Operator, approval};
use crate::support::{Setup, TestApp};

fn with_four_eyes() -> Setup {
    Setup { four_eyes: FourEyes::Required, ..Setup::default() }
}

async fn with_roles(app: &TestApp, roles: &str) -> Operator {
    let roles: RoleNames = roles.parse().unwrap();
    Operator::with_roles(app, roles).await
}

fn approve(proposal: &Value) -> String {
    format!("/proposals/{}/approve", proposal["id"].as_str().unwrap())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// An approval of this amount.
fn approval_of(amount: &str) -> Value {
    let mut body = approval(12);
    body["offer"]["approved_amount"] = json!(amount);
    body
}

on_both_engines!(an_approval_above_the_limit_waits_for_somebody_with_a_larger_one:
    an_approval_above_the_limit_on_sqlite, an_approval_above_the_limit_on_postgresql, with_four_eyes());

async fn an_approval_above_the_limit_waits_for_somebody_with_a_larger_one(app: &TestApp) {
    let (clerk, colleague) = (with_roles(app, "credit").await, with_roles(app, "credit").await);
    let committee = with_roles(app, "credit-committee").await;
    let customer = app.partner().await.documented_customer(529_982_247, "credit_referred").await;
    app.let_seconds_pass(3).await;
    let path = format!("/customers/{customer}/credit-decisions");
    let proposal = clerk.post(&path, &approval_of("50000.01")).await.expect(202).body;
    assert_eq!((&proposal["action"], &proposal["amount"]), (&json!("approve_credit"), &json!("50000.01")));
    assert_eq!((&proposal["subject_id"], &proposal["roles"]), (&json!(customer), &Value::Null));
    assert_eq!(app.check_queues().await["proposals"], 1);
    let decided = async || clerk.get(&path).await.expect(200).body["data"].as_array().unwrap().len();
    assert_eq!(decided().await, 1, "nothing is decided yet");
    let again = clerk.post(&path, &approval_of("60000.00")).await.expect_problem(409, "invalid_state");
    assert!(again.body["detail"].as_str().unwrap().contains(proposal["id"].as_str().unwrap()));
    let shown = format!("/proposals/{}", text(&proposal["id"]));
    let shown = committee.get(&shown).await.expect(200).body;
    assert_eq!(shown["credit"]["reasons"], json!(["faturamento comprovado"]));
    assert_eq!(shown["credit"]["max_installments"], 12);
    // The limit of the second person counts, not that of the first.
    colleague.act(&approve(&proposal)).await.expect_problem(403, "forbidden");
    committee.act(&approve(&proposal)).await.expect(200);
    let decisions = clerk.get(&path).await.expect(200).body;
    assert_eq!(decisions["data"][0]["outcome"], "approved");
    assert_eq!(decisions["data"][0]["decided_by"], committee.id().await);
    assert_eq!(app.check_queues().await["credit_referred"], 0);
    assert_eq!(app.check_queues().await["proposals"], 0);

    // Another decision makes a proposal stale.
    let stale = clerk.post(&path, &approval_of("70000.00")).await.expect(202).body;
    clerk.post(&path, &approval_of("10000.00")).await.expect(201);
    committee.act(&approve(&stale)).await.expect_problem(409, "invalid_state");
    assert_eq!(decided().await, 3);
    let refused = approval_of("0.00");
    clerk.post(&path, &refused).await.expect(422);
}

on_both_engines!(the_roles_of_an_operator_need_two_people:
    the_roles_of_an_operator_on_sqlite, the_roles_of_an_operator_on_postgresql, with_four_eyes());

async fn the_roles_of_an_operator_need_two_people(app: &TestApp) {
    let (first, second) = (with_roles(app, "admin").await, with_roles(app, "admin").await);
    let new = json!({ "name": "Robô de pagamentos", "roles": ["treasury"] });
    let made = first.post("/operators", &new).await.expect(201).body;
    assert_eq!(made["roles"], json!([]), "a new operator can do nothing yet");
    let robot = Operator { app: app.clone(), token: text(&made["token"]) };
    robot.get("/loans").await.expect_problem(403, "forbidden");
    let proposal = json!({ "id": made["proposal_id"] });
    let case = second.get("/queues/proposals/cases").await.expect(200).body["data"][0].clone();
    assert_eq!((&case["partner_id"], &case["customer_id"]), (&Value::Null, &Value::Null));
    first.act(&approve(&proposal)).await.expect_problem(403, "forbidden");
    let approved = second.act(&approve(&proposal)).await.expect(200).body;
    assert_eq!((&approved["roles"], &approved["amount"]), (&json!(["treasury"]), &Value::Null));
    robot.get("/loans").await.expect(200);
    assert_eq!(app.check_queues().await["proposals"], 0);

    let path = format!("/operators/{}/roles", text(&made["id"]));
    let change = |roles: Value| json!({ "roles": roles });
    first.post(&path, &change(json!(["no-role"]))).await.expect(422);
    first.post(&path, &json!({})).await.expect(422);
    let proposal = first.post(&path, &change(json!([]))).await.expect(202).body;
    let withdraw = format!("/proposals/{}/withdraw", text(&proposal["id"]));
    first.act(&withdraw).await.expect(200);
    // A person neither changes their own roles nor approves the change.
    let own = format!("/operators/{}/roles", first.id().await);
    first.post(&own, &change(json!(["treasury"]))).await.expect_problem(403, "forbidden");
    let others = format!("/operators/{}/roles", second.id().await);
    let about = first.post(&others, &change(json!(["auditor"]))).await.expect(202).body;
    second.act(&approve(&about)).await.expect_problem(403, "forbidden");
    second.act(&format!("/proposals/{}/reject", text(&about["id"]))).await.expect_problem(403, "forbidden");
    let third = with_roles(app, "admin").await;
    third.act(&approve(&about)).await.expect(200);
    second.post(&path, &change(json!([]))).await.expect_problem(403, "forbidden");

    // An ended access has no roles to change, and its end makes a proposal stale.
    let stale = first.post(&path, &change(json!(["auditor"]))).await.expect(202).body;
    first.act(&format!("/operators/{}/revoke", text(&made["id"]))).await.expect(200);
    third.act(&approve(&stale)).await.expect_problem(409, "invalid_state");
    first.post(&path, &change(json!([]))).await.expect_problem(409, "invalid_state");
}

on_both_engines!(one_operator_changes_roles_without_four_eyes:
    one_operator_changes_roles_on_sqlite, one_operator_changes_roles_on_postgresql);

async fn one_operator_changes_roles_without_four_eyes(app: &TestApp) {
    let admin = with_roles(app, "admin").await;
    let made =
        admin.post("/operators", &json!({ "name": "Robô", "roles": ["auditor"] })).await.expect(201).body;
    assert_eq!((&made["roles"], made.get("proposal_id")), (&json!(["auditor"]), None));
    let path = format!("/operators/{}/roles", text(&made["id"]));
    let changed = admin.post(&path, &json!({ "roles": ["treasury"] })).await.expect(200).body;
    assert_eq!(changed["roles"], json!(["treasury"]));
}

on_both_engines!(a_loan_is_written_off_by_two_people_and_stays_collectable:
    a_loan_is_written_off_on_sqlite, a_loan_is_written_off_on_postgresql, with_four_eyes());

async fn a_loan_is_written_off_by_two_people_and_stays_collectable(app: &TestApp) {
    let (collector, committee) =
        (with_roles(app, "collections").await, with_roles(app, "credit-committee").await);
    let partner = app.partner().await;
    let loan = partner.loan(529_982_247, "no_matter").await.id();
    app.let_seconds_pass(5).await;
    let path = format!("/loans/{loan}");
    let write_off = format!("{path}/write-off");
    let reason = json!({ "reason": "Empresa encerrada, sem bens." });
    let today = async || {
        let shown = collector.get(&format!("{path}/payoff-quote")).await.expect(200).body;
        text(&shown["pay_on"])
    };
    let pay = async |reference: &str, amount: &str| {
        let paid = json!({ "reference": reference, "amount": amount, "paid_on": today().await });
        collector.post(&format!("{path}/payments"), &paid).await.expect(201).id()
    };
    pay("E0", "500.00").await;
    collector.post(&write_off, &reason).await.expect_problem(409, "invalid_state");
    partner.post("/sandbox/clock/advance", &json!({ "days": 90 })).await.expect(200);
    partner.post("/sandbox/clock/advance", &json!({ "days": 60 })).await.expect(200);
    collector.post(&write_off, &json!({ "reason": "" })).await.expect(422);
    let proposal = collector.post(&write_off, &reason).await.expect(202).body;
    assert_eq!(proposal["action"], "write_off");
    // A payment changes the loan, and so what would be lost.
    let before = pay("E1", "100.00").await;
    committee.act(&approve(&proposal)).await.expect_problem(409, "invalid_state");
    collector.act(&format!("/proposals/{}/withdraw", text(&proposal["id"]))).await.expect(200);
    let proposal = collector.post(&write_off, &reason).await.expect(202).body;
    let shown = committee.get(&format!("/proposals/{}", text(&proposal["id"]))).await.expect(200).body;
    assert_eq!(shown["reason"], reason["reason"]);
    with_roles(app, "collections").await.act(&approve(&proposal)).await.expect_problem(403, "forbidden");
    committee.act(&approve(&proposal)).await.expect(200);
    let shown = collector.get(&path).await.expect(200).body;
    assert_eq!((&shown["status"], &shown["write_off"]["amount"]), (&json!("active"), &proposal["amount"]));
    collector.post(&write_off, &reason).await.expect_problem(409, "invalid_state");
    app.check_ledger().await;

    let balance = async |account: &str| {
        let ledger = collector.get(&format!("{path}/ledger")).await.expect(200).body;
        let balances = ledger["balances"].as_array().unwrap().clone();
        let found = balances.into_iter().find(|one| one["account"] == account);
        found.map_or_else(|| "0.00".to_owned(), |one| text(&one["amount"]))
    };
    assert_eq!(balance("losses").await, text(&proposal["amount"]));
    let recovered = pay("E2", "1000.00").await;
    assert_eq!(balance("recovery_income").await, "-1000.00");
    assert_eq!(balance("losses").await, text(&proposal["amount"]), "a recovery is no smaller loss");
    app.check_ledger().await;
    // Reversals of a payment before it and of a recovery.
    for payment in [&before, &recovered] {
        let treasury = with_roles(app, "treasury").await;
        let reversal = treasury.act(&format!("/payments/{payment}/reverse")).await.expect(202).body;
        with_roles(app, "treasury").await.act(&approve(&reversal)).await.expect(200);
        app.check_ledger().await;
    }
    assert_eq!(balance("recovery_income").await, "0.00");
    let history = collector.get(&format!("{path}/timeline")).await.expect(200).body;
    let kinds: Vec<&Value> = history["data"].as_array().unwrap().iter().map(|one| &one["kind"]).collect();
    assert!(kinds.contains(&&json!("written_off")), "{kinds:?}");
}
