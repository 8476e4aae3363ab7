//! The erasure of a person's data, at once or as soon as no law makes the lender keep it.

use std::time::Duration;

use domain::actor::Actor;
use domain::customer::{Customer, CustomerFile};
use domain::id::{CustomerId, LoanId, OfferId, PartnerId};
use domain::loan::Loan;
use domain::offer::{Offer, OfferState};
use domain::retention::Keeping;
use domain::time::{RealTime, Timestamp};
use store::erasing::Forgotten;
pub use store::erasures::Erasure;
use store::loans::LoanFilter;
use store::offers::OfferFilter;
use store::{Cursor, Failed, StoreError, Stored, Tx};

use super::export::every;
use crate::refused::not_found_in;
use crate::{clock, credit, loans};

/// The time after which an erasure that was not possible is looked at again.
const DAY: Duration = Duration::from_secs(86_400);

/// The reason why a person's data is not erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EraseRefused {
    /// There is no such customer.
    NotFound,
    /// Its loan is not over.
    LoanOpen(LoanId),
    /// Its data was erased before.
    Erased,
}

not_found_in!(EraseRefused);

/// A customer whose data may be erased, with what the rule needs.
struct Found {
    file: Stored<CustomerFile>,
    loans: Vec<Stored<Loan>>,
    /// From when on nobody must keep it: now, or later.
    free_at: Timestamp,
}

/// The version of a customer whose erasure can be entered.
pub fn erasable(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: CustomerId, years: u8,
) -> Result<i64, Failed<EraseRefused>> {
    Ok(found(tx, tenant, now, id, years)?.file.version())
}

/// Enters a person's wish, and erases its data unless a law makes the lender keep it. Then a worker erases it later. The
/// same wish again changes nothing, or erases what has become free meanwhile. `years`: as configured.
pub fn erase(
    tx: &mut Tx<'_>, tenant: PartnerId, (now, real): (Timestamp, RealTime), id: CustomerId, actor: Actor,
    years: u8,
) -> Result<Erasure, Failed<EraseRefused>> {
    let found = found(tx, tenant, now, id, years)?;
    let free_at = found.free_at;
    let wish = match store::erasures::find(tx, tenant, id)? {
        // A loan since the wish makes the lender keep the data for longer.
        Some(wish) if free_at > now => {
            store::erasures::put_off(tx, &wish, free_at)?;
            Erasure { due_at: free_at, ..wish }
        }
        Some(wish) => wish,
        None => entered(tx, &found.file.customer, (free_at, real), actor)?,
    };
    if free_at > now {
        return Ok(wish);
    }
    store::erasures::fulfil(tx, &wish, real)?;
    // For those who restore an older backup: the log names the erasures since. A script that runs again says it twice.
    tracing::info!(customer = %id, partner = %tenant, "the data of a customer's people is erased");
    forget(tx, tenant, (now, real), found)?;
    Ok(Erasure { erased_at: Some(real), ..wish })
}

/// Enters a wish.
fn entered(
    tx: &mut Tx<'_>, customer: &Customer, (due_at, asked_at): (Timestamp, RealTime), asked_by: Actor,
) -> Result<Erasure, StoreError> {
    let (partner, customer) = (customer.partner, customer.id);
    let wish = Erasure { partner, customer, asked_by, asked_at, due_at, erased_at: None };
    store::erasures::insert(tx, &wish)?;
    Ok(wish)
}

fn found(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: CustomerId, years: u8,
) -> Result<Found, Failed<EraseRefused>> {
    let file = store::customers::find(tx, tenant, id)?.ok_or(Failed::Refused(EraseRefused::NotFound))?;
    if file.is_erased() {
        return Err(Failed::Refused(EraseRefused::Erased));
    }
    let loans = loans_of(tx, tenant, id)?;
    let free_at = match Keeping::of(loans.iter().map(|loan| &**loan), now.business_date(), years) {
        Keeping::Free => now,
        Keeping::Until(day) => Timestamp::start_of_business_date(day),
        Keeping::Open(loan) => return Err(Failed::Refused(EraseRefused::LoanOpen(loan))),
    };
    Ok(Found { file, loans, free_at })
}

/// Erases the data. Open offers end first, because nobody can take them any more.
fn forget(
    tx: &mut Tx<'_>, tenant: PartnerId, (now, real): (Timestamp, RealTime), found: Found,
) -> Result<(), StoreError> {
    let customer = found.file.customer.clone();
    let offers = offers_of(tx, tenant, customer.id)?;
    let (loan_ids, offer_ids): (Vec<LoanId>, Vec<OfferId>) =
        (found.loans.iter().map(|loan| loan.id).collect(), offers.iter().map(|offer| offer.id).collect());
    store::search::forget_these(tx, tenant, std::slice::from_ref(&customer))?;
    let emails: Vec<_> = customer.emails().cloned().collect();
    let of = Forgotten {
        partner: tenant,
        customer: customer.id,
        loans: &loan_ids,
        offers: &offer_ids,
        emails: &emails,
    };
    store::erasing::forget(tx, of, real)?;
    store::credit::forget_grounds(tx, tenant, customer.id)?;
    for loan in found.loans {
        store::loans::save(tx, loan.change(Loan::erase_people)?)?;
    }
    // Their events come after the deletion of the older ones, and name nobody.
    for offer in offers.into_iter().filter(|offer| offer.state == OfferState::Available) {
        credit::offers::withdraw(tx, tenant, now, offer.id).map_err(as_stored)?;
    }
    store::customers::save_erased(tx, found.file.change(|file| file.erase(now))?).map(drop)
}

/// Erases the data of some customers whose time has come. Returns the number of wishes that were looked at. A customer with a
/// new loan, or with a row that cannot be read, is looked at again a day later.
pub fn erase_due(tx: &mut Tx<'_>, real: RealTime, years: u8) -> Result<usize, StoreError> {
    let due = store::erasures::due(tx, real, 10)?;
    let number = due.len();
    for wish in due {
        let now = clock::at(tx, wish.partner, real)?;
        let erased =
            tx.savepoint(|tx| erase(tx, wish.partner, (now, real), wish.customer, wish.asked_by, years))?;
        match erased {
            Ok(_) => continue,
            Err(Failed::Refused(refused)) => {
                tracing::info!(customer = %wish.customer, ?refused, "an erasure that is due waits");
            }
            Err(Failed::Store(StoreError::Corrupt(reason) | StoreError::Defect(reason))) => {
                tracing::error!(customer = %wish.customer, reason, "an erasure that is due is not possible");
            }
            Err(Failed::Store(error)) => return Err(error),
        }
        store::erasures::put_off(tx, &wish, now.plus(DAY))?;
    }
    Ok(number)
}

/// The wish for the erasure of a customer, if there is one.
pub fn of_customer(
    tx: &mut Tx<'_>, tenant: PartnerId, id: CustomerId,
) -> Result<Option<Erasure>, StoreError> {
    store::erasures::find(tx, tenant, id)
}

/// The loans of a customer with their versions. `Corrupt` if one cannot be read: nobody knows whether it is over.
fn loans_of(tx: &mut Tx<'_>, tenant: PartnerId, id: CustomerId) -> Result<Vec<Stored<Loan>>, StoreError> {
    let filter = LoanFilter { partner: Some(tenant), customer: Some(id), state: None };
    let mut unreadable = Vec::new();
    let loans = every(|cursor| loans::list(tx, &filter, cursor), |loan| loan.id, &mut unreadable)?;
    whole(&unreadable)?;
    let stored = loans.into_iter().map(|loan| {
        let stored = store::loans::find(tx, tenant, loan.id)?;
        stored.ok_or(StoreError::NotFound)
    });
    stored.collect()
}

/// The offers of a customer. `Corrupt` if one cannot be read.
fn offers_of(tx: &mut Tx<'_>, tenant: PartnerId, id: CustomerId) -> Result<Vec<Offer>, StoreError> {
    let filter = OfferFilter { customer: Some(id), state: None };
    let mut unreadable = Vec::new();
    let list = |cursor: &Cursor<OfferId>| credit::offers::list(tx, Some(tenant), &filter, cursor);
    let offers = every(list, |offer| offer.id, &mut unreadable)?;
    whole(&unreadable)?;
    Ok(offers)
}

fn whole(unreadable: &[String]) -> Result<(), StoreError> {
    match unreadable {
        [] => Ok(()),
        [id, ..] => Err(StoreError::Corrupt(format!("{id} cannot be read, so its customer is not erased"))),
    }
}

/// The error of a step that the rule has allowed just now: another transaction came first.
fn as_stored<R>(failed: Failed<R>) -> StoreError {
    match failed {
        Failed::Store(error) => error,
        Failed::Refused(_) => StoreError::Conflict,
    }
}
