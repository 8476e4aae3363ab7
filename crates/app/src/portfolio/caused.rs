//! What a request caused for its partner, also what workers did later: events with their deliveries, letters, planned work.

use domain::id::PartnerId;
use store::jobs::Job;
use store::mails::MailReport;
use store::outbox::Recorded;
use store::{StoreError, Tx};

/// What the requests with one id caused.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Caused {
    /// The events with their deliveries, oldest first.
    pub events: Vec<Recorded>,
    /// The letters, oldest first.
    pub mails: Vec<MailReport>,
    /// The decisions that are still to be made without a person. A job that is done no longer exists.
    pub jobs: Vec<Job>,
}

/// What a partner's requests with this id caused, on all of its clocks. At most 100 of each kind are read for each clock.
pub fn caused(tx: &mut Tx<'_>, partner: PartnerId, request: &str) -> Result<Caused, StoreError> {
    let clocks = store::clocks::of_partner(tx, partner)?;
    // The fan-out stores the events of a clock under the partner.
    let mut caused = Caused { events: store::outbox::of_request(tx, partner, request)?, ..Caused::default() };
    for tenant in std::iter::once(partner).chain(clocks.iter().map(|clock| clock.id.tenant())) {
        caused.mails.extend(store::mails::of_request(tx, tenant, request)?);
        caused.jobs.extend(store::jobs::of_request(tx, tenant, request)?);
    }
    Ok(caused)
}
