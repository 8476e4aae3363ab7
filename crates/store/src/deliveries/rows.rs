//! Deliveries, bodies and attempts as they are stored.

use std::borrow::Cow;

use domain::cause::SpanPlace;
use domain::id::{DeliveryId, EndpointId, EventId, PartnerId};
use domain::time::RealTime;
use domain::webhook::delivery::{Attempt, Delivery, DeliveryRecord, DeliveryState, DeliveryStateKind};

use crate::Stored;
use crate::table::table;

table! {
    /// A delivery as it is stored.
    struct DeliveryRow in "deliveries" by (partner_id, endpoint_id, id) {
        partner_id: PartnerId,
        endpoint_id: EndpointId,
        id: DeliveryId,
        version: i64,
        event_id: EventId,
        event_type: Cow<'static, str>,
        state: DeliveryStateKind,
        attempts: u16,
        due_at: RealTime,
        leased_until: RealTime,
        body_id: DeliveryId,
        created_at: RealTime,
        updated_at: RealTime,
    }
}

impl DeliveryRow {
    pub(super) fn read(self) -> Stored<Delivery> {
        let made = self.attempts;
        let state = match self.state {
            DeliveryStateKind::Pending => DeliveryState::Pending { made, due: self.due_at },
            DeliveryStateKind::Delivered => DeliveryState::Delivered { made },
            DeliveryStateKind::Failed => DeliveryState::Failed { made },
        };
        let record = DeliveryRecord {
            id: self.id,
            endpoint: self.endpoint_id,
            event: self.event_id,
            event_type: self.event_type.into_owned(),
            state,
            created_at: self.created_at,
            updated_at: self.updated_at,
            leased_until: self.leased_until,
        };
        Stored::new(self.version, Delivery::restored(record))
    }
}

table! {
    /// A rendered body as it is stored.
    struct BodyRow in "delivery_bodies" by (partner_id, id) {
        partner_id: PartnerId,
        id: DeliveryId,
        sealed: Vec<u8>,
        request_id: Option<String>,
        traceparent: Option<SpanPlace>,
    }
}

table! {
    /// An attempt as it is stored. `sealed` is the beginning of the answer.
    struct AttemptRow in "delivery_attempts" by (partner_id, delivery_id, number) {
        partner_id: PartnerId,
        delivery_id: DeliveryId,
        number: u16,
        started_at: RealTime,
        duration_ms: i64,
        status: Option<i64>,
        outcome: String,
        sealed: Vec<u8>,
    }
}

impl AttemptRow {
    pub(super) fn of(
        partner: PartnerId, delivery: DeliveryId, number: u16, attempt: &Attempt, sealed: Vec<u8>,
    ) -> Self {
        Self {
            partner_id: partner,
            delivery_id: delivery,
            number,
            started_at: attempt.started_at,
            duration_ms: attempt.duration_ms,
            status: attempt.status,
            outcome: attempt.outcome.clone(),
            sealed,
        }
    }
}

/// Prefix of the sealing contexts of bodies.
pub(super) const BODIES: &str = "delivery_bodies";

/// A moment long ago. A delivery that is leased until then is not leased.
pub(super) const NEVER: RealTime = RealTime::from_micros(0);
