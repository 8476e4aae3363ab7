//! The partner's events as they come, each once.
//!
//! Transactions commit in another order than that of their events' moments, so each question goes back a while before
//! what has been seen, and what comes again is left out by its id.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::cli::partner::{ApiGeneration, Partner, Unexpected, moment};
use crate::config::Access;

/// How far a question goes back before what has settled.
const OVERLAP: Duration = Duration::from_secs(60);

/// How long the server lets a request run. What began before another moved the partner's clock ahead commits within it,
/// with the moment of its beginning.
const SETTLING: Duration = Duration::from_secs(30);

/// An event as a list tells it. What is not read is kept byte for byte.
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

/// Where the next question begins.
#[derive(Default)]
struct Window {
    /// The newest moment of an event, by when it was known.
    known: VecDeque<(Instant, Timestamp)>,
    /// What has been seen since then.
    seen: HashMap<String, Timestamp>,
}

impl Window {
    /// From which moment on to ask; from the beginning before anything has been seen.
    fn since(&self) -> Option<Timestamp> {
        self.known.front().map(|(_, newest)| newest.minus(OVERLAP))
    }

    fn note(&mut self, at: Instant, news: &[Told]) -> anyhow::Result<()> {
        for event in news {
            let moment = event.moment()?;
            self.seen.insert(event.id.clone(), moment);
            if self.known.back().is_none_or(|(_, newest)| moment > *newest) {
                self.known.push_back((at, moment));
            }
        }
        while self.known.get(1).is_some_and(|(since, _)| at.duration_since(*since) >= SETTLING) {
            self.known.pop_front();
        }
        if let Some(since) = self.since() {
            // The list's moments are whole seconds.
            let since = Timestamp::from_seconds(since.seconds());
            self.seen.retain(|_, moment| *moment >= since);
        }
        Ok(())
    }
}

/// The events of a partner from now on.
pub(super) struct Feed {
    access: Access,
    generation: ApiGeneration,
    partner: Partner,
    window: Window,
}

impl Feed {
    /// Signs in; what has happened before is not told.
    pub(super) async fn begin(access: Access, generation: ApiGeneration) -> anyhow::Result<Self> {
        let partner = sign_in(&access, generation).await?;
        let mut feed = Self { access, generation, partner, window: Window::default() };
        let newest = feed.page("limit=1").await?;
        feed.window.note(Instant::now(), &newest.data)?;
        if !newest.data.is_empty() {
            feed.news().await.map(drop)?;
        }
        Ok(feed)
    }

    /// What every path of the API begins with.
    pub(super) fn base(&self) -> String {
        base(&self.access, self.generation)
    }

    /// What has happened since the last question, in order. A question that failed is asked again from where it began.
    pub(super) async fn news(&mut self) -> anyhow::Result<Vec<Told>> {
        let since = |since| format!("&since={}", self.generation.moment(since));
        let since = self.window.since().map_or_else(String::new, since);
        let query = format!("order=asc&limit=100{since}");
        let mut news = Vec::new();
        let mut after = String::new();
        loop {
            let page = self.page(&format!("{query}{after}")).await?;
            after = page.data.last().map_or_else(String::new, |last| format!("&starting_after={}", last.id));
            news.extend(page.data.into_iter().filter(|event| !self.window.seen.contains_key(&event.id)));
            if !page.has_more || after.is_empty() {
                self.window.note(Instant::now(), &news)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn told(id: &str, second: i64) -> Told {
        let text = format!(r#"{{"id": "{id}", "type": "loan.active", "timestamp": {second}, "data": {{}}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_clock_that_leaps_leaves_time_for_what_began_before() {
        let (mut window, begin) = (Window::default(), Instant::now());
        let at = |seconds| begin + Duration::from_secs(seconds);
        assert_eq!(window.since(), None);
        window.note(at(0), &[told("a", 1_000)]).unwrap();
        assert_eq!(window.since(), Some(Timestamp::from_seconds(940)));
        // A month passes at once; a request of before it may still commit.
        window.note(at(1), &[told("b", 1_000_000)]).unwrap();
        window.note(at(30), &[]).unwrap();
        assert_eq!(window.since(), Some(Timestamp::from_seconds(940)));
        assert!(window.seen.contains_key("a"));
        window.note(at(31), &[]).unwrap();
        assert_eq!(window.since(), Some(Timestamp::from_seconds(999_940)));
        assert!(!window.seen.contains_key("a") && window.seen.contains_key("b"));
    }
}
