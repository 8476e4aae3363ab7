//! Bounds of the effective cost of a cash flow, in integers of fixed width.
//!
//! Newton's steps search the daily discount factor without a proof. The present values on both sides then prove that
//! the factor is between the bounds, because the present value rises with the factor.

use super::between::{Between, Sum};
use crate::money::Cents;

/// Payments in their order: calendar days from the release, and the amount.
type Flow = [(u32, Cents)];

/// 1 + r for the yearly rate r at which the payments are worth `net`, within 10⁻¹⁸. The search begins at a daily
/// discount near it. `None` if the cost is not certainly between 0 and 100,000 %, or if the search does not end.
pub(super) fn year_bounds(net: Cents, payments: &Flow, guess: Between) -> Option<Between> {
    let paid = payments.iter().map(|(_, payment)| *payment).try_fold(Cents::ZERO, Cents::checked_add)?;
    if net <= Cents::ZERO || paid < net {
        return None;
    }
    let (wanted, mut near) = (Sum::of_cents(net), guess);
    for _ in 0..20 {
        let (value, weighted) = present_value(near, payments)?;
        // The slope is the weighted value divided by v, and v is almost 1.
        let step = value.minus(wanted)?.middle_over(weighted)?;
        near = near.moved(-step)?;
        if step.unsigned_abs() < FINE {
            break;
        }
    }
    let (below, above) = (near.moved(-MARGIN)?, near.moved(MARGIN)?);
    let proven = present_value(below, payments)?.0.is_at_most(wanted)
        && wanted.is_at_most(present_value(above, payments)?.0);
    if !proven {
        return None;
    }
    let year = below.to(above).inverse_root(1)?.power(365)?.to_18_decimals()?;
    year.is_at_most(Between::of_decimal(rust_decimal::Decimal::ONE_THOUSAND)?).then_some(year)
}

/// Smaller steps, in counts of 2⁻⁹⁶, do not improve the factor, because values of small amounts are as coarse as
/// that.
const FINE: u128 = 1 << 20;
/// The distance of the bounds from the factor, in counts of 2⁻⁹⁶: 10⁻²².
const MARGIN: i128 = 1 << 23;

/// Σ payment × v^d and Σ payment × d × v^d. Each power is built from the one of the due date before.
fn present_value(v: Between, payments: &Flow) -> Option<(Sum, Sum)> {
    let (mut value, mut weighted) = (Sum::ZERO, Sum::ZERO);
    let (mut before, mut factor) = (0, Between::ONE);
    let shortest = v.power(28)?;
    let months = [shortest, shortest.times(v)?, shortest.times(v.power(2)?)?, shortest.times(v.power(3)?)?];
    for &(days, payment) in payments {
        let gap = days.checked_sub(before)?;
        let month = gap.checked_sub(28).and_then(|over| months.get(usize::try_from(over).ok()?));
        factor = factor.times(match month {
            Some(month) => *month,
            None => v.power(gap)?,
        })?;
        let term = factor.of(payment)?;
        value = value.plus(term)?;
        weighted = weighted.plus(term.times(days)?)?;
        before = days;
    }
    Some((value, weighted))
}
