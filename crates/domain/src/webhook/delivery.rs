//! One event for one endpoint: pending → delivered | failed; pending again if the partner requests it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::retry;
use crate::closed::{Changed, closed};
use crate::id::{DeliveryId, EndpointId, EventId};
use crate::machine::{Illegal, Transition};
use crate::spelled;
use crate::time::RealTime;

/// The state of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// More attempts follow.
    Pending {
        /// The number of attempts made.
        made: u16,
        /// The time of the next attempt.
        due: RealTime,
    },
    /// The endpoint accepted it.
    Delivered {
        /// The number of attempts made.
        made: u16,
    },
    /// No more attempts are made.
    Failed {
        /// The number of attempts made.
        made: u16,
    },
}

closed! {
    /// A delivery, as its partner sees it. Only its commands change it.
    pub struct Delivery(DeliveryRecord);
}

/// The fields of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// The delivery's id.
    pub id: DeliveryId,
    /// The endpoint.
    pub endpoint: EndpointId,
    /// The event.
    pub event: EventId,
    /// The event's name in the endpoint's generation; empty if the delivery is older than this record.
    pub event_type: String,
    /// The state of its machine.
    pub state: DeliveryState,
    /// Time of creation.
    pub created_at: RealTime,
    /// Time of the last change.
    pub updated_at: RealTime,
    /// The end of the lease: an attempt may be under way until then.
    pub leased_until: RealTime,
}

impl Delivery {
    /// Makes the delivery due at once, as its partner requested.
    pub fn request(mut self, now: RealTime) -> Result<Changed<Self>, Illegal> {
        self.0.state = self.state.step(DeliveryInput::Requested { at: now })?.next;
        self.0.updated_at = now;
        Ok(Changed::silent(self))
    }
}

/// The result of an attempt, for the partner to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Time at which it began.
    pub started_at: RealTime,
    /// The duration, in milliseconds.
    pub duration_ms: i64,
    /// The status of the answer, if there was one.
    pub status: Option<i64>,
    /// The word for its result.
    pub outcome: String,
    /// The beginning of the answer, as inert text. Without an answer, the words of a [`Cause`], or nothing if it is older
    /// than them.
    pub answer: String,
}

impl Attempt {
    /// Why there was no answer; `None` if there was one, or if the attempt is older than this record.
    pub fn cause(&self) -> Option<Cause> {
        if self.status.is_some() { None } else { self.answer.parse().ok() }
    }

    /// The beginning of the answer; empty if there was none.
    pub fn response(&self) -> &str {
        if self.status.is_some() { &self.answer } else { "" }
    }
}

/// Why an attempt had no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The host's name has no address.
    NameNotResolved,
    /// The host, or every address of its name, may not be called.
    AddressForbidden,
    /// Nobody listens there.
    ConnectionRefused,
    /// There was no connection within three seconds.
    ConnectionTimedOut,
    /// The connection ended before an answer.
    ConnectionBroken,
    /// The certificate was no longer valid at the attempt. With its last moment, if it is known.
    CertificateExpired(Option<RealTime>),
    /// The certificate was not valid yet at the attempt.
    CertificateNotYetValid,
    /// The certificate is that of another host.
    CertificateOfOtherHost,
    /// Nobody whom we trust vouches for the certificate, or a part of its chain is missing.
    CertificateUntrusted,
    /// The connection could not be encrypted for another reason.
    TlsFailed,
    /// No answer came within five seconds.
    AnswerTimedOut,
    /// This server ran out of connections, which says nothing about the endpoint.
    OwnShortage,
}

spelled!(CauseKind of Cause {
    NameNotResolved = "name_not_resolved",
    AddressForbidden = "address_forbidden",
    ConnectionRefused = "connection_refused",
    ConnectionTimedOut = "connection_timed_out",
    ConnectionBroken = "connection_broken",
    CertificateExpired = "certificate_expired",
    CertificateNotYetValid = "certificate_not_yet_valid",
    CertificateOfOtherHost = "certificate_of_other_host",
    CertificateUntrusted = "certificate_untrusted",
    TlsFailed = "tls_failed",
    AnswerTimedOut = "answer_timed_out",
    OwnShortage = "own_shortage",
});

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::CertificateExpired(Some(at)) => write!(f, " {}", at.seconds()),
            _other => Ok(()),
        }
    }
}

/// The text is not a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the cause of an attempt without an answer")]
pub struct UnknownCause;

impl FromStr for Cause {
    type Err = UnknownCause;

    fn from_str(text: &str) -> Result<Self, UnknownCause> {
        let (word, moment) = text.split_once(' ').map_or((text, None), |(word, at)| (word, Some(at)));
        let moment =
            moment.map(|at| at.parse().map(RealTime::from_seconds).map_err(|_no_number| UnknownCause));
        let kind = word.parse().map_err(|_unknown| UnknownCause)?;
        Ok(match (kind, moment.transpose()?) {
            (CauseKind::CertificateExpired, at) => Self::CertificateExpired(at),
            (_, Some(_)) => return Err(UnknownCause),
            (CauseKind::NameNotResolved, None) => Self::NameNotResolved,
            (CauseKind::AddressForbidden, None) => Self::AddressForbidden,
            (CauseKind::ConnectionRefused, None) => Self::ConnectionRefused,
            (CauseKind::ConnectionTimedOut, None) => Self::ConnectionTimedOut,
            (CauseKind::ConnectionBroken, None) => Self::ConnectionBroken,
            (CauseKind::CertificateNotYetValid, None) => Self::CertificateNotYetValid,
            (CauseKind::CertificateOfOtherHost, None) => Self::CertificateOfOtherHost,
            (CauseKind::CertificateUntrusted, None) => Self::CertificateUntrusted,
            (CauseKind::TlsFailed, None) => Self::TlsFailed,
            (CauseKind::AnswerTimedOut, None) => Self::AnswerTimedOut,
            (CauseKind::OwnShortage, None) => Self::OwnShortage,
        })
    }
}

/// The inputs of a delivery's state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryInput {
    /// The endpoint answered 2xx.
    Succeeded,
    /// The attempt failed.
    AttemptFailed {
        /// Time at which it ended.
        at: RealTime,
        /// A random number that spreads the times of attempts.
        jitter: u16,
        /// The `Retry-After` of an answer 429 or 503.
        retry_after: Option<Duration>,
    },
    /// The endpoint was deleted.
    EndpointDeleted,
    /// The body or the endpoint cannot be read any more.
    Unreadable,
    /// The partner requests an attempt now, in any state.
    Requested {
        /// Time of the request.
        at: RealTime,
    },
}

/// Deliveries have no domain events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryEvent {}

spelled!(DeliveryStateKind of DeliveryState { Pending = "pending", Delivered = "delivered", Failed = "failed" });

impl DeliveryStateKind {
    /// Whether the endpoint has not accepted the event.
    pub const fn is_undelivered(self) -> bool {
        match self {
            Self::Pending | Self::Failed => true,
            Self::Delivered => false,
        }
    }
}

impl DeliveryState {
    /// The number of attempts made.
    pub const fn made(self) -> u16 {
        match self {
            Self::Pending { made, .. } | Self::Delivered { made } | Self::Failed { made } => made,
        }
    }

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
    fn a_cause_is_written_and_read_alike() {
        let expired = Cause::CertificateExpired(Some(RealTime::from_seconds(1_790_000_000)));
        assert_eq!(expired.to_string(), "certificate_expired 1790000000");
        assert_eq!(expired.to_string().parse(), Ok(expired));
        for name in CauseKind::NAMES {
            let cause: Cause = name.parse().unwrap();
            assert_eq!((cause.name(), cause.to_string().parse()), (name, Ok(cause)));
        }
        for wrong in ["", "tls_failed 3", "certificate_expired soon", "an answer"] {
            assert_eq!(wrong.parse::<Cause>(), Err(UnknownCause), "{wrong}");
        }
    }

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
