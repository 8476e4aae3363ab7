//! Decisions that need a second person.
//!
//! A use case of [`Action`](domain::access::Action) either runs at once, or it becomes a proposal that another operator
//! approves ([`super::proposing`]). The approval runs the use case in its own commit. So every caller obeys the same
//! rule: the operators' API and the console. The sandbox's autopilot is exempt and calls the use cases themselves.
//!
//! Reasons: docs/decisions/0024.

use domain::access::{Action, Decider, NotDecided, Proposal, ProposalState, Proposed};
use domain::actor::Actor;
use domain::id::{OperatorId, PartnerId, ProposalId};
use domain::page::Page;
use domain::time::RealTime;
pub use store::proposal_grounds::Grounds;
use store::{Cursor, Failed, StoreError, Stored, Tx};

use super::operators::{self, ChangeRolesRefused};
use super::proposing::expire;
pub use super::proposing::{
    Created, OrderMoney, Outcome, ProposeRefused, Proposer, adopt_policy, change_roles, create_operator,
    decide_credit, erase_customer, invite_person, order_disbursement, pay_again, reverse_payment,
    write_off as write_loan_off,
};
use crate::clock;
use crate::credit::policies::{self, AdoptRefused};
use crate::credit::{self, Authority, Decide};
use crate::customers::registry::CompanyRegistry;
use crate::lender::Lender;
use crate::loans::{self, StepRefused};
use crate::payments::{self, ReverseRefused, WriteLoanOff, WriteOffRefused};
use crate::personal_data::{self, EraseRefused};
use crate::refused::{ListRefused, NotFound, not_found_in, page_or_refused};

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

/// The grounds of a proposal, if its action has some.
pub fn grounds_of(tx: &mut Tx<'_>, proposal: &Proposal) -> Result<Option<Grounds>, StoreError> {
    match (proposal.action(), proposal.partner) {
        (Action::ApproveCredit | Action::WriteOff, Some(partner)) => {
            store::proposal_grounds::find(tx, partner, proposal.id)
        }
        (
            Action::ApproveCredit
            | Action::OrderDisbursement
            | Action::PayAgain
            | Action::ReversePayment
            | Action::WriteOff
            | Action::ChangeRoles
            | Action::AdoptPolicy
            | Action::EraseCustomer,
            Some(_) | None,
        ) => Ok(None),
    }
}

/// The reason why a proposal was not decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecideRefused {
    /// There is no such proposal.
    NotFound,
    /// The proposal refuses the decision.
    NotDecided(NotDecided),
    /// The approval of credit is refused now.
    Credit(credit::DecideRefused),
    /// The disbursement is refused now.
    Disbursement(StepRefused),
    /// The reversal is refused now.
    Reversal(ReverseRefused),
    /// The write-off is refused now.
    WriteOff(WriteOffRefused),
    /// The change of roles is refused now.
    Roles(ChangeRolesRefused),
    /// The adoption of a policy is refused now.
    Policy(AdoptRefused),
    /// The erasure is refused now.
    Erasure(EraseRefused),
}

not_found_in!(DecideRefused);

/// The lender's rules, under which an approval does what it approves.
#[derive(Debug, Clone, Copy)]
pub struct House<'a> {
    /// The lender.
    pub lender: &'a Lender,
    /// The company registry.
    pub registry: CompanyRegistry,
}

/// Approves a proposal and does what it proposes, in one commit.
pub fn approve(
    tx: &mut Tx<'_>, real: RealTime, id: ProposalId, by: Decider<'_>, note: Option<String>, house: House<'_>,
) -> Result<Proposal, Failed<DecideRefused>> {
    let proposal = stored(tx, id).map_err(|failed| failed.map_refused(DecideRefused::from))?;
    let version = version_of(tx, &proposal)?;
    let approved = proposal
        .change(|proposal| proposal.approve(by, version, note, real))
        .map_err(|refused| Failed::Refused(DecideRefused::NotDecided(refused)))?;
    let approved = store::proposals::save(tx, approved)?.into_value();
    run(tx, real, &approved, by, house)?;
    Ok(approved)
}

/// Does what an approved proposal proposes.
fn run(
    tx: &mut Tx<'_>, real: RealTime, approved: &Proposal, by: Decider<'_>, house: House<'_>,
) -> Result<(), Failed<DecideRefused>> {
    let subject = approved.subject.as_str();
    let actor = Actor::Operator(by.operator);
    match &approved.proposed {
        Proposed::ApproveCredit => approve_credit(tx, real, approved, by, house),
        proposed @ (Proposed::OrderDisbursement | Proposed::PayAgain) => {
            let (tenant, loan) = (partner_of(approved)?, subject_id(subject)?);
            let now = clock::at(tx, tenant, real)?;
            let order =
                if *proposed == Proposed::PayAgain { loans::pay_again } else { loans::start_disbursement };
            let ordered = order(tx, tenant, now, loan);
            ordered.map(drop).map_err(|failed| failed.map_refused(DecideRefused::Disbursement))
        }
        Proposed::ReversePayment => {
            let (tenant, payment) = (partner_of(approved)?, subject_id(subject)?);
            let now = clock::at(tx, tenant, real)?;
            let reversed = payments::reverse(tx, tenant, now, payment, actor, &house.lender.book.in_force());
            reversed.map(drop).map_err(|failed| failed.map_refused(DecideRefused::Reversal))
        }
        Proposed::WriteOff => write_off(tx, real, approved, by, house),
        Proposed::ChangeRoles(roles) => {
            let changed = operators::change_roles(tx, subject_id(subject)?, roles.clone());
            changed.map(drop).map_err(|failed| failed.map_refused(DecideRefused::Roles))
        }
        Proposed::AdoptPolicy => {
            let adopted = policies::adopt(tx, real, subject_id(subject)?, by.operator);
            adopted.map(drop).map_err(|failed| failed.map_refused(DecideRefused::Policy))
        }
        Proposed::EraseCustomer => {
            let (tenant, customer) = (partner_of(approved)?, subject_id(subject)?);
            let (now, years) = (clock::at(tx, tenant, real)?, house.lender.lifetimes.borrower_years);
            let erased = personal_data::erase(tx, tenant, (now, real), customer, actor, years);
            erased.map(drop).map_err(|failed| failed.map_refused(DecideRefused::Erasure))
        }
    }
}

/// Records the approval of credit. The decision is that of the second person, whose limit is enough.
fn approve_credit(
    tx: &mut Tx<'_>, real: RealTime, approved: &Proposal, by: Decider<'_>, house: House<'_>,
) -> Result<(), Failed<DecideRefused>> {
    let tenant = partner_of(approved)?;
    let Some(Grounds::Credit(approval)) = grounds_of(tx, approved)? else {
        return Err(Failed::Store(without_grounds(approved)));
    };
    let authority = Authority {
        actor: Actor::Operator(by.operator),
        limits: by.grants.limits,
        registry: house.registry,
        offer_lifetime: house.lender.lifetimes.offer,
    };
    let command = Decide::of(subject_id(&approved.subject)?, approval, approved.subject_version);
    let now = clock::at(tx, tenant, real)?;
    let decided = credit::decide(tx, tenant, now, &command, &authority);
    decided.map(drop).map_err(|failed| failed.map_refused(DecideRefused::Credit))
}

/// Writes the loan off, within the limit of the second person.
fn write_off(
    tx: &mut Tx<'_>, real: RealTime, approved: &Proposal, by: Decider<'_>, house: House<'_>,
) -> Result<(), Failed<DecideRefused>> {
    let tenant = partner_of(approved)?;
    let Some(Grounds::WriteOff(reason)) = grounds_of(tx, approved)? else {
        return Err(Failed::Store(without_grounds(approved)));
    };
    let command = WriteLoanOff {
        loan: subject_id(&approved.subject)?,
        reason,
        limit: by.grants.limits.largest_waiver,
        actor: Actor::Operator(by.operator),
    };
    let now = clock::at(tx, tenant, real)?;
    let written = payments::write_off(tx, tenant, now, &command, &house.lender.book.in_force());
    written.map(drop).map_err(|failed| failed.map_refused(DecideRefused::WriteOff))
}

pub(super) fn without_grounds(proposal: &Proposal) -> StoreError {
    StoreError::Corrupt(format!("the proposal {} has no grounds", proposal.id))
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

fn stored(tx: &mut Tx<'_>, id: ProposalId) -> Result<Stored<Proposal>, Failed<NotFound>> {
    store::proposals::find(tx, id)?.ok_or(Failed::Refused(NotFound))
}

/// The present version of a proposal's subject.
pub(super) fn version_of(tx: &mut Tx<'_>, proposal: &Proposal) -> Result<i64, StoreError> {
    let subject = proposal.subject.as_str();
    match proposal.action() {
        Action::ApproveCredit => store::credit::count(tx, partner_of(proposal)?, subject_id(subject)?),
        Action::OrderDisbursement | Action::PayAgain | Action::WriteOff => {
            let loan = store::loans::find(tx, partner_of(proposal)?, subject_id(subject)?)?;
            Ok(loan.ok_or(StoreError::NotFound)?.version())
        }
        // A payment changes only by its reversal, which the use case itself refuses to do twice.
        Action::ReversePayment => Ok(proposal.subject_version),
        Action::ChangeRoles => {
            let operator = store::operators::find(tx, subject_id(subject)?)?;
            Ok(operator.ok_or(StoreError::NotFound)?.version())
        }
        Action::AdoptPolicy => policies::last_adopted(tx),
        Action::EraseCustomer => {
            let file = store::customers::find(tx, partner_of(proposal)?, subject_id(subject)?)?;
            Ok(file.ok_or(StoreError::NotFound)?.version())
        }
    }
}

/// The partner of a proposal whose subject belongs to one.
pub(super) fn partner_of(proposal: &Proposal) -> Result<PartnerId, StoreError> {
    let missing = || StoreError::Corrupt(format!("the proposal {} has no partner", proposal.id));
    proposal.partner.ok_or_else(missing)
}

pub(super) fn subject_id<I: domain::id::ResourceId>(subject: &str) -> Result<I, StoreError> {
    subject.parse().map_err(|_| StoreError::Corrupt(format!("the subject {subject} of a proposal")))
}
