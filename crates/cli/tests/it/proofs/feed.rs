//! The list of events as a feed. Two nodes make changes as fast as they can. A follower reads by cursor and asks the
//! nodes in turn, while it is killed and restarted. It sees every event exactly once, and each loan's events in their
//! order.
//!
//! `FEED_EVENTS` is the minimum number of events.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Store;
use store::db::DatabaseUrl;
use store::seal::MasterKey;
use tokio::task::JoinSet;

use super::PATIENCE;
use super::client::Client;
use super::node::{Address, Node, Site};
use crate::events::OF_LOAN;
use crate::inputs::registration;
use crate::machine::number_from_environment;
use crate::support::TestApp;

/// Minimum number of events in the ordinary test run.
const EVENTS: u64 = 2_000;
/// Callers of each node. A node has fewer connections to the database.
const CALLERS: u32 = 12;
/// Lifetime of a follower.
const FOLLOWER_LIFETIME: Duration = Duration::from_millis(700);
/// Longest time in which the callers make enough events, on a busy machine.
const LONGEST: Duration = Duration::from_secs(900);

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_by_cursor_sees_every_event_of_two_nodes_exactly_once() {
    let Some(database) = TestApp::postgres_database().await else { return };
    let site = Arc::new(Site::new(Some(database.clone())));
    let nodes = [Node::start(&site), Node::start(&site)];
    let mut follower = Follower::start(&site, &nodes);
    let store = tokio::task::block_in_place(|| open(&database));
    let work = Work::begin(&nodes, &site).await;
    let (enough, began) = (number_from_environment("FEED_EVENTS").unwrap_or(EVENTS), Instant::now());
    let mut runs = 1;
    while (happened(&store).await.len() as u64) < enough && began.elapsed() < LONGEST {
        tokio::time::sleep(FOLLOWER_LIFETIME).await;
        tokio::task::block_in_place(|| follower.kill_and_start_again());
        runs += 1;
    }
    work.end().await;
    let happened = follower.catch_up(&store).await;
    println!("{} events of two nodes, a follower of {runs} runs", happened.len());
    assert!(happened.len() as u64 >= enough, "a proof needs enough events: {}", happened.len());
    follower.judge(&happened);
}

fn open(database: &DatabaseUrl) -> Store {
    Store::open(database, MasterKey::new([7; 32])).unwrap()
}

/// The ids of all events of the reference.
async fn happened(store: &Store) -> BTreeSet<String> {
    let all = |tx: &mut store::Tx<'_>| {
        tx.query("select id, kind from events", &[], |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)))
    };
    let has_name = |kind: &str| kind.parse().ok().and_then(wire::reference::event::name).is_some();
    let all = store.read(all).await.unwrap().into_iter();
    all.filter(|(_, kind)| has_name(kind)).map(|(id, _)| id).collect()
}

/// Callers of both nodes. They make changes one after another, without a pause.
struct Work {
    stop: Arc<AtomicBool>,
    callers: JoinSet<()>,
}

impl Work {
    async fn begin(nodes: &[Node], site: &Site) -> Self {
        let (stop, number) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(100_000_000)));
        let mut callers = JoinSet::new();
        for node in nodes {
            let client = Arc::new(Client::new(node, site.credential()).await);
            for caller in 0..CALLERS {
                let (client, stop, number) = (Arc::clone(&client), Arc::clone(&stop), Arc::clone(&number));
                callers.spawn(async move {
                    while !stop.load(Ordering::Relaxed) {
                        let number = number.fetch_add(1, Ordering::Relaxed);
                        // One in six takes a loan. Each step of a loan is another transaction, and the workers make
                        // many of them.
                        if caller % 6 == 0 {
                            borrow(&client, number).await;
                        } else {
                            register(&client, number).await;
                        }
                    }
                });
            }
        }
        Self { stop, callers }
    }

    async fn end(mut self) {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(ended) = self.callers.join_next().await {
            ended.unwrap();
        }
    }
}

pub(super) async fn register(client: &Client, number: u32) {
    let body = registration(number, "manual");
    client.post("/v3/customers", &body, &format!("customer-{number}")).await;
}

pub(super) async fn borrow(client: &Client, number: u32) {
    let customer =
        client.post("/v3/customers", &registration(number, ""), &format!("customer-{number}")).await;
    let customer = customer["id"].as_str().unwrap().to_owned();
    for kind in ["cnh", "selfie", "ccmei"] {
        client.upload(&customer, kind, &format!("{kind}-{number}")).await;
    }
    let offer = first(client, &format!("/v3/customers/{customer}/credit-offers")).await;
    let wanted = json!({"requested_amount": "10000.00", "installment_count": 12});
    let path = format!("/v3/credit-offers/{offer}/simulations");
    let simulation = client.post(&path, &wanted, &format!("simulation-{number}")).await;
    let body = json!({
        "credit_offer_id": offer, "simulation_id": simulation["id"],
        "installments": simulation["number_of_installments"],
        "installments_value": simulation["installments_value"],
        "first_due_date": simulation["first_due_date"]
    });
    let loan = client.post("/v3/loans", &body, &format!("loan-{number}")).await;
    let path = format!("/v3/loans/{}", loan["id"].as_str().unwrap());
    while client.get(&path).await["status"] != "active" {
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
}

/// The id of a list's first item, as soon as there is one.
async fn first(client: &Client, path: &str) -> String {
    loop {
        let listed = client.get(path).await;
        if let Some(id) = listed["data"][0]["id"].as_str() {
            return id.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
}

/// The task of the follower's process. The file of this name makes a process the follower.
#[derive(Serialize, Deserialize)]
struct Role {
    nodes: Vec<String>,
    credential: (String, String),
}

const ROLE: &str = "follower.json";
/// The file of the seen events: id, name and subject of an event on each line.
const SEEN: &str = "seen";

/// The follower's process, seen from outside.
struct Follower {
    child: Child,
    folder: PathBuf,
}

impl Drop for Follower {
    fn drop(&mut self) {
        let _it_may_be_dead = self.child.kill();
        let _reaped = self.child.wait();
    }
}

impl Follower {
    fn start(site: &Site, nodes: &[Node]) -> Self {
        let folder = site.folder.path().join("follower");
        std::fs::create_dir_all(&folder).unwrap();
        let nodes = nodes.iter().map(|node| node.address.read().unwrap().clone()).collect();
        let role = Role { nodes, credential: site.credential() };
        std::fs::write(folder.join(ROLE), serde_json::to_string(&role).unwrap()).unwrap();
        Self { child: spawn(&folder), folder }
    }

    fn kill_and_start_again(&mut self) {
        assert!(self.child.try_wait().unwrap().is_none(), "the follower ended by itself");
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = spawn(&self.folder);
    }

    /// Waits until the follower has seen all events, and returns them. After a time limit the judge decides.
    async fn catch_up(&self, store: &Store) -> BTreeSet<String> {
        let began = Instant::now();
        loop {
            let happened = happened(store).await;
            let seen: BTreeSet<String> = self.seen().into_iter().map(|[id, ..]| id).collect();
            if happened.is_subset(&seen) || began.elapsed() > PATIENCE / 4 {
                return happened;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    fn seen(&self) -> Vec<[String; 3]> {
        let Ok(text) = std::fs::read_to_string(self.folder.join(SEEN)) else { return Vec::new() };
        let words = |line: &str| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            words.try_into().unwrap()
        };
        whole(&text).lines().map(words).collect()
    }

    fn judge(&self, happened: &BTreeSet<String>) {
        let (mut ids, mut of_loan) = (BTreeSet::new(), BTreeMap::<_, Vec<_>>::new());
        let (mut begun, mut wrong) = (BTreeSet::new(), Vec::new());
        for [id, name, subject] in self.seen() {
            if !ids.insert(id.clone()) {
                wrong.push(format!("{id} was seen twice"));
            }
            if name.starts_with("customer.") && begun.insert(subject.clone()) && name != "customer.created" {
                wrong.push(format!("{name} of {subject} came before its creation"));
            }
            if name.starts_with("loan.") {
                of_loan.entry(subject).or_default().push(name);
            }
        }
        let (lost, invented) = (happened.difference(&ids).count(), ids.difference(happened).count());
        let disordered = of_loan.iter().filter(|(_, names)| **names != OF_LOAN);
        wrong.extend(disordered.map(|(loan, names)| format!("the events of {loan} came as {names:?}")));
        assert!(!of_loan.is_empty(), "no loan was taken");
        assert_eq!((lost, invented), (0, 0), "lost and invented, of {}", happened.len());
        assert!(wrong.is_empty(), "{} things are wrong: {wrong:?}", wrong.len());
    }
}

fn spawn(folder: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "proofs::feed::the_follower_keeps_what_it_sees"]).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap()
}

/// A text without the last line if that line is incomplete, because a killed process was writing it.
fn whole(text: &str) -> &str {
    text.rfind('\n').map_or("", |end| &text[..=end])
}

/// In a folder with the file of its role, this test is the follower's process. Otherwise it tests the kept events.
#[tokio::test(flavor = "multi_thread")]
async fn the_follower_keeps_what_it_sees() {
    match std::fs::read_to_string(ROLE) {
        Ok(role) => follow(&serde_json::from_str(&role).unwrap()).await,
        Err(_no_role) => assert_eq!((whole("a\nb\nc"), whole("c")), ("a\nb\n", "")),
    }
}

/// Requests the events after the last one in the file and adds them to the file, forever.
async fn follow(role: &Role) {
    let kept = std::fs::read_to_string(SEEN).unwrap_or_default();
    std::fs::write(SEEN, whole(&kept)).unwrap();
    let mut last =
        whole(&kept).lines().next_back().and_then(|line| line.split(' ').next().map(str::to_owned));
    let mut file = File::options().append(true).open(SEEN).unwrap();
    let mut clients = Vec::new();
    for node in &role.nodes {
        let address = Address::new(node.clone().into());
        clients.push(Client::signed_in(address, role.credential.clone()).await);
    }
    for client in clients.iter().cycle() {
        let after = last.as_ref().map_or_else(String::new, |last| format!("&starting_after={last}"));
        let page = client.get(&format!("/v3/events?order=asc&limit=100{after}")).await;
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let mut lines = String::new();
        for event in page["data"].as_array().unwrap() {
            let (id, name, of) = (text(&event["id"]), text(&event["type"]), text(&event["data"]["id"]));
            writeln!(lines, "{id} {name} {of}").unwrap();
            last = Some(id);
        }
        file.write_all(lines.as_bytes()).unwrap();
        if lines.is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
