//! The credit policy: rules as data, and the verdict that they give on a company.
//!
//! First, a refusal whose condition holds refuses. Then the first table row that fits sets the terms. If a rule needs
//! an unknown fact, an operator decides, so an unknown fact never approves. Evaluation is total and depends only on
//! the policy and the facts. The configured validity of offers is not known here.

pub mod comparison;
mod reasons;
mod rules;
#[cfg(test)]
mod tests;
pub mod version;
mod weighing;

use uuid::Uuid;

pub use self::rules::{Approval, Condition, Refusal, Row};
use self::weighing::Deciding;
pub use self::weighing::{Holds, RuleKind, Weighed};
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
    /// The version. Each decision of the policy keeps it.
    pub version: String,
    /// The one who approves: the policy or an operator.
    pub approval: Approval,
    /// The rules that refuse. The first one whose condition holds decides.
    pub refusals: Vec<Refusal>,
    /// The table of terms. The first row that fits decides.
    pub rows: Vec<Row>,
}

/// The amounts that a person or a company was granted and owes, over all partners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exposure {
    /// The granted amount. Each open offer counts with its maximum, and so does each approved decision whose offer is
    /// not made yet. Each loan counts with its principal until its end.
    pub granted: Cents,
    /// The unpaid principal of active loans, without interest and charges.
    pub outstanding: Cents,
}

/// The exposure of a customer by both of its tax numbers. Neither contains the other: the person may have other
/// companies, and the company may be registered with other persons. Their sum would count one loan twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exposures {
    /// By the person's CPF.
    pub person: Exposure,
    /// By the company's CNPJ; zero without a CNPJ.
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

/// The known facts about a company when its credit is analysed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The legal nature.
    pub legal_nature: LegalNature,
    /// The tax regime. No rule asks for it; it goes into the terms.
    pub regime: IofRegime,
    /// The age in full months; `None` if unknown.
    pub company_age_months: Option<u32>,
    /// The customer's partner.
    pub partner: PartnerId,
    /// The amounts that it was granted and owes already, over all partners.
    pub exposure: Exposures,
}

/// The answer of a policy for one company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The outcome.
    pub outcome: Outcome,
    /// Days for which an offer of it is valid; `None`: as configured.
    pub valid_days: Option<u16>,
    /// The reasons of the deciding rule, in Portuguese.
    pub reasons: Vec<String>,
}

/// The full months from a company's opening to `today`; `None` if it opens later than `today`.
pub fn age_months(opened: Date, today: Date) -> Option<u32> {
    let months = (i32::from(today.year()) - i32::from(opened.year())) * 12 + i32::from(today.month())
        - i32::from(opened.month())
        - i32::from(today.day() < opened.day());
    u32::try_from(months).ok()
}

impl Policy {
    /// The policy's verdict.
    pub fn evaluate(&self, facts: &Facts) -> Verdict {
        match self.deciding(facts) {
            Deciding::Refusal(rule) => Verdict::of(Outcome::Refused, vec![reasons::refused(rule)]),
            Deciding::Doubts(doubts) => {
                let doubts = doubts.iter().map(|rule| reasons::age_unknown("recusa", &rule.name));
                Verdict::of(Outcome::Referred, doubts.collect())
            }
            Deciding::Row(row) => self.of_row(row, facts),
            Deciding::Doubt(row) => {
                Verdict::of(Outcome::Referred, vec![reasons::age_unknown("tabela", &row.name)])
            }
            Deciding::Nothing => Verdict::of(Outcome::Referred, vec![reasons::NO_ROW.to_owned()]),
        }
    }

    /// The rules that decide on a company.
    fn deciding(&self, facts: &Facts) -> Deciding<'_> {
        if let Some(refusal) = self.refusals.iter().find(|rule| rule.when.holds(facts) == Holds::Yes) {
            return Deciding::Refusal(refusal);
        }
        let doubts = self.refusals.iter().filter(|rule| rule.when.holds(facts) == Holds::AgeUnknown);
        let doubts: Vec<_> = doubts.collect();
        if !doubts.is_empty() {
            return Deciding::Doubts(doubts);
        }
        let answered = self.rows.iter().map(|row| (row, row.when.holds(facts)));
        match answered.into_iter().find(|(_, holds)| *holds != Holds::No) {
            Some((row, Holds::AgeUnknown)) => Deciding::Doubt(row),
            Some((row, Holds::Yes | Holds::No)) => Deciding::Row(row),
            None => Deciding::Nothing,
        }
    }

    /// The answer of every rule, in the order in which the policy asks them.
    pub fn weigh(&self, facts: &Facts) -> Vec<Weighed> {
        let deciding = self.deciding(facts);
        let weighed = |kind, name: &str, when: &Condition, decides| Weighed {
            kind,
            name: name.to_owned(),
            about: when.to_string(),
            holds: when.holds(facts),
            decides,
        };
        let refusals = self.refusals.iter();
        let refusals = refusals
            .map(|rule| weighed(RuleKind::Refusal, &rule.name, &rule.when, deciding.is_refusal(rule)));
        let rows = self.rows.iter();
        let rows = rows.map(|row| weighed(RuleKind::Row, &row.name, &row.when, deciding.is_row(row)));
        refusals.chain(rows).collect()
    }

    /// The terms of the row that fits, also if an operator approves.
    pub fn terms(&self, facts: &Facts) -> Option<OfferTerms> {
        match self.deciding(facts) {
            Deciding::Row(row) => Some(row.terms(facts.regime)),
            Deciding::Refusal(_) | Deciding::Doubts(_) | Deciding::Doubt(_) | Deciding::Nothing => None,
        }
    }

    fn of_row(&self, row: &Row, facts: &Facts) -> Verdict {
        let reasons = vec![reasons::fits(row, self.approval), row.terms_in_words()];
        match self.approval {
            Approval::Automatic => Verdict {
                outcome: Outcome::Approved(row.terms(facts.regime)),
                valid_days: row.valid_days,
                reasons,
            },
            Approval::ByOperator => Verdict::of(Outcome::Referred, reasons),
        }
    }

    /// The names of the rules that can never decide, because earlier rules always decide first.
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

    /// One company of known age for each kind that the rules distinguish.
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

    /// One exposure for each kind that the rules distinguish. Nobody owes more than was granted.
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
    /// The facts as names and values, for the record of a decision.
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

    /// The facts of a recorded decision; `None` if it was not made by a policy. The tax regime is not recorded, and no
    /// rule asks for it.
    pub fn read(inputs: &[(String, String)]) -> Option<Self> {
        let text = |name: &str| inputs.iter().find(|(given, _)| given == name).map(|(_, text)| text.as_str());
        let amount = |name: &str| Cents::parse(text(name)?).ok();
        let age = match text("idade_da_empresa_meses")? {
            "desconhecida" => None,
            months => Some(months.parse().ok()?),
        };
        Some(Self {
            legal_nature: text("natureza_juridica")?.parse().ok()?,
            regime: IofRegime::Company,
            company_age_months: age,
            partner: text("parceiro")?.parse().ok()?,
            exposure: Exposures {
                person: Exposure { granted: amount("concedido_cpf")?, outstanding: amount("em_aberto_cpf")? },
                company: Exposure {
                    granted: amount("concedido_cnpj")?,
                    outstanding: amount("em_aberto_cnpj")?,
                },
            },
        })
    }

    /// The nil id, which no partner has. It represents every partner that no rule names.
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
