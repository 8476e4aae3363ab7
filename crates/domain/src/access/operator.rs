//! Operators: the people and programs that decide for the lender, and the members of the partners' teams.

use super::role::RoleNames;
use super::team::{Membership, TeamRole};
use crate::closed::{Changed, closed};
use crate::credential::Maker;
use crate::id::OperatorId;
use crate::time::RealTime;

/// Whether an operator is a person or a program of the lender, or a member of a partner's team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperatorKind {
    /// A person, who signs in to the console.
    Person,
    /// A program, which has a token.
    Program,
    /// A person of a partner, who signs in to the partner's dashboard.
    Member,
}

crate::spelled!(OperatorKind { Person = "person", Program = "program", Member = "member" });

closed! {
    /// An operator. Only its commands change it.
    pub struct Operator(OperatorRecord);
}

/// The fields of an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorRecord {
    /// The operator's id.
    pub id: OperatorId,
    /// A person or a program.
    pub kind: OperatorKind,
    /// The operator's name, for people.
    pub name: String,
    /// Its roles, which say what it may do for the lender. A member has none.
    pub roles: RoleNames,
    /// A member's place in a partner's team; `None` for everybody else.
    pub team: Option<Membership>,
    /// The maker; a client id never makes one.
    pub created_by: Maker,
    /// Time of creation.
    pub created_at: RealTime,
    /// The time from which its token no longer works, if it expires.
    pub expires_at: Option<RealTime>,
    /// Time of its last call, to the minute.
    pub last_used_at: Option<RealTime>,
    /// The time at which its token was revoked.
    pub revoked_at: Option<RealTime>,
}

/// The values of a new operator.
#[derive(Debug, Clone)]
pub struct NewOperator {
    /// The operator's id.
    pub id: OperatorId,
    /// A person or a program.
    pub kind: OperatorKind,
    /// The operator's name.
    pub name: String,
    /// Its roles for the lender; none for a member.
    pub roles: RoleNames,
    /// A member's place in a partner's team; `None` for everybody else.
    pub team: Option<Membership>,
    /// The maker.
    pub created_by: Maker,
    /// The time of expiry, if it expires.
    pub expires_at: Option<RealTime>,
}

/// The operator's token has been revoked before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operator's token is revoked")]
pub struct Revoked;

/// Whether an operator's token works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperatorStatus {
    /// It works.
    Active,
    /// Its time of expiry has passed.
    Expired,
    /// It was revoked.
    Revoked,
}

crate::spelled!(OperatorStatus { Active = "active", Expired = "expired", Revoked = "revoked" });

impl Operator {
    /// A new operator, active at once.
    pub fn create(new: NewOperator, now: RealTime) -> Changed<Self> {
        let NewOperator { id, kind, name, roles, team, created_by, expires_at } = new;
        Changed::silent(Self(OperatorRecord {
            id,
            kind,
            name,
            roles,
            team,
            created_by,
            created_at: now,
            expires_at,
            last_used_at: None,
            revoked_at: None,
        }))
    }

    /// Ends its token for good. An expired one can be revoked too.
    pub fn revoke(mut self, now: RealTime) -> Result<Changed<Self>, Revoked> {
        if self.revoked_at.is_some() {
            return Err(Revoked);
        }
        self.0.revoked_at = Some(now);
        Ok(Changed::silent(self))
    }

    /// Gives it other roles, from its next call on.
    pub fn change_roles(mut self, roles: RoleNames) -> Result<Changed<Self>, Revoked> {
        if self.revoked_at.is_some() {
            return Err(Revoked);
        }
        self.0.roles = roles;
        Ok(Changed::silent(self))
    }

    /// Gives a member another role in the team, from the next request on. Nobody else has a place in a team.
    pub fn change_team_role(mut self, role: TeamRole) -> Result<Changed<Self>, Revoked> {
        if self.revoked_at.is_some() {
            return Err(Revoked);
        }
        self.0.team = self.team.map(|team| Membership { role, ..team });
        Ok(Changed::silent(self))
    }

    /// Whether its token works at `now`.
    pub fn status_at(&self, now: RealTime) -> OperatorStatus {
        if self.revoked_at.is_some() {
            OperatorStatus::Revoked
        } else if self.expires_at.is_some_and(|end| now >= end) {
            OperatorStatus::Expired
        } else {
            OperatorStatus::Active
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::id::ResourceId as _;

    #[test]
    fn a_token_works_until_its_expiry_or_its_revocation() {
        let now = RealTime::from_seconds(1_790_000_000);
        let later = now.plus(Duration::from_secs(60));
        let new = NewOperator {
            id: OperatorId::new(now, [1; 10]),
            kind: OperatorKind::Program,
            name: "Robô de pagamentos".to_owned(),
            roles: "treasury".parse().unwrap(),
            team: None,
            created_by: Maker::CommandLine,
            expires_at: Some(later),
        };
        let operator = Operator::create(new, now).into_value();
        assert_eq!(operator.status_at(now), OperatorStatus::Active);
        assert_eq!(operator.status_at(later), OperatorStatus::Expired);
        let revoked = operator.revoke(later).unwrap().into_value();
        assert_eq!(revoked.status_at(now), OperatorStatus::Revoked);
        assert!(revoked.clone().revoke(later).is_err());
        assert!(revoked.change_roles("auditor".parse().unwrap()).is_err());
    }
}
