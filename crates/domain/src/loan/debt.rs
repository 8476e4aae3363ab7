//! The debt of a borrower: the position of each installment, and the effect of payments on it.
//!
//! The debt is a pure function of the schedule and of the payments that are not reversed, day by day. A reversal
//! removes a payment and replays the others, so it needs no further rules.

use jiff::ToSpan;

use super::aggregate::Owed;
use super::between::Sum;
use super::exact::Exact;
use super::factor::Growth;
pub use super::position::{Paid, Position, Terms};
use super::schedule::ScheduledInstallment;
use crate::id::PaymentId;
use crate::money::Cents;
use crate::spelled;
use crate::time::{Date, Timestamp, days_after};

/// Money received for a loan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payment {
    /// The payment's id.
    pub id: PaymentId,
    /// The amount, more than zero.
    pub amount: Cents,
    /// Time of the payment. Its business date counts.
    pub paid_at: Timestamp,
    /// The purpose of the payment.
    pub kind: PaymentKind,
}

/// The purpose of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PaymentKind {
    /// Installments, the oldest first.
    Installments,
    /// The early payoff of everything. If the amount is not enough, it pays installments.
    Payoff,
}

spelled!(PaymentKind { Installments = "installments", Payoff = "payoff" });

/// The amount that pays a loan off early on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payoff {
    /// The amount.
    pub amount: Cents,
    /// The discount on the open installments.
    pub discount: Cents,
    /// The cost of each open installment, with charges, in their order.
    parts: Vec<Cents>,
}

/// A borrower's debt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debt {
    /// The positions of the installments, in their order.
    pub positions: Vec<Position>,
    /// The amount paid beyond the last installment, to be returned.
    pub credit: Cents,
    /// The day of the release; `None` without installments.
    release: Option<Date>,
}

impl Debt {
    /// The debt of a loan that has just been disbursed.
    pub fn opened(schedule: &[ScheduledInstallment]) -> Self {
        let release = schedule.first().and_then(|row| row.due.checked_sub(i64::from(row.days).days()).ok());
        Self { positions: schedule.iter().map(Position::of_row).collect(), credit: Cents::ZERO, release }
    }

    /// The debt after payments, day by day. On one day, installments come before payoffs. If a day has several
    /// payoffs, only their amounts decide which one settles the loan, so the order in which they arrived changes
    /// nothing.
    pub fn replayed(schedule: &[ScheduledInstallment], payments: &[Payment], terms: Terms<'_>) -> Self {
        let mut debt = Self::opened(schedule);
        let mut in_order: Vec<&Payment> = payments.iter().collect();
        in_order.sort_by_key(|payment| {
            let day = payment.paid_at.business_date();
            (day, payment.kind, std::cmp::Reverse(payment.amount), payment.paid_at)
        });
        for same in in_order
            .chunk_by(|a, b| (a.paid_at.business_date(), a.kind) == (b.paid_at.business_date(), b.kind))
        {
            if !debt.settled_beside(same, terms) {
                for payment in same {
                    debt.receive(payment, terms);
                }
            }
        }
        debt
    }

    /// If several payoffs arrive on one day, settles everything by one that is enough after the others have paid
    /// installments. So a payoff settles the loan if the borrower first paid too little and then asked for the amount
    /// again. Of several such payoffs, the one that leaves the least over is taken. Nothing changes if none is
    /// enough, or if the largest one alone is enough.
    fn settled_beside(&mut self, payoffs: &[&Payment], terms: Terms<'_>) -> bool {
        let Some(largest) = payoffs.first().filter(|payment| payment.kind == PaymentKind::Payoff) else {
            return false;
        };
        let today = largest.paid_at.business_date();
        if payoffs.len() == 1 || largest.amount >= self.payoff(today, terms).amount {
            return false;
        }
        let settled = (0..payoffs.len()).filter_map(|place| {
            let mut debt = self.clone();
            for (_, other) in payoffs.iter().enumerate().filter(|(other, _)| *other != place) {
                let beyond = debt.spread(other, today, terms);
                debt.credit += beyond;
            }
            let enough = payoffs[place].amount >= debt.payoff(today, terms).amount;
            debt.receive(payoffs[place], terms);
            enough.then_some(debt)
        });
        let Some(settled) = settled.min_by_key(|debt| debt.credit) else { return false };
        *self = settled;
        true
    }

    /// Applies a payment that is not older than the ones before it. Returns the first installment that it pays.
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

    /// Pays the oldest open installment, then the next. Returns the rest after the last one.
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

    /// Whether an installment is open.
    pub fn owed(&self) -> Owed {
        if self.is_paid_off() { Owed::Nothing } else { Owed::Something }
    }

    /// Whether every installment is paid in full.
    pub fn is_paid_off(&self) -> bool {
        self.open().next().is_none()
    }

    /// The unpaid principal.
    pub fn principal_left(&self) -> Cents {
        self.positions.iter().map(Position::principal_left).sum()
    }

    /// The amount that pays everything off on a day (Res. CMN 5.004/2022). An installment that is not due yet counts
    /// at its present value at the contract's rate. An installment that is due counts in full, with its late charges.
    ///
    /// On the day of release and on every due date, the future installments are worth exactly the principal left in
    /// the books. This does not hold if some were paid ahead. Between these days, their value grows at the contract's
    /// rate.
    pub fn payoff(&self, today: Date, terms: Terms<'_>) -> Payoff {
        let open: Vec<Position> = self.open().map(|position| position.accrued(today, terms)).collect();
        let growth = Growth::of_monthly(terms.monthly_rate);
        let worth = self.worth_bounds(&growth, &open, today);
        let worth = worth.unwrap_or_else(|| self.worth_exactly(&growth, &open, today));
        let mut parts = Vec::with_capacity(open.len());
        let (mut sum, mut total, mut owed) = (Cents::ZERO, Cents::ZERO, Cents::ZERO);
        for (position, worth) in open.iter().zip(worth) {
            // Each part is the increase of the rounded sum, so the parts add up to the whole.
            sum = worth;
            let part = (sum - total).clamp(Cents::ZERO, position.owed());
            parts.push(part);
            total += part;
            owed += position.owed();
        }
        let amount = sum.min(owed);
        // The limits of a part may leave a difference, up or down. It goes to the parts from the last to the first.
        let mut rest = amount - total;
        for (part, position) in parts.iter_mut().zip(&open).rev() {
            let made_up = (*part + rest).clamp(Cents::ZERO, position.owed());
            rest -= made_up - *part;
            *part = made_up;
        }
        Payoff { amount, discount: owed - amount, parts }
    }

    /// The present values on a day of the first open installment, of the first two, of the first three, and so on.
    /// Each sum is rounded half-up.
    fn worth_exactly(&self, growth: &Growth, open: &[Position], today: Date) -> Vec<Cents> {
        let ahead = Ahead::exactly(self, growth, today);
        let mut sum = Exact::zero();
        let worth = open.iter().map(|position| {
            let due = position.due <= today;
            sum = &sum + &if due { Exact::of_cents(position.owed()) } else { ahead.worth(position) };
            sum.to_cents().expect("present values are at most what is owed, which amounts hold")
        });
        worth.collect()
    }

    /// [`Debt::worth_exactly`], if bounds decide each rounding.
    fn worth_bounds(&self, growth: &Growth, open: &[Position], today: Date) -> Option<Vec<Cents>> {
        let ahead = Ahead::bounds(self, growth, today)?;
        let mut sum = Sum::ZERO;
        let worth = open.iter().map(|position| {
            let due = position.due <= today;
            sum = sum.plus(if due { Sum::of_cents(position.owed()) } else { ahead.worth(position)? })?;
            sum.to_cents()
        });
        worth.collect()
    }

    /// The installments that are not due yet on a day.
    fn future(&self, today: Date) -> impl DoubleEndedIterator<Item = &Position> {
        self.positions.iter().filter(move |position| position.due > today)
    }

    /// The principal of the installments that are not due yet, and the day from which it grows. This day is the last
    /// due date up to `today`, or else the release. `None` before the release.
    fn booked(&self, today: Date) -> Option<(Cents, Date)> {
        let past = self.positions.iter().rev().map(|position| position.due).find(|due| *due <= today);
        let balance = self.future(today).map(|position| position.principal).sum();
        past.or(self.release).map(|since| (balance, since))
    }
}

/// Computes the present values, on a day, of installments that are not due yet. Its parts come from the schedule, so
/// payments do not change them.
struct Ahead<'a, Number> {
    today: Date,
    growth: &'a Growth,
    /// The last installment, which bears the residue.
    last: Option<&'a Position>,
    /// The books' balance less the present values. The roundings of the schedule cause this difference.
    residue: Number,
}

impl<'a> Ahead<'a, Exact> {
    fn exactly(debt: &'a Debt, growth: &'a Growth, today: Date) -> Self {
        let mut ahead = Self { today, growth, last: None, residue: Exact::zero() };
        let Some((balance, since)) = debt.booked(today) else { return ahead };
        let by_installments =
            debt.future(today).map(|position| ahead.discounted(position.whole(), position.due));
        let by_installments = by_installments.fold(Exact::zero(), |sum, value| &sum + &value);
        ahead.residue = &ahead.growth(since, today).times_cents(balance) - &by_installments;
        ahead.last = debt.future(today).next_back();
        ahead
    }

    /// The present value of the unpaid part of an installment. The last installment bears the residue of the schedule,
    /// in proportion to its unpaid part.
    fn worth(&self, position: &Position) -> Exact {
        let value = self.discounted(position.left(), position.due);
        match self.last.filter(|last| last.number == position.number) {
            Some(last) if position.left() == last.whole() => &value + &self.residue,
            Some(last) => {
                &value + &self.residue.times_cents(position.left()).over(&Exact::of_cents(last.whole()))
            }
            None => value,
        }
    }

    fn discounted(&self, amount: Cents, due: Date) -> Exact {
        Exact::of_cents(amount).over(&self.growth(self.today, due))
    }

    fn growth(&self, from: Date, to: Date) -> Exact {
        self.growth
            .over(days_after(from, to))
            .expect("a loan that was priced grows by less until its last due date")
    }
}

/// The same steps with bounds.
impl<'a> Ahead<'a, Sum> {
    fn bounds(debt: &'a Debt, growth: &'a Growth, today: Date) -> Option<Self> {
        let mut ahead = Self { today, growth, last: None, residue: Sum::ZERO };
        let Some((balance, since)) = debt.booked(today) else { return Some(ahead) };
        let mut by_installments = Sum::ZERO;
        for position in debt.future(today) {
            by_installments = by_installments.plus(ahead.discounted(position.whole(), position.due)?)?;
        }
        let by_books = growth.bounds(days_after(since, today))?.of(balance)?;
        ahead.residue = by_books.minus(by_installments)?;
        ahead.last = debt.future(today).next_back();
        Some(ahead)
    }

    fn worth(&self, position: &Position) -> Option<Sum> {
        let value = self.discounted(position.left(), position.due)?;
        match self.last.filter(|last| last.number == position.number) {
            Some(last) if position.left() == last.whole() => value.plus(self.residue),
            Some(last) => value.plus(self.residue.share(position.left(), last.whole())?.rounded()?),
            None => Some(value),
        }
    }

    fn discounted(&self, amount: Cents, due: Date) -> Option<Sum> {
        self.growth.discount_bounds(days_after(self.today, due))?.of(amount)?.rounded()
    }
}
