//! The credit policy: rules as data, and the verdict that they give on a company.
//!
//! A refusal that holds always wins. After it the first table row that fits sets the terms. A fact that a rule
//! needs and nobody knows refers the customer to an operator, so what is unknown never approves. Evaluation is
//! total and depends on nothing but the policy and the facts; how long an unset validity is, is not known here.

mod rules;
#[cfg(test)]
mod tests;
mod words;

use uuid::Uuid;

pub use self::rules::{Approval, Condition, Refusal, Row};
use super::Outcome;
use crate::customer::LegalNature;
use crate::id::{PartnerId, ResourceId as _};
use crate::loan::iof::IofRegime;
use crate::loan::pricing::Product;
use crate::money::Cents;
use crate::offer::OfferTerms;
use crate::time::Date;

/// A versioned credit policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its version, kept with each decision that it makes.
    pub version: String,
    /// The approver.
    pub approval: Approval,
    /// The refusals; the first that holds refuses.
    pub refusals: Vec<Refusal>,
    /// The rows of the table; the first that fits decides.
    pub rows: Vec<Row>,
}

/// The amounts that a person or a company has been granted and owes, over all partners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exposure {
    /// The maximum of each open offer and of each approved decision that will make one, and the principal of each loan
    /// until its end.
    pub granted: Cents,
    /// The unpaid principal of active loans, without interest and charges.
    pub outstanding: Cents,
}

/// The exposure of a customer by both of its numbers. The person may have other companies and the company other
/// registrants, so neither contains the other, and adding them would count one loan twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exposures {
    /// By the person's CPF.
    pub person: Exposure,
    /// By the company's CNPJ; nothing where there is none.
    pub company: Exposure,
}

impl Exposures {
    /// The larger of the two granted amounts.
    pub fn granted(&self) -> Cents {
        self.person.granted.max(self.company.granted)
    }

    /// The larger of the two outstanding amounts.
    pub fn outstanding(&self) -> Cents {
        self.person.outstanding.max(self.company.outstanding)
    }
}

/// The known facts of a company at its credit analysis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Its legal nature.
    pub legal_nature: LegalNature,
    /// How it is taxed. No rule asks for it; the terms take it over.
    pub regime: IofRegime,
    /// Its age in full months; `None` where nobody knows it.
    pub company_age_months: Option<u32>,
    /// The partner whose customer it is.
    pub partner: PartnerId,
    /// The amounts that it has been granted and owes already, over all partners.
    pub exposure: Exposures,
}

/// A policy's answer for a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The outcome.
    pub outcome: Outcome,
    /// How many days an offer of it holds; `None`: as configured.
    pub valid_days: Option<u16>,
    /// Why, in Portuguese, the rule that decided first.
    pub reasons: Vec<String>,
}

/// Whether a condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Yes,
    No,
    /// It would depend on the age of the company, which is not known.
    AgeUnknown,
}

/// The full months from a company's opening to `today`; `None` where it would open only later.
pub fn age_months(opened: Date, today: Date) -> Option<u32> {
    let months = (i32::from(today.year()) - i32::from(opened.year())) * 12 + i32::from(today.month())
        - i32::from(opened.month())
        - i32::from(today.day() < opened.day());
    u32::try_from(months).ok()
}

impl Policy {
    /// The policy's verdict.
    pub fn evaluate(&self, facts: &Facts) -> Verdict {
        if let Some(refusal) = self.refusals.iter().find(|rule| rule.when.holds(facts) == Holds::Yes) {
            return Verdict::of(Outcome::Refused, vec![words::refused(refusal)]);
        }
        let doubts = self.refusals.iter().filter(|rule| rule.when.holds(facts) == Holds::AgeUnknown);
        let doubts: Vec<_> = doubts.map(|rule| words::age_unknown("recusa", &rule.name)).collect();
        if !doubts.is_empty() {
            return Verdict::of(Outcome::Referred, doubts);
        }
        for row in &self.rows {
            match row.when.holds(facts) {
                Holds::Yes => return self.of_row(row, facts),
                Holds::AgeUnknown => {
                    return Verdict::of(Outcome::Referred, vec![words::age_unknown("tabela", &row.name)]);
                }
                Holds::No => {}
            }
        }
        Verdict::of(Outcome::Referred, vec![words::NO_ROW.to_owned()])
    }

    fn of_row(&self, row: &Row, facts: &Facts) -> Verdict {
        let reasons = vec![words::fits(row, self.approval), row.terms_in_words()];
        match self.approval {
            Approval::Automatic => Verdict {
                outcome: Outcome::Approved(row.terms(facts.regime)),
                valid_days: row.valid_days,
                reasons,
            },
            Approval::ByOperator => Verdict::of(Outcome::Referred, reasons),
        }
    }

    /// The names of the rules that can never decide, because those before them always do.
    pub fn unreachable(&self) -> Vec<&str> {
        let everyone = self.kinds_of_companies();
        let reached = |rule: &Condition, before: &[&Condition]| {
            everyone.iter().any(|facts| {
                rule.holds(facts) == Holds::Yes && before.iter().all(|rule| rule.holds(facts) == Holds::No)
            })
        };
        let refusals = self.refusals.iter().map(|rule| (rule.name.as_str(), &rule.when));
        let rows = self.rows.iter().map(|row| (row.name.as_str(), &row.when));
        let (mut before, mut dead) = (Vec::new(), Vec::new());
        for (name, condition) in refusals.chain(rows) {
            if !reached(condition, &before) {
                dead.push(name);
            }
            before.push(condition);
        }
        dead
    }

    /// The partners that a rule names, each once.
    pub fn named_partners(&self) -> Vec<PartnerId> {
        let mut partners: Vec<_> = self.conditions().flat_map(|rule| rule.partners.clone()).collect();
        partners.sort_unstable();
        partners.dedup();
        partners
    }

    fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.refusals.iter().map(|rule| &rule.when).chain(self.rows.iter().map(|row| &row.when))
    }

    /// One company of known age of each kind that the rules can tell apart.
    fn kinds_of_companies(&self) -> Vec<Facts> {
        let bounds = self.conditions().flat_map(|rule| [rule.age_from_months, rule.age_below_months]);
        let mut ages: Vec<u32> = bounds.flatten().chain([0]).collect();
        ages.sort_unstable();
        ages.dedup();
        let mut partners = self.named_partners();
        partners.push(Facts::any_other_partner());
        let mut kinds = Vec::new();
        for exposure in self.kinds_of_exposures() {
            for legal_nature in LegalNature::ALL {
                for &partner in &partners {
                    let of_age = |&age: &u32| Facts {
                        legal_nature,
                        regime: IofRegime::Company,
                        company_age_months: Some(age),
                        partner,
                        exposure,
                    };
                    kinds.extend(ages.iter().map(of_age));
                }
            }
        }
        kinds
    }

    /// One exposure of each kind that the rules can tell apart; nobody owes more than was granted.
    fn kinds_of_exposures(&self) -> Vec<Exposures> {
        let bounds = self.conditions().flat_map(|rule| {
            [rule.granted_from, rule.granted_below, rule.outstanding_from, rule.outstanding_below]
        });
        let mut amounts: Vec<Cents> = bounds.flatten().chain([Cents::ZERO]).collect();
        amounts.sort_unstable();
        amounts.dedup();
        let mut kinds = Vec::new();
        for (place, &granted) in amounts.iter().enumerate() {
            let owing = |&outstanding: &Cents| Exposures {
                person: Exposure { granted, outstanding },
                company: Exposure::default(),
            };
            kinds.extend(amounts[..=place].iter().map(owing));
        }
        kinds
    }
}

impl Facts {
    /// Names and values as a decision keeps them.
    pub fn inputs(&self) -> Vec<(String, String)> {
        let age = self.company_age_months.map_or_else(|| "desconhecida".to_owned(), |age| age.to_string());
        let Exposures { person, company } = self.exposure;
        [
            ("natureza_juridica", self.legal_nature.name().to_owned()),
            ("idade_da_empresa_meses", age),
            ("parceiro", self.partner.to_string()),
            ("concedido_cpf", person.granted.to_string()),
            ("em_aberto_cpf", person.outstanding.to_string()),
            ("concedido_cnpj", company.granted.to_string()),
            ("em_aberto_cnpj", company.outstanding.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }

    /// The nil id, which no partner has: it stands for every partner that no rule names.
    pub fn any_other_partner() -> PartnerId {
        PartnerId::from_uuid(Uuid::nil())
    }
}

impl Verdict {
    fn of(outcome: Outcome, reasons: Vec<String>) -> Self {
        Self { outcome, valid_days: None, reasons }
    }
}

impl Row {
    fn terms(&self, regime: IofRegime) -> OfferTerms {
        OfferTerms {
            approved_amount: self.max_amount,
            min_amount: self.min_amount,
            interest_rate: self.monthly_rate,
            term: self.term,
            product: Product { fee: self.fee, regime, charges: self.charges },
        }
    }
}

impl Condition {
    fn holds(&self, facts: &Facts) -> Holds {
        let concerns = (self.legal_natures.is_empty() || self.legal_natures.contains(&facts.legal_nature))
            && (self.partners.is_empty() || self.partners.contains(&facts.partner));
        let granted = within(self.granted_from, self.granted_below, facts.exposure.granted());
        let outstanding = within(self.outstanding_from, self.outstanding_below, facts.exposure.outstanding());
        if !(concerns && granted && outstanding) {
            return Holds::No;
        }
        if self.age_from_months.is_none() && self.age_below_months.is_none() {
            return Holds::Yes;
        }
        let Some(age) = facts.company_age_months else { return Holds::AgeUnknown };
        let old_enough = self.age_from_months.is_none_or(|from| age >= from);
        let young_enough = self.age_below_months.is_none_or(|below| age < below);
        if old_enough && young_enough { Holds::Yes } else { Holds::No }
    }
}

fn within(from: Option<Cents>, below: Option<Cents>, amount: Cents) -> bool {
    from.is_none_or(|from| amount >= from) && below.is_none_or(|below| amount < below)
}
