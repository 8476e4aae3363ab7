//! What happened, with the resource as it was at that moment.
//!
//! An event carries a snapshot rather than an id, so that its rendering never depends on what came after
//! it. It commits with the change that caused it.

use crate::customer::{CustomerEvent, CustomerFile};
use crate::id::{BiometricsSessionId, CustomerId, EventId, PartnerId};
use crate::loan::{Loan, LoanEvent};
use crate::offer::{Offer, OfferEvent};
use crate::time::Timestamp;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id: the `webhook-id` of every delivery of it.
    pub id: EventId,
    /// Whose resource it is about.
    pub partner: PartnerId,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What it was.
    pub happening: Happening,
}

/// What happened to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A customer changed.
    Customer(CustomerEvent, Box<CustomerFile>),
    /// An offer changed.
    Offer(OfferEvent, Box<Offer>),
    /// A loan changed.
    Loan(LoanEvent, Box<Loan>),
    /// A hosted session was opened. Partners do not hear of it; the sandbox's autopilot does.
    BiometricsOpened(BiometricsSessionId, CustomerId),
}
