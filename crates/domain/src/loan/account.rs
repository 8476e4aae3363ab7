//! What a borrower owes: each installment's position, and what payments make of it.
//!
//! The account is a pure function of the schedule and the payments that stand, day by day. A reversal takes a
//! payment out and replays the rest, so it needs no rules of its own.

use rust_decimal::Decimal;

use super::factor::DailyGrowth;
use super::late::LateCharges;
use super::rates::RateBook;
use super::schedule::Installment;
use crate::calendar::next_business_day;
use crate::id::PaymentId;
use crate::money::{Cents, Rate};
use crate::time::{Date, Timestamp, days_after};

/// Money that came in for a loan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// How much, more than zero.
    pub amount: Cents,
    /// When it was paid; its business date counts.
    pub paid_at: Timestamp,
    /// What it is for.
    pub kind: PaymentKind,
}

/// What a payment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PaymentKind {
    /// Installments, the oldest first.
    Installments,
    /// The early payoff of everything; one that is not enough for it goes to installments.
    Payoff,
}

impl PaymentKind {
    /// The kind's name in the store and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Installments => "installments",
            Self::Payoff => "payoff",
        }
    }

    /// Reads [`PaymentKind::name`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Installments, Self::Payoff].into_iter().find(|kind| kind.name() == text)
    }
}

/// What the contract says beyond its schedule.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'b> {
    /// The contract's monthly rate.
    pub monthly_rate: Rate,
    /// The late charges by the date of the installment.
    pub book: &'b RateBook,
}

/// What has been paid of an installment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Paid {
    /// Of its late charges.
    pub charges: Cents,
    /// Of its interest, a discount included.
    pub interest: Cents,
    /// Of its principal, a discount included.
    pub principal: Cents,
    /// What an early payoff let off.
    pub discount: Cents,
}

impl Paid {
    /// The money that came in.
    pub fn money(self) -> Cents {
        self.charges + self.interest + self.principal - self.discount
    }
}

/// Where an installment stands: what it was to be, what was paid, and the late charges written down so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Counted from 1.
    pub number: u16,
    /// The nominal due date.
    pub due: Date,
    /// The interest in it.
    pub interest: Cents,
    /// The principal in it.
    pub principal: Cents,
    /// What has been paid of it.
    pub paid: Paid,
    /// Late charges written down and not paid.
    pub charges_due: Cents,
    /// Up to which day late charges have been written down.
    pub charged_to: Option<Date>,
    /// When it was paid in full.
    pub settled_at: Option<Timestamp>,
}

impl Position {
    /// The position of a schedule's row, unpaid.
    pub fn of_row(row: &Installment) -> Self {
        Self {
            number: row.number,
            due: row.due,
            interest: row.interest,
            principal: row.principal,
            paid: Paid::default(),
            charges_due: Cents::ZERO,
            charged_to: None,
            settled_at: None,
        }
    }

    /// What is left of its interest and principal.
    pub fn left(&self) -> Cents {
        self.interest + self.principal - self.paid.interest - self.paid.principal
    }

    /// What it takes to settle it, with the late charges written down so far.
    pub fn owed(&self) -> Cents {
        self.left() + self.charges_due
    }

    /// Days past its effective due date, 0 where it is settled.
    pub fn days_overdue(&self, today: Date) -> u32 {
        if self.settled_at.is_some() { 0 } else { days_after(next_business_day(self.due), today) }
    }

    /// The position with its late charges written down up to `today`. The fine comes once, with the first.
    #[must_use]
    pub fn accrued(mut self, today: Date, terms: Terms<'_>) -> Self {
        let from = self.charged_to.unwrap_or_else(|| next_business_day(self.due));
        let days = days_after(from, today);
        // A due date older than every version bears no charges: none were agreed upon.
        let rates = terms.book.late_on(self.due).filter(|_| days > 0 && self.left() > Cents::ZERO);
        let Some(rates) = rates else { return self };
        let charges = LateCharges::over(self.left(), days, terms.monthly_rate, rates);
        self.charges_due += match self.charged_to {
            None => charges.total(),
            Some(_) => charges.total() - charges.fine,
        };
        self.charged_to = Some(today);
        self
    }

    /// Takes as much of an amount as it can, charges first, then interest, then principal; returns the rest.
    fn take(&mut self, amount: Cents, at: Timestamp) -> Cents {
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
        if self.owed() == Cents::ZERO {
            self.settled_at = Some(at);
        }
        rest
    }
}

/// What it takes to pay a loan off early on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payoff {
    /// The amount.
    pub amount: Cents,
    /// What is let off of the open installments.
    pub discount: Cents,
    /// What each open installment costs, charges included, in their order.
    parts: Vec<Cents>,
}

/// A borrower's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The installments' positions in their order.
    pub positions: Vec<Position>,
    /// What was paid beyond the last installment, to be returned.
    pub credit: Cents,
}

impl Account {
    /// The account of a loan that has just been disbursed.
    pub fn opened(schedule: &[Installment]) -> Self {
        Self { positions: schedule.iter().map(Position::of_row).collect(), credit: Cents::ZERO }
    }

    /// The account after payments, day by day. Within a day installments come before payoffs, and which of several
    /// payoffs settles the loan depends on their amounts alone, so that the order in which they came in changes nothing.
    pub fn replayed(schedule: &[Installment], payments: &[Payment], terms: Terms<'_>) -> Self {
        let mut account = Self::opened(schedule);
        let mut in_order: Vec<&Payment> = payments.iter().collect();
        in_order.sort_by_key(|payment| {
            let day = payment.paid_at.business_date();
            (day, payment.kind, std::cmp::Reverse(payment.amount), payment.paid_at)
        });
        for same in in_order
            .chunk_by(|a, b| (a.paid_at.business_date(), a.kind) == (b.paid_at.business_date(), b.kind))
        {
            if !account.settled_beside(same, terms) {
                for payment in same {
                    account.receive(payment, terms);
                }
            }
        }
        account
    }

    /// Settles everything by one of a day's payoffs that is enough once the others have gone to installments: an amount
    /// that was asked for after a payment which was not enough is enough, though that one was meant as a payoff too.
    /// Where several would do, it is the one that leaves the least over. Does nothing where none would, or where the
    /// largest is enough by itself.
    fn settled_beside(&mut self, payoffs: &[&Payment], terms: Terms<'_>) -> bool {
        let Some(largest) = payoffs.first().filter(|payment| payment.kind == PaymentKind::Payoff) else {
            return false;
        };
        let today = largest.paid_at.business_date();
        if payoffs.len() == 1 || largest.amount >= self.payoff(today, terms).amount {
            return false;
        }
        let settled = (0..payoffs.len()).filter_map(|place| {
            let mut account = self.clone();
            for (_, other) in payoffs.iter().enumerate().filter(|(other, _)| *other != place) {
                let beyond = account.spread(other, today, terms);
                account.credit += beyond;
            }
            let enough = payoffs[place].amount >= account.payoff(today, terms).amount;
            account.receive(payoffs[place], terms);
            enough.then_some(account)
        });
        let Some(settled) = settled.min_by_key(|account| account.credit) else { return false };
        *self = settled;
        true
    }

    /// Takes a payment that is not older than those before it; returns the first installment it went to.
    pub fn receive(&mut self, payment: &Payment, terms: Terms<'_>) -> Option<u16> {
        let first = self.open().next().map(|position| position.number);
        let today = payment.paid_at.business_date();
        let payoff = (payment.kind == PaymentKind::Payoff).then(|| self.payoff(today, terms));
        let beyond = match payoff.filter(|payoff| payment.amount >= payoff.amount) {
            Some(payoff) => {
                self.settle(&payoff, today, payment.paid_at, terms);
                payment.amount - payoff.amount
            }
            None => self.spread(payment, today, terms),
        };
        self.credit += beyond;
        first
    }

    /// Oldest installment first; what is left of one goes to the next, beyond the last it is returned.
    fn spread(&mut self, payment: &Payment, today: Date, terms: Terms<'_>) -> Cents {
        let mut rest = payment.amount;
        for position in self.positions.iter_mut().filter(|position| position.settled_at.is_none()) {
            if rest == Cents::ZERO {
                break;
            }
            *position = position.accrued(today, terms);
            rest = position.take(rest, payment.paid_at);
        }
        rest
    }

    fn settle(&mut self, payoff: &Payoff, today: Date, at: Timestamp, terms: Terms<'_>) {
        let open = self.positions.iter_mut().filter(|position| position.settled_at.is_none());
        for (position, cost) in open.zip(&payoff.parts) {
            *position = position.accrued(today, terms);
            let owed = position.owed();
            position.take(owed, at);
            position.paid.discount += owed - *cost;
        }
    }

    fn open(&self) -> impl Iterator<Item = &Position> {
        self.positions.iter().filter(|position| position.settled_at.is_none())
    }

    /// Whether every installment is paid in full.
    pub fn is_paid_off(&self) -> bool {
        self.open().next().is_none()
    }

    /// What is still owed of the principal.
    pub fn principal_left(&self) -> Cents {
        self.positions.iter().map(|position| position.principal - position.paid.principal).sum()
    }

    /// What it takes to pay everything off on a day (Res. CMN 5.004/2022): the present value of the open
    /// installments at the contract's rate, and in full what is due already, with its late charges.
    ///
    /// On a due date it is the principal left, to which it is snapped where the roundings of the schedule put it a
    /// cent apart.
    pub fn payoff(&self, today: Date, terms: Terms<'_>) -> Payoff {
        let growth = DailyGrowth::of_monthly(terms.monthly_rate.fraction());
        let open: Vec<Position> = self.open().map(|position| position.accrued(today, terms)).collect();
        let (mut exact, mut total) = (Decimal::ZERO, Cents::ZERO);
        let mut parts = Vec::with_capacity(open.len());
        for position in &open {
            let ahead = days_after(today, position.due);
            exact += position.left().decimal() / growth.over(ahead) + position.charges_due.decimal();
            // Each part is the growth of the rounded sum, so that the parts add up to the whole.
            let part = Cents::round_half_up(exact) - total;
            parts.push(part.min(position.owed()));
            total = parts.iter().copied().sum();
        }
        let principal = self.principal_left();
        let on_a_due_date = self.positions.iter().any(|position| position.due == today)
            && open.iter().all(|position| position.due > today);
        let apart = principal - total;
        if on_a_due_date
            && (apart == Cents::new(1) || apart == Cents::new(-1))
            && let Some(last) = parts.last_mut()
        {
            *last += apart;
            total = principal;
        }
        let owed: Cents = open.iter().map(Position::owed).sum();
        Payoff { amount: total, discount: owed - total, parts }
    }
}
