//! Bounds against exact arithmetic. Every bound holds, and each decision of bounds is that of exact arithmetic.

use proptest::prelude::*;

use super::super::contract::daily_rate;
use super::super::exact::Exact;
use super::super::factor::Growth;
use super::super::{cet, late};
use super::tests_exactly::exactly;
use super::*;

fn number(text: &str) -> Exact {
    Exact::of_decimal(text.parse().unwrap())
}

fn holds(bounds: Between, exact: &Exact) -> bool {
    exact.is_between(bounds.low, bounds.high, FRACTION)
}

#[test]
fn bounds_decide_no_rounding_at_exactly_half() {
    let half = Between::of_decimal("0.5".parse().unwrap()).unwrap();
    assert_eq!(half.of(Cents::new(1)).unwrap().to_cents(), Some(Cents::new(1)));
    assert_eq!(half.rounded().unwrap().of(Cents::new(1)).unwrap().to_cents(), None);
    assert_eq!(half.rounded().unwrap().of(Cents::new(2)).unwrap().to_cents(), Some(Cents::new(1)));
    assert_eq!(half.of(Cents::new(-1)), None);
    let percent = |text: &str| Between::of_decimal(text.parse().unwrap()).unwrap().to_rate(2);
    // 0.01235 is no multiple of 2⁻⁹⁶, so one bound is below the half and one above.
    assert_eq!(percent("0.01235"), None);
    assert_eq!(percent("0.0123500001").map(Rate::scaled), Some(1_240_000));
    assert_eq!(percent("0.0123499999").map(Rate::scaled), Some(1_230_000));
    assert_eq!(percent("0.5").map(Rate::scaled), Some(50_000_000));
}

#[test]
fn a_sum_below_zero_is_rounded_half_up_too() {
    let sum = |low: i128, high: i128| Sum { low, high }.to_cents().map(Cents::get);
    let half = 1_i128 << 63;
    assert_eq!((sum(half, half), sum(-half, -half), sum(-half - 1, -half - 1)), (Some(1), Some(0), Some(-1)));
    assert_eq!((sum(half - 1, half), sum(-half - 1, -half)), (None, None));
    assert_eq!(sum(i128::MAX, i128::MAX), None);
    let thirds = Sum::of_cents(Cents::new(-1)).share(Cents::new(1), Cents::new(3)).unwrap();
    assert!(thirds.low < thirds.high && thirds.to_cents() == Some(Cents::ZERO), "{thirds:?}");
    assert_eq!(thirds.share(Cents::new(1), Cents::ZERO), None);
}

#[test]
fn numbers_outside_the_range_have_no_bounds() {
    assert_eq!(Between::one_plus(Rate::from_scaled(-1)), None);
    assert_eq!(Between::one_plus(Rate::from_scaled(100_000_001)), None);
    assert_eq!(Between::of_decimal("-0.1".parse().unwrap()), None);
    assert_eq!(Between::of_decimal("0.1234567890123456789".parse().unwrap()), None);
    assert_eq!(Between::of_decimal("4294967296".parse().unwrap()), None);
    let two = Between::one_plus(Rate::ONE).unwrap();
    assert!(two.power(31).is_some());
    assert_eq!((two.power(32), two.power(u32::MAX)), (None, None));
    assert_eq!(Between::ZERO.divide(Cents::new(1)), None);
    assert_eq!(two.divide(Cents::new(1 << 38)), None);
    assert_eq!(two.times(Between { low: u128::MAX, high: u128::MAX }), None);
    assert_eq!(Between::ONE.less(Between::ONE.rounded().unwrap()), Some(Between { low: 0, high: 1 }));
}

#[test]
fn inexact_bounds_never_decide_at_exactly_half_a_cent() {
    // 21 % over 15 days is exactly 10 %.
    let growth = Growth::of_monthly(Rate::from_scaled(21_000_000));
    let rate = growth.bounds(15).unwrap().less(Between::ONE).unwrap();
    assert_eq!(rate.of(Cents::new(100_005)).unwrap().to_cents(), None);
    assert_eq!(rate.of(Cents::new(100_004)).unwrap().to_cents(), Some(Cents::new(10_000)));
    // 25.25 at 2 % in two months of 30 days gives exactly 13.005.
    let growth = Growth::of_monthly(Rate::from_scaled(2_000_000));
    let annuity = growth.discount_bounds(30).unwrap().plus(growth.discount_bounds(60).unwrap()).unwrap();
    assert_eq!(annuity.divide(Cents::new(2_525)).unwrap().to_cents(), None);
    assert_eq!(annuity.divide(Cents::new(2_526)).unwrap().to_cents(), Some(Cents::new(1_301)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_bounds_of_a_growth_contain_it(scaled in 0_i64..=100_000_000, days in 0_u32..=900) {
        let growth = Growth::of_monthly(Rate::from_scaled(scaled));
        let exact = growth.over(days).unwrap();
        let discount = growth.discount_bounds(days).unwrap();
        prop_assert!(holds(discount, &exact.inverse()), "{discount:?}");
        prop_assert!(discount.high - discount.low < 1 << 20, "{discount:?}");
        if let Some(bounds) = growth.bounds(days) {
            prop_assert!(holds(bounds, &exact), "{bounds:?}");
            prop_assert!(bounds.high / bounds.low <= 1 && bounds.high - bounds.low < (bounds.low >> 76) + (1 << 20));
        } else {
            prop_assert!(exact > number("4000000000"), "{exact:?} has no bounds although it is small enough");
        }
    }

    #[test]
    fn the_bounds_of_a_root_contain_it(mantissa in 1_000_000_i64..=1_001_000_000, degree in prop::sample::select(&[12_u32, 30])) {
        let number = Decimal::new(mantissa, 6);
        let bounds = Between::of_decimal(number).unwrap().inverse_root(degree).unwrap();
        prop_assert!(holds(bounds, &Exact::of_decimal(number).root(degree).inverse()), "{bounds:?}");
    }

    #[test]
    fn the_bounds_of_a_decimal_contain_it(mantissa in 0_i64..=i64::MAX, scale in 10_u32..=18) {
        let number = Decimal::new(mantissa, scale);
        let bounds = Between::of_decimal(number).unwrap();
        prop_assert!(holds(bounds, &Exact::of_decimal(number)), "{bounds:?}");
        prop_assert!(bounds.high - bounds.low <= 1);
    }

    #[test]
    fn a_daily_rate_is_printed_the_same_by_bounds_and_exactly(scaled in 0_i64..=100_000_000) {
        let rate = Rate::from_scaled(scaled);
        prop_assert_eq!(daily_rate(rate), exactly(|| daily_rate(rate)));
    }

    #[test]
    fn a_cost_is_printed_the_same_by_bounds_and_exactly(
        scaled in 0_i64..=100_000_000, net in 1_i64..=10_000_000,
        payments in prop::collection::vec((1_u32..400, 0_i64..10_000_000), 1..12),
    ) {
        let mut day = 0;
        let flow: Vec<(u32, Cents)> = payments
            .iter()
            .map(|(gap, amount)| {
                day += gap;
                (day, Cents::new(*amount))
            })
            .collect();
        let cost = || cet::cost(Cents::new(net), &flow, &Growth::of_monthly(Rate::from_scaled(scaled)));
        prop_assert_eq!(cost(), exactly(cost));
    }

    #[test]
    fn a_cost_of_exactly_half_a_hundredth_is_printed_the_same(
        hundredths in 1_i64..=9_999_999, net in 1_i64..=1_000
    ) {
        // One payment after 365 days costs payment / net − 1.
        let (net, paid) = (net * 20_000, net * (20_000 + 2 * hundredths + 1));
        let flow = [(365, Cents::new(paid))];
        let cost = || cet::cost(Cents::new(net), &flow, &Growth::of_monthly(Rate::from_scaled(2_000_000)));
        prop_assert_eq!(cost(), exactly(cost));
        if let Ok(cost) = cost() {
            prop_assert_eq!(cost.yearly.scaled() / 10_000, hundredths + hundredths % 2);
        }
    }

    #[test]
    fn late_charges_are_the_same_by_bounds_and_exactly(
        unpaid in 0_i64..=99_999_999_999, scaled in 0_i64..=100_000_000, days in prop::collection::vec(0_i64..400, 1..5),
    ) {
        let origin = jiff::civil::date(2026, 3, 10);
        let rates = late::LateRates { fine: Rate::from_scaled(2_000_000), default_monthly: Rate::from_scaled(1_000_000) };
        let (mut since, mut left) = (origin, unpaid);
        let mut steps = Vec::new();
        for days in &days {
            steps.push(late::Step { since, unpaid: Cents::new(left) });
            since = since.checked_add(jiff::ToSpan::days(*days)).unwrap();
            left /= 2;
        }
        let curve = late::LateCurve::of_steps(steps);
        let charges = || curve.charges(origin, since, Rate::from_scaled(scaled), rates);
        prop_assert_eq!(charges(), exactly(charges));
    }
}
