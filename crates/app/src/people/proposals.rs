//! Decisions that need a second person.
//!
//! A use case of [`Action`] either runs at once, or it becomes a proposal that another operator approves. The approval
//! runs the use case in its own commit. So every caller obeys the same rule: the operators' API and the console. The
//! sandbox's autopilot is exempt and calls the use cases themselves.
//!
//! Reasons: docs/decisions/0024.

use domain::access::{Action, Decider, FourEyes, NewProposal, NotDecided, Proposal, ProposalState};
use domain::actor::Actor;
use domain::id::{CustomerId, LoanId, OperatorId, PartnerId, PaymentId, ProposalId};
use domain::loan::Loan;
use domain::money::Cents;
use domain::page::Page;
use domain::time::{RealTime, Timestamp};
use store::payments::RecordedPayment;
use store::{Cursor, Failed, StoreError, Stored, Tx};

use crate::clock;
use crate::lender::Lender;
use crate::loans::{self, StepRefused};
use crate::payments::{self, ReverseRefused};
use crate::refused::{ListRefused, NotFound, not_found_in, page_or_refused};

/// The operator who wants a decision, and whether it needs another one.
#[derive(Debug, Clone, Copy)]
pub struct Proposer {
    /// The operator.
    pub operator: OperatorId,
    /// The rule.
    pub four_eyes: FourEyes,
    /// The real time.
    pub now: RealTime,
}

/// The outcome of a use case that may need a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<T> {
    /// It is done.
    Done(T),
    /// It waits for a second person.
    Proposed(Proposal),
}

/// The reason why something was not proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProposeRefused<R> {
    /// The use case itself would be refused.
    UseCase(R),
    /// The same is proposed already.
    Proposed(ProposalId),
}

impl<R: From<NotFound>> From<NotFound> for ProposeRefused<R> {
    fn from(missing: NotFound) -> Self {
        Self::UseCase(missing.into())
    }
}

/// Orders the disbursement of a signed loan, or proposes it.
pub fn order_disbursement(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: LoanId, by: &Proposer,
) -> Result<Outcome<Loan>, Failed<ProposeRefused<StepRefused>>> {
    if by.four_eyes == FourEyes::Off {
        let ordered = loans::start_disbursement(tx, tenant, now, id);
        return ordered.map(Outcome::Done).map_err(not_possible);
    }
    let loan = loans::disbursable(tx, tenant, now, id).map_err(not_possible)?;
    let subject = Subject {
        partner: tenant,
        id: loan.id.to_string(),
        version: loan.version(),
        amount: loan.quote.net,
        customer: loan.customer,
    };
    propose(tx, Action::OrderDisbursement, subject, by)
}

/// Reverses a payment, or proposes it.
pub fn reverse_payment(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: PaymentId, by: &Proposer, lender: &Lender,
) -> Result<Outcome<RecordedPayment>, Failed<ProposeRefused<ReverseRefused>>> {
    if by.four_eyes == FourEyes::Off {
        let actor = Actor::Operator(by.operator);
        let reversed = payments::reverse(tx, tenant, now, id, actor, &lender.book);
        return reversed.map(Outcome::Done).map_err(not_possible);
    }
    let recorded = payments::reversible(tx, tenant, id).map_err(not_possible)?;
    // A payment changes only by its reversal, which the use case itself refuses to do twice.
    let subject = Subject {
        partner: tenant,
        id: id.to_string(),
        version: 0,
        amount: recorded.payment.amount,
        customer: store::loans::borrower(tx, tenant, recorded.loan)?,
    };
    propose(tx, Action::ReversePayment, subject, by)
}

/// The refusal of the use case itself.
fn not_possible<R>(failed: Failed<R>) -> Failed<ProposeRefused<R>> {
    failed.map_refused(ProposeRefused::UseCase)
}

/// The subject of a proposal, as the proposer saw it.
struct Subject {
    partner: PartnerId,
    id: String,
    version: i64,
    amount: Cents,
    customer: CustomerId,
}

fn propose<T, R>(
    tx: &mut Tx<'_>, action: Action, subject: Subject, by: &Proposer,
) -> Result<Outcome<T>, Failed<ProposeRefused<R>>> {
    if let Some(waiting) = store::proposals::waiting_for(tx, &subject.id, action)? {
        if waiting.state_at(by.now) == ProposalState::Proposed {
            return Err(Failed::Refused(ProposeRefused::Proposed(waiting.id)));
        }
        expire(tx, waiting, by.now)?;
    }
    let Subject { partner, id, version, amount, customer } = subject;
    let new = NewProposal {
        id: tx.new_id(by.now),
        action,
        partner,
        subject: id,
        subject_version: version,
        amount,
        proposed_by: by.operator,
    };
    Ok(Outcome::Proposed(store::proposals::insert(tx, Proposal::propose(new, by.now), customer)?))
}

/// A proposal.
pub fn find(tx: &mut Tx<'_>, id: ProposalId) -> Result<Proposal, Failed<NotFound>> {
    Ok(stored(tx, id)?.into_value())
}

/// A page of the proposals, of one state or of all.
pub fn list(
    tx: &mut Tx<'_>, state: Option<ProposalState>, cursor: &Cursor<ProposalId>,
) -> Result<Page<Proposal>, Failed<ListRefused>> {
    page_or_refused(store::proposals::list(tx, state, cursor)?)
}

/// The reason why a proposal was not decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecideRefused {
    /// There is no such proposal.
    NotFound,
    /// The proposal refuses the decision.
    NotDecided(NotDecided),
    /// The disbursement is refused now.
    Disbursement(StepRefused),
    /// The reversal is refused now.
    Reversal(ReverseRefused),
}

not_found_in!(DecideRefused);

/// Approves a proposal and does what it proposes, in one commit.
pub fn approve(
    tx: &mut Tx<'_>, real: RealTime, id: ProposalId, by: Decider<'_>, note: Option<String>, lender: &Lender,
) -> Result<Proposal, Failed<DecideRefused>> {
    let proposal = stored(tx, id).map_err(|failed| failed.map_refused(DecideRefused::from))?;
    let (action, tenant, subject) = (proposal.action, proposal.partner, proposal.subject.clone());
    let version = version_of(tx, &proposal)?;
    let approved = proposal
        .change(|proposal| proposal.approve(by, version, note, real))
        .map_err(|refused| Failed::Refused(DecideRefused::NotDecided(refused)))?;
    let approved = store::proposals::save(tx, approved)?.into_value();
    let now = clock::at(tx, tenant, real)?;
    match action {
        Action::OrderDisbursement => {
            let loan = subject_id(&subject)?;
            loans::start_disbursement(tx, tenant, now, loan)
                .map_err(|failed| failed.map_refused(DecideRefused::Disbursement))?;
        }
        Action::ReversePayment => {
            let (payment, actor) = (subject_id(&subject)?, Actor::Operator(by.operator));
            payments::reverse(tx, tenant, now, payment, actor, &lender.book)
                .map_err(|failed| failed.map_refused(DecideRefused::Reversal))?;
        }
    }
    Ok(approved)
}

/// Rejects a proposal. Nothing else happens.
pub fn reject(
    tx: &mut Tx<'_>, real: RealTime, id: ProposalId, by: Decider<'_>, note: Option<String>,
) -> Result<Proposal, Failed<DecideRefused>> {
    decide(tx, id, |proposal| proposal.reject(by, note, real))
}

/// Takes back one's own proposal.
pub fn withdraw(
    tx: &mut Tx<'_>, real: RealTime, id: ProposalId, by: OperatorId, note: Option<String>,
) -> Result<Proposal, Failed<DecideRefused>> {
    decide(tx, id, |proposal| proposal.withdraw(by, note, real))
}

fn decide(
    tx: &mut Tx<'_>, id: ProposalId,
    command: impl FnOnce(Proposal) -> Result<domain::closed::Changed<Proposal>, NotDecided>,
) -> Result<Proposal, Failed<DecideRefused>> {
    let proposal = stored(tx, id).map_err(|failed| failed.map_refused(DecideRefused::from))?;
    let decided =
        proposal.change(command).map_err(|refused| Failed::Refused(DecideRefused::NotDecided(refused)))?;
    Ok(store::proposals::save(tx, decided)?.into_value())
}

/// Ends some proposals whose time is over; returns their number.
pub fn expire_overdue(tx: &mut Tx<'_>, now: RealTime) -> Result<usize, StoreError> {
    let overdue = store::proposals::waiting_since(tx, now.minus(Proposal::VALIDITY))?;
    let number = overdue.len();
    for proposal in overdue {
        expire(tx, proposal, now)?;
    }
    Ok(number)
}

fn expire(tx: &mut Tx<'_>, proposal: Stored<Proposal>, now: RealTime) -> Result<(), StoreError> {
    let expired = proposal.change(|proposal| proposal.expire(now)).map_err(StoreError::from)?;
    store::proposals::save(tx, expired).map(drop)
}

fn stored(tx: &mut Tx<'_>, id: ProposalId) -> Result<Stored<Proposal>, Failed<NotFound>> {
    store::proposals::find(tx, id)?.ok_or(Failed::Refused(NotFound))
}

/// The present version of a proposal's subject.
pub(super) fn version_of(tx: &mut Tx<'_>, proposal: &Proposal) -> Result<i64, StoreError> {
    match proposal.action {
        Action::OrderDisbursement => {
            let loan = store::loans::find(tx, proposal.partner, subject_id(&proposal.subject)?)?;
            Ok(loan.ok_or(StoreError::NotFound)?.version())
        }
        Action::ReversePayment => Ok(proposal.subject_version),
    }
}

pub(super) fn subject_id<I: domain::id::ResourceId>(subject: &str) -> Result<I, StoreError> {
    subject.parse().map_err(|_| StoreError::Corrupt(format!("the subject {subject} of a proposal")))
}
