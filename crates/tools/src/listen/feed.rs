//! The partner's events as they come, each once: the server lists them in the order of their commits, so each question
//! goes on after the last event that was seen.

use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::access::Access;
use crate::partner::{ApiGeneration, Partner, Unexpected, moment};

/// An event as the list shows it. Parts that are not read are kept byte for byte.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Told {
    /// Its id.
    pub(super) id: String,
    /// Its name.
    pub(super) r#type: String,
    /// The client libraries' generation alone has these two.
    pub(super) api_version: Option<String>,
    pub(super) created_at: Option<Box<RawValue>>,
    timestamp: Box<RawValue>,
    pub(super) data: Box<RawValue>,
}

impl Told {
    /// When it happened.
    pub(super) fn moment(&self) -> anyhow::Result<Timestamp> {
        moment(&serde_json::from_str(self.timestamp.get())?)
    }

    /// The same as the API writes it.
    pub(super) fn timestamp(&self) -> &RawValue {
        &self.timestamp
    }
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Told>,
    has_more: bool,
}

/// The events of a partner from now on.
pub(super) struct Feed {
    access: Access,
    generation: ApiGeneration,
    partner: Partner,
    /// The last event that was seen; none where nothing had happened yet.
    last: Option<String>,
}

impl Feed {
    /// Signs in. Earlier events are left out.
    pub(super) async fn begin(access: Access, generation: ApiGeneration) -> anyhow::Result<Self> {
        let partner = sign_in(&access, generation).await?;
        let mut feed = Self { access, generation, partner, last: None };
        feed.last = feed.page("limit=1").await?.data.pop().map(|newest| newest.id);
        Ok(feed)
    }

    /// The beginning of every path of the API.
    pub(super) fn base(&self) -> String {
        base(&self.access, self.generation)
    }

    /// Reads the events since the last call, in order. A call that failed begins again at the same place.
    pub(super) async fn news(&mut self) -> anyhow::Result<Vec<Told>> {
        let mut last = self.last.clone();
        let mut news = Vec::new();
        loop {
            let after = last.as_ref().map_or_else(String::new, |last| format!("&starting_after={last}"));
            let page = self.page(&format!("order=asc&limit=100{after}")).await?;
            last = page.data.last().map(|event| event.id.clone()).or(last);
            let is_over = !page.has_more || page.data.is_empty();
            news.extend(page.data);
            if is_over {
                self.last = last;
                return Ok(news);
            }
        }
    }

    /// A page of events, with a new token where the old one has ended.
    async fn page(&mut self, query: &str) -> anyhow::Result<Page> {
        let path = format!("/events?{query}");
        let text = match self.partner.get_text(&path).await {
            Err(error) if error.downcast_ref::<Unexpected>().is_some_and(|answer| answer.given == 401) => {
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
