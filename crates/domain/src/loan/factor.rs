//! The growth of a monthly rate over calendar days, f(d) = (1 + i)^(d/30).

use std::cell::OnceCell;

use super::between::Between;
use super::exact::Exact;
use crate::money::Rate;

/// The growth factors of a monthly rate.
pub(crate) struct Growth {
    rate: Rate,
    /// For rates up to 100 %.
    bounds: Option<Bounds>,
    /// Computed when it is first needed, because the root of a number of 6,000 bits is slow.
    exact: OnceCell<Roots>,
}

struct Roots {
    month: Exact,
    /// The thirtieth root of `month`.
    day: Exact,
}

struct Bounds {
    month: Between,
    /// The thirtieth root of `month`.
    day: Between,
    /// 1 divided by `day`.
    discount: Between,
}

impl Bounds {
    fn of_monthly(rate: Rate) -> Option<Self> {
        let month = Between::one_plus(rate)?;
        let discount = month.inverse_root(Growth::MONTH)?;
        Some(Self { month, day: month.times(discount.power(Growth::MONTH - 1)?)?, discount })
    }
}

impl Growth {
    /// Days of a month of interest.
    pub(crate) const MONTH: u32 = 30;

    /// The factors of a monthly rate, which is not negative.
    pub(crate) fn of_monthly(rate: Rate) -> Self {
        Self { rate, bounds: Bounds::of_monthly(rate), exact: OnceCell::new() }
    }

    /// The factor over calendar days; `None` beyond 10²⁴.
    ///
    /// For multiples of 30 days it is the integer power. Otherwise it is rounded to 24 decimals, with an error below
    /// 10⁻²⁴. A factor with at most 24 decimals is therefore exact too: 21 % over 15 days is 1.1.
    pub(crate) fn over(&self, days: u32) -> Option<Exact> {
        let roots = self.exact.get_or_init(|| {
            let month = Exact::one_plus(self.rate);
            let day = month.root(Self::MONTH);
            Roots { month, day }
        });
        let (months, days) = (days / Self::MONTH, days % Self::MONTH);
        let whole = roots.month.power(months)?;
        if days == 0 {
            return Some(whole);
        }
        let part = roots.day.power(days)?;
        let short = part.rounded_to(24);
        // A root of a rate is within 10⁻⁶⁰ of a number of 24 decimals only if it is that number.
        if part.rounded_to(60) == short {
            return Some(whole.times(&short));
        }
        Some(whole.times(&part).rounded_to(24))
    }

    /// The bounds of [`Growth::over`]; `None` if bounds cannot hold the rate or the factor.
    pub(crate) fn bounds(&self, days: u32) -> Option<Between> {
        let bounds = self.bounds.as_ref()?;
        let whole = bounds.month.power(days / Self::MONTH)?;
        whole.times(bounds.day.power(days % Self::MONTH)?)?.to_24_decimals()
    }

    /// The bounds of 1 divided by [`Growth::over`]. This factor is at least 1 and within 10⁻²⁴ of the growth, so its
    /// inverse is within 10⁻²⁴ of the growth's inverse.
    pub(crate) fn discount_bounds(&self, days: u32) -> Option<Between> {
        self.bounds.as_ref()?.discount.power(days)?.to_24_decimals()?.rounded()
    }

    /// A decimal near 1 divided by the growth of a day.
    pub(crate) fn daily_discount(&self) -> Option<rust_decimal::Decimal> {
        match &self.bounds {
            Some(bounds) => bounds.discount.near(),
            None => rust_decimal::Decimal::ONE.checked_div(self.over(1)?.to_decimal()?),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn whole_months_are_integer_powers_and_rational_roots_are_exact() {
        let growth = Growth::of_monthly(Rate::from_scaled(3_500_000));
        for (days, factor) in [(0, "1"), (30, "1.035"), (60, "1.071225"), (90, "1.108717875")] {
            assert_eq!(growth.over(days), Some(Exact::of_text(factor)), "{days} days");
        }
        let growth = Growth::of_monthly(Rate::from_scaled(21_000_000));
        for (days, factor) in [(15, "1.1"), (45, "1.331"), (75, "1.61051")] {
            assert_eq!(growth.over(days), Some(Exact::of_text(factor)), "{days} days");
        }
    }

    #[test]
    fn a_factor_has_24_decimals() {
        let growth = Growth::of_monthly(Rate::from_scaled(2_345_678));
        // The expected values were computed elsewhere with 60 digits.
        assert_eq!(growth.over(1), Some(Exact::of_text("1.000773161988338433943813")));
        assert_eq!(growth.over(31), Some(Exact::of_text("1.024248077879003251154378")));
    }

    proptest! {
        #[test]
        fn the_thirtieth_power_of_a_factor_of_days_is_the_growth_of_as_many_months(scaled in 0_i64..=100_000_000, days in 0_u32..=60) {
            let growth = Growth::of_monthly(Rate::from_scaled(scaled));
            let thirtieth = growth.over(days).unwrap();
            if let (Some(power), Some(months)) = (thirtieth.power(30), growth.over(days * 30)) {
                // The tolerance is 30 times the relative error of one factor, which is at least 1.
                let apart = (&power - &months).over(&months);
                let bound = Exact::of_text("0.00000000000000000000003");
                prop_assert!(apart <= bound && &Exact::zero() - &apart <= bound);
            }
        }
    }
}
