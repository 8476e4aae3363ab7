//! The recording and the reversal of payments.

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
    /// Its reference outside this program. The same reference means the same payment.
    pub reference: String,
    /// The amount received.
    pub amount: Cents,
    /// Time of the payment. Its business date decides the allocation.
    pub paid_at: Timestamp,
    /// The purpose: installments or payoff.
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

/// The reason why a payment was not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordRefused {
    /// There is no such loan.
    NotFound,
    /// The loan is not active.
    NotActive,
    /// The amount is zero or less.
    NoAmount,
    /// It was paid in the future, or before the customer had the money.
    OutOfTime,
    /// The reference names another payment.
    ReferenceTaken,
    /// The payment of this reference was reversed.
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
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, command: &RecordPayment, book: &RateBook,
) -> Result<RecordedPayment, Failed<RecordRefused>> {
    let refused = |refusal| Err(Failed::Refused(refusal));
    if let Some(known) = store::payments::find_by_reference(tx, tenant, &command.reference)? {
        let RecordPayment { loan, amount, paid_at, kind, .. } = command;
        let payment = &known.payment;
        // Only the day is compared: a repeated request for a payment of today may have a later time.
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
    let before = store::payments::not_reversed(tx, tenant, loan.id)?;
    let paid_on = command.paid_at.business_date();
    // A payment on the day of the last payment is accepted even if the loan is finished. The lender has to return it.
    let accepts_payment = loan.state.is_repaying() || finished_on(&before) == Some(paid_on);
    let Some(since) = loan.state.disbursed_at().filter(|_| accepts_payment) else {
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
    let stored = StoredBooks::of(tx, &loan)?;
    let was_overdue = stored.is_overdue(now.business_date());
    // Another payment with this reference may commit first. Then this script runs again and finds it.
    store::payments::insert(tx, &recorded)?;
    let (debt, first) = books.close(
        tx,
        now,
        stored,
        Movement { cause: Cause::Payment, subject: payment.id.to_string(), actor: command.actor },
    )?;
    let event =
        PaymentReceived { amount: payment.amount, paid_at: payment.paid_at, installment_number: first };
    let today = now.business_date();
    if was_overdue && debt.positions.iter().all(|position| position.days_overdue(today) == 0) {
        store::cases::end_overdue(tx, tenant, loan.id)?;
    }
    // The version of the loan serializes payments that arrive at the same time.
    let received = loan.change(|loan| loan.receive(event, debt.owed(), now)).map_err(StoreError::from)?;
    store::loans::save(tx, received)?;
    Ok(recorded)
}

/// The day of the last payment. If the loan is finished, that payment finished it.
fn finished_on(payments: &[Payment]) -> Option<Date> {
    payments.iter().map(|payment| payment.paid_at.business_date()).max()
}

/// The reason why a payment was not reversed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReverseRefused {
    /// There is no such payment.
    NotFound,
    /// It is already reversed.
    AlreadyReversed,
}

not_found_in!(ReverseRefused);

/// A payment, reversed or not.
pub fn find(
    tx: &mut Tx<'_>, tenant: PartnerId, id: PaymentId,
) -> Result<RecordedPayment, Failed<ReverseRefused>> {
    store::payments::find(tx, tenant, id)?.ok_or(Failed::Refused(ReverseRefused::NotFound))
}

/// A payment that can be reversed.
pub fn reversible(
    tx: &mut Tx<'_>, tenant: PartnerId, id: PaymentId,
) -> Result<RecordedPayment, Failed<ReverseRefused>> {
    let recorded = find(tx, tenant, id)?;
    match recorded.reversed_at {
        None => Ok(recorded),
        Some(_) => Err(Failed::Refused(ReverseRefused::AlreadyReversed)),
    }
}

/// Reverses a payment (a returned Pix, an error). The other payments are replayed without it. If it had finished the
/// loan, the loan is active again.
pub fn reverse(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: PaymentId, actor: Actor, book: &RateBook,
) -> Result<RecordedPayment, Failed<ReverseRefused>> {
    let mut recorded = reversible(tx, tenant, id)?;
    let loan = store::loans::find(tx, tenant, recorded.loan)?.ok_or(StoreError::NotFound)?;
    let before = store::payments::not_reversed(tx, tenant, loan.id)?;
    let after: Vec<Payment> = before.iter().copied().filter(|payment| payment.id != id).collect();
    let stored = StoredBooks::of(tx, &loan)?;
    store::payments::mark_reversed(tx, tenant, id, now)?;
    recorded.reversed_at = Some(now);
    let books = Books { loan: &loan, book, after: &after };
    let (debt, _) =
        books.close(tx, now, stored, Movement { cause: Cause::Reversal, subject: id.to_string(), actor })?;
    let reversed = loan.change(|loan| loan.reverse_payment(debt.owed(), now)).map_err(StoreError::from)?;
    store::loans::save(tx, reversed)?;
    Ok(recorded)
}

/// The stored part of a loan's debt. It is read before any write, so that the scripts of one commit share the wait for
/// the answers.
struct StoredBooks {
    installments: Vec<Installment>,
    /// The balance of each account of the ledger.
    recorded: Vec<Posting>,
}

impl StoredBooks {
    fn is_overdue(&self, today: Date) -> bool {
        self.installments.iter().any(|installment| installment.position.days_overdue(today) > 0)
    }

    fn of(tx: &mut Tx<'_>, loan: &Loan) -> Result<Self, StoreError> {
        Ok(Self {
            installments: store::installments::all(tx, loan.partner, loan.id)?,
            recorded: store::ledger::balances_of_loan(tx, loan.partner, loan.id)?,
        })
    }
}

/// A loan with its payments after the change.
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

    /// Refuses a payment whose excess is above the limit.
    fn check_excess(&self, before: &[Payment], command: &RecordPayment) -> Result<(), RecordRefused> {
        let Excess::UpTo(limit) = command.excess else { return Ok(()) };
        // A payment for an earlier day may leave an excess of a later payment. So the whole credit is compared.
        let excess = self.debt(self.after).credit - self.debt(before).credit;
        if excess > limit {
            return Err(RecordRefused::Excessive { owed: command.amount - excess, limit });
        }
        Ok(())
    }

    /// The balances after the change. Payments after a write-off are recoveries.
    fn balances(&self, debt: &Debt) -> Balances {
        let quote = &self.loan.quote;
        let Some(write_off) = &self.loan.write_off else { return Balances::of(quote, debt, self.after) };
        let paid_before: Vec<Payment> = self
            .after
            .iter()
            .copied()
            .filter(|payment| write_off.paid_before.contains(&payment.id))
            .collect();
        let before = self.debt(&paid_before);
        Balances::after_write_off(quote, (debt, self.after), (&before, &paid_before))
    }

    /// Writes the changed installments and the journal's entry. Returns the debt and the number of the first changed
    /// installment.
    fn close(
        &self, tx: &mut Tx<'_>, now: Timestamp, stored: StoredBooks, movement: Movement,
    ) -> Result<(Debt, u16), StoreError> {
        let quote = &self.loan.quote;
        let debt = self.debt(self.after);
        let mut first = None;
        for (installment, position) in stored.installments.into_iter().zip(&debt.positions) {
            if installment.position == *position {
                continue;
            }
            first = first.or(Some(position.number));
            store::installments::update(
                tx,
                &Installment { position: position.clone(), updated_at: now, ..installment },
            )?;
        }
        // The balances before come from the journal and not from a replay. So the entry corrects them if the rules of
        // allocation have changed since the last entry.
        ledger::enter(
            tx,
            now,
            self.loan,
            movement,
            &Balances::recorded(&stored.recorded),
            &self.balances(&debt),
        )?;
        // A payment that changes no installment is an overpayment. It counts for the last installment.
        Ok((debt, first.unwrap_or(quote.installments())))
    }
}
