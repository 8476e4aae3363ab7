//! Payments of all loans: the newest ones, those of a day, and those that a text from the bank names.

use std::collections::HashMap;

use domain::id::{InstallmentId, LoanId, PaymentId};
use domain::loan::rates::RateBook;
use domain::loan::{CcbNumber, Installment, InstallmentSummary};
use domain::page::{Limit, Page};
use domain::search::Query;
use domain::tagged::Tagged;
use domain::time::{Date, RealTime};
use store::payments::{PaymentFilter, RecordedPayment};
use store::{Cursor, Failed, StoreError, Tx};

use super::label::{Label, label, labels};
use crate::clock;
use crate::refused::{ListRefused, NotFound, first_page, page_or_refused};

/// A payment with the contract and the name of its loan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The payment.
    pub recorded: RecordedPayment,
    /// The number of the contract; `None` if the loan's row is damaged.
    pub contract: Option<CcbNumber>,
    /// The name under which the customer does business; `None` if it has none or a row is damaged.
    pub customer: Option<String>,
}

impl Received {
    fn of(recorded: RecordedPayment, labels: &HashMap<LoanId, Label>) -> Self {
        let Label { contract, customer } = label(labels, recorded.loan);
        Self { recorded, contract, customer }
    }
}

/// A page of payments, the newest record first.
pub fn received(
    tx: &mut Tx<'_>, filter: &PaymentFilter, cursor: &Cursor<PaymentId>,
) -> Result<Page<Received>, Failed<ListRefused>> {
    let page = page_or_refused(store::payments::of_all(tx, filter, cursor)?)?;
    let labels = labels(tx, page.items.iter().map(|recorded| recorded.loan))?;
    Ok(page.filter_map(|recorded| Some(Received::of(recorded, &labels))))
}

/// A payment by its id.
pub fn find(tx: &mut Tx<'_>, id: PaymentId) -> Result<Received, Failed<NotFound>> {
    let recorded = by_id(tx, id)?.ok_or(Failed::Refused(NotFound))?;
    Ok(labelled(tx, vec![recorded])?.pop().ok_or(StoreError::NotFound)?)
}

fn by_id(tx: &mut Tx<'_>, id: PaymentId) -> Result<Option<RecordedPayment>, StoreError> {
    match store::directory::owner(tx, &id)? {
        Some(partner) => store::payments::find(tx, partner, id),
        None => Ok(None),
    }
}

fn labelled(tx: &mut Tx<'_>, payments: Vec<RecordedPayment>) -> Result<Vec<Received>, StoreError> {
    let labels = labels(tx, payments.iter().map(|recorded| recorded.loan))?;
    Ok(payments.into_iter().map(|recorded| Received::of(recorded, &labels)).collect())
}

/// An installment that a Pix charge names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracedInstallment {
    /// The installment.
    pub installment: Installment,
    /// Its figures now.
    pub summary: InstallmentSummary,
    /// The number of the contract; `None` if the loan's row is damaged.
    pub contract: Option<CcbNumber>,
    /// The name under which the customer does business; `None` if it has none or a row is damaged.
    pub customer: Option<String>,
}

/// The payment or the installment that a text from the bank names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Traced {
    /// The installment of the Pix charge with this txid.
    pub installment: Option<TracedInstallment>,
    /// The payments with this reference or end-to-end id, and those of the charge's loan.
    pub payments: Vec<Received>,
}

/// Finds what a text names: the reference or the end-to-end id of a payment, the txid of a Pix charge, or an id. Of a
/// charge it finds the installment and the payments of its loan.
pub fn trace(
    tx: &mut Tx<'_>, real: RealTime, text: &Query, filter: &PaymentFilter, book: &RateBook,
) -> Result<Traced, StoreError> {
    let mut payments = store::payments::with_reference(tx, text.text())?;
    if let Ok(id) = text.text().parse::<PaymentId>() {
        payments.extend(by_id(tx, id)?);
    }
    let id = text.pix_txid().map(Tagged::id::<InstallmentId>);
    let id = id.or_else(|| text.text().parse().ok());
    let installment = match id {
        Some(id) => {
            installment(tx, id)?.filter(|found| filter.partner.is_none_or(|partner| found.partner == partner))
        }
        None => None,
    };
    if let Some(found) = &installment {
        let of_loan = store::payments::list(tx, found.partner, found.loan, &Cursor::first(Limit::MOST))?;
        let of_loan = first_page(page_or_refused(of_loan))?.items;
        let known: Vec<PaymentId> = payments.iter().map(|recorded| recorded.payment.id).collect();
        payments.extend(of_loan.into_iter().filter(|recorded| !known.contains(&recorded.payment.id)));
    }
    payments.retain(|recorded| {
        let is_of_day = |day: Date| recorded.recorded_at.business_date() == day;
        filter.partner.is_none_or(|partner| recorded.partner == partner) && filter.day.is_none_or(is_of_day)
    });
    let installment = match installment {
        Some(found) => Some(traced(tx, found, real, book)?),
        None => None,
    };
    Ok(Traced { installment, payments: labelled(tx, payments)? })
}

fn installment(tx: &mut Tx<'_>, id: InstallmentId) -> Result<Option<Installment>, StoreError> {
    match store::directory::owner(tx, &id)? {
        Some(partner) => store::installments::find(tx, partner, id),
        None => Ok(None),
    }
}

fn traced(
    tx: &mut Tx<'_>, installment: Installment, real: RealTime, book: &RateBook,
) -> Result<TracedInstallment, StoreError> {
    let now = clock::at(tx, installment.partner, real)?;
    let label = label(&labels(tx, std::iter::once(installment.loan))?, installment.loan);
    let summary = installment.summary(now, book);
    Ok(TracedInstallment { installment, summary, contract: label.contract, customer: label.customer })
}
