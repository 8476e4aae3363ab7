//! Decisions that two operators take: disbursements and reversals.

use std::time::Duration;

use domain::access::{FourEyes, Proposal};
use serde_json::{Value, json};

use crate::operator::Operator;
use crate::support::{Partner, Setup, TestApp};

/// Two operators of the treasury, and a partner.
struct Desk {
    app: TestApp,
    partner: Partner,
    first: Operator,
    second: Operator,
}

impl Desk {
    async fn of(app: TestApp) -> Self {
        let treasury = || "treasury".parse().unwrap();
        let first = Operator::with_roles(&app, treasury()).await;
        let second = Operator::with_roles(&app, treasury()).await;
        let partner = app.partner().await;
        Self { app, partner, first, second }
    }

    async fn on_each_engine() -> Vec<Self> {
        let setup = Setup { four_eyes: FourEyes::Required, ..Setup::default() };
        let mut desks = Vec::new();
        for app in TestApp::on_each_engine_with(setup).await {
            desks.push(Self::of(app).await);
        }
        desks
    }

    async fn new() -> Self {
        Self::of(TestApp::with(Setup { four_eyes: FourEyes::Required, ..Setup::default() }).await).await
    }

    async fn signed_loan(&self, number: u32) -> String {
        let loan = self.partner.loan(number, "never_signs").await.id();
        self.partner.sign_all(&loan).await;
        loan
    }

    /// Proposes the disbursement of a loan; returns the proposal's id.
    async fn proposed(&self, loan: &str) -> String {
        self.first.act(&format!("/loans/{loan}/disbursement")).await.expect(202).id()
    }

    async fn status_of(&self, loan: &str) -> Value {
        self.first.get(&format!("/loans/{loan}")).await.expect(200).body["status"].clone()
    }
}

fn decision(proposal: &str, word: &str) -> String {
    format!("/proposals/{proposal}/{word}")
}

#[tokio::test(flavor = "multi_thread")]
async fn two_operators_release_the_money_and_one_alone_cannot() {
    for desk in Desk::on_each_engine().await {
        let loan = desk.signed_loan(529_982_247).await;
        let shown = desk.first.act(&format!("/loans/{loan}/disbursement")).await.expect(202).body;
        assert_eq!((&shown["action"], &shown["status"]), (&json!("order_disbursement"), &json!("proposed")));
        assert_eq!((&shown["amount"], &shown["subject_id"]), (&json!("10000.00"), &json!(loan)));
        assert_eq!(desk.status_of(&loan).await, "signed");
        let id = shown["id"].as_str().unwrap();

        let again = desk.second.act(&format!("/loans/{loan}/disbursement")).await;
        assert!(again.expect_problem(409, "invalid_state").body["detail"].as_str().unwrap().contains(id));
        desk.first.act(&decision(id, "approve")).await.expect_problem(403, "forbidden");
        desk.first.act(&decision(id, "reject")).await.expect_problem(403, "forbidden");
        desk.second.act(&decision(id, "withdraw")).await.expect_problem(403, "forbidden");
        let clerk = Operator::with_roles(&desk.app, "credit".parse().unwrap()).await;
        clerk.act(&decision(id, "approve")).await.expect_problem(403, "forbidden");
        assert_eq!(desk.status_of(&loan).await, "signed");

        let note = json!({ "note": "conferido com o banco" });
        let approved = desk.second.post(&decision(id, "approve"), &note).await.expect(200).body;
        assert_eq!((&approved["status"], &approved["note"]), (&json!("approved"), &note["note"]));
        assert_ne!(approved["decided_by"], approved["proposed_by"]);
        assert_eq!(desk.status_of(&loan).await, "disbursing");
        desk.second.act(&decision(id, "approve")).await.expect_problem(409, "invalid_state");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_approvals_at_once_order_one_disbursement() {
    for desk in Desk::on_each_engine().await {
        let loan = desk.signed_loan(529_982_247).await;
        let id = desk.proposed(&loan).await;
        let third = Operator::with_roles(&desk.app, "treasury".parse().unwrap()).await;
        let path = decision(&id, "approve");
        let (one, other) = tokio::join!(desk.second.act(&path), third.act(&path));
        let mut statuses = [one.status, other.status].map(|status| status.as_u16());
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        assert_eq!(desk.app.events_of("loan_disbursing").await, 1);
        assert_eq!(desk.status_of(&loan).await, "disbursing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_whose_loan_has_changed_is_stale_and_can_only_be_rejected() {
    let desk = Desk::new().await;
    let loan = desk.signed_loan(529_982_247).await;
    let id = desk.proposed(&loan).await;
    let clerk = Operator::with_roles(&desk.app, "credit".parse().unwrap()).await;
    clerk.act(&format!("/loans/{loan}/cancel")).await.expect(200);
    let stale = desk.second.act(&decision(&id, "approve")).await.expect_problem(409, "invalid_state").body;
    assert!(stale["detail"].as_str().unwrap().contains("changed since"), "{stale}");
    let waiting = desk.second.get("/proposals?status=proposed").await.expect(200).body;
    assert_eq!(waiting["data"][0]["id"], id.as_str());
    desk.second.act(&decision(&id, "reject")).await.expect(200);
    let waiting = desk.second.get("/proposals?status=proposed").await.expect(200).body;
    assert_eq!(waiting["data"], json!([]));
    assert_eq!(desk.status_of(&loan).await, "cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_or_expired_proposal_makes_room_for_another_one() {
    for desk in Desk::on_each_engine().await {
        let loan = desk.signed_loan(529_982_247).await;
        let withdrawn = desk.proposed(&loan).await;
        let answer = desk.first.act(&decision(&withdrawn, "withdraw")).await.expect(200).body;
        assert_eq!(answer["status"], "withdrawn");
        let expired = desk.proposed(&loan).await;
        desk.app.clock.advance(Proposal::VALIDITY);
        let shown = desk.first.get(&format!("/proposals/{expired}")).await.expect(200).body;
        assert_eq!((&shown["status"], &shown["decided_at"]), (&json!("expired"), &shown["expires_at"]));
        desk.second.act(&decision(&expired, "approve")).await.expect_problem(409, "invalid_state");
        let third = desk.proposed(&loan).await;
        desk.app.clock.advance(Proposal::VALIDITY + Duration::from_secs(1));
        server::workers::expire::tick(&desk.app.state).await.unwrap();
        let all = desk.first.get("/proposals?order=asc").await.expect(200).body;
        let states: Vec<&Value> = all["data"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
        assert_eq!(states, ["withdrawn", "expired", "expired"]);
        assert_eq!(all["data"][2]["id"], third.as_str());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reversal_needs_two_operators() {
    for desk in Desk::on_each_engine().await {
        let loan = desk.signed_loan(529_982_247).await;
        let order = desk.proposed(&loan).await;
        desk.second.act(&decision(&order, "approve")).await.expect(200);
        desk.second.act(&format!("/loans/{loan}/disbursement/confirm")).await.expect(200);
        let today = desk.app.clock.now().unmoved().business_date().to_string();
        let paid = json!({ "reference": "E0", "amount": "100.00", "paid_on": today });
        let payment = desk.first.post(&format!("/loans/{loan}/payments"), &paid).await.expect(201).id();
        let path = format!("/payments/{payment}/reverse");
        let proposal = desk.first.act(&path).await.expect(202).body;
        assert_eq!((&proposal["amount"], &proposal["action"]), (&json!("100.00"), &json!("reverse_payment")));
        let shown = desk.first.get(&format!("/loans/{loan}/payments")).await.expect(200).body;
        assert!(shown["data"][0]["reversed_at"].is_null(), "{shown}");
        let id = proposal["id"].as_str().unwrap();
        desk.second.act(&decision(id, "approve")).await.expect(200);
        let shown = desk.first.get(&format!("/loans/{loan}/payments")).await.expect(200).body;
        assert!(!shown["data"][0]["reversed_at"].is_null(), "{shown}");
        desk.second.act(&path).await.expect_problem(409, "invalid_state");
        desk.app.check_ledger().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_proposed_that_would_be_refused() {
    let desk = Desk::new().await;
    let loan = desk.partner.loan(529_982_247, "never_signs").await.id();
    desk.first.act(&format!("/loans/{loan}/disbursement")).await.expect_problem(409, "invalid_state");
    let none = "0190f3b4c5d67e8f90a1b2c3d4e5f607";
    desk.first.act(&format!("/loans/ln_{none}/disbursement")).await.expect(404);
    desk.first.act(&format!("/payments/pay_{none}/reverse")).await.expect(404);
    desk.first.act(&decision(&format!("prop_{none}"), "approve")).await.expect(404);
    let long = json!({ "note": "a".repeat(501) });
    desk.first.post(&decision(&format!("prop_{none}"), "reject"), &long).await.expect(422);
    assert_eq!(desk.first.get("/proposals").await.expect(200).body["data"], json!([]));
}
