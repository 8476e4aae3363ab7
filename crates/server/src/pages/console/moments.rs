//! The moments of a history, as the pages of a customer and a loan show them.

use app::webhooks::history::{LastAnswer, Recorded, Sent, address};
use domain::id::PartnerId;
use domain::time::Timestamp;

use crate::pages::kit::badge::Badge;
use crate::pages::kit::shown::exact;
use crate::pages::texts::Texts;

/// A line of a history.
pub(super) struct HappenedRow {
    pub(super) what: String,
    pub(super) when: String,
    /// The page of it; empty if it has none.
    pub(super) href: String,
    /// The class of its dot: empty, or a tone.
    pub(super) tone: &'static str,
    /// The deliveries of an event.
    pub(super) sent: Vec<SentRow>,
}

/// The delivery of an event to an endpoint.
pub(in crate::pages) struct SentRow {
    pub(in crate::pages) address: String,
    pub(in crate::pages) badge: Badge,
    /// The number of attempts and the last answer.
    pub(in crate::pages) words: String,
}

impl HappenedRow {
    /// A line without deliveries.
    pub(super) fn of(at: Timestamp, (what, href, tone): (String, String, &'static str)) -> Self {
        Self { what, when: exact(at), href, tone, sent: Vec::new() }
    }

    /// The line of an event that was recorded for a partner.
    pub(super) fn recorded(event: &Recorded, partner: PartnerId, t: &'static Texts) -> Self {
        let what = (t.history.event)(event.kind.name(), &event.id.to_string());
        Self {
            sent: event.deliveries.iter().map(|sent| SentRow::of(sent, t)).collect(),
            ..Self::of(event.occurred_at, (what, format!("/console/partners/{partner}"), ""))
        }
    }
}

impl SentRow {
    pub(in crate::pages) fn of(sent: &Sent, t: &'static Texts) -> Self {
        let delivery = &sent.delivery;
        let answer = sent.last.as_ref().map_or_else(String::new, |last| answer(last, t));
        Self {
            address: address(&sent.url),
            badge: Badge::of_delivery(delivery.state, &t.badges),
            words: (t.history.attempts)(delivery.state.made(), &answer),
        }
    }
}

/// The last answer in words. An unknown word is shown as it is.
fn answer(last: &LastAnswer, t: &'static Texts) -> String {
    match (last.status, last.outcome.as_str()) {
        (Some(status), _) => (t.history.answered)(status),
        (None, "timeout") => t.history.timeout.to_owned(),
        (None, "unreachable") => t.history.unreachable.to_owned(),
        (None, "forbidden") => t.history.forbidden.to_owned(),
        (None, "own_shortage") => t.history.own_shortage.to_owned(),
        (None, "unreadable") => t.history.unreadable.to_owned(),
        (None, other) => other.to_owned(),
    }
}
