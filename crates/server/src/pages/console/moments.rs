//! The moments of a history, as the pages of a customer and a loan show them.

use app::webhooks::history::Recorded;
use domain::id::PartnerId;
use domain::time::Timestamp;

use crate::pages::kit::shown::exact;
use crate::pages::sent::SentRow;
use crate::pages::texts::Texts;

/// A line of a history.
pub(super) struct HappenedRow {
    pub(super) what: String,
    pub(super) when: String,
    /// The page of it; empty if it has none.
    pub(super) href: String,
    /// The class of its dot: empty, or a tone.
    pub(super) tone: &'static str,
    /// The id of the request that caused it; empty if it is not known.
    pub(super) request: String,
    /// The deliveries of an event.
    pub(super) sent: Vec<SentRow>,
}

impl HappenedRow {
    /// A line without deliveries.
    pub(super) fn of(at: Timestamp, (what, href, tone): (String, String, &'static str)) -> Self {
        Self { what, when: exact(at), href, tone, request: String::new(), sent: Vec::new() }
    }

    /// The line of an event that was recorded for a partner.
    pub(super) fn recorded(event: &Recorded, partner: PartnerId, t: &'static Texts) -> Self {
        let what = (t.history.event)(event.kind.name(), &event.id.to_string());
        Self {
            request: event.request.iter().cloned().collect(),
            sent: event.deliveries.iter().map(|sent| SentRow::of(sent, t)).collect(),
            ..Self::of(event.occurred_at, (what, format!("/console/partners/{partner}"), ""))
        }
    }
}
