//! Feeds of the portal's pages, as Atom (RFC 4287) and as JSON Feed 1.1.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use domain::time::RealTime;
use serde_json::json;
use wire::text_scalar::Timestamp;

use super::html::escaped;

/// The moment of a feed's items that have none. It is that of the API's version.
pub(super) const FIRST: &str = "2026-03-01T00:00:00Z";

/// A moment by RFC 3339.
pub(super) fn moment(at: RealTime) -> String {
    let moment = json!(Timestamp::real(at));
    moment.as_str().expect("a timestamp is a text").to_owned()
}

/// A feed.
pub(super) struct Feed {
    pub(super) title: String,
    /// The address of its page.
    pub(super) page: String,
    /// The address of the feed, without its ending.
    pub(super) own: String,
    /// The items, newest first.
    pub(super) items: Vec<Item>,
}

/// An item of a feed.
pub(super) struct Item {
    /// Its address, which identifies it too.
    pub(super) place: String,
    pub(super) title: String,
    /// The moment of its last change, by RFC 3339.
    pub(super) updated: String,
    /// The text.
    pub(super) text: String,
}

/// The form of a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Atom,
    Json,
}

impl Feed {
    /// The answer with the feed.
    pub(super) fn answer(&self, form: Form) -> Response {
        let (kind, text) = match form {
            Form::Atom => ("application/atom+xml; charset=utf-8", self.atom()),
            Form::Json => ("application/feed+json; charset=utf-8", self.json()),
        };
        ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], text).into_response()
    }

    pub(super) fn atom(&self) -> String {
        let entry = |item: &Item| {
            let Item { place, title, updated, text } = item;
            let (place, title, text) = (escaped(place), escaped(title), escaped(text));
            format!(
                "<entry><title>{title}</title><id>{place}</id><link href=\"{place}\"/><updated>{updated}</updated>\
                 <content type=\"text\">{text}</content></entry>\n"
            )
        };
        let entries: String = self.items.iter().map(entry).collect();
        let updated = self.items.iter().map(|item| item.updated.as_str()).max().unwrap_or(FIRST);
        let Self { title, page, own, .. } = self;
        let (title, page, own) = (escaped(title), escaped(page), escaped(own));
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n\
             <title>{title}</title><id>{page}</id><link href=\"{page}\"/>\
             <link rel=\"self\" href=\"{own}.atom\"/><updated>{updated}</updated><author><name>Dinie</name></author>\n\
             {entries}</feed>\n"
        )
    }

    pub(super) fn json(&self) -> String {
        let item = |item: &Item| {
            json!({
                "id": item.place, "url": item.place, "title": item.title, "content_text": item.text,
                "date_modified": item.updated,
            })
        };
        let feed = json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.title,
            "home_page_url": self.page,
            "feed_url": format!("{}.json", self.own),
            "authors": [{"name": "Dinie"}],
            "items": self.items.iter().map(item).collect::<Vec<_>>(),
        });
        feed.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_have_every_item_and_the_newest_moment() {
        let item = |title: &str, updated: &str| Item {
            place: format!("https://example.com/a#{title}"),
            title: title.to_owned(),
            updated: updated.to_owned(),
            text: "b < c".to_owned(),
        };
        let mut feed = Feed {
            title: "A & B".to_owned(),
            page: "https://example.com/a".to_owned(),
            own: "https://example.com/a".to_owned(),
            items: vec![item("old", "2026-12-01T00:00:00Z"), item("new", "2027-01-02T00:00:00Z")],
        };
        let atom = feed.atom();
        assert!(atom.contains("<title>A &amp; B</title>") && atom.contains("b &lt; c"), "{atom}");
        assert!(atom.contains("<updated>2027-01-02T00:00:00Z</updated><author>"), "{atom}");
        let json: serde_json::Value = serde_json::from_str(&feed.json()).unwrap();
        assert_eq!(json["items"][1]["url"], "https://example.com/a#new");
        assert_eq!(json["feed_url"], "https://example.com/a.json");
        feed.items.clear();
        assert!(feed.atom().contains(FIRST));
    }
}
