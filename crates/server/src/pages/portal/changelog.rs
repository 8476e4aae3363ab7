//! `/docs/changelog` with its feeds, and `/llms.txt`.

use std::sync::LazyLock;

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

use super::feed::{Feed, Form, Item};
use super::html::anchor;
use super::markdown::{Heading, Rendered, render};
use super::reader::{Around, Reader, Section};
use crate::pages::kit::frame::Frame;
use crate::pages::texts::{Language, Texts};

const CHANGELOG: &str = include_str!("../../../../../CHANGELOG.md");
const OVERVIEW: &str = include_str!("llms.txt");

static PORTUGUESE: LazyLock<Rendered> = LazyLock::new(|| rendered(Language::Portuguese));
static ENGLISH: LazyLock<Rendered> = LazyLock::new(|| rendered(Language::English));

/// The changelog without its own title. Links to files of the source become plain words.
fn rendered(language: Language) -> Rendered {
    let text = CHANGELOG.split_once('\n').map_or(CHANGELOG, |(_title, rest)| rest);
    render(text, language.texts(), |to| to.starts_with("https://").then(|| to.to_owned()))
}

#[derive(Template)]
#[template(path = "portal/changelog.html")]
struct Changelog {
    t: &'static Texts,
    frame: Frame,
    around: Around,
    html: &'static str,
    contents: Vec<&'static Heading>,
    version: &'static str,
}

/// Shows what changed in each version.
pub(super) async fn show(reader: Reader) -> Response {
    let text: &Rendered = match reader.language() {
        Language::Portuguese => &PORTUGUESE,
        Language::English => &ENGLISH,
    };
    let page = Changelog {
        t: reader.t(),
        frame: reader.frame,
        around: reader.around(Section::Changelog, Vec::new()),
        html: &text.html,
        contents: text.sections.iter().map(|section| &section.heading).skip(1).collect(),
        version: env!("CARGO_PKG_VERSION"),
    };
    reader.show(StatusCode::OK, &page).await
}

/// Sends the feed of the released versions.
pub(super) async fn atom(reader: Reader) -> Response {
    feed_of(CHANGELOG, reader.base()).answer(Form::Atom)
}

/// Sends the feed as JSON.
pub(super) async fn json(reader: Reader) -> Response {
    feed_of(CHANGELOG, reader.base()).answer(Form::Json)
}

/// The feed of a changelog: an item for each heading `## [VERSION] - YYYY-MM-DD`.
fn feed_of(changelog: &str, base: &str) -> Feed {
    let page = format!("{base}/docs/changelog");
    let item = |part: &str| {
        let (heading, text) = part.split_once('\n').unwrap_or((part, ""));
        let (version, date) = heading.split_once(" - ")?;
        Some(Item {
            place: format!("{page}#{}", anchor(heading)),
            title: version.trim_matches(['[', ']']).to_owned(),
            updated: format!("{}T00:00:00Z", date.trim()),
            text: text.trim().to_owned(),
        })
    };
    let items = changelog.split("\n## ").skip(1).filter_map(item).collect();
    Feed { title: "Dinie: changelog".to_owned(), own: page.clone(), page, items }
}

/// Sends the overview for language models.
pub(super) async fn overview(reader: Reader) -> Response {
    let text = reader.with_address(OVERVIEW);
    ([(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "no-cache")], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::feed_of;

    #[test]
    fn the_feed_has_an_entry_for_each_released_version() {
        let text = "# Changelog\n\n## [Unreleased]\n\n- a\n\n## [0.2.0] - 2027-01-02\n\n- b < c\n\n## [0.1.0] - 2026-12-01\n";
        let feed = feed_of(text, "https://example.com").atom();
        assert_eq!(feed.matches("<entry>").count(), 2);
        assert!(
            feed.contains("<updated>2027-01-02T00:00:00Z</updated><author>") && feed.contains("b &lt; c")
        );
        assert!(feed.contains("<id>https://example.com/docs/changelog#020---2027-01-02</id>"));
    }
}
