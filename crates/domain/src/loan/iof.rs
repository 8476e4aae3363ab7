//! IOF: the tax on credit operations (Decreto 6.306/2007 as amended by Decreto 12.499/2025).

use super::schedule::ScheduledInstallment;
use crate::customer::LegalNature;
use crate::money::{Cents, Rate};
use crate::spelled;
use crate::tax_id::Cnpj;
use crate::time::Date;

/// The kind of borrower for the tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IofRegime {
    /// A company, or a natural person.
    Company,
    /// A company in Simples Nacional, or a MEI: reduced where the principal is small.
    Simples,
}

spelled!(IofRegime { Company = "company", Simples = "simples" });

impl IofRegime {
    /// The regime of a borrower whose legal nature is known. A borrower without a CNPJ is a natural person, whatever
    /// documents it was asked for. No registry lists the companies in Simples, so only a MEI counts as one (policy).
    pub fn of(cnpj: Option<Cnpj>, nature: LegalNature) -> Self {
        match nature {
            LegalNature::Mei => Self::Simples.of_borrower(cnpj),
            LegalNature::Ei | LegalNature::Eireli | LegalNature::Ltda | LegalNature::Sa => Self::Company,
        }
    }

    /// The regime that was decided on for a borrower, as the borrower is now: reduced rates are for companies only.
    #[must_use]
    pub fn of_borrower(self, cnpj: Option<Cnpj>) -> Self {
        match cnpj {
            Some(_) => self,
            None => Self::Company,
        }
    }
}

/// The tax's rates, as fractions: per day of each principal part, and once on the principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IofRates {
    /// On each principal part, for each day until it is paid.
    pub daily: Rate,
    /// Once on the whole principal.
    pub additional: Rate,
}

/// Days beyond which the tax no longer grows.
const LONGEST: u32 = 365;

impl IofRegime {
    /// The reduced rates, where the regime has them, and the largest principal that they hold for.
    pub(super) fn reduced_rates(self, version: &IofVersion) -> Option<(IofRates, Cents)> {
        match self {
            Self::Company => None,
            Self::Simples => Some((version.reduced, version.reduced_up_to)),
        }
    }

    /// The rates that hold for a principal that was priced under a version.
    pub(super) fn rates_for(self, version: &IofVersion, principal: Cents) -> IofRates {
        match self.reduced_rates(version) {
            Some((rates, limit)) if principal <= limit => rates,
            Some(_) | None => version.company,
        }
    }
}

impl IofRates {
    /// The tax on a schedule: Σ principal part × min(days, 365) × daily, rounded half-up once, and the
    /// additional on the whole principal, rounded half-up once.
    /// `None` where no amount holds it.
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

/// The tax's rates since a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IofVersion {
    /// The first day on which a release falls under them.
    pub since: Date,
    /// For companies.
    pub company: IofRates,
    /// For Simples Nacional and MEI, up to [`IofVersion::reduced_up_to`].
    pub reduced: IofRates,
    /// The principal up to which the reduced rates hold.
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
