//! Due dates and the schedule of the Tabela Price, day-exact (actual/30).

use std::cell::OnceCell;

use jiff::ToSpan;

use super::between::Between;
use super::exact::Exact;
use super::factor::Growth;
use crate::money::{Cents, Rate};
use crate::time::{Date, days_between};

/// A scheduled installment: one row of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScheduledInstallment {
    /// Counted from 1.
    pub number: u16,
    /// The nominal due date.
    pub due: Date,
    /// Calendar days from the release.
    pub days: u32,
    /// The amount of the installment.
    pub payment: Cents,
    /// The interest in it.
    pub interest: Cents,
    /// The principal in it.
    pub principal: Cents,
    /// The principal balance after it.
    pub balance: Cents,
}

#[cfg(test)]
impl ScheduledInstallment {
    /// The first installment of the published vector, as the only one of its loan.
    pub(crate) fn published() -> Self {
        Self {
            number: 1,
            due: jiff::civil::date(2026, 2, 15),
            days: 31,
            payment: Cents::new(97_487),
            interest: Cents::new(25_844),
            principal: Cents::new(71_643),
            balance: Cents::ZERO,
        }
    }
}

/// Monthly due dates, on the same day of each month. They begin at `first_due`, or else one month after `release`. A
/// month without this day uses its last day. `None` if a date is beyond the calendar, which ends in the year 9999.
pub(super) fn due_dates(release: Date, first_due: Option<Date>, installments: u16) -> Option<Vec<Date>> {
    let (anchor, skipped) = match first_due {
        Some(date) => (date, 0),
        None => (release, 1),
    };
    let due = |k: u16| anchor.checked_add((i64::from(k) + skipped).months()).ok();
    (0..installments).map(due).collect()
}

/// The days, factors and the annuity's divisor of some due dates, which pricing needs again and again.
pub(super) struct Calendar {
    monthly_rate: Rate,
    pub(super) growth: Growth,
    dues: Vec<Date>,
    days: Vec<u32>,
    /// The days of each period.
    periods: Vec<u32>,
    bounds: Option<Bounds>,
    /// Computed when it is first needed.
    exact: OnceCell<Exactly>,
}

struct Exactly {
    /// f(Δd) − 1 for each period.
    period_rates: Vec<Exact>,
    /// Σ f(d_k)^−1.
    annuity: Exact,
}

/// The bounds of the same numbers.
struct Bounds {
    period_rates: Vec<Between>,
    /// f(Δd)^−1 for each period.
    period_discounts: Vec<Between>,
    annuity: Between,
}

/// The reason why no installments on these due dates repay a loan at this rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoCalendar {
    /// A due date is not after the one before it, or not after the release.
    NotInOrder,
    /// The interest of a period exceeds the installment, for every amount.
    NeverRepaid,
}

impl Exactly {
    /// `None` for a growth beyond 10²⁴.
    fn new(growth: &Growth, days: &[u32], periods: &[u32]) -> Option<Self> {
        let mut annuity = Exact::zero();
        for day in days {
            annuity = &annuity + &growth.over(*day)?.inverse();
        }
        let rate = |days: &u32| Some(&growth.over(*days)? - &Exact::one());
        Some(Self { period_rates: periods.iter().map(rate).collect::<Option<_>>()?, annuity })
    }

    /// Whether each installment before the last repays some principal of the largest amount, before any rounding.
    ///
    /// If each installment is 1, the balance after period k is s_k = Σ f(d_j − d_k)^−1 over the remaining ones. So
    /// s_(k−1) = (1 + s_k) / f(Δ_k), and the principal in installment k is 1 − s_(k−1) × (f(Δ_k) − 1).
    fn repays(&self) -> bool {
        let mut left = Exact::zero();
        let mut least = Exact::one();
        for rate in self.period_rates.iter().rev() {
            let last = left == Exact::zero();
            left = (&Exact::one() + &left).over(&(&Exact::one() + rate));
            if !last {
                least = least.min(&Exact::one() - &left.times(rate));
            }
        }
        let largest = Exact::of_cents(Cents::MAX).over(&self.annuity);
        largest.times(&least).to_cents().is_some_and(|least| least > Cents::ZERO)
    }
}

impl Bounds {
    fn new(growth: &Growth, days: &[u32], periods: &[u32]) -> Option<Self> {
        let mut annuity = Between::ZERO;
        for day in days {
            annuity = annuity.plus(growth.discount_bounds(*day)?)?;
        }
        let rate = |days: &u32| growth.bounds(*days)?.less(Between::ONE);
        Some(Self {
            period_rates: periods.iter().map(rate).collect::<Option<_>>()?,
            period_discounts: periods
                .iter()
                .map(|days| growth.discount_bounds(*days))
                .collect::<Option<_>>()?,
            annuity,
        })
    }

    /// [`Exactly::repays`]; `None` if the bounds do not decide it. `most` is the largest interest in an installment
    /// of 1.
    fn repays(&self) -> Option<bool> {
        let (mut left, mut most) = (Between::ZERO, Between::ZERO);
        let periods = self.period_rates.iter().zip(&self.period_discounts).rev();
        for (place, (rate, discount)) in periods.enumerate() {
            left = Between::ONE.plus(left)?.times(*discount)?.rounded()?;
            if place > 0 {
                most = most.max(left.times(*rate)?.rounded()?);
            }
        }
        if most.is_at_least_one()? {
            return Some(false);
        }
        // The largest amount is just below 10¹¹ cents. If the principal's part of it is at least 10⁻¹⁰, this is at
        // least nine cents.
        let part = Between::ONE.less(most)?;
        self.annuity.by_ten_billion().is_at_most(part).then_some(true)
    }
}

impl Calendar {
    /// Computes the days and factors of due dates for a monthly rate.
    pub(super) fn new(release: Date, dues: Vec<Date>, monthly_rate: Rate) -> Result<Self, NoCalendar> {
        let growth = Growth::of_monthly(monthly_rate);
        let (mut days, mut periods) = (Vec::with_capacity(dues.len()), Vec::with_capacity(dues.len()));
        let mut before = 0;
        for due in &dues {
            let day = u32::try_from(days_between(release, *due)).map_err(|_| NoCalendar::NotInOrder)?;
            periods.push(day.checked_sub(before).filter(|gap| *gap > 0).ok_or(NoCalendar::NotInOrder)?);
            days.push(day);
            before = day;
        }
        let bounds = Bounds::new(&growth, &days, &periods);
        let calendar = Self { monthly_rate, growth, dues, days, periods, bounds, exact: OnceCell::new() };
        let repays = match calendar.bounds.as_ref().and_then(Bounds::repays) {
            Some(repays) => repays,
            None => calendar.exact().is_some_and(Exactly::repays),
        };
        if repays { Ok(calendar) } else { Err(NoCalendar::NeverRepaid) }
    }

    /// `None` for a growth beyond 10²⁴.
    fn exact(&self) -> Option<&Exactly> {
        if let Some(exact) = self.exact.get() {
            return Some(exact);
        }
        let exact = Exactly::new(&self.growth, &self.days, &self.periods)?;
        Some(self.exact.get_or_init(|| exact))
    }

    /// round(P / Σ f(d_k)^−1), half-up.
    fn payment(&self, principal: Cents) -> Option<Cents> {
        match self.bounds.as_ref().and_then(|bounds| bounds.annuity.divide(principal)?.to_cents()) {
            Some(payment) => Some(payment),
            None => Exact::of_cents(principal).over(&self.exact()?.annuity).to_cents(),
        }
    }

    /// round(balance × (f(Δd) − 1)) for a period, half-up.
    fn interest(&self, period: usize, balance: Cents) -> Option<Cents> {
        // For 30 days the interest is the monthly rate of the balance. It often ends at half a cent, which bounds do
        // not decide.
        if self.periods[period] == Growth::MONTH {
            return balance.portion(self.monthly_rate);
        }
        let bounds = self.bounds.as_ref().map(|bounds| bounds.period_rates[period]);
        match bounds.and_then(|rate| rate.of(balance)?.to_cents()) {
            Some(interest) => Some(interest),
            None => self.exact()?.period_rates[period].times_cents(balance).to_cents(),
        }
    }

    /// The schedule of `principal` by the Tabela Price: installment = round(P / Σ f(d_k)^−1), interest of a period =
    /// round(balance × (f(Δd) − 1)). Both are rounded half-up. The last installment takes the residue, so the balance
    /// ends at 0.00. `None` on overflow.
    pub(super) fn schedule(&self, principal: Cents) -> Option<Vec<ScheduledInstallment>> {
        let payment = self.payment(principal)?;
        let last = self.dues.len().saturating_sub(1);
        let mut balance = principal;
        let mut rows = Vec::with_capacity(self.dues.len());
        for (k, number) in (0..self.dues.len()).zip(1_u16..) {
            let interest = self.interest(k, balance)?;
            let part = if k == last { balance } else { payment.checked_add(-interest)? };
            balance = balance.checked_add(-part)?;
            rows.push(ScheduledInstallment {
                number,
                due: self.dues[k],
                days: self.days[k],
                payment: part.checked_add(interest)?,
                interest,
                principal: part,
                balance,
            });
        }
        Some(rows)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn prices_need_exact_numbers_only_for_half_cents() {
        let mut needed = 0;
        for case in 0..1_000_i64 {
            let release = date(2026, 1, 1).checked_add(case.days()).unwrap();
            let dues = due_dates(release, None, u16::try_from(1 + case % 36).unwrap()).unwrap();
            let calendar = Calendar::new(release, dues, Rate::from_scaled(1_000_000 + case * 3_210)).unwrap();
            calendar.schedule(Cents::new(100_000 + case * 12_347)).unwrap();
            needed += u32::from(calendar.exact.get().is_some());
        }
        // One period of exactly one month, or two of exactly two, may give half a cent.
        assert!(needed < 10, "{needed} of 1,000");
    }

    #[test]
    fn a_month_without_the_day_uses_its_last_day_and_longer_months_use_the_day_again() {
        let dues = due_dates(date(2026, 1, 31), None, 4).unwrap();
        assert_eq!(dues, [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)]);
        let given = due_dates(date(2026, 1, 31), Some(date(2026, 3, 10)), 2).unwrap();
        assert_eq!(given, [date(2026, 3, 10), date(2026, 4, 10)]);
        assert_eq!(due_dates(date(9999, 1, 31), None, 12), None);
    }
}
