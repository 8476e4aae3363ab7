//! A loan's steps after it was made: to the disbursed money, or to its end.

use domain::actor::Actor;
use domain::bank::Destination;
use domain::closed::Changed;
use domain::id::{LoanId, PartnerId};
use domain::loan::{Failure, Installment, Loan};
use domain::machine::Illegal;
use domain::time::{RealTime, Timestamp};
use store::Failed;
use store::{StoreError, Stored, Tx};

use super::payment_page::page_token;
use crate::lender::Lender;
use crate::refused::not_found_in;
use crate::{clock, ledger, mails};

/// Why a loan did not take a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepRefused {
    /// The loan is not there.
    NotFound,
    /// The loan's state does not allow it.
    InvalidState,
    /// Whoever signs is not a signer, or has signed.
    NotASigner,
}

not_found_in!(StepRefused);

/// Orders the disbursement of a signed loan, to where its signers were shown that the money goes.
pub fn start_disbursement(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    id: LoanId,
) -> Result<Loan, Failed<StepRefused>> {
    let loan = to_step(tx, tenant, id)?;
    let destination = destination(tx, &loan)?;
    step(tx, loan, |loan| loan.start_disbursement(destination, now))
}

/// Where the money of a loan goes: where the first signature froze it, before that as the customer stands now. A loan
/// that was signed before destinations were frozen goes by the customer as well.
pub(crate) fn destination(tx: &mut Tx<'_>, loan: &Loan) -> Result<Destination, StoreError> {
    if let Some(frozen) = &loan.destination {
        return Ok(frozen.clone());
    }
    let file = store::customers::find(tx, loan.partner, loan.customer)?.ok_or(StoreError::NotFound)?;
    let account = store::bank_accounts::of_customer(tx, loan.partner, loan.customer)?;
    let (details, registration) =
        (account.as_ref().map(|account| &account.details), file.customer.registration.clone());
    Ok(Destination::of(details, registration.cnpj, registration.cpf))
}

/// Records that the customer has the money; from then on the installments exist.
pub fn confirm_disbursement(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    id: LoanId,
    actor: Actor,
    lender: &Lender,
) -> Result<Loan, Failed<StepRefused>> {
    let loan = to_step(tx, tenant, id)?;
    let loan = step(tx, loan, |loan| loan.confirm_disbursement(now))?;
    let mut installments = Vec::with_capacity(loan.quote.schedule.len());
    for row in &loan.quote.schedule {
        let id = tx.new_id(now);
        installments.push(Installment::of_row(id, tenant, loan.id, row, loan.quote.monthly_rate, now));
    }
    store::installments::insert_all(tx, &installments)?;
    ledger::enter_disbursement(tx, now, &loan, actor)?;
    let page = lender.links.payment(page_token(tx, loan.id));
    mails::disbursed(tx, now, &loan, &page, lender)?;
    Ok(loan)
}

/// Records that the money did not reach the customer.
pub fn fail_disbursement(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    id: LoanId,
    failure: Failure,
) -> Result<Loan, Failed<StepRefused>> {
    let loan = to_step(tx, tenant, id)?;
    step(tx, loan, |loan| loan.fail(failure, now))
}

/// Gives a loan up before the money has left; its offer is free again while it is still valid.
pub fn cancel(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    id: LoanId,
) -> Result<Loan, Failed<StepRefused>> {
    let loan = to_step(tx, tenant, id)?;
    let loan = step(tx, loan, |loan| loan.cancel(now))?;
    store::simulations::give_back(tx, &loan)?;
    if let Some(offer) = store::offers::find(tx, tenant, loan.offer)? {
        let released = offer.change(|offer| offer.release(now)).map_err(StoreError::from)?;
        store::offers::save(tx, released)?;
    }
    Ok(loan)
}

/// The loan that is to take a step.
fn to_step(tx: &mut Tx<'_>, tenant: PartnerId, id: LoanId) -> Result<Stored<Loan>, Failed<StepRefused>> {
    store::loans::find(tx, tenant, id)?.ok_or(Failed::Refused(StepRefused::NotFound))
}

/// Gives a loan a command and saves it; refused where the loan's state does not allow it.
fn step(
    tx: &mut Tx<'_>,
    loan: Stored<Loan>,
    command: impl FnOnce(Loan) -> Result<Changed<Loan>, Illegal>,
) -> Result<Loan, Failed<StepRefused>> {
    let changed = loan.change(command).map_err(|_illegal| Failed::Refused(StepRefused::InvalidState))?;
    Ok(store::loans::save(tx, changed)?.into_value())
}

/// Cancels loans whose signing links have lapsed, a few at a time; returns how many.
pub fn cancel_unsigned(tx: &mut Tx<'_>, real: RealTime) -> Result<usize, StoreError> {
    let mut done = 0;
    for (partner, id) in store::loans::unsigned_past(tx, real, 100)? {
        let now = clock::at(tx, partner, real)?;
        match cancel(tx, partner, now, id) {
            // Another node may have cancelled it, or somebody signed it in between.
            Ok(_) | Err(Failed::Refused(_)) => done += 1,
            // A damaged row keeps no other loan from its end.
            Err(Failed::Store(StoreError::Corrupt(reason) | StoreError::Defect(reason))) => {
                tracing::error!(loan.id = %id, reason, "a loan whose links have lapsed cannot be read; it stays");
            }
            Err(Failed::Store(error)) => return Err(error),
        }
    }
    Ok(done)
}

/// When the next offer or signing link lapses, in real time.
pub fn next_deadline(tx: &mut Tx<'_>) -> Result<Option<RealTime>, StoreError> {
    let (offer, link) = (store::offers::next_end(tx)?, store::loans::next_deadline(tx)?);
    Ok([offer, link].into_iter().flatten().min())
}
