//! The lender's operators, and the audit trail of their calls.

pub mod operators;
pub mod trail;
