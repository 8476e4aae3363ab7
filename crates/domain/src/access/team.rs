//! The teams of partners: the people who work at a partner's dashboard.

use crate::id::PartnerId;
use crate::spelled;

/// The role of a member in a partner's team. Each role has the rights of the roles before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TeamRole {
    /// Reads everything.
    Support,
    /// Also makes keys and endpoints, sends webhooks again, and uses the tools of the sandbox.
    Developer,
    /// Also decides who is in the team.
    Admin,
}

spelled!(TeamRole { Support = "support", Developer = "developer", Admin = "admin" });

impl TeamRole {
    /// Whether the role may do what `least` may.
    pub fn includes(self, least: Self) -> bool {
        self >= least
    }
}

/// A person's place in the team of a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Membership {
    /// The partner.
    pub partner: PartnerId,
    /// The person's role.
    pub role: TeamRole,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_what_the_ones_before_it_may() {
        for (at, role) in TeamRole::ALL.into_iter().enumerate() {
            for (least_at, least) in TeamRole::ALL.into_iter().enumerate() {
                assert_eq!(role.includes(least), at >= least_at, "{role:?} {least:?}");
            }
        }
    }
}
