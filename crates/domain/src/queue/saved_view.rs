//! Saved views of queues: filters with a name, each of one operator.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::kind::Queue;
use crate::id::{InvalidId, OperatorId, PartnerId, SavedViewId};
use crate::money::Cents;
use crate::time::RealTime;

/// An operator, or nobody, as a caller names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The caller.
    Me,
    /// No operator.
    Nobody,
    /// The operator with this id.
    Operator(OperatorId),
}

impl FromStr for Who {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text {
            "me" => Ok(Self::Me),
            "nobody" => Ok(Self::Nobody),
            id => id.parse().map(Self::Operator),
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Me => f.write_str("me"),
            Self::Nobody => f.write_str("nobody"),
            Self::Operator(id) => id.fmt(f),
        }
    }
}

impl Who {
    /// The reason for refusing a wrong value.
    pub const WRONG: &'static str = "must be me, nobody or the id of an operator";

    /// The operator; `None` for nobody.
    pub fn operator(self, me: OperatorId) -> Option<OperatorId> {
        match self {
            Self::Me => Some(me),
            Self::Nobody => None,
            Self::Operator(id) => Some(id),
        }
    }
}

/// The chosen cases of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only cases of this partner.
    pub partner: Option<PartnerId>,
    /// Only cases of this operator, or of nobody.
    pub who: Option<Who>,
    /// Only cases that have waited longer.
    pub older_than: Option<Duration>,
    /// Only cases of at least this amount.
    pub least: Option<Cents>,
}

/// A filter of a queue under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// The id.
    pub id: SavedViewId,
    /// The operator who saved it. Nobody else sees it.
    pub owner: OperatorId,
    /// The queue.
    pub queue: Queue,
    /// The name.
    pub name: String,
    /// The filter.
    pub filter: Filter,
    /// Time of saving.
    pub saved_at: RealTime,
}
