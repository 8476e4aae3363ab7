//! A loan's steps after its creation: to the disbursement, or to its end.

use domain::actor::Actor;
use domain::bank::Destination;
use domain::closed::Changed;
use domain::id::{LoanId, PartnerId};
use domain::loan::{Failure, Installment, Loan, LoanState};
use domain::machine::Illegal;
use domain::time::{RealTime, Timestamp};
use store::Failed;
use store::bank_files::Order;
use store::{StoreError, Stored, Tx};

use super::payment_page::page_token;
use crate::lender::Lender;
use crate::refused::not_found_in;
use crate::{clock, ledger, mails};

/// The reason why a loan did not take a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepRefused {
    /// There is no such loan.
    NotFound,
    /// The loan's state does not allow it.
    InvalidState,
    /// The person is not a signer, or has already signed.
    NotASigner,
}

not_found_in!(StepRefused);

/// Orders the disbursement of a signed loan, to the destination that its signers saw.
pub fn start_disbursement(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: LoanId,
) -> Result<Loan, Failed<StepRefused>> {
    let loan = to_step(tx, tenant, id)?;
    let destination = destination(tx, &loan)?;
    step(tx, loan, |loan| loan.start_disbursement(destination, now))
}

/// Orders the disbursement again that the bank returned.
pub fn pay_again(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: LoanId,
) -> Result<Loan, Failed<StepRefused>> {
    let loan = to_step(tx, tenant, id)?;
    let destination = destination(tx, &loan)?;
    step(tx, loan, |loan| loan.pay_again(destination, now))
}

/// A loan whose returned disbursement can be ordered again now. Nothing is changed.
pub fn payable_again(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: LoanId,
) -> Result<Stored<Loan>, Failed<StepRefused>> {
    possible(tx, tenant, id, |loan, destination| loan.pay_again(destination, now))
}

/// A loan whose disbursement can be ordered now. Nothing is changed.
pub fn disbursable(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: LoanId,
) -> Result<Stored<Loan>, Failed<StepRefused>> {
    possible(tx, tenant, id, |loan, destination| loan.start_disbursement(destination, now))
}

/// A loan that would take an order to its destination.
fn possible(
    tx: &mut Tx<'_>, tenant: PartnerId, id: LoanId,
    order: impl FnOnce(Loan, Destination) -> Result<Changed<Loan>, Illegal>,
) -> Result<Stored<Loan>, Failed<StepRefused>> {
    let loan = to_step(tx, tenant, id)?;
    let destination = destination(tx, &loan)?;
    let ordered = loan.clone().change(|loan| order(loan, destination));
    ordered.map(|_not_saved| loan).map_err(|_illegal| Failed::Refused(StepRefused::InvalidState))
}

/// The destination of a loan's money: the one that the first signature froze, or before it the customer's present one.
/// A loan that was signed before destinations were frozen has the customer's present destination too.
pub(crate) fn destination(tx: &mut Tx<'_>, loan: &Loan) -> Result<Destination, StoreError> {
    match &loan.destination {
        Some(frozen) => Ok(frozen.clone()),
        None => present_destination(tx, loan),
    }
}

/// The customer's present destination. Since the first signature the borrower has confirmed each change of it.
fn present_destination(tx: &mut Tx<'_>, loan: &Loan) -> Result<Destination, StoreError> {
    let file = store::customers::find(tx, loan.partner, loan.customer)?.ok_or(StoreError::NotFound)?;
    let account = store::bank_accounts::of_customer(tx, loan.partner, loan.customer)?;
    let (details, registration) =
        (account.as_ref().map(|account| &account.details), file.customer.registration.clone());
    Ok(Destination::of(details, registration.cnpj, registration.cpf))
}

/// Records that the customer has the money. This creates the installments.
pub fn confirm_disbursement(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: LoanId, actor: Actor, lender: &Lender,
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

/// Records that the money did not reach the customer. The next order goes to the customer's present destination, because
/// the borrower may have confirmed another account while this order was at the bank.
pub fn fail_disbursement(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: LoanId, failure: Failure,
) -> Result<Loan, Failed<StepRefused>> {
    let loan = to_step(tx, tenant, id)?;
    let next = present_destination(tx, &loan)?;
    step(tx, loan, |loan| loan.fail(failure, next, now))
}

/// Cancels a loan before the money has left, or after the bank returned it. Its offer is available again while it is
/// still valid. An order in a file for the bank can no longer be taken back.
pub fn cancel(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: LoanId,
) -> Result<Loan, Failed<StepRefused>> {
    let loan = to_step(tx, tenant, id)?;
    let newest = Order { partner: tenant, loan: id, attempt: loan.attempts() };
    if loan.state == LoanState::Disbursing && store::bank_files::has_order(tx, newest)? {
        return Err(Failed::Refused(StepRefused::InvalidState));
    }
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

/// Applies a command to a loan and saves it. The step is refused if the loan's state does not allow it.
fn step(
    tx: &mut Tx<'_>, loan: Stored<Loan>, command: impl FnOnce(Loan) -> Result<Changed<Loan>, Illegal>,
) -> Result<Loan, Failed<StepRefused>> {
    let changed = loan.change(command).map_err(|_illegal| Failed::Refused(StepRefused::InvalidState))?;
    Ok(store::loans::save(tx, changed)?.into_value())
}

/// Cancels some loans whose signing links have expired; returns their number.
pub fn cancel_unsigned(tx: &mut Tx<'_>, real: RealTime) -> Result<usize, StoreError> {
    let mut done = 0;
    for (partner, id) in store::loans::unsigned_past(tx, real, 100)? {
        let now = clock::at(tx, partner, real)?;
        match cancel(tx, partner, now, id) {
            // Another node may have cancelled it, or somebody may have signed it meanwhile.
            Ok(_) | Err(Failed::Refused(_)) => done += 1,
            // A damaged row must not keep other loans open.
            Err(Failed::Store(StoreError::Corrupt(reason) | StoreError::Defect(reason))) => {
                tracing::error!(loan.id = %id, reason, "a loan past its signing deadline cannot be read; it stays open");
            }
            Err(Failed::Store(error)) => return Err(error),
        }
    }
    Ok(done)
}

/// Real time at which the next offer or signing link expires.
pub fn next_deadline(tx: &mut Tx<'_>) -> Result<Option<RealTime>, StoreError> {
    let (offer, link) = (store::offers::next_end(tx)?, store::loans::next_deadline(tx)?);
    Ok([offer, link].into_iter().flatten().min())
}
