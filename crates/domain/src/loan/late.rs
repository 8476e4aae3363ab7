//! Late charges (Res. CMN 4.882/2020 and the contract's terms): fine, default interest and remuneratory
//! interest, from the effective due date.

use rust_decimal::Decimal;

use super::factor::DailyGrowth;
use crate::calendar::next_business_day;
use crate::money::{Cents, Rate};
use crate::time::{Date, days_after};

/// What an unpaid installment costs on top of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LateCharges {
    /// Days past the effective due date.
    pub days: u32,
    /// The fine, once.
    pub fine: Cents,
    /// Simple default interest.
    pub default_interest: Cents,
    /// Interest at the contract's rate.
    pub remuneratory_interest: Cents,
}

/// The contract's late charges, as fractions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LateRates {
    /// The fine on the unpaid amount, once.
    pub fine: Rate,
    /// Simple default interest a month.
    pub default_monthly: Rate,
}

impl LateCharges {
    /// The charges on `unpaid` of an installment due on `due`, as of `today`; each rounded half-up. None
    /// up to and including the effective due date.
    pub fn on(unpaid: Cents, due: Date, today: Date, monthly_rate: Rate, rates: LateRates) -> Self {
        let late = days_after(next_business_day(due), today);
        if late == 0 || unpaid <= Cents::ZERO {
            return Self::default();
        }
        Self::over(unpaid, late, monthly_rate, rates)
    }

    /// The charges on `unpaid` over a number of days; each rounded half-up.
    pub fn over(unpaid: Cents, late: u32, monthly_rate: Rate, rates: LateRates) -> Self {
        let (amount, days) = (unpaid.decimal(), Decimal::from(late));
        let month = Decimal::from(30);
        let growth = DailyGrowth::of_monthly(monthly_rate.fraction()).over(late) - Decimal::ONE;
        Self {
            days: late,
            fine: Cents::round_half_up(amount * rates.fine.fraction()),
            default_interest: Cents::round_half_up(amount * rates.default_monthly.fraction() * days / month),
            remuneratory_interest: Cents::round_half_up(amount * growth),
        }
    }

    /// The sum of the charges.
    pub fn total(self) -> Cents {
        self.fine + self.default_interest + self.remuneratory_interest
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const RATE: Rate = Rate::from_scaled(2_500_000);
    const RATES: LateRates =
        LateRates { fine: Rate::from_scaled(2_000_000), default_monthly: Rate::from_scaled(1_000_000) };

    #[test]
    fn the_published_late_payment() {
        let unpaid = Cents::new(97_487);
        let charges = LateCharges::on(unpaid, date(2026, 2, 15), date(2026, 3, 2), RATE, RATES);
        assert_eq!(charges.days, 12);
        assert_eq!(
            (charges.fine, charges.default_interest, charges.remuneratory_interest),
            (Cents::new(1_950), Cents::new(390), Cents::new(968))
        );
        assert_eq!(unpaid + charges.total(), Cents::new(100_795));
    }

    #[test]
    fn nothing_is_charged_until_the_next_business_day_has_passed() {
        let on = |today| LateCharges::on(Cents::new(97_487), date(2026, 2, 15), today, RATE, RATES).total();
        assert_eq!(on(date(2026, 2, 18)), Cents::ZERO);
        assert!(on(date(2026, 2, 19)) > Cents::ZERO);
        assert_eq!(
            LateCharges::on(Cents::ZERO, date(2026, 2, 15), date(2026, 6, 1), RATE, RATES).total(),
            Cents::ZERO
        );
    }
}
