//! Approvals under kills: the server dies while a second person approves changes of roles and write-offs. Afterwards each
//! proposal and its effect are both there or both absent.
//!
//! `CRASH_SEED` repeats the moments of a run if the machine is equally fast. A run prints its seed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use store::db::DatabaseUrl;

use super::Scene;
use super::load::Worker;
use super::node::Address;
use crate::machine::number_from_environment;
use crate::simulation_model::Dice;
use crate::support::TestApp;

/// Proposals of a run: of roles, and of write-offs.
const ROLES: u32 = 36;
const WRITE_OFFS: u32 = 6;
/// Approvals that are under way together when the server dies.
const AT_ONCE: usize = 6;
/// Longest life of the server after the approvals began, in milliseconds. It grows if nothing was approved.
const LONGEST_MS: u64 = 60;

/// An operator with a token of its own.
#[derive(Clone)]
struct Operator {
    http: tools::client::CommandClient,
    address: Address,
    token: String,
}

impl Operator {
    /// Makes an operator. The server must not run.
    fn create(scene: &Scene, name: &str) -> Self {
        let roles = ["--role", "admin", "--role", "collections", "--role", "credit-committee"];
        let create = ["operator", "create", "--json", "--name", name];
        let said = scene.site.run(&[&create[..], &roles[..]].concat());
        let made: Value = serde_json::from_str(&said).unwrap();
        Self {
            http: tools::client::command_client().unwrap(),
            address: scene.node.address.clone(),
            token: made["token"].as_str().unwrap().to_owned(),
        }
    }

    /// Sends one request. `None` if the server died before its answer.
    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Option<(u16, Value)> {
        let url = format!("http://{}/operator/v1{path}", self.address.read().unwrap());
        let request = self.http.request(method, url).bearer_auth(&self.token);
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        };
        let answer = request.send().await.ok()?;
        let status = answer.status().as_u16();
        let text = answer.text().await.ok()?;
        Some((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
    }

    async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.send(Method::GET, path, None).await.expect("the server lives");
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    async fn propose(&self, path: &str, body: &Value, expected: u16) -> Value {
        let (status, answer) = self.send(Method::POST, path, Some(body)).await.expect("the server lives");
        assert_eq!(status, expected, "{path}: {answer}");
        answer
    }
}

/// A proposal, with the resource that its approval changes.
#[derive(Clone)]
struct Proposed {
    id: String,
    subject: String,
}

impl Proposed {
    /// Whether it is approved. Its effect must say the same.
    async fn is_approved(&self, reader: &Operator) -> bool {
        let proposal = reader.get(&format!("/proposals/{}", self.id)).await;
        let is_approved = match proposal["status"].as_str().unwrap() {
            "approved" => true,
            "proposed" => false,
            other => panic!("{other}"),
        };
        let effects = if self.subject.starts_with("ln_") {
            let loan = reader.get(&format!("/loans/{}", self.subject)).await;
            let ledger = reader.get(&format!("/loans/{}/ledger", self.subject)).await;
            let balances = ledger["balances"].as_array().unwrap();
            vec![!loan["write_off"].is_null(), balances.iter().any(|of| of["account"] == "losses")]
        } else {
            let operators = reader.get("/operators?limit=100").await;
            let operators = operators["data"].as_array().unwrap();
            let operator = operators.iter().find(|one| one["id"] == self.subject).expect("the operator");
            vec![operator["roles"] == json!(["treasury"])]
        };
        assert!(effects.iter().all(|effect| *effect == is_approved), "{proposal}: {effects:?}");
        is_approved
    }
}

/// Loans that are long overdue.
async fn overdue_loans(scene: &Scene) -> Vec<String> {
    let worker = Worker { client: Arc::clone(&scene.client), auditor: Arc::clone(&scene.auditor) };
    let loans = (0..WRITE_OFFS).map(|number| worker.borrow(100_000_000 + number));
    let loans = futures::future::join_all(loans).await;
    for days in [90, 60] {
        let body = json!({ "days": days });
        scene.client.post("/sandbox/clock/advance", &body, &format!("advance-{days}")).await;
    }
    loans
}

async fn proposals(first: &Operator, loans: Vec<String>) -> Vec<Proposed> {
    let mut proposed = Vec::new();
    for number in 0..ROLES {
        let new = json!({ "name": format!("Pessoa {number}"), "roles": ["treasury"] });
        let made = first.propose("/operators", &new, 201).await;
        let text = |field: &str| made[field].as_str().unwrap().to_owned();
        proposed.push(Proposed { id: text("proposal_id"), subject: text("id") });
    }
    for (number, loan) in loans.into_iter().enumerate() {
        let reason = json!({ "reason": "Empresa encerrada, sem bens." });
        let made = first.propose(&format!("/loans/{loan}/write-off"), &reason, 202).await;
        let proposal = Proposed { id: made["id"].as_str().unwrap().to_owned(), subject: loan };
        // Between the others, so that most kills meet both kinds.
        proposed.insert(number * AT_ONCE, proposal);
    }
    proposed
}

/// Lets the server die while some proposals are approved. Returns the ids of those whose approval was answered.
async fn approved_until_the_kill(
    scene: &mut Scene, second: &Operator, batch: &[Proposed], life: Duration,
) -> BTreeSet<String> {
    let approvals: Vec<_> = batch
        .iter()
        .map(|proposal| {
            let (second, id) = (second.clone(), proposal.id.clone());
            tokio::spawn(async move {
                let path = format!("/proposals/{id}/approve");
                let answered = second.send(Method::POST, &path, None).await;
                answered.map(|(status, answer)| {
                    assert_eq!(status, 200, "{answer}");
                    id
                })
            })
        })
        .collect();
    tokio::time::sleep(life).await;
    tokio::task::block_in_place(|| scene.node.kill());
    let mut answered = BTreeSet::new();
    for approval in approvals {
        answered.extend(approval.await.unwrap());
    }
    tokio::task::block_in_place(|| scene.node.start_again());
    answered
}

async fn approvals_survive_kills(database: Option<DatabaseUrl>) {
    let seed = number_from_environment("CRASH_SEED")
        .unwrap_or_else(|| server::clock::real_now().micros().unsigned_abs());
    println!("CRASH_SEED={seed}");
    let mut scene = Scene::set(database, seed).await;
    let loans = overdue_loans(&scene).await;
    tokio::task::block_in_place(|| scene.node.kill());
    let [first, second] = ["Ana", "Rui"].map(|name| Operator::create(&scene, name));
    tokio::task::block_in_place(|| scene.node.start_again());
    let mut open = proposals(&first, loans).await;
    let (mut dice, mut longest, mut kills, mut torn) = (Dice(seed), LONGEST_MS, 0, 0);
    while !open.is_empty() {
        let batch: Vec<Proposed> = open.iter().take(AT_ONCE).cloned().collect();
        let life = Duration::from_millis(1 + dice.next() % longest);
        let answered = approved_until_the_kill(&mut scene, &second, &batch, life).await;
        let mut approved = BTreeSet::new();
        for proposal in &batch {
            if proposal.is_approved(&first).await {
                approved.insert(proposal.id.clone());
            }
        }
        assert!(approved.is_superset(&answered), "an answered approval is kept");
        kills += 1;
        torn += u32::from(!approved.is_empty() && approved.len() < batch.len());
        longest = if approved.is_empty() { longest * 2 } else { LONGEST_MS.max(longest / 2) };
        open.retain(|proposal| !approved.contains(&proposal.id));
    }
    println!("{kills} kills, {torn} between two approvals");
    assert!(kills >= 7);
    scene.node.kill();
    scene.site.check_ledger();
    scene.site.run(&["audit", "check"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_and_its_effect_are_both_kept_under_kills_on_sqlite() {
    approvals_survive_kills(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_and_its_effect_are_both_kept_under_kills_on_postgresql() {
    let Some(database) = TestApp::postgres_database().await else { return };
    approvals_survive_kills(Some(database)).await;
}
