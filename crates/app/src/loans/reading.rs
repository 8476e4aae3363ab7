//! Queries of loans and their installments.

use domain::id::{InstallmentId, LoanId, PartnerId};
use domain::loan::{Installment, Loan, LoanSummary};
use domain::page::{Limit, Page};
use store::Failed;
use store::loans::LoanFilter;
use store::{Cursor, Tx};

use crate::refused::{ListRefused, NotFound, page_or_refused};

/// The partner's loan.
pub fn find(tx: &mut Tx<'_>, tenant: PartnerId, id: LoanId) -> Result<Loan, Failed<NotFound>> {
    Ok(store::loans::find(tx, tenant, id)?.ok_or(Failed::Refused(NotFound))?.into_value())
}

/// A loan of any partner, for operators.
pub fn find_of_any(tx: &mut Tx<'_>, id: LoanId) -> Result<Loan, Failed<NotFound>> {
    Ok(store::loans::find_of_any(tx, id)?.ok_or(Failed::Refused(NotFound))?.into_value())
}

/// The partner's loan with the facts that answers show.
pub fn summary(tx: &mut Tx<'_>, tenant: PartnerId, id: LoanId) -> Result<LoanSummary, Failed<NotFound>> {
    store::loans::summary(tx, tenant, id)?.ok_or(Failed::Refused(NotFound))
}

/// A page of loans, of all partners if the filter names none.
pub fn list(
    tx: &mut Tx<'_>, filter: &LoanFilter, cursor: &Cursor<LoanId>,
) -> Result<Page<Loan>, Failed<ListRefused>> {
    page_or_refused(store::loans::list(tx, filter, cursor)?)
}

/// A page of a loan's installments in due-date order.
pub fn installments(
    tx: &mut Tx<'_>, tenant: PartnerId, id: LoanId, after: Option<InstallmentId>, limit: Limit,
) -> Result<Page<Installment>, Failed<ListRefused>> {
    if !store::loans::exists(tx, tenant, id)? {
        return Err(Failed::Refused(ListRefused::NotFound));
    }
    page_or_refused(store::installments::list(tx, tenant, id, after, limit)?)
}
