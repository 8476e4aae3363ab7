//! The rules of a policy, in the form in which its author writes them.

use crate::customer::LegalNature;
use crate::id::PartnerId;
use crate::loan::pricing::Charges;
use crate::money::{Cents, Rate};
use crate::offer::Term;

/// The one who approves if a row of the table fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Approval {
    /// The policy approves, without an operator.
    Automatic,
    /// An operator approves; the policy only refuses.
    ByOperator,
}

/// A rule that refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The name, unique in the policy.
    pub name: String,
    /// The companies that it refuses.
    pub when: Condition,
    /// The reason, in words.
    pub reason: String,
}

/// A row of the table: limits, rate, term and charges of the companies that it fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The name, unique in the policy.
    pub name: String,
    /// The companies that it fits.
    pub when: Condition,
    /// The largest amount that may be requested.
    pub max_amount: Cents,
    /// The smallest amount that may be requested.
    pub min_amount: Cents,
    /// The monthly rate.
    pub monthly_rate: Rate,
    /// The choice of installments.
    pub term: Term,
    /// The service fee on the requested amount.
    pub fee: Rate,
    /// The payment of fee and tax at release: added to the principal, or deducted.
    pub charges: Charges,
    /// Days for which an offer is valid; `None`: as configured.
    pub valid_days: Option<u16>,
}

/// The companies that a rule is about. An unset field does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    /// These legal natures; empty: any.
    pub legal_natures: Vec<LegalNature>,
    /// The customers of these partners; empty: of any partner.
    pub partners: Vec<PartnerId>,
    /// The company's age is at least so many full months.
    pub age_from_months: Option<u32>,
    /// The company's age is less than so many full months.
    pub age_below_months: Option<u32>,
    /// The granted amount over all partners is at least this.
    pub granted_from: Option<Cents>,
    /// The granted amount over all partners is less than this.
    pub granted_below: Option<Cents>,
    /// The outstanding amount over all partners is at least this.
    pub outstanding_from: Option<Cents>,
    /// The outstanding amount over all partners is less than this.
    pub outstanding_below: Option<Cents>,
}
