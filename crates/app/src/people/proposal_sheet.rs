//! Everything that the second person must know about a proposal: who proposed it, for whom, and how its subject is now.

use domain::access::{Action, Operator, Proposal, ProposalState};
use domain::bank::Destination;
use domain::credit::Approval;
use domain::credit::policy::version::PolicyVersion;
use domain::customer::CustomerFile;
use domain::id::{CustomerId, OperatorId, ProposalId};
use domain::loan::Loan;
use domain::time::RealTime;
use store::payments::RecordedPayment;
use store::{Failed, StoreError, Stored, Tx};

use super::proposals::{Grounds, find, grounds_of, partner_of, subject_id, version_of, without_grounds};
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
    /// The name of the partner, if the subject belongs to one.
    pub partner: Option<String>,
    /// The customer, if it concerns one.
    pub customer: Option<CustomerFile>,
    /// Its subject.
    pub subject: Subject,
    /// Whether the subject has changed since the proposal, so that nobody can approve it.
    pub is_stale: bool,
}

/// The subject of a proposal, as it is now.
#[derive(Debug, Clone)]
pub enum Subject {
    /// The credit of a customer, which would be approved.
    Credit(Box<Approval>),
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
    /// A loan that is written off.
    WriteOff {
        /// The loan.
        loan: Box<Loan>,
        /// The reason.
        reason: String,
    },
    /// An operator who gets other roles.
    Roles(Box<Operator>),
    /// A version of the credit policy that comes into force.
    Policy(Box<PolicyVersion>),
    /// A customer whose people's data is erased.
    Erasure,
}

impl Sheet {
    /// The name under which the customer does business, or its id; or the name of the operator or the policy.
    pub fn name(&self) -> String {
        match (&self.subject, &self.customer) {
            (Subject::Roles(operator), _) => operator.name.clone(),
            (Subject::Policy(version), _) => version.name.clone(),
            (_, Some(file)) => {
                let known = file.customer.registration.known_as().map(ToString::to_string);
                known.unwrap_or_else(|| file.customer.id.to_string())
            }
            (_, None) => self.proposal.subject.clone(),
        }
    }
}

/// The sheet of a proposal.
pub fn sheet(tx: &mut Tx<'_>, now: RealTime, id: ProposalId) -> Result<Sheet, Failed<NotFound>> {
    let proposal = find(tx, id)?;
    let subject = subject(tx, &proposal)?;
    let is_stale = version_of(tx, &proposal)? != proposal.subject_version || is_undone(&subject);
    let people: Vec<OperatorId> =
        [Some(proposal.proposed_by), proposal.decided_by].into_iter().flatten().collect();
    let mut names = store::operators::names(tx, &people)?;
    let partners: Vec<_> = proposal.partner.into_iter().collect();
    let mut partners = store::partners::names(tx, &partners)?;
    Ok(Sheet {
        state: proposal.state_at(now),
        decided_by: proposal.decided_by.and_then(|id| names.get(&id).cloned()),
        proposed_by: names.remove(&proposal.proposed_by).unwrap_or_else(|| proposal.proposed_by.to_string()),
        partner: proposal.partner.map(|id| partners.remove(&id).unwrap_or_else(|| id.to_string())),
        customer: customer(tx, &proposal, &subject)?,
        subject,
        is_stale,
        proposal,
    })
}

/// The customer of a proposal's subject.
fn customer(
    tx: &mut Tx<'_>, proposal: &Proposal, subject: &Subject,
) -> Result<Option<CustomerFile>, StoreError> {
    let id: CustomerId = match subject {
        Subject::Credit(_) | Subject::Erasure => subject_id(&proposal.subject)?,
        Subject::Disbursement { loan, .. }
        | Subject::Reversal { loan, .. }
        | Subject::WriteOff { loan, .. } => loan.customer,
        Subject::Roles(_) | Subject::Policy(_) => return Ok(None),
    };
    let file = store::customers::find(tx, partner_of(proposal)?, id)?.ok_or(StoreError::NotFound)?;
    Ok(Some(file.into_value()))
}

/// A payment has no version: its reversal is its only change.
fn is_undone(subject: &Subject) -> bool {
    match subject {
        Subject::Reversal { payment, .. } => payment.reversed_at.is_some(),
        Subject::Credit(_)
        | Subject::Disbursement { .. }
        | Subject::WriteOff { .. }
        | Subject::Roles(_)
        | Subject::Policy(_)
        | Subject::Erasure => false,
    }
}

fn subject(tx: &mut Tx<'_>, proposal: &Proposal) -> Result<Subject, StoreError> {
    let id = proposal.subject.as_str();
    match proposal.action() {
        Action::ApproveCredit => match grounds_of(tx, proposal)? {
            Some(Grounds::Credit(approval)) => Ok(Subject::Credit(Box::new(approval))),
            Some(Grounds::WriteOff(_)) | None => Err(without_grounds(proposal)),
        },
        Action::WriteOff => match grounds_of(tx, proposal)? {
            Some(Grounds::WriteOff(reason)) => {
                Ok(Subject::WriteOff { loan: loan(tx, proposal, subject_id(id)?)?, reason })
            }
            Some(Grounds::Credit(_)) | None => Err(without_grounds(proposal)),
        },
        Action::OrderDisbursement | Action::PayAgain => {
            let loan = loan(tx, proposal, subject_id(id)?)?;
            let destination = loans::destination(tx, &loan)?;
            Ok(Subject::Disbursement { loan, destination })
        }
        Action::ReversePayment => {
            let payment = store::payments::find(tx, partner_of(proposal)?, subject_id(id)?)?;
            let payment = payment.ok_or(StoreError::NotFound)?;
            let loan = loan(tx, proposal, payment.loan)?;
            Ok(Subject::Reversal { payment, loan })
        }
        Action::ChangeRoles => {
            let operator = store::operators::find(tx, subject_id(id)?)?.ok_or(StoreError::NotFound)?;
            Ok(Subject::Roles(Box::new(operator.into_value())))
        }
        Action::AdoptPolicy => {
            let version = store::policies::find(tx, subject_id(id)?)?.ok_or(StoreError::NotFound)?;
            Ok(Subject::Policy(Box::new(version.into_value())))
        }
        Action::EraseCustomer => Ok(Subject::Erasure),
    }
}

fn loan(tx: &mut Tx<'_>, proposal: &Proposal, id: domain::id::LoanId) -> Result<Box<Loan>, StoreError> {
    let found = store::loans::find(tx, partner_of(proposal)?, id)?.map(Stored::into_value);
    found.map(Box::new).ok_or(StoreError::NotFound)
}
