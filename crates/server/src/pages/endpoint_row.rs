//! A webhook endpoint in a list, with what waits for it.

use app::partners::{Count, EndpointHealth};
use domain::time::RealTime;

use crate::pages::kit::badge::Badge;
use crate::pages::kit::shown::{Moment, span};
use crate::pages::texts::Texts;

/// A webhook endpoint.
pub(in crate::pages) struct EndpointRow {
    pub(in crate::pages) address: String,
    pub(in crate::pages) badge: Badge,
    /// Empty if the last attempt succeeded.
    pub(in crate::pages) failing: String,
    pub(in crate::pages) waiting: String,
    pub(in crate::pages) oldest: Option<Moment>,
}

impl EndpointRow {
    pub(in crate::pages) fn of(endpoint: &EndpointHealth, now: RealTime, t: &Texts) -> Self {
        let failing = endpoint.failing_since.map(|since| (t.partner.fails_for)(&span(now.since(since), t)));
        Self {
            address: endpoint.address.clone(),
            badge: Badge::of_endpoint(endpoint.state, &t.badges),
            failing: failing.into_iter().collect(),
            waiting: waiting(endpoint.waiting, t),
            oldest: endpoint.oldest.map(|at| Moment::ago(at, now, t)),
        }
    }
}

/// The number of waiting deliveries, in words if it was not counted to its end.
pub(in crate::pages) fn waiting(count: Count, t: &Texts) -> String {
    match count {
        Count::Exactly(count) => count.to_string(),
        Count::AtLeast(count) => (t.partner.or_more)(count),
    }
}
