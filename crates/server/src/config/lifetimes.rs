//! The lifetimes of tokens, links, sessions and kept data: `[lifetimes]`.

use std::time::Duration;

use app::Lifetimes;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LifetimesFile {
    access_token_s: Option<u64>,
    offer_days: Option<u64>,
    signing_link_days: Option<u64>,
    biometrics_link_s: Option<u64>,
    session_token_s: Option<u64>,
    idempotency_hours: Option<u64>,
    events_days: Option<u64>,
    borrower_years: Option<u8>,
}

impl LifetimesFile {
    pub(super) fn or_default(&self) -> Lifetimes {
        let default = Lifetimes::default();
        // A product that overflows becomes the type's longest span, which is longer than the calendar.
        let in_units = |given: Option<u64>, unit_s: u64, default: Duration| {
            given.map_or(default, |count| Duration::from_secs(count.saturating_mul(unit_s)))
        };
        Lifetimes {
            access_token: in_units(self.access_token_s, 1, default.access_token),
            offer: in_units(self.offer_days, 86_400, default.offer),
            signing_link: in_units(self.signing_link_days, 86_400, default.signing_link),
            biometrics_link: in_units(self.biometrics_link_s, 1, default.biometrics_link),
            session_token: in_units(self.session_token_s, 1, default.session_token),
            idempotency: in_units(self.idempotency_hours, 3_600, default.idempotency),
            events: in_units(self.events_days, 86_400, default.events),
            borrower_years: self.borrower_years.unwrap_or(default.borrower_years),
        }
    }
}
