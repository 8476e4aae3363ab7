//! The partner's new events, each once. The server lists them in the order of their commits, so each request
//! continues after the last event that was read.

use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::access::Access;
use crate::failure::answered;
use crate::partner::{ApiGeneration, Partner, moment};

/// An event of the list. Fields that are not needed here are kept byte for byte.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ListedEvent {
    /// The event's id.
    pub(super) id: String,
    /// The event's name.
    pub(super) r#type: String,
    /// Only the client libraries' generation has this field and the next one.
    pub(super) api_version: Option<String>,
    pub(super) created_at: Option<Box<RawValue>>,
    timestamp: Box<RawValue>,
    pub(super) data: Box<RawValue>,
}

impl ListedEvent {
    /// Time of the event.
    pub(super) fn moment(&self) -> anyhow::Result<Timestamp> {
        moment(&serde_json::from_str(self.timestamp.get())?)
    }

    /// The resource of the event. Its events keep their order.
    pub(super) fn resource(&self) -> String {
        #[derive(Deserialize)]
        struct Subject {
            id: Option<String>,
        }
        let subject: Result<Subject, _> = serde_json::from_str(self.data.get());
        // Without an id the event is its own subject.
        subject.ok().and_then(|subject| subject.id).unwrap_or_else(|| self.id.clone())
    }

    /// Time of the event, as the API writes it.
    pub(super) fn timestamp(&self) -> &RawValue {
        &self.timestamp
    }
}

#[derive(Deserialize)]
struct Page {
    data: Vec<ListedEvent>,
    has_more: bool,
}

/// The events of a partner from now on.
pub(super) struct Feed {
    access: Access,
    generation: ApiGeneration,
    partner: Partner,
    /// The last event that was read; `None` if there was none.
    last: Option<String>,
}

impl Feed {
    /// Signs in. Events before `since` are skipped; without it, all events until now.
    pub(super) async fn begin(
        access: Access, generation: ApiGeneration, since: Option<Timestamp>,
    ) -> anyhow::Result<Self> {
        let partner = sign_in(&access, generation).await?;
        let mut feed = Self { access, generation, partner, last: None };
        let before = since.map_or_else(String::new, |since| format!("&until={}", generation.moment(since)));
        feed.last = feed.page(&format!("limit=1{before}")).await?.data.pop().map(|newest| newest.id);
        Ok(feed)
    }

    /// The start of every path of the API.
    pub(super) fn base(&self) -> String {
        base(&self.access, self.generation)
    }

    /// The events since the last request, in order. After a failure the next request begins at the same event.
    pub(super) async fn new_events(&mut self) -> anyhow::Result<Vec<ListedEvent>> {
        let mut last = self.last.clone();
        let mut events = Vec::new();
        loop {
            let after = last.as_ref().map_or_else(String::new, |last| format!("&starting_after={last}"));
            let page = self.page(&format!("order=asc&limit=100{after}")).await?;
            last = page.data.last().map(|event| event.id.clone()).or(last);
            let is_over = !page.has_more || page.data.is_empty();
            events.extend(page.data);
            if is_over {
                self.last = last;
                return Ok(events);
            }
        }
    }

    /// A page of events. After a 401 it signs in again and repeats the request.
    async fn page(&mut self, query: &str) -> anyhow::Result<Page> {
        let path = format!("/events?{query}");
        let text = match self.partner.get_text(&path).await {
            Err(error) if answered(&error) == Some(401) => {
                self.partner = sign_in(&self.access, self.generation).await?;
                self.partner.get_text(&path).await?
            }
            answered => answered?,
        };
        Ok(serde_json::from_str(&text)?)
    }
}

fn base(access: &Access, generation: ApiGeneration) -> String {
    format!("{}{}", access.url, generation.base())
}

async fn sign_in(access: &Access, generation: ApiGeneration) -> anyhow::Result<Partner> {
    Partner::sign_in(&base(access, generation), &access.client_id, &access.client_secret).await
}
