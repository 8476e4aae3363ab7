//! Random runs of loans over HTTP, equal on SQLite and PostgreSQL: payments in full, in part and late, reversals,
//! payoffs and wrong payments, at random dates.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::operator::Operator;
use crate::support::{Partner, TestApp};

/// Random numbers that are the same for the same seed (xorshift).
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// A loan, with its partner and operator.
struct LoanRun {
    partner: Partner,
    operator: Operator,
    loan: String,
    /// The ids of payments that are not reversed.
    not_reversed: Vec<String>,
    references: u32,
    /// The actions and their results, without ids and moments.
    log: Vec<String>,
}

impl LoanRun {
    async fn begin(app: &TestApp) -> Self {
        let partner = app.partner().await;
        let offer = partner.offer(529_982_247, "range_offer").await;
        let body = partner.simulation(&offer, "12000.00", 6).await;
        let loan = partner.post("/v3/loans", &body).await.expect(201).id();
        app.let_seconds_pass(4).await;
        let operator = Operator::of(app).await;
        Self { partner, operator, loan, not_reversed: Vec::new(), references: 0, log: Vec::new() }
    }

    async fn today(&self) -> String {
        let clock = self.partner.get("/sandbox/clock").await.expect(200);
        let now = clock.body["now"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        // The test clock is at nine in the morning in São Paulo.
        now.to_string()[..10].to_owned()
    }

    async fn act(&mut self, draws: &mut Draws) {
        match draws.below(10) {
            0..=2 => {
                let days = draws.below(45) + 1;
                self.partner.post("/sandbox/clock/advance", &json!({"days": days})).await.expect(200);
                self.log.push(format!("{days} days pass"));
            }
            3..=6 => {
                let cents = draws.below(450_000) + 1;
                self.pay(cents, "installments").await;
            }
            7 => {
                let quote = self.operator.get(&self.path("/payoff-quote")).await;
                self.tell("quote", quote.status.as_u16(), &quote.body, &["amount", "discount", "code"]);
                if let Some(amount) = quote.body["amount"].as_str() {
                    let cents = amount.replace('.', "").parse().unwrap();
                    self.pay(cents, "payoff").await;
                }
            }
            8 if !self.not_reversed.is_empty() => {
                let count = u64::try_from(self.not_reversed.len()).unwrap();
                let which = usize::try_from(draws.below(count)).unwrap();
                self.reverse(which).await;
            }
            _wrong => {
                let body = json!({"reference": "no", "amount": "0.00", "paid_on": self.today().await});
                let refused = self.operator.post(&self.path("/payments"), &body).await;
                self.tell("nothing", refused.status.as_u16(), &refused.body, &["code", "param"]);
            }
        }
    }

    async fn pay(&mut self, cents: u64, kind: &str) {
        self.references += 1;
        let body = json!({
            "reference": format!("E{}", self.references), "kind": kind,
            "amount": format!("{}.{:02}", cents / 100, cents % 100), "paid_on": self.today().await,
            // Every second payment is confirmed, whether it needs that or not.
            "confirm_overpayment": self.references.is_multiple_of(2)
        });
        let answer = self.operator.post(&self.path("/payments"), &body).await;
        self.tell(kind, answer.status.as_u16(), &answer.body, &["amount", "paid_on", "status", "code"]);
        if answer.status == 201 {
            self.not_reversed.push(answer.id());
        }
    }

    async fn reverse(&mut self, which: usize) {
        let payment = self.not_reversed.remove(which);
        let answer = self.operator.act(&format!("/payments/{payment}/reverse")).await.expect(200);
        self.tell("reversed", 200, &answer.body, &["amount", "status"]);
        self.operator.act(&format!("/payments/{payment}/reverse")).await.expect_problem(409, "invalid_state");
    }

    fn path(&self, rest: &str) -> String {
        format!("/loans/{}{rest}", self.loan)
    }

    fn tell(&mut self, what: &str, status: u16, body: &Value, keys: &[&str]) {
        let figures: Vec<String> = keys.iter().map(|key| body[*key].to_string()).collect();
        self.log.push(format!("{what} {status} {}", figures.join(" ")));
    }

    /// The loan as partner and operator see it, without ids and moments.
    async fn state(&self) -> State {
        let loan = self.partner.get(&format!("/v3/loans/{}", self.loan)).await.expect(200);
        let transactions =
            self.partner.get(&format!("/v3/loans/{}/transactions", self.loan)).await.expect(200);
        let mut rows = transactions.body["data"].as_array().unwrap().clone();
        for row in &mut rows {
            let row = row.as_object_mut().unwrap();
            row.retain(|key, _| {
                !["id", "loan_id", "paid_at", "created_at", "updated_at"].contains(&key.as_str())
            });
        }
        let ledger = self.operator.get(&self.path("/ledger")).await.expect(200);
        let balance =
            |entry: &Value| (entry["account"].as_str().unwrap().to_owned(), cents(&entry["amount"]));
        let balances = ledger.body["balances"].as_array().unwrap().iter().map(balance);
        let balances = balances.filter(|(_, amount)| *amount != 0).collect();
        State { status: loan.body["status"].as_str().unwrap().to_owned(), rows, balances }
    }

    /// Checks that the ledger sums to zero with the right signs, that no amount is negative, and that a finished
    /// loan's principal is repaid.
    async fn check(&self) -> State {
        let (state, log) = (self.state().await, self.log.join("\n"));
        self.partner.app.check_ledger().await;
        assert_eq!(state.balances.values().sum::<i64>(), 0, "{log}");
        for (account, amount) in &state.balances {
            let right = match account.as_str() {
                "cash" => true,
                "principal_receivable" | "discounts_given" => *amount > 0,
                "iof_payable"
                | "fee_income"
                | "interest_income"
                | "late_charges_income"
                | "customer_credit" => *amount < 0,
                other => panic!("{other} must have no balance"),
            };
            assert!(right, "{account} {amount}\n{log}");
        }
        for row in &state.rows {
            for figure in ["amount_due", "amount_paid", "amount_remaining", "principal", "interest", "fees"] {
                assert!(cents(&row[figure]) >= 0, "{row}\n{log}");
            }
            assert_eq!(
                cents(&row["amount_due"]),
                cents(&row["amount_paid"]) + cents(&row["amount_remaining"])
            );
        }
        let owed: i64 = state.rows.iter().map(|row| cents(&row["amount_remaining"])).sum();
        assert_eq!(state.status == "finished", owed == 0, "{log}");
        assert!(owed > 0 || !state.balances.contains_key("principal_receivable"), "{log}");
        state
    }
}

/// The loan as partner and operator see it.
#[derive(Debug, Clone, PartialEq)]
struct State {
    status: String,
    rows: Vec<Value>,
    /// Balances other than zero, in cents.
    balances: BTreeMap<String, i64>,
}

fn cents(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// Runs a random loan and reverses all payments. Returns each action with the state after it.
async fn lived(app: &TestApp, seed: u64) -> Vec<(String, State)> {
    let mut run = LoanRun::begin(app).await;
    let (opened, mut draws, mut states) = (run.check().await, Draws(seed), Vec::new());
    for _ in 0..22 {
        let before = run.log.len();
        run.act(&mut draws).await;
        states.push((run.log[before..].join("; "), run.check().await));
    }
    // After all reversals, the ledger is as it was when the loan began.
    while !run.not_reversed.is_empty() {
        run.reverse(0).await;
        run.check().await;
    }
    let again = run.state().await;
    assert_eq!((&again.status, &again.balances), (&opened.status, &opened.balances));
    assert!(again.rows.iter().all(|row| row["amount_paid"] == "0.00"), "{again:?}");
    states
}

#[tokio::test]
async fn random_lives_of_loans_are_correct_and_equal_on_both_engines() {
    let (sqlite, postgres) = (TestApp::new().await, TestApp::on_postgres().await);
    for seed in [0x9E37_79B9_7F4A_7C15, 0xD1B5_4A32_D192_ED03, 0x2545_F491_4F6C_DD1D, 0x1234_5678_9ABC_DEF1] {
        let ours = lived(&sqlite, seed).await;
        if let Some(postgres) = &postgres {
            for (ours, theirs) in ours.into_iter().zip(lived(postgres, seed).await) {
                assert_eq!(ours, theirs, "seed {seed:x}");
            }
        }
    }
}

#[tokio::test]
async fn two_operators_who_record_one_payment_at_once_make_one_payment() {
    for app in TestApp::on_each_engine().await {
        let run = LoanRun::begin(&app).await;
        let (ana, bia) = (Operator::of(&app).await, Operator::of(&app).await);
        let body = json!({"reference": "E-same", "amount": "500.00", "paid_on": run.today().await});
        let path = run.path("/payments");
        let operators: Vec<&Operator> = [&ana, &bia].into_iter().cycle().take(12).collect();
        let calls = operators.iter().map(|operator| operator.post(&path, &body));
        let answers = futures::future::join_all(calls).await;
        let ids: std::collections::BTreeSet<String> =
            answers.into_iter().map(|answer| answer.expect(201).id()).collect();
        assert_eq!(ids.len(), 1);
        let listed = ana.get(&path).await.expect(200);
        assert_eq!(listed.body["data"].as_array().unwrap().len(), 1);
        let state = run.check().await;
        let paid: i64 = state.rows.iter().map(|row| cents(&row["amount_paid"])).sum();
        assert_eq!(paid, 50_000);
    }
}
