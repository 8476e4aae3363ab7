//! Money in integer cents of BRL and interest rates as exact decimals.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use rust_decimal::Decimal;

/// An amount in cents of BRL. An addition that overflows panics (`overflow-checks` is on in release), so a wrong sum
/// is never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Cents(i64);

/// The text is not an amount with exactly two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an amount in BRL with exactly two decimals, such as \"25000.00\"")]
pub struct InvalidAmount;

impl Cents {
    /// R$ 0.00.
    pub const ZERO: Self = Self(0);

    /// The largest amount that the API accepts: R$ 999,999,999.99.
    pub const MAX: Self = Self(99_999_999_999);

    /// Wraps a count of cents.
    pub const fn new(cents: i64) -> Self {
        Self(cents)
    }

    /// The count of cents.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The sum; `None` on overflow.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The amount as an exact decimal number of cents.
    pub fn decimal(self) -> Decimal {
        Decimal::from(self.0)
    }

    /// A fraction of the amount, rounded half-up; `None` on overflow.
    pub fn portion(self, rate: Rate) -> Option<Self> {
        Self::ratio(i128::from(self.0).checked_mul(i128::from(rate.0))?, i128::from(Rate::ONE.0))
    }

    /// A quotient of whole numbers, in cents, rounded half-up; `None` on overflow.
    ///
    /// `denominator` is positive. Half a cent below zero would be rounded up too, but no negative amounts are
    /// rounded.
    pub fn ratio(numerator: i128, denominator: i128) -> Option<Self> {
        let twice = numerator.checked_mul(2)?.checked_add(denominator)?;
        i64::try_from(twice.div_euclid(denominator.checked_mul(2)?)).ok().map(Self)
    }

    /// Reads `digits.dd`: no sign, no separator, no leading zeros, exactly two decimals, at most [`Cents::MAX`].
    pub fn parse(text: &str) -> Result<Self, InvalidAmount> {
        let (whole, cents) = text.split_once('.').ok_or(InvalidAmount)?;
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let padded = whole.len() > 1 && whole.starts_with('0');
        if cents.len() != 2 || whole.len() > 9 || padded || !digits(whole) || !digits(cents) {
            return Err(InvalidAmount);
        }
        let whole: i64 = whole.parse().map_err(|_| InvalidAmount)?;
        let cents: i64 = cents.parse().map_err(|_| InvalidAmount)?;
        Ok(Self(whole * 100 + cents))
    }
}

/// Exactly two decimals: `25000.00`, `-0.05`.
impl std::fmt::Display for Cents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Written digit by digit from the end: answers have many amounts, and a formatter takes about ten times as
        // long.
        let mut text = [0; 21];
        let (mut at, mut left, mut digits) = (text.len(), self.0.unsigned_abs(), 0);
        while left > 0 || digits < 3 {
            at -= 1;
            text[at] = b'0' + u8::try_from(left % 10).expect("a remainder by ten is a digit");
            left /= 10;
            digits += 1;
            if digits == 2 {
                at -= 1;
                text[at] = b'.';
            }
        }
        if self.0 < 0 {
            at -= 1;
            text[at] = b'-';
        }
        f.write_str(std::str::from_utf8(&text[at..]).expect("digits are ASCII"))
    }
}

impl Add for Cents {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Cents {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Cents {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl SubAssign for Cents {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl Neg for Cents {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// A rate as a fraction of one, stored in units of 10⁻⁸: 3.5 % is 3,500,000.
///
/// The unit holds percentages with six decimals exactly, and the number fits a `BIGINT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(i64);

impl Rate {
    /// The decimals of a rate as a fraction of one.
    pub const DECIMALS: u32 = 8;

    /// 100 %.
    pub const ONE: Self = Self(100_000_000);

    /// Wraps a count of 10⁻⁸.
    pub const fn from_scaled(scaled: i64) -> Self {
        Self(scaled)
    }

    /// The count of 10⁻⁸.
    pub const fn scaled(self) -> i64 {
        self.0
    }

    /// Makes a rate from a percentage; `None` for more than six decimals and beyond ±10⁶ %.
    pub fn from_percent(percent: Decimal) -> Option<Self> {
        let scaled = percent.checked_mul(Decimal::from(1_000_000))?;
        if !scaled.fract().is_zero() || percent.abs() > Decimal::from(1_000_000) {
            return None;
        }
        i64::try_from(scaled).ok().map(Self)
    }

    /// The rate as a fraction of one.
    pub fn fraction(self) -> Decimal {
        Decimal::new(self.0, 8)
    }

    /// The rate in percent without trailing zeros.
    pub fn percent(self) -> Decimal {
        Decimal::new(self.0, 6).normalize()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_amount_reads_back_as_it_was_written(cents in 0..=Cents::MAX.get()) {
            let amount = Cents::new(cents);
            prop_assert_eq!(Cents::parse(&amount.to_string()), Ok(amount));
        }
    }

    #[test]
    fn only_plain_amounts_with_two_decimals_are_read() {
        for text in [
            "",
            "1",
            "1.0",
            "1.000",
            ".00",
            "1.",
            "-1.00",
            "+1.00",
            "1,00",
            " 1.00",
            "1e2.00",
            "1000000000.00",
            "007.05",
            "1_0.00",
            "١.00",
        ] {
            assert_eq!(Cents::parse(text), Err(InvalidAmount), "{text}");
        }
        assert_eq!(Cents::parse("7.05"), Ok(Cents::new(705)));
    }

    #[test]
    fn an_amount_of_any_size_is_written_with_two_decimals() {
        let written =
            [0, 5, 10, 99, 100, -5, -100, 123_456, i64::MAX, i64::MIN].map(|c| Cents::new(c).to_string());
        let expected = [
            "0.00",
            "0.05",
            "0.10",
            "0.99",
            "1.00",
            "-0.05",
            "-1.00",
            "1234.56",
            "92233720368547758.07",
            "-92233720368547758.08",
        ];
        assert_eq!(written, expected);
    }

    #[test]
    fn a_portion_of_an_amount_is_rounded_half_up() {
        let portion = |cents, scaled| Cents::new(cents).portion(Rate::from_scaled(scaled));
        assert_eq!(portion(25, 10_000_000), Some(Cents::new(3)));
        assert_eq!(portion(249, 1_000_000), Some(Cents::new(2)));
        assert_eq!(portion(i64::MAX, 100_000_000), Some(Cents::new(i64::MAX)));
        assert_eq!(portion(i64::MAX, 100_000_001), None);
        assert_eq!(Cents::ratio(i128::MAX, 1), None);
    }

    #[test]
    fn a_rate_keeps_six_decimals_of_a_percentage() {
        let rate = Rate::from_percent(Decimal::new(35, 1)).unwrap();
        assert_eq!((rate.scaled(), rate.fraction()), (3_500_000, Decimal::new(35, 3)));
        assert_eq!(rate.percent().to_string(), "3.5");
        assert_eq!(Rate::from_percent(Decimal::new(1, 7)), None);
    }
}
