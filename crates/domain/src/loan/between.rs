//! Bounds of an exact result, as integers of fixed width. They decide how the result is rounded, without computing it
//! to 64 decimals.
//!
//! Each operation rounds its lower bound down and its upper bound up. A larger number never rounds to fewer cents, so
//! if both bounds round to the same cents, the exact result does too. Otherwise the answer is `None`, as at exactly
//! half a cent. Then the caller computes the result with [`Exact`](super::exact::Exact).

use rust_decimal::Decimal;

use crate::money::{Cents, Rate};

/// Binary digits after the point of a number.
const FRACTION: u32 = 96;
/// The number 1.
const ONE: u128 = 1 << FRACTION;
/// 10⁻²⁴, the last decimal of a growth factor, rounded up: 2⁹⁶ / 10²⁴ is 79,228.2.
const LAST_OF_24: u128 = 79_229;
/// Binary digits after the point of an amount in cents.
const CENT_FRACTION: u32 = 64;

/// A number of at least 0 and less than 2³². The bounds are counts of 2⁻⁹⁶, each included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Between {
    low: u128,
    high: u128,
}

impl Between {
    /// 0.
    pub(crate) const ZERO: Self = Self { low: 0, high: 0 };

    /// 1.
    pub(crate) const ONE: Self = Self { low: ONE, high: ONE };

    /// The growth of a month at a rate, 1 + i; `None` for a negative rate and for one of more than 100 %.
    pub(crate) fn one_plus(rate: Rate) -> Option<Self> {
        let one = u128::try_from(Rate::ONE.scaled()).ok()?;
        let scaled = u128::try_from(rate.scaled()).ok().filter(|scaled| *scaled <= one)?;
        #[cfg(test)]
        if tests_exactly::is_on() {
            return None;
        }
        Some(Self::quotient((one + scaled) << FRACTION, one))
    }

    /// The bounds of a number with at most 18 decimals; `None` for other numbers, negative ones, and those from 2³²
    /// on.
    pub(crate) fn of_decimal(number: Decimal) -> Option<Self> {
        #[cfg(test)]
        if tests_exactly::is_on() {
            return None;
        }
        let scale = Some(number.scale()).filter(|scale| *scale <= 18)?;
        let (mantissa, unit) = (u128::try_from(number.mantissa()).ok()?, 10_u128.pow(scale));
        let whole = Some(mantissa / unit).filter(|whole| *whole < 1 << (u128::BITS - FRACTION))?;
        // Long division in two digits of 48 bits. The divisor has at most 60 bits.
        let first = (mantissa % unit) << 48;
        let second = Self::quotient((first % unit) << 48, unit);
        let above = (whole << FRACTION) + ((first / unit) << 48);
        Some(Self { low: above + second.low, high: above.checked_add(second.high)? })
    }

    fn quotient(numerator: u128, denominator: u128) -> Self {
        Self { low: numerator / denominator, high: numerator.div_ceil(denominator) }
    }

    /// The bounds of any number within 10⁻²⁴ of this one.
    pub(crate) fn to_24_decimals(self) -> Option<Self> {
        self.widened(LAST_OF_24)
    }

    /// The bounds of any number within 10⁻¹⁸ of this one.
    pub(crate) fn to_18_decimals(self) -> Option<Self> {
        self.widened(LAST_OF_24 * 1_000_000)
    }

    /// The bounds of any number from this one's lower bound to the upper bound of another.
    pub(crate) fn to(self, above: Self) -> Self {
        Self { low: self.low, high: above.high }
    }

    /// The exact number that is so many counts of 2⁻⁹⁶ away from the lower bound.
    pub(crate) fn moved(self, by: i128) -> Option<Self> {
        let end = self.low.checked_add_signed(by)?;
        Some(Self { low: end, high: end })
    }

    /// The bounds of this number after a rounding to 40 decimals or more.
    pub(crate) fn rounded(self) -> Option<Self> {
        self.widened(1)
    }

    /// Widens the bounds. Exact numbers are never negative here, so the lower bound is at least 0.
    fn widened(self, by: u128) -> Option<Self> {
        Some(Self { low: self.low.saturating_sub(by), high: self.high.checked_add(by)? })
    }

    /// The sum.
    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        Some(Self { low: self.low.checked_add(other.low)?, high: self.high.checked_add(other.high)? })
    }

    /// The difference from a number that is known not to be larger, so the result is not negative.
    pub(crate) fn less(self, smaller: Self) -> Option<Self> {
        Some(Self { low: self.low.saturating_sub(smaller.high), high: self.high.checked_sub(smaller.low)? })
    }

    /// The product.
    pub(crate) fn times(self, other: Self) -> Option<Self> {
        Some(Self {
            low: shifted_product(self.low, other.low, FRACTION)?.0,
            high: shifted_product(self.high, other.high, FRACTION)?.1,
        })
    }

    /// The number to a whole power, by squaring.
    pub(crate) fn power(self, exponent: u32) -> Option<Self> {
        let (mut result, mut square, mut left) = (Self::ONE, self, exponent);
        while left > 0 {
            if left & 1 == 1 {
                result = result.times(square)?;
            }
            left >>= 1;
            if left > 0 {
                square = square.times(square)?;
            }
        }
        Some(result)
    }

    /// 1 divided by the positive root of a number of more than a half.
    ///
    /// Newton's steps for y⁻ⁿ = x approach the root from below. They may stop too early: the bounds around the last
    /// value are raised to the power again, which proves that the root is between them.
    pub(crate) fn inverse_root(self, degree: u32) -> Option<Self> {
        let n = u128::from(degree);
        // Two lower bounds of x^(−1/n): its tangent at 1, and a half for x less than 2ⁿ. The search begins at the
        // larger one.
        let line = self.low.checked_sub(ONE).and_then(|beyond| ONE.checked_sub(beyond / n + 1));
        let mut near = line.map_or(ONE / 2, |line| line.max(ONE / 2));
        for _ in 0..40 {
            let reached = Self { low: near, high: near }.power(degree)?.times(self)?.low;
            let Some(step) = ONE.checked_sub(reached).and_then(|short| mul_down(near, short / n)) else {
                break;
            };
            near += step;
            if step < 8 {
                break;
            }
        }
        // The number multiplies the roundings of the power. If a number is at least a half, the bounds of its inverse
        // are at most four times as far apart as its own.
        let roundings = 16 * ((self.high >> FRACTION) + 1);
        let margin = (self.high - self.low).checked_mul(4)?.checked_add(roundings)?;
        let (low, high) = (near.checked_sub(margin)?, near.checked_add(margin)?);
        let raised = |end| Self { low: end, high: end }.power(degree)?.times(self);
        (raised(low)?.high <= ONE && raised(high)?.low >= ONE).then_some(Self { low, high })
    }

    /// Whether the number is at least 1; `None` if the bounds do not decide it.
    pub(crate) fn is_at_least_one(self) -> Option<bool> {
        match (self.low >= ONE, self.high >= ONE) {
            (true, _) => Some(true),
            (_, false) => Some(false),
            (false, true) => None,
        }
    }

    /// The larger one of two numbers.
    pub(crate) fn max(self, other: Self) -> Self {
        Self { low: self.low.max(other.low), high: self.high.max(other.high) }
    }

    /// A tenth of a billionth of the number.
    pub(crate) fn by_ten_billion(self) -> Self {
        Self { low: self.low / 10_000_000_000, high: self.high.div_ceil(10_000_000_000) }
    }

    /// Whether the number is certainly at most the other one.
    pub(crate) fn is_at_most(self, other: Self) -> bool {
        self.high <= other.low
    }

    /// The product with an amount; `None` for a negative amount.
    pub(crate) fn of(self, amount: Cents) -> Option<Sum> {
        let amount = u128::try_from(amount.get()).ok()?;
        let bound = |end| i128::try_from(end).ok();
        let (low, high) = (
            shifted_product(self.low, amount, FRACTION - CENT_FRACTION)?.0,
            shifted_product(self.high, amount, FRACTION - CENT_FRACTION)?.1,
        );
        Some(Sum { low: bound(low)?, high: bound(high)? })
    }

    /// An amount divided by this number, with room for a rounding to 40 decimals or more. `None` for amounts from 2³⁸
    /// cents on. Its bounds are multiples of 2⁻²⁴ cents.
    pub(crate) fn divide(self, amount: Cents) -> Option<Sum> {
        const DIGITS: u32 = 24;
        let amount = u128::try_from(amount.get()).ok().filter(|amount| *amount < 1 << 38)?;
        let dividend = amount << (CENT_FRACTION + DIGITS);
        let cut = FRACTION - CENT_FRACTION;
        let low = (dividend / ((self.high >> cut) + 1)).saturating_sub(1);
        let high = dividend.checked_div(self.low >> cut)?.checked_add(2)?;
        let bound = |end: u128| i128::try_from(end).ok()?.checked_mul(1 << (CENT_FRACTION - DIGITS));
        Some(Sum { low: bound(low)?, high: bound(high)? })
    }

    /// The fraction as a rate, rounded half to even (NBR 5891) at these decimals of the percentage, at most six.
    pub(crate) fn to_rate(self, percent_decimals: u32) -> Option<Rate> {
        let decimals = percent_decimals + 2;
        let rounded = |end: u128| {
            let (low, high) = end.carrying_mul(10_u128.pow(decimals), 0);
            let (steps, rest) = ((high << (u128::BITS - FRACTION)) | (low >> FRACTION), low & (ONE - 1));
            let up = rest > ONE / 2 || (rest == ONE / 2 && steps & 1 == 1);
            steps + u128::from(up)
        };
        let steps = Some(rounded(self.low)).filter(|steps| *steps == rounded(self.high))?;
        let unit = 10_i64.pow(Rate::DECIMALS.checked_sub(decimals)?);
        i64::try_from(steps).ok()?.checked_mul(unit).map(Rate::from_scaled)
    }

    /// A decimal near the number, from which a search begins. The number is at most 1.
    pub(crate) fn near(self) -> Option<Decimal> {
        const DECIMALS: u32 = 28;
        let digits = shifted_product(self.low, 10_u128.pow(DECIMALS), FRACTION)?.0;
        Decimal::try_from_i128_with_scale(i128::try_from(digits).ok()?, DECIMALS).ok()
    }
}

/// A sum of amounts in cents, which may be negative. The bounds are counts of 2⁻⁶⁴, each included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sum {
    low: i128,
    high: i128,
}

impl Sum {
    /// 0.
    pub(crate) const ZERO: Self = Self { low: 0, high: 0 };

    /// An amount.
    pub(crate) fn of_cents(amount: Cents) -> Self {
        let cents = i128::from(amount.get()) << CENT_FRACTION;
        Self { low: cents, high: cents }
    }

    /// The sum.
    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        Some(Self { low: self.low.checked_add(other.low)?, high: self.high.checked_add(other.high)? })
    }

    /// The difference.
    pub(crate) fn minus(self, other: Self) -> Option<Self> {
        Some(Self { low: self.low.checked_sub(other.high)?, high: self.high.checked_sub(other.low)? })
    }

    /// The bounds of this number after a rounding to 40 decimals or more.
    pub(crate) fn rounded(self) -> Option<Self> {
        Some(Self { low: self.low.checked_sub(1)?, high: self.high.checked_add(1)? })
    }

    /// The product with a whole number.
    pub(crate) fn times(self, factor: u32) -> Option<Self> {
        let factor = i128::from(factor);
        Some(Self { low: self.low.checked_mul(factor)?, high: self.high.checked_mul(factor)? })
    }

    /// Whether the sum is certainly at most the other one.
    pub(crate) fn is_at_most(self, other: Self) -> bool {
        self.high <= other.low
    }

    /// The approximate quotient by a positive sum, in counts of 2⁻⁹⁶, for a search; `None` from 2³¹ on.
    pub(crate) fn middle_over(self, divisor: Self) -> Option<i128> {
        const CUT: u32 = 40;
        let dividend = self.low.midpoint(self.high);
        let room = dividend.unsigned_abs().leading_zeros().checked_sub(1)?;
        let quotient = (dividend << room).checked_div(divisor.low >> CUT)?;
        // The quotient is a count of 2^−(room + CUT).
        match (room + CUT).checked_sub(FRACTION) {
            Some(beyond) => Some(quotient >> beyond),
            None => quotient.checked_mul(1_i128.checked_shl(FRACTION - CUT - room)?),
        }
    }

    /// The share of this sum that belongs to `part` of `whole`; `None` if `part` is negative or `whole` is not
    /// positive.
    pub(crate) fn share(self, part: Cents, whole: Cents) -> Option<Self> {
        let (part, whole) = (i128::from(part.get()), i128::from(whole.get()));
        if part < 0 || whole <= 0 {
            return None;
        }
        let (low, high) = (self.low.checked_mul(part)?, self.high.checked_mul(part)?);
        Some(Self { low: low.div_euclid(whole), high: high.div_euclid(whole).checked_add(1)? })
    }

    /// The whole cents, rounded half-up; `None` if the bounds do not decide it.
    pub(crate) fn to_cents(self) -> Option<Cents> {
        let half_up = |end: i128| Some(end.checked_add(1 << (CENT_FRACTION - 1))? >> CENT_FRACTION);
        let cents = half_up(self.low).filter(|cents| Some(*cents) == half_up(self.high))?;
        i64::try_from(cents).ok().map(Cents::new)
    }
}

/// The product divided by 2^`shift`, rounded down and up, for a shift from 1 to 127; `None` from 2¹²⁸ on.
fn shifted_product(a: u128, b: u128, shift: u32) -> Option<(u128, u128)> {
    let (low, high) = a.carrying_mul(b, 0);
    if high >> shift != 0 {
        return None;
    }
    let down = (high << (u128::BITS - shift)) | (low >> shift);
    let cut = low & ((1 << shift) - 1) != 0;
    Some((down, down.checked_add(u128::from(cut))?))
}

fn mul_down(a: u128, b: u128) -> Option<u128> {
    shifted_product(a, b, FRACTION).map(|(down, _)| down)
}

/// Lets a test compute with [`Exact`](super::exact::Exact) alone.
#[cfg(test)]
pub(super) mod tests_exactly {
    use std::cell::Cell;

    thread_local! {
        static ON: Cell<bool> = const { Cell::new(false) };
    }

    pub(super) fn is_on() -> bool {
        ON.get()
    }

    /// The result of the work without bounds.
    pub(in crate::loan) fn exactly<T>(work: impl FnOnce() -> T) -> T {
        ON.set(true);
        let result = work();
        ON.set(false);
        result
    }
}

#[cfg(test)]
#[path = "between_tests.rs"]
mod tests;
