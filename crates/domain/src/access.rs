//! Operators of the lender, their roles and permissions, and the decisions that two of them take.
//!
//! A [`Permission`] is named by the use case that it opens. A [`role::Role`] is a set of permissions with limits, and
//! roles are data: the lender's file, or a built-in one. [`grants::Grants`] add up the roles of one operator.
//! [`proposal`] is the machine of a decision that two people take.
//!
//! Reasons: docs/decisions/0022.

pub mod grants;
pub mod operator;
pub mod permission;
pub mod proposal;
pub mod role;

pub use self::grants::{Grants, Limits};
pub use self::operator::{NewOperator, Operator, OperatorRecord, OperatorStatus, Revoked};
pub use self::permission::{Permission, Permissions};
pub use self::proposal::{
    Action, Decider, FourEyes, NewProposal, NotDecided, Proposal, ProposalRecord, ProposalState,
};
pub use self::role::{Role, RoleName, RoleNames, Roles};
