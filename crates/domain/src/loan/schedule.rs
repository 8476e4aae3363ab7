//! Due dates and the Price schedule, day-exact (actual/30).

use jiff::ToSpan;

use super::factor::DailyGrowth;
use crate::money::Cents;
use crate::time::{Date, days_after};
use rust_decimal::Decimal;

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
/// month without the day uses its last. `None` where they would go beyond the calendar.
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
    period_rates: Vec<Decimal>,
    /// Σ f(d_k)^−1.
    annuity: Decimal,
    /// f(1)^−1: what a day discounts at the contract's rate.
    pub(super) daily_discount: Decimal,
}

impl Calendar {
    /// Prepares due dates for a monthly rate. Every due date is after `release`.
    pub(super) fn new(release: Date, dues: Vec<Date>, monthly_rate: Decimal) -> Self {
        let growth = DailyGrowth::of_monthly(monthly_rate);
        let days: Vec<u32> = dues.iter().map(|due| days_after(release, *due)).collect();
        let (mut period_rates, mut annuity) = (Vec::with_capacity(dues.len()), Decimal::ZERO);
        let (mut before, mut factor) = (0, Decimal::ONE);
        for &day in &days {
            let period = growth.over(day - before);
            factor *= period;
            annuity += Decimal::ONE / factor;
            period_rates.push(period - Decimal::ONE);
            before = day;
        }
        let daily_discount = Decimal::ONE / growth.over(1);
        Self { dues, days, period_rates, annuity, daily_discount }
    }

    /// The Price schedule of `principal`: installment = round(P / Σ f(d_k)^−1), interest of a period =
    /// round(balance × (f(Δd) − 1)), both half-up; the last installment takes the residue, so the balance
    /// ends at 0.00.
    pub(super) fn schedule(&self, principal: Cents) -> Vec<Installment> {
        let payment = Cents::round_half_up(principal.decimal() / self.annuity);
        let last = self.dues.len().saturating_sub(1);
        let mut balance = principal;
        let mut rows = Vec::with_capacity(self.dues.len());
        for (k, number) in (0..self.dues.len()).zip(1_u16..) {
            let interest = Cents::round_half_up(balance.decimal() * self.period_rates[k]);
            let part = if k == last { balance } else { payment - interest };
            balance -= part;
            rows.push(Installment {
                number,
                due: self.dues[k],
                days: self.days[k],
                payment: part + interest,
                interest,
                principal: part,
                balance,
            });
        }
        rows
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
        assert_eq!(due_dates(date(9999, 11, 30), None, 2), None);
    }
}
