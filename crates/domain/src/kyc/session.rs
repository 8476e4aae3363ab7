//! Hosted biometrics sessions: a link by which a customer hands in their own part of KYC.

use crate::id::{BiometricsSessionId, CustomerId, PartnerId};
use crate::time::Timestamp;

/// What begins the review once the last mandatory item is in.
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

/// A hosted session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BiometricsSession {
    /// Its id.
    pub id: BiometricsSessionId,
    /// The partner.
    pub partner: PartnerId,
    /// The row's version, for compare-and-set.
    pub version: i64,
    /// Whose session it is.
    pub customer: CustomerId,
    /// Where it stands.
    pub state: SessionState,
    /// What follows its completion.
    pub review_start: ReviewStart,
    /// When its link ends; once its code was exchanged, when the session does.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
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

impl SessionState {
    /// The state's name in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Visited => "visited",
            Self::InUse => "in_use",
            Self::Completed => "completed",
        }
    }

    /// Reads [`SessionState::name`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Visited, Self::InUse, Self::Completed]
            .into_iter()
            .find(|state| state.name() == text)
    }
}

impl ReviewStart {
    /// The choice's name in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::OnRequest => "on_request",
        }
    }

    /// Reads [`ReviewStart::name`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Automatic, Self::OnRequest].into_iter().find(|start| start.name() == text)
    }
}
