//! Links that sign a person in once: the sandbox's first link, invitations and resets.

use std::time::Duration;

use crate::closed::{Changed, closed};
use crate::id::OperatorId;
use crate::spelled;
use crate::time::RealTime;

/// The purpose of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryPurpose {
    /// It signs in without a password. Only a sandbox makes such links.
    SignIn,
    /// It lets an invited person choose how to sign in.
    Invitation,
    /// It lets a person choose a new password.
    Reset,
}

spelled!(EntryPurpose { SignIn = "sign_in", Invitation = "invitation", Reset = "reset" });

impl EntryPurpose {
    /// The time for which a link works.
    pub const fn validity(self) -> Duration {
        match self {
            Self::SignIn => Duration::from_mins(10),
            Self::Invitation => Duration::from_hours(72),
            Self::Reset => Duration::from_hours(1),
        }
    }
}

closed! {
    /// A link. Only its commands change it.
    pub struct Entry(EntryRecord);
}

/// The fields of a link. Its secret is not among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRecord {
    /// The person.
    pub operator: OperatorId,
    /// The purpose.
    pub purpose: EntryPurpose,
    /// Time of creation.
    pub created_at: RealTime,
    /// The time from which it no longer works.
    pub expires_at: RealTime,
    /// The time of its use.
    pub used_at: Option<RealTime>,
}

/// Why a link does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryOver {
    /// It was used before.
    #[error("the link was used before")]
    Used,
    /// Its time is over.
    #[error("the link has expired")]
    Expired,
}

impl Entry {
    /// A person gets at most one link for a new password in this time.
    pub const AGAIN: Duration = Duration::from_mins(10);

    /// A new link for a person.
    pub fn create(operator: OperatorId, purpose: EntryPurpose, now: RealTime) -> Changed<Self> {
        let expires_at = now.plus(purpose.validity());
        Changed::silent(Self(EntryRecord { operator, purpose, created_at: now, expires_at, used_at: None }))
    }

    /// Whether it works at `now`.
    pub fn works_at(&self, now: RealTime) -> Result<(), EntryOver> {
        match self.used_at {
            Some(_) => Err(EntryOver::Used),
            None if now >= self.expires_at => Err(EntryOver::Expired),
            None => Ok(()),
        }
    }

    /// Whether it was made so recently that a person gets no other one for the same purpose.
    pub fn is_recent_at(&self, now: RealTime) -> bool {
        now.since(self.created_at) < Self::AGAIN
    }

    /// Uses it.
    pub fn enter(mut self, now: RealTime) -> Result<Changed<Self>, EntryOver> {
        self.works_at(now)?;
        self.0.used_at = Some(now);
        Ok(Changed::silent(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ResourceId as _;

    #[test]
    fn a_link_works_once_and_in_its_time() {
        let now = RealTime::from_seconds(1_790_000_000);
        let operator = OperatorId::new(now, [1; 10]);
        for purpose in EntryPurpose::ALL {
            let entry = Entry::create(operator, purpose, now).into_value();
            let end = now.plus(purpose.validity());
            assert!(entry.is_recent_at(now) && !entry.is_recent_at(now.plus(Entry::AGAIN)));
            assert_eq!(entry.clone().enter(end), Err(EntryOver::Expired));
            let used = entry.enter(now).unwrap().into_value();
            assert_eq!(used.clone().enter(now), Err(EntryOver::Used));
            assert_eq!(used.works_at(end), Err(EntryOver::Used));
        }
    }
}
