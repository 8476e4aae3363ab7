//! Exact decimal numbers with 64 decimals. Factors and amounts are multiplied in them and then rounded once.
//!
//! The 28 digits of `rust_decimal` are too few for an amount times an integer power of a rate. 1.03125^7 alone has 35
//! decimals, and R$ 171,798,691.84 times it ends at exactly half a cent. 64 decimals are enough: if a factor has more
//! than 37 decimals, no amount of 11 digits gives exactly half a cent.

use std::ops::{Add, Sub};
use std::sync::LazyLock;

use num_bigint::BigInt;
use rust_decimal::Decimal;

use crate::money::{Cents, Rate};

const DECIMALS: u32 = 64;

/// Ten to the 64.
static ONE: LazyLock<BigInt> = LazyLock::new(|| BigInt::from(10).pow(DECIMALS));

/// A decimal number: a count of 10⁻⁶⁴.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Exact(BigInt);

impl Exact {
    /// 0.
    pub(crate) fn zero() -> Self {
        Self(BigInt::ZERO)
    }

    /// 1.
    pub(crate) fn one() -> Self {
        Self(ONE.clone())
    }

    /// An amount as a number of cents.
    pub(crate) fn of_cents(amount: Cents) -> Self {
        Self(ONE.clone() * amount.get())
    }

    /// The growth of a month at a rate, 1 + i.
    pub(crate) fn one_plus(rate: Rate) -> Self {
        Self(ONE.clone() + BigInt::from(rate.scaled()) * BigInt::from(10).pow(DECIMALS - Rate::DECIMALS))
    }

    /// The same number, exactly.
    pub(crate) fn of_decimal(number: Decimal) -> Self {
        Self(BigInt::from(number.mantissa()) * BigInt::from(10).pow(DECIMALS - number.scale()))
    }

    /// The number that a test writes as text.
    #[cfg(test)]
    pub(crate) fn of_text(text: &str) -> Self {
        Self::of_decimal(text.parse().unwrap())
    }

    /// The number rounded half-up to 24 decimals, for arithmetic that needs no more; `None` beyond 28 digits.
    pub(crate) fn to_decimal(&self) -> Option<Decimal> {
        let digits = i128::try_from(&self.scaled_half_up(24)).ok()?;
        Decimal::try_from_i128_with_scale(digits, 24).ok()
    }

    /// The product, rounded to 64 decimals. It is exact if the factors have at most 64 decimals together.
    pub(crate) fn times(&self, other: &Self) -> Self {
        Self(round_half_up(&(&self.0 * &other.0), &ONE))
    }

    /// The exact product with an amount in cents.
    pub(crate) fn times_cents(&self, amount: Cents) -> Self {
        Self(&self.0 * amount.get())
    }

    /// The quotient by a positive number, rounded to 40 decimals. So an error in the divisor's last decimals does not
    /// hide a quotient of exactly half a cent.
    pub(crate) fn over(&self, divisor: &Self) -> Self {
        Self(round_half_up(&(&self.0 * &*ONE), &divisor.0)).rounded_to(40)
    }

    /// 1 divided by a positive number, to 64 decimals.
    pub(crate) fn inverse(&self) -> Self {
        Self(round_half_up(&(&*ONE * &*ONE), &self.0))
    }

    /// The number to a whole power, by squaring. `None` beyond 10²⁴, because a cent times that exceeds every amount.
    pub(crate) fn power(&self, exponent: u32) -> Option<Self> {
        let most = Self(ONE.clone() * 10_i64.pow(12) * 10_i64.pow(12));
        let (mut result, mut square, mut left) = (Self::one(), self.clone(), exponent);
        while left > 0 {
            if left & 1 == 1 {
                result = result.times(&square);
            }
            left >>= 1;
            if left > 0 {
                square = square.times(&square);
            }
            if result > most || (left > 0 && square > most) {
                return None;
            }
        }
        Some(result)
    }

    /// The positive root of a positive number, cut off after 64 decimals.
    pub(crate) fn root(&self, degree: u32) -> Self {
        Self((&self.0 * ONE.pow(degree - 1)).nth_root(degree))
    }

    /// The number rounded half-up to fewer decimals.
    pub(crate) fn rounded_to(&self, decimals: u32) -> Self {
        Self(self.scaled_half_up(decimals) * BigInt::from(10).pow(DECIMALS - decimals))
    }

    /// The number of cents, rounded half-up to whole ones; `None` on overflow.
    pub(crate) fn to_cents(&self) -> Option<Cents> {
        i64::try_from(&self.scaled_half_up(0)).ok().map(Cents::new)
    }

    /// The fraction as a rate, rounded half to even (NBR 5891) at these decimals of the percentage, at most six;
    /// `None` on overflow.
    pub(crate) fn to_rate(&self, percent_decimals: u32) -> Option<Rate> {
        let unit = BigInt::from(10).pow(DECIMALS - percent_decimals - 2);
        let (below, rest) = (&self.0 / &unit, &self.0 % &unit);
        let odd = &below % 2_u8 != BigInt::ZERO;
        let twice = rest * 2_u8;
        let up = twice > unit || (twice == unit && odd);
        let steps = i64::try_from(&(below + u8::from(up))).ok()?;
        steps.checked_mul(10_i64.pow(Rate::DECIMALS - percent_decimals - 2)).map(Rate::from_scaled)
    }

    /// Whether the number is between two counts of a negative power of two, each included.
    #[cfg(test)]
    pub(super) fn is_between(&self, low: u128, high: u128, binary_digits: u32) -> bool {
        let scaled = &self.0 << binary_digits;
        BigInt::from(low) * &*ONE <= scaled && scaled <= BigInt::from(high) * &*ONE
    }

    fn scaled_half_up(&self, decimals: u32) -> BigInt {
        round_half_up(&self.0, &BigInt::from(10).pow(DECIMALS - decimals))
    }
}

/// The quotient by a positive number, rounded half-up.
fn round_half_up(number: &BigInt, by: &BigInt) -> BigInt {
    let twice = number * 2_u8 + by;
    let by = by * 2_u8;
    let (quotient, rest) = (&twice / &by, &twice % &by);
    // Division of integers rounds towards zero, so a negative quotient with a rest is one too large.
    if rest < BigInt::ZERO { quotient - 1_u8 } else { quotient }
}

impl Add for &Exact {
    type Output = Exact;

    fn add(self, other: Self) -> Exact {
        Exact(&self.0 + &other.0)
    }
}

impl Sub for &Exact {
    type Output = Exact;

    fn sub(self, other: Self) -> Exact {
        Exact(&self.0 - &other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cents_are_rounded_half_up_also_for_negative_numbers() {
        for (text, cents) in
            [("0.5", 1), ("2.5", 3), ("2.4999999999", 2), ("-0.4", 0), ("-0.5", 0), ("-0.6", -1)]
        {
            assert_eq!(Exact::of_text(text).to_cents(), Some(Cents::new(cents)), "{text}");
        }
        assert_eq!(Exact::of_text("9223372036854775807.5").to_cents(), None);
    }

    #[test]
    fn rates_are_rounded_half_to_even() {
        for (text, percent) in [
            ("0.012345", "1.23"),
            ("0.012355", "1.24"),
            ("0.012365", "1.24"),
            ("0.01236500000001", "1.24"),
            ("1.0000500000001", "100.01"),
        ] {
            assert_eq!(Exact::of_text(text).to_rate(2).unwrap().percent().to_string(), percent, "{text}");
        }
        assert_eq!(Exact::of_text("0.001147371").to_rate(6).unwrap().scaled(), 114_737);
        assert_eq!(Exact::of_text("92233720368.54775808").to_rate(6), None);
    }

    #[test]
    fn a_root_raised_to_its_degree_is_the_number() {
        for (text, degree) in
            [("1.025", 30), ("1.0199", 30), ("2", 30), ("1", 30), ("25001", 12), ("1.5", 365)]
        {
            let value = Exact::of_text(text);
            let again = value.root(degree).power(degree).unwrap();
            assert_eq!(again.rounded_to(58), value, "{text} by {degree}");
        }
    }

    #[test]
    fn a_power_is_exact_within_its_decimals_and_too_large_a_power_is_none() {
        let power = Exact::of_text("1.03125").power(7).unwrap();
        assert_eq!(power.times_cents(Cents::new(1 << 34)), Exact::of_text("21309221488.5"));
        assert_eq!(Exact::of_text("2").power(79).map(|power| power > Exact::of_text("1000000")), Some(true));
        assert_eq!((Exact::of_text("2").power(80), Exact::of_text("1.02").power(u32::MAX)), (None, None));
    }

    #[test]
    fn a_quotient_of_exactly_half_a_cent_is_found_with_an_inexact_divisor() {
        // 25.25 at 2 % in two months of 30 days: 25.25 / (1/1.02 + 1/1.0404) is 13.005.
        let (one, two) = (Exact::of_text("1.02"), Exact::of_text("1.0404"));
        let annuity = &one.inverse() + &two.inverse();
        assert_eq!(Exact::of_cents(Cents::new(2_525)).over(&annuity), Exact::of_text("1300.5"));
    }
}
