//! Operators of the lender, their roles and permissions, and the decisions that two of them take.
//!
//! A [`Permission`] is named by the use case that it opens. A [`role::Role`] is a set of permissions with limits, and
//! roles are data: the lender's file, or a built-in one. [`grants::Grants`] add up the roles of one operator.
//! [`proposal`] is the machine of a decision that two people take.
//!
//! Reasons: docs/decisions/0022. A person signs in to the console by a [`session`]; reasons: docs/decisions/0025.

pub mod action;
pub mod entry;
pub mod grants;
pub mod operator;
pub mod permission;
pub mod person;
pub mod proposal;
pub mod role;
pub mod session;
pub mod step;
pub mod team;

pub use self::action::{Action, Proposed};
pub use self::entry::{Entry, EntryOver, EntryPurpose, EntryRecord};
pub use self::grants::{Grants, Limits};
pub use self::operator::{NewOperator, Operator, OperatorKind, OperatorRecord, OperatorStatus, Revoked};
pub use self::permission::{Permission, Permissions};
pub use self::person::{
    Authenticator, AuthenticatorSecret, FactorRefused, Passkey, PasswordHash, Person, PersonRecord, Subject,
};
pub use self::proposal::{
    Decider, FourEyes, NewProposal, NotDecided, Proposal, ProposalRecord, ProposalState,
};
pub use self::role::{Role, RoleName, RoleNames, Roles};
pub use self::session::{NewSession, Origin, Proof, Session, SessionLimits, SessionOver, SessionRecord};
pub use self::step::{NotProved, Step};
pub use self::team::{Membership, TeamRole};
