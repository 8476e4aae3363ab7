//! Resources of a filled database, spread over all of its customers, for the requests of benches.

use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::Full;
use hyper::Method;
use hyper::client::conn::http1::SendRequest;
use serde_json::Value;

use super::load::{connect, exchange};
use crate::clock::real_now;
use crate::partner::iso;

/// Customers that the queries use.
const SAMPLES: u32 = 48;

/// The caller whose token a query needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asker {
    Partner,
    Operator,
}

/// Resources of the first partner, spread over all of its customers.
#[derive(Debug, Default)]
pub(super) struct Samples {
    pub(super) partner: String,
    pub(super) endpoint: String,
    pub(super) customers: Vec<Value>,
    pub(super) loans: Vec<String>,
    pub(super) offers: Vec<String>,
    pub(super) events: Vec<String>,
    pub(super) deliveries: Vec<String>,
    pub(super) mails: Vec<String>,
    pub(super) documents: Vec<String>,
    pub(super) moments: Vec<String>,
}

/// Finds samples by calls to a server.
pub(super) struct Finder<'a> {
    connection: SendRequest<Full<Bytes>>,
    token: &'a str,
    operator: &'a str,
}

impl<'a> Finder<'a> {
    pub(super) async fn new(
        address: std::net::SocketAddr, token: &'a str, operator: &'a str,
    ) -> anyhow::Result<Self> {
        Ok(Self { connection: connect(address).await?, token, operator })
    }

    async fn get(&mut self, asker: Asker, path: &str) -> anyhow::Result<Value> {
        let token = match asker {
            Asker::Partner => self.token,
            Asker::Operator => self.operator,
        };
        let answer = exchange(&mut self.connection, token, Method::GET, path, None, 200).await?;
        Ok(serde_json::from_slice(&answer)?)
    }

    /// The ids of a list.
    async fn ids(&mut self, asker: Asker, path: &str) -> anyhow::Result<Vec<String>> {
        let list = self.get(asker, path).await?;
        let data = list["data"].as_array().with_context(|| format!("{path} is not a list"))?;
        let id = |item: &Value| item["id"].as_str().map(str::to_owned);
        data.iter().map(|item| id(item).with_context(|| format!("an item of {path} has no id"))).collect()
    }

    /// A field of each item of an operators' list.
    pub(super) async fn operators(&mut self, path: &str, field: &str) -> anyhow::Result<Vec<String>> {
        let list = self.get(Asker::Operator, path).await?;
        let data = list["data"].as_array().with_context(|| format!("{path} is not a list"))?;
        Ok(data.iter().filter_map(|item| item[field].as_str()).map(str::to_owned).collect())
    }

    /// Samples of a database with `customers` filled customers. Every second one belongs to the first partner.
    pub(super) async fn samples(
        &mut self, partner: String, endpoint: String, customers: u32,
    ) -> anyhow::Result<Samples> {
        let mut found = Samples { partner, endpoint, ..Samples::default() };
        for sample in 0..SAMPLES.min(customers / 2) {
            let number = u64::from(sample) * u64::from(customers / 2) / u64::from(SAMPLES.min(customers / 2));
            let list =
                self.get(Asker::Partner, &format!("/v3/customers?external_id=loja-{}", number * 2)).await?;
            let customer = list["data"][0].clone();
            let id = customer["id"].as_str().with_context(|| format!("customer {number} is not found"))?;
            found
                .loans
                .extend(self.ids(Asker::Operator, &format!("/operator/v1/loans?customer_id={id}")).await?);
            let offers = format!("/v3/customers/{id}/credit-offers");
            found.offers.extend(self.ids(Asker::Partner, &offers).await?);
            let file = self.get(Asker::Operator, &format!("/operator/v1/customers/{id}")).await?;
            found.documents.extend(document_of(&file));
            found.customers.push(customer);
        }
        self.events_and_mails(&mut found).await?;
        Ok(found)
    }

    /// Waits until the worker has filled the index of searches.
    pub(super) async fn wait_for_search(&mut self, samples: &Samples) -> anyhow::Result<()> {
        let path = samples.last_search().context("a customer has an e-mail address")?;
        while !has_rows(&exchange(&mut self.connection, self.operator, Method::GET, &path, None, 200).await?)
        {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Ok(())
    }

    /// Events, deliveries and e-mails, spread over the time for which they are kept.
    async fn events_and_mails(&mut self, found: &mut Samples) -> anyhow::Result<()> {
        let (now, endpoint) = (real_now(), found.endpoint.clone());
        for sample in 0..SAMPLES {
            let hours = u64::from(88 * 24 - sample * 43);
            let moment = iso((now.minus(Duration::from_secs(hours * 3_600))).unmoved());
            let page = format!("since={moment}&order=asc&limit=2");
            // Both generations have an event of a registration.
            let events = format!("/v3/events?type=customer.created&{page}");
            found.events.extend(self.ids(Asker::Partner, &events).await?);
            let deliveries = format!("/v3/webhooks/endpoints/{endpoint}/deliveries?{page}");
            found.deliveries.extend(self.ids(Asker::Partner, &deliveries).await?);
            found.moments.push(moment);
        }
        found.mails = self.ids(Asker::Operator, "/operator/v1/mails?limit=100").await?;
        Ok(())
    }
}

/// The first document of a customer's file.
fn document_of(file: &Value) -> Option<String> {
    let requirements = file["requirements"].as_array()?;
    let attachments = requirements.iter().filter_map(|requirement| requirement["attachments"].as_array());
    attachments.flatten().find_map(|attachment| attachment["document_id"].as_str()).map(str::to_owned)
}

impl Samples {
    /// The ids of the customers.
    pub(super) fn customer_ids(&self) -> impl Iterator<Item = &str> {
        self.customers.iter().filter_map(|customer| customer["id"].as_str())
    }

    /// A field of each customer: digits only, except of `external_id`.
    pub(super) fn text_of<'s>(&'s self, field: &'s str) -> impl Iterator<Item = String> + 's {
        self.customers.iter().filter_map(move |customer| {
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
            let text = customer[field].as_str()?;
            Some(if field == "external_id" { text.to_owned() } else { digits(text) })
        })
    }

    /// Searches for the first words of the customers' names, each with at most some letters. `place` is
    /// the path of the search.
    pub(super) fn searches(&self, place: &str, words: usize, letters: usize) -> Vec<String> {
        let names = self.customers.iter().flat_map(|customer| [&customer["name"], &customer["trading_name"]]);
        let beginning = |word: &str| word.chars().take(letters).collect::<String>();
        let text = |name: &str| name.split(' ').take(words).map(beginning).collect::<Vec<_>>().join(" ");
        let encoded = |text: String| -> String {
            text.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat()
        };
        let texts = names.filter_map(Value::as_str).map(text).filter(|text| text.chars().count() >= 3);
        texts.map(|text| format!("{place}?q={}", encoded(text))).collect()
    }

    /// The search that finds the newest sample once the index is filled.
    pub(super) fn last_search(&self) -> Option<String> {
        let last = self.customers.last()?["email"].as_str()?;
        Some(format!("/operator/v1/search?q={}", last.replace('+', "%2b")))
    }
}

/// Whether an answer is a resource, a list with an item, or a file.
pub(super) fn has_rows(answer: &[u8]) -> bool {
    match serde_json::from_slice::<Value>(answer) {
        Ok(json) => json["data"].as_array().is_none_or(|data| !data.is_empty()),
        Err(_a_file) => !answer.is_empty(),
    }
}
