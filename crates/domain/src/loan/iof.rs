//! IOF: the tax on credit operations (Decreto 6.306/2007 as amended by Decreto 12.499/2025).

use rust_decimal::Decimal;

use super::rates::IofVersion;
use super::schedule::Installment;
use crate::customer::LegalNature;
use crate::money::{Cents, Rate};

/// Who borrows, in the eyes of the tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IofRegime {
    /// A company.
    Company,
    /// A company in Simples Nacional, or a MEI: reduced where the principal is small.
    Simples,
}

impl IofRegime {
    /// The regime of a company: until a registry tells who is in Simples, only MEI is taken to be (policy).
    pub fn of(nature: LegalNature) -> Self {
        match nature {
            LegalNature::Mei => Self::Simples,
            LegalNature::Ei | LegalNature::Eireli | LegalNature::Ltda | LegalNature::Sa => Self::Company,
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
    /// The rates to try, in order; each with the largest principal it holds for.
    pub(super) fn rates(self, version: &IofVersion) -> Vec<(IofRates, Option<Cents>)> {
        match self {
            Self::Company => vec![(version.company, None)],
            Self::Simples => {
                vec![(version.reduced, Some(version.reduced_up_to)), (version.company, None)]
            }
        }
    }
}

impl IofRegime {
    /// The rates that hold for a principal that was priced under a version.
    pub(super) fn rates_for(self, version: &IofVersion, principal: Cents) -> IofRates {
        let holds = |(_, limit): &(IofRates, Option<Cents>)| limit.is_none_or(|limit| principal <= limit);
        self.rates(version).into_iter().find(holds).map_or(version.company, |(rates, _)| rates)
    }
}

impl IofRates {
    /// The tax on a schedule: Σ principal part × min(days, 365) × daily, rounded half-up once, and the
    /// additional on the whole principal, rounded half-up once.
    pub(super) fn tax(self, schedule: &[Installment]) -> Cents {
        let weighted: Decimal = schedule
            .iter()
            .map(|part| part.principal.decimal() * Decimal::from(part.days.min(LONGEST)))
            .sum();
        let principal: Cents = schedule.iter().map(|part| part.principal).sum();
        Cents::round_half_up(weighted * self.daily.fraction())
            + Cents::round_half_up(principal.decimal() * self.additional.fraction())
    }
}
