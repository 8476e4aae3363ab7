//! The events of a partner's resources, with or without a subscribed endpoint.

use domain::event::Event;
use domain::id::{EventId, PartnerId};
use domain::page::Page;
use domain::time::RealTime;
use store::Failed;
pub use store::outbox::EventFilter;
use store::{Cursor, Tx};

use crate::refused::{ListRefused, NotFound, page_or_refused};

/// A page of the partner's events.
pub fn list(
    tx: &mut Tx<'_>, tenant: PartnerId, filter: &EventFilter, cursor: &Cursor<EventId>, kept_since: RealTime,
) -> Result<Page<Event>, Failed<ListRefused>> {
    page_or_refused(store::outbox::list(tx, tenant, filter, cursor, kept_since)?)
}

/// The partner's event.
pub fn find(tx: &mut Tx<'_>, tenant: PartnerId, id: EventId) -> Result<Event, Failed<NotFound>> {
    store::outbox::find(tx, tenant, id)?.ok_or(Failed::Refused(NotFound))
}
