//! Hosted biometrics sessions: a link by which a customer submits files for KYC without the partner.

use std::time::Duration;

use crate::closed::{Changed, closed};
use crate::id::{BiometricsSessionId, CustomerId, PartnerId};
use crate::machine::{Illegal, Transition};
use crate::spelled;
use crate::time::Timestamp;

/// The event that begins the review once the file is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReviewStart {
    /// The review begins automatically, as the reference promises.
    Automatic,
    /// The review begins when the partner requests it, as the client libraries do.
    OnRequest,
}

/// The state of a hosted session. A session also ends at its time of expiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionState {
    /// The link was made.
    Open,
    /// A person has opened the page.
    Visited,
    /// The page or an application has exchanged the code. It cannot be exchanged again.
    InUse,
    /// The session is over: everything was submitted.
    Completed,
}

closed! {
    /// A hosted session. Only its commands change it.
    pub struct BiometricsSession(SessionRecord) sends (BiometricsSessionId, CustomerId);
}

/// The fields of a hosted session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// The session's id.
    pub id: BiometricsSessionId,
    /// The partner.
    pub partner: PartnerId,
    /// The customer who submits files.
    pub customer: CustomerId,
    /// The state of its machine.
    pub state: SessionState,
    /// The event that begins the review after completion.
    pub review_start: ReviewStart,
    /// Time of expiry: of the link, and after the exchange of the code, of the session.
    pub expires_at: Timestamp,
    /// Time of creation.
    pub created_at: Timestamp,
}

/// The values of a new session.
#[derive(Debug, Clone, Copy)]
pub struct NewSession {
    /// The session's id.
    pub id: BiometricsSessionId,
    /// The partner.
    pub partner: PartnerId,
    /// The customer who submits files.
    pub customer: CustomerId,
    /// The event that begins the review.
    pub review_start: ReviewStart,
    /// The time in which the link can be used.
    pub lifetime: Duration,
}

/// The inputs of a hosted session's state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionInput {
    /// A person opened the page.
    Visit,
    /// The code of the link was exchanged.
    Begin,
    /// Everything was submitted, or the review was requested.
    Complete,
}

/// The machine sends no events. Only the opening of a session is a domain event.
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

    /// Records that a person has opened the page.
    pub fn visit(self) -> Result<Changed<Self>, Illegal> {
        self.take(SessionInput::Visit)
    }

    /// Exchanges the code of the link. After that, the session lasts `lifetime`.
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
    /// Whether the session can be begun or continued at `now`.
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
    /// Takes one step of the machine. A page that is loaded again counts as another visit.
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
