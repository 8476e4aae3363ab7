//! The use cases that run at once or become a proposal.

use domain::access::{FourEyes, NewProposal, Operator, Proposal, ProposalState, Proposed, RoleNames};
use domain::actor::Actor;
use domain::credit::Decision;
use domain::credit::policy::version::PolicyVersion;
use domain::id::{CustomerId, LoanId, OperatorId, PartnerId, PaymentId, PolicyVersionId, ProposalId};
use domain::loan::Loan;
use domain::loan::rates::RateBook;
use domain::money::Cents;
use domain::time::{RealTime, Timestamp};
use store::payments::RecordedPayment;
use store::proposal_grounds::Grounds;
use store::{Failed, StoreError, Stored, Tx};

use super::invitations::{self, Invite, InviteRefused};
use super::operators::{self, ChangeRolesRefused, CreateOperator};
use crate::credit::policies::{self, AdoptRefused};
use crate::credit::{self, Authority, Decide};
use crate::lender::Lender;
use crate::loans::{self, StepRefused};
use crate::payments::{self, ReverseRefused, WriteLoanOff, WriteOffRefused};
use crate::personal_data::{self, EraseRefused, Erasure};
use crate::refused::NotFound;

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
    Proposed(Box<Proposal>),
}

impl<T> Outcome<T> {
    fn proposed(proposal: Proposal) -> Self {
        Self::Proposed(Box::new(proposal))
    }
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

/// A use case that orders money to leave, or proposes it: [`order_disbursement`] or [`pay_again`].
pub type OrderMoney = fn(
    &mut Tx<'_>,
    PartnerId,
    Timestamp,
    LoanId,
    &Proposer,
) -> Result<Outcome<Loan>, Failed<ProposeRefused<StepRefused>>>;

/// Orders the disbursement of a signed loan, or proposes it.
pub fn order_disbursement(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: LoanId, by: &Proposer,
) -> Result<Outcome<Loan>, Failed<ProposeRefused<StepRefused>>> {
    if by.four_eyes == FourEyes::Off {
        let ordered = loans::start_disbursement(tx, tenant, now, id);
        return ordered.map(Outcome::Done).map_err(not_possible);
    }
    let loan = loans::disbursable(tx, tenant, now, id).map_err(not_possible)?;
    propose_order(tx, Proposed::OrderDisbursement, &loan, by)
}

/// Orders a disbursement again that the bank returned, or proposes it.
pub fn pay_again(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: LoanId, by: &Proposer,
) -> Result<Outcome<Loan>, Failed<ProposeRefused<StepRefused>>> {
    if by.four_eyes == FourEyes::Off {
        let ordered = loans::pay_again(tx, tenant, now, id);
        return ordered.map(Outcome::Done).map_err(not_possible);
    }
    let loan = loans::payable_again(tx, tenant, now, id).map_err(not_possible)?;
    propose_order(tx, Proposed::PayAgain, &loan, by)
}

fn propose_order(
    tx: &mut Tx<'_>, proposed: Proposed, loan: &Stored<Loan>, by: &Proposer,
) -> Result<Outcome<Loan>, Failed<ProposeRefused<StepRefused>>> {
    let subject = Subject {
        partner: Some(loan.partner),
        id: loan.id.to_string(),
        version: loan.version(),
        amount: Some(loan.quote.net),
        customer: Some(loan.customer),
    };
    propose(tx, proposed, subject, by).map(Outcome::proposed)
}

/// Reverses a payment, or proposes it.
pub fn reverse_payment(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: PaymentId, by: &Proposer, lender: &Lender,
) -> Result<Outcome<RecordedPayment>, Failed<ProposeRefused<ReverseRefused>>> {
    if by.four_eyes == FourEyes::Off {
        let actor = Actor::Operator(by.operator);
        let reversed = payments::reverse(tx, tenant, now, id, actor, &lender.book.in_force());
        return reversed.map(Outcome::Done).map_err(not_possible);
    }
    let recorded = payments::reversible(tx, tenant, id).map_err(not_possible)?;
    let subject = Subject {
        partner: Some(tenant),
        id: id.to_string(),
        version: 0,
        amount: Some(recorded.payment.amount),
        customer: Some(store::loans::borrower(tx, tenant, recorded.loan)?),
    };
    propose(tx, Proposed::ReversePayment, subject, by).map(Outcome::proposed)
}

/// Records an operator's decision on a customer's credit. An approval above the limit of the operator's roles is
/// proposed to somebody with a larger limit.
pub fn decide_credit(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, command: &Decide,
    (by, authority): (&Proposer, &Authority),
) -> Result<Outcome<Decision>, Failed<ProposeRefused<credit::DecideRefused>>> {
    if by.four_eyes == FourEyes::Off || !command.is_above(authority.limits) {
        return credit::decide(tx, tenant, now, command, authority).map(Outcome::Done).map_err(not_possible);
    }
    let found = credit::decidable(tx, tenant, now, command, authority).map_err(not_possible)?;
    let (Some(approval), Some(terms)) = (command.approval(), found.terms()) else {
        return Err(Failed::Store(StoreError::Defect("a refusal of credit has no limit".to_owned())));
    };
    let subject = Subject {
        partner: Some(tenant),
        id: command.customer.to_string(),
        version: found.decisions,
        amount: Some(terms.approved_amount),
        customer: Some(command.customer),
    };
    let proposal = propose(tx, Proposed::ApproveCredit, subject, by)?;
    store::proposal_grounds::insert(tx, tenant, proposal.id, &Grounds::Credit(approval))?;
    Ok(Outcome::proposed(proposal))
}

/// Writes a loan off, or proposes it. The limit counts for the person who approves.
pub fn write_off(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, command: &WriteLoanOff,
    (by, book): (&Proposer, &RateBook),
) -> Result<Outcome<Loan>, Failed<ProposeRefused<WriteOffRefused>>> {
    if by.four_eyes == FourEyes::Off {
        let written = payments::write_off(tx, tenant, now, command, book);
        return written.map(Outcome::Done).map_err(not_possible);
    }
    let found = payments::writable_off(tx, tenant, now, command.loan, book).map_err(not_possible)?;
    let loan = found.loan();
    let subject = Subject {
        partner: Some(tenant),
        id: loan.id.to_string(),
        version: loan.version(),
        amount: Some(found.amount()),
        customer: Some(loan.customer),
    };
    let proposal = propose(tx, Proposed::WriteOff, subject, by)?;
    let grounds = Grounds::WriteOff(command.reason.clone());
    store::proposal_grounds::insert(tx, tenant, proposal.id, &grounds)?;
    Ok(Outcome::proposed(proposal))
}

/// Gives an operator other roles, or proposes it. Nobody changes their own roles.
pub fn change_roles(
    tx: &mut Tx<'_>, id: OperatorId, roles: &RoleNames, by: &Proposer,
) -> Result<Outcome<Operator>, Failed<ProposeRefused<ChangeRolesRefused>>> {
    if id == by.operator {
        return Err(Failed::Refused(ProposeRefused::UseCase(ChangeRolesRefused::Own)));
    }
    if by.four_eyes == FourEyes::Off {
        return operators::change_roles(tx, id, roles.clone()).map(Outcome::Done).map_err(not_possible);
    }
    let operator = operators::changeable(tx, id).map_err(not_possible)?;
    propose_roles(tx, &operator, roles, by).map(Outcome::proposed)
}

/// Brings a version of the credit policy into force, or proposes it. The proposal is stale once another version is.
pub fn adopt_policy(
    tx: &mut Tx<'_>, id: PolicyVersionId, by: &Proposer,
) -> Result<Outcome<PolicyVersion>, Failed<ProposeRefused<AdoptRefused>>> {
    if by.four_eyes == FourEyes::Off {
        return policies::adopt(tx, by.now, id, by.operator).map(Outcome::Done).map_err(not_possible);
    }
    let version = policies::adoptable(tx, id).map_err(not_possible)?;
    let subject =
        Subject { partner: None, id: id.to_string(), version: version.base, amount: None, customer: None };
    propose(tx, Proposed::AdoptPolicy, subject, by).map(Outcome::proposed)
}

/// Enters a person's wish for the erasure of its data, or proposes it. The proposal is stale once the customer has changed.
pub fn erase_customer(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: CustomerId, (by, years): (&Proposer, u8),
) -> Result<Outcome<Erasure>, Failed<ProposeRefused<EraseRefused>>> {
    if by.four_eyes == FourEyes::Off {
        let actor = Actor::Operator(by.operator);
        let erased = personal_data::erase(tx, tenant, (now, by.now), id, actor, years);
        return erased.map(Outcome::Done).map_err(not_possible);
    }
    let version = personal_data::erasable(tx, tenant, now, id, years).map_err(not_possible)?;
    let subject =
        Subject { partner: Some(tenant), id: id.to_string(), version, amount: None, customer: Some(id) };
    propose(tx, Proposed::EraseCustomer, subject, by).map(Outcome::proposed)
}

/// Makes an operator with a token. If creating needs a second person, the operator has no roles until the proposal of
/// its roles is approved. So the token is shown once, to its maker, and it can do nothing before.
pub fn create_operator(
    tx: &mut Tx<'_>, command: &CreateOperator, by: &Proposer,
) -> Result<Created, Failed<ProposeRefused<ChangeRolesRefused>>> {
    let roles = &command.roles;
    if by.four_eyes == FourEyes::Off || roles.is_empty() {
        let (operator, token) = operators::create(tx, by.now, command)?;
        return Ok(Created { operator, token, proposal: None });
    }
    let powerless = CreateOperator { roles: RoleNames::default(), ..command.clone() };
    let (operator, token) = operators::create(tx, by.now, &powerless)?;
    let stored = operators::changeable(tx, operator.id).map_err(not_possible)?;
    let proposal = propose_roles(tx, &stored, roles, by)?;
    Ok(Created { operator, token, proposal: Some(proposal) })
}

/// Makes a person and sends the invitation. If creating needs a second person, the new person has no roles until the
/// proposal of the roles is approved.
pub fn invite_person(
    tx: &mut Tx<'_>, command: &Invite, lender: &Lender, by: &Proposer,
) -> Result<(Operator, Option<Proposal>), Failed<ProposeRefused<InviteRefused>>> {
    let invite = |tx: &mut Tx<'_>, command: &Invite| {
        invitations::invite(tx, by.now, command, lender)
            .map(|(operator, _secret)| operator)
            .map_err(not_possible)
    };
    if by.four_eyes == FourEyes::Off || command.roles.is_empty() {
        return Ok((invite(tx, command)?, None));
    }
    let powerless = Invite { roles: RoleNames::default(), ..command.clone() };
    let operator = invite(tx, &powerless)?;
    let stored = store::operators::find(tx, operator.id)?.ok_or(StoreError::NotFound)?;
    let proposal = propose_roles(tx, &stored, &command.roles, by)?;
    Ok((operator, Some(proposal)))
}

/// A new operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The operator.
    pub operator: Operator,
    /// Its token.
    pub token: String,
    /// The proposal of its roles, if it waits for a second person.
    pub proposal: Option<Proposal>,
}

fn propose_roles<R>(
    tx: &mut Tx<'_>, operator: &Stored<Operator>, roles: &RoleNames, by: &Proposer,
) -> Result<Proposal, Failed<ProposeRefused<R>>> {
    let subject = Subject {
        partner: None,
        id: operator.id.to_string(),
        version: operator.version(),
        amount: None,
        customer: None,
    };
    propose(tx, Proposed::ChangeRoles(roles.clone()), subject, by)
}

/// The refusal of the use case itself.
fn not_possible<R>(failed: Failed<R>) -> Failed<ProposeRefused<R>> {
    failed.map_refused(ProposeRefused::UseCase)
}

/// The subject of a proposal, as the proposer saw it.
struct Subject {
    partner: Option<PartnerId>,
    id: String,
    version: i64,
    amount: Option<Cents>,
    customer: Option<CustomerId>,
}

fn propose<R>(
    tx: &mut Tx<'_>, proposed: Proposed, subject: Subject, by: &Proposer,
) -> Result<Proposal, Failed<ProposeRefused<R>>> {
    if let Some(waiting) = store::proposals::waiting_for(tx, &subject.id, proposed.action())? {
        if waiting.state_at(by.now) == ProposalState::Proposed {
            return Err(Failed::Refused(ProposeRefused::Proposed(waiting.id)));
        }
        expire(tx, waiting, by.now)?;
    }
    let Subject { partner, id, version, amount, customer } = subject;
    let new = NewProposal {
        id: tx.new_id(by.now),
        proposed,
        partner,
        subject: id,
        subject_version: version,
        amount,
        proposed_by: by.operator,
    };
    Ok(store::proposals::insert(tx, Proposal::propose(new, by.now), customer)?)
}

/// Ends a proposal whose time is over.
pub(super) fn expire(tx: &mut Tx<'_>, proposal: Stored<Proposal>, now: RealTime) -> Result<(), StoreError> {
    let expired = proposal.change(|proposal| proposal.expire(now)).map_err(StoreError::from)?;
    store::proposals::save(tx, expired).map(drop)
}
