//! The creation of a loan from a simulation.

use domain::customer::CustomerState;
use domain::id::{LoanId, OfferId, PartnerId, SimulationId};
use domain::loan::{Loan, Opening};
use domain::money::Cents;
use domain::offer::{Lapsed, OfferState};
use domain::simulation::Simulation;
use domain::time::{Date, Timestamp};
use store::Failed;
use store::{StoreError, Tx};

use crate::contracts;
use crate::lender::Lender;

/// A loan to make, with the figures that the customer saw.
#[derive(Debug, Clone, Copy)]
pub struct CreateLoan {
    /// The offer to accept.
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

impl CreateLoan {
    /// A loan with the figures of a simulation.
    pub fn of(simulation: &Simulation) -> Self {
        let quote = &simulation.quote;
        Self {
            offer: simulation.offer,
            simulation: simulation.id,
            installments: quote.installments(),
            installment: quote.installment,
            first_due: quote.first_due(),
        }
    }
}

/// The first field of a command that does not repeat the offer's newest simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mismatch {
    /// The simulation is not the newest one.
    Simulation,
    /// The number of installments differs.
    Installments,
    /// The amount of an installment differs.
    Installment,
    /// The first due date differs.
    FirstDue,
}

/// The reason why a loan was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateLoanRefused {
    /// There is no such offer.
    NotFound,
    /// The customer has not passed KYC.
    KycIncomplete,
    /// The offer's validity has passed.
    OfferExpired,
    /// A loan has accepted the offer.
    OfferAccepted {
        /// The loan.
        loan: LoanId,
    },
    /// What the command repeats is not the offer's newest simulation.
    SimulationMismatch(Mismatch),
    /// The simulation's validity has passed.
    SimulationExpired,
}

/// Makes a loan: accepts the offer, generates the contract and asks for signatures, in one transaction.
pub fn create(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, command: &CreateLoan, lender: &Lender,
) -> Result<Loan, Failed<CreateLoanRefused>> {
    use CreateLoanRefused as Refused;
    let offer = store::offers::find(tx, tenant, command.offer)?;
    let offer = offer.ok_or(Failed::Refused(Refused::NotFound))?;
    match (offer.state, offer.lapsed(now)) {
        (OfferState::Accepted { loan }, _) => return Err(Failed::Refused(Refused::OfferAccepted { loan })),
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
    let simulation = newest.ok_or(Failed::Refused(Refused::SimulationMismatch(Mismatch::Simulation)))?;
    check_simulation(&simulation, command, now).map_err(Failed::Refused)?;
    let sign_by = now.plus(lender.lifetimes.signing_link);
    let opening = Opening::of(tx.new_id(now), &file.customer, &simulation, sign_by);
    // The year's number serializes the loans of all partners until their commits. So it is taken as late as possible:
    // the statements after it need no answers.
    let number = store::loans::next_ccb_number(tx, now.business_date().year())?;
    let accepted = offer.change(|offer| offer.accept(opening.id, now)).map_err(StoreError::from)?;
    let offer = store::offers::save(tx, accepted)?;
    store::simulations::take(tx, &simulation)?;
    let loan = Loan::open(&opening, now)
        .then(|loan| loan.issue(number, || contracts::new_link(tx), now))
        .map_err(StoreError::from)?;
    let loan = store::loans::insert(tx, loan)?;
    contracts::issue(tx, now, &loan, &file.customer.registration, &offer.terms, lender)?;
    Ok(loan.into_value())
}

fn check_simulation(
    simulation: &Simulation, command: &CreateLoan, now: Timestamp,
) -> Result<(), CreateLoanRefused> {
    let quote = &simulation.quote;
    let repeated = [
        (simulation.id == command.simulation, Mismatch::Simulation),
        (quote.installments() == command.installments, Mismatch::Installments),
        (quote.installment == command.installment, Mismatch::Installment),
        (quote.first_due() == command.first_due, Mismatch::FirstDue),
    ];
    if let Some((_, mismatch)) = repeated.into_iter().find(|(same, _)| !same) {
        return Err(CreateLoanRefused::SimulationMismatch(mismatch));
    }
    if now > simulation.valid_until { Err(CreateLoanRefused::SimulationExpired) } else { Ok(()) }
}
