//! The forms that approve, reject and withdraw a proposal.

use std::sync::Arc;

use app::people::proposals::{self, DecideRefused, House};
use app::{Failed, Tx};
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::{Decider, Grants, NotDecided, Proposal};
use domain::id::{OperatorId, ProposalId};
use domain::time::RealTime;
use serde_json::json;
use wire::operator::proposal::DecideProposal;

use super::page::page;
use super::sheet::{Problem, Shown};
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::people::notice::unknown;
use crate::pages::people::visit::Visit;

/// A decision on a proposal, with the decider's rights.
struct Decision {
    id: ProposalId,
    operator: OperatorId,
    grants: Grants,
    note: Option<String>,
    now: RealTime,
}

impl Decision {
    fn by(&self) -> Decider<'_> {
        Decider { operator: self.operator, grants: &self.grants }
    }
}

/// Approves a proposal, which does what it proposes.
pub(in crate::pages::console) async fn approve(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    let (lender, registry) = (Arc::clone(&visit.state.lender), visit.state.registry);
    decided(visit, (&id, &headers, &body), move |tx, decision| {
        let house = House { lender: &lender, registry };
        proposals::approve(tx, decision.now, decision.id, decision.by(), decision.note.clone(), house)
    })
    .await
}

/// Rejects a proposal.
pub(in crate::pages::console) async fn reject(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    decided(visit, (&id, &headers, &body), |tx, decision| {
        proposals::reject(tx, decision.now, decision.id, decision.by(), decision.note.clone())
    })
    .await
}

/// Takes back one's own proposal.
pub(in crate::pages::console) async fn withdraw(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    decided(visit, (&id, &headers, &body), |tx, decision| {
        proposals::withdraw(tx, decision.now, decision.id, decision.operator, decision.note.clone())
    })
    .await
}

async fn decided(
    visit: Visit, (id, headers, body): (&str, &HeaderMap, &[u8]),
    decide: impl Fn(&mut Tx<'_>, &Decision) -> Result<Proposal, Failed<DecideRefused>> + Send + 'static,
) -> Response {
    let Ok(proposal) = id.parse::<ProposalId>() else { return unknown(headers) };
    let form = match Form::read(body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let problem = |problem| Shown { problem: Some(problem), ..Shown::default() };
    let Ok(note) = note(&form) else {
        return page(visit, headers, id, problem(Problem::Note), StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let decision = Decision {
        id: proposal,
        operator: visit.visitor.operator.id,
        grants: visit.visitor.grants,
        note,
        now: visit.state.clock.now(),
    };
    match visit.change(body, move |tx: &mut Tx<'_>| decide(tx, &decision)).await {
        Ok(_decided) => see_other(&visit.kept(&format!("/console/proposals/{proposal}"))),
        Err(Failed::Refused(DecideRefused::NotFound)) => unknown(headers),
        Err(Failed::Refused(refused)) => {
            page(visit, headers, id, problem(reason(refused)), StatusCode::CONFLICT).await
        }
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// The note of a form on one line, under the rule of the operator API. An empty field is no note.
fn note(form: &Form) -> Result<Option<String>, wire::problem::Problem> {
    let line = form.line("note");
    let body = json!({ "note": line });
    DecideProposal::read((!line.is_empty()).then_some(&body)).map(|decision| decision.note)
}

fn reason(refused: DecideRefused) -> Problem {
    match refused {
        DecideRefused::NotDecided(NotDecided::Illegal(_)) => Problem::Decided,
        DecideRefused::NotDecided(NotDecided::Own | NotDecided::NotOwn) => Problem::Own,
        DecideRefused::NotDecided(NotDecided::NotAllowed(_)) => Problem::NotAllowed,
        DecideRefused::NotDecided(NotDecided::AboveLimit(_)) => Problem::AboveLimit,
        DecideRefused::NotDecided(NotDecided::Concerned) => Problem::Concerned,
        DecideRefused::NotDecided(NotDecided::Stale) => Problem::Stale,
        DecideRefused::NotFound
        | DecideRefused::Credit(_)
        | DecideRefused::Disbursement(_)
        | DecideRefused::Reversal(_)
        | DecideRefused::WriteOff(_)
        | DecideRefused::Roles(_)
        | DecideRefused::Policy(_)
        | DecideRefused::Erasure(_) => Problem::NotPossible,
    }
}
