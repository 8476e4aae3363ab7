//! The judge: compares the auditor's facts with the state of a server at rest.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use super::GENERATIONS;
use super::auditor::{Arrival, Fact};
use super::client::Client;

/// The auditor's facts, sorted by kind.
pub(super) struct Books {
    /// Events that a client knows of: name in the reference, subject and moment.
    pub(super) acknowledged: Vec<(String, String, u64)>,
    /// The received attempts, by endpoint and webhook, each list in the order of their beginnings.
    pub(super) arrived: BTreeMap<(String, String), Vec<Arrival>>,
    noted: BTreeMap<String, u64>,
}

impl Books {
    pub(super) fn read(facts: &[Fact]) -> Self {
        let mut books = Self { acknowledged: Vec::new(), arrived: BTreeMap::new(), noted: BTreeMap::new() };
        for fact in facts.iter().cloned() {
            match fact {
                Fact::Acknowledged { event, subject, at } => books.acknowledged.push((event, subject, at)),
                Fact::Noted { what, at } => drop(books.noted.insert(what, at)),
                Fact::Received(arrival) => {
                    let key = (arrival.endpoint.clone(), arrival.webhook.clone());
                    books.arrived.entry(key).or_default().push(arrival);
                }
            }
        }
        for arrivals in books.arrived.values_mut() {
            arrivals.sort_by_key(|arrival| arrival.began);
        }
        books
    }

    /// Number of events of a name that were acknowledged to clients.
    pub(super) fn acknowledged_count(&self, name: &str) -> usize {
        self.acknowledged.iter().filter(|(event, ..)| event == name).count()
    }

    /// Number of received webhooks, and of further requests for them.
    pub(super) fn come(&self) -> (usize, usize) {
        let arrivals: usize = self.arrived.values().map(Vec::len).sum();
        (self.arrived.len(), arrivals - self.arrived.len())
    }

    pub(super) fn has_arrived(&self, endpoint: &str, webhook: &str) -> bool {
        self.arrived.contains_key(&(endpoint.to_owned(), webhook.to_owned()))
    }

    /// The moment of a note.
    pub(super) fn noted(&self, what: &str) -> u64 {
        self.noted[what]
    }
}

/// The results of a proof.
pub(super) struct Report {
    pub(super) books: Books,
    /// The reference's events: name and subject by id.
    pub(super) events: BTreeMap<String, (String, String)>,
    deliveries: usize,
    failed: usize,
}

impl Report {
    /// Number of events of a name that were acknowledged to clients.
    pub(super) fn acknowledged(&self, name: &str) -> usize {
        self.books.acknowledged_count(name)
    }

    /// Number of attempts that the sink refused.
    pub(super) fn refused(&self) -> usize {
        self.books.arrived.values().flatten().filter(|arrival| arrival.answered >= 300).count()
    }

    /// Number of attempts for webhooks that had been accepted before.
    pub(super) fn repeated(&self) -> usize {
        let taken = |arrivals: &Vec<Arrival>| arrivals.iter().filter(|one| one.answered < 300).count();
        self.books.arrived.values().map(|arrivals| taken(arrivals).saturating_sub(1)).sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attempts: usize = self.books.arrived.values().map(Vec::len).sum();
        let known = self.books.acknowledged.len();
        write!(
            f,
            "{known} acknowledged facts, {} events, {} deliveries ({} given up), {attempts} attempts arrived, {} \
             refused, {} taken twice",
            self.events.len(),
            self.deliveries,
            self.failed,
            self.refused(),
            self.repeated()
        )
    }
}

/// Every event with its name and the id of its subject, as a generation lists them.
pub(super) async fn listed_events(client: &Client, base: &str) -> BTreeMap<String, (String, String)> {
    let events = pages(client, &format!("{base}/events")).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    events
        .iter()
        .map(|event| (text(&event["id"]), (text(&event["type"]), text(&event["data"]["id"]))))
        .collect()
}

/// The events with a failed delivery to an endpoint.
pub(super) async fn failed(client: &Client, base: &str, endpoint: &str) -> BTreeSet<String> {
    in_state(client, base, endpoint, "failed").await
}

async fn in_state(client: &Client, base: &str, endpoint: &str, state: &str) -> BTreeSet<String> {
    let path = format!("{base}/webhooks/endpoints/{endpoint}/deliveries?status={state}");
    let deliveries = pages(client, &path).await;
    deliveries.iter().map(|delivery| delivery["event_id"].as_str().unwrap().to_owned()).collect()
}

async fn pages(client: &Client, path: &str) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    let sign = if path.contains('?') { '&' } else { '?' };
    loop {
        let after = all.last().map(|last| format!("&starting_after={}", last["id"].as_str().unwrap()));
        let path = format!("{path}{sign}order=asc&limit=100{}", after.unwrap_or_default());
        let page = client.get(&path).await;
        all.extend(page["data"].as_array().unwrap().iter().cloned());
        if page["has_more"] == false {
            return all;
        }
    }
}

/// Judges a server at rest. If anything is wrong, panics with all errors.
pub(super) async fn judge(client: &Client, facts: &[Fact], endpoints: &[String]) -> Report {
    let books = Books::read(facts);
    let events = listed_events(client, GENERATIONS[0].1).await;
    let mut wrong = of_acknowledged(&books, &events);
    wrong.extend(of_arrivals(&books));
    let (mut deliveries, mut given_up) = (0, 0);
    for ((name, base), endpoint) in GENERATIONS.iter().zip(endpoints) {
        let (listed, failed) = (listed_events(client, base).await, failed(client, base, endpoint).await);
        let pending = in_state(client, base, endpoint, "pending").await;
        wrong.extend(pending.iter().map(|id| format!("{id} is still on its way to {name}")));
        deliveries += listed.len();
        given_up += failed.len();
        let lost = listed.iter().filter(|(id, _)| !failed.contains(*id) && !books.has_arrived(name, id));
        wrong.extend(lost.map(|(id, event)| format!("{event:?} {id} did not reach {name}")));
        let came = books.arrived.keys().filter(|(endpoint, id)| endpoint == name && !listed.contains_key(id));
        wrong.extend(came.map(|(_, id)| format!("{id} reached {name} but did not happen")));
    }
    let count = wrong.len();
    assert!(wrong.is_empty(), "{count} things are wrong:\n{}", wrong[..count.min(40)].join("\n"));
    Report { books, events, deliveries, failed: given_up }
}

/// Every event that a client knows of happened once. No other change was made, because each change was repeated until
/// it was answered.
fn of_acknowledged(books: &Books, events: &BTreeMap<String, (String, String)>) -> Vec<String> {
    let mut happened: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (event, subject) in events.values() {
        *happened.entry((event, subject)).or_default() += 1;
    }
    let mut wrong = Vec::new();
    for (event, subject, _) in &books.acknowledged {
        let times = happened.get(&(event, subject)).copied().unwrap_or(0);
        if times != 1 {
            wrong.push(format!("{event} of {subject} was acknowledged but happened {times} times"));
        }
    }
    let known: BTreeSet<(&str, &str)> =
        books.acknowledged.iter().map(|(event, subject, _)| (&**event, &**subject)).collect();
    let made = happened
        .keys()
        .filter(|(event, subject)| event.ends_with(".created") && !known.contains(&(*event, *subject)));
    wrong.extend(
        made.map(|(event, subject)| format!("{event} of {subject} happened but no client knows of it")),
    );
    wrong
}

/// Every signature is valid, and all attempts of a webhook have the same body.
fn of_arrivals(books: &Books) -> Vec<String> {
    let mut wrong = Vec::new();
    for ((endpoint, webhook), arrivals) in &books.arrived {
        if arrivals.iter().any(|arrival| !arrival.verified) {
            wrong.push(format!("{webhook} reached {endpoint} with an invalid signature"));
        }
        if arrivals.iter().any(|arrival| arrival.digest != arrivals[0].digest) {
            wrong.push(format!("{webhook} reached {endpoint} with different bodies"));
        }
    }
    wrong
}
