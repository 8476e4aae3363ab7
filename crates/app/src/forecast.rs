//! The forecast of a partner's sandbox: what falls due until a moment of its clock if nobody does anything. It is shown
//! before time passes.
//!
//! It is a forecast. A decision of the autopilot may make further ones possible, and these are not in it.

use std::collections::HashMap;

use domain::calendar::next_business_day;
use domain::event::EventKind;
use domain::id::{CustomerId, LoanId, OfferId, PartnerId};
use domain::loan::LoanEventKind;
use domain::money::Cents;
use domain::offer::OfferEvent;
use domain::time::{Date, Timestamp};
use jiff::Span;
use store::dues::{self, UnpaidInstallment};
use store::{StoreError, Tx, jobs};

use crate::autopilot::{self, Task};

/// Most entries of a forecast.
pub const MOST: usize = 100;

/// More days than an effective due date can be after its due date.
const LONGEST_HOLIDAY: i32 = 10;

/// Something that will happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coming {
    /// The time at which it happens, by the partner's clock.
    pub at: Timestamp,
    /// The thing itself.
    pub what: Happening,
}

/// A thing that happens by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// The sandbox makes a decision that is no payment.
    Decision(Task),
    /// An open offer ends.
    OfferExpires(OfferId, CustomerId),
    /// The signing links of a loan end, and the loan is cancelled.
    LinksExpire(LoanId),
    /// An installment falls due.
    InstallmentDue(OfInstallment),
    /// An installment becomes overdue: late charges begin.
    InstallmentOverdue(OfInstallment),
    /// The sandbox pays an installment for its customer.
    Payment(OfInstallment, LastPayment),
}

/// An installment that something happens to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfInstallment {
    /// The loan.
    pub loan: LoanId,
    /// The number of the installment, from 1 on.
    pub number: u16,
    /// The unpaid principal and interest, without late charges.
    pub unpaid: Cents,
}

/// Whether a payment is the last one of its loan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastPayment {
    /// The loan is paid off.
    Yes,
    /// Installments remain.
    No,
}

impl Happening {
    /// The event that the partner receives, if it is known beforehand.
    pub fn event(&self) -> Option<EventKind> {
        match self {
            Self::OfferExpires(..) => Some(EventKind::Offer(OfferEvent::Expired)),
            Self::LinksExpire(_) => Some(EventKind::Loan(LoanEventKind::Cancelled)),
            Self::Payment(_, LastPayment::No) => Some(EventKind::Loan(LoanEventKind::PaymentReceived)),
            Self::Payment(_, LastPayment::Yes) => Some(EventKind::Loan(LoanEventKind::Finished)),
            Self::Decision(_) | Self::InstallmentDue(_) | Self::InstallmentOverdue(_) => None,
        }
    }

    /// The installment, if it happens to one.
    pub fn installment(&self) -> Option<OfInstallment> {
        match self {
            Self::InstallmentDue(of) | Self::InstallmentOverdue(of) | Self::Payment(of, _) => Some(*of),
            Self::Decision(_) | Self::OfferExpires(..) | Self::LinksExpire(_) => None,
        }
    }
}

/// The coming things, the earliest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    /// At most [`MOST`] entries.
    pub coming: Vec<Coming>,
    /// Whether more will happen after the last entry.
    pub has_more: bool,
}

/// The forecast after `now` and until `until`, by the partner's clock. `None` has no end.
pub fn until(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, until: Option<Timestamp>,
) -> Result<Forecast, StoreError> {
    let until = until.map_or(Timestamp::MAX, |until| until.min(Timestamp::MAX));
    let limit = store::row_count(MOST) + 1;
    let mut coming = Vec::new();
    for offer in dues::ending_offers(tx, tenant, now, until, limit)? {
        coming.push(Coming { at: offer.at, what: Happening::OfferExpires(offer.offer, offer.customer) });
    }
    for links in dues::ending_links(tx, tenant, now, until, limit)? {
        coming.push(Coming { at: links.at, what: Happening::LinksExpire(links.loan) });
    }
    let paid = decisions(tx, tenant, (now, until), limit, &mut coming)?;
    let known_until = installments(tx, tenant, (now, until), &paid, &mut coming)?;
    coming.retain(|one| one.at <= known_until);
    coming.sort_by_key(|one| one.at);
    let has_more = coming.len() > MOST || known_until < until;
    coming.truncate(MOST);
    Ok(Forecast { coming, has_more })
}

/// The time at which the next thing happens after `now`; `None` if nothing will.
pub fn next(tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    Ok(until(tx, tenant, now, None)?.coming.first().map(|first| first.at))
}

/// The times at which installments will be paid, by the loan and the installment's number.
type Paid = HashMap<(LoanId, u16), Timestamp>;

/// Adds the decisions that are planned, and the payments that follow from planned ones.
fn decisions(
    tx: &mut Tx<'_>, tenant: PartnerId, (now, until): (Timestamp, Timestamp), limit: i64,
    coming: &mut Vec<Coming>,
) -> Result<Paid, StoreError> {
    let mut paid = Paid::new();
    for job in jobs::coming(tx, tenant, now, until, limit)? {
        let Some(task) = Task::of(&job) else { continue };
        let Task::PayInstallment(loan) = task else {
            coming.push(Coming { at: job.due_at, what: Happening::Decision(task) });
            continue;
        };
        for payment in autopilot::coming_payments(tx, &job, loan, until)? {
            paid.insert((loan, payment.number), payment.at);
            let is_last = if payment.is_last { LastPayment::Yes } else { LastPayment::No };
            let of = OfInstallment { loan, number: payment.number, unpaid: payment.unpaid };
            coming.push(Coming { at: payment.at, what: Happening::Payment(of, is_last) });
        }
    }
    Ok(paid)
}

/// Adds the installments that fall due or become overdue. Returns the moment until which all are known.
fn installments(
    tx: &mut Tx<'_>, tenant: PartnerId, (now, until): (Timestamp, Timestamp), paid: &Paid,
    coming: &mut Vec<Coming>,
) -> Result<Timestamp, StoreError> {
    let before = |date: Date| date.saturating_sub(Span::new().days(LONGEST_HOLIDAY));
    let (first, last) = (before(now.business_date()), until.business_date());
    let limit = 2 * MOST;
    let unpaid = dues::unpaid_installments(tx, tenant, first, last, store::row_count(limit))?;
    let latest = unpaid.last().filter(|_| unpaid.len() == limit).map(|last| last.due);
    let within = |at: Timestamp| now < at && at <= until;
    for UnpaidInstallment { loan, number, due, unpaid } in unpaid {
        let of = OfInstallment { loan, number, unpaid };
        let falls_due = Timestamp::start_of_business_date(due);
        if within(falls_due) {
            coming.push(Coming { at: falls_due, what: Happening::InstallmentDue(of) });
        }
        let Ok(late) = next_business_day(due).tomorrow() else { continue };
        let overdue = Timestamp::start_of_business_date(late);
        let is_paid = paid.get(&(loan, number)).is_some_and(|at| *at < overdue);
        if within(overdue) && !is_paid {
            coming.push(Coming { at: overdue, what: Happening::InstallmentOverdue(of) });
        }
    }
    Ok(latest.map_or(until, |latest| Timestamp::start_of_business_date(latest).min(until)))
}
