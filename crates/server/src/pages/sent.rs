//! The delivery of an event in a history.

use app::webhooks::history::{LastAnswer, Sent, address};

use super::attempts::{Outcome, host_of};
use super::kit::badge::Badge;
use super::texts::Texts;

/// The delivery of an event to an endpoint.
pub(in crate::pages) struct SentRow {
    pub(in crate::pages) address: String,
    pub(in crate::pages) badge: Badge,
    /// The number of attempts and the last answer.
    pub(in crate::pages) words: String,
}

impl SentRow {
    pub(in crate::pages) fn of(sent: &Sent, t: &'static Texts) -> Self {
        let (delivery, host) = (&sent.delivery, host_of(&sent.url));
        let answer = |last: &LastAnswer| {
            let LastAnswer { status, outcome, cause } = last;
            Outcome { status: *status, cause: *cause, word: outcome }.sentence(&host, t)
        };
        let answer = sent.last.as_ref().map_or_else(String::new, answer);
        Self {
            address: address(&sent.url),
            badge: Badge::of_delivery(delivery.state, &t.badges),
            words: (t.history.attempts)(delivery.state.made(), &answer),
        }
    }
}
