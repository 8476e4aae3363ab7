//! Payments that the sandbox makes for customers.

use domain::actor::Actor;
use domain::customer::Customer;
use domain::id::{LoanId, PartnerId};
use domain::loan::Loan;
use domain::loan::debt::{PaymentKind, Terms};
use domain::loan::rates::RateBook;
use domain::money::Cents;
use domain::tagged::Tagged;
use domain::time::{Date, RealTime, Timestamp};
use jiff::Span;
use store::Failed;
use store::{StoreError, Tx};

use super::steered::{done_or_impossible, steered_loan};
use super::tasks::Task;
use crate::lender::Lender;
use crate::payments::{self, Excess, RecordPayment, collection};
use crate::refused::NotFound;
use crate::tags;

/// Installments that a customer pays who stops paying.
const PAID_BEFORE_STOPPING: usize = 3;

/// Schedules the payment of an installment, if the customer's tags say that the customer pays.
pub(super) fn plan_payment(
    tx: &mut Tx<'_>, now: Timestamp, loan: &Loan, customer: &Customer, due: Option<Date>,
) -> Result<(), StoreError> {
    let has = |tag| tags::has(&customer.registration, tag);
    let late = if has("pays_on_time") || has("stops_paying") {
        0
    } else if has("pays_late") {
        10
    } else {
        return Ok(());
    };
    let day = due.map(|due| due.saturating_add(Span::new().days(late)));
    let Some(day) = day.filter(|_| loan.state.is_repaying()) else { return Ok(()) };
    let task = Task::PayInstallment(loan.id);
    let at = Timestamp::end_of_business_date(day);
    store::jobs::insert(tx, loan.partner, now, task.name(), &task.subject(), at)
}

/// The result of a payment by code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaidByCode {
    /// It was received.
    Yes,
    /// The charge is over: it was already paid, or there is a new code.
    Over,
}

/// Pays a charge as if the customer had used the code on the payment page.
pub fn pay_by_code(
    tx: &mut Tx<'_>, real: RealTime, charge: Tagged, lender: &Lender,
) -> Result<PaidByCode, StoreError> {
    let open = match collection::find_charge(tx, real, charge, lender) {
        Ok(open) => open,
        Err(Failed::Refused(_over_or_unknown)) => return Ok(PaidByCode::Over),
        Err(Failed::Store(error)) => return Err(error),
    };
    let now = open.requested_at;
    let command = RecordPayment {
        loan: open.loan.id,
        reference: format!("sandbox-pix-{charge}"),
        amount: open.amount,
        paid_at: now,
        kind: PaymentKind::Installments,
        excess: Excess::UpTo(Cents::ZERO),
        actor: Actor::Sandbox,
    };
    match payments::record(tx, open.loan.partner, now, &command, &lender.book) {
        Ok(_recorded) => Ok(PaidByCode::Yes),
        Err(Failed::Refused(_over_meanwhile)) => Ok(PaidByCode::Over),
        Err(Failed::Store(error)) => Err(error),
    }
}

/// Pays the oldest open installment with its late charges, as of the planned time `at`.
pub(super) fn pay(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, at: Timestamp, id: LoanId, book: &RateBook,
) -> Result<(), StoreError> {
    let Some((loan, customer)) = steered_loan(tx, tenant, id)? else { return Ok(()) };
    let debt = match payments::debt(tx, tenant, id, book) {
        Ok(debt) => debt,
        Err(Failed::Refused(NotFound)) => return Ok(()),
        Err(Failed::Store(error)) => return Err(error),
    };
    let paid = debt.positions.iter().filter(|position| position.settled_at.is_some()).count();
    if paid >= PAID_BEFORE_STOPPING && tags::has(&customer.registration, "stops_paying") {
        return Ok(());
    }
    let mut open = debt.positions.iter().filter(|position| position.settled_at.is_none());
    let Some(oldest) = open.next() else { return Ok(()) };
    let terms = Terms { monthly_rate: loan.quote.monthly_rate, book };
    let command = RecordPayment {
        loan: id,
        // The reference also has the day, because another payment may follow a reversed one.
        reference: format!("sandbox-{id}-{}-{}", oldest.number, at.business_date()),
        amount: oldest.accrued(at.business_date(), terms).owed(),
        paid_at: at,
        kind: PaymentKind::Installments,
        excess: Excess::UpTo(Cents::ZERO),
        actor: Actor::Sandbox,
    };
    done_or_impossible(payments::record(tx, tenant, now, &command, book))?;
    plan_payment(tx, now, &loan, &customer, open.next().map(|position| position.due))
}
