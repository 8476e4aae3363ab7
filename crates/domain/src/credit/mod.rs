//! Credit decisions: the outcome of the analysis and the offer that it allows.

pub mod explanation;
pub mod policy;

use crate::actor::Actor;
use crate::id::{CustomerId, DecisionId};
use crate::offer::OfferTerms;
use crate::time::{Date, Timestamp};

/// The outcome of a credit decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The lender may make an offer on these terms.
    Approved(OfferTerms),
    /// The lender makes no offer.
    Refused,
    /// The policy refers the customer to an operator, whose decision follows.
    Referred,
}

/// The terms of an offer that does not exist yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTerms {
    /// The terms. The declaration or the registry decides the tax regime, whatever they have.
    pub terms: OfferTerms,
    /// Day of the company's declaration that it is in Simples Nacional or a MEI.
    pub simples_declared_on: Option<Date>,
}

/// An approval that an operator wants, with its grounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The offer that it makes.
    pub offer: NewTerms,
    /// The facts behind it: names and values.
    pub inputs: Vec<(String, String)>,
    /// The version of the credit policy that was followed.
    pub policy_version: String,
    /// The reasons, in words.
    pub reasons: Vec<String>,
    /// Validity of the offer in days; `None`: as configured.
    pub valid_days: Option<u16>,
}

/// A recorded credit decision with its grounds (LGPD art. 20: automated decisions can be explained).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The decision's id.
    pub id: DecisionId,
    /// The customer whose credit was analysed.
    pub customer: CustomerId,
    /// The outcome.
    pub outcome: Outcome,
    /// The facts of the decision: names and values, in order.
    pub inputs: Vec<(String, String)>,
    /// The maker of the decision.
    pub decided_by: Actor,
    /// The version of the deciding policy.
    pub policy_version: String,
    /// The reasons, in words.
    pub reasons: Vec<String>,
    /// Days for which an offer of it is valid; `None`: as configured.
    pub valid_days: Option<u16>,
    /// Time of the decision.
    pub decided_at: Timestamp,
}
