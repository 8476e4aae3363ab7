//! Whether a partner's integration has met what it will meet in production: a correction of the KYC, an overdue loan, and
//! fast answers to its webhooks. The dashboard's list "going to production" shows it.
//!
//! Each look reads a bounded number of rows.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::calendar::next_business_day;
use domain::customer::CustomerEvent;
use domain::event::{DomainEvent, Event, EventKind};
use domain::id::{EndpointId, LoanId, PartnerId};
use domain::loan::{LoanEvent, LoanEventKind};
use domain::page::Limit;
use domain::queue::Bucket;
use domain::request_log::{RequestCursor, RequestFilter};
use domain::time::{RealTime, Span, Timestamp};
use store::cases::Taken;
use store::overdue::{Debtors, OverdueFilter};
use store::{Cursor, Failed, StoreError, Tx};

use crate::refused::ListRefused;
use crate::webhooks::events::{self, EventFilter};
use crate::webhooks::{self, MOST_IN_LIST};

/// The time in which 95 of 100 answers of a fast endpoint come. An attempt ends after five seconds.
pub const FAST: Duration = Duration::from_secs(2);
/// The time of the looked-at deliveries.
const WEEK: Duration = Duration::from_hours(168);
/// Most loans that are looked at.
const MOST_LOANS: u64 = 5;

/// Whether an endpoint has accepted deliveries of the last week, and answered fast.
pub fn is_fast(
    tx: &mut Tx<'_>, tenant: PartnerId, endpoint: EndpointId, now: RealTime,
) -> Result<bool, StoreError> {
    let figures = webhooks::figures(tx, tenant, endpoint, now.minus(WEEK), MOST_IN_LIST)?;
    Ok(figures.accepted > 0 && figures.p95.is_some_and(|p95| p95 <= FAST))
}

/// Whether a customer came back to the review after something of its KYC was rejected.
pub fn has_corrected_kyc(
    tx: &mut Tx<'_>, tenant: PartnerId, kept_since: RealTime,
) -> Result<bool, Failed<ListRefused>> {
    let kind = EventKind::Customer(CustomerEvent::UnderReview);
    let is_corrected = |event: &Event| match &event.domain_event {
        DomainEvent::Customer(_, file) => file.kyc.corrections > 0,
        DomainEvent::Offer(..) | DomainEvent::Loan(..) | DomainEvent::BiometricsOpened(..) => false,
    };
    Ok(newest(tx, tenant, kind, kept_since)?.iter().any(is_corrected))
}

/// The newest events of a kind.
fn newest(
    tx: &mut Tx<'_>, tenant: PartnerId, kind: EventKind, kept_since: RealTime,
) -> Result<Vec<Event>, Failed<ListRefused>> {
    let filter = EventFilter { kind: Some(kind), excluded_kinds: Vec::new(), happened: Span::default() };
    Ok(events::list(tx, tenant, &filter, &Cursor::first(Limit::DEFAULT), kept_since)?.items)
}

/// What is known about overdue loans.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OverdueLoans {
    /// Whether an event told of a payment after its due date.
    pub has_late_payment: bool,
    /// Some loans that are overdue now, each with the moment of the partner's clock since which it is.
    pub now: Vec<(LoanId, Timestamp)>,
}

/// The overdue loans of a partner, at the partner's time `now`.
pub fn overdue_loans(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, kept_since: RealTime,
) -> Result<OverdueLoans, Failed<ListRefused>> {
    let today = now.business_date();
    let filter =
        OverdueFilter { due_by: Bucket::UpTo15.latest_due(today), taken: Taken::ByAnybody, least: None };
    let limit = Limit::new(MOST_LOANS).expect("five is a limit");
    let page = store::overdue::list(tx, Debtors::Of(tenant, today), &filter, &Cursor::first(limit))?;
    let since = |due| Timestamp::end_of_business_date(next_business_day(due));
    let now = page.items.iter().map(|loan| (loan.loan, since(loan.due))).collect();
    Ok(OverdueLoans { has_late_payment: has_late_payment(tx, tenant, kept_since)?, now })
}

/// Whether one of the newest payments came after the effective due date of its installment.
fn has_late_payment(
    tx: &mut Tx<'_>, tenant: PartnerId, kept_since: RealTime,
) -> Result<bool, Failed<ListRefused>> {
    let kind = EventKind::Loan(LoanEventKind::PaymentReceived);
    let mut seen = BTreeSet::new();
    for event in newest(tx, tenant, kind, kept_since)? {
        let DomainEvent::Loan(LoanEvent::PaymentReceived(payment), loan) = &event.domain_event else {
            continue;
        };
        if !seen.insert(loan.id) || seen.len() > usize::try_from(MOST_LOANS).expect("a small number") {
            continue;
        }
        let installments = store::installments::all(tx, tenant, loan.id)?;
        let paid = installments.iter().find(|one| one.position.number == payment.installment_number);
        if paid.is_some_and(|one| next_business_day(one.position.due) < payment.paid_at.business_date()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a program of the partner has read one of these loans since it is overdue, by the request log.
pub fn has_read(
    tx: &mut Tx<'_>, tenant: PartnerId, overdue: &[(LoanId, Timestamp)],
) -> Result<bool, StoreError> {
    for (loan, since) in overdue {
        let filter = RequestFilter {
            partner: Some(tenant),
            resource: Some(loan.to_string()),
            method: Some("GET".to_owned()),
            statuses: Some((200, 299)),
            ..RequestFilter::default()
        };
        let cursor = RequestCursor { before: None, limit: Limit::ONE };
        let newest = store::request_log::search(tx, &filter, &cursor)?;
        if newest.items.iter().any(|call| call.on_clock >= *since) {
            return Ok(true);
        }
    }
    Ok(false)
}
