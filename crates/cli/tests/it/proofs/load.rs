//! Clients at work: some take loans as far as the sandbox goes, some register customers. A client reports each
//! acknowledged change to the auditor before it continues.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;

use super::auditor::{Auditor, Fact};
use super::client::Client;
use crate::inputs::registration;

/// Distance between the first customer numbers of two clients.
const APART: u32 = 100_000;
/// Pause between two registrations of one client, and between two requests for a loan's state.
const PAUSE: Duration = Duration::from_millis(40);

/// Clients that work until they are ended.
#[derive(Default)]
pub(super) struct Workload {
    stop: Arc<AtomicBool>,
    clients: JoinSet<()>,
}

impl Workload {
    /// Adds a client that takes one loan after another.
    pub(super) fn add_borrower(&mut self, client: &Arc<Client>, auditor: &Arc<Auditor>, number: u32) {
        let worker = Worker { client: Arc::clone(client), auditor: Arc::clone(auditor) };
        self.repeat(number, move |customer| {
            let worker = worker.clone();
            async move {
                worker.borrow(customer).await;
            }
        });
    }

    /// Adds a client that registers one customer after another, in both generations in turn.
    pub(super) fn add_registrar(&mut self, client: &Arc<Client>, auditor: &Arc<Auditor>, number: u32) {
        let worker = Worker { client: Arc::clone(client), auditor: Arc::clone(auditor) };
        self.repeat(number, move |customer| {
            let worker = worker.clone();
            async move {
                let base = if customer % 2 == 0 { "/v3" } else { "/api/v3" };
                worker.register(base, customer, "manual").await;
                tokio::time::sleep(PAUSE).await;
            }
        });
    }

    fn repeat<F: Future<Output = ()> + Send>(
        &mut self, number: u32, work: impl Fn(u32) -> F + Send + Sync + 'static,
    ) {
        let stop = Arc::clone(&self.stop);
        self.clients.spawn(async move {
            let mut customer = 100_000_000 + number * APART;
            while !stop.load(Ordering::Relaxed) {
                work(customer).await;
                customer += 1;
            }
        });
    }

    /// Ends the clients after each has finished its work under way.
    pub(super) async fn end(mut self) {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(ended) = self.clients.join_next().await {
            ended.unwrap();
        }
    }
}

#[derive(Clone)]
pub(super) struct Worker {
    pub(super) client: Arc<Client>,
    pub(super) auditor: Arc<Auditor>,
}

impl Worker {
    /// Reports to the auditor that this client knows of an event.
    async fn acknowledge(&self, event: &str, subject: &str) {
        let fact = Fact::Acknowledged { event: event.to_owned(), subject: subject.to_owned(), at: 0 };
        self.auditor.tell(&fact).await;
    }

    pub(super) async fn register(&self, base: &str, number: u32, tags: &str) -> String {
        let key = format!("customer-{number}");
        let customer =
            self.client.post(&format!("{base}/customers"), &registration(number, tags), &key).await;
        let id = customer["id"].as_str().unwrap().to_owned();
        self.acknowledge("customer.created", &id).await;
        id
    }

    /// A loan of a new customer, up to its disbursement. Returns its id.
    pub(super) async fn borrow(&self, number: u32) -> String {
        let customer = self.register("/v3", number, "").await;
        for kind in ["cnh", "selfie", "ccmei"] {
            self.client.upload(&customer, kind, &format!("{kind}-{number}")).await;
        }
        let offer = self.offer_to(&customer).await;
        let wanted = json!({"requested_amount": "10000.00", "installment_count": 12});
        let path = format!("/v3/credit-offers/{offer}/simulations");
        let simulation = self.client.post(&path, &wanted, &format!("simulation-{number}")).await;
        let body = json!({
            "credit_offer_id": offer, "simulation_id": simulation["id"],
            "installments": simulation["number_of_installments"],
            "installments_value": simulation["installments_value"],
            "first_due_date": simulation["first_due_date"]
        });
        let loan = self.client.post("/v3/loans", &body, &format!("loan-{number}")).await;
        let loan = loan["id"].as_str().unwrap();
        self.acknowledge("loan.created", loan).await;
        self.follow("loan", &format!("/v3/loans/{loan}"), loan).await;
        loan.to_owned()
    }

    async fn offer_to(&self, customer: &str) -> String {
        self.follow("customer", &format!("/v3/customers/{customer}"), customer).await;
        loop {
            let offers = self.client.get(&format!("/v3/customers/{customer}/credit-offers")).await;
            if let Some(offer) = offers["data"][0]["id"].as_str() {
                self.acknowledge("credit_offer.available", offer).await;
                return offer.to_owned();
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Reads a resource until it is active. Every state that is seen must have its event.
    async fn follow(&self, resource: &str, path: &str, id: &str) {
        let mut seen = HashSet::new();
        loop {
            let shown = self.client.get(path).await;
            let status = shown["status"].as_str().unwrap().to_owned();
            // The first state of a resource is in its creation event.
            let has_event = !matches!(&*status, "pending_kyc" | "processing");
            if has_event && seen.insert(status.clone()) {
                self.acknowledge(&format!("{resource}.{status}"), id).await;
            }
            if status == "active" {
                return;
            }
            assert!(!matches!(&*status, "denied" | "cancelled" | "error"), "{shown}");
            tokio::time::sleep(PAUSE).await;
        }
    }
}
