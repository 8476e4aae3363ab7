//! IOF: the tax on credit operations (Decreto 6.306/2007 as amended by Decreto 12.499/2025).

use super::schedule::ScheduledInstallment;
use crate::customer::LegalNature;
use crate::money::{Cents, Rate};
use crate::spelled;
use crate::tax_id::Cnpj;
use crate::time::Date;

/// The tax regime of a borrower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IofRegime {
    /// The full rates: for a company or a natural person.
    Company,
    /// The reduced rates, if the principal is small: for a company in Simples Nacional, or a MEI.
    Simples,
}

spelled!(IofRegime { Company = "company", Simples = "simples" });

impl IofRegime {
    /// The regime of a borrower with this legal nature. A borrower without a CNPJ is a natural person, whatever its
    /// legal nature. No registry lists the companies in Simples, so only a MEI counts as one (policy).
    pub fn of(cnpj: Option<Cnpj>, nature: LegalNature) -> Self {
        match nature {
            LegalNature::Mei => Self::Simples.of_borrower(cnpj),
            LegalNature::Ei | LegalNature::Eireli | LegalNature::Ltda | LegalNature::Sa => Self::Company,
        }
    }

    /// The regime after a change of the borrower. Reduced rates are only for companies, so a borrower without a CNPJ
    /// loses them.
    #[must_use]
    pub fn of_borrower(self, cnpj: Option<Cnpj>) -> Self {
        match cnpj {
            Some(_) => self,
            None => Self::Company,
        }
    }
}

/// The tax's rates, as fractions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IofRates {
    /// For each day, on each part of the principal until it is paid.
    pub daily: Rate,
    /// Once on the whole principal.
    pub additional: Rate,
}

/// Most days for which the daily rate is charged.
const LONGEST: u32 = 365;

impl IofRegime {
    /// The reduced rates and the largest principal for them; `None` if the regime has no reduced rates.
    pub(super) fn reduced_rates(self, version: &IofVersion) -> Option<(IofRates, Cents)> {
        match self {
            Self::Company => None,
            Self::Simples => Some((version.reduced, version.reduced_up_to)),
        }
    }

    /// The rates for a principal that was priced under a version.
    pub(super) fn rates_for(self, version: &IofVersion, principal: Cents) -> IofRates {
        match self.reduced_rates(version) {
            Some((rates, limit)) if principal <= limit => rates,
            Some(_) | None => version.company,
        }
    }
}

impl IofRates {
    /// The tax on a schedule: Σ principal part × min(days, 365) × daily rate, plus the additional rate on the whole
    /// principal. Both are rounded half-up, each once. `None` on overflow.
    pub(super) fn tax(self, schedule: &[ScheduledInstallment]) -> Option<Cents> {
        let (mut weighted, mut principal) = (0_i128, Cents::ZERO);
        for part in schedule {
            weighted += i128::from(part.principal.get()) * i128::from(part.days.min(LONGEST));
            principal = principal.checked_add(part.principal)?;
        }
        let daily = weighted.checked_mul(i128::from(self.daily.scaled()))?;
        Cents::ratio(daily, i128::from(Rate::ONE.scaled()))?.checked_add(principal.portion(self.additional)?)
    }
}

/// The tax's rates from a date on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IofVersion {
    /// The first day of release to which they apply.
    pub since: Date,
    /// For companies.
    pub company: IofRates,
    /// For Simples Nacional and MEI, up to [`IofVersion::reduced_up_to`].
    pub reduced: IofRates,
    /// The largest principal for the reduced rates.
    pub reduced_up_to: Cents,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_company_has_reduced_rates() {
        let cnpj = Cnpj::parse("12.345.678/0001-95").ok();
        assert_eq!(IofRegime::of(cnpj, LegalNature::Mei), IofRegime::Simples);
        assert_eq!(IofRegime::of(None, LegalNature::Mei), IofRegime::Company);
        for nature in LegalNature::ALL.into_iter().filter(|nature| *nature != LegalNature::Mei) {
            assert_eq!(IofRegime::of(cnpj, nature), IofRegime::Company);
        }
        assert_eq!(IofRegime::Simples.of_borrower(None), IofRegime::Company);
        assert_eq!(IofRegime::Simples.of_borrower(cnpj), IofRegime::Simples);
    }
}
