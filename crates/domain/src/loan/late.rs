//! Late charges (Res. CMN 4.882/2020 and the contract's terms): fine, default interest and remuneratory interest,
//! from the effective due date on.

use super::between::Sum;
use super::exact::Exact;
use super::factor::Growth;
use crate::calendar::next_business_day;
use crate::money::{Cents, Rate};
use crate::time::{Date, days_after};

/// The charges on an unpaid installment.
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
    /// The charges on the unpaid amount of an installment with the due date `due`, on `today`; each rounded half-up.
    /// There are none up to and including the effective due date.
    pub fn on(unpaid: Cents, due: Date, today: Date, monthly_rate: Rate, rates: LateRates) -> Self {
        let mut curve = LateCurve::default();
        curve.begin(next_business_day(due), unpaid);
        curve.charges(next_business_day(due), today, monthly_rate, rates)
    }

    /// The sum of the charges.
    pub fn total(self) -> Cents {
        self.fine + self.default_interest + self.remuneratory_interest
    }
}

/// A step of the curve: the unpaid amount of a late installment from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The day.
    pub since: Date,
    /// The unpaid interest and principal; zero only after the last payment.
    pub unpaid: Cents,
}

/// The unpaid amount of a late installment, day by day. There is one curve from the effective due date on: a part
/// payment lowers it and never restarts it.
///
/// Charges are not stored. They are computed from the curve, so each is rounded once, on its sum.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LateCurve {
    /// The steps in their order. The first one is of the effective due date.
    steps: Vec<Step>,
}

impl LateCurve {
    /// A curve from its stored steps.
    pub fn of_steps(steps: Vec<Step>) -> Self {
        Self { steps }
    }

    /// The steps, to be stored; empty if the curve has not begun.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Begins the curve at the effective due date, if it has not begun.
    pub(super) fn begin(&mut self, effective_due: Date, unpaid: Cents) {
        if self.steps.is_empty() {
            self.steps.push(Step { since: effective_due, unpaid });
        }
    }

    /// Lowers the curve from a day on, if it has begun.
    pub(super) fn lower(&mut self, since: Date, unpaid: Cents) {
        let Some(last) = self.steps.last().copied() else { return };
        // A step of less than a day is replaced. The first step stays, because the fine is computed from it.
        if last.unpaid == unpaid {
            return;
        }
        if last.since == since && self.steps.len() > 1 {
            self.steps.pop();
        }
        self.steps.push(Step { since, unpaid });
    }

    /// The charges on a day, paid or not, of an installment with the effective due date `origin`. The fine is on the
    /// first unpaid amount. Default interest is Σ A × rate × days / 30. Remuneratory interest is Σ A × (f(n₂) −
    /// f(n₁)). Each is rounded half-up once, on its sum.
    ///
    /// Each charge is at most [`Cents::MAX`], the largest amount.
    pub fn charges(&self, origin: Date, today: Date, monthly_rate: Rate, rates: LateRates) -> LateCharges {
        let days = days_after(origin, today);
        let Some(first) = self.steps.first().filter(|_| days > 0) else { return LateCharges::default() };
        let mut cent_days = 0_i128;
        let mut spans = Vec::with_capacity(self.steps.len());
        for (place, step) in self.steps.iter().enumerate() {
            let begin = days_after(origin, step.since).min(days);
            let end = self.steps.get(place + 1).map_or(days, |next| days_after(origin, next.since).min(days));
            cent_days += i128::from(step.unpaid.get()) * i128::from(end - begin);
            spans.push((begin, end, step.unpaid));
        }
        let growth = Growth::of_monthly(monthly_rate);
        let interest = interest_bounds(&growth, &spans).or_else(|| interest_exactly(&growth, &spans));
        let month = i128::from(Growth::MONTH) * i128::from(Rate::ONE.scaled());
        let default_interest = Cents::ratio(cent_days * i128::from(rates.default_monthly.scaled()), month);
        LateCharges {
            days,
            fine: at_most(first.unpaid.portion(rates.fine)),
            default_interest: at_most(default_interest),
            remuneratory_interest: at_most(interest),
        }
    }
}

/// Σ A × (f(n₂) − f(n₁)) over the days from n₁ to n₂ on which A is unpaid, rounded half-up; `None` on overflow.
fn interest_exactly(growth: &Growth, spans: &[(u32, u32, Cents)]) -> Option<Cents> {
    let mut sum = Exact::zero();
    for (begin, end, unpaid) in spans {
        let grown = &growth.over(*end)? - &growth.over(*begin)?;
        sum = &sum + &grown.times_cents(*unpaid);
    }
    sum.to_cents()
}

/// [`interest_exactly`], if bounds decide the rounding.
fn interest_bounds(growth: &Growth, spans: &[(u32, u32, Cents)]) -> Option<Cents> {
    let mut sum = Sum::ZERO;
    for (begin, end, unpaid) in spans {
        sum = sum.plus(growth.bounds(*end)?.less(growth.bounds(*begin)?)?.of(*unpaid)?)?;
    }
    sum.to_cents()
}

/// Limits a charge to the largest amount.
fn at_most(charge: Option<Cents>) -> Cents {
    charge.map_or(Cents::MAX, |charge| charge.min(Cents::MAX))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const RATE: Rate = Rate::from_scaled(2_500_000);
    const RATES: LateRates =
        LateRates { fine: Rate::from_scaled(2_000_000), default_monthly: Rate::from_scaled(1_000_000) };

    #[test]
    fn charges_match_the_published_late_payment() {
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
    fn half_cents_of_whole_months_are_rounded_up() {
        let on = |unpaid, scaled, today| {
            LateCharges::on(Cents::new(unpaid), date(2026, 3, 10), today, Rate::from_scaled(scaled), RATES)
        };
        let month = on(213_590, 5_000_000, date(2026, 4, 9));
        assert_eq!((month.days, month.remuneratory_interest), (30, Cents::new(10_680)));
        assert_eq!(month.total(), Cents::new(17_088));
        // 1.03125^7 has 35 decimals, and 2³⁴ cents times it ends at exactly half a cent.
        let months = on(1 << 34, 3_125_000, date(2026, 10, 6));
        assert_eq!((months.days, months.remuneratory_interest.get()), (210, 21_309_221_489 - (1 << 34)));
    }

    #[test]
    fn the_unpaid_rest_continues_on_the_same_curve() {
        let (origin, amount) = (date(2026, 3, 10), Cents::new(100_000));
        let mut curve = LateCurve::default();
        curve.begin(origin, amount);
        let day = |n: i64| origin.checked_add(jiff::ToSpan::days(n)).unwrap();
        curve.lower(day(30), Cents::new(60_000));
        curve.lower(day(30), Cents::new(50_000));
        curve.lower(day(45), Cents::new(50_000));
        assert_eq!(curve.steps().len(), 2);
        let charges = curve.charges(origin, day(60), RATE, RATES);
        // 1,000 × (1.025 − 1) + 500 × (1.025² − 1.025); 1,000 × 1 % + 500 × 1 %.
        assert_eq!(charges.remuneratory_interest, Cents::new(2_500 + 1_281));
        assert_eq!((charges.default_interest, charges.fine), (Cents::new(1_500), Cents::new(2_000)));
    }

    #[test]
    fn charges_stop_at_the_largest_amount() {
        let charges = LateCharges::on(Cents::MAX, date(2026, 2, 15), date(9999, 12, 31), RATE, RATES);
        assert_eq!((charges.default_interest, charges.remuneratory_interest), (Cents::MAX, Cents::MAX));
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
