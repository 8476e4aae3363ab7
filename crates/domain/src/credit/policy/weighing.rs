//! The answer of every rule of a policy for one company, and which of them decides.

use super::rules::{Refusal, Row};

/// The answer of a condition for one company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// The condition holds.
    Yes,
    /// It does not hold.
    No,
    /// The condition depends on the company's age, which is unknown.
    AgeUnknown,
}

/// The kind of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleKind {
    /// It refuses.
    Refusal,
    /// It sets the terms.
    Row,
}

/// A rule of the policy and its answer for one company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighed {
    /// The kind of the rule.
    pub kind: RuleKind,
    /// The name of the rule.
    pub name: String,
    /// The companies that the rule is about, in Portuguese.
    pub about: String,
    /// Whether it holds for the company.
    pub holds: Holds,
    /// Whether the verdict comes from it.
    pub decides: bool,
}

/// The rules from which a verdict comes.
pub(super) enum Deciding<'a> {
    /// The first refusal that holds.
    Refusal(&'a Refusal),
    /// No refusal holds for certain, but these may.
    Doubts(Vec<&'a Refusal>),
    /// The first row that fits.
    Row(&'a Row),
    /// The first row that fits or may fit is not certain.
    Doubt(&'a Row),
    /// No row fits.
    Nothing,
}

impl Deciding<'_> {
    /// Whether this refusal decides.
    pub(super) fn is_refusal(&self, rule: &Refusal) -> bool {
        match self {
            Self::Refusal(one) => std::ptr::eq(*one, rule),
            Self::Doubts(doubts) => doubts.iter().any(|one| std::ptr::eq(*one, rule)),
            Self::Row(_) | Self::Doubt(_) | Self::Nothing => false,
        }
    }

    /// Whether this row decides.
    pub(super) fn is_row(&self, rule: &Row) -> bool {
        match self {
            Self::Row(one) | Self::Doubt(one) => std::ptr::eq(*one, rule),
            Self::Refusal(_) | Self::Doubts(_) | Self::Nothing => false,
        }
    }
}
