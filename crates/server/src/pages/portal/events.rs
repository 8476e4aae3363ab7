//! `/docs/events`: when each event is sent, in which order, and with which body.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

use super::catalogue;
use super::code::{Block, boxes};
use super::document::Generation;
use super::feed::{FIRST, Feed, Form, Item};
use super::html::sentence;
use super::reader::{Around, NavGroup, NavLink, Reader, Section};
use crate::pages::kit::frame::Frame;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "portal/events.html")]
struct Page {
    t: &'static Texts,
    frame: Frame,
    around: Around,
    events: Vec<Shown>,
}

/// An event. The texts are HTML.
struct Shown {
    name: &'static str,
    when: String,
    order: String,
    action: String,
    sdk: Option<String>,
    payload: String,
    trigger: String,
}

/// Shows every event.
pub(super) async fn show(reader: Reader) -> Response {
    let t = reader.t();
    let entries = catalogue::events(reader.language());
    let apis = [Generation::Reference, Generation::Sdk].map(|one| reader.library.api(one, &reader.state));
    let events = entries.iter().map(|entry| {
        let samples = apis.iter().filter_map(|api| {
            let sample = api.event_sample(&entry.name)?;
            Some(Block::of_panel(api.generation.prefix(), "json", pretty(sample)))
        });
        let samples: Vec<Block> = samples.collect();
        Shown {
            name: &entry.name,
            when: sentence(&entry.when),
            order: sentence(&entry.order),
            action: sentence(&entry.action),
            sdk: entry.sdk.as_deref().map(sentence),
            payload: boxes(&samples, t),
            trigger: boxes(&[Block::alone("text", entry.trigger.clone())], t),
        }
    });
    let around = reader.around(Section::Events, groups(entries, t));
    let page = Page { t, frame: reader.frame, around, events: events.collect() };
    reader.show(StatusCode::OK, &page).await
}

/// Sends the feed of all events. A new event is a new item.
pub(super) async fn atom(reader: Reader) -> Response {
    feed(&reader).answer(Form::Atom)
}

/// Sends the feed as JSON.
pub(super) async fn json(reader: Reader) -> Response {
    feed(&reader).answer(Form::Json)
}

fn feed(reader: &Reader) -> Feed {
    let page = format!("{}/docs/events", reader.base());
    let item = |entry: &catalogue::EventEntry| Item {
        place: format!("{page}#{}", entry.name),
        title: entry.name.clone(),
        updated: FIRST.to_owned(),
        text: format!("{} {}", entry.when, entry.action),
    };
    Feed {
        title: format!("Dinie: {}", reader.t().portal.events),
        own: page.clone(),
        items: catalogue::events(reader.language()).iter().map(item).collect(),
        page,
    }
}

fn pretty(sample: &Value) -> String {
    serde_json::to_string_pretty(sample).expect("a JSON value is JSON")
}

/// The events by the resource that they are about.
fn groups(entries: &[catalogue::EventEntry], t: &'static Texts) -> Vec<NavGroup> {
    let group = |heading: &str, resource: &str| {
        let of_resource = entries.iter().filter(|entry| entry.name.split('.').next() == Some(resource));
        let link = |entry: &catalogue::EventEntry| NavLink {
            href: format!("#{}", entry.name),
            label: entry.name.clone(),
            verb: "",
            current: false,
        };
        NavGroup { heading: heading.to_owned(), links: of_resource.map(link).collect() }
    };
    let p = &t.portal;
    vec![group(p.customer, "customer"), group(p.offer, "credit_offer"), group(p.loan, "loan")]
}
