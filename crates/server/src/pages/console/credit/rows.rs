//! The policy's rules, the facts and the decisions before, as the page shows them.

use app::credit::{CreditSheet, Weighing};
use domain::actor::Actor;
use domain::credit::explanation::explanation;
use domain::credit::policy::{Holds, RuleKind, Weighed};
use domain::credit::{Decision, Outcome};
use domain::offer::OfferTerms;
use domain::written;

use crate::pages::kit::badge::Badge;
use crate::pages::kit::shown::{Money, exact};
use crate::pages::texts::Texts;

/// A rule of the policy.
pub(super) struct Rule {
    pub(super) kind: &'static str,
    pub(super) name: String,
    /// The companies that it is about, in Portuguese.
    pub(super) about: String,
    pub(super) answer: &'static str,
    pub(super) decides: bool,
    pub(super) glyph: &'static str,
    pub(super) tone: &'static str,
}

impl Rule {
    fn of(rule: &Weighed, t: &Texts) -> Self {
        let c = &t.credit;
        let (kind, answers) = match rule.kind {
            RuleKind::Refusal => (c.rule_refuses, [c.rule_holds, c.rule_does_not_hold]),
            RuleKind::Row => (c.rule_row, [c.rule_fits, c.rule_does_not_fit]),
        };
        let (answer, glyph) = match rule.holds {
            Holds::Yes => (answers[0], "check"),
            Holds::No => (answers[1], "x"),
            Holds::AgeUnknown => (c.rule_unknown, "circle-alert"),
        };
        let tone = match (rule.decides, rule.kind, rule.holds) {
            (false, _, _) => "",
            (true, RuleKind::Row, Holds::Yes) => "ok",
            (true, RuleKind::Refusal, Holds::Yes) => "bad",
            (true, _, Holds::No | Holds::AgeUnknown) => "warn",
        };
        let (name, about) = (rule.name.clone(), rule.about.clone());
        Self { kind, name, about, answer, decides: rule.decides, glyph, tone }
    }
}

/// Today's verdict of the policy in force on the customer.
pub(super) struct Says {
    pub(super) version: String,
    /// The largest amount, the rate and the installments of the row that fits.
    pub(super) terms: Option<(Money, String, String)>,
    pub(super) then: &'static str,
    /// The reasons of the rule that decides, in Portuguese.
    pub(super) reasons: Vec<String>,
    pub(super) rules: Vec<Rule>,
}

impl Says {
    pub(super) fn of(weighing: &Weighing, t: &Texts) -> Self {
        let then = match weighing.verdict.outcome {
            Outcome::Approved(_) => t.credit.policy_approves,
            Outcome::Refused => t.credit.policy_refuses,
            Outcome::Referred => t.credit.policy_refers,
        };
        let reasons = &weighing.verdict.reasons;
        Self {
            version: (t.credit.version)(&weighing.version),
            terms: weighing.terms.as_ref().map(|terms| suggested(terms, t)),
            then,
            // The terms are in the sentence above.
            reasons: reasons
                .iter()
                .take(if weighing.terms.is_some() { 0 } else { reasons.len() })
                .cloned()
                .collect(),
            rules: weighing.rules.iter().map(|rule| Rule::of(rule, t)).collect(),
        }
    }
}

fn suggested(terms: &OfferTerms, t: &Texts) -> (Money, String, String) {
    let rate = (t.credit.a_month)(&written::percent(terms.interest_rate));
    let (fewest, most) = terms.term.bounds();
    (Money(terms.approved_amount), rate, (t.credit.installments)(fewest, most))
}

/// A fact, its value and its source.
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) source: &'static str,
}

/// The facts today, which a decision keeps.
pub(super) fn facts(sheet: &CreditSheet, t: &Texts) -> Vec<Fact> {
    let c = &t.credit;
    let facts = &sheet.facts;
    let age = facts.company_age_months.map_or_else(|| c.unknown.to_owned(), c.months);
    let fact = |name, value, source| Fact { name, value, source };
    let amount = |name, cents| fact(name, written::money(cents), c.from_books);
    let mut all = vec![
        fact(c.nature, facts.legal_nature.name().to_uppercase(), c.from_registration),
        fact(c.age, age, c.from_registry),
        fact(c.partner, sheet.partner.clone(), c.from_registration),
        amount(c.granted_person, facts.exposure.person.granted),
        amount(c.outstanding_person, facts.exposure.person.outstanding),
    ];
    if sheet.file.customer.registration.cnpj.is_some() {
        all.push(amount(c.granted_company, facts.exposure.company.granted));
        all.push(amount(c.outstanding_company, facts.exposure.company.outstanding));
    }
    all
}

/// A decision that was made.
pub(super) struct Past {
    pub(super) badge: Badge,
    pub(super) by: String,
    pub(super) at: String,
    pub(super) version: String,
    /// The reasons and the terms in words, in Portuguese.
    pub(super) reasons: Vec<String>,
    /// The text for the customer, in Portuguese.
    pub(super) explanation: String,
}

impl Past {
    pub(super) fn of(decision: &Decision, sheet: &CreditSheet, t: &Texts) -> Self {
        let mut reasons = decision.reasons.clone();
        if let Outcome::Approved(terms) = &decision.outcome {
            reasons.insert(0, (t.credit.approved_up_to)(&written::money(terms.approved_amount)));
        }
        let by = match decision.decided_by {
            Actor::Policy => t.credit.by_policy.to_owned(),
            Actor::Operator(id) => sheet.names.get(&id).cloned().unwrap_or_else(|| id.to_string()),
            Actor::Sandbox => t.credit.by_sandbox.to_owned(),
        };
        Self {
            badge: Badge::of_decision(&decision.outcome, &t.credit),
            by,
            at: exact(decision.decided_at),
            version: (t.credit.version)(&decision.policy_version),
            reasons,
            explanation: explanation(decision),
        }
    }
}
