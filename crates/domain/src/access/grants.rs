//! The permissions and limits of an operator, from all of its roles.

use super::permission::{Permission, Permissions};
use crate::money::Cents;

/// The largest amounts on which a role, or the operator who has it, may decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest amount of an offer that it may approve.
    pub largest_approval: Cents,
    /// The largest debt that it may give up: the unpaid principal of a loan that it writes off.
    pub largest_waiver: Cents,
}

impl Limits {
    /// No amount at all.
    pub const NOTHING: Self = Self { largest_approval: Cents::ZERO, largest_waiver: Cents::ZERO };

    /// The larger of each limit.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            largest_approval: self.largest_approval.max(other.largest_approval),
            largest_waiver: self.largest_waiver.max(other.largest_waiver),
        }
    }
}

/// The permissions and limits of an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grants {
    /// Everything that one of its roles allows.
    pub permissions: Permissions,
    /// The largest of its roles' limits.
    pub limits: Limits,
}

impl Grants {
    /// Whether the operator may run the use cases of a permission.
    pub const fn allows(&self, permission: Permission) -> bool {
        self.permissions.contains(permission)
    }
}
