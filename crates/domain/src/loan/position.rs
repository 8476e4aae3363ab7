//! The scheduled, the owed and the paid parts of one installment.

use super::late::LateCurve;
use super::rates::RateBook;
use super::schedule::ScheduledInstallment;
use crate::calendar::next_business_day;
use crate::money::{Cents, Rate};
use crate::time::{Date, Timestamp, days_after};

/// The contract's terms for the debt, besides its schedule.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'b> {
    /// The contract's monthly rate.
    pub monthly_rate: Rate,
    /// The rate table: late charges by the due date of the installment.
    pub book: &'b RateBook,
}

/// The paid parts of an installment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Paid {
    /// Paid late charges.
    pub charges: Cents,
    /// Paid interest, including a discount.
    pub interest: Cents,
    /// Paid principal, including a discount.
    pub principal: Cents,
    /// The discount of an early payoff.
    pub discount: Cents,
}

impl Paid {
    /// The received money.
    pub fn money(self) -> Cents {
        self.charges + self.interest + self.principal - self.discount
    }
}

/// The position of an installment: its scheduled and paid parts, and its late charges on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Counted from 1.
    pub number: u16,
    /// The nominal due date.
    pub due: Date,
    /// The scheduled interest.
    pub interest: Cents,
    /// The scheduled principal.
    pub principal: Cents,
    /// The paid parts.
    pub paid: Paid,
    /// The curve of the unpaid amount since it was late. The late charges are computed from it.
    pub late: LateCurve,
    /// Unpaid late charges on [`Position::charged_to`].
    pub charges_due: Cents,
    /// The day for which the late charges are computed.
    pub charged_to: Option<Date>,
    /// Time at which it was paid in full.
    pub settled_at: Option<Timestamp>,
}

impl Position {
    /// The position of a scheduled installment, unpaid.
    pub fn of_row(row: &ScheduledInstallment) -> Self {
        Self {
            number: row.number,
            due: row.due,
            interest: row.interest,
            principal: row.principal,
            paid: Paid::default(),
            late: LateCurve::default(),
            charges_due: Cents::ZERO,
            charged_to: None,
            settled_at: None,
        }
    }

    /// The unpaid principal.
    pub fn principal_left(&self) -> Cents {
        self.principal - self.paid.principal
    }

    /// The scheduled interest and principal.
    pub(super) fn whole(&self) -> Cents {
        self.interest + self.principal
    }

    /// The unpaid interest and principal.
    pub fn left(&self) -> Cents {
        self.interest + self.principal - self.paid.interest - self.paid.principal
    }

    /// The amount that settles the installment, with the late charges on [`Position::charged_to`].
    pub fn owed(&self) -> Cents {
        self.left() + self.charges_due
    }

    /// Days past the effective due date; 0 if the installment is settled.
    pub fn days_overdue(&self, today: Date) -> u32 {
        if self.settled_at.is_some() { 0 } else { days_after(next_business_day(self.due), today) }
    }

    /// The position with its late charges on `today`. Nothing changes if they are already computed for that day or a
    /// later one.
    #[must_use]
    pub fn accrued(&self, today: Date, terms: Terms<'_>) -> Self {
        let mut accrued = self.clone();
        let origin = next_business_day(self.due);
        let since = self.charged_to.unwrap_or(origin);
        // If the due date is older than every version of the rates, no charges were agreed upon.
        let rates = terms.book.late_on(self.due).filter(|_| today > since && self.left() > Cents::ZERO);
        let Some(rates) = rates else { return accrued };
        accrued.late.begin(origin, self.left());
        let charges = accrued.late.charges(origin, today, terms.monthly_rate, rates);
        // If a rate table is corrected downwards, charges already paid stay as they are.
        accrued.charges_due = (charges.total() - self.paid.charges).max(Cents::ZERO);
        accrued.charged_to = Some(today);
        accrued
    }

    /// Pays as much as possible of an amount: charges first, then interest, then principal. Returns the rest.
    pub(super) fn take(&mut self, amount: Cents, at: Timestamp) -> Cents {
        let mut rest = amount;
        let mut part = |owed: Cents| {
            let paid_part = owed.min(rest);
            rest -= paid_part;
            paid_part
        };
        let charges = part(self.charges_due);
        let interest = part(self.interest - self.paid.interest);
        let principal = part(self.principal - self.paid.principal);
        self.charges_due -= charges;
        self.paid.charges += charges;
        self.paid.interest += interest;
        self.paid.principal += principal;
        if let Some(today) = self.charged_to {
            self.late.lower(today, self.left());
        }
        if self.owed() == Cents::ZERO {
            self.settled_at = Some(at);
        }
        rest
    }
}
