//! The debt of a loan, and its payments.

use domain::id::{LoanId, PartnerId, PaymentId};
use domain::loan::Loan;
use domain::loan::debt::{Debt, Payoff, Terms};
use domain::loan::rates::RateBook;
use domain::page::Page;
use domain::time::{Date, Timestamp};
use store::Failed;
use store::payments::RecordedPayment;
use store::{Cursor, StoreError, Tx};

use crate::refused::{ListRefused, NotFound, not_found_in, page_or_refused};

/// A loan's debt after its present payments.
pub fn debt(
    tx: &mut Tx<'_>, tenant: PartnerId, loan: LoanId, book: &RateBook,
) -> Result<Debt, Failed<NotFound>> {
    let loan = store::loans::find(tx, tenant, loan)?.ok_or(Failed::Refused(NotFound))?;
    Ok(debt_of(tx, &loan, book)?)
}

fn debt_of(tx: &mut Tx<'_>, loan: &Loan, book: &RateBook) -> Result<Debt, StoreError> {
    let payments = store::payments::not_reversed(tx, loan.partner, loan.id)?;
    let terms = Terms { monthly_rate: loan.quote.monthly_rate, book };
    Ok(Debt::replayed(&loan.quote.schedule, &payments, terms))
}

/// The time of a payment on a day, as of `now`: the end of the day, or `now` if it is today.
pub fn paid_at(day: Date, now: Timestamp) -> Timestamp {
    if day == now.business_date() { now } else { Timestamp::end_of_business_date(day) }
}

/// A page of a loan's payments, reversed or not.
pub fn list(
    tx: &mut Tx<'_>, tenant: PartnerId, loan: LoanId, cursor: &Cursor<PaymentId>,
) -> Result<Page<RecordedPayment>, Failed<ListRefused>> {
    page_or_refused(store::payments::list(tx, tenant, loan, cursor)?)
}

/// The reason why there is no quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuoteRefused {
    /// There is no such loan.
    NotFound,
    /// The loan is not active.
    NotActive,
    /// The day has passed, or is after the last due date.
    OutOfTime,
}

not_found_in!(QuoteRefused);

/// The amount that pays a loan off on a day, today or later, if nothing else is paid until then.
pub fn payoff_quote(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: LoanId, day: Option<Date>, book: &RateBook,
) -> Result<(Date, Payoff), Failed<QuoteRefused>> {
    let loan = store::loans::find(tx, tenant, id)?.ok_or(Failed::Refused(QuoteRefused::NotFound))?;
    if !loan.state.is_repaying() {
        return Err(Failed::Refused(QuoteRefused::NotActive));
    }
    let today = now.business_date();
    let last = loan.quote.schedule.last().map_or(today, |row| row.due).max(today);
    let day = day.unwrap_or(today);
    if day < today || day > last {
        return Err(Failed::Refused(QuoteRefused::OutOfTime));
    }
    let terms = Terms { monthly_rate: loan.quote.monthly_rate, book };
    Ok((day, debt_of(tx, &loan, book)?.payoff(day, terms)))
}
