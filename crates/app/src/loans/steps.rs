//! A loan's steps after it was made: to the disbursed money, or to its end.

use domain::actor::Actor;
use domain::bank::Destination;
use domain::event::Happening;
use domain::id::{LoanId, PartnerId};
use domain::loan::{Failure, Loan, LoanEvent, LoanInput, Transaction};
use domain::offer::OfferInput;
use domain::time::Timestamp;
use store::Failed;
use store::{StoreError, Tx};

use super::payment_page::page_token;
use crate::credit::offers;
use crate::lender::Lender;
use crate::refused::not_found_in;
use crate::{clock, ledger, letters};

/// An event of a loan as it is now.
pub(crate) fn happened(event: LoanEvent, loan: &Loan) -> Happening {
    Happening::Loan(event, Box::new(loan.into()))
}

/// One step within a use case that has checked the state before; a refusal here is a defect.
pub(crate) fn step(loan: &mut Loan, input: &LoanInput, now: Timestamp) -> Result<Vec<Happening>, StoreError> {
    let events = loan.advance(input, now).map_err(|illegal| StoreError::Corrupt(illegal.to_string()))?;
    Ok(events.into_iter().map(|event| happened(event, loan)).collect())
}

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
    let mut loan = to_step(tx, tenant, id)?;
    loan.destination = Some(destination(tx, &loan)?);
    advance(tx, now, loan, &LoanInput::DisbursementStarted)
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
        (account.as_ref().map(|account| &account.details), file.customer.registration);
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
    let loan = advance(tx, now, loan, &LoanInput::DisbursementConfirmed { at: now })?;
    let mut transactions = Vec::with_capacity(loan.quote.schedule.len());
    for row in &loan.quote.schedule {
        let id = tx.new_id(now);
        transactions.push(Transaction::of_row(id, tenant, loan.id, row, loan.quote.monthly_rate, now));
    }
    store::transactions::insert_all(tx, &transactions)?;
    ledger::enter_disbursement(tx, now, &loan, actor)?;
    let page = lender.links.payment(page_token(tx, loan.id));
    letters::disbursed(tx, now, &loan, &page, lender)?;
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
    advance(tx, now, loan, &LoanInput::Failed(failure))
}

/// Gives a loan up before the money has left; its offer is free again while it is still valid.
pub fn cancel(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    id: LoanId,
) -> Result<Loan, Failed<StepRefused>> {
    let loan = to_step(tx, tenant, id)?;
    let loan = advance(tx, now, loan, &LoanInput::Cancelled)?;
    store::simulations::give_back(tx, &loan)?;
    if let Some(mut offer) = store::offers::find(tx, tenant, loan.offer)? {
        let lapsed = offer.lapsed(now);
        offers::advance(tx, now, &mut offer, OfferInput::LoanCancelled { lapsed })?;
    }
    Ok(loan)
}

/// The loan that is to take a step.
fn to_step(tx: &mut Tx<'_>, tenant: PartnerId, id: LoanId) -> Result<Loan, Failed<StepRefused>> {
    store::loans::find(tx, tenant, id)?.ok_or(Failed::Refused(StepRefused::NotFound))
}

fn advance(
    tx: &mut Tx<'_>,
    now: Timestamp,
    mut loan: Loan,
    input: &LoanInput,
) -> Result<Loan, Failed<StepRefused>> {
    let events = loan.advance(input, now).map_err(|_illegal| Failed::Refused(StepRefused::InvalidState))?;
    store::loans::update(tx, &mut loan)?;
    let told = events.into_iter().map(|event| happened(event, &loan)).collect();
    store::outbox::append(tx, loan.partner, now, told)?;
    Ok(loan)
}

/// Cancels loans whose signing links have lapsed, a few at a time; returns how many.
pub fn cancel_unsigned(tx: &mut Tx<'_>, real: Timestamp) -> Result<usize, StoreError> {
    let mut done = 0;
    for (partner, id) in store::loans::unsigned_past(tx, real, 100)? {
        let now = clock::at(tx, partner, real)?;
        match cancel(tx, partner, now, id) {
            // Another node may have cancelled it, or somebody signed it in between.
            Ok(_) | Err(Failed::Refused(_)) => done += 1,
            // A damaged row keeps no other loan from its end.
            Err(Failed::Store(StoreError::Corrupt(reason))) => {
                tracing::error!(loan.id = %id, reason, "a loan whose links have lapsed cannot be read; it stays");
            }
            Err(Failed::Store(error)) => return Err(error),
        }
    }
    Ok(done)
}

/// When the next offer or signing link lapses, in real time.
pub fn next_deadline(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, StoreError> {
    let (offer, link) = (store::offers::next_end(tx)?, store::loans::next_deadline(tx)?);
    Ok([offer, link].into_iter().flatten().min())
}
