//! Events and feeds as they are stored.

use std::borrow::Cow;

use domain::event::Event;
use domain::id::{EventId, PartnerId};
use domain::time::{RealTime, Timestamp};

use super::snapshot::Snapshot;
use crate::deliveries::FirstDelivery;
use crate::document::{self, context};
use crate::table::table;
use crate::{StoreError, Tx};

table! {
    /// An event as it is stored. `place` is null until the fan-out.
    struct EventRow in "events" by (partner_id, id) {
        partner_id: PartnerId,
        id: EventId,
        kind: Cow<'static, str>,
        subject: Vec<u8>,
        sealed: Vec<u8>,
        occurred_at: Timestamp,
        place: Option<i64>,
        first_delivery: Option<FirstDelivery>,
    }
}

impl EventRow {
    pub(super) fn open(&self, tx: &mut Tx<'_>) -> Result<Event, StoreError> {
        let packed = tx.unseal(self.partner_id, &context("events", self.id), &self.sealed)?;
        let snapshot: Snapshot = document::from_json(&document::unpack(&packed)?)?;
        let domain_event = snapshot.read(&self.kind, self.partner_id)?;
        Ok(Event { id: self.id, partner: self.partner_id, occurred_at: self.occurred_at, domain_event })
    }
}

table! {
    /// The end of a partner's feed as it is stored.
    struct FeedRow in "feeds" by (partner_id) {
        partner_id: PartnerId,
        last_place: i64,
        spread: i64,
        last_made: RealTime,
    }
}
