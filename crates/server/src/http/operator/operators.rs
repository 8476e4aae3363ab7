//! Operators and their roles.

use std::sync::Arc;

use app::Tx;
use app::people::invitations::{self, Invite, InviteRefused, ResetRefused};
use app::people::operators::{self, RevokeRefused};
use app::people::proposals::{self, Created};
use axum::Json;
use axum::response::Response;
use domain::access::Permission;
use domain::credential::Maker;
use domain::id::OperatorId;
use wire::operator::List;
use wire::operator::operator::{ChangeRoles, CreateOperator, InvitePerson, Operator, OperatorKind, RoleList};
use wire::operator::proposal::Proposal;
use wire::problem::{Code, Problem};

use super::place::{Read, Write};
use super::proposals::{done_or_proposed, proposer};
use crate::http::documented::{OrderParam, PageParams, codes};
use crate::http::extract::{JsonBody, PathId, Query};
use crate::http::idempotency::Answer;
use crate::http::page::cursor;
use crate::http::problem::{Refusal, Rejection};

/// Create an operator
///
/// Only this answer shows the operator's token. With four eyes the operator has no roles yet: the answer names the
/// proposal of its roles, and the token can do nothing before another operator approves it.
#[utoipa::path(
    post, path = "/operators", operation_id = "createOperator", tag = "Operators",
    extensions(("x-permission" = json!(Permission::ManageOperators.name()))),
    request_body = CreateOperator,
    responses((status = 201, description = "The new operator with its token.", body = Operator))
)]
pub(super) async fn create(call: Write<(), JsonBody>) -> Result<Response, Rejection> {
    let config = &call.state.config;
    let (environment, created_by) = (config.environment, Maker::Operator(call.caller.id()));
    let by = proposer(&call.state, call.caller);
    let command =
        CreateOperator::read(&call.body.value, call.state.clock.now(), &config.roles).map(|given| {
            let CreateOperator { name, roles, expires_at } = given;
            operators::CreateOperator { environment, name, roles, expires_at, created_by }
        });
    let create = move |tx: &mut Tx<'_>, _now, command: &operators::CreateOperator| {
        proposals::create_operator(tx, command, &by)
    };
    call.run(command, create, |Created { operator, token, proposal }, now| {
        let proposal = proposal.as_ref().map(|proposal| proposal.id);
        let shown = Operator::of(operator, now).with_token(token.clone()).with_proposal(proposal);
        Answer::created(format!("/operator/v1/operators/{}", operator.id), &shown)
    })
    .await
}

/// Change an operator's roles
///
/// The new roles count from the operator's next call on. With four eyes the answer is 202 with a proposal. Nobody
/// changes their own roles, and nobody approves a change of them.
#[utoipa::path(
    post, path = "/operators/{operator_id}/roles", operation_id = "changeOperatorRoles", tag = "Operators",
    extensions(
        ("x-permission" = json!(Permission::ManageOperators.name())),
        ("x-codes" = json!(codes(&[Code::InvalidState])))
    ),
    request_body = ChangeRoles,
    responses(
        (status = 200, description = "The operator with its new roles.", body = Operator),
        (status = 202, description = "The proposal of the roles, which waits for another operator.", body = Proposal),
    )
)]
pub(super) async fn change_roles(call: Write<PathId<OperatorId>, JsonBody>) -> Result<Response, Rejection> {
    let (id, by) = (call.id(), proposer(&call.state, call.caller));
    let command = ChangeRoles::read(&call.body.value, &call.state.config.roles);
    let change = move |tx: &mut Tx<'_>, _now, ChangeRoles { roles }: &ChangeRoles| {
        proposals::change_roles(tx, id, roles, &by)
    };
    call.run(command, change, |outcome, now| {
        done_or_proposed(outcome, |operator| Answer::ok(&Operator::of(operator, now)), now)
    })
    .await
}

impl Refusal for InviteRefused {
    fn problem(self) -> Problem {
        match self {
            Self::Taken => Problem::invalid_state("a person with this address exists"),
        }
    }
}

/// Invite a person
///
/// The person receives an e-mail with a link to the console, which works once, for three days. With four eyes the person
/// has no roles yet: the answer names the proposal of the roles.
#[utoipa::path(
    post, path = "/people", operation_id = "invitePerson", tag = "Operators",
    extensions(
        ("x-permission" = json!(Permission::ManageOperators.name())),
        ("x-codes" = json!(codes(&[Code::InvalidState])))
    ),
    request_body = InvitePerson,
    responses((status = 201, description = "The new person.", body = Operator))
)]
pub(super) async fn invite(call: Write<(), JsonBody>) -> Result<Response, Rejection> {
    let (lender, created_by) = (Arc::clone(&call.state.lender), Maker::Operator(call.caller.id()));
    let command = InvitePerson::read(&call.body.value, &call.state.config.roles)
        .map(|InvitePerson { name, email, roles }| Invite { name, email, roles, team: None, created_by });
    let by = proposer(&call.state, call.caller);
    let invite =
        move |tx: &mut Tx<'_>, _now, command: &Invite| proposals::invite_person(tx, command, &lender, &by);
    call.run(command, invite, |(operator, proposal), now| {
        let shown = Operator::of(operator, now).with_proposal(proposal.as_ref().map(|proposal| proposal.id));
        Answer::created(format!("/operator/v1/operators/{}", operator.id), &shown)
    })
    .await
}

impl Refusal for ResetRefused {
    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::not_found(),
            Self::Revoked => Problem::invalid_state("the person's access was revoked"),
        }
    }
}

/// Reset how a person signs in
///
/// For a person who has lost the second factor. The password, the second factors and the sessions end at once, and the
/// person receives a new invitation.
#[utoipa::path(
    post, path = "/people/{operator_id}/reset", operation_id = "resetPerson", tag = "Operators",
    extensions(
        ("x-permission" = json!(Permission::ManageOperators.name())),
        ("x-codes" = json!(codes(&[Code::InvalidState])))
    ),
    responses((status = 200, description = "The person.", body = Operator))
)]
pub(super) async fn reset(call: Write<PathId<OperatorId>>) -> Result<Response, Rejection> {
    let (id, lender) = (call.id(), Arc::clone(&call.state.lender));
    let reset = move |tx: &mut Tx<'_>, now, (): &()| invitations::reset(tx, now, id, &lender);
    call.run(Ok(()), reset, |operator, now| Answer::ok(&Operator::of(operator, now))).await
}

/// List operators
///
/// Active, expired and revoked ones, without their tokens. Newest first.
#[utoipa::path(
    get, path = "/operators", operation_id = "listOperators", tag = "Operators",
    extensions(("x-permission" = json!(Permission::ReadOperators.name()))),
    params(
        ("kind" = Option<OperatorKind>, Query, description = "Lists only operators of this kind.", example = "program"),
        PageParams,
        OrderParam,
    ),
    responses((status = 200, description = "A page of operators.", body = List<Operator>))
)]
pub(super) async fn list(call: Read, mut query: Query) -> Result<Json<List<Operator>>, Rejection> {
    let (cursor, now) = (cursor::<OperatorId>(&mut query), call.state.clock.now());
    let kind: Option<domain::access::OperatorKind> =
        query.word("kind", &domain::access::OperatorKind::NAMES, |text| text.parse().ok());
    query.finish()?;
    let page = call.state.store.read(move |tx| operators::list(tx, kind, &cursor)).await?;
    Ok(Json(List::of(page, |operator| Operator::of(&operator, now))))
}

/// Get an operator
///
/// With its roles, and without its token.
#[utoipa::path(
    get, path = "/operators/{operator_id}", operation_id = "getOperator", tag = "Operators",
    extensions(("x-permission" = json!(Permission::ReadOperators.name()))),
    responses((status = 200, description = "The operator.", body = Operator))
)]
pub(super) async fn show(call: Read<PathId<OperatorId>>) -> Result<Json<Operator>, Rejection> {
    let (id, now) = (call.id(), call.state.clock.now());
    let operator = call.state.store.look_up(move |tx| operators::find(tx, id)).await?;
    Ok(Json(Operator::of(&operator, now)))
}

impl Refusal for RevokeRefused {
    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::not_found(),
            Self::Revoked => Problem::invalid_state("the operator's token was revoked before"),
        }
    }
}

/// Revoke an operator's token
///
/// The token stops working at once. This cannot be undone.
#[utoipa::path(
    post, path = "/operators/{operator_id}/revoke", operation_id = "revokeOperator", tag = "Operators",
    extensions(
        ("x-permission" = json!(Permission::ManageOperators.name())),
        ("x-codes" = json!(codes(&[Code::InvalidState])))
    ),
    responses((status = 200, description = "The revoked operator.", body = Operator))
)]
pub(super) async fn revoke(call: Write<PathId<OperatorId>>) -> Result<Response, Rejection> {
    let id = call.id();
    let revoke = move |tx: &mut Tx<'_>, now, (): &()| operators::revoke(tx, now, id);
    call.run(Ok(()), revoke, |operator, now| Answer::ok(&Operator::of(operator, now))).await
}

/// List the roles
///
/// The lender's file of roles, or the built-in roles.
#[utoipa::path(
    get, path = "/roles", operation_id = "listRoles", tag = "Operators",
    extensions(("x-permission" = json!(Permission::ReadOperators.name()))),
    responses((status = 200, description = "Every role.", body = RoleList))
)]
pub(super) async fn roles(call: Read) -> Result<Json<RoleList>, Rejection> {
    Ok(Json(RoleList::of(&call.state.config.roles)))
}
