//! The rows of partners, endpoints and credentials.

use std::collections::HashMap;

use app::partners::{Count, EndpointHealth, Listed};
use domain::id::PartnerId;
use domain::time::RealTime;

use crate::pages::kit::badge::Badge;
use crate::pages::kit::shown::{Moment, Money, span};
use crate::pages::texts::Texts;
use crate::volumes::Counted;

/// A partner in the list.
pub(super) struct PartnerRow {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) customers: i64,
    pub(super) loans: i64,
    pub(super) disbursed: Money,
    pub(super) deliveries: Badge,
    pub(super) made: Moment,
}

impl PartnerRow {
    /// A row; `None` if the partner's volumes were not counted.
    pub(super) fn of(
        listed: &Listed, volumes: &HashMap<PartnerId, Counted>, now: RealTime, t: &Texts,
    ) -> Option<Self> {
        let volumes = volumes.get(&listed.partner.id)?.volumes;
        let failing = listed
            .failing
            .map(|failing| (t.partner.endpoints_fail)(failing.endpoints, &span(now.since(failing.since), t)));
        Some(Self {
            href: format!("/console/partners/{}", listed.partner.id),
            name: listed.partner.name.clone(),
            customers: volumes.customers,
            loans: volumes.loans,
            disbursed: Money(volumes.disbursed),
            deliveries: Badge::of_deliveries(failing, t.partner.deliveries_fine),
            made: Moment::ago(listed.partner.created_at, now, t),
        })
    }
}

/// A webhook endpoint.
pub(super) struct EndpointRow {
    pub(super) address: String,
    pub(super) badge: Badge,
    /// Empty if the last attempt succeeded.
    pub(super) failing: String,
    pub(super) waiting: String,
    pub(super) oldest: Option<Moment>,
}

impl EndpointRow {
    pub(super) fn of(endpoint: &EndpointHealth, now: RealTime, t: &Texts) -> Self {
        let failing = endpoint.failing_since.map(|since| (t.partner.fails_for)(&span(now.since(since), t)));
        Self {
            address: endpoint.address.clone(),
            badge: Badge::of_endpoint(endpoint.state, &t.badges),
            failing: failing.into_iter().collect(),
            waiting: match endpoint.waiting {
                Count::Exactly(count) => count.to_string(),
                Count::AtLeast(count) => (t.partner.or_more)(count),
            },
            oldest: endpoint.oldest.map(|at| Moment::ago(at, now, t)),
        }
    }
}
