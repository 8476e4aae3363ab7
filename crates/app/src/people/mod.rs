//! The lender's operators, the decisions that two of them take, and the audit trail of their calls.

pub mod authenticator;
pub mod factors;
pub mod invitations;
pub mod notes;
pub mod operators;
pub mod passkeys;
pub mod passwords;
pub mod proposal_sheet;
pub mod proposals;
mod proposing;
pub mod provider;
pub mod sign_in;
pub mod team;
pub mod trail;
