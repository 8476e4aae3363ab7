//! Proofs of the delivery engine in whole processes: killed servers, two nodes on one database, a restarted database.
//! Clients keep working meanwhile. An auditor in a separate process keeps the acknowledged changes and the received
//! webhooks. At the end a judge compares them with the server's state. See docs/PROOFS.md.

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
mod proposals;
mod restart;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use store::db::DatabaseUrl;

use self::auditor::{Auditor, Fact, Manner};
use self::client::Client;
use self::judge::{Books, Report, listed_events};
use self::load::Workload;
use self::node::{Node, Site};

/// The generations: the name of its endpoint here, and the start of its API's paths.
const GENERATIONS: [(&str, &str); 2] = [("reference", "/v3"), ("sdk", "/api/v3")];

/// Longest time until a proof is at rest. Leases of dead nodes end after thirty seconds, and a node looks for the
/// work of other nodes every thirty seconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server, its partner and the auditor, which subscribes to every event in both generations.
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

    /// Clients that work until they are ended.
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

    /// Lets the clients work until the auditor's facts are enough, however slow the machine is. After [`PATIENCE`] it
    /// stops waiting, and the judge decides.
    async fn work_until(&self, enough: impl Fn(&Books) -> bool) {
        let began = Instant::now();
        while !enough(&Books::read(&self.auditor.facts())) && began.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Waits until nothing is due. Meanwhile it requests recoveries, as a partner with a failed receiver would. If
    /// the server does not come to rest, the judge decides.
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

    /// Whether every event that a client knows of is listed and has its deliveries, and no delivery is pending.
    async fn is_at_rest(&self) -> bool {
        let books = Books::read(&self.auditor.facts());
        let listed = listed_events(&self.client, GENERATIONS[0].1).await;
        let listed: BTreeSet<&(String, String)> = listed.values().collect();
        let known = |(event, subject, _): &(String, String, u64)| (event.clone(), subject.clone());
        if !books.acknowledged.iter().map(known).all(|fact| listed.contains(&fact)) {
            return false;
        }
        for ((name, base), endpoint) in GENERATIONS.iter().zip(&self.endpoints) {
            let path = format!("{base}/webhooks/endpoints/{endpoint}/deliveries?status=pending&limit=1");
            if self.client.get(&path).await["data"].as_array().unwrap().is_empty() {
                let books = Books::read(&self.auditor.facts());
                let events = listed_events(&self.client, base).await;
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

    /// Judges a server at rest, ends it, and checks its ledger.
    async fn judge(mut self) -> Report {
        let report = judge::judge(&self.client, &self.auditor.facts(), &self.endpoints).await;
        self.node.kill();
        self.site.check_ledger();
        report
    }

    /// Number of customers that the clients know of.
    fn acknowledged_customers(&self) -> usize {
        Books::read(&self.auditor.facts()).acknowledged_count("customer.created")
    }

    async fn note(&self, what: &str) {
        self.auditor.tell(&Fact::Noted { what: what.to_owned(), at: 0 }).await;
    }
}
