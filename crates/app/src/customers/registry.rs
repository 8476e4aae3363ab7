//! The company registry, a port: the facts of a company by its CNPJ.
//!
//! The sandbox answers from the tags of the e-mail address and from the CNPJ, always the same for the same
//! registration. In production no registry is connected yet. So KYC requires the documents of a MEI, the company's age
//! is unknown, and names come from the partner. For the tax the company is no MEI: reduced rates need a known regime.

use domain::credential::Environment;
use domain::customer::{Customer, LegalNature, Registration};
use domain::loan::iof::IofRegime;
use domain::person::Name;
use domain::tax_id::{Cnpj, Cpf};
use domain::time::Date;
use jiff::{Span, civil};

use crate::tags;

/// The registry's facts of a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyFacts {
    /// Its legal nature.
    pub legal_nature: LegalNature,
    /// The person responsible for the company.
    pub responsible: Option<Name>,
    /// Its trading name.
    pub trading_name: Option<Name>,
    /// The day on which it was opened.
    pub opened_on: Option<Date>,
    /// Its co-owners with 25 % or more.
    pub co_owners: Vec<CoOwner>,
}

/// A co-owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoOwner {
    /// The person's name.
    pub name: Option<Name>,
    /// The person's tax number.
    pub cpf: Cpf,
}

/// A company registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompanyRegistry {
    /// It answers from the tags and the CNPJ.
    Sandbox,
    /// It knows no company.
    NotConnected,
}

impl CompanyRegistry {
    /// The registry of an environment.
    pub fn of(environment: Environment) -> Self {
        match environment {
            Environment::Sandbox => Self::Sandbox,
            Environment::Production => Self::NotConnected,
        }
    }

    /// The tax regime of a loan of the customer. If the company is unknown, the full rates are the safe ones: the
    /// lender owes the Treasury any tax that it failed to withhold.
    pub fn regime(self, customer: &Customer) -> IofRegime {
        match self {
            Self::Sandbox => IofRegime::of(customer.registration.cnpj, customer.legal_nature),
            Self::NotConnected => IofRegime::Company,
        }
    }

    /// Looks up the facts of a company.
    pub fn look_up(self, registration: &Registration) -> CompanyFacts {
        match self {
            Self::Sandbox => invented(registration),
            Self::NotConnected => CompanyFacts {
                legal_nature: LegalNature::Mei,
                responsible: None,
                trading_name: None,
                opened_on: None,
                co_owners: Vec::new(),
            },
        }
    }
}

fn invented(registration: &Registration) -> CompanyFacts {
    let tagged = |tag: &str| tags::has(registration, tag);
    let legal_nature = if tagged("sa") {
        LegalNature::Sa
    } else if tagged("ltda") {
        LegalNature::Ltda
    } else if tagged("eireli") {
        LegalNature::Eireli
    } else if tagged("ei") {
        LegalNature::Ei
    } else {
        LegalNature::Mei
    };
    let co_owners = match legal_nature {
        LegalNature::Ltda | LegalNature::Sa => sandbox_co_owner(registration.cpf).into_iter().collect(),
        LegalNature::Mei | LegalNature::Ei | LegalNature::Eireli => Vec::new(),
    };
    let (responsible, trading_name) = registration.cnpj.map_or((None, None), names_of);
    let opened_on = registration.cnpj.map(opening_of);
    CompanyFacts { legal_nature, responsible, trading_name, opened_on, co_owners }
}

/// An invented opening day from 2000 to 2023, the same for the same CNPJ.
fn opening_of(cnpj: Cnpj) -> Date {
    const DAYS: u32 = 24 * 365;
    // The sums of similar CNPJs are close to each other. The factor 2,503, a prime, spreads them.
    let days = i64::from(sum_of(cnpj) * 2_503 % DAYS);
    civil::date(2000, 1, 1).saturating_add(Span::new().days(days))
}

/// The sum of a CNPJ's bytes, weighted by position. It differs between most CNPJs.
fn sum_of(cnpj: Cnpj) -> u32 {
    cnpj.characters().bytes().zip(1..).map(|(byte, place)| u32::from(byte) * place).sum()
}

/// Invented names of the person and of the company, the same for the same CNPJ.
fn names_of(cnpj: Cnpj) -> (Option<Name>, Option<Name>) {
    const PEOPLE: [&str; 8] = [
        "Ana Beatriz Lima",
        "Carlos Eduardo Nogueira",
        "Fernanda Ribeiro da Silva",
        "João Pedro Azevedo",
        "Luciana Gonçalves Prado",
        "Marcos Antônio Teixeira",
        "Patrícia Moura Brandão",
        "Rafael Conceição Dias",
    ];
    const COMPANIES: [&str; 8] = [
        "Padaria Pão da Serra",
        "Mercearia Três Irmãos",
        "Ateliê Linha Fina",
        "Oficina do Bairro",
        "Doces da Estação",
        "Papelaria Traço Certo",
        "Barbearia Navalha",
        "Floricultura Jardim Novo",
    ];
    // One digit in base eight for each list.
    let sum = usize::try_from(sum_of(cnpj)).expect("a weighted sum of fourteen bytes is small");
    let pick = |list: &[&str; 8], at: usize| Name::parse(list[at % 8]).expect("invented names are names");
    (Some(pick(&PEOPLE, sum)), Some(pick(&COMPANIES, sum / 8)))
}

/// One invented co-owner, never the applicant again.
fn sandbox_co_owner(applicant: Cpf) -> Option<CoOwner> {
    let known = ["255.248.930-33", "111.444.777-35"];
    let cpf = known.iter().filter_map(|text| Cpf::parse(text).ok()).find(|cpf| *cpf != applicant)?;
    Some(CoOwner { name: Name::parse("Maria Aparecida Souza").ok(), cpf })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_the_sandbox_a_company_always_has_the_same_opening_day_before_2024() {
        let days: Vec<Date> = ["11.222.333/0001-81", "12.345.678/0001-95", "12.ABC.345/01DE-35"]
            .map(|text| opening_of(Cnpj::parse(text).unwrap()))
            .to_vec();
        assert!(days.iter().all(|day| (2000..=2023).contains(&day.year())), "{days:?}");
        assert!(days[0] != days[1] && days[1] != days[2], "{days:?}");
    }
}
