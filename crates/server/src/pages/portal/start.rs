//! The start pages and the guides.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, LOCATION};
use axum::response::{IntoResponse as _, Response};

use super::guides::{Guide, guides};
use super::markdown::Heading;
use super::reader::{Around, Reader, Section, guide_groups};
use crate::pages::kit::frame::{Frame, remember_guide};
use crate::pages::texts::{Language, Texts};

/// The language with this name in the guides' addresses.
pub(super) fn language_of(tag: &str) -> Option<Language> {
    [Language::Portuguese, Language::English].into_iter().find(|language| language.texts().tag == tag)
}

#[derive(Template)]
#[template(path = "portal/home.html")]
struct Home {
    t: &'static Texts,
    frame: Frame,
    around: Around,
    is_sandbox: bool,
}

/// Shows what this server has for people.
pub(super) async fn home(reader: Reader) -> Response {
    let around = reader.around(Section::Other, Vec::new());
    let home = Home { t: reader.t(), frame: reader.frame, around, is_sandbox: reader.is_sandbox() };
    reader.show(StatusCode::OK, &home).await
}

#[derive(Template)]
#[template(path = "portal/start.html")]
struct Start {
    t: &'static Texts,
    frame: Frame,
    around: Around,
    guides: &'static [Guide],
    language: Language,
}

/// Leads to the start page in the reader's language.
pub(super) async fn choose(reader: Reader) -> Response {
    let place = format!("/docs/{}", reader.t().tag);
    (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, place.as_str()), (CACHE_CONTROL, "no-store")])
        .into_response()
}

/// Shows what to read first.
pub(super) async fn start(Path(tag): Path<String>, reader: Reader) -> Response {
    let Some(language) = language_of(&tag) else { return missing(&reader).await };
    let reader = reader.in_language(language);
    let mut around = reader.around(Section::Guides, guide_groups(language, ""));
    around.other = format!("/docs/{}", language.other().texts().tag);
    let start = Start { t: reader.t(), frame: reader.frame, around, guides: guides(language), language };
    let mut response = reader.show(StatusCode::OK, &start).await;
    remember_guide(language, &mut response);
    response
}

#[derive(Template)]
#[template(path = "portal/guide.html")]
struct GuidePage {
    t: &'static Texts,
    frame: Frame,
    around: Around,
    guide: &'static Guide,
    html: String,
    contents: &'static [Heading],
    previous: Option<&'static Guide>,
    next: Option<&'static Guide>,
    language: Language,
}

/// Shows a guide.
pub(super) async fn guide(Path((tag, name)): Path<(String, String)>, reader: Reader) -> Response {
    let Some(language) = language_of(&tag) else { return missing(&reader).await };
    let all = guides(language);
    let Some(place) = all.iter().position(|guide| guide.name == name) else { return missing(&reader).await };
    let (reader, guide) = (reader.in_language(language), &all[place]);
    let mut around = reader.around(Section::Guides, guide_groups(language, guide.name));
    around.other = guide.href(language.other());
    let page = GuidePage {
        t: reader.t(),
        frame: reader.frame,
        around,
        guide,
        html: reader.with_address(&guide.text.html),
        contents: &guide.text.contents,
        previous: place.checked_sub(1).and_then(|before| all.get(before)),
        next: all.get(place + 1),
        language,
    };
    let mut response = reader.show(StatusCode::OK, &page).await;
    remember_guide(language, &mut response);
    response
}

#[derive(Template)]
#[template(path = "portal/missing.html")]
struct Missing {
    t: &'static Texts,
    frame: Frame,
    around: Around,
}

/// The page for an address of the portal that has no page.
pub(super) async fn missing(reader: &Reader) -> Response {
    let around = reader.around(Section::Other, Vec::new());
    reader.show(StatusCode::NOT_FOUND, &Missing { t: reader.t(), frame: reader.frame, around }).await
}
