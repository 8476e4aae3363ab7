//! Badges: the tone, the glyph and the words of each state, by one exhaustive match for each.

use std::borrow::Cow;

use domain::access::{OperatorStatus, ProposalState};
use domain::bank_account_change::ChangeState;
use domain::credential::CredentialState;
use domain::credit::Outcome;
use domain::credit::policy::version::PolicyVersion;
use domain::customer::CustomerState;
use domain::id::PolicyVersionId;
use domain::kyc::RequirementState;
use domain::loan::{InstallmentStatus, LoanState};
use domain::mail::MailState;
use domain::offer::OfferState;
use domain::webhook::delivery::DeliveryState;
use domain::webhook::endpoint::{DisabledBy, EndpointState};

use crate::pages::texts::{BadgeTexts, CreditTexts, ProposalTexts, QueueTexts, Texts};

/// The meaning of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tone {
    Mute,
    Info,
    Warn,
    Ok,
    Bad,
}

/// The sign of a state, for readers who see no colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Glyph {
    /// A ring: nothing yet.
    Ring,
    /// Half a disc: under way.
    Half,
    /// Three quarters: almost done.
    Most,
    /// A disc: done.
    Disc,
    /// A bar: ended.
    Bar,
    /// An exclamation mark: somebody must act.
    Bang,
}

/// A state as its badge shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Badge {
    tone: Tone,
    glyph: Glyph,
    /// The state's name.
    pub(crate) label: Cow<'static, str>,
}

impl Badge {
    fn new(tone: Tone, glyph: Glyph, label: impl Into<Cow<'static, str>>) -> Self {
        Self { tone, glyph, label: label.into() }
    }

    /// The classes of the element.
    pub(crate) fn class(&self) -> &'static str {
        match self.tone {
            Tone::Mute => "badge",
            Tone::Info => "badge badge-info",
            Tone::Warn => "badge badge-warn",
            Tone::Ok => "badge badge-ok",
            Tone::Bad => "badge badge-bad",
        }
    }

    /// The value of `data-glyph`.
    pub(crate) fn glyph(&self) -> &'static str {
        match self.glyph {
            Glyph::Ring => "none",
            Glyph::Half => "part",
            Glyph::Most => "most",
            Glyph::Disc => "all",
            Glyph::Bar => "stop",
            Glyph::Bang => "bang",
        }
    }

    /// The badge of a customer.
    pub(crate) fn of_customer(state: CustomerState, t: &BadgeTexts) -> Self {
        match state {
            CustomerState::Creating => Self::new(Tone::Mute, Glyph::Ring, t.creating),
            CustomerState::PendingKyc => Self::new(Tone::Warn, Glyph::Ring, t.pending_kyc),
            CustomerState::UnderReview => Self::new(Tone::Info, Glyph::Half, t.under_review),
            CustomerState::Active => Self::new(Tone::Ok, Glyph::Disc, t.customer_active),
            CustomerState::Denied => Self::new(Tone::Bad, Glyph::Bar, t.denied),
        }
    }

    /// The badge of a requirement of KYC.
    pub(crate) fn of_requirement(state: &RequirementState, t: &BadgeTexts) -> Self {
        match state {
            RequirementState::Missing => Self::new(Tone::Mute, Glyph::Ring, t.missing),
            RequirementState::Submitted { .. } => Self::new(Tone::Info, Glyph::Half, t.submitted),
            RequirementState::Accepted { .. } => Self::new(Tone::Ok, Glyph::Disc, t.requirement_accepted),
            RequirementState::Rejected { .. } => Self::new(Tone::Bad, Glyph::Bar, t.rejected),
        }
    }

    /// The badge of an offer.
    pub(crate) fn of_offer(state: OfferState, t: &BadgeTexts) -> Self {
        match state {
            OfferState::Available => Self::new(Tone::Info, Glyph::Ring, t.available),
            OfferState::Accepted { .. } => Self::new(Tone::Ok, Glyph::Disc, t.offer_accepted),
            OfferState::Expired => Self::new(Tone::Mute, Glyph::Bar, t.offer_expired),
        }
    }

    /// The badge of a loan.
    pub(crate) fn of_loan(state: &LoanState, t: &BadgeTexts) -> Self {
        match state {
            LoanState::Processing => Self::new(Tone::Mute, Glyph::Ring, t.processing),
            LoanState::ContractGenerated => Self::new(Tone::Mute, Glyph::Half, t.contract_generated),
            LoanState::AwaitingSignatures(count) => {
                Self::new(Tone::Warn, Glyph::Half, (t.awaiting_signatures)(count.received, count.required))
            }
            LoanState::Signed => Self::new(Tone::Info, Glyph::Half, t.signed),
            LoanState::Disbursing => Self::new(Tone::Info, Glyph::Most, t.disbursing),
            LoanState::Active { .. } => Self::new(Tone::Ok, Glyph::Disc, t.loan_active),
            LoanState::Finished { .. } => Self::new(Tone::Mute, Glyph::Disc, t.finished),
            LoanState::Cancelled => Self::new(Tone::Mute, Glyph::Bar, t.cancelled),
            LoanState::Error(_) => Self::new(Tone::Bad, Glyph::Bang, t.loan_error),
        }
    }

    /// The badge of an installment.
    pub(crate) fn of_installment(status: InstallmentStatus, t: &BadgeTexts) -> Self {
        match status {
            InstallmentStatus::Pending => Self::new(Tone::Mute, Glyph::Ring, t.installment_pending),
            InstallmentStatus::PartiallyPaid => Self::new(Tone::Info, Glyph::Half, t.partially_paid),
            InstallmentStatus::Paid => Self::new(Tone::Ok, Glyph::Disc, t.paid),
            InstallmentStatus::Overdue => Self::new(Tone::Bad, Glyph::Bang, t.overdue),
        }
    }

    /// The badge of a delivery.
    pub(crate) fn of_delivery(state: DeliveryState, t: &BadgeTexts) -> Self {
        match state {
            DeliveryState::Pending { made: 0, .. } => Self::new(Tone::Mute, Glyph::Ring, t.delivery_pending),
            DeliveryState::Pending { made, .. } => {
                Self::new(Tone::Warn, Glyph::Half, (t.delivery_retrying)(made))
            }
            DeliveryState::Delivered { .. } => Self::new(Tone::Ok, Glyph::Disc, t.delivered),
            DeliveryState::Failed { .. } => Self::new(Tone::Bad, Glyph::Bang, t.delivery_failed),
        }
    }

    /// The badge of a credential.
    pub(crate) fn of_credential(state: CredentialState, t: &BadgeTexts) -> Self {
        match state {
            CredentialState::Active => Self::new(Tone::Ok, Glyph::Disc, t.credential_active),
            CredentialState::Revoked => Self::new(Tone::Mute, Glyph::Bar, t.revoked),
            CredentialState::Expired => Self::new(Tone::Mute, Glyph::Bar, t.credential_expired),
        }
    }

    /// The badge of a credit decision.
    pub(crate) fn of_decision(outcome: &Outcome, t: &CreditTexts) -> Self {
        match outcome {
            Outcome::Approved(_) => Self::new(Tone::Ok, Glyph::Disc, t.approved),
            Outcome::Refused => Self::new(Tone::Bad, Glyph::Bar, t.refused),
            Outcome::Referred => Self::new(Tone::Mute, Glyph::Half, t.referred),
        }
    }

    /// The badge of a customer whose credit an operator decides.
    pub(crate) fn waiting_for_decision(t: &CreditTexts) -> Self {
        Self::new(Tone::Warn, Glyph::Ring, t.waits)
    }

    /// The badge of a proposal.
    pub(crate) fn of_proposal(state: ProposalState, t: &ProposalTexts) -> Self {
        match state {
            ProposalState::Proposed => Self::new(Tone::Warn, Glyph::Half, t.proposed),
            ProposalState::Approved => Self::new(Tone::Ok, Glyph::Disc, t.approved),
            ProposalState::Rejected => Self::new(Tone::Bad, Glyph::Bar, t.rejected),
            ProposalState::Withdrawn => Self::new(Tone::Mute, Glyph::Bar, t.withdrawn),
            ProposalState::Expired => Self::new(Tone::Mute, Glyph::Bar, t.expired),
        }
    }

    /// The badge of a case before it is assigned. `is_taken` says whether somebody has it.
    pub(crate) fn of_assignment(changes: bool, is_taken: bool, t: &QueueTexts) -> Self {
        match (changes, is_taken) {
            (true, false) => Self::new(Tone::Ok, Glyph::Disc, t.changes),
            (true, true) => Self::new(Tone::Warn, Glyph::Bang, t.changes_hands),
            (false, _) => Self::new(Tone::Mute, Glyph::Ring, t.stays),
        }
    }

    /// The badge of a case after an assignment.
    pub(crate) fn of_outcome(is_done: bool, t: &QueueTexts) -> Self {
        if is_done {
            Self::new(Tone::Ok, Glyph::Disc, t.done)
        } else {
            Self::new(Tone::Warn, Glyph::Bang, t.not_done)
        }
    }

    /// The badge of an operator.
    pub(crate) fn of_operator(status: OperatorStatus, t: &BadgeTexts) -> Self {
        match status {
            OperatorStatus::Active => Self::new(Tone::Ok, Glyph::Disc, t.operator_active),
            OperatorStatus::Expired => Self::new(Tone::Mute, Glyph::Bar, t.operator_expired),
            OperatorStatus::Revoked => Self::new(Tone::Mute, Glyph::Bar, t.operator_revoked),
        }
    }

    /// The badge of a webhook endpoint.
    pub(crate) fn of_endpoint(state: EndpointState, t: &BadgeTexts) -> Self {
        match state {
            EndpointState::Active => Self::new(Tone::Ok, Glyph::Disc, t.endpoint_active),
            EndpointState::Disabled(DisabledBy::Partner) => {
                Self::new(Tone::Mute, Glyph::Bar, t.disabled_by_partner)
            }
            EndpointState::Disabled(DisabledBy::Failure) => {
                Self::new(Tone::Bad, Glyph::Bang, t.disabled_by_failure)
            }
            EndpointState::Disabled(DisabledBy::Gone) => Self::new(Tone::Bad, Glyph::Bar, t.disabled_gone),
        }
    }

    /// The badge of an uploaded version of the policy.
    pub(crate) fn of_policy(version: &PolicyVersion, in_force: Option<PolicyVersionId>, t: &Texts) -> Self {
        match (version.adoption.is_some(), in_force == Some(version.id)) {
            (true, true) => Self::new(Tone::Ok, Glyph::Disc, t.policy.in_force),
            (true, false) => Self::new(Tone::Mute, Glyph::Bar, t.policy.replaced),
            (false, _) => Self::new(Tone::Info, Glyph::Half, t.policy.waiting),
        }
    }

    /// The badge of a partner's deliveries. `failing`: the words for its endpoints that fail.
    pub(crate) fn of_deliveries(failing: Option<String>, fine: &'static str) -> Self {
        match failing {
            Some(failing) => Self::new(Tone::Bad, Glyph::Bang, failing),
            None => Self::new(Tone::Ok, Glyph::Disc, fine),
        }
    }

    /// The badge of a change of the bank account.
    pub(crate) fn of_account_change(state: ChangeState, t: &BadgeTexts) -> Self {
        match state {
            ChangeState::Pending => Self::new(Tone::Warn, Glyph::Half, t.change_pending),
            ChangeState::Confirmed => Self::new(Tone::Ok, Glyph::Disc, t.change_confirmed),
            ChangeState::Withdrawn => Self::new(Tone::Mute, Glyph::Bar, t.change_withdrawn),
        }
    }

    /// The badge of an e-mail.
    pub(crate) fn of_mail(state: MailState, t: &BadgeTexts) -> Self {
        match state {
            MailState::Waiting => Self::new(Tone::Mute, Glyph::Ring, t.mail_waiting),
            MailState::Kept => Self::new(Tone::Info, Glyph::Disc, t.mail_kept),
            MailState::Sent => Self::new(Tone::Ok, Glyph::Disc, t.mail_sent),
            MailState::Failed => Self::new(Tone::Bad, Glyph::Bang, t.mail_failed),
            MailState::Closed => Self::new(Tone::Mute, Glyph::Bar, t.mail_closed),
        }
    }
}
