//! Credit decisions: what the analysis found and the offer it allows.

use crate::id::{CustomerId, DecisionId};
use crate::offer::OfferTerms;
use crate::time::Timestamp;

/// What the analysis decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// An offer on these terms may be made.
    Approved(OfferTerms),
    /// No offer is made.
    Refused,
}

/// A recorded credit decision with its grounds (LGPD art. 20: automated decisions can be explained).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// Whom it is about.
    pub customer: CustomerId,
    /// What was decided.
    pub outcome: Outcome,
    /// The version of the policy that decided.
    pub policy_version: String,
    /// Why, in words.
    pub reasons: Vec<String>,
    /// When.
    pub decided_at: Timestamp,
}
