//! CET, the total effective cost (Res. CMN 4.881/2020): the yearly rate at which the present value of the payments is
//! the amount that the customer receives.

use rust_decimal::Decimal;

use super::between::Between;
use super::discount::year_bounds;
use super::exact::Exact;
use super::factor::Growth;
use crate::money::{Cents, Rate};

/// The reason why a cash flow has no printable effective cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoCet {
    /// At no rate are the payments worth the received amount: it is not positive, or less was paid than received.
    #[error("the cash flow has no effective cost")]
    None,
    /// The cost is more than 100,000 % a year.
    #[error("the effective cost is more than 100,000 % a year")]
    Beyond,
}

/// The total effective cost as a contract prints it, with two decimals of the percentage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) yearly: Rate,
    pub(super) monthly: Rate,
}

/// The cost of payments for a net amount. The search begins at the contract's own growth.
pub(super) fn cost(net: Cents, payments: &[(u32, Cents)], growth: &Growth) -> Result<Cost, NoCet> {
    match cost_bounds(net, payments, growth) {
        Some(cost) => Ok(cost),
        None => cost_exactly(net, payments, growth),
    }
}

fn cost_bounds(net: Cents, payments: &[(u32, Cents)], growth: &Growth) -> Option<Cost> {
    let year = year_bounds(net, payments, growth.discount_bounds(1)?)?;
    let month = year.inverse_root(12)?.power(11)?.times(year)?.to_24_decimals()?;
    let printed = |grown: Between| grown.less(Between::ONE)?.to_rate(2);
    Some(Cost { yearly: printed(year)?, monthly: printed(month)? })
}

fn cost_exactly(net: Cents, payments: &[(u32, Cents)], growth: &Growth) -> Result<Cost, NoCet> {
    let yearly = yearly_near(net, payments, growth.daily_discount().ok_or(NoCet::Beyond)?)?;
    let printed = |rate| Exact::of_decimal(rate).to_rate(2).ok_or(NoCet::Beyond);
    Ok(Cost { yearly: printed(yearly)?, monthly: printed(monthly(yearly))? })
}

/// The yearly rate r (a fraction) with Σ payment_k / (1+r)^(d_k/365) = `net`, at most 100,000 %. Days are calendar
/// days, and a year always has 365.
///
/// The search finds the daily discount factor v = (1+r)^(−1/365). The present value is a polynomial in v that only
/// grows. Newton's steps stay inside a bracket with one sign change; if a step would leave it, the bracket is halved.
/// The search ends when v moves by less than 10⁻²⁴, far below the precision of 10⁻¹² required for r.
pub fn yearly(net: Cents, payments: &[(u32, Cents)]) -> Result<Decimal, NoCet> {
    yearly_near(net, payments, Decimal::ONE)
}

/// [`yearly`] from a first guess of the daily discount factor. The guess only changes the number of steps.
pub fn yearly_near(net: Cents, payments: &[(u32, Cents)], guess: Decimal) -> Result<Decimal, NoCet> {
    let v = daily_discount(net, payments, guess)?;
    let yearly = power(Decimal::ONE / v, 365) - Decimal::ONE;
    // The last digits are errors of the powers. Without them, a rate of exactly half a hundredth is recognised.
    let yearly = yearly.round_dp(18);
    if yearly > MOST { Err(NoCet::Beyond) } else { Ok(yearly) }
}

/// The monthly rate of a yearly one, at most 100,000 %: (1+r)^(1/12) − 1.
pub fn monthly(yearly: Decimal) -> Decimal {
    let month = Exact::of_decimal(Decimal::ONE + yearly).root(12);
    month.to_decimal().expect("the root of at most 1,001 is less than 2") - Decimal::ONE
}

/// `base` to a whole power, by squaring. It does not overflow. A base of at most 1 gives at most 1. Other bases are
/// less than 1.02, and 1.02^365 is 1,377.
fn power(base: Decimal, exponent: u32) -> Decimal {
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

/// The largest cost that a contract states: 100,000 % a year.
const MOST: Decimal = Decimal::ONE_THOUSAND;

/// A daily discount factor just below that of [`MOST`], 1001^(−1/365).
fn least_discount() -> Decimal {
    Decimal::new(98_124_991_620_098, 14)
}

fn daily_discount(net: Cents, payments: &[(u32, Cents)], guess: Decimal) -> Result<Decimal, NoCet> {
    let total: Cents = payments.iter().map(|(_, payment)| *payment).sum();
    if net <= Cents::ZERO || total < net {
        return Err(NoCet::None);
    }
    let net = net.decimal();
    let (mut low, mut high) = (least_discount(), Decimal::ONE);
    if present_value(low, payments).0 > net {
        return Err(NoCet::Beyond);
    }
    let mut v = guess.clamp(low, high);
    for _ in 0..200 {
        let (value, slope) = present_value(v, payments);
        let excess = value - net;
        if excess.is_zero() {
            return Ok(v);
        }
        if excess > Decimal::ZERO {
            high = v;
        } else {
            low = v;
        }
        // If the curve is flat, the step leaves the bracket or exceeds the decimals.
        let step = excess.checked_div(slope).and_then(|step| v.checked_sub(step));
        let step_to = step.unwrap_or(low);
        let within = step_to > low && step_to < high;
        let moved_to = if within { step_to } else { (low + high) / Decimal::TWO };
        let moved = (moved_to - v).abs();
        v = moved_to;
        // Near the root a step is the square of the one before it. After one below 10⁻¹³, the next one is below 10⁻²⁴
        // and the last.
        if within && moved < Decimal::new(1, 13) {
            let (value, slope) = present_value(v, payments);
            return Ok(v - (value - net) / slope);
        }
        if moved < Decimal::new(1, 24) {
            break;
        }
    }
    Ok(v)
}

/// v raised to 28, 29, 30 and 31, the lengths of months. Nearly all gaps between due dates are one of them.
fn months_of(v: Decimal) -> [Decimal; 4] {
    let shortest = power(v, 28);
    let (one_more, two_more) = (shortest * v, shortest * v * v);
    [shortest, one_more, two_more, two_more * v]
}

/// Σ payment × v^d and its derivative. Each power is built from the one of the due date before.
fn present_value(v: Decimal, payments: &[(u32, Cents)]) -> (Decimal, Decimal) {
    let (mut value, mut weighted) = (Decimal::ZERO, Decimal::ZERO);
    let (mut before, mut factor) = (0, Decimal::ONE);
    let months = months_of(v);
    for &(days, payment) in payments {
        let gap = days - before;
        let kept = gap.checked_sub(28).and_then(|over| months.get(usize::try_from(over).ok()?));
        factor *= kept.copied().unwrap_or_else(|| power(v, gap));
        let term = payment.decimal() * factor;
        value += term;
        weighted += term * Decimal::from(days);
        before = days;
    }
    (value, weighted / v)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::time::days_between;

    fn printed(rate: Decimal) -> String {
        Exact::of_decimal(rate).to_rate(2).unwrap().percent().to_string()
    }

    fn percent(net: i64, payments: &[(u32, Cents)]) -> String {
        printed(yearly(Cents::new(net), payments).unwrap())
    }

    #[test]
    fn a_year_has_365_days_even_if_it_is_a_leap_year() {
        assert_eq!(percent(1_000_000, &[(365, Cents::new(1_100_000))]), "10");
        assert_eq!(percent(100_000, &[(366, Cents::new(110_000))]), "9.97");
    }

    #[test]
    fn bounds_decide_nearly_every_cost() {
        let mut undecided = 0;
        for case in 0..1_000_i64 {
            let (growth, net) = (Growth::of_monthly(Rate::from_scaled(5_000 * case)), 10_000 + 9_999 * case);
            let payments: Vec<_> =
                (1..=36).map(|k| (30 * k + k * k % 3, Cents::new(net / 36 + net * case / 100_000))).collect();
            let payments = &payments[..usize::try_from(1 + case % 36).unwrap()];
            undecided += u32::from(
                cost_bounds(Cents::new(net / 36), payments, &growth).is_none()
                    && cost_exactly(Cents::new(net / 36), payments, &growth).is_ok(),
            );
        }
        assert!(undecided < 5, "{undecided} of 1,000");
    }

    #[test]
    fn the_days_of_twelve_calendar_months_count() {
        let release = date(2026, 1, 10);
        let due = |k: i64| date(2026, 2, 10).checked_add(jiff::ToSpan::months(k)).unwrap();
        let days = |k| u32::try_from(days_between(release, due(k))).unwrap();
        let payments: Vec<_> = (0..12).map(|k| (days(k), Cents::new(100_000))).collect();
        assert_eq!(percent(1_000_000, &payments), "41.51");
    }

    /// The Central Bank's example has months of equal length, t = k/12. The test gives each month 365 days, so the
    /// solver's yearly rate is the monthly rate, and twelve months make the yearly rate.
    #[test]
    fn the_cost_matches_the_central_banks_example() {
        let payments: Vec<_> = (1..=5).map(|k| (365 * k, Cents::new(20_573))).collect();
        let monthly = yearly(Cents::new(94_000), &payments).unwrap();
        assert_eq!(printed(monthly), "3.08");
        let year = power(Decimal::ONE + monthly, 12) - Decimal::ONE;
        assert_eq!(printed(year), "43.93");
    }

    #[test]
    fn a_cash_flow_that_pays_back_less_than_was_received_has_no_cost() {
        assert_eq!(yearly(Cents::new(100), &[(30, Cents::new(99))]), Err(NoCet::None));
        assert_eq!(yearly(Cents::ZERO, &[(30, Cents::new(99))]), Err(NoCet::None));
    }

    #[test]
    fn the_largest_cost_is_100_000_percent_a_year_and_a_larger_one_does_not_overflow() {
        assert_eq!(percent(100_000, &[(365, Cents::new(100_100_000))]), "100000");
        assert_eq!(yearly(Cents::new(100_000), &[(365, Cents::new(100_100_001))]), Err(NoCet::Beyond));
        assert_eq!(yearly(Cents::new(1), &[(1, Cents::MAX)]), Err(NoCet::Beyond));
        assert_eq!(yearly(Cents::new(1), &[(28, Cents::new(2)), (20_000, Cents::MAX)]), Err(NoCet::Beyond));
        assert_eq!(printed(monthly(Decimal::from(1_000))), "77.84");
    }

    #[test]
    fn a_cost_of_exactly_half_a_hundredth_is_rounded_to_even() {
        assert_eq!(percent(10_000_000, &[(365, Cents::new(11_000_500))]), "10");
        assert_eq!(percent(10_000_000, &[(365, Cents::new(11_001_500))]), "10.02");
        assert_eq!(percent(10_000_000, &[(730, Cents::new(12_101_100))]), "10");
    }
}
