//! A policy in Brazilian Portuguese, for the readers of decisions.

use std::fmt;

use super::rules::{Approval, Condition, Refusal, Row};
use crate::customer::LegalNature;
use crate::loan::pricing::Charges;
use crate::money::{Cents, Rate};
use crate::offer::Term;
use crate::written::money;

/// The reason if no row of the table fits.
pub(super) const NO_ROW: &str = "nenhuma tabela se aplica: decisão do operador";

/// The reason of a refusal.
pub(super) fn refused(rule: &Refusal) -> String {
    format!("recusa \"{}\": {}", rule.name, rule.reason)
}

/// The reason if the rule needs an unknown age.
pub(super) fn age_unknown(kind: &str, name: &str) -> String {
    format!("{kind} \"{name}\": depende da idade da empresa, que não é conhecida")
}

/// The reason if a row fits.
pub(super) fn fits(row: &Row, approval: Approval) -> String {
    let left = match approval {
        Approval::Automatic => "",
        Approval::ByOperator => "; a política deixa a aprovação ao operador",
    };
    format!("tabela \"{}\": {}{left}", row.name, row.when)
}

impl Row {
    /// Limits, rate, term and charges, such as
    /// `de R$ 1.000,00 a R$ 50.000,00, 3,5 % ao mês, 12 parcelas, tarifa de 1,2 %, encargos financiados`.
    pub fn terms_in_words(&self) -> String {
        let installments = match self.term {
            Term::Fixed(1) => "1 parcela".to_owned(),
            Term::Fixed(count) => format!("{count} parcelas"),
            Term::Range { min, max } => format!("de {min} a {max} parcelas"),
        };
        let charges = match self.charges {
            Charges::Financed => "encargos financiados",
            Charges::Deducted => "encargos descontados",
        };
        let (min, max) = (money(self.min_amount), money(self.max_amount));
        let (rate, fee) = (percent(self.monthly_rate), percent(self.fee));
        let valid = match self.valid_days {
            Some(1) => ", oferta válida por 1 dia".to_owned(),
            Some(days) => format!(", oferta válida por {days} dias"),
            None => String::new(),
        };
        format!("de {min} a {max}, {rate} ao mês, {installments}, tarifa de {fee}, {charges}{valid}")
    }
}

impl Approval {
    /// The one who approves, in words.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Automatic => "automática",
            Self::ByOperator => "pelo operador",
        }
    }
}

/// `MEI ou LTDA; empresa com 6 meses ou mais`, or `qualquer empresa`.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let natures = self.legal_natures.iter().map(|nature| in_capitals(*nature));
        let partners = self.partners.iter().map(ToString::to_string);
        let parts = [
            listed("", &natures.collect::<Vec<_>>()),
            age(self.age_from_months, self.age_below_months),
            amount("concedido", self.granted_from, self.granted_below),
            amount("em aberto", self.outstanding_from, self.outstanding_below),
            listed("parceiro ", &partners.collect::<Vec<_>>()),
        ];
        let said: Vec<String> = parts.into_iter().flatten().collect();
        if said.is_empty() { f.write_str("qualquer empresa") } else { f.write_str(&said.join("; ")) }
    }
}

fn listed(before: &str, items: &[String]) -> Option<String> {
    (!items.is_empty()).then(|| format!("{before}{}", items.join(" ou ")))
}

fn in_capitals(nature: LegalNature) -> String {
    nature.name().to_uppercase()
}

fn age(from: Option<u32>, below: Option<u32>) -> Option<String> {
    match (from, below) {
        (None, None) => None,
        (Some(from), None) => Some(format!("empresa com {from} meses ou mais")),
        (None, Some(below)) => Some(format!("empresa com menos de {below} meses")),
        (Some(from), Some(below)) => Some(format!("empresa com {from} meses ou mais e menos de {below}")),
    }
}

fn amount(what: &str, from: Option<Cents>, below: Option<Cents>) -> Option<String> {
    let everywhere = "em todos os parceiros";
    match (from.map(money), below.map(money)) {
        (None, None) => None,
        (Some(from), None) => Some(format!("{what} {everywhere}: {from} ou mais")),
        (None, Some(below)) => Some(format!("{what} {everywhere}: menos de {below}")),
        (Some(from), Some(below)) => Some(format!("{what} {everywhere}: {from} ou mais e menos de {below}")),
    }
}

fn percent(rate: Rate) -> String {
    format!("{} %", rate.percent()).replace('.', ",")
}
