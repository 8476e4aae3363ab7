//! `/docs/search`: a page, and the list of its hits for the dialog of `/` and Ctrl+K.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use url::form_urlencoded;

use super::index::{Found, Kind};
use super::reader::{Around, Reader, Section, guide_groups};
use super::start::language_of;
use crate::pages::kit::frame::Frame;
use crate::pages::texts::Texts;

/// The part of the address with the text.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    /// The language of the page with the form: `pt-BR` or `en`. Without it, the reader's own.
    #[serde(default)]
    language: String,
}

/// The most letters of a text. More is cut off.
const LONGEST: usize = 128;

#[derive(Template)]
#[template(path = "portal/search.html")]
struct SearchPage<'a> {
    t: &'static Texts,
    frame: Frame,
    around: Around,
    text: &'a str,
    groups: Vec<Group<'a>>,
}

/// The hits alone, for the dialog.
#[derive(Template)]
#[template(path = "portal/hits.html")]
struct Hits<'a> {
    t: &'static Texts,
    text: &'a str,
    groups: Vec<Group<'a>>,
}

/// Hits of one kind.
struct Group<'a> {
    heading: &'static str,
    icon: &'static str,
    hits: Vec<Found<'a>>,
}

/// Shows the hits of a search.
pub(super) async fn show(Query(asked): Query<Asked>, reader: Reader) -> Response {
    let reader = match language_of(&asked.language) {
        Some(language) => reader.in_language(language),
        None => reader,
    };
    let (t, language) = (reader.t(), reader.language());
    let text: String = asked.q.trim().chars().take(LONGEST).collect();
    let found = reader.library.index(language, &reader.state).find(&text);
    let groups = groups(found, t);
    // The dialog's script needs no page around the hits.
    if reader.headers.contains_key("hx-request") {
        return reader.show(StatusCode::OK, &Hits { t, text: &text, groups }).await;
    }
    let mut around = reader.around(Section::Other, guide_groups(language, ""));
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", &text).finish();
    around.other = format!("/docs/search?{query}");
    reader.show(StatusCode::OK, &SearchPage { t, frame: reader.frame, around, text: &text, groups }).await
}

fn groups<'a>(found: Vec<Found<'a>>, t: &'static Texts) -> Vec<Group<'a>> {
    let p = &t.portal;
    let mut groups: Vec<Group<'a>> = Vec::new();
    for hit in found {
        let (heading, icon) = match hit.kind {
            Kind::Guide => (p.guides, "book-open-check"),
            Kind::Operation => (p.operations, "arrow-left-right"),
            Kind::Error => (p.errors, "circle-alert"),
            Kind::Event => (p.events, "webhook"),
        };
        match groups.iter_mut().find(|group| group.heading == heading) {
            Some(group) => group.hits.push(hit),
            None => groups.push(Group { heading, icon, hits: vec![hit] }),
        }
    }
    groups
}
