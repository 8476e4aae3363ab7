//! Decisions that need two people: proposed → approved | rejected | withdrawn | expired.
//!
//! The first person proposes, and another one approves. The approval runs the use case in its own commit, so that a
//! proposal is never approved without its effect. A proposal is stale if its subject has changed since: what the
//! first person saw is no longer what the second would decide on.

use std::time::Duration;

use super::action::{Action, Proposed};
use super::grants::Grants;
use super::permission::Permission;
use crate::closed::{Changed, closed};
use crate::id::{OperatorId, PartnerId, ProposalId};
use crate::machine::{Illegal, Transition};
use crate::money::Cents;
use crate::spelled;
use crate::time::RealTime;

/// Whether the use cases of [`Action`] need a second person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FourEyes {
    /// They do. Production has no other mode.
    Required,
    /// One person is enough, in a sandbox.
    Off,
}

closed! {
    /// A proposal. Only its commands change it.
    pub struct Proposal(ProposalRecord);
}

/// The fields of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalRecord {
    /// The proposal's id.
    pub id: ProposalId,
    /// The effect of an approval.
    pub proposed: Proposed,
    /// The partner of its subject; `None` for the lender's own operators.
    pub partner: Option<PartnerId>,
    /// The id of its subject: a customer, a loan, a payment or an operator.
    pub subject: String,
    /// The version of the subject that the first person saw.
    pub subject_version: i64,
    /// The amount that it is about, if there is one.
    pub amount: Option<Cents>,
    /// The state of its machine.
    pub state: ProposalState,
    /// The first person.
    pub proposed_by: OperatorId,
    /// Time of the proposal.
    pub proposed_at: RealTime,
    /// The end of the time in which it can be decided.
    pub expires_at: RealTime,
    /// The person who approved, rejected or withdrew it.
    pub decided_by: Option<OperatorId>,
    /// Time of the decision or of the expiry.
    pub decided_at: Option<RealTime>,
    /// The reason of the decision.
    pub note: Option<String>,
}

/// The values of a new proposal.
#[derive(Debug, Clone)]
pub struct NewProposal {
    /// The proposal's id.
    pub id: ProposalId,
    /// The effect of an approval.
    pub proposed: Proposed,
    /// The partner of its subject.
    pub partner: Option<PartnerId>,
    /// The id of its subject.
    pub subject: String,
    /// The version of the subject.
    pub subject_version: i64,
    /// The amount that it is about, if there is one.
    pub amount: Option<Cents>,
    /// The first person.
    pub proposed_by: OperatorId,
}

/// The second person.
#[derive(Debug, Clone, Copy)]
pub struct Decider<'a> {
    /// The operator.
    pub operator: OperatorId,
    /// Its permissions and limits.
    pub grants: &'a Grants,
}

/// Why a person cannot decide on a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotDecided {
    /// It has been decided before, or its time is over.
    #[error(transparent)]
    Illegal(#[from] Illegal),
    /// The decider proposed it.
    #[error("nobody decides on their own proposal")]
    Own,
    /// Somebody else proposed it.
    #[error("only the proposer can withdraw it")]
    NotOwn,
    /// The decider lacks the permission of the action.
    #[error("the operator lacks the permission {}", .0.name())]
    NotAllowed(Permission),
    /// The amount is above the decider's own limit, in BRL.
    #[error("the amount is above the operator's limit of {0}")]
    AboveLimit(Cents),
    /// The proposal is about the decider.
    #[error("nobody decides about themselves")]
    Concerned,
    /// The subject has changed since the proposal.
    #[error("the subject has changed since the proposal")]
    Stale,
}

impl Proposal {
    /// How long a proposal can be decided.
    pub const VALIDITY: Duration = Duration::from_secs(3 * 24 * 3_600);

    /// A new proposal.
    pub fn propose(new: NewProposal, now: RealTime) -> Changed<Self> {
        let NewProposal { id, proposed, partner, subject, subject_version, amount, proposed_by } = new;
        Changed::silent(Self(ProposalRecord {
            id,
            proposed,
            partner,
            subject,
            subject_version,
            amount,
            state: ProposalState::Proposed,
            proposed_by,
            proposed_at: now,
            expires_at: now.plus(Self::VALIDITY),
            decided_by: None,
            decided_at: None,
            note: None,
        }))
    }

    /// Approves it for a subject that has this version now.
    pub fn approve(
        self, by: Decider<'_>, subject_version: i64, note: Option<String>, now: RealTime,
    ) -> Result<Changed<Self>, NotDecided> {
        let next = self.state_at(now).step(ProposalInput::Approve)?.next;
        self.by_another(by)?;
        self.within_limit(by.grants)?;
        if subject_version != self.subject_version {
            return Err(NotDecided::Stale);
        }
        Ok(self.decided(next, Some(by.operator), note, now))
    }

    /// The effect of an approval.
    pub fn action(&self) -> Action {
        self.proposed.action()
    }

    /// Rejects it. A stale proposal can be rejected, and so can one above the decider's own limit.
    pub fn reject(
        self, by: Decider<'_>, note: Option<String>, now: RealTime,
    ) -> Result<Changed<Self>, NotDecided> {
        let next = self.state_at(now).step(ProposalInput::Reject)?.next;
        self.by_another(by)?;
        Ok(self.decided(next, Some(by.operator), note, now))
    }

    /// Takes it back. Only the proposer can.
    pub fn withdraw(
        self, by: OperatorId, note: Option<String>, now: RealTime,
    ) -> Result<Changed<Self>, NotDecided> {
        let next = self.state_at(now).step(ProposalInput::Withdraw)?.next;
        if by != self.proposed_by {
            return Err(NotDecided::NotOwn);
        }
        Ok(self.decided(next, Some(by), note, now))
    }

    /// Ends it because its time is over. A proposal whose time is not over stays as it is.
    pub fn expire(self, now: RealTime) -> Result<Changed<Self>, Illegal> {
        let next = self.state.step(ProposalInput::Expire)?.next;
        let at = self.expires_at;
        Ok(if now < at { Changed::silent(self) } else { self.decided(next, None, None, at) })
    }

    /// The state at `now`. A proposal past its time is expired, even if no job has stored this yet.
    pub fn state_at(&self, now: RealTime) -> ProposalState {
        match self.state {
            ProposalState::Proposed if now >= self.expires_at => ProposalState::Expired,
            state @ (ProposalState::Proposed
            | ProposalState::Approved
            | ProposalState::Rejected
            | ProposalState::Withdrawn
            | ProposalState::Expired) => state,
        }
    }

    /// Whether another person than the proposer and the one it concerns decides, and may do so.
    pub fn by_another(&self, by: Decider<'_>) -> Result<(), NotDecided> {
        if by.operator == self.proposed_by {
            return Err(NotDecided::Own);
        }
        if by.operator.to_string() == self.subject {
            return Err(NotDecided::Concerned);
        }
        let permission = self.action().permission();
        if by.grants.allows(permission) { Ok(()) } else { Err(NotDecided::NotAllowed(permission)) }
    }

    /// Whether the second person's own limit is enough. It must be, because the first person's may not be.
    pub fn within_limit(&self, grants: &Grants) -> Result<(), NotDecided> {
        match (self.action().limit(grants.limits), self.amount) {
            (Some(limit), Some(amount)) if amount > limit => Err(NotDecided::AboveLimit(limit)),
            (Some(_) | None, Some(_) | None) => Ok(()),
        }
    }

    fn decided(
        mut self, state: ProposalState, by: Option<OperatorId>, note: Option<String>, at: RealTime,
    ) -> Changed<Self> {
        self.0.state = state;
        self.0.decided_by = by;
        self.0.decided_at = Some(at);
        self.0.note = note;
        Changed::silent(self)
    }
}

/// The state of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProposalState {
    /// It waits for a second person.
    Proposed,
    /// A second person approved it, and it was done.
    Approved,
    /// A second person rejected it.
    Rejected,
    /// The first person took it back.
    Withdrawn,
    /// Nobody decided in time.
    Expired,
}

spelled!(ProposalState {
    Proposed = "proposed",
    Approved = "approved",
    Rejected = "rejected",
    Withdrawn = "withdrawn",
    Expired = "expired",
});

/// The inputs of a proposal's machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProposalInput {
    /// A second person approves.
    Approve,
    /// A second person rejects.
    Reject,
    /// The first person takes it back.
    Withdraw,
    /// Its time is over.
    Expire,
}

spelled!(ProposalInput { Approve = "approve", Reject = "reject", Withdraw = "withdraw", Expire = "expire" });

/// Proposals send no domain events to partners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProposalEvent {}

impl ProposalState {
    /// Takes one step of the machine.
    pub fn step(self, input: ProposalInput) -> Result<Transition<Self, ProposalEvent>, Illegal> {
        match (self, input) {
            (Self::Proposed, ProposalInput::Approve) => Ok(Transition::silent(Self::Approved)),
            (Self::Proposed, ProposalInput::Reject) => Ok(Transition::silent(Self::Rejected)),
            (Self::Proposed, ProposalInput::Withdraw) => Ok(Transition::silent(Self::Withdrawn)),
            (Self::Proposed, ProposalInput::Expire) => Ok(Transition::silent(Self::Expired)),
            (
                Self::Approved | Self::Rejected | Self::Withdrawn | Self::Expired,
                ProposalInput::Approve
                | ProposalInput::Reject
                | ProposalInput::Withdraw
                | ProposalInput::Expire,
            ) => Err(Illegal { machine: "proposal", state: self.name(), input: input.name() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::access::{Limits, Permissions};
    use crate::id::ResourceId as _;

    const START: RealTime = RealTime::from_seconds(1_790_000_000);

    fn operator(byte: u8) -> OperatorId {
        OperatorId::new(START, [byte; 10])
    }

    /// The effect of an approval, by its action.
    fn proposed(action: Action) -> Proposed {
        match action {
            Action::ApproveCredit => Proposed::ApproveCredit,
            Action::OrderDisbursement => Proposed::OrderDisbursement,
            Action::PayAgain => Proposed::PayAgain,
            Action::ReversePayment => Proposed::ReversePayment,
            Action::WriteOff => Proposed::WriteOff,
            Action::ChangeRoles => Proposed::ChangeRoles("auditor".parse().unwrap()),
            Action::AdoptPolicy => Proposed::AdoptPolicy,
            Action::EraseCustomer => Proposed::EraseCustomer,
        }
    }

    fn proposal(action: Action, amount: i64) -> Proposal {
        let subject = match action {
            Action::ChangeRoles => operator(3).to_string(),
            Action::ApproveCredit
            | Action::OrderDisbursement
            | Action::PayAgain
            | Action::ReversePayment
            | Action::WriteOff
            | Action::AdoptPolicy
            | Action::EraseCustomer => "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607".to_owned(),
        };
        let new = NewProposal {
            id: ProposalId::new(START, [7; 10]),
            proposed: proposed(action),
            partner: Some(PartnerId::new(START, [8; 10])),
            subject,
            subject_version: 3,
            amount: Some(Cents::new(amount)),
            proposed_by: operator(1),
        };
        Proposal::propose(new, START).into_value()
    }

    fn granted(permissions: Permissions) -> Grants {
        Grants { permissions, limits: Limits::NOTHING }
    }

    fn limited(limit: i64) -> Grants {
        let amount = Cents::new(limit);
        let limits = Limits { largest_approval: amount, largest_waiver: amount };
        Grants { permissions: Permissions::all(), limits }
    }

    #[test]
    fn the_proposal_machine_is_this_matrix() {
        insta::assert_snapshot!(crate::machine::matrix(
            &ProposalState::ALL,
            &ProposalInput::ALL,
            |state, input| state.step(*input)
        ));
    }

    #[test]
    fn the_second_person_is_another_one_with_the_permission_and_the_limit() {
        let (all, reader) = (limited(10_000), granted(Permissions::reading()));
        let by = |operator, grants| Decider { operator, grants };
        let approve = |by, version| proposal(Action::ApproveCredit, 10_000).approve(by, version, None, START);
        assert_eq!(approve(by(operator(1), &all), 3), Err(NotDecided::Own));
        assert_eq!(approve(by(operator(2), &all), 4), Err(NotDecided::Stale));
        let lacking = NotDecided::NotAllowed(Permission::DecideCredit);
        assert_eq!(approve(by(operator(2), &reader), 3), Err(lacking));
        let small = limited(9_999);
        assert_eq!(approve(by(operator(2), &small), 3), Err(NotDecided::AboveLimit(Cents::new(9_999))));
        let approved = approve(by(operator(2), &all), 3).unwrap().into_value();
        assert_eq!((approved.state, approved.decided_by), (ProposalState::Approved, Some(operator(2))));
        let rejected = proposal(Action::ApproveCredit, 10_000).reject(by(operator(2), &small), None, START);
        assert_eq!(rejected.unwrap().value().state, ProposalState::Rejected);
    }

    #[test]
    fn nobody_decides_on_their_own_roles() {
        let all = granted(Permissions::all());
        let by = |number| Decider { operator: operator(number), grants: &all };
        let roles = || proposal(Action::ChangeRoles, 0);
        assert_eq!(roles().approve(by(3), 3, None, START), Err(NotDecided::Concerned));
        assert_eq!(roles().reject(by(3), None, START), Err(NotDecided::Concerned));
        assert!(roles().approve(by(2), 3, None, START).is_ok());
    }

    #[test]
    fn only_the_proposer_withdraws_and_a_stale_proposal_can_be_rejected() {
        let all = granted(Permissions::all());
        let loan = || proposal(Action::OrderDisbursement, 1);
        assert_eq!(loan().withdraw(operator(2), None, START), Err(NotDecided::NotOwn));
        assert_eq!(
            loan().withdraw(operator(1), None, START).unwrap().value().state,
            ProposalState::Withdrawn
        );
        let by = Decider { operator: operator(2), grants: &all };
        let note = Some("A conta mudou".to_owned());
        assert_eq!(loan().reject(by, note.clone(), START).unwrap().value().note, note);
    }

    #[test]
    fn nobody_decides_after_the_expiry() {
        let all = granted(Permissions::all());
        let (late, by) = (START.plus(Proposal::VALIDITY), Decider { operator: operator(2), grants: &all });
        let refused = proposal(Action::ReversePayment, 1).approve(by, 3, None, late);
        assert!(matches!(refused, Err(NotDecided::Illegal(Illegal { state: "expired", .. }))));
        let early = proposal(Action::ReversePayment, 1).expire(START).unwrap();
        assert_eq!(early.value().state, ProposalState::Proposed);
        let expired = proposal(Action::ReversePayment, 1).expire(late).unwrap();
        assert_eq!((expired.value().state, expired.value().decided_at), (ProposalState::Expired, Some(late)));
    }

    proptest! {
        /// However the people, permissions, limits and versions fall, an approved proposal had two people, whom it does
        /// not concern, the permission and the limit of the second, the version that the first person saw, and was in
        /// time.
        #[test]
        fn an_approval_never_passes_a_rule(
            action in proptest::sample::select(&Action::ALL[..]),
            second in 1_u8..4,
            version in 2_i64..5,
            bits in proptest::collection::vec(any::<bool>(), Permission::ALL.len()),
            (amount, limit) in (0_i64..4, 0_i64..4),
            seconds in 0_u64..400_000,
        ) {
            let held = Permission::ALL.into_iter().zip(bits).filter(|(_, held)| *held).map(|(one, _)| one);
            let grants = Grants { permissions: held.collect(), ..limited(limit) };
            let now = START.plus(Duration::from_secs(seconds));
            let by = Decider { operator: operator(second), grants: &grants };
            let approved = proposal(action, amount).approve(by, version, None, now).is_ok();
            let allowed = grants.allows(action.permission());
            let in_time = now < START.plus(Proposal::VALIDITY);
            let has_limit = matches!(action, Action::ApproveCredit | Action::WriteOff);
            let within = !has_limit || amount <= limit;
            let concerned = action == Action::ChangeRoles && second == 3;
            prop_assert_eq!(approved, second != 1 && !concerned && allowed && within && version == 3 && in_time);
        }
    }
}
