//! Hosted biometrics sessions: a link by which a customer hands in their own part of KYC.

use std::time::Duration;

use crate::closed::{Changed, Source, closed};
use crate::id::{BiometricsSessionId, CustomerId, PartnerId};
use crate::machine::{Illegal, Transition};
use crate::spelled;
use crate::time::Timestamp;

/// The start of the review once the last mandatory item is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReviewStart {
    /// The review begins by itself, as the reference promises.
    Automatic,
    /// The partner asks for it, as the client libraries do.
    OnRequest,
}

/// Where a hosted session stands. An open one also ends by its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionState {
    /// Its link was made.
    Open,
    /// A person has opened its page.
    Visited,
    /// Its code was exchanged, by its page or by an application, and cannot be again.
    InUse,
    /// It came to its end: everything was handed in.
    Completed,
}

/// A hosted session. It changes by its commands alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BiometricsSession(SessionRecord);

closed!(BiometricsSession, SessionRecord);

impl Source for BiometricsSession {
    type Event = (BiometricsSessionId, CustomerId);
}

/// The fields of a hosted session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// Its id.
    pub id: BiometricsSessionId,
    /// The partner.
    pub partner: PartnerId,
    /// The customer of the session.
    pub customer: CustomerId,
    /// Where it stands.
    pub state: SessionState,
    /// The start of the review after its completion.
    pub review_start: ReviewStart,
    /// When its link ends; once its code was exchanged, when the session does.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The parts of a new session.
#[derive(Debug, Clone, Copy)]
pub struct NewSession {
    /// The session's id.
    pub id: BiometricsSessionId,
    /// The partner.
    pub partner: PartnerId,
    /// The customer who hands in files.
    pub customer: CustomerId,
    /// The start of the review.
    pub review_start: ReviewStart,
    /// How long its link can be used.
    pub lifetime: Duration,
}

/// The inputs of a hosted session's machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionInput {
    /// A person opened the page.
    Visit,
    /// The code of the link was exchanged.
    Begin,
    /// Everything was handed in, or the review was asked for.
    Complete,
}

/// The machine sends no events; the opening of a session is its only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionEvent {}

impl BiometricsSession {
    /// Opens a session.
    pub fn open(new: NewSession, now: Timestamp) -> Changed<Self> {
        let NewSession { id, partner, customer, review_start, lifetime } = new;
        let session = Self(SessionRecord {
            id,
            partner,
            customer,
            state: SessionState::Open,
            review_start,
            expires_at: now.plus(lifetime),
            created_at: now,
        });
        Changed::new(session, vec![(id, customer)])
    }

    /// Notes that a person has opened the page.
    pub fn visit(self) -> Result<Changed<Self>, Illegal> {
        self.take(SessionInput::Visit)
    }

    /// Exchanges the code of the link. From then on the session lasts `lifetime`.
    pub fn begin(mut self, lifetime: Duration, now: Timestamp) -> Result<Changed<Self>, Illegal> {
        self.0.expires_at = now.plus(lifetime);
        self.take(SessionInput::Begin)
    }

    /// Ends the session.
    pub fn complete(self) -> Result<Changed<Self>, Illegal> {
        self.take(SessionInput::Complete)
    }

    /// Takes one step of the machine.
    fn take(mut self, input: SessionInput) -> Result<Changed<Self>, Illegal> {
        self.0.state = self.state.step(input)?.next;
        Ok(Changed::silent(self))
    }
}

impl BiometricsSession {
    /// Whether it can still be begun or gone on with at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        let unfinished = match self.state {
            SessionState::Open | SessionState::Visited | SessionState::InUse => true,
            SessionState::Completed => false,
        };
        unfinished && now < self.expires_at
    }
}

spelled!(SessionState { Open = "open", Visited = "visited", InUse = "in_use", Completed = "completed" });

impl SessionState {
    /// Takes one step of the machine. A page that is loaded again is visited again.
    pub fn step(self, input: SessionInput) -> Result<Transition<Self, SessionEvent>, Illegal> {
        let refused = |input| Err(Illegal { machine: "hosted session", state: self.name(), input });
        match self {
            Self::Open | Self::Visited => Ok(Transition::silent(match input {
                SessionInput::Visit => Self::Visited,
                SessionInput::Begin => Self::InUse,
                SessionInput::Complete => Self::Completed,
            })),
            Self::InUse => match input {
                SessionInput::Complete => Ok(Transition::silent(Self::Completed)),
                SessionInput::Visit => refused("visit"),
                SessionInput::Begin => refused("begin"),
            },
            Self::Completed => match input {
                SessionInput::Visit => refused("visit"),
                SessionInput::Begin => refused("begin"),
                SessionInput::Complete => refused("complete"),
            },
        }
    }
}

spelled!(ReviewStart { Automatic = "automatic", OnRequest = "on_request" });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_machine_is_this_matrix() {
        use {SessionInput as I, SessionState as S};
        let states = [S::Open, S::Visited, S::InUse, S::Completed];
        let inputs = [I::Visit, I::Begin, I::Complete];
        insta::assert_snapshot!(crate::machine::matrix(&states, &inputs, |s, i| s.step(*i)));
    }
}
