//! Proofs of the delivery engine in whole processes: servers that are killed, two nodes on one database, a database that
//! is restarted. Clients keep working meanwhile, an auditor in a process of its own keeps what they were told and what
//! arrived, and a judge compares that with what the server says at the end. See docs/PROOFS.md.

mod auditor;
mod client;
mod crash;
#[cfg(feature = "prove-distributed")]
mod distributed;
mod feed;
#[cfg(feature = "prove-ha")]
mod high_availability;
mod judge;
mod load;
mod log;
mod migration;
mod node;
mod nodes;
#[cfg(feature = "prove-ha")]
mod patroni;
mod restart;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use store::db::DatabaseUrl;

use self::auditor::{Auditor, Fact, Manner};
use self::client::Client;
use self::judge::{Books, Report, told};
use self::load::Workload;
use self::node::{Node, Site};

/// The generations: how an endpoint of each is called here, and where its API begins.
const GENERATIONS: [(&str, &str); 2] = [("reference", "/v3"), ("sdk", "/api/v3")];

/// How long a proof may take to come to rest: leases of dead nodes end after thirty seconds, and a node looks for what
/// others left behind every thirty.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server, its partner and the auditor, which hears everything in both generations.
struct Scene {
    site: Arc<Site>,
    node: Node,
    client: Arc<Client>,
    auditor: Arc<Auditor>,
    /// The endpoints, in the order of [`GENERATIONS`].
    endpoints: Vec<String>,
}

impl Scene {
    async fn set(database: Option<DatabaseUrl>, seed: u64) -> Self {
        let site = Arc::new(Site::new(database));
        let node = Node::start(&site);
        let client = Arc::new(Client::new(&node, site.credential()).await);
        let auditor = Arc::new(Auditor::start(&site.folder.path().join("auditor"), seed));
        let mut endpoints = Vec::new();
        for (name, base) in GENERATIONS {
            let body = json!({"url": auditor.hook(name)});
            let endpoint = client.post(&format!("{base}/webhooks/endpoints"), &body, name).await;
            auditor.learn_secret(name, endpoint["secret"].as_str().unwrap()).await;
            endpoints.push(endpoint["id"].as_str().unwrap().to_owned());
        }
        Self { site, node, client, auditor, endpoints }
    }

    /// Clients that work until they are told to stop.
    fn work(&self, borrowers: u32, registrars: u32) -> Workload {
        let mut work = Workload::default();
        for number in 0..borrowers {
            work.add_borrower(&self.client, &self.auditor, number);
        }
        for number in 0..registrars {
            work.add_registrar(&self.client, &self.auditor, 100 + number);
        }
        work
    }

    /// Lets the clients work until the auditor's books show enough, however slow the machine is. After [`PATIENCE`] it
    /// stops waiting and leaves the verdict to the judge.
    async fn work_until(&self, enough: impl Fn(&Books) -> bool) {
        let began = Instant::now();
        while !enough(&Books::read(&self.auditor.facts())) && began.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Waits until nothing is due any more, and asks meanwhile, as a partner whose receiver was down would, that whatever
    /// did not arrive be made again. What does not come to rest is left to the judge.
    async fn recover_all(&self) {
        self.auditor.behave(Manner::default()).await;
        let (began, mut round) = (Instant::now(), 0);
        while !self.is_at_rest().await && began.elapsed() < PATIENCE {
            round += 1;
            for ((_, base), endpoint) in GENERATIONS.iter().zip(&self.endpoints) {
                self.recover(base, endpoint, &format!("rest-{round}-{endpoint}")).await;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn recover(&self, base: &str, endpoint: &str, key: &str) {
        let since = if base == "/v3" { json!("2020-01-01T00:00:00Z") } else { json!(1_577_836_800) };
        let path = format!("{base}/webhooks/endpoints/{endpoint}/recover");
        self.client.post(&path, &json!({"since": since}), key).await;
    }

    /// Whether every event that a client knows of is listed, and has become its deliveries, and nothing is pending.
    async fn is_at_rest(&self) -> bool {
        let books = Books::read(&self.auditor.facts());
        let listed = told(&self.client, GENERATIONS[0].1).await;
        let listed: BTreeSet<&(String, String)> = listed.values().collect();
        let known = |(event, subject, _): &(String, String, u64)| (event.clone(), subject.clone());
        if !books.acknowledged.iter().map(known).all(|fact| listed.contains(&fact)) {
            return false;
        }
        for ((name, base), endpoint) in GENERATIONS.iter().zip(&self.endpoints) {
            let path = format!("{base}/webhooks/endpoints/{endpoint}/deliveries?status=pending&limit=1");
            if self.client.get(&path).await["data"].as_array().unwrap().is_empty() {
                let books = Books::read(&self.auditor.facts());
                let events = told(&self.client, base).await;
                let failed = judge::failed(&self.client, base, endpoint).await;
                let ended = |event: &String| failed.contains(event) || books.has_arrived(name, event);
                if events.keys().all(ended) {
                    continue;
                }
            }
            return false;
        }
        true
    }

    /// Judges a server at rest, ends it, and has its ledger checked.
    async fn judge(mut self) -> Report {
        let report = judge::judge(&self.client, &self.auditor.facts(), &self.endpoints).await;
        self.node.kill();
        self.site.check_ledger();
        report
    }

    /// How many customers the clients know of.
    fn customers_told(&self) -> usize {
        Books::read(&self.auditor.facts()).told("customer.created")
    }

    async fn note(&self, what: &str) {
        self.auditor.tell(&Fact::Noted { what: what.to_owned(), at: 0 }).await;
    }
}
