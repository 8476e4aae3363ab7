//! The customers and loans for which the autopilot decides.

use domain::customer::{Customer, CustomerFile};
use domain::id::{CustomerId, LoanId, PartnerId};
use domain::loan::Loan;
use store::Failed;
use store::{StoreError, Stored, Tx};

use crate::tags;

pub(super) fn done_or_impossible<T, R>(outcome: Result<T, Failed<R>>) -> Result<(), StoreError> {
    match outcome {
        Ok(_) | Err(Failed::Refused(_)) => Ok(()),
        Err(Failed::Store(error)) => Err(error),
    }
}

/// The customer, unless the tag `manual` leaves its decisions to people.
pub fn steered_customer(
    tx: &mut Tx<'_>, tenant: PartnerId, id: CustomerId,
) -> Result<Option<CustomerFile>, StoreError> {
    let file = store::customers::find(tx, tenant, id)?.map(Stored::into_value);
    Ok(file.filter(|file| !tags::has(&file.customer.registration, "manual")))
}

pub(super) fn steered_loan(
    tx: &mut Tx<'_>, tenant: PartnerId, id: LoanId,
) -> Result<Option<(Loan, Customer)>, StoreError> {
    let Some(loan) = store::loans::find(tx, tenant, id)? else { return Ok(None) };
    let customer = steered_customer(tx, tenant, loan.customer)?;
    Ok(customer.map(|file| (loan.into_value(), file.customer.clone())))
}
