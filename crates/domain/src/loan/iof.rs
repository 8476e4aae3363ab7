//! IOF: the tax on credit operations (Decreto 6.306/2007 as amended by Decreto 12.499/2025).

use rust_decimal::Decimal;

use super::schedule::Installment;
use crate::money::{Cents, Rate};

/// Who borrows, in the eyes of the tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IofRegime {
    /// A company.
    Company,
    /// A company in Simples Nacional, or a MEI: reduced where the principal is small.
    Simples,
}

/// The tax's rates, as fractions: per day of each principal part, and once on the principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IofRates {
    daily: Rate,
    additional: Rate,
}

/// Contracts since 2025-07-16.
const COMPANY: IofRates =
    IofRates { daily: Rate::from_scaled(8_200), additional: Rate::from_scaled(380_000) };
/// Simples Nacional and MEI up to [`REDUCED_UP_TO`].
const REDUCED: IofRates =
    IofRates { daily: Rate::from_scaled(2_740), additional: Rate::from_scaled(380_000) };
/// The principal up to which the reduced rates hold: R$ 30,000.00.
const REDUCED_UP_TO: Cents = Cents::new(3_000_000);
/// Days beyond which the tax no longer grows.
const LONGEST: u32 = 365;

impl IofRegime {
    /// The rates to try, in order; each with the largest principal it holds for.
    pub(super) fn rates(self) -> &'static [(IofRates, Option<Cents>)] {
        match self {
            Self::Company => &[(COMPANY, None)],
            Self::Simples => &[(REDUCED, Some(REDUCED_UP_TO)), (COMPANY, None)],
        }
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
