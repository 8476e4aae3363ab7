//! The rules of a policy, as its author writes them.

use crate::customer::LegalNature;
use crate::id::PartnerId;
use crate::loan::pricing::Charges;
use crate::money::{Cents, Rate};
use crate::offer::Term;

/// The approver if a row of the table fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Approval {
    /// The policy, by itself.
    Automatic,
    /// An operator; the policy only refuses.
    ByOperator,
}

/// A rule that refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its name, its own in the policy.
    pub name: String,
    /// The companies that it refuses.
    pub when: Condition,
    /// Why, in words.
    pub reason: String,
}

/// A row of the table: limits, rate, term and charges of the companies that it fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its name, its own in the policy.
    pub name: String,
    /// The companies that it fits.
    pub when: Condition,
    /// The most that may be requested.
    pub max_amount: Cents,
    /// The least that may be requested.
    pub min_amount: Cents,
    /// The monthly rate.
    pub monthly_rate: Rate,
    /// The choice of installments.
    pub term: Term,
    /// The service fee on the requested amount.
    pub fee: Rate,
    /// Whether the customer pays the charges at release or over the term.
    pub charges: Charges,
    /// How many days an offer holds; `None`: as configured.
    pub valid_days: Option<u16>,
}

/// The companies to which a rule applies. An absent condition does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    /// These legal natures; empty: any.
    pub legal_natures: Vec<LegalNature>,
    /// Customers of these partners; empty: any.
    pub partners: Vec<PartnerId>,
    /// Companies of at least so many full months.
    pub age_from_months: Option<u32>,
    /// Companies of fewer full months.
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
