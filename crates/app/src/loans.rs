//! Loans from the accepted simulation to the disbursed money.

use domain::actor::Actor;
use domain::bank::Destination;
use domain::customer::{Customer, CustomerState};
use domain::event::Happening;
use domain::id::{LoanId, OfferId, PartnerId, SimulationId, TransactionId};
use domain::loan::{CcbNumber, Failure, Loan, LoanEvent, LoanInput, LoanSheet, Transaction};
use domain::money::Cents;
use domain::offer::{Lapsed, OfferInput, OfferState};
use domain::page::{Limit, Page};
use domain::simulation::Simulation;
use domain::time::{Date, Timestamp};
use store::loans::LoanFilter;
use store::{Cursor, StoreError, Tx};

use super::{
    Failed, Lender, ListRefused, NotFound, clock, contracts, ledger, letters, offers, page_or_refused,
};

/// A loan asked for, with the figures that the customer has seen.
#[derive(Debug, Clone, Copy)]
pub struct CreateLoan {
    /// The offer to take.
    pub offer: OfferId,
    /// Its newest simulation.
    pub simulation: SimulationId,
    /// The simulation's number of installments.
    pub installments: u16,
    /// The simulation's installment.
    pub installment: Cents,
    /// The simulation's first due date.
    pub first_due: Date,
}

/// Why a loan was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateLoanRefused {
    /// The offer is not there.
    NotFound,
    /// The customer has not passed KYC.
    KycIncomplete,
    /// The offer's validity has passed.
    OfferExpired,
    /// A loan has taken the offer.
    OfferAccepted,
    /// Not the newest simulation of the offer, or other figures.
    SimulationMismatch,
    /// The simulation's validity has passed.
    SimulationExpired,
}

/// Makes a loan: takes the offer, generates the contract and asks for signatures, in one transaction.
pub fn create(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    command: &CreateLoan,
    lender: &Lender,
) -> Result<Loan, Failed<CreateLoanRefused>> {
    use CreateLoanRefused as Refused;
    let offer = store::offers::find(tx, tenant, command.offer)?;
    let mut offer = offer.ok_or(Failed::Refused(Refused::NotFound))?;
    match (offer.state, offer.lapsed(now)) {
        (OfferState::Accepted { .. }, _) => return Err(Failed::Refused(Refused::OfferAccepted)),
        (OfferState::Expired, _) | (OfferState::Available, Lapsed::Yes) => {
            return Err(Failed::Refused(Refused::OfferExpired));
        }
        (OfferState::Available, Lapsed::No) => {}
    }
    let file = store::customers::find(tx, tenant, offer.customer)?;
    let file = file.ok_or(Failed::Refused(Refused::NotFound))?;
    if file.customer.state != CustomerState::Active {
        return Err(Failed::Refused(Refused::KycIncomplete));
    }
    let newest = store::simulations::newest(tx, tenant, offer.id)?;
    let simulation = newest.ok_or(Failed::Refused(Refused::SimulationMismatch))?;
    check_simulation(&simulation, command, now).map_err(Failed::Refused)?;
    let id = tx.new_id(now);
    let sign_by = now.plus(lender.lifetimes.signing_link);
    let Customer { subjects, registration, .. } = &file.customer;
    let mut loan =
        Loan::open(id, offer.customer, &simulation, subjects, registration.email.as_ref(), now, sign_by);
    // Loans of all partners take turns on the year's number until they commit, so it is taken as late as it can be: of what
    // follows, the script needs no answers.
    let number = store::loans::next_ccb_number(tx, now.business_date().year())?;
    let mut told = offers::step(tx, now, &mut offer, OfferInput::Accept { loan: loan.id })?;
    store::simulations::take(tx, &simulation)?;
    told.extend(open_for_signature(tx, &mut loan, number, now)?);
    store::loans::insert(tx, &loan)?;
    contracts::issue(tx, now, &loan, (registration, &offer.terms), lender)?;
    store::outbox::append(tx, tenant, now, told)?;
    Ok(loan)
}

fn check_simulation(
    simulation: &Simulation,
    command: &CreateLoan,
    now: Timestamp,
) -> Result<(), CreateLoanRefused> {
    let quote = &simulation.quote;
    let same = simulation.id == command.simulation
        && quote.installments() == command.installments
        && quote.installment == command.installment
        && quote.first_due() == command.first_due;
    if !same {
        return Err(CreateLoanRefused::SimulationMismatch);
    }
    if now > simulation.valid_until { Err(CreateLoanRefused::SimulationExpired) } else { Ok(()) }
}

/// Numbers the contract and asks for signatures; returns the loan's first three events.
fn open_for_signature(
    tx: &mut Tx<'_>,
    loan: &mut Loan,
    number: CcbNumber,
    now: Timestamp,
) -> Result<Vec<Happening>, StoreError> {
    let mut told = vec![happened(LoanEvent::Created, loan)];
    loan.ccb_number = Some(number);
    contracts::give_links(tx, loan);
    told.extend(step(loan, &LoanInput::ContractGenerated, now)?);
    let required = u16::try_from(loan.signers.len()).expect("a loan has a handful of signers");
    told.extend(step(loan, &LoanInput::SignaturesRequested { required }, now)?);
    Ok(told)
}

/// An event of a loan as it is now.
pub(super) fn happened(event: LoanEvent, loan: &Loan) -> Happening {
    Happening::Loan(event, Box::new(loan.into()))
}

/// One step within a use case that has checked the state before; a refusal here is a defect.
pub(super) fn step(loan: &mut Loan, input: &LoanInput, now: Timestamp) -> Result<Vec<Happening>, StoreError> {
    let events = loan.advance(input, now).map_err(|illegal| StoreError::Corrupt(illegal.to_string()))?;
    Ok(events.into_iter().map(|event| happened(event, loan)).collect())
}

/// The partner's loan.
pub fn find(tx: &mut Tx<'_>, tenant: PartnerId, id: LoanId) -> Result<Loan, Failed<NotFound>> {
    store::loans::find(tx, tenant, id)?.ok_or(Failed::Refused(NotFound))
}

/// A loan of any partner, for operators.
pub fn find_of_any(tx: &mut Tx<'_>, id: LoanId) -> Result<Loan, Failed<NotFound>> {
    store::loans::find_of_any(tx, id)?.ok_or(Failed::Refused(NotFound))
}

/// The partner's loan as answers show it.
pub fn sheet(tx: &mut Tx<'_>, tenant: PartnerId, id: LoanId) -> Result<LoanSheet, Failed<NotFound>> {
    store::loans::sheet(tx, tenant, id)?.ok_or(Failed::Refused(NotFound))
}

/// A page of loans, of all partners where the filter names none.
pub fn list(
    tx: &mut Tx<'_>,
    filter: &LoanFilter,
    cursor: &Cursor<LoanId>,
) -> Result<Page<Loan>, Failed<ListRefused>> {
    page_or_refused(store::loans::list(tx, filter, cursor)?)
}

/// A page of a loan's installments in due-date order.
pub fn transactions(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    id: LoanId,
    after: Option<TransactionId>,
    limit: Limit,
) -> Result<Page<Transaction>, Failed<ListRefused>> {
    if !store::loans::exists(tx, tenant, id)? {
        return Err(Failed::Refused(ListRefused::NotFound));
    }
    page_or_refused(store::transactions::list(tx, tenant, id, after, limit)?)
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
pub(super) fn destination(tx: &mut Tx<'_>, loan: &Loan) -> Result<Destination, StoreError> {
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
    letters::disbursed(tx, now, &loan, lender)?;
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
