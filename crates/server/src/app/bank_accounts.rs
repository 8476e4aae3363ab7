//! Customers' bank accounts.

use domain::bank::{AccountDetails, BankAccount};
use domain::id::{CustomerId, PartnerId};
use domain::time::Timestamp;
use store::{StoreError, Tx};

use super::{Failed, NotFound, customers};

/// The customer's account.
pub fn find(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    customer: CustomerId,
) -> Result<BankAccount, Failed<NotFound>> {
    store::bank_accounts::of_customer(tx, tenant, customer)?.ok_or(Failed::Refused(NotFound))
}

/// Gives the customer an account in place of the one it had, if any.
pub fn put(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    customer: CustomerId,
    details: &AccountDetails,
) -> Result<BankAccount, Failed<NotFound>> {
    customers::find(tx, tenant, customer)?;
    if let Some(mut account) = store::bank_accounts::of_customer(tx, tenant, customer)? {
        if account.details != *details {
            account.details = details.clone();
            account.updated_at = now;
            store::bank_accounts::update(tx, &mut account)?;
        }
        return Ok(account);
    }
    let account = BankAccount {
        id: tx.new_id(now),
        partner: tenant,
        version: 1,
        customer,
        details: details.clone(),
        created_at: now,
        updated_at: now,
    };
    // Two that are given at once take turns: the second finds the first.
    store::bank_accounts::insert(tx, &account).map_err(StoreError::duplicate_as_conflict)?;
    Ok(account)
}
