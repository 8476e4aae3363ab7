//! Events and feeds as they are stored.

use std::borrow::Cow;

use domain::cause::{Cause, SpanPlace};
use domain::event::Event;
use domain::id::{ClockId, EventId, PartnerId};
use domain::time::{RealTime, Timestamp};

use super::snapshot::Snapshot;
use crate::deliveries::FirstDelivery;
use crate::desk::Sealer as _;
use crate::document::{self, context};
use crate::spans::{Named, SpanKind};
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
        clock_id: Option<ClockId>,
        request_id: Option<String>,
        traceparent: Option<SpanPlace>,
    }
}

impl EventRow {
    /// The row as it is stored under the owner of the clock, once the event has its place.
    pub(super) fn handed_over(&self, tx: &mut Tx<'_>, owner: PartnerId) -> Result<Self, StoreError> {
        let context = context("events", self.id);
        let packed = tx.unseal(self.partner_id, &context, &self.sealed)?;
        Ok(Self {
            partner_id: owner,
            id: self.id,
            kind: self.kind.clone(),
            subject: self.subject.clone(),
            sealed: tx.sealed(owner, &context, &packed)?,
            occurred_at: self.occurred_at,
            place: self.place,
            first_delivery: self.first_delivery,
            clock_id: self.partner_id.clock(),
            request_id: self.request_id.clone(),
            traceparent: self.traceparent,
        })
    }

    /// What caused the event.
    pub(super) fn cause(&self) -> Cause {
        Cause { request: self.request_id.clone(), span: self.traceparent }
    }

    /// The row in a span of its own, of the cause's trace.
    pub(super) fn in_span(&self, tx: &mut Tx<'_>, cause: &Cause) -> Self {
        let named = || {
            Named::new(SpanKind::Internal, format!("event {}", self.kind))
                .text("dinie.event.id", self.id.to_string())
        };
        Self { traceparent: tx.in_span(cause, named).span, ..self.clone() }
    }

    pub(super) fn open(&self, tx: &mut Tx<'_>) -> Result<Event, StoreError> {
        let packed = tx.unseal(self.partner_id, &context("events", self.id), &self.sealed)?;
        let snapshot: Snapshot = document::from_json(&document::unpack(&packed)?)?;
        let tenant = self.clock_id.map_or(self.partner_id, ClockId::tenant);
        let domain_event = snapshot.read(&self.kind, tenant)?;
        let (id, occurred_at) = (self.id, self.occurred_at);
        Ok(Event { id, partner: tenant, occurred_at, domain_event, cause: self.cause() })
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
