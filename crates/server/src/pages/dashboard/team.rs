//! The partner's team: its members, the form that invites one, and one of them with the forms that change the role and
//! end the access.

use std::sync::Arc;

use app::people::team::{self, ChangeMemberRefused, InviteMember, InviteMemberRefused, Reach};
use app::{Failed, Tx};
use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::{Operator, TeamRole};
use domain::credential::Maker;
use domain::id::OperatorId;
use domain::person::Email;
use domain::time::RealTime;

use super::navigation::role;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::console::people::wrong_name;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Moment;
use crate::pages::people::desk::Desk;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::{forbidden, refused, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// The page of the list.
const LIST: &str = "/dashboard/team";

#[derive(Template)]
#[template(path = "dashboard/team.html")]
struct TeamPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    may_change: bool,
    /// Whether an invitation was sent just now.
    invited_now: bool,
    rows: Vec<MemberRow>,
}

struct MemberRow {
    /// Empty if the reader may not change the member.
    href: String,
    name: String,
    role: &'static str,
    made: Moment,
    used: Option<Moment>,
}

#[derive(Template)]
#[template(path = "dashboard/invite.html")]
struct InvitePage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    name: String,
    email: String,
    roles: Vec<RoleChoice>,
    wrong: Wrong,
}

/// The fault of each field; empty if it is right.
#[derive(Default)]
struct Wrong {
    name: String,
    email: String,
    /// The reason why nobody is invited.
    whole: String,
}

impl Wrong {
    fn is_empty(&self) -> bool {
        self.name.is_empty() && self.email.is_empty() && self.whole.is_empty()
    }
}

struct RoleChoice {
    value: &'static str,
    label: &'static str,
    about: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "dashboard/member.html")]
struct MemberPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    id: String,
    name: String,
    role: &'static str,
    made: Moment,
    used: Option<Moment>,
    roles: Vec<RoleChoice>,
    is_active: bool,
}

/// Every role, of which one is chosen.
fn choices(chosen: TeamRole, t: &'static Texts) -> Vec<RoleChoice> {
    let choice = |one: TeamRole| RoleChoice {
        value: one.name(),
        label: role(one, t),
        about: match one {
            TeamRole::Support => t.dashboard.support_about,
            TeamRole::Developer => t.dashboard.developer_about,
            TeamRole::Admin => t.dashboard.admin_about,
        },
        chosen: one == chosen,
    };
    TeamRole::ALL.into_iter().rev().map(choice).collect()
}

/// Shows the members.
pub(super) async fn list(visit: Visit, desk: Desk, headers: HeaderMap) -> Response {
    let id = desk.partner.id;
    let members = match visit.state.store.list(move |tx| team::list(tx, id)).await {
        Ok(members) => members,
        Err(failed) => return refused(&headers, failed),
    };
    let (t, around, now) = (visit.texts(), visit.around(), visit.state.clock.now());
    let (may_change, own) = (desk.role.includes(TeamRole::Admin), visit.visitor.operator.id);
    let row = |member: &Operator| {
        let has_page = may_change && member.id != own;
        MemberRow {
            href: if has_page { format!("{LIST}/{}", member.id) } else { String::new() },
            name: member.name.clone(),
            role: member.team.map_or("", |team| role(team.role, t)),
            made: Moment::ago(member.created_at, now, t),
            used: member.last_used_at.map(|at| Moment::ago(at, now, t)),
        }
    };
    let page = TeamPage {
        t,
        frame: visit.frame,
        invited_now: visit.path.ends_with("?invited"),
        path: visit.path,
        around,
        may_change,
        rows: members.iter().map(row).collect(),
    };
    framed(StatusCode::OK, &page)
}

/// Shows the empty form of an invitation.
pub(super) async fn show_invite(visit: Visit) -> Response {
    form(&visit, String::new(), String::new(), TeamRole::Developer, Wrong::default())
}

fn form(visit: &Visit, name: String, email: String, chosen: TeamRole, wrong: Wrong) -> Response {
    let (t, around) = (visit.texts(), visit.around());
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (frame, path, roles) = (visit.frame, visit.path.clone(), choices(chosen, t));
    framed(status, &InvitePage { t, frame, path, around, name, email, roles, wrong })
}

/// Makes the member and sends the invitation.
pub(super) async fn invite(visit: Visit, desk: Desk, headers: HeaderMap, body: Bytes) -> Response {
    let given = match Form::read(&body) {
        Ok(given) => given,
        Err(rejection) => return failure(&rejection),
    };
    let t = visit.texts();
    let (name, typed) = (given.line("name"), given.text_or_empty("email"));
    let chosen = given.text_or_empty("role").parse().unwrap_or(TeamRole::Support);
    let email = Email::parse(&typed);
    let wrong_email = email.as_ref().err().map(|_| t.people.wrong_email.to_owned());
    let mut wrong =
        Wrong { name: wrong_name(&name, t), email: wrong_email.into_iter().collect(), whole: String::new() };
    let (Ok(email), true) = (email, wrong.is_empty()) else {
        return form(&visit, name, typed, chosen, wrong);
    };
    let (now, id, lender) = (visit.state.clock.now(), desk.partner.id, Arc::clone(&visit.state.lender));
    let created_by = Maker::Operator(visit.visitor.operator.id);
    let command = InviteMember { name: name.clone(), email, role: chosen, created_by };
    let invited =
        visit.change(&body, move |tx: &mut Tx<'_>| team::invite(tx, now, id, &command, &lender)).await;
    match invited {
        Ok(_member) => return see_other("/dashboard/team?invited"),
        Err(Failed::Refused(InviteMemberRefused::Taken)) => t.people.taken.clone_into(&mut wrong.email),
        Err(Failed::Refused(InviteMemberRefused::Full)) => t.dashboard.full.clone_into(&mut wrong.whole),
        Err(Failed::Refused(InviteMemberRefused::NotFound)) => return unknown(&headers),
        Err(Failed::Store(error)) => return failure(&of_store(error)),
    }
    form(&visit, name, typed, chosen, wrong)
}

/// Shows one member.
pub(super) async fn show(visit: Visit, desk: Desk, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let Ok(id) = id.parse::<OperatorId>() else { return unknown(&headers) };
    let reach = Reach::Team(desk.partner.id);
    let member = match visit.state.store.look_up(move |tx| team::find(tx, reach, id)).await {
        Ok(member) => member,
        Err(failed) => return refused(&headers, failed),
    };
    let (t, around, now) = (visit.texts(), visit.around(), visit.state.clock.now());
    let moment = |at: RealTime| Moment::ago(at, now, t);
    let of_member = member.team.map_or(TeamRole::Support, |team| team.role);
    let page = MemberPage {
        t,
        frame: visit.frame,
        path: visit.path,
        around,
        id: member.id.to_string(),
        name: member.name.clone(),
        role: role(of_member, t),
        made: moment(member.created_at),
        used: member.last_used_at.map(moment),
        roles: choices(of_member, t),
        is_active: member.revoked_at.is_none() && member.id != visit.visitor.operator.id,
    };
    framed(StatusCode::OK, &page)
}

/// Gives a member another role.
pub(super) async fn change_role(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    let role = match Form::read(&body) {
        Ok(form) => form.text_or_empty("role").parse::<TeamRole>(),
        Err(rejection) => return failure(&rejection),
    };
    let Ok(role) = role else { return unknown(&headers) };
    changed(&visit, &id, &headers, &body, move |tx, (reach, id, by)| {
        team::change_role(tx, reach, id, role, by)
    })
    .await
}

/// Takes a member out of the team.
pub(super) async fn remove(visit: Visit, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let now = visit.state.clock.now();
    changed(&visit, &id, &headers, b"", move |tx, (reach, id, by)| team::remove(tx, now, reach, id, by)).await
}

/// A team, one of its members, and the person who changes it.
type Change = (Reach, OperatorId, OperatorId);

async fn changed(
    visit: &Visit, id: &str, headers: &HeaderMap, body: &[u8],
    change: impl Fn(&mut Tx<'_>, Change) -> Result<Operator, Failed<ChangeMemberRefused>> + Send + 'static,
) -> Response {
    let Some(desk) = &visit.desk else { return forbidden(headers) };
    let Ok(id) = id.parse::<OperatorId>() else { return unknown(headers) };
    let (reach, by) = (Reach::Team(desk.partner.id), visit.visitor.operator.id);
    match visit.change(body, move |tx: &mut Tx<'_>| change(tx, (reach, id, by))).await {
        // A member who has lost access is as good as removed.
        Ok(_) | Err(Failed::Refused(ChangeMemberRefused::Revoked | ChangeMemberRefused::Own)) => {
            see_other(LIST)
        }
        Err(Failed::Refused(ChangeMemberRefused::NotFound)) => unknown(headers),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
