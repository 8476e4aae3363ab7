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
use store::jobs::Job;
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
    let Some(late) = days_late(customer) else { return Ok(()) };
    let day = due.map(|due| due.saturating_add(Span::new().days(late)));
    let Some(day) = day.filter(|_| loan.state.is_repaying()) else { return Ok(()) };
    let task = Task::PayInstallment(loan.id);
    let at = Timestamp::end_of_business_date(day);
    store::jobs::insert(tx, loan.partner, now, task.name(), &task.subject(), at)
}

/// The tags that make a customer pay.
pub(super) const PAYING: [&str; 3] = ["pays_on_time", "pays_late", "stops_paying"];

/// Days between an installment's due date and the customer's payment; `None` for a customer whose tags do not say
/// that it pays.
pub(super) fn days_late(customer: &Customer) -> Option<i32> {
    let has = |tag| tags::has(&customer.registration, tag);
    if has("pays_on_time") || has("stops_paying") {
        return Some(0);
    }
    has("pays_late").then_some(10)
}

/// A payment that the sandbox will make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedPayment {
    /// The number of the installment.
    pub number: u16,
    /// The unpaid principal and interest, without the late charges that it also pays.
    pub unpaid: Cents,
    /// Time of the payment.
    pub at: Timestamp,
    /// Whether the loan is paid off then.
    pub is_last: bool,
}

/// The payments until `until` that begin with a planned one, if nobody else pays.
pub fn coming_payments(
    tx: &mut Tx<'_>, planned: &Job, id: LoanId, until: Timestamp,
) -> Result<Vec<PlannedPayment>, StoreError> {
    let Some((_, customer)) = steered_loan(tx, planned.partner, id)? else { return Ok(Vec::new()) };
    let Some(late) = days_late(&customer) else { return Ok(Vec::new()) };
    let installments = store::installments::all(tx, planned.partner, id)?;
    let (paid, open): (Vec<_>, Vec<_>) =
        installments.iter().map(|one| &one.position).partition(|position| position.settled_at.is_some());
    let stops = tags::has(&customer.registration, "stops_paying");
    let most = if stops { PAID_BEFORE_STOPPING.saturating_sub(paid.len()) } else { open.len() };
    let last = open.last().map(|position| position.number);
    let (mut coming, mut at) = (Vec::new(), planned.due_at);
    for position in open.into_iter().take(most) {
        at = at.max(Timestamp::end_of_business_date(position.due.saturating_add(Span::new().days(late))));
        if at > until {
            break;
        }
        let is_last = Some(position.number) == last;
        coming.push(PlannedPayment { number: position.number, unpaid: position.left(), at, is_last });
    }
    Ok(coming)
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
    match payments::record(tx, open.loan.partner, now, &command, &lender.book.in_force()) {
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
