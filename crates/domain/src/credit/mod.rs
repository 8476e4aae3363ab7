//! Credit decisions: what the analysis found and the offer it allows.

pub mod policy;

use crate::actor::Actor;
use crate::id::{CustomerId, DecisionId};
use crate::offer::OfferTerms;
use crate::time::Timestamp;

/// The outcome of the analysis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// An offer on these terms may be made.
    Approved(OfferTerms),
    /// No offer is made.
    Refused,
    /// The policy leaves it to an operator, whose own decision follows.
    Referred,
}

/// A recorded credit decision with its grounds (LGPD art. 20: automated decisions can be explained).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// The customer.
    pub customer: CustomerId,
    /// The outcome.
    pub outcome: Outcome,
    /// The facts behind it: names and values, in order.
    pub inputs: Vec<(String, String)>,
    /// The actor who decided.
    pub decided_by: Actor,
    /// The version of the policy that decided.
    pub policy_version: String,
    /// Why, in words.
    pub reasons: Vec<String>,
    /// How many days an offer of it holds; `None`: as configured.
    pub valid_days: Option<u16>,
    /// When.
    pub decided_at: Timestamp,
}
