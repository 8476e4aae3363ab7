//! Due dates and the Price schedule, day-exact (actual/30).

use jiff::ToSpan;

use super::exact::Exact;
use super::factor::Growth;
use crate::money::{Cents, Rate};
use crate::time::{Date, days_between};

/// One row of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Installment {
    /// Counted from 1.
    pub number: u16,
    /// The nominal due date.
    pub due: Date,
    /// Calendar days from the release.
    pub days: u32,
    /// What is to be paid.
    pub payment: Cents,
    /// The interest in it.
    pub interest: Cents,
    /// The principal in it.
    pub principal: Cents,
    /// What is owed after it.
    pub balance: Cents,
}

/// Monthly due dates: one month after `release`, or from `first_due`, on that date's day of the month; a
/// month without the day uses its last. `None` where one lies beyond the calendar, which ends in the year 9999.
pub(super) fn due_dates(release: Date, first_due: Option<Date>, installments: u16) -> Option<Vec<Date>> {
    let (anchor, skipped) = match first_due {
        Some(date) => (date, 0),
        None => (release, 1),
    };
    let due = |k: u16| anchor.checked_add((i64::from(k) + skipped).months()).ok();
    (0..installments).map(due).collect()
}

/// What pricing asks of a set of due dates again and again: days, factors and the annuity's divisor.
pub(super) struct Calendar {
    dues: Vec<Date>,
    days: Vec<u32>,
    /// f(Δd) − 1 for each period.
    period_rates: Vec<Exact>,
    /// Σ f(d_k)^−1.
    annuity: Exact,
    /// f(1): the growth of a day at the contract's rate.
    pub(super) day: Exact,
}

/// Why due dates do not repay anything at a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoCalendar {
    /// A due date is not after the one before it, or not after the release.
    NotInOrder,
    /// The interest of a period exceeds the installment, whatever the amount.
    NeverRepaid,
}

impl Calendar {
    /// Prices due dates for a monthly rate.
    pub(super) fn new(release: Date, dues: Vec<Date>, monthly_rate: Rate) -> Result<Self, NoCalendar> {
        let growth = Growth::of_monthly(monthly_rate);
        let factor = |days| growth.over(days).ok_or(NoCalendar::NeverRepaid);
        let mut days = Vec::with_capacity(dues.len());
        let (mut period_rates, mut annuity) = (Vec::with_capacity(dues.len()), Exact::zero());
        let mut before = 0;
        for due in &dues {
            let day = u32::try_from(days_between(release, *due)).map_err(|_| NoCalendar::NotInOrder)?;
            let period = day.checked_sub(before).filter(|gap| *gap > 0).ok_or(NoCalendar::NotInOrder)?;
            period_rates.push(&factor(period)? - &Exact::one());
            annuity = &annuity + &factor(day)?.inverse();
            days.push(day);
            before = day;
        }
        let calendar = Self { dues, days, period_rates, annuity, day: factor(1)? };
        if calendar.repays() { Ok(calendar) } else { Err(NoCalendar::NeverRepaid) }
    }

    /// Whether each installment before the last repays some principal, of the largest amount and before any rounding.
    ///
    /// In installments of one, what is owed after period k is s_k = Σ f(d_j − d_k)^−1 over those that remain, so
    /// s_(k−1) = (1 + s_k) / f(Δ_k), and 1 − s_(k−1) × (f(Δ_k) − 1) of installment k is principal.
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

    /// The Price schedule of `principal`: installment = round(P / Σ f(d_k)^−1), interest of a period =
    /// round(balance × (f(Δd) − 1)), both half-up; the last installment takes the residue, so the balance
    /// ends at 0.00. `None` where no amount holds a figure of it.
    pub(super) fn schedule(&self, principal: Cents) -> Option<Vec<Installment>> {
        let payment = Exact::of_cents(principal).over(&self.annuity).to_cents()?;
        let last = self.dues.len().saturating_sub(1);
        let mut balance = principal;
        let mut rows = Vec::with_capacity(self.dues.len());
        for (k, number) in (0..self.dues.len()).zip(1_u16..) {
            let interest = self.period_rates[k].times_cents(balance).to_cents()?;
            let part = if k == last { balance } else { payment.checked_add(-interest)? };
            balance = balance.checked_add(-part)?;
            rows.push(Installment {
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
    fn a_month_without_the_day_uses_its_last_and_the_day_comes_back() {
        let dues = due_dates(date(2026, 1, 31), None, 4).unwrap();
        assert_eq!(dues, [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)]);
        let given = due_dates(date(2026, 1, 31), Some(date(2026, 3, 10)), 2).unwrap();
        assert_eq!(given, [date(2026, 3, 10), date(2026, 4, 10)]);
        assert_eq!(due_dates(date(9999, 1, 31), None, 12), None);
    }
}
