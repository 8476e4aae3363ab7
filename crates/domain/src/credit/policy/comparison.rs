//! The verdicts of a new policy on past applications, beside those of the policy in force.
//!
//! Both policies see the facts that were recorded when the application was decided. So the numbers are those of the
//! rules alone: a later offer or loan does not change them.

use super::{Facts, Policy};
use crate::credit::Outcome;
use crate::id::{CustomerId, PartnerId};
use crate::spelled;

/// The kind of a policy's verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VerdictKind {
    /// It approves.
    Approved,
    /// It refuses.
    Refused,
    /// It leaves the decision to an operator.
    Referred,
}

spelled!(VerdictKind { Approved = "approved", Refused = "refused", Referred = "referred" });

impl VerdictKind {
    /// The kind of an outcome.
    pub const fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Approved(_) => Self::Approved,
            Outcome::Refused => Self::Refused,
            Outcome::Referred => Self::Referred,
        }
    }
}

/// Most applications that are named one by one.
pub const MOST_NAMED: usize = 200;

/// The verdicts of two policies on the same applications.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// The number of applications.
    pub applications: u32,
    /// Those that only the new policy approves.
    pub approved_more: u32,
    /// Those that only the old policy approves.
    pub approved_fewer: u32,
    /// Those that only the new policy refuses.
    pub refused_more: u32,
    /// Those that only the old policy refuses.
    pub refused_fewer: u32,
    /// Those that both approve, on different terms.
    pub other_terms: u32,
    /// Whether older applications were left out, because there are too many.
    pub is_cut: bool,
    /// The first [`MOST_NAMED`] applications with another verdict or other terms, newest first.
    pub changes: Vec<Differing>,
}

/// An application on which the policies differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differing {
    /// The partner.
    pub partner: PartnerId,
    /// The customer.
    pub customer: CustomerId,
    /// The verdict of the policy in force.
    pub before: VerdictKind,
    /// The verdict of the new policy.
    pub after: VerdictKind,
    /// The new policy's reason.
    pub reason: String,
}

impl Comparison {
    /// Counts an application. Without an old policy an operator decides on each.
    pub fn count(
        &mut self, (partner, customer): (PartnerId, CustomerId), facts: &Facts, old: Option<&Policy>,
        new: &Policy,
    ) {
        let before = old.map_or(Outcome::Referred, |old| old.evaluate(facts).outcome);
        let verdict = new.evaluate(facts);
        self.applications += 1;
        if before == verdict.outcome {
            return;
        }
        let (before, after) = (VerdictKind::of(&before), VerdictKind::of(&verdict.outcome));
        if before == after {
            self.other_terms += 1;
        }
        let only = |kind: VerdictKind, this: VerdictKind, other: VerdictKind| {
            u32::from(this == kind && other != kind)
        };
        self.approved_more += only(VerdictKind::Approved, after, before);
        self.approved_fewer += only(VerdictKind::Approved, before, after);
        self.refused_more += only(VerdictKind::Refused, after, before);
        self.refused_fewer += only(VerdictKind::Refused, before, after);
        if self.changes.len() < MOST_NAMED {
            let reason = verdict.reasons.into_iter().next().into_iter().collect();
            self.changes.push(Differing { partner, customer, before, after, reason });
        }
    }
}
