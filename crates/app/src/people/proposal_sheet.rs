//! Everything that the second person must know about a proposal: who proposed it, for whom, and how its subject is now.

use domain::access::{Action, Proposal, ProposalState};
use domain::bank::Destination;
use domain::customer::CustomerFile;
use domain::id::{OperatorId, ProposalId};
use domain::loan::Loan;
use domain::time::RealTime;
use store::payments::RecordedPayment;
use store::{Failed, StoreError, Stored, Tx};

use super::proposals::{find, subject_id, version_of};
use crate::loans;
use crate::refused::NotFound;

/// A proposal with its circumstances.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The proposal.
    pub proposal: Proposal,
    /// Its state at the time of reading.
    pub state: ProposalState,
    /// The name of the first person.
    pub proposed_by: String,
    /// The name of the one who decided.
    pub decided_by: Option<String>,
    /// The name of the partner.
    pub partner: String,
    /// The customer.
    pub customer: CustomerFile,
    /// The loan or the payment that it concerns.
    pub subject: Subject,
    /// Whether the subject has changed since the proposal, so that nobody can approve it.
    pub is_stale: bool,
}

/// The subject of a proposal, as it is now.
#[derive(Debug, Clone)]
pub enum Subject {
    /// A loan that gets its money.
    Disbursement {
        /// The loan.
        loan: Box<Loan>,
        /// The destination of the money.
        destination: Destination,
    },
    /// A payment that is taken back.
    Reversal {
        /// The payment.
        payment: RecordedPayment,
        /// Its loan.
        loan: Box<Loan>,
    },
}

impl Sheet {
    /// The name under which the customer does business.
    pub fn customer_name(&self) -> Option<String> {
        self.customer.customer.registration.known_as().map(ToString::to_string)
    }
}

/// The sheet of a proposal.
pub fn sheet(tx: &mut Tx<'_>, now: RealTime, id: ProposalId) -> Result<Sheet, Failed<NotFound>> {
    let proposal = find(tx, id)?;
    let subject = subject(tx, &proposal)?;
    let customer = match &subject {
        Subject::Disbursement { loan, .. } | Subject::Reversal { loan, .. } => loan.customer,
    };
    let file = store::customers::find(tx, proposal.partner, customer)?.ok_or(StoreError::NotFound)?;
    let is_stale = version_of(tx, &proposal)? != proposal.subject_version || is_undone(&subject);
    let people: Vec<OperatorId> =
        [Some(proposal.proposed_by), proposal.decided_by].into_iter().flatten().collect();
    let mut names = store::operators::names(tx, &people)?;
    let partners = store::partners::names(tx, &[proposal.partner])?;
    Ok(Sheet {
        state: proposal.state_at(now),
        decided_by: proposal.decided_by.and_then(|id| names.get(&id).cloned()),
        proposed_by: names.remove(&proposal.proposed_by).unwrap_or_else(|| proposal.proposed_by.to_string()),
        partner: partners.get(&proposal.partner).cloned().unwrap_or_else(|| proposal.partner.to_string()),
        customer: file.into_value(),
        subject,
        is_stale,
        proposal,
    })
}

/// A payment has no version: its reversal is its only change.
fn is_undone(subject: &Subject) -> bool {
    match subject {
        Subject::Reversal { payment, .. } => payment.reversed_at.is_some(),
        Subject::Disbursement { .. } => false,
    }
}

fn subject(tx: &mut Tx<'_>, proposal: &Proposal) -> Result<Subject, StoreError> {
    let loan = |tx: &mut Tx<'_>, id| -> Result<Box<Loan>, StoreError> {
        let found = store::loans::find(tx, proposal.partner, id)?.map(Stored::into_value);
        found.map(Box::new).ok_or(StoreError::NotFound)
    };
    match proposal.action {
        Action::OrderDisbursement => {
            let loan = loan(tx, subject_id(&proposal.subject)?)?;
            let destination = loans::destination(tx, &loan)?;
            Ok(Subject::Disbursement { loan, destination })
        }
        Action::ReversePayment => {
            let payment = store::payments::find(tx, proposal.partner, subject_id(&proposal.subject)?)?;
            let payment = payment.ok_or(StoreError::NotFound)?;
            let loan = loan(tx, payment.loan)?;
            Ok(Subject::Reversal { payment, loan })
        }
    }
}
