//! Proposals: decisions that need a second person.

use domain::access::{self, Action, ProposalState};
use domain::time::RealTime;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::word::word;
use crate::problem::Problem;
use crate::read::{Fields, note};
use crate::text_scalar::{Money, Timestamp};

/// Longest note, in characters.
const LONGEST_NOTE: usize = 500;

/// A decision on a proposal.
#[derive(Debug, ToSchema)]
pub struct DecideProposal {
    /// The reason, for the other operators. Optional.
    #[schema(
        required = false,
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]+$",
        example = "conferido com o banco"
    )]
    pub note: Option<String>,
}

impl DecideProposal {
    /// Reads the body; without a body there is no note.
    pub fn read(body: Option<&Value>) -> Result<Self, Problem> {
        let Some(body) = body else { return Ok(Self { note: None }) };
        let mut fields = Fields::of(body)?;
        let note = fields.optional("note", note(LONGEST_NOTE));
        fields.finish()?;
        Ok(Self { note })
    }
}

word!(
    /// What a proposal does when it is approved.
    pub ProposedAction of Action
);

word!(
    /// Status of a proposal.
    pub ProposalStatus of ProposalState
);

/// A decision of an operator that needs a second one.
#[derive(Debug, Serialize, ToSchema)]
pub struct Proposal {
    /// Identifier of the proposal.
    #[schema(pattern = "^prop_[0-9a-f]{32}$", example = "prop_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// What happens when it is approved.
    action: ProposedAction,
    /// The partner of what it changes.
    #[schema(pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    partner_id: String,
    /// Id of what it changes: a loan or a payment.
    #[schema(example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    subject_id: String,
    /// The amount that moves.
    amount: Money,
    /// Status of the proposal.
    status: ProposalStatus,
    /// The operator who proposed it.
    #[schema(pattern = "^op_[0-9a-f]{32}$", example = "op_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    proposed_by: String,
    /// Time of the proposal.
    proposed_at: Timestamp,
    /// Time from which nobody can decide on it any more.
    expires_at: Timestamp,
    /// The operator who approved, rejected or withdrew it; null before that, and if it expired.
    #[schema(required, pattern = "^op_[0-9a-f]{32}$", example = "op_0190f3b4c5d67e8f90a1b2c3d4e5f608")]
    decided_by: Option<String>,
    /// Time of the decision or of the expiry; null before that.
    #[schema(required, example = "2026-11-25T12:00:00Z")]
    decided_at: Option<Timestamp>,
    /// The reason of the decision, if one was given.
    #[schema(required, example = "conferido com o banco")]
    note: Option<String>,
}

impl Proposal {
    /// Renders a proposal as of `now`.
    pub fn of(proposal: &access::Proposal, now: RealTime) -> Self {
        let status = proposal.state_at(now);
        let expired = (status == ProposalState::Expired).then_some(proposal.expires_at);
        Self {
            id: proposal.id.to_string(),
            action: proposal.action.into(),
            partner_id: proposal.partner.to_string(),
            subject_id: proposal.subject.clone(),
            amount: Money(proposal.amount),
            status: status.into(),
            proposed_by: proposal.proposed_by.to_string(),
            proposed_at: Timestamp::real(proposal.proposed_at),
            expires_at: Timestamp::real(proposal.expires_at),
            decided_by: proposal.decided_by.map(|operator| operator.to_string()),
            decided_at: proposal.decided_at.or(expired).map(Timestamp::real),
            note: proposal.note.clone(),
        }
    }
}
