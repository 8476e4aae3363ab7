//! The scheduled, the owed and the paid parts of one installment.

use super::late::LateCurve;
use super::rates::RateBook;
use super::schedule::ScheduledInstallment;
use crate::calendar::next_business_day;
use crate::money::{Cents, Rate};
use crate::time::{Date, Timestamp, days_after};

/// The terms of the contract beside its schedule.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'b> {
    /// The contract's monthly rate.
    pub monthly_rate: Rate,
    /// The late charges by the date of the installment.
    pub book: &'b RateBook,
}

/// The paid parts of an installment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Paid {
    /// Of its late charges.
    pub charges: Cents,
    /// Of its interest, a discount included.
    pub interest: Cents,
    /// Of its principal, a discount included.
    pub principal: Cents,
    /// The discount of an early payoff.
    pub discount: Cents,
}

impl Paid {
    /// The money that came in.
    pub fn money(self) -> Cents {
        self.charges + self.interest + self.principal - self.discount
    }
}

/// The position of an installment: its scheduled and paid parts, and its late charges as of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Counted from 1.
    pub number: u16,
    /// The nominal due date.
    pub due: Date,
    /// The interest in it.
    pub interest: Cents,
    /// The principal in it.
    pub principal: Cents,
    /// The paid part of it.
    pub paid: Paid,
    /// Its unpaid amount since it was late. Its late charges are computed from it.
    pub late: LateCurve,
    /// Late charges as of [`Position::charged_to`] that are not paid.
    pub charges_due: Cents,
    /// The day as of which the late charges are given.
    pub charged_to: Option<Date>,
    /// When it was paid in full.
    pub settled_at: Option<Timestamp>,
}

impl Position {
    /// The position of a schedule's row, unpaid.
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

    /// Its interest and principal.
    pub(super) fn whole(&self) -> Cents {
        self.interest + self.principal
    }

    /// The unpaid part of its interest and principal.
    pub fn left(&self) -> Cents {
        self.interest + self.principal - self.paid.interest - self.paid.principal
    }

    /// The amount that settles it, with the late charges as of [`Position::charged_to`].
    pub fn owed(&self) -> Cents {
        self.left() + self.charges_due
    }

    /// Days past its effective due date, 0 where it is settled.
    pub fn days_overdue(&self, today: Date) -> u32 {
        if self.settled_at.is_some() { 0 } else { days_after(next_business_day(self.due), today) }
    }

    /// The position with its late charges as of `today`, where that is after the day as of which they are given.
    #[must_use]
    pub fn accrued(&self, today: Date, terms: Terms<'_>) -> Self {
        let mut accrued = self.clone();
        let origin = next_business_day(self.due);
        let since = self.charged_to.unwrap_or(origin);
        // A due date older than every version bears no charges: none were agreed upon.
        let rates = terms.book.late_on(self.due).filter(|_| today > since && self.left() > Cents::ZERO);
        let Some(rates) = rates else { return accrued };
        accrued.late.begin(origin, self.left());
        let charges = accrued.late.charges(origin, today, terms.monthly_rate, rates);
        // If a rate table is corrected downwards, charges that are already paid stay as they are.
        accrued.charges_due = (charges.total() - self.paid.charges).max(Cents::ZERO);
        accrued.charged_to = Some(today);
        accrued
    }

    /// Takes as much of an amount as it can, charges first, then interest, then principal; returns the rest.
    pub(super) fn take(&mut self, amount: Cents, at: Timestamp) -> Cents {
        let mut rest = amount;
        let mut part = |owed: Cents| {
            let taken = owed.min(rest);
            rest -= taken;
            taken
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
