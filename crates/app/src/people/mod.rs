//! The lender's operators, the decisions that two of them take, and the audit trail of their calls.

pub mod notes;
pub mod operators;
pub mod proposals;
pub mod sign_in;
pub mod trail;
