//! The write-off of a loan that is long overdue: the unpaid principal becomes a loss in the books.
//!
//! The loan stays active and collectable. Later payments are recoveries.
//!
//! Reasons: docs/decisions/0034.

use domain::actor::Actor;
use domain::id::{LoanId, PartnerId};
use domain::ledger::Balances;
use domain::loan::debt::{Debt, Payment, Terms};
use domain::loan::rates::RateBook;
use domain::loan::{Loan, NotWrittenOff, WriteOff};
use domain::money::Cents;
use domain::time::Timestamp;
use store::{Failed, StoreError, Stored, Tx};

use crate::ledger::{self, Cause, Movement};
use crate::refused::not_found_in;

/// A loan to write off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteLoanOff {
    /// The loan.
    pub loan: LoanId,
    /// The reason, in words.
    pub reason: String,
    /// The largest principal that may be written off.
    pub limit: Cents,
    /// The actor.
    pub actor: Actor,
}

/// The reason why a loan is not written off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteOffRefused {
    /// There is no such loan.
    NotFound,
    /// The loan refuses it.
    NotWrittenOff(NotWrittenOff),
    /// Its unpaid principal is above the limit of the operator's roles.
    AboveLimit(Cents),
}

not_found_in!(WriteOffRefused);

/// A loan that can be written off now, with its payments.
pub struct Writable {
    loan: Stored<Loan>,
    payments: Vec<Payment>,
    debt: Debt,
    days: u32,
}

impl Writable {
    /// The loan.
    pub fn loan(&self) -> &Stored<Loan> {
        &self.loan
    }

    /// The principal that would be lost.
    pub fn amount(&self) -> Cents {
        self.debt.principal_left()
    }

    fn written_off(&self, reason: &str, now: Timestamp) -> WriteOff {
        WriteOff {
            at: now,
            amount: self.amount(),
            reason: reason.to_owned(),
            paid_before: self.payments.iter().map(|payment| payment.id).collect(),
        }
    }
}

/// A loan that can be written off now. Nothing is changed.
pub fn writable_off(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: LoanId, book: &RateBook,
) -> Result<Writable, Failed<WriteOffRefused>> {
    let loan = store::loans::find(tx, tenant, id)?.ok_or(Failed::Refused(WriteOffRefused::NotFound))?;
    let payments = store::payments::not_reversed(tx, tenant, id)?;
    let terms = Terms { monthly_rate: loan.quote.monthly_rate, book };
    let debt = Debt::replayed(&loan.quote.schedule, &payments, terms);
    let today = now.business_date();
    let days = debt.positions.iter().map(|position| position.days_overdue(today)).max();
    // A loan without installments is not disbursed, which the loan itself refuses.
    let days = days.map_or(0, |days| days);
    loan.may_be_written_off(days)
        .map_err(|refused| Failed::Refused(WriteOffRefused::NotWrittenOff(refused)))?;
    Ok(Writable { loan, payments, debt, days })
}

/// Writes a loan off, and enters the loss in the journal.
pub fn write_off(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, command: &WriteLoanOff, book: &RateBook,
) -> Result<Loan, Failed<WriteOffRefused>> {
    let found = writable_off(tx, tenant, now, command.loan, book)?;
    if found.amount() > command.limit {
        return Err(Failed::Refused(WriteOffRefused::AboveLimit(command.limit)));
    }
    let recorded = store::ledger::balances_of_loan(tx, tenant, command.loan)?;
    let mark = found.written_off(&command.reason, now);
    let Writable { loan, payments, debt, days } = found;
    let books = (&debt, payments.as_slice());
    let after = Balances::after_write_off(&loan.quote, books, books);
    let movement = Movement { cause: Cause::WriteOff, subject: loan.id.to_string(), actor: command.actor };
    ledger::enter(tx, now, &loan, movement, &Balances::recorded(&recorded), &after)?;
    let marked = loan.change(|loan| loan.write_off(mark, days));
    let marked = marked.map_err(|refused| StoreError::Defect(refused.to_string()))?;
    Ok(store::loans::save(tx, marked)?.into_value())
}
