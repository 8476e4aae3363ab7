//! One event on its way to one endpoint: pending → delivered | failed; pending again where its partner asks.

use std::convert::Infallible;

use std::time::Duration;

use super::retry;
use crate::closed::{Changed, Source, closed};
use crate::id::{DeliveryId, EndpointId, EventId};
use crate::machine::{Illegal, Transition};
use crate::spelled;
use crate::time::RealTime;

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// Attempts are still to be made.
    Pending {
        /// Attempts made.
        made: u16,
        /// When the next is due.
        due: RealTime,
    },
    /// The endpoint took it.
    Delivered {
        /// Attempts made.
        made: u16,
    },
    /// Given up.
    Failed {
        /// Attempts made.
        made: u16,
    },
}

/// A delivery as its partner sees it. It changes by its commands alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery(DeliveryRecord);

closed!(Delivery, DeliveryRecord);

impl Source for Delivery {
    type Event = Infallible;
}

/// The fields of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// Its id.
    pub id: DeliveryId,
    /// Where it goes.
    pub endpoint: EndpointId,
    /// The event that it delivers.
    pub event: EventId,
    /// The event's name in the endpoint's generation; empty for one from before names were kept.
    pub event_type: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// When it came to be.
    pub created_at: RealTime,
    /// When it last changed.
    pub updated_at: RealTime,
    /// Until when an attempt may be under way.
    pub leased_until: RealTime,
}

impl Delivery {
    /// Makes the delivery due at once, as its partner asks for it.
    pub fn request(mut self, now: RealTime) -> Result<Changed<Self>, Illegal> {
        self.0.state = self.state.step(DeliveryInput::Requested { at: now })?.next;
        self.0.updated_at = now;
        Ok(Changed::silent(self))
    }
}

/// How an attempt went, for the partner to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub started_at: RealTime,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// The answer's status, where there was one.
    pub status: Option<i64>,
    /// A word for how it ended.
    pub outcome: String,
    /// The beginning of the answer, as inert text.
    pub answer: String,
}

/// How an attempt ended, or what became of its endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryInput {
    /// The endpoint answered 2xx.
    Succeeded,
    /// The attempt failed.
    AttemptFailed {
        /// When it ended.
        at: RealTime,
        /// A random number that spreads the next attempt.
        jitter: u16,
        /// The wait that the answer asked for on 429 and 503.
        retry_after: Option<Duration>,
    },
    /// The endpoint was deleted.
    EndpointDeleted,
    /// Its body or its endpoint cannot be read any more.
    Unreadable,
    /// The partner asks for it now, whatever became of it.
    Requested {
        /// When.
        at: RealTime,
    },
}

/// Deliveries tell nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryEvent {}

spelled!(DeliveryStateKind of DeliveryState { Pending = "pending", Delivered = "delivered", Failed = "failed" });

impl DeliveryStateKind {
    /// Whether the endpoint may not have received the event.
    pub const fn is_undelivered(self) -> bool {
        match self {
            Self::Pending | Self::Failed => true,
            Self::Delivered => false,
        }
    }
}

impl DeliveryState {
    /// Takes one step of the machine.
    pub fn step(self, input: DeliveryInput) -> Result<Transition<Self, DeliveryEvent>, Illegal> {
        let name = match input {
            DeliveryInput::Succeeded => "succeeded",
            DeliveryInput::AttemptFailed { .. } => "attempt_failed",
            DeliveryInput::EndpointDeleted => "endpoint_deleted",
            DeliveryInput::Unreadable => "unreadable",
            DeliveryInput::Requested { .. } => "requested",
        };
        match self {
            Self::Pending { made, .. } => Ok(Transition::silent(match input {
                DeliveryInput::Succeeded => Self::Delivered { made: made + 1 },
                DeliveryInput::EndpointDeleted => Self::Failed { made },
                DeliveryInput::Unreadable => Self::Failed { made: made + 1 },
                DeliveryInput::Requested { at } => Self::Pending { made, due: at },
                DeliveryInput::AttemptFailed { at, jitter, retry_after } => {
                    match retry::delay(made + 1, jitter, retry_after) {
                        Some(delay) => Self::Pending { made: made + 1, due: at.plus(delay) },
                        None => Self::Failed { made: made + 1 },
                    }
                }
            })),
            Self::Delivered { made } | Self::Failed { made } => match input {
                DeliveryInput::Requested { at } => Ok(Transition::silent(Self::Pending { made, due: at })),
                DeliveryInput::Succeeded
                | DeliveryInput::AttemptFailed { .. }
                | DeliveryInput::EndpointDeleted
                | DeliveryInput::Unreadable => {
                    Err(Illegal { machine: "delivery", state: self.name(), input: name })
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delivery_machine_is_this_matrix() {
        use {DeliveryInput as I, DeliveryState as S};
        let at = RealTime::from_seconds(1_000);
        let states = [
            S::Pending { made: 0, due: at },
            S::Pending { made: 1, due: at },
            S::Pending { made: 9, due: at },
            S::Delivered { made: 1 },
            S::Failed { made: 10 },
        ];
        let inputs = [
            I::Succeeded,
            I::AttemptFailed { at, jitter: 32_768, retry_after: None },
            I::AttemptFailed { at, jitter: 32_768, retry_after: Some(Duration::from_secs(8)) },
            I::EndpointDeleted,
            I::Unreadable,
            I::Requested { at },
        ];
        insta::assert_snapshot!(crate::machine::matrix(&states, &inputs, |s, i| s.step(*i)));
    }
}
