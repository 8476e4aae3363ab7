//! The history of a customer or a loan for its partner: calls of the API, events, deliveries, letters and visits of pages
//! together.
//!
//! The caller reads the calls, because the request log is a store of its own. The rest takes the same number of
//! statements for every customer, and for every loan one more for each signer's address.

use std::time::Duration;

use domain::event::EventKind;
use domain::id::{CustomerId, EventId, LoanId, LoggedRequestId, OfferId, PartnerId, ResourceId as _};
use domain::loan::Loan;
use domain::page::Limit;
use domain::page_visit::{Device, PageVisit, VisitedPage};
use domain::request_log::{LoggedRequest, RequestCursor, RequestFilter};
use domain::time::Timestamp;
use store::mails::MailReport;
use store::outbox::Recorded;
use store::{StoreError, Tx};

use super::customer::CustomerSheet;
use crate::loan_sheet::mails_of;
pub use crate::webhooks::history::Sent;

/// Most calls of a history.
const CALLS: u64 = 50;
/// Most letters of a history.
const LETTERS: i64 = 50;
/// Most visits of a history.
const VISITS: i64 = 50;
/// An event that a page was opened and a logged visit within this time are the same visit.
const SAME_VISIT: Duration = Duration::from_mins(1);

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// The partner's time at which it happened. A delivery has that of its event.
    pub at: Timestamp,
    /// The kind of event.
    pub what: What,
}

/// The kind of an event in a history. The larger ones are boxed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A delivery of an event.
    Delivered(Box<Sent>),
    /// An event was recorded for the partner.
    Recorded(EventId, EventKind),
    /// A letter was written.
    Mail(Box<MailReport>),
    /// A person opened the hosted page of the KYC.
    PageVisited,
    /// A person signed on the page of the contract.
    Signed {
        /// The name of the person.
        name: Option<String>,
    },
    /// Somebody opened a page by its link, from a kind of device.
    Visited(VisitedPage, Device),
    /// The partner's program called the API.
    Called(Box<LoggedRequest>),
}

impl What {
    /// The place among events of the same time, newest first: an effect comes before its cause.
    const fn place(&self) -> u8 {
        match self {
            // Deliveries stay above their event.
            Self::Delivered(_) | Self::Recorded(..) => 0,
            Self::Mail(_) => 1,
            Self::PageVisited | Self::Visited(..) | Self::Signed { .. } => 2,
            Self::Called(_) => 3,
        }
    }
}

/// What the request log has about a resource.
#[derive(Debug, Clone, Default)]
pub struct Logged {
    /// The newest calls that name it.
    pub calls: Vec<LoggedRequest>,
    /// The newest visits of its pages.
    pub visits: Vec<PageVisit>,
}

/// The newest calls of a partner that name a resource, and the newest visits of its pages, from the request log. The
/// resource belongs to the tenant: the partner itself, or one of its clocks.
pub fn logged(
    tx: &mut Tx<'_>, (partner, tenant): (PartnerId, PartnerId), resource: &str,
) -> Result<Logged, StoreError> {
    let visits = store::request_log::visits(tx, tenant, resource, VISITS)?;
    Ok(Logged { calls: calls(tx, partner, resource)?, visits })
}

fn calls(tx: &mut Tx<'_>, tenant: PartnerId, resource: &str) -> Result<Vec<LoggedRequest>, StoreError> {
    let filter = RequestFilter {
        partner: Some(tenant),
        resource: Some(resource.to_owned()),
        ..RequestFilter::default()
    };
    let limit = Limit::new(CALLS).expect("fifty is a limit");
    let cursor = RequestCursor { before: None::<LoggedRequestId>, limit };
    Ok(store::request_log::search(tx, &filter, &cursor)?.items)
}

/// The history of a customer with its offers and loans, newest first.
pub fn of_customer(
    tx: &mut Tx<'_>, sheet: &CustomerSheet, logged: &Logged,
) -> Result<Vec<Happened>, StoreError> {
    let customer = &sheet.file.customer;
    let offers = sheet.offers.items.iter().map(|offer| OfferId::bytes(offer.id));
    let loans = sheet.loans.items.iter().map(|loan| LoanId::bytes(loan.id));
    let subjects: Vec<[u8; 16]> =
        std::iter::once(CustomerId::bytes(customer.id)).chain(offers).chain(loans).collect();
    let mails = match &customer.registration.email {
        Some(email) => store::mails::reports_to(tx, customer.partner, email.as_str(), LETTERS)?.items,
        None => Vec::new(),
    };
    let events = store::outbox::of_subjects(tx, customer.partner, &subjects)?;
    let signed = sheet.loans.items.iter().flat_map(signatures).collect();
    Ok(together(logged, events, mails, signed))
}

/// The history of a loan, newest first.
pub fn of_loan(tx: &mut Tx<'_>, loan: &Loan, logged: &Logged) -> Result<Vec<Happened>, StoreError> {
    let events = store::outbox::of_subjects(tx, loan.partner, &[loan.id.bytes()])?;
    let mails = mails_of(tx, loan)?;
    Ok(together(logged, events, mails, signatures(loan)))
}

/// The signatures of a loan's contract.
fn signatures(loan: &Loan) -> Vec<Happened> {
    let signed = loan.signers.iter().filter_map(|signer| {
        let name = signer.name.as_ref().map(ToString::to_string);
        Some(Happened { at: signer.signed_at?, what: What::Signed { name } })
    });
    signed.collect()
}

fn together(
    logged: &Logged, events: Vec<Recorded>, mails: Vec<MailReport>, mut all: Vec<Happened>,
) -> Vec<Happened> {
    for visit in &logged.visits {
        all.push(Happened { at: visit.on_clock, what: What::Visited(visit.page, visit.device) });
    }
    let is_logged = |at: Timestamp| {
        let mut of_kyc = logged.visits.iter().filter(|visit| visit.page == VisitedPage::Kyc);
        of_kyc.any(|visit| visit.on_clock.since(at).max(at.since(visit.on_clock)) < SAME_VISIT)
    };
    for call in &logged.calls {
        all.push(Happened { at: call.on_clock, what: What::Called(Box::new(call.clone())) });
    }
    for mail in mails {
        all.push(Happened { at: mail.created_at, what: What::Mail(Box::new(mail)) });
    }
    for event in events {
        let at = event.occurred_at;
        if event.kind == EventKind::BiometricsOpened && is_logged(at) {
            continue;
        }
        let what = match event.kind {
            EventKind::BiometricsOpened => What::PageVisited,
            EventKind::Customer(_) | EventKind::Offer(_) | EventKind::Loan(_) => {
                What::Recorded(event.id, event.kind)
            }
        };
        let delivered = event.deliveries.into_iter().map(|sent| What::Delivered(Box::new(sent)));
        all.extend(delivered.map(|what| Happened { at, what }));
        all.push(Happened { at, what });
    }
    all.sort_by_key(|happened| (std::cmp::Reverse(happened.at), happened.what.place()));
    all
}
