//! Proposals: decisions that need a second person.

use domain::access::{self, Action, ProposalState, Proposed, RoleName};
use domain::credit::Approval;
use domain::time::RealTime;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::new_offer::ChargesPaid;
use super::word::word;
use crate::problem::Problem;
use crate::read::{Fields, note};
use crate::scalar::Percent;
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
    /// The partner of what it changes; null for the lender's own operators and policy.
    #[schema(required, pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    partner_id: Option<String>,
    /// Id of what it changes: a customer, a loan, a payment, an operator or a version of the policy.
    #[schema(example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    subject_id: String,
    /// The amount that moves, is approved or written off; null for a change of roles or of the policy.
    #[schema(required, example = "9643.40")]
    amount: Option<Money>,
    /// The roles that the operator would have; null for another action.
    #[schema(required, example = json!(["treasury"]))]
    roles: Option<Vec<String>>,
    /// The approval of credit with its grounds. Only the answer to one proposal shows it, and only for this action.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    credit: Option<ProposedCredit>,
    /// The reason of a write-off. Only the answer to one proposal shows it, and only for this action.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Empresa encerrada, sem bens.")]
    reason: Option<String>,
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
            action: proposal.action().into(),
            partner_id: proposal.partner.map(|id| id.to_string()),
            subject_id: proposal.subject.clone(),
            amount: proposal.amount.map(Money),
            roles: roles(&proposal.proposed),
            credit: None,
            reason: None,
            status: status.into(),
            proposed_by: proposal.proposed_by.to_string(),
            proposed_at: Timestamp::real(proposal.proposed_at),
            expires_at: Timestamp::real(proposal.expires_at),
            decided_by: proposal.decided_by.map(|operator| operator.to_string()),
            decided_at: proposal.decided_at.or(expired).map(Timestamp::real),
            note: proposal.note.clone(),
        }
    }

    /// Adds the approval of credit that it is about.
    #[must_use]
    pub fn with_credit(self, approval: &Approval) -> Self {
        Self { credit: Some(ProposedCredit::of(approval)), ..self }
    }

    /// Adds the reason of a write-off.
    #[must_use]
    pub fn with_reason(self, reason: String) -> Self {
        Self { reason: Some(reason), ..self }
    }
}

fn roles(proposed: &Proposed) -> Option<Vec<String>> {
    match proposed {
        Proposed::ChangeRoles(roles) => Some(roles.iter().map(RoleName::to_string).collect()),
        Proposed::ApproveCredit
        | Proposed::OrderDisbursement
        | Proposed::PayAgain
        | Proposed::ReversePayment
        | Proposed::WriteOff
        | Proposed::AdoptPolicy
        | Proposed::EraseCustomer => None,
    }
}

/// An approval of credit that waits for a second operator.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposedCredit {
    /// The largest amount that may be requested.
    #[schema(example = "80000.00")]
    approved_amount: Money,
    /// The smallest amount that may be requested.
    #[schema(example = "3000.00")]
    min_amount: Money,
    /// Monthly interest rate in percent.
    #[schema(example = 2.49)]
    interest_rate: Percent,
    /// The smallest number of installments.
    #[schema(minimum = 1, maximum = 1000, example = 6)]
    min_installments: u16,
    /// The largest number of installments; the same as the smallest if there is no choice.
    #[schema(minimum = 1, maximum = 1000, example = 24)]
    max_installments: u16,
    /// Service fee in percent of the requested amount.
    #[schema(example = 1)]
    service_fee: Percent,
    /// Payment of the IOF and the fee.
    charges: ChargesPaid,
    /// Validity of the offer in days; null: the configured validity.
    #[schema(required, minimum = 1, maximum = 365, example = 30)]
    valid_days: Option<u16>,
    /// Version of the credit policy that was followed.
    #[schema(example = "comite-2026-03")]
    policy_version: String,
    /// Reasons of the decision.
    #[schema(example = json!(["faturamento comprovado de R$ 20.000,00 por mês"]))]
    reasons: Vec<String>,
    /// Facts behind the decision: names with their values, as text.
    #[schema(example = json!({"faturamento_mensal": "20000.00"}))]
    inputs: std::collections::BTreeMap<String, String>,
}

impl ProposedCredit {
    fn of(approval: &Approval) -> Self {
        let terms = &approval.offer.terms;
        let (min_installments, max_installments) = terms.term.bounds();
        Self {
            approved_amount: Money(terms.approved_amount),
            min_amount: Money(terms.min_amount),
            interest_rate: Percent(terms.interest_rate),
            min_installments,
            max_installments,
            service_fee: Percent(terms.product.fee),
            charges: terms.product.charges.into(),
            valid_days: approval.valid_days,
            policy_version: approval.policy_version.clone(),
            reasons: approval.reasons.clone(),
            inputs: approval.inputs.iter().cloned().collect(),
        }
    }
}
