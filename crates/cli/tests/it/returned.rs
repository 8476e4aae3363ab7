//! Disbursements that the bank returned: they are paid again or cancelled, and each loan is paid at most once.

use domain::access::FourEyes;
use domain::money::Cents;
use serde_json::{Value, json};

use crate::bank_files::{HEADER, effects, ordered};
use crate::console::Person;
use crate::operator::Operator;
use crate::simulation_model::Dice;
use crate::support::{Partner, Setup, TestApp};

/// The name of an attempt in files for the bank.
fn name(contract: &str, attempt: u32) -> String {
    if attempt == 1 { contract.to_owned() } else { format!("{contract}-{attempt}") }
}

/// The state of a loan that the test expects.
struct Expected {
    id: String,
    contract: String,
    net: String,
    status: &'static str,
    attempts: u32,
    /// Whether the newest order is in a file.
    is_sent: bool,
    /// The number of times that the money was paid.
    paid: u32,
}

impl Expected {
    fn of(loan: &Value) -> Self {
        let text = |field: &str| loan[field].as_str().unwrap().to_owned();
        Self {
            id: text("id"),
            contract: text("ccb_number"),
            net: text("net_amount"),
            status: "disbursing",
            attempts: 1,
            is_sent: false,
            paid: 0,
        }
    }

    fn order(&mut self) {
        (self.status, self.attempts, self.is_sent) = ("disbursing", self.attempts + 1, false);
    }

    fn settle(&mut self, outcome: &str) {
        if outcome == "paid" {
            (self.status, self.paid) = ("active", self.paid + 1);
        } else if outcome == "returned" {
            self.status = "error";
        }
    }

    /// The effect of the bank's answer to an attempt.
    fn answered(&mut self, attempt: u32, outcome: &'static str) -> &'static str {
        if attempt < self.attempts {
            return "superseded";
        }
        if attempt > self.attempts {
            return "not_ordered";
        }
        match (self.status, outcome) {
            ("disbursing", "pending") => "pending",
            ("disbursing", outcome) => {
                self.settle(outcome);
                if outcome == "paid" { "confirms" } else { "returns" }
            }
            ("active", "paid" | "pending") | ("error", "returned") => "done",
            _other => "not_ordered",
        }
    }
}

/// Some loans at the bank.
struct Treasury {
    app: TestApp,
    operator: Operator,
    loans: Vec<Expected>,
}

impl Treasury {
    async fn with_loans(app: TestApp, numbers: &[u32]) -> Self {
        let (operator, partner) = (Operator::of(&app).await, app.partner().await);
        let loans = ordered(&partner, &operator, numbers).await.iter().map(Expected::of).collect();
        Self { app, operator, loans }
    }

    /// Does one thing, whether or not it is possible now.
    async fn act(&mut self, dice: &mut Dice) {
        let place = dice.below(self.loans.len());
        let path = format!("/loans/{}", self.loans[place].id);
        match dice.below(8) {
            0 => self.make_file().await,
            1..=3 => self.answer(dice).await,
            4 | 5 => {
                let can = self.loans[place].status == "error";
                let again = self.operator.act(&format!("{path}/disbursement/again")).await;
                assert_eq!(again.status, if can { 200 } else { 409 });
                if can {
                    self.loans[place].order();
                }
            }
            6 => {
                let loan = &mut self.loans[place];
                let can = loan.status == "error" || (loan.status == "disbursing" && !loan.is_sent);
                // Few are cancelled, so that the others live on.
                if !can || dice.one_in(4) {
                    let cancelled = self.operator.act(&format!("{path}/cancel")).await;
                    assert_eq!(cancelled.status, if can { 200 } else { 409 });
                    loan.status = if can { "cancelled" } else { loan.status };
                }
            }
            _by_hand => {
                let outcome = if dice.one_in(3) { "paid" } else { "returned" };
                let loan = &mut self.loans[place];
                let settled = if outcome == "paid" {
                    self.operator.act(&format!("{path}/disbursement/confirm")).await
                } else {
                    let bounced = json!({ "message": "devolvido" });
                    self.operator.post(&format!("{path}/disbursement/fail"), &bounced).await
                };
                let can = loan.status == "disbursing";
                assert_eq!(settled.status, if can { 200 } else { 409 });
                if can {
                    loan.settle(outcome);
                }
            }
        }
    }

    async fn make_file(&mut self) {
        let is_ready = |loan: &&mut Expected| loan.status == "disbursing" && !loan.is_sent;
        let mut ready: Vec<&mut Expected> = self.loans.iter_mut().filter(is_ready).collect();
        let made = self.operator.post("/bank-files", &json!({ "format": "csv" })).await;
        if ready.is_empty() {
            made.expect_problem(409, "invalid_state");
            return;
        }
        let content = self.operator.get(&format!("/bank-files/{}", made.expect(201).id())).await.expect(200);
        let content = String::from_utf8(content.bytes).unwrap();
        assert_eq!(content.lines().count(), ready.len() + 1, "each order is in one file only: {content}");
        for loan in &mut ready {
            loan.is_sent = true;
            let line = format!("{},{},", name(&loan.contract, loan.attempts), loan.net);
            assert!(content.lines().any(|found| found.starts_with(&line)), "{line} in {content}");
        }
    }

    /// Uploads an answer with lines for attempts that were, are, or never were at the bank.
    async fn answer(&mut self, dice: &mut Dice) {
        let (mut content, mut expected, mut named) = (HEADER.to_owned(), Vec::new(), Vec::new());
        for _ in 0..=dice.below(4) {
            let place = dice.below(self.loans.len());
            let loan = &mut self.loans[place];
            let attempt = 1 + u32::try_from(dice.below(loan.attempts as usize + 1)).unwrap();
            let outcome = ["paid", "returned", "returned", "pending"][dice.below(4)];
            let line = format!("{},{},{outcome},\n", name(&loan.contract, attempt), loan.net);
            content.push_str(&line);
            if named.contains(&(place, attempt)) {
                expected.push("repeated");
            } else {
                named.push((place, attempt));
                expected.push(loan.answered(attempt, outcome));
            }
        }
        let done = self.operator.post("/bank-answers", &json!({ "content": content })).await.expect(200).body;
        assert_eq!(effects(&done), expected, "{content}");
    }

    /// The loans are as expected, and the money that left is that of the paid ones: each exactly once.
    async fn check(&self) {
        let mut lent = Cents::ZERO;
        for loan in &self.loans {
            let shown = self.operator.get(&format!("/loans/{}", loan.id)).await.expect(200).body;
            assert_eq!(
                (&shown["status"], &shown["disbursement_attempts"]),
                (&json!(loan.status), &json!(loan.attempts))
            );
            assert!(loan.paid <= 1, "{}", loan.contract);
            if loan.paid == 1 {
                lent += Cents::parse(&loan.net).unwrap();
            }
        }
        let balance = self.operator.get("/trial-balance").await.expect(200).body;
        assert_eq!(balance["balanced"], true);
        let cash = balance["accounts"].as_array().unwrap().iter().find(|one| one["account"] == "cash");
        let closing = cash.map_or(json!("0.00"), |cash| cash["closing"].clone());
        assert_eq!(closing, json!((-lent).to_string()));
        self.app.check_queues().await;
    }
}

/// Orders, returns, repeated orders, confirmations and cancellations come in any order. Each loan is paid at most once, an
/// answer counts for its own attempt alone, and the books balance.
#[tokio::test(flavor = "multi_thread")]
async fn no_order_of_returns_and_answers_pays_a_loan_twice() {
    for seed in [1, 2] {
        for app in TestApp::on_each_engine().await {
            let mut treasury = Treasury::with_loans(app, &[529_982_247, 111_444_777, 123_456_789]).await;
            let mut dice = Dice(seed);
            for round in 0..60 {
                treasury.act(&mut dice).await;
                if round % 10 == 9 {
                    treasury.check().await;
                }
            }
            let most = treasury.loans.iter().map(|loan| loan.attempts).max();
            assert!(most >= Some(3), "the run pays again more than once: {most:?}");
            let check = app::ledger::check::whole(&treasury.app.state.store).await.unwrap();
            assert!(check.is_right(), "{check:?}");
        }
    }
}

fn with_four_eyes() -> Setup {
    Setup { four_eyes: FourEyes::Required, ..Setup::default() }
}

/// A loan whose disbursement the bank returned, by two people of the treasury.
async fn returned(app: &TestApp, partner: &Partner, [first, second]: [&Operator; 2]) -> String {
    let loan = partner.loan(529_982_247, "never_signs").await.id();
    partner.sign_all(&loan).await;
    let proposal = first.act(&format!("/loans/{loan}/disbursement")).await.expect(202).id();
    second.act(&format!("/proposals/{proposal}/approve")).await.expect(200);
    let bounced = json!({ "message": "Conta encerrada" });
    second.post(&format!("/loans/{loan}/disbursement/fail"), &bounced).await.expect(200);
    assert_eq!(app.check_queues().await["disbursements_returned"], 1);
    loan
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_pay_again_and_partners_see_statuses_and_events_that_they_know() {
    for app in TestApp::on_each_engine_with(with_four_eyes()).await {
        let treasurer = async || Operator::with_roles(&app, "treasury".parse().unwrap()).await;
        let (first, second, partner) = (treasurer().await, treasurer().await, app.partner().await);
        let loan = returned(&app, &partner, [&first, &second]).await;
        let again = format!("/loans/{loan}/disbursement/again");
        let shown = first.act(&again).await.expect(202).body;
        assert_eq!((&shown["action"], &shown["amount"]), (&json!("pay_again"), &json!("10000.00")));
        let approve = format!("/proposals/{}/approve", shown["id"].as_str().unwrap());
        second.act(&again).await.expect_problem(409, "invalid_state");
        first.act(&approve).await.expect_problem(403, "forbidden");
        let clerk = Operator::with_roles(&app, "credit".parse().unwrap()).await;
        clerk.act(&again).await.expect_problem(403, "forbidden");
        clerk.act(&approve).await.expect_problem(403, "forbidden");
        assert_eq!(partner.get(&format!("/v3/loans/{loan}")).await.expect(200).body["status"], "error");
        let third = treasurer().await;
        let both = tokio::join!(second.act(&approve), third.act(&approve));
        let mut statuses = [both.0.status, both.1.status].map(|status| status.as_u16());
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        let queues = app.check_queues().await;
        assert_eq!((queues["disbursements_returned"], queues["disbursing"], queues["proposals"]), (0, 1, 0));
        assert_eq!(partner.get(&format!("/v3/loans/{loan}")).await.expect(200).body["status"], "disbursing");
        second.act(&format!("/loans/{loan}/disbursement/confirm")).await.expect(200);
        let events = ["loan_disbursing", "loan_error", "loan_active"];
        let mut counts = Vec::new();
        for event in events {
            counts.push(app.events_of(event).await);
        }
        assert_eq!(counts, [2, 1, 1]);
        let history = first.get(&format!("/loans/{loan}/timeline")).await.expect(200).body;
        let kinds: Vec<&Value> = history["data"].as_array().unwrap().iter().map(|one| &one["kind"]).collect();
        assert!(kinds.contains(&&json!("failed")) && kinds.contains(&&json!("disbursed")), "{kinds:?}");
        app.check_ledger().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_returned_loan_that_is_cancelled_frees_its_offer_and_makes_its_proposal_stale() {
    for app in TestApp::on_each_engine_with(with_four_eyes()).await {
        let treasurer = async || Operator::with_roles(&app, "treasury".parse().unwrap()).await;
        let (first, second, partner) = (treasurer().await, treasurer().await, app.partner().await);
        let loan = returned(&app, &partner, [&first, &second]).await;
        let offer =
            partner.get(&format!("/v3/loans/{loan}")).await.expect(200).body["credit_offer_id"].clone();
        let offer = format!("/v3/credit-offers/{}", offer.as_str().unwrap());
        assert_eq!(partner.get(&offer).await.expect(200).body["status"], "accepted");
        let proposal = first.act(&format!("/loans/{loan}/disbursement/again")).await.expect(202).id();
        let clerk = Operator::with_roles(&app, "credit".parse().unwrap()).await;
        clerk.act(&format!("/loans/{loan}/cancel")).await.expect(200);
        let stale = second.act(&format!("/proposals/{proposal}/approve")).await;
        assert!(
            stale.expect_problem(409, "invalid_state").body["detail"]
                .as_str()
                .unwrap()
                .contains("changed since")
        );
        assert_eq!(partner.get(&offer).await.expect(200).body["status"], "available");
        assert_eq!((app.events_of("loan_cancelled").await, app.events_of("loan_active").await), (1, 0));
        app.check_queues().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_pay_again_by_the_loans_page_and_see_what_came_back() {
    let app = TestApp::with(with_four_eyes()).await;
    let treasurer = async || Operator::with_roles(&app, "treasury".parse().unwrap()).await;
    let (first, second, partner) = (treasurer().await, treasurer().await, app.partner().await);
    let loan = returned(&app, &partner, [&first, &second]).await;
    let person = async || Person::with_roles(&app, "treasury".parse().unwrap()).await;
    let (davi, helena) = (person().await, person().await);
    let path = format!("/console/loans/{loan}");
    let page = davi.read(&path).await;
    assert!(page.contains(&format!("{path}/ask/pay-again")) && page.contains("Conta encerrada"), "{page}");
    let asked = davi.read(&format!("{path}/ask/pay-again")).await;
    assert!(
        asked.contains("Pagar R$\u{a0}10.000,00 de novo para") && asked.contains("Propor novo desembolso de"),
        "{asked}"
    );
    assert!(
        asked.contains("Devolução") && asked.contains("Conta encerrada") && asked.contains("Pix"),
        "{asked}"
    );
    davi.press(&format!("{path}/disbursement/again"), "").await.expect(303);
    let waiting = first.get("/proposals?status=proposed").await.expect(200).body;
    let proposal = waiting["data"][0]["id"].as_str().unwrap();
    let page = helena.read(&format!("/console/proposals/{proposal}")).await;
    assert!(
        page.contains("Pagar de novo R$\u{a0}10.000,00 para") && page.contains("Conta encerrada"),
        "{page}"
    );
    helena.press(&format!("/console/proposals/{proposal}/approve"), "").await.expect(303);
    let money = helena.read("/console/money").await;
    assert!(money.contains("-2</"), "the second attempt has a name of its own: {money}");
    let again = davi.press(&format!("{path}/disbursement/again"), "").await.expect(409);
    assert!(String::from_utf8(again.bytes).unwrap().contains("Nada foi feito."));
    let clerk = Person::with_roles(&app, "credit".parse().unwrap()).await;
    clerk.press(&format!("{path}/disbursement/again"), "").await.expect(403);
}
