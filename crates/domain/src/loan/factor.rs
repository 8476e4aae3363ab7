//! Compound growth in exact decimals: roots and integer powers, without floats.

use rust_decimal::Decimal;

/// `base` raised to a whole power, by squaring.
pub(crate) fn power(base: Decimal, exponent: u32) -> Decimal {
    let (mut result, mut square, mut left) = (Decimal::ONE, base, exponent);
    while left > 0 {
        if left & 1 == 1 {
            result *= square;
        }
        left >>= 1;
        if left > 0 {
            square *= square;
        }
    }
    result
}

/// The positive `degree`-th root of `value` ≥ 1/2 by Newton's method, to the last digits of the type.
pub(crate) fn root(value: Decimal, degree: u32) -> Decimal {
    let n = Decimal::from(degree);
    let mut x = Decimal::ONE + (value - Decimal::ONE) / n;
    for _ in 0..64 {
        let below = power(x, degree - 1);
        let step = (x * below - value) / (n * below);
        x -= step;
        // Steps shrink quadratically: after one below 10⁻¹⁴ the next would be below the type's digits, so
        // that one more pass settles x, and further ones would only wander in the last digit.
        if step.abs() < Decimal::new(1, 14) {
            let below = power(x, degree - 1);
            return x - (x * below - value) / (n * below);
        }
    }
    x
}

/// The growth factor of a monthly rate over calendar days, `f(d) = (1 + i)^(d/30)`.
pub(crate) struct DailyGrowth {
    /// Powers of the daily factor from 0 to the longest month and some days.
    powers: [Decimal; Self::KEPT],
}

impl DailyGrowth {
    const KEPT: usize = 32;

    /// Prepares the factors of a monthly rate.
    pub(crate) fn of_monthly(rate: Decimal) -> Self {
        let daily = root(Decimal::ONE + rate, 30);
        let mut powers = [Decimal::ONE; Self::KEPT];
        for day in 1..Self::KEPT {
            powers[day] = powers[day - 1] * daily;
        }
        Self { powers }
    }

    /// The factor over `days` ≥ 0 calendar days.
    pub(crate) fn over(&self, days: u32) -> Decimal {
        let kept = usize::try_from(days).ok().and_then(|day| self.powers.get(day));
        kept.copied().unwrap_or_else(|| power(self.powers[1], days))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_raised_again_is_the_number() {
        for (value, degree) in
            [("1.025", 30), ("1.0199", 30), ("2", 30), ("1", 30), ("1.4393", 12), ("1.5", 365)]
        {
            let value: Decimal = value.parse().unwrap();
            let error = (power(root(value, degree), degree) - value).abs();
            assert!(error < Decimal::new(1, 24), "{value} by {degree}: off by {error}");
        }
    }

    #[test]
    fn thirty_days_grow_by_the_monthly_rate_and_sixty_by_its_square() {
        let growth = DailyGrowth::of_monthly(Decimal::new(35, 3));
        assert!((growth.over(30) - Decimal::new(1_035, 3)).abs() < Decimal::new(1, 25));
        assert!((growth.over(60) - Decimal::new(1_071_225, 6)).abs() < Decimal::new(1, 25));
        assert_eq!(growth.over(0), Decimal::ONE);
    }
}
