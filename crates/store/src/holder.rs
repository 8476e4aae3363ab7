//! Who owns rows and the keys that seal them: a partner or an operator.

use std::fmt;
use std::str::FromStr;

use domain::id::{OperatorId, PartnerId};

use crate::db::error::StoreError;
use crate::db::value::{Arg, ToArg};

/// The owner of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A partner.
    Partner(PartnerId),
    /// An operator.
    Operator(OperatorId),
}

impl From<PartnerId> for Holder {
    fn from(partner: PartnerId) -> Self {
        Self::Partner(partner)
    }
}

impl ToArg for Holder {
    fn to_arg(&self) -> Arg<'_> {
        match self {
            Self::Partner(partner) => partner.to_arg(),
            Self::Operator(operator) => operator.to_arg(),
        }
    }
}

impl From<OperatorId> for Holder {
    fn from(operator: OperatorId) -> Self {
        Self::Operator(operator)
    }
}

impl FromStr for Holder {
    type Err = StoreError;

    fn from_str(id: &str) -> Result<Self, StoreError> {
        if let Ok(partner) = id.parse() {
            return Ok(Self::Partner(partner));
        }
        let unknown = |_| StoreError::Corrupt("the owner of a sealed row is unknown".into());
        id.parse().map(Self::Operator).map_err(unknown)
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Partner(partner) => partner.fmt(f),
            Self::Operator(operator) => operator.fmt(f),
        }
    }
}
