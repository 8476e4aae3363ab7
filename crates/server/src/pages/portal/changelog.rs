//! `/docs/changelog` with its Atom feed, and `/llms.txt`.

use std::sync::LazyLock;

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

use super::html::{anchor, escaped, put};
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
pub(super) async fn feed(reader: Reader) -> Response {
    let text = feed_of(CHANGELOG, reader.state.lender.links.base());
    ([(CONTENT_TYPE, "application/atom+xml; charset=utf-8"), (CACHE_CONTROL, "no-cache")], text)
        .into_response()
}

/// The feed of a changelog: an entry for each heading `## [VERSION] - YYYY-MM-DD`.
fn feed_of(changelog: &str, base: &str) -> String {
    let page = format!("{base}/docs/changelog");
    let mut entries = String::new();
    let mut newest = None;
    for part in changelog.split("\n## ").skip(1) {
        let (heading, text) = part.split_once('\n').unwrap_or((part, ""));
        let Some((version, date)) = heading.split_once(" - ") else { continue };
        let (version, moment) = (version.trim_matches(['[', ']']), format!("{}T00:00:00Z", date.trim()));
        let place = format!("{page}#{}", anchor(heading));
        put(
            &mut entries,
            &format!(
                "<entry><title>{}</title><id>{place}</id><link href=\"{place}\"/><updated>{moment}</updated>\
             <content type=\"text\">{}</content></entry>\n",
                escaped(version),
                escaped(text.trim())
            ),
        );
        newest.get_or_insert(moment);
    }
    // A feed needs a time. Before the first release it is that of the API's version.
    let updated = newest.unwrap_or_else(|| "2026-03-01T00:00:00Z".to_owned());
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n\
         <title>Dinie: changelog</title><id>{page}</id><link href=\"{page}\"/>\
         <link rel=\"self\" href=\"{page}.atom\"/><updated>{updated}</updated><author><name>Dinie</name></author>\n\
         {entries}</feed>\n"
    )
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
        let feed = feed_of(text, "https://example.com");
        assert_eq!(feed.matches("<entry>").count(), 2);
        assert!(
            feed.contains("<updated>2027-01-02T00:00:00Z</updated><author>") && feed.contains("b &lt; c")
        );
        assert!(feed.contains("<id>https://example.com/docs/changelog#020---2027-01-02</id>"));
    }
}
