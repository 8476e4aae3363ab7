//! Money that comes in for active loans, and payments taken back.

use domain::actor::Actor;
use domain::id::{LoanId, PartnerId, PaymentId};
use domain::ledger::{Balances, Posting};
use domain::loan::debt::{Debt, Payment, PaymentKind, Terms};
use domain::loan::rates::RateBook;
use domain::loan::{Installment, Loan, PaymentReceived};
use domain::money::Cents;
use domain::time::{Date, Timestamp};
use store::Failed;
use store::payments::RecordedPayment;
use store::{StoreError, Tx};

use crate::ledger::{self, Cause, Movement};
use crate::refused::not_found_in;

/// A payment to record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPayment {
    /// The loan it is for.
    pub loan: LoanId,
    /// The name outside: the same reference is the same payment.
    pub reference: String,
    /// How much.
    pub amount: Cents,
    /// When it was paid; its business date counts.
    pub paid_at: Timestamp,
    /// The purpose.
    pub kind: PaymentKind,
    /// The permitted excess over the amount owed.
    pub excess: Excess,
    /// The actor that records it.
    pub actor: Actor,
}

/// The permitted excess of a payment over the amount owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    /// At most this amount.
    UpTo(Cents),
    /// Any excess: the actor has confirmed it.
    Confirmed,
}

/// Why a payment was not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordRefused {
    /// The loan is not there.
    NotFound,
    /// The loan is not active.
    NotActive,
    /// The amount is zero or less.
    NoAmount,
    /// It was paid in the future, or before the customer had the money.
    OutOfTime,
    /// The reference names another payment.
    ReferenceTaken,
    /// The payment of this reference was taken back.
    Reversed,
    /// Its excess over the amount owed is above the limit, and nobody has confirmed it.
    Excessive {
        /// The amount owed on the day of the payment.
        owed: Cents,
        /// The largest permitted excess.
        limit: Cents,
    },
}

not_found_in!(RecordRefused);

/// Records a payment, or finds the one that the same reference made.
pub fn record(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    command: &RecordPayment,
    book: &RateBook,
) -> Result<RecordedPayment, Failed<RecordRefused>> {
    let refused = |refusal| Err(Failed::Refused(refusal));
    if let Some(known) = store::payments::find_by_reference(tx, tenant, &command.reference)? {
        let RecordPayment { loan, amount, paid_at, kind, .. } = command;
        let payment = &known.payment;
        // The day counts: told again, a payment of today may carry a later moment.
        let same = (known.loan, payment.amount, payment.kind) == (*loan, *amount, *kind)
            && payment.paid_at.business_date() == paid_at.business_date();
        return match (same, known.reversed_at) {
            (true, None) => Ok(known),
            (true, Some(_)) => refused(RecordRefused::Reversed),
            (false, _) => refused(RecordRefused::ReferenceTaken),
        };
    }
    let loan =
        store::loans::find(tx, tenant, command.loan)?.ok_or(Failed::Refused(RecordRefused::NotFound))?;
    let before = store::payments::standing(tx, tenant, loan.id)?;
    let paid_on = command.paid_at.business_date();
    // A payment on the day that finished the loan is taken, whichever came first: it is to be returned.
    let is_taken = loan.state.is_repaying() || finished_on(&before) == Some(paid_on);
    let Some(since) = loan.state.disbursed_at().filter(|_| is_taken) else {
        return refused(RecordRefused::NotActive);
    };
    if command.amount <= Cents::ZERO {
        return refused(RecordRefused::NoAmount);
    }
    if command.paid_at > now || paid_on < since.business_date() {
        return refused(RecordRefused::OutOfTime);
    }
    let payment =
        Payment { id: tx.new_id(now), amount: command.amount, paid_at: command.paid_at, kind: command.kind };
    let recorded = RecordedPayment {
        payment,
        partner: tenant,
        loan: loan.id,
        reference: command.reference.clone(),
        recorded_at: now,
        reversed_at: None,
        recorded_by: command.actor,
    };
    let after: Vec<Payment> = before.iter().copied().chain([payment]).collect();
    let books = Books { loan: &loan, book, after: &after };
    books.check_excess(&before, command).map_err(Failed::Refused)?;
    let kept = Kept::of(tx, &loan)?;
    // Another with the reference may commit first: this one then runs again and finds it.
    store::payments::insert(tx, &recorded)?;
    let (debt, first) = books.close(
        tx,
        now,
        kept,
        Movement { cause: Cause::Payment, subject: payment.id.to_string(), actor: command.actor },
    )?;
    let news =
        PaymentReceived { amount: payment.amount, paid_at: payment.paid_at, installment_number: first };
    // The loan's version makes payments that come at once take turns.
    let received = loan.change(|loan| loan.receive(news, debt.owed(), now)).map_err(StoreError::from)?;
    store::loans::save(tx, received)?;
    Ok(recorded)
}

/// The day of the last payment, which is the one that finished a finished loan.
fn finished_on(standing: &[Payment]) -> Option<Date> {
    standing.iter().map(|payment| payment.paid_at.business_date()).max()
}

/// Why a payment was not taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReverseRefused {
    /// The payment is not there.
    NotFound,
    /// It was taken back before.
    AlreadyReversed,
}

not_found_in!(ReverseRefused);

/// Takes a payment back (a returned Pix, an error): the others are replayed without it, and a loan that it had
/// finished is active again.
pub fn reverse(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    id: PaymentId,
    actor: Actor,
    book: &RateBook,
) -> Result<RecordedPayment, Failed<ReverseRefused>> {
    let recorded = store::payments::find(tx, tenant, id)?;
    let mut recorded = recorded.ok_or(Failed::Refused(ReverseRefused::NotFound))?;
    if recorded.reversed_at.is_some() {
        return Err(Failed::Refused(ReverseRefused::AlreadyReversed));
    }
    let loan = store::loans::find(tx, tenant, recorded.loan)?.ok_or(StoreError::NotFound)?;
    let before = store::payments::standing(tx, tenant, loan.id)?;
    let after: Vec<Payment> = before.iter().copied().filter(|payment| payment.id != id).collect();
    let kept = Kept::of(tx, &loan)?;
    store::payments::mark_reversed(tx, tenant, id, now)?;
    recorded.reversed_at = Some(now);
    let books = Books { loan: &loan, book, after: &after };
    let (debt, _) =
        books.close(tx, now, kept, Movement { cause: Cause::Reversal, subject: id.to_string(), actor })?;
    let reversed = loan.change(|loan| loan.take_back_payment(debt.owed(), now)).map_err(StoreError::from)?;
    store::loans::save(tx, reversed)?;
    Ok(recorded)
}

/// The stored part of a loan's debt. It is read before anything is written, so that scripts wait together for it.
struct Kept {
    installments: Vec<Installment>,
    /// The balance of each account of the ledger.
    recorded: Vec<Posting>,
}

impl Kept {
    fn of(tx: &mut Tx<'_>, loan: &Loan) -> Result<Self, StoreError> {
        Ok(Self {
            installments: store::installments::all(tx, loan.partner, loan.id)?,
            recorded: store::ledger::balances_of_loan(tx, loan.partner, loan.id)?,
        })
    }
}

/// A loan and its payments as they stand now.
struct Books<'a> {
    loan: &'a Loan,
    book: &'a RateBook,
    after: &'a [Payment],
}

impl Books<'_> {
    fn debt(&self, payments: &[Payment]) -> Debt {
        let quote = &self.loan.quote;
        let terms = Terms { monthly_rate: quote.monthly_rate, book: self.book };
        Debt::replayed(&quote.schedule, payments, terms)
    }

    /// Refuses a payment that leaves more over than it may.
    fn check_excess(&self, before: &[Payment], command: &RecordPayment) -> Result<(), RecordRefused> {
        let Excess::UpTo(limit) = command.excess else { return Ok(()) };
        // Told for an earlier day, it may be a later payment of which something is left over.
        let excess = self.debt(self.after).credit - self.debt(before).credit;
        if excess > limit {
            return Err(RecordRefused::Excessive { owed: command.amount - excess, limit });
        }
        Ok(())
    }

    /// Writes the installments that have changed and the entry of the journal; returns the debt and the first
    /// installment that changed.
    fn close(
        &self,
        tx: &mut Tx<'_>,
        now: Timestamp,
        kept: Kept,
        movement: Movement,
    ) -> Result<(Debt, u16), StoreError> {
        let quote = &self.loan.quote;
        let debt = self.debt(self.after);
        let mut first = None;
        for (installment, position) in kept.installments.into_iter().zip(&debt.positions) {
            if installment.position == *position {
                continue;
            }
            first = first.or(Some(position.number));
            store::installments::update(
                tx,
                &Installment { position: position.clone(), updated_at: now, ..installment },
            )?;
        }
        // From what the journal says and not from a replay, so that it is right again where the rules of allocation
        // have changed since its last entry.
        let (before, after) = (Balances::recorded(&kept.recorded), Balances::of(quote, &debt, self.after));
        ledger::enter(tx, now, self.loan, movement, &before, &after)?;
        // A payment that changes no installment is an overpayment. It counts for the last installment.
        Ok((debt, first.unwrap_or(quote.installments())))
    }
}
