//! The teams of partners: their members, invitations, roles and removals.

use std::sync::Arc;

use app::Tx;
use app::people::team::{self, ChangeMemberRefused, InviteMemberRefused, Reach};
use axum::Json;
use axum::response::Response;
use domain::access::{Operator, Permission};
use domain::credential::Maker;
use domain::id::{OperatorId, PartnerId};
use domain::time::RealTime;
use wire::operator::member::{ChangeMemberRole, InviteMember, Member, Team};
use wire::problem::{Code, Problem};

use super::place::{Read, Write};
use crate::http::documented::codes;
use crate::http::extract::{JsonBody, PathId};
use crate::http::idempotency::Answer;
use crate::http::problem::{Refusal, Rejection};

impl Refusal for InviteMemberRefused {
    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::not_found(),
            Self::Taken => Problem::invalid_state("a person with this address exists"),
            Self::Full => Problem::invalid_state("the team has 100 members; remove one first"),
        }
    }
}

impl Refusal for ChangeMemberRefused {
    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::not_found(),
            Self::Revoked => Problem::invalid_state("the member was removed before"),
            Self::Own => Problem::invalid_state("nobody changes or removes themselves"),
        }
    }
}

/// Invite a person to the team of a partner
///
/// The person receives an e-mail with a link, which works once, for three days, and signs in to the partner's dashboard.
/// A team has at most 100 members.
#[utoipa::path(
    post, path = "/partners/{partner_id}/members", operation_id = "inviteMember", tag = "Partners",
    extensions(
        ("x-permission" = json!(Permission::ManageTeams.name())),
        ("x-codes" = json!(codes(&[Code::InvalidState])))
    ),
    request_body = InviteMember,
    responses((status = 201, description = "The new member.", body = Member))
)]
pub(super) async fn invite(call: Write<PathId<PartnerId>, JsonBody>) -> Result<Response, Rejection> {
    let (id, lender) = (call.id(), Arc::clone(&call.state.lender));
    let created_by = Maker::Operator(call.caller.id());
    let command = InviteMember::read(&call.body.value).map(|given| team::InviteMember {
        name: given.name,
        email: given.email,
        role: given.role,
        created_by,
    });
    let invite =
        move |tx: &mut Tx<'_>, now, command: &team::InviteMember| team::invite(tx, now, id, command, &lender);
    call.run(command, invite, |member, now| Answer::created_here(&Member::of(member, now))).await
}

/// List the team of a partner
///
/// Members who have lost their access are left out.
#[utoipa::path(
    get, path = "/partners/{partner_id}/members", operation_id = "listMembers", tag = "Partners",
    extensions(("x-permission" = json!(Permission::ReadPartners.name()))),
    responses((status = 200, description = "The team.", body = Team))
)]
pub(super) async fn list(call: Read<PathId<PartnerId>>) -> Result<Json<Team>, Rejection> {
    let (id, now) = (call.id(), call.state.clock.now());
    let members = call.state.store.read(move |tx| team::list(tx, id)).await?;
    Ok(Json(Team::of(&members, now)))
}

/// Change the role of a member
///
/// From the member's next request on. Nobody changes their own role.
#[utoipa::path(
    post, path = "/members/{member_id}/role", operation_id = "changeMemberRole", tag = "Partners",
    extensions(
        ("x-permission" = json!(Permission::ManageTeams.name())),
        ("x-codes" = json!(codes(&[Code::InvalidState])))
    ),
    request_body = ChangeMemberRole,
    responses((status = 200, description = "The member with the new role.", body = Member))
)]
pub(super) async fn change_role(call: Write<PathId<OperatorId>, JsonBody>) -> Result<Response, Rejection> {
    let (id, by) = (call.id(), call.caller.id());
    let command = ChangeMemberRole::read(&call.body.value);
    let change = move |tx: &mut Tx<'_>, _now, command: &ChangeMemberRole| {
        team::change_role(tx, Reach::EveryTeam, id, command.role, by)
    };
    call.run(command, change, shown).await
}

/// Remove a member from the team
///
/// The member loses access at once, for good.
#[utoipa::path(
    post, path = "/members/{member_id}/remove", operation_id = "removeMember", tag = "Partners",
    extensions(
        ("x-permission" = json!(Permission::ManageTeams.name())),
        ("x-codes" = json!(codes(&[Code::InvalidState])))
    ),
    responses((status = 200, description = "The removed member.", body = Member))
)]
pub(super) async fn remove(call: Write<PathId<OperatorId>>) -> Result<Response, Rejection> {
    let (id, by) = (call.id(), call.caller.id());
    let remove = move |tx: &mut Tx<'_>, now, (): &()| team::remove(tx, now, Reach::EveryTeam, id, by);
    call.run(Ok(()), remove, shown).await
}

fn shown(member: &Operator, now: RealTime) -> Answer {
    Answer::ok(&Member::of(member, now))
}
