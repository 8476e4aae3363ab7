//! The maker of a decision: an operator, the credit policy or the sandbox.

use std::fmt;
use std::str::FromStr;

use crate::id::{InvalidId, OperatorId};

/// The one who decided or recorded something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// An operator of the lender.
    Operator(OperatorId),
    /// The credit policy, without an operator.
    Policy,
    /// The sandbox's autopilot.
    Sandbox,
}

impl Actor {
    /// The operator, if a person or a program of the lender decided.
    pub const fn operator(self) -> Option<OperatorId> {
        match self {
            Self::Operator(id) => Some(id),
            Self::Policy | Self::Sandbox => None,
        }
    }
}

/// An operator's id, `policy` or `sandbox`.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator(id) => id.fmt(f),
            Self::Policy => f.write_str("policy"),
            Self::Sandbox => f.write_str("sandbox"),
        }
    }
}

impl FromStr for Actor {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text {
            "policy" => Ok(Self::Policy),
            "sandbox" => Ok(Self::Sandbox),
            id => id.parse().map(Self::Operator),
        }
    }
}
