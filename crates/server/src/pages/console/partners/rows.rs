//! The rows of partners, endpoints and credentials.

use std::collections::HashMap;

use app::partners::Listed;
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
