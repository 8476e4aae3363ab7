//! The hits of a search over everything, on a page and in the dialog of `/` and Ctrl+K.

use std::collections::HashMap;

use app::search::Hit;
use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::customer::CustomerState;
use domain::search::Kind;
use domain::search::words::words;

use super::kit::badge::Badge;
use super::kit::frame::Frame;
use super::kit::framed;
use super::people::frame::Around;
use super::people::visit::Visit;
use super::texts::Texts;

#[derive(Template)]
#[template(path = "console/search.html")]
struct SearchPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    found: Found,
    action: &'static str,
    about: &'static str,
}

/// The hits alone, for the dialog.
#[derive(Template)]
#[template(path = "console/hits.html")]
struct Hits {
    t: &'static Texts,
    found: Found,
}

/// The hits of a search.
pub(in crate::pages) struct Found {
    /// The text of the search; empty without one.
    pub(in crate::pages) text: String,
    pub(in crate::pages) groups: Vec<Group>,
    pub(in crate::pages) has_more: bool,
}

impl Found {
    /// No search yet.
    pub(in crate::pages) fn nothing() -> Self {
        Self { text: String::new(), groups: Vec::new(), has_more: false }
    }
}

/// The pages of hits, and the words around them.
pub(in crate::pages) struct Shown<'a> {
    /// The page of a hit.
    pub(in crate::pages) href: fn(&Hit) -> String,
    /// The names of partners, by their ids.
    pub(in crate::pages) partners: &'a HashMap<String, String>,
    /// The words of the search.
    pub(in crate::pages) sought: &'a [String],
}

/// Hits of one kind.
pub(in crate::pages) struct Group {
    pub(in crate::pages) heading: &'static str,
    pub(in crate::pages) hits: Vec<Row>,
}

pub(in crate::pages) struct Row {
    /// The page of the resource; empty if it has none.
    pub(in crate::pages) href: String,
    pub(in crate::pages) icon: &'static str,
    pub(in crate::pages) title: Vec<Part>,
    pub(in crate::pages) about: String,
    pub(in crate::pages) badge: Option<Badge>,
}

/// A part of a title.
pub(in crate::pages) struct Part {
    pub(in crate::pages) text: String,
    /// Whether it is what was searched for.
    pub(in crate::pages) found: bool,
}

impl Part {
    pub(in crate::pages) fn plain(text: String) -> Self {
        Self { text, found: false }
    }
}

/// Answers with the hits: alone for the dialog, which asks by htmx, and otherwise on the page of the search. `action`
/// is the address of the search, and `about` says what it finds.
pub(in crate::pages) fn answer(
    visit: Visit, headers: &HeaderMap, found: Found, (action, about): (&'static str, &'static str),
) -> Response {
    let t = visit.texts();
    if headers.contains_key("hx-request") {
        return framed(StatusCode::OK, &Hits { t, found });
    }
    let around = visit.around();
    framed(
        StatusCode::OK,
        &SearchPage { t, frame: visit.frame, path: visit.path, around, found, action, about },
    )
}

/// The hits by kind, in the order of the best hit of each kind.
pub(in crate::pages) fn groups(hits: &[Hit], shown: &Shown<'_>, t: &'static Texts) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for hit in hits {
        let heading = (t.search.kind)(hit.kind);
        let row = row(hit, shown, t);
        match groups.iter_mut().find(|group| group.heading == heading) {
            Some(group) => group.hits.push(row),
            None => groups.push(Group { heading, hits: vec![row] }),
        }
    }
    groups
}

fn row(hit: &Hit, shown: &Shown<'_>, t: &'static Texts) -> Row {
    let partner = hit.partner.as_ref().and_then(|id| shown.partners.get(id));
    let (title, more) = match (&hit.label, &hit.title) {
        (Some(label), title) => (label, title.as_ref()),
        (None, Some(title)) => (title, None),
        (None, None) => (&hit.id, None),
    };
    let about = [more, hit.tax_id.as_ref(), partner].into_iter().flatten().map(String::as_str);
    let badge = match hit.kind {
        Kind::Customer => hit.state.as_ref().and_then(|state| state.parse().ok()),
        _other => None,
    };
    Row {
        href: (shown.href)(hit),
        icon: icon(hit.kind),
        title: marked(title, shown.sought),
        about: about.collect::<Vec<_>>().join(" · "),
        badge: badge.map(|state: CustomerState| Badge::of_customer(state, &t.badges)),
    }
}

fn icon(kind: Kind) -> &'static str {
    match kind {
        Kind::Customer => "users",
        Kind::Document | Kind::KycSession => "shield-check",
        Kind::CreditDecision | Kind::CreditOffer | Kind::Simulation => "scale",
        Kind::Loan | Kind::Installment => "hand-coins",
        Kind::Payment => "banknote",
        Kind::Mail => "mail",
        Kind::BankAccount | Kind::Partner | Kind::Credential => "landmark",
        Kind::WebhookEndpoint | Kind::Event | Kind::WebhookDelivery => "webhook",
        Kind::Operator => "user-cog",
        Kind::Proposal => "check-check",
        Kind::AuditEntry => "scroll-text",
    }
}

/// A title with the beginnings of its words that were searched for.
fn marked(title: &str, sought: &[String]) -> Vec<Part> {
    let mut parts = Vec::new();
    for (at, word) in title.split(' ').enumerate() {
        let space = if at == 0 { "" } else { " " };
        let folded = words(word).pop();
        let letters = folded.map_or(0, |folded| {
            let begins = |text: &&String| folded.starts_with(text.as_str());
            sought.iter().filter(begins).map(|text| text.chars().count()).fold(0, usize::max)
        });
        let found: String = word.chars().take(letters).collect();
        let rest = word[found.len()..].to_owned();
        parts.push(Part { text: space.to_owned(), found: false });
        parts.push(Part { text: found, found: true });
        parts.push(Part { text: rest, found: false });
    }
    parts.retain(|part| !part.text.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginnings_that_were_searched_for_are_marked() {
        let shown = |title: &str, text: &str| -> String {
            let part = |part: &Part| if part.found { format!("[{}]", part.text) } else { part.text.clone() };
            marked(title, &words(text)).iter().map(part).collect::<Vec<_>>().concat()
        };
        assert_eq!(shown("Padaria Pão da Serra", "ser pao"), "Padaria [Pão] da [Ser]ra");
        assert_eq!(shown("Padaria Pão da Serra", "x"), "Padaria Pão da Serra");
    }
}
