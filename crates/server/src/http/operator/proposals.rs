//! Proposals: decisions that need a second person.

use std::sync::Arc;

use app::people::proposals::{self, DecideRefused, Grounds, House, Outcome, ProposeRefused, Proposer};
use app::{Failed, NotFound, Tx};
use axum::Json;
use axum::response::Response;
use domain::access::{Decider, Grants, NotDecided, Permission, Proposal as Waiting, ProposalState};
use domain::id::{OperatorId, ProposalId};
use domain::time::RealTime;
use wire::operator::List;
use wire::operator::proposal::{DecideProposal, Proposal, ProposalStatus};
use wire::problem::{Code, Problem};

use super::caller::OperatorCaller;
use super::place::{Read, Write};
use crate::http::documented::{OrderParam, PageParams, codes};
use crate::http::extract::{OptionalJsonBody, PathId, Query};
use crate::http::idempotency::Answer;
use crate::http::page::cursor;
use crate::http::problem::{Refusal, Rejection};
use crate::state::AppState;

/// The calling operator as the first person of a decision.
pub(super) fn proposer(state: &AppState, caller: OperatorCaller) -> Proposer {
    Proposer { operator: caller.id(), four_eyes: state.config.four_eyes, now: state.clock.now() }
}

/// The answer to a use case that may need a second person: its result, or 202 with the proposal.
pub(super) fn done_or_proposed<T>(
    outcome: &Outcome<T>, done: impl Fn(&T) -> Answer, now: RealTime,
) -> Answer {
    match outcome {
        Outcome::Done(result) => done(result),
        Outcome::Proposed(proposal) => Answer::accepted_with(&Proposal::of(proposal, now)),
    }
}

impl<R: Refusal> Refusal for ProposeRefused<R> {
    fn problem(self) -> Problem {
        match self {
            Self::UseCase(refused) => refused.problem(),
            Self::Proposed(id) => Problem::invalid_state(format!(
                "it is proposed already ({id}) and waits for a second operator"
            )),
        }
    }
}

impl Refusal for DecideRefused {
    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::not_found(),
            Self::NotDecided(NotDecided::Illegal(illegal)) => {
                Problem::invalid_state(format!("the proposal is {}", illegal.state))
            }
            Self::NotDecided(NotDecided::Own) => Problem::new(
                Code::Forbidden,
                "nobody decides on their own proposal; another operator does, or you withdraw it",
            ),
            Self::NotDecided(NotDecided::NotOwn) => {
                Problem::new(Code::Forbidden, "only the operator who proposed it can withdraw it")
            }
            Self::NotDecided(NotDecided::NotAllowed(permission)) => Problem::new(
                Code::Forbidden,
                format!(
                    "this proposal needs the permission {}, which no role of this operator has",
                    permission.name()
                ),
            ),
            Self::NotDecided(NotDecided::Stale) => Problem::invalid_state(
                "what it changes has changed since the proposal; reject it, look again, and propose it anew",
            ),
            Self::NotDecided(NotDecided::AboveLimit(limit)) => Problem::new(
                Code::Forbidden,
                format!("the amount is above R$ {limit}, the largest that the roles of this operator allow"),
            ),
            Self::NotDecided(NotDecided::Concerned) => {
                Problem::new(Code::Forbidden, "nobody decides on their own roles")
            }
            Self::Credit(refused) => refused.problem(),
            Self::WriteOff(refused) => refused.problem(),
            Self::Roles(refused) => refused.problem(),
            Self::Policy(refused) => refused.problem(),
            Self::Erasure(refused) => refused.problem(),
            Self::Disbursement(refused) => refused.problem(),
            Self::Reversal(refused) => refused.problem(),
        }
    }
}

/// List proposals
///
/// Newest first. Those that wait for a second operator are `status=proposed`.
#[utoipa::path(
    get, path = "/proposals", operation_id = "listProposals", tag = "Proposals",
    extensions(("x-permission" = json!(Permission::ReadProposals.name()))),
    params(
        (
            "status" = Option<ProposalStatus>, Query,
            description = "Lists only proposals of this status.",
            example = "proposed"
        ),
        PageParams,
        OrderParam,
    ),
    responses((status = 200, description = "A page of proposals.", body = List<Proposal>))
)]
pub(super) async fn list(call: Read, mut query: Query) -> Result<Json<List<Proposal>>, Rejection> {
    let (cursor, now) = (cursor(&mut query), call.state.clock.now());
    let state: Option<ProposalState> = query.word("status", &ProposalState::NAMES, |text| text.parse().ok());
    query.finish()?;
    let page = call.state.store.read(move |tx| proposals::list(tx, state, &cursor)).await?;
    Ok(Json(List::of(page, |proposal| Proposal::of(&proposal, now))))
}

/// Get a proposal
///
/// With the decision on it, with the terms and reasons of an approval of credit, and with the reason of a write-off.
#[utoipa::path(
    get, path = "/proposals/{proposal_id}", operation_id = "getProposal", tag = "Proposals",
    extensions(("x-permission" = json!(Permission::ReadProposals.name()))),
    responses((status = 200, description = "The proposal.", body = Proposal))
)]
pub(super) async fn show(call: Read<PathId<ProposalId>>) -> Result<Json<Proposal>, Rejection> {
    let (id, now) = (call.id(), call.state.clock.now());
    let find = move |tx: &mut Tx<'_>| {
        let proposal = proposals::find(tx, id)?;
        let grounds = proposals::grounds_of(tx, &proposal)?;
        Ok::<_, Failed<NotFound>>((proposal, grounds))
    };
    let (proposal, grounds) = call.state.store.look_up(find).await?;
    let shown = Proposal::of(&proposal, now);
    Ok(Json(match grounds {
        Some(Grounds::Credit(approval)) => shown.with_credit(&approval),
        Some(Grounds::WriteOff(reason)) => shown.with_reason(reason),
        None => shown,
    }))
}

/// A decision on a proposal, with the decider's rights.
struct Decision {
    id: ProposalId,
    operator: OperatorId,
    grants: Grants,
    note: Option<String>,
}

impl Decision {
    fn by(&self) -> Decider<'_> {
        Decider { operator: self.operator, grants: &self.grants }
    }
}

/// Runs a decision and answers with the proposal after it.
async fn decided(
    call: Write<PathId<ProposalId>, OptionalJsonBody>,
    decide: impl Fn(&mut Tx<'_>, RealTime, &Decision) -> Result<Waiting, Failed<DecideRefused>> + Send + 'static,
) -> Result<Response, Rejection> {
    let (id, operator, grants) = (call.id(), call.caller.id(), *call.caller.grants());
    let command = DecideProposal::read(call.body.value.as_ref()).map(|DecideProposal { note }| Decision {
        id,
        operator,
        grants,
        note,
    });
    call.run(command, decide, |proposal, now| Answer::ok(&Proposal::of(proposal, now))).await
}

/// Approve a proposal
///
/// Does what it proposes, in the same step. The approver needs the permission of the proposed action and is another
/// operator than the proposer. An approval of credit and a write-off also need the approver's own limit to be
/// enough, and nobody decides on their own roles. A proposal whose subject has changed since is stale and cannot be approved.
#[utoipa::path(
    post, path = "/proposals/{proposal_id}/approve", operation_id = "approveProposal", tag = "Proposals",
    extensions(
        ("x-permission" = json!(Permission::ReadProposals.name())),
        ("x-codes" = json!(codes(&[Code::InvalidState])))
    ),
    request_body = DecideProposal,
    responses((status = 200, description = "The approved proposal.", body = Proposal))
)]
pub(super) async fn approve(
    call: Write<PathId<ProposalId>, OptionalJsonBody>,
) -> Result<Response, Rejection> {
    let (lender, registry) = (Arc::clone(&call.state.lender), call.state.registry);
    decided(call, move |tx, now, decision| {
        let house = House { lender: &lender, registry };
        proposals::approve(tx, now, decision.id, decision.by(), decision.note.clone(), house)
    })
    .await
}

/// Reject a proposal
///
/// Nothing else happens. The same can be proposed again.
#[utoipa::path(
    post, path = "/proposals/{proposal_id}/reject", operation_id = "rejectProposal", tag = "Proposals",
    extensions(
        ("x-permission" = json!(Permission::ReadProposals.name())),
        ("x-codes" = json!(codes(&[Code::InvalidState])))
    ),
    request_body = DecideProposal,
    responses((status = 200, description = "The rejected proposal.", body = Proposal))
)]
pub(super) async fn reject(call: Write<PathId<ProposalId>, OptionalJsonBody>) -> Result<Response, Rejection> {
    decided(call, |tx, now, decision| {
        proposals::reject(tx, now, decision.id, decision.by(), decision.note.clone())
    })
    .await
}

/// Withdraw a proposal
///
/// Only the operator who proposed it can.
#[utoipa::path(
    post, path = "/proposals/{proposal_id}/withdraw", operation_id = "withdrawProposal", tag = "Proposals",
    extensions(
        ("x-permission" = json!(Permission::ReadProposals.name())),
        ("x-codes" = json!(codes(&[Code::InvalidState])))
    ),
    request_body = DecideProposal,
    responses((status = 200, description = "The withdrawn proposal.", body = Proposal))
)]
pub(super) async fn withdraw(
    call: Write<PathId<ProposalId>, OptionalJsonBody>,
) -> Result<Response, Rejection> {
    decided(call, |tx, now, decision| {
        proposals::withdraw(tx, now, decision.id, decision.operator, decision.note.clone())
    })
    .await
}
