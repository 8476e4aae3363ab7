//! Sessions of people in the console.
//!
//! A session ends after a time without a request, after a whole working day, when its person ends it, or when the
//! person is revoked. A dangerous action needs a recent proof of the person.

use std::time::Duration;

use crate::closed::{Changed, closed};
use crate::id::{OperatorId, SessionId};
use crate::spelled;
use crate::time::RealTime;

/// How the person of a session has proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Proof {
    /// By a link of the sandbox.
    Link,
    /// By a link in an e-mail, which opens only the page of the person's sign-in.
    Invitation,
    /// By the password alone, which opens only the page of the second factor.
    Password,
    /// By the password and a code of the authenticator app.
    PasswordAndCode,
    /// By the password and a recovery code.
    PasswordAndRecoveryCode,
    /// By the password and a passkey.
    Passkey,
    /// By the lender's own provider.
    Provider,
}

spelled!(Proof {
    Link = "link",
    Invitation = "invitation",
    Password = "password",
    PasswordAndCode = "password_and_code",
    PasswordAndRecoveryCode = "password_and_recovery_code",
    Passkey = "passkey",
    Provider = "provider",
});

impl Proof {
    /// Whether it opens the whole console, and not only the rest of the sign-in.
    pub const fn is_complete(self) -> bool {
        match self {
            Self::Link
            | Self::PasswordAndCode
            | Self::PasswordAndRecoveryCode
            | Self::Passkey
            | Self::Provider => true,
            Self::Invitation | Self::Password => false,
        }
    }
}

/// The lifetimes of sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// The longest time between two requests.
    pub idle: Duration,
    /// The longest life of a session.
    pub whole: Duration,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self { idle: Duration::from_mins(30), whole: Duration::from_hours(12) }
    }
}

closed! {
    /// A session. Only its commands change it.
    pub struct Session(SessionRecord);
}

/// The fields of a session. Its secret is not among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// The session's id.
    pub id: SessionId,
    /// The person.
    pub operator: OperatorId,
    /// How the person proved who they are.
    pub proof: Proof,
    /// Where the session was opened, for the person's own list.
    pub origin: Origin,
    /// Time of the sign-in.
    pub created_at: RealTime,
    /// Time of the last proof.
    pub proved_at: RealTime,
    /// Time of the last request, to the minute.
    pub seen_at: RealTime,
    /// The time from which it no longer works, whatever happens.
    pub expires_at: RealTime,
    /// The time at which it was ended.
    pub ended_at: Option<RealTime>,
}

/// The browser in which a session was opened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The address; empty if it is not known.
    pub address: String,
    /// The browser's name as it gives it, at most 200 characters.
    pub agent: String,
}

/// The values of a new session.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// The session's id.
    pub id: SessionId,
    /// The person.
    pub operator: OperatorId,
    /// How the person proved who they are.
    pub proof: Proof,
    /// Where it is opened.
    pub origin: Origin,
}

/// The session does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the session is over")]
pub struct SessionOver;

impl Session {
    /// A request within this time after the last noted one is not noted, so that reading people do not write.
    pub const SEEN_PRECISION: Duration = Duration::from_mins(1);
    /// A proof is fresh for this time.
    pub const FRESH: Duration = Duration::from_mins(10);
    /// The life of a session whose sign-in is not complete.
    pub const HALF_OPEN: Duration = Duration::from_mins(15);

    /// Opens a session.
    pub fn open(new: NewSession, limits: SessionLimits, now: RealTime) -> Changed<Self> {
        let NewSession { id, operator, proof, origin } = new;
        let life = if proof.is_complete() { limits.whole } else { Self::HALF_OPEN };
        Changed::silent(Self(SessionRecord {
            id,
            operator,
            proof,
            origin,
            created_at: now,
            proved_at: now,
            seen_at: now,
            expires_at: now.plus(life),
            ended_at: None,
        }))
    }

    /// Whether it works at `now`.
    pub fn works_at(&self, limits: SessionLimits, now: RealTime) -> Result<(), SessionOver> {
        // A request is noted to the minute, so the last one may be a minute younger than the noted one.
        let idle = self.seen_at.plus(limits.idle).plus(Self::SEEN_PRECISION);
        let over = self.ended_at.is_some() || now >= self.expires_at || now >= idle;
        if over { Err(SessionOver) } else { Ok(()) }
    }

    /// Whether the person has proved who they are so recently that dangerous actions are open.
    pub fn is_fresh_at(&self, now: RealTime) -> bool {
        now.since(self.proved_at) < Self::FRESH
    }

    /// Notes a request; `None` if the last noted one is recent.
    pub fn see(mut self, now: RealTime) -> Option<Changed<Self>> {
        if now.since(self.seen_at) < Self::SEEN_PRECISION {
            return None;
        }
        self.0.seen_at = now;
        Some(Changed::silent(self))
    }

    /// Ends it. A session that was ended before keeps its time.
    pub fn end(mut self, now: RealTime) -> Changed<Self> {
        self.0.ended_at.get_or_insert(now);
        Changed::silent(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ResourceId as _;

    const NOW: RealTime = RealTime::from_seconds(1_790_000_000);

    fn session(proof: Proof) -> Session {
        let id = SessionId::new(NOW, [2; 10]);
        let new =
            NewSession { id, operator: OperatorId::new(NOW, [1; 10]), proof, origin: Origin::default() };
        Session::open(new, SessionLimits::default(), NOW).into_value()
    }

    #[test]
    fn a_session_ends_when_idle_at_the_end_of_the_day_and_when_ended() {
        let limits = SessionLimits::default();
        let mut open = session(Proof::Passkey);
        assert!(open.works_at(limits, NOW.plus(Duration::from_mins(30))).is_ok());
        assert!(open.works_at(limits, NOW.plus(Duration::from_mins(32))).is_err());
        assert!(open.clone().see(NOW.plus(Duration::from_secs(59))).is_none());
        for minute in 1..720 {
            let now = NOW.plus(Duration::from_mins(minute));
            open = open.see(now).unwrap().into_value();
            assert!(open.works_at(limits, now).is_ok());
        }
        assert!(open.works_at(limits, NOW.plus(Duration::from_hours(12))).is_err());
        let ended = session(Proof::Passkey).end(NOW).into_value();
        assert!(ended.works_at(limits, NOW).is_err());
    }

    #[test]
    fn a_half_open_session_is_short_and_opens_nothing() {
        let half = session(Proof::Password);
        assert!(!half.proof.is_complete());
        assert!(half.works_at(SessionLimits::default(), NOW.plus(Session::HALF_OPEN)).is_err());
    }

    #[test]
    fn a_proof_is_fresh_for_ten_minutes() {
        let open = session(Proof::PasswordAndCode);
        assert!(open.is_fresh_at(NOW.plus(Duration::from_secs(599))));
        assert!(!open.is_fresh_at(NOW.plus(Duration::from_secs(600))));
    }
}
